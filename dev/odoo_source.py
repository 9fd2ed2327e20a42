"""Finds Odoo 19, or fetches it.

In this order: the checkout that ``ODOO_PATH`` names, an ``odoo`` that Python can import, Debian's
package (unpacked without root), a shallow clone of the official repository.
"""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from . import debian
from .console import Trouble, run
from .workshop import part

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo.git"
UNSTABLE_PACKAGES = ("odoo-19", "fonts-montserrat", "fonts-ocr-b")
# Odoo's package links to files of these; unstable's versions are too new for its stylesheets.
LINKED_PACKAGES = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)

PYTHON_PATH = "usr/lib/python3/dist-packages"
# Debian leaves it out (it blurs the background of video calls), and every page of the back office
# complains, which fails browser tests.
LEFT_OUT = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class Odoo(NamedTuple):
    """An Odoo to run: the folder Python imports it from, and what exactly it is."""

    path: Path
    version: str


def prepare() -> Odoo:
    """Return the Odoo to run, fetched first if this machine has none."""
    if chosen := os.environ.get("ODOO_PATH"):
        path = Path(chosen).expanduser().resolve()
        if _series(path) != SERIES:
            raise Trouble(f"ODOO_PATH={chosen} is not a checkout of Odoo {SERIES}.")
    elif not (path := _importable()):
        if debian.available():
            recipe = (UNSTABLE_PACKAGES, LINKED_PACKAGES, LEFT_OUT)
            folder = part("odoo", f"Odoo {SERIES} from Debian", recipe, _unpack)
            path = folder / PYTHON_PATH
        else:
            path = part("odoo", f"Odoo {SERIES} from its repository", REPOSITORY, _clone)
    return Odoo(path, _version(path))


def _series(path: Path) -> str | None:
    release = path / "odoo" / "release.py"
    text = release.read_text() if release.exists() else ""
    found = re.search(r"^version_info = \((\d+), *(\d+)", text, re.MULTILINE)
    return f"{found[1]}.{found[2]}" if found else None


def _importable() -> Path | None:
    spec = importlib.util.find_spec("odoo")
    locations = spec.submodule_search_locations if spec else None
    folders = (Path(location).parent for location in locations or ())
    return next((folder for folder in folders if _series(folder) == SERIES), None)


def _version(path: Path) -> str:
    """Identify this Odoo: its commit if it is a checkout, else its release."""
    if (path / ".git").exists():
        command = ["git", "-C", path, "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return (path / "odoo" / "release.py").read_text()


def _unpack(folder: Path) -> None:
    for name, packages in (("unstable", UNSTABLE_PACKAGES), (debian.own_suite(), LINKED_PACKAGES)):
        with debian.Suite(name, folder) as suite:
            suite.unpack(packages, folder)
    stand_in = folder / PYTHON_PATH / LEFT_OUT
    stand_in.parent.mkdir()
    stand_in.touch()


def _clone(folder: Path) -> None:
    run(
        ["git", "clone", "--depth=1", f"--branch={SERIES}", "--progress", REPOSITORY, folder],
        hint="reach the official repository, or set ODOO_PATH to a checkout of Odoo 19.0.",
    )
