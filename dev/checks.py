"""``make test`` and ``make lint``."""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import prepare
from .console import Trouble, say
from .databases import Databases
from .project import ROOT, addons

PURE_TESTS = ("tests/gateways", "tests/sandbox")
BROWSER_TESTS = ("tests/e2e",)
# Whose own tests must still pass with ours installed.
FOREIGN_TESTS = ("payment", "resource_booking")
# It tests what is so only while no accounting is installed, and skips itself when one is.
WITHOUT_ACCOUNTING = (
    "payment/tests/test_payment_transaction.py::TestPaymentTransaction"
    "::test_updating_state_resets_post_processing_status"
)
BRIEFLY = ("--quiet", "--output-format=concise")
# Who must not know whom: the gateways could serve another shop, and the sandbox must not repeat
# the addon's misreadings.
BOUNDARIES = {"payment_trpay/gateways": "odoo", "sandbox": "payment_trpay"}


def test(*arguments: str) -> None:
    """Run every test in one pytest session, on a fresh database with our addons."""
    prepared = prepare.everything()
    ours = [f"{addon}/tests" for addon in addons()]
    foreign = [os.path.relpath(prepared.addon(name) / "tests", ROOT) for name in FOREIGN_TESTS]
    paths = [*PURE_TESTS, *ours, *foreign, *BROWSER_TESTS]
    with Databases(prepared).borrow("addons") as database:
        options = ("--odoo-database", database, "--odoo-http")
        folder = Path(foreign[0]).parent.parent
        deselect = f"--deselect={folder / WITHOUT_ACCOUNTING}"
        status = _pytest(prepared.python, prepared.env, paths, [*options, deselect, *arguments])
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
    command = [python, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "dev.pytest_plugin"]
    return subprocess.run(
        [*command, *arguments, *present], env=env, cwd=ROOT, check=False
    ).returncode


def lint() -> None:
    """Run every check of style at once, and report what each of them found."""
    python, env = prepare.python()
    module = (python, "-m")
    checks = {
        "ruff check": (*module, "ruff", "check", *BRIEFLY, "."),
        "ruff format": (*module, "ruff", "format", "--check", "."),
        "pylint-odoo": (*module, "pylint", *addons()),
        "XML and translations": (python, "dev/texts.py", *addons()),
    }
    for folder, banned in BOUNDARIES.items():
        setting = f"lint.flake8-tidy-imports.banned-api.{banned}.msg='not in {folder}'"
        only = ("--isolated", "--select", "TID251", "--config", setting)
        checks[f"no {banned} in {folder}"] = (*module, "ruff", "check", *BRIEFLY, *only, folder)
    failed = []
    with ThreadPoolExecutor() as threads:
        outcomes = threads.map(lambda command: _capture(command, env), checks.values())
        for title, outcome in zip(checks, outcomes, strict=True):
            say(f"  {title}: {'failed' if outcome.returncode else 'ok'}")
            if outcome.returncode:
                print(outcome.stdout)
                failed.append(title)
    if failed:
        raise Trouble(f"Please mend: {', '.join(failed)} (`make format` mends what it can).")


def format_code() -> None:
    """Mend the style where a program can."""
    python, env = prepare.python()
    for command in (("check", "--fix", "--quiet"), ("format",)):
        subprocess.run([python, "-m", "ruff", *command, "."], env=env, cwd=ROOT, check=False)


def _capture(command: Sequence[str | Path], env: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
