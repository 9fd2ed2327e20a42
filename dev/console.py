"""What the person at the terminal sees: progress while it works, a sentence when it does not."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .project import PREPARED

LOG = PREPARED / "prepare.log"


class Trouble(Exception):
    """Something the reader can mend. The message is one sentence that says how."""


def say(text: str) -> None:
    """Print progress. It goes to stderr, so that a command's own output stays clean."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce something that takes a while, and say how long it took."""
    started = time.monotonic()
    say(f"  {title} …")
    yield
    say(f"  {title}: {time.monotonic() - started:.0f} s")


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what can go wrong on a stranger's machine into one sentence and exit status 1."""
    try:
        yield
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit(f"\nThe disk that holds {PREPARED} is full: about 4 GB are needed.")
        if error.errno in (errno.EACCES, errno.EROFS):
            sys.exit(f"\n{error.filename} cannot be written by you: {error.strerror.lower()}.")
        raise


def run(
    command: Sequence[str | Path],
    *,
    hint: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    script: str | None = None,
) -> None:
    """Run a preparing command quietly: its output is logged, and shown only when it fails.

    On a terminal the line it is at is shown while it works.

    :param script: what the command reads from its standard input
    :param hint: what to do when it fails, as the end of a sentence
    """
    require(command[0])
    LOG.parent.mkdir(parents=True, exist_ok=True)
    width = shutil.get_terminal_size().columns - 6 if sys.stderr.isatty() else 0
    tail: list[str] = []
    with (
        LOG.open("a") as log,
        _readable(script) as stdin,
        subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=env,
            cwd=cwd,
        ) as process,
    ):
        for line in process.stdout:
            log.write(line)
            tail = [*tail[-14:], line.rstrip()]
            if width:
                sys.stderr.write(f"\r\033[2K    {line.strip()[:width]}")
        if width:
            sys.stderr.write("\r\033[2K")
    if process.returncode:
        name = Path(command[0]).name
        raise Trouble("\n".join([*tail, "", f"{name} failed (all of it is in {LOG}): {hint}"]))


def _readable(text: str | None) -> IO[str]:
    file = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the caller closes it
    file.write(text or "")
    file.seek(0)
    return file


def require(program: str | Path) -> None:
    """Check that a program of the machine is there before it is needed."""
    if not shutil.which(program):
        raise Trouble(f"`{program}` is missing on this machine: please install it and try again.")


def replace_process(command: Sequence[str | Path], env: Mapping[str, str]) -> None:
    """Become another program: signals, the terminal and the exit status are then its own."""
    sys.stdout.flush()
    os.execve(command[0], [str(part) for part in command], env)
