"""``make test`` and ``make lint``."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import prepare
from .databases import Databases
from .project import ROOT, addons

PURE_TESTS = ("tests/gateways", "tests/sandbox")
BROWSER_TESTS = ("tests/e2e",)
CORE_TESTS = ("payment",)


def test(*arguments: str) -> None:
    """Run every test in one pytest session, on a fresh database with our addons."""
    prepared = prepare.everything()
    core = [prepared.odoo.addon(name) / "tests" for name in CORE_TESTS]
    ours = [f"{addon}/tests" for addon in addons()]
    paths = [*PURE_TESTS, *ours, *core, *BROWSER_TESTS]
    with Databases(prepared).borrow("addons") as database:
        odoo = ("--odoo-database", database, "--odoo-http")
        status = _pytest(prepared.python, prepared.env, paths, [*odoo, *arguments])
    sys.exit(status)


def test_fast(*arguments: str) -> None:
    """Run the tests that need neither Odoo nor a database."""
    python, env = prepare.python()
    sys.exit(_pytest(python, env, PURE_TESTS, ["-p", "no:odoo", *arguments]))


def _pytest(
    python: Path, env: dict[str, str], paths: Sequence[str | Path], arguments: Sequence[str]
) -> int:
    """Run pytest on these paths, or on those among the arguments if there are any."""
    chosen = any((ROOT / argument.split("::")[0]).exists() for argument in arguments)
    present = [] if chosen else [path for path in paths if any((ROOT / path).glob("**/test_*.py"))]
    command = [python, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "dev.no_skips"]
    return subprocess.run([*command, *arguments, *present], env=env, cwd=ROOT, check=False).returncode


def lint() -> None:
    """Check the style."""
