"""``python3 dev <command>``: what the Makefile and the small programs beside this file call."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed: run this with `python3.11 dev …`, say.")

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from dev import prepare  # noqa: E402 - the line above makes it importable
from dev.console import replace_process, sentences  # noqa: E402


def setup(_arguments: list[str]) -> None:
    """Prepare everything."""
    prepare.everything()


def odoo(arguments: list[str]) -> None:
    """Run Odoo's own command line."""
    prepared = prepare.everything()
    replace_process(prepared.command(*arguments), prepared.env)


def python(arguments: list[str]) -> None:
    """Run the prepared Python."""
    prepared = prepare.everything()
    replace_process([prepared.python, *arguments], prepared.env)


COMMANDS = {"setup": setup, "odoo": odoo, "python": python}


if __name__ == "__main__":
    with sentences():
        COMMANDS[sys.argv[1]](sys.argv[2:])
