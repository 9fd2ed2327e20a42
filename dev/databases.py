"""Template databases, each made once, and copies of them in a second.

==========  =================================================  ====================================
template    holds                                              is made again when
==========  =================================================  ====================================
``core``    the modules this project builds on, in English     Odoo changes, or that list does
            and Turkish, and the website's compiled assets
``addons``  that and the addons of this project                a file of an addon changes that is
                                                               neither a test nor a document
``demo``    that and the shop that ``seed_demo.py`` makes      that script changes
==========  =================================================  ====================================
"""

import ast
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .console import Trouble, run, step
from .prepare import Prepared
from .project import PREPARED, ROOT, addons, digest, digest_files
from .workshop import lock

LANGUAGES = "en_US,tr_TR"
CORE_MODULES = {
    "account_payment",
    "payment_custom",
    "payment_demo",
    "payment_redsys",
    "sale_management",
    "website_payment",
    "website_sale",
}
COMPILE_ASSETS = ROOT / "dev" / "compile_assets.py"
SEED = ROOT / "dev" / "seed_demo.py"
FILESTORE = PREPARED / "data" / "filestore"
# On a server that is not ours alone, each checkout has its own.
PREFIX = f"trpay_{digest(str(PREPARED))[:4]}"


class Databases:
    """The databases of this project on one PostgreSQL."""

    def __init__(self, prepared: Prepared):
        self._prepared = prepared

    def template(self, kind: str) -> str:
        """Return the name of a template database, made first if it is not there.

        :param kind: ``core``, ``addons`` or ``demo``
        """
        while not self.exists(name := self._template_name(kind)):
            parent = {"addons": "core", "demo": "addons"}.get(kind)
            source = self.template(parent) if parent else None
            with lock(f"{kind}-database"):
                if not self.exists(name):
                    self._make_template(name, kind, source)
        return name

    def exists(self, name: str) -> bool:
        """Tell whether there is a database of that name."""
        return name in self._names(name)

    def copy(self, source: str, name: str | None = None) -> str:
        """Copy a database with its files, and return the name of the copy.

        Odoo never changes a stored file, so the copy's files are links to the source's.
        """
        name = name or f"{PREFIX}_copy_{uuid.uuid4().hex[:6]}_{os.getpid()}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        if (FILESTORE / source).exists():
            shutil.copytree(FILESTORE / source, FILESTORE / name, copy_function=os.link)
        return name

    @contextmanager
    def borrow(self, kind: str, name: str | None = None) -> Iterator[str]:
        """Lend a fresh copy of a template."""
        self._drop_leftovers()
        source = self.template(kind)
        if name:
            self.drop(name)
        name = self.copy(source, name)
        try:
            yield name
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Drop a database and its files, if it is there."""
        if self.exists(name):
            self.sql(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        shutil.rmtree(FILESTORE / name, ignore_errors=True)

    def set_parameters(self, name: str, parameters: Mapping[str, str]) -> None:
        """Set system parameters of a database that no Odoo is using yet."""
        for key, value in parameters.items():
            self.sql(
                f"INSERT INTO ir_config_parameter (key, value) VALUES ('{key}', '{value}')"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                database=name,
            )

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement outside a transaction, and return what it answers."""
        command = ["psql", "-XAtq", "--set=ON_ERROR_STOP=1", "-d", database, "-c", statement]
        done = subprocess.run(
            command, env=self._prepared.env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Trouble(f"PostgreSQL refuses `{statement}`: {done.stderr.strip()}")
        return done.stdout.strip()

    def _names(self, pattern: str) -> list[str]:
        return self.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{pattern}'").split()

    def _drop_leftovers(self) -> None:
        """Drop the copies of processes that were killed before they could do it."""
        for name in self._names(f"{PREFIX}_copy_%"):
            if not Path("/proc", name.split("_")[-1]).exists():
                self.drop(name)

    def _template_name(self, kind: str) -> str:
        return f"{PREFIX}_{kind}_{digest(self._recipe(kind))}"

    def _recipe(self, kind: str) -> object:
        match kind:
            case "core":
                assets = digest_files([COMPILE_ASSETS])
                return self._prepared.odoo.version, _core_modules(), LANGUAGES, assets
            case "addons":
                return self._recipe("core"), digest_files(_addon_files())
            case "demo":
                return self._recipe("addons"), digest_files([SEED])
        raise ValueError(kind)

    def _make_template(self, name: str, kind: str, source: str | None) -> None:
        """Make it under another name first, for a name that exists is believed to be complete."""
        draft = f"{name}_draft"
        self.drop(draft)
        if source:
            self.copy(source, draft)
        match kind:
            case "core":
                modules = _core_modules()
                with step(f"Database with {len(modules)} Odoo apps and all they need (2 minutes)"):
                    self._install(draft, modules, "--load-language", LANGUAGES)
                    self.run_script(draft, COMPILE_ASSETS)
            case "addons":
                with step(f"Database with {' and '.join(addons())}"):
                    self._install(draft, addons())
                    self.run_script(draft, COMPILE_ASSETS)
            case "demo":
                with step("Database with the demo shop"):
                    self.run_script(draft, SEED)
        if name != self._template_name(kind):  # somebody changed a file meanwhile
            self.drop(draft)
            return
        for outdated in self._names(f"{PREFIX}_{kind}_%"):
            if outdated != draft:
                self.drop(outdated)
        if (FILESTORE / draft).exists():
            (FILESTORE / draft).rename(FILESTORE / name)
        self.sql(f'ALTER DATABASE "{draft}" ALLOW_CONNECTIONS false')
        self.sql(f'ALTER DATABASE "{draft}" IS_TEMPLATE true')
        self.sql(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')

    def update(self, name: str) -> None:
        """Update our addons in a database that no Odoo is using, as an owner does."""
        self._odoo(name, "-u", ",".join(addons()))

    def run_script(
        self, name: str, script: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        """Run a Python script in the shell of Odoo, and commit what it did.

        :param variables: what it finds in its environment
        """
        run(
            self._prepared.command("shell", "-d", name, "--no-http"),
            env=self._prepared.env | (variables or {}),
            script=f"{script.read_text()}\nenv.cr.commit()\n",
            hint="the lines above say what Odoo could not do.",
        )

    def _install(self, name: str, modules: list[str], *options: str) -> None:
        self._odoo(name, "-i", ",".join(modules), *options)

    def _odoo(self, name: str, *options: str) -> None:
        run(
            self._prepared.command("-d", name, *options, "--stop-after-init", "--no-http"),
            env=self._prepared.env,
            hint="the lines above say what Odoo could not do.",
        )


def _core_modules() -> list[str]:
    """Name the modules our addons are installed on top of."""
    depends = {
        module
        for addon in addons()
        for module in ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())["depends"]
    }
    return sorted((CORE_MODULES | depends).difference(addons()))


def _addon_files() -> list[Path]:
    """List the files that decide what an installed addon looks like in a database."""
    files = (file for addon in addons() for file in (ROOT / addon).rglob("*") if file.is_file())
    return [
        file
        for file in files
        if not {"tests", "readme", "__pycache__"}.intersection(file.relative_to(ROOT).parts)
        and file.suffix not in {".md", ".rst"}
    ]
