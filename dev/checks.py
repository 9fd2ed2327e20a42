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
# Tests of other addons that must still pass with ours installed: those that touch payments.
FOREIGN_TESTS = (
    "payment/tests",
    "account_payment/tests",
    "payment_custom/tests",
    "payment_demo/tests",
    "payment_redsys/tests",
    "sale/tests/test_payment_flow.py",
    "website_sale/tests/test_express_checkout_flows.py",
    "website_sale/tests/test_main_controller.py",
    "website_sale/tests/test_website_sale_cart_payment.py",
    "resource_booking/tests",
)
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
    foreign = [_find(prepared, path) for path in FOREIGN_TESTS]
    paths = [*PURE_TESTS, *ours, *foreign, *BROWSER_TESTS]
    with Databases(prepared).borrow("addons") as database:
        options = ("--odoo-database", database, "--odoo-http")
        deselect = f"--deselect={_find(prepared, WITHOUT_ACCOUNTING)}"
        status = _pytest(prepared.python, prepared.env, paths, [*options, deselect, *arguments])
    sys.exit(status)


def test_fast(*arguments: str) -> None:
    """Run the tests that need neither Odoo nor a database."""
    python, env = prepare.python()
    sys.exit(_pytest(python, env, PURE_TESTS, ["-p", "no:odoo", *arguments]))


def _find(prepared: prepare.Prepared, path: str) -> str:
    """Find a path that begins with the name of an addon that is not of this project."""
    addon, _slash, rest = path.partition("/")
    return os.path.relpath(prepared.addon(addon) / rest, ROOT)


def _pytest(
    python: Path, env: dict[str, str], paths: Sequence[str | Path], arguments: Sequence[str]
) -> int:
    """Run pytest on these paths, or on those among the arguments if there are any."""
    chosen = any((ROOT / argument.split("::")[0]).exists() for argument in arguments)
    present = [] if chosen else list(filter(_has_tests, paths))
    command = [python, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-p", "dev.pytest_plugin"]
    return subprocess.run(
        [*command, *arguments, *present], env=env, cwd=ROOT, check=False
    ).returncode


def _has_tests(path: str | Path) -> bool:
    return (ROOT / path).is_file() or any((ROOT / path).glob("**/test_*.py"))


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
