"""A pytest plugin: a skipped test is a failed one, and Odoo's code knows its database.

Odoo skips a browser test without a sound where the browser is missing or slow to start. A run in
which that happened has tested nothing, and must not look as if it had.
"""

import threading
from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Name the database of the main thread, as Odoo's own test runner does."""
    if database := config.getoption("--odoo-database", None):
        threading.current_thread().dbname = database


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Fail what skips itself while it runs."""
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Fail what skips itself while it is imported."""
    return _strict((yield))


def _strict(report):
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nA test that does not run tests nothing: this is a failure."
    return report
