"""A pytest plugin that counts a skipped test as a failed one.

Odoo skips a browser test without a sound where the browser is missing or slow to start. A run in
which that happened has tested nothing, and must not look as if it had.
"""

from collections.abc import Iterator

import pytest


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
