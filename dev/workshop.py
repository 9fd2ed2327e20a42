"""Builds a part of ``.prepared/`` once, whatever interrupts it and whoever else is building."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import say, step
from .project import PREPARED, digest

STAMP = ".complete"


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Let one process at a time do this; the kernel lets go when that process dies."""
    PREPARED.mkdir(parents=True, exist_ok=True)
    with (PREPARED / f".{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  Waiting for another command that works on the {name} …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def folder_of(name: str, recipe: object) -> Path:
    """Return where a part made by this recipe is, or will be."""
    return PREPARED / f"{name}-{digest(recipe)}"


def part(name: str, title: str, recipe: object, build: Callable[[Path], None]) -> Path:
    """Return the folder of a part, built first if this recipe was never completed.

    The stamp is written last: a folder without one is the rest of an interruption and is built
    anew. Folders of other recipes stay, so that changing branches back and forth costs nothing.
    """
    folder = folder_of(name, recipe)
    if not (folder / STAMP).exists():
        with lock(name):
            if not (folder / STAMP).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                with step(title):
                    build(folder)
                (folder / STAMP).touch()
    return folder
