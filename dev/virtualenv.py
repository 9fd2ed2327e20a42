"""Python and its packages.

``pyproject.toml`` pins the closure of what is needed, so pip resolves nothing: it is fast, it is
the same on every machine, and OCA addons install without Odoo being known to pip.
"""

import sys
from pathlib import Path

from . import project
from .console import Trouble, run
from .workshop import part


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
    run(
        [interpreter(folder), "-m", "pip", "install", "--no-deps", "--no-compile", "--no-input", *pins],
        hint="a package index must be reachable; see `pip config` for a mirror.",
    )
