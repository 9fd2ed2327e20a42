"""Python and its packages.

``pyproject.toml`` pins the closure of what is needed, so nothing has to be resolved: it is fast,
it is the same on every machine, and OCA addons install although Odoo is not known to pip.
"""

import sys
from pathlib import Path

from . import project
from .console import Trouble, run
from .workshop import part

PIP = ("-m", "pip", "install", "--no-deps", "--no-compile", "--no-input", "--no-cache-dir")
UV = ("pip", "install", "--no-deps", "--no-config", "--no-cache")
OFFLINE = "a Python package index must be reachable, as `pip install` reaches it."


def prepare() -> Path:
    """Return the Python interpreter that has every pinned package."""
    pins = [pin for group in project.pins().values() for pin in group]
    title = f"Python {sys.version_info.major}.{sys.version_info.minor} with {len(pins)} packages"
    recipe = (sys.version_info[:2], sys.base_prefix, str(project.PREPARED), pins)
    return interpreter(part("python", title, recipe, lambda folder: _build(folder, pins)))


def interpreter(folder: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return folder / "bin" / "python"


def site_packages(python: Path) -> Path:
    """Return the folder the packages of an interpreter of ours are in."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return python.parent.parent / "lib" / version / "site-packages"


def _build(folder: Path, pins: list[str]) -> None:
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian splits it off, and venv then fails late
    except ImportError:
        raise Trouble("Python's venv is missing: install `python3-venv` and try again.") from None
    run([sys.executable, "-m", "venv", folder], hint="is Python's venv module complete?")
    python = interpreter(folder)
    run([python, *PIP, *project.pins()["installer"]], hint=OFFLINE)
    try:
        run([folder / "bin" / "uv", *UV, "--python", python, *pins], hint="pip will try instead.")
    except Trouble:  # it ignores pip's settings, such as a company's own package index
        run([python, *PIP, *pins], hint=OFFLINE)
