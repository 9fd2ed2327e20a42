"""A customer books at ``/book`` and pays a deposit, which confirms the appointment."""

import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import requests
from parties import RpcError, at_once, wait_for
from playwright.sync_api import expect

CHECK_UP = "Muayene"
ISTANBUL = ZoneInfo("Europe/Istanbul")
DEPOSIT, PRICE = 250, 900
IBAN_AS_SHOWN = "TR33 0006 1005 1978 6457 8413 26"
ATTEMPTS = 200
SMALL_STACK = 512 * 1024  # Bytes, for so many threads.
TAKEN = "Please choose another"


def next_month():
    """As the page names it. Of today, and of this month, there may be few free times left."""
    return (datetime.now(ISTANBUL).replace(day=1) + timedelta(days=32)).strftime("%Y-%m")


def book(page, service=CHECK_UP):
    """Choose a service and its first free time next month, say who one is, and agree."""
    page.goto("/book")
    page.get_by_role("link", name=service).click()
    page.wait_for_url(re.compile(r"/book/[^/?]+-\d+$"))
    page.goto(f"{page.url}?month={next_month()}")
    page.locator(".o_book_times a").first.click()
    form = page.locator(".o_book_form")
    form.locator("[name=name]").fill("Elif Şahin")
    form.locator("[name=phone]").fill("0555 111 22 33")
    form.locator("[name=email]").fill(f"elif-{secrets.token_hex(3)}@example.com")
    form.locator("[name=agree]").check()
    form.locator("button[type=submit]").click()
    page.wait_for_url(re.compile(r"/book/appointment/\d+"))


def booking_id(page):
    """Return the id of the appointment that the page is about."""
    return int(re.search(r"/book/appointment/(\d+)", page.url)[1])


def stage(page):
    """Return where the page says the appointment is."""
    return page.locator(".o_book_appointment").get_attribute("data-stage")


def money_of(odoo, booking):
    """Return what our books say of a booking."""
    names = ("deposit_stage", "deposit_state", "deposit_paid", "deposit_balance")
    found = odoo.read("resource.booking", booking, *names)
    return tuple(found[name] for name in names)


def payments_of(odoo, booking):
    """Return the references of a booking's payments."""
    domain = [
        ("deposit_res_model", "=", "resource.booking"),
        ("deposit_res_id", "=", booking),
        ("operation", "!=", "refund"),
    ]
    return [found["reference"] for found in odoo.find("payment.transaction", domain, "reference")]


def pay_deposit(customer, card="visa"):
    """Pay what the appointment's page asks for, by card."""
    customer.choose()
    customer.pay(card)


def agree_on(odoo, booking, tiers):
    """Change what a cancellation gives back, as if the customer had agreed to that."""
    odoo.sql(
        "UPDATE resource_booking SET deposit_terms = jsonb_set(deposit_terms::jsonb, '{tiers}',"
        f" '{tiers}') WHERE id = {booking}"
    )


def expect_stage(page, name):
    """Wait until the page says so, without a hand of the customer."""
    expect(page.locator(f".o_book_appointment[data-stage={name}]")).to_be_visible()


def test_a_deposit_confirms_the_appointment(customer, page, odoo, psp):
    book(page)
    booking = booking_id(page)
    assert money_of(odoo, booking) == ("held", "due", 0, PRICE)
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    assert money_of(odoo, booking) == ("confirmed", "paid", DEPOSIT, PRICE - DEPOSIT)
    (reference,) = payments_of(odoo, booking)
    assert psp.book(reference)["collected"] == DEPOSIT * 100


@pytest.mark.viewport("phone")
def test_a_declined_card_leaves_the_time_held_for_a_second_try(customer, page, odoo):
    book(page)
    booking = booking_id(page)
    pay_deposit(customer, "insufficient_funds")
    customer.expect_failure()
    page.locator(".o_trpay_failed .btn-primary").click()
    expect_stage(page, "held")
    assert money_of(odoo, booking)[0] == "held"
    pay_deposit(customer)
    expect_stage(page, "confirmed")


@pytest.mark.viewport("phone")
def test_a_time_that_is_not_paid_is_free_again(page, odoo):
    book(page)
    booking = booking_id(page)
    odoo.sql(
        "UPDATE resource_booking SET deposit_deadline = now() at time zone 'utc'"
        f" - interval '5 minutes' WHERE id = {booking}"
    )
    odoo.run_cron("payment_trpay.cron_deposits")
    assert money_of(odoo, booking)[0] == "released"
    page.reload()
    assert stage(page) == "released"
    expect(page.get_by_text("Saat hâlâ boş")).to_be_visible()
    about_it = [("model", "=", "resource.booking"), ("res_id", "=", booking)]
    subjects = [mail["subject"] for mail in odoo.find("mail.message", about_it, "subject")]
    assert any("saatiniz yeniden boşa çıktı" in subject for subject in filter(None, subjects)), (
        subjects
    )
    book(page)
    slots = [
        odoo.read("resource.booking", one, "deposit_slot")["deposit_slot"]
        for one in (booking, booking_id(page))
    ]
    assert slots[0] == slots[1]


@pytest.mark.viewport("phone")
def test_a_cancellation_in_time_gives_the_deposit_back(customer, page, odoo, psp):
    book(page, service="Ofis Tipi Diş Beyazlatma")
    booking = booking_id(page)
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    agree_on(odoo, booking, tiers="[[0, 50]]")
    paid = money_of(odoo, booking)[2]
    page.locator("a[href*='/cancel']").click()
    page.locator(".o_book_form button[type=submit]").click()
    expect_stage(page, "canceled")
    (reference,) = payments_of(odoo, booking)
    wait_for(lambda: psp.book(reference)["refunded"] == paid * 50)
    wait_for(lambda: money_of(odoo, booking)[2] == paid / 2)


@pytest.mark.viewport("phone")
def test_a_cancellation_too_late_keeps_the_deposit(customer, page, odoo, psp):
    book(page)
    booking = booking_id(page)
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    agree_on(odoo, booking, tiers="[[1000, 100]]")
    page.locator("a[href*='/cancel']").click()
    expect(page.get_by_text("250,00 ₺ iade edilmez")).to_be_visible()
    page.locator(".o_book_form button[type=submit]").click()
    expect_stage(page, "canceled")
    odoo.run_cron("payment_trpay.cron_deposits")
    assert money_of(odoo, booking)[:3] == ("canceled", "paid", DEPOSIT)
    (reference,) = payments_of(odoo, booking)
    assert psp.book(reference)["refunded"] == 0


@pytest.mark.viewport("phone")
def test_the_rest_is_paid_by_link(customer, page, odoo):
    book(page)
    booking = booking_id(page)
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    page.goto(odoo.portal_url("resource.booking", booking) + "&pay=balance")
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    wait_for(lambda: money_of(odoo, booking)[2:] == (PRICE, 0))


@pytest.mark.viewport("phone")
def test_a_bank_transfer_confirms_when_the_desk_sees_it(customer, page, odoo, desk):
    book(page)
    booking = booking_id(page)
    customer.submit("wire_transfer")
    expect_stage(page, "pending")
    expect(page.get_by_text(IBAN_AS_SHOWN)).to_be_visible()
    assert money_of(odoo, booking)[:2] == ("held", "pending")
    desk.receive_transfer(*payments_of(odoo, booking))
    wait_for(lambda: money_of(odoo, booking)[0] == "confirmed")
    page.reload()
    assert stage(page) == "confirmed"
    assert money_of(odoo, booking)[1:] == ("paid", DEPOSIT, PRICE - DEPOSIT)


@pytest.mark.viewport("phone")
def test_a_transfer_is_given_back_by_hand(customer, page, odoo, desk):
    book(page, service="Ofis Tipi Diş Beyazlatma")
    booking = booking_id(page)
    customer.submit("wire_transfer")
    expect_stage(page, "pending")
    (reference,) = payments_of(odoo, booking)
    desk.receive_transfer(reference)
    wait_for(lambda: money_of(odoo, booking)[0] == "confirmed")
    odoo.call("resource.booking", "action_cancel_and_refund", [booking])
    odoo.run_cron("payment_trpay.cron_deposits")
    state, paid = money_of(odoo, booking)[1:3]
    assert (state, paid) == ("refunding", 1450)
    desk.give_back(reference)
    wait_for(lambda: money_of(odoo, booking)[1:3] == ("refunded", 0))


def switch(odoo, provider, **settings):
    """Change a provider's state, which changes a cron that must be at rest for it."""

    def change():
        try:
            odoo.call("payment.provider", "write", [provider["id"]], settings)
        except RpcError:
            return False
        return True

    wait_for(change)


@pytest.mark.viewport("phone")
def test_a_deposit_by_another_provider(customer, page, odoo):
    (provider,) = odoo.find("payment.provider", [("code", "=", "demo")])
    switch(odoo, provider, state="test", is_published=True)
    try:
        book(page)
        booking = booking_id(page)
        customer.submit("demo")
        expect_stage(page, "confirmed")
        assert money_of(odoo, booking) == ("confirmed", "paid", DEPOSIT, PRICE - DEPOSIT)
        odoo.call("resource.booking", "action_cancel_and_refund", [booking])
        odoo.run_cron("payment_trpay.cron_deposits")
        wait_for(lambda: money_of(odoo, booking)[:3] == ("canceled", "refunded", 0))
    finally:
        switch(odoo, provider, state="disabled")


@pytest.mark.viewport("desktop")
def test_an_invitation_is_canceled_by_a_click_and_not_by_a_link(page, odoo):
    service, *_ = odoo.find("resource.booking.type", [("price", "=", PRICE)])
    partner, *_ = odoo.find("res.partner", [("email", "!=", False)])
    values = {"type_id": service["id"], "partner_ids": [(6, 0, [partner["id"]])]}
    booking = odoo.call("resource.booking", "create", values)
    odoo.call("resource.booking", "action_open_portal", [booking])
    url = odoo.portal_url("resource.booking", booking)
    page.goto(url.replace("?", "/cancel?"))
    assert odoo.read("resource.booking", booking, "state")["state"] == "pending"
    page.goto(url)
    page.locator("[data-bs-target='#modal_cancel']").first.click()
    page.locator("#modal_cancel a.o_book_post").click()
    wait_for(lambda: odoo.read("resource.booking", booking, "state")["state"] == "canceled")


class Visitor:
    """Somebody who books without a browser."""

    def __init__(self, shop):
        self._url = shop.url
        self._http = requests.Session()
        self._http.headers["Accept-Language"] = "en-US"
        form = self._http.get(f"{shop.url}/web/login", timeout=120).text
        self._token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
        self._email = f"ali-{secrets.token_hex(3)}@example.com"

    def starts(self, service):
        """Return the free times of next month's first day that has any."""
        url = f"{self._url}/book/{service}?month={next_month()}"
        month = self._http.get(url, timeout=60).text
        return [unquote(start) for start in re.findall(r'/details\?start=([^&"]+)', month)]

    def book(self, service, start):
        """Return the status, whether it succeeded, and whether the page says what happened."""
        typed = {"name": "Ali Veli", "phone": "05551112233", "email": self._email}
        answer = self._http.post(
            f"{self._url}/book/{service}/details",
            data={"csrf_token": self._token, "start": start, "agree": "1", **typed},
            timeout=300,
        )
        won = "/book/appointment/" in answer.url
        return answer.status_code, won, won or TAKEN in answer.text


def single_chair(odoo, price):
    """Return the service of that price, which one dentist alone gives from now on."""
    service, *_ = odoo.find("resource.booking.type", [("price", "=", price)])
    links = odoo.find("resource.booking.type.combination.rel", [("type_id", "=", service["id"])])
    others = [link["id"] for link in links[1:]]
    odoo.call("resource.booking.type.combination.rel", "unlink", others)
    return service["id"]


def test_a_meeting_that_staff_move_and_a_booking_never_share_a_time(shop, odoo):
    service = single_chair(odoo, price=0)
    for _round in range(3):
        visitor = Visitor(shop)
        own, *_between, wanted = visitor.starts(service)
        assert visitor.book(service, own)[1]
        (moved,) = odoo.find("resource.booking", [], "meeting_id", limit=1, order="id desc")
        start = datetime.fromisoformat(wanted).astimezone(UTC).replace(tzinfo=None)
        times = {"start": str(start), "stop": str(start + timedelta(minutes=15))}
        other = Visitor(shop)
        at_once(
            lambda: odoo.call("calendar.event", "write", [moved["meeting_id"]], times),  # noqa: B023
            lambda: other.book(service, wanted),  # noqa: B023
        )
        there = [("start", "=", times["start"]), ("type_id", "=", service)]
        assert len(odoo.find("resource.booking", there)) == 1


def test_two_hundred_want_the_same_time(shop, odoo):
    service = single_chair(odoo, price=PRICE)
    start = Visitor(shop).starts(service)[0]
    with ThreadPoolExecutor(8) as threads:
        visitors = list(threads.map(lambda _number: Visitor(shop), range(ATTEMPTS)))
    threading.stack_size(SMALL_STACK)
    try:
        with ThreadPoolExecutor(ATTEMPTS) as threads:
            answers = list(threads.map(lambda one: one.book(service, start), visitors))
    finally:
        threading.stack_size(0)
    assert {status for status, _won, _told in answers} == {200}
    assert sum(won for _status, won, _told in answers) == 1
    assert all(told for _status, _won, told in answers)
