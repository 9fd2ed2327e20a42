"""Where things are, and what identifies their contents."""

import hashlib
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREPARED = Path(os.environ.get("TRPAY_PREPARED") or ROOT / ".prepared").resolve()


def addons() -> list[str]:
    """Name the addons of this project, in an order that is the same everywhere."""
    return sorted(manifest.parent.name for manifest in ROOT.glob("*/__manifest__.py"))


def pins() -> dict[str, list[str]]:
    """Read the pinned packages of each dependency group."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]


def digest(*things: object) -> str:
    """Return a short name for exactly these things."""
    return hashlib.sha256(repr(things).encode()).hexdigest()[:12]


def digest_files(files: Iterable[Path]) -> str:
    """Return a short name for the paths and contents of these files."""
    summary = hashlib.sha256()
    for file in sorted(files):
        summary.update(f"{file.relative_to(ROOT)}\0".encode())
        summary.update(hashlib.sha256(file.read_bytes()).digest())
    return summary.hexdigest()[:12]
