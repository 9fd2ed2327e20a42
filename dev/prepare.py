"""The order in which things are prepared, and the environment they make together."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from . import odoo_source, postgres, programs, virtualenv
from .project import PREPARED, ROOT, addons

LAUNCHER = '''\
"""Odoo's own command line."""

import odoo.cli

odoo.cli.main()
'''


class Prepared(NamedTuple):
    """All that it takes to run Odoo."""

    python: Path
    odoo: odoo_source.Odoo
    env: dict[str, str]

    def addon(self, name: str) -> Path:
        """Return the folder of an addon that is not of this project."""
        packages = virtualenv.site_packages(self.python)
        roots = (self.odoo.path / "odoo", self.odoo.path, packages / "odoo")
        folders = (root / "addons" / name for root in roots)
        return next(folder for folder in folders if folder.exists())

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs Odoo's own command line."""
        return [str(self.python), str(PREPARED / "odoo-bin"), *arguments]


def python() -> tuple[Path, dict[str, str]]:
    """Prepare Python and its packages alone, for what needs neither Odoo nor a database."""
    interpreter = virtualenv.prepare()
    return interpreter, {**os.environ, "PATH": _path(interpreter.parent)}


def everything() -> Prepared:
    """Prepare all there is, and start PostgreSQL."""
    with ThreadPoolExecutor() as threads:
        odoo_done, programs_done = map(threads.submit, (odoo_source.prepare, programs.prepare))
        interpreter, env = python()
        odoo = odoo_done.result()
    folders = (interpreter.parent, *programs_done.result(), postgres.tools(interpreter))
    env["PATH"] = _path(*folders)
    env |= postgres.prepare(interpreter)
    env["ODOO_RC"] = str(PREPARED / "odoo.conf")
    _write(virtualenv.site_packages(interpreter) / "odoo.pth", f"{odoo.path}\n")
    _write(PREPARED / "odoo-bin", LAUNCHER)
    _write(PREPARED / "odoo.conf", _settings())
    return Prepared(interpreter, odoo, env)


def _path(*folders: Path) -> str:
    return os.pathsep.join([*map(str, folders), os.environ["PATH"]])


def _settings() -> str:
    own = [f"addons_path = {ROOT}"] if addons() else []
    settings = [*own, f"data_dir = {PREPARED / 'data'}", "http_interface = 127.0.0.1"]
    return "\n".join(["[options]", *settings, ""])


def _write(file: Path, text: str) -> None:
    """Write a file, unless that is what it holds: others may be reading it."""
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
