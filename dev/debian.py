"""Unpacks Debian packages into a folder: without root, without touching the machine's own.

apt runs with its lists, its cache and an empty list of installed packages below ``.prepared/``.
The archive is the one this machine is configured for, and signatures are checked as ever.
"""

import platform
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from .console import run

SOURCES = Path("/etc/apt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
OFFLINE = "Debian's archive must be reachable, as `apt-get update` reaches it."
# What the machine has anyway, or what does nothing in a folder: apt is told these are installed.
# The C library must be the one the kernel loads programs with, and nobody draws on a screen.
TAKEN_AS_INSTALLED = (
    *("debconf", "dpkg", "libc6", "perl", "systemd"),
    *("libgl1-mesa-dri", "x11-utils", "xdg-utils"),
)
_INSTALLED = """\
Package: {name}
Status: install ok installed
Version: 999
Architecture: all
Multi-Arch: foreign
Maintainer: nobody
Description: already there
"""


def available() -> bool:
    """Tell whether this machine is a Debian whose archive we can use."""
    return bool(shutil.which("apt-get") and KEYRING.exists() and _archives())


def own_suite() -> str:
    """Name the suite this machine is an installation of."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")


class Suite:
    """A suite of the Debian archive, with package lists of its own while the context lasts."""

    def __init__(self, name: str, workspace: Path):
        self.name = name
        self.folder = workspace / f"apt-{name}"

    def __enter__(self) -> Self:
        for subfolder in ("lists/partial", "cache/archives/partial"):
            (self.folder / subfolder).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").write_text(
            "\n".join(_INSTALLED.format(name=name) for name in TAKEN_AS_INSTALLED)
        )
        (self.folder / "sources.list").write_text("\n".join(self._sources()) + "\n")
        run(self._apt("update"), hint=OFFLINE)
        return self

    def __exit__(self, *_exception: object) -> None:
        shutil.rmtree(self.folder)

    def unpack(self, packages: Sequence[str], root: Path) -> None:
        """Unpack these packages alone."""
        run(self._apt("download", *packages), hint=OFFLINE, cwd=self.folder)
        _extract(self.folder.glob("*.deb"), root)

    def unpack_with_dependencies(self, packages: Sequence[str], root: Path) -> None:
        """Unpack these packages and every package they need."""
        run(self._apt("install", "--download-only", "--yes", *packages), hint=OFFLINE)
        _extract((self.folder / "cache/archives").glob("*.deb"), root)

    def _sources(self) -> list[str]:
        main, security = _archives()
        names = [(main, self.name)]
        if self.name != "unstable":
            names += [(main, f"{self.name}-updates"), (security, f"{self.name}-security")]
        return [f"deb [signed-by={KEYRING}] {url} {suite} main" for url, suite in names if url]

    def _apt(self, *arguments: str) -> list[str]:
        return ["apt-get", *self._options(), *arguments]

    def _options(self) -> list[str]:
        options = {
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": self.folder,
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "root",
            "APT::Install-Recommends": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        return [word for key, value in options.items() for word in ("-o", f"{key}={value}")]


def _archives() -> tuple[str, str] | None:
    """Read the addresses of Debian's archive and its security archive from apt's own sources."""
    files = [SOURCES / "sources.list", *sorted(SOURCES.glob("sources.list.d/*"))]
    text = "\n".join(file.read_text() for file in files if file.is_file())
    address = r"^(?!\s*#).*?([\w+]+:/\S+/debian{}(?:\.list)?)/?(?:\s|$)"
    main = re.search(address.format(""), text, re.MULTILINE)
    security = re.search(address.format("-security"), text, re.MULTILINE)
    return (main[1], security[1] if security else "") if main else None


def _extract(archives: Iterable[Path], root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for archive in sorted(archives):
        run(["dpkg", "-x", archive, root], hint="is there enough room on the disk?")
