"""``python3 dev <command>``: what the Makefile and the small programs beside this file call."""

import shutil
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - nothing has checked it before us
    sys.exit("Python 3.11 or newer is needed: run this with `python3.11 dev …`, say.")

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from dev import bench_notifications, bench_pages, checks, demo, postgres, prepare  # noqa: E402 - the line above lets it be found
from dev.console import Trouble, replace_process, say, sentences  # noqa: E402
from dev.project import PREPARED  # noqa: E402


def setup() -> None:
    """Prepare everything."""
    prepare.everything()
    say("  Everything is prepared.")


def odoo(*arguments: str) -> None:
    """Run Odoo's own command line."""
    prepared = prepare.everything()
    replace_process(prepared.command(*arguments), prepared.env)


def python(*arguments: str) -> None:
    """Run the prepared Python."""
    prepared = prepare.everything()
    replace_process([prepared.python, *arguments], prepared.env)


def clean() -> None:
    """Stop the server of this project and remove all that was prepared."""
    postgres.stop()
    shutil.rmtree(PREPARED, ignore_errors=True)


COMMANDS = {
    "setup": setup,
    "odoo": odoo,
    "python": python,
    "demo": demo.run,
    "bench": bench_notifications.run,
    "bench-pages": bench_pages.run,
    "lint": checks.lint,
    "format": checks.format_code,
    "test": checks.test,
    "test-fast": checks.test_fast,
    "clean": clean,
}


def main(command: str = "", *arguments: str) -> None:
    """Run a command by its name."""
    if command not in COMMANDS:
        raise Trouble(f"usage: dev <{'|'.join(COMMANDS)}> [arguments]")
    COMMANDS[command](*arguments)


if __name__ == "__main__":
    with sentences():
        main(*sys.argv[1:])
