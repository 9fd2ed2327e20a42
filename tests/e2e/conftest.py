"""A real shop for the end-to-end tests: real Odoo, real sandbox, real browser, real database.

``shop``    the demo's shop, Odoo in one process with threads
``open_shop``  opens another one, say ``open_shop(workers=2)``; each has its own database
``odoo``, ``psp``, ``buyer``  who takes part in a payment without a browser (``parties.py``)
``customer``, ``staff``  somebody with a browser page (``customer.py``, ``staff.py``)
``desk``    somebody of the front desk, with a browser of their own
``configure``  changes settings of the provider until the test ends
``page``    a browser page on the shop, once on a phone and once on a desktop;
            ``@pytest.mark.viewport("phone")`` asks for one of them only

When a test fails its report has what the page looked like, what the browser complained about and
how the log of Odoo ends.
"""

import resource
import secrets
import shutil
from contextlib import ExitStack

import pytest
from customer import Customer
from parties import PATIENCE, PSPS, Buyer, Odoo
from playwright.sync_api import expect, sync_playwright
from staff import Staff

from dev import prepare
from dev.databases import Databases
from dev.project import PREPARED
from dev.shop import Shop

LOGS = PREPARED / "logs"
SCREENSHOTS = PREPARED / "screenshots"
VIEWPORTS = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}


@pytest.fixture(scope="session")
def prepared():
    """Return all that it takes to run Odoo."""
    return prepare.everything()


@pytest.fixture(scope="session")
def databases(prepared):
    """Return the database server."""
    return Databases(prepared)


@pytest.fixture(scope="session")
def open_shop(prepared, databases):
    """Open shops that stay open until the session ends."""
    with ExitStack() as stack:

        def open_one(**options):
            database = stack.enter_context(databases.borrow("demo"))
            return stack.enter_context(Shop(prepared, database, LOGS, **options))

        yield open_one


@pytest.fixture(scope="session")
def shop(open_shop):
    """Return the shop that most tests share."""
    return open_shop()


@pytest.fixture(scope="session")
def odoo(shop, databases):
    """Return the shop's staff."""
    return Odoo(shop, databases)


@pytest.fixture
def code():
    """Return which payment provider it is about; a module may be about another one."""
    return "paytr"


@pytest.fixture
def buyer(shop, odoo, code):
    """Return a customer who needs no browser."""
    return Buyer(shop, odoo, code)


@pytest.fixture
def psp(shop, code):
    """Return the payment provider. Whatever a test changes there is undone."""
    psp = PSPS[code](shop)
    settings = psp.settings()
    psp.recover()
    yield psp
    psp.recover()
    psp.change(**settings)


@pytest.fixture(scope="session")
def sent_to_odoo():
    """Return what the browsers of all customers have sent to Odoo: address and body."""
    return []


@pytest.fixture
def customer(page, shop, odoo, sent_to_odoo):
    """Return a customer with a browser."""

    def note(request):
        if request.url.startswith(shop.url):
            sent_to_odoo.append(f"{request.url} {request.post_data_buffer or b''}")

    page.context.on("request", note)
    return Customer(page, odoo)


@pytest.fixture
def staff(page, odoo):
    """Return the administrator, with a browser."""
    return Staff(page, odoo)


@pytest.fixture
def desk(browser, shop, odoo, databases):
    """Return somebody of the front desk, with a browser of their own."""
    login = f"desk-{secrets.token_hex(3)}"
    odoo.employ(login, "payment_trpay.group_desk", "resource_booking.group_manager")
    context = browser.new_context(base_url=shop.url, locale="tr-TR", **VIEWPORTS["desktop"])
    desk = Staff(context.new_page(), Odoo(shop, databases, login))
    desk.come_in()
    yield desk
    expect(desk.page.locator(".o_error_dialog")).to_have_count(0)
    context.close()


@pytest.fixture
def configure(odoo, code):
    """Change settings of the provider until the test ends."""
    (provider,) = odoo.find("payment.provider", [("code", "=", code)])
    before = {}

    def change(**settings):
        before.update(odoo.read("payment.provider", provider["id"], *settings) | before)
        odoo.call("payment.provider", "write", [provider["id"]], settings)

    yield change
    before.pop("id", None)
    odoo.call("payment.provider", "write", [provider["id"]], before)


@pytest.fixture(scope="session")
def browser():
    """Return a browser without a window that reaches nothing but this machine."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))  # Odoo's limit is not for browsers.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, shop, viewport):
    """Return a page of a new visitor from Türkiye."""
    context = browser.new_context(
        base_url=shop.url, locale="tr-TR", timezone_id="Europe/Istanbul", **VIEWPORTS[viewport]
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(f"uncaught: {error}"))
    page.on("console", lambda message: _note(page.complaints, message))
    yield page
    context.close()


def _note(complaints, message):
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.type}: {message.text}")


def pytest_configure(config):
    """Declare our markers."""
    config.addinivalue_line("markers", "viewport(*names): the sizes of `page` this test is for")
    config.addinivalue_line("markers", "last: this test looks at what all others left behind")


def pytest_collection_modifyitems(items):
    """Run the tests that look at the others after them."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_generate_tests(metafunc):
    """Run a test that asks for a page on every size it is for."""
    if "viewport" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("viewport")
        metafunc.parametrize("viewport", marker.args if marker else VIEWPORTS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Add what helps to understand a failure."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.failed and (page := fixtures.get("page")) and not page.is_closed():
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = SCREENSHOTS / f"{item.name.replace('/', '-')}.png"
        page.screenshot(path=picture, full_page=True)
        report.sections.append(("The page", f"{page.url}\n{picture}"))
        report.sections.append(("The browser", "\n".join(page.complaints)))
    if report.failed and (shop := fixtures.get("shop")):
        end = shop.odoo_log.read_text(errors="replace").splitlines()[-40:]
        report.sections.append(("Odoo", "\n".join(end)))
    return report
