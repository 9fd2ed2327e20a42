"""A customer books at ``/book`` and pays a deposit, which confirms the appointment."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest
import requests
from parties import wait_for
from playwright.sync_api import expect

CHECK_UP = "Muayene"
DEPOSIT, PRICE = 250, 900
ATTEMPTS = 200
SMALL_STACK = 512 * 1024  # Bytes, for so many threads.
TAKEN = "Please choose another"


def book(page, service=CHECK_UP):
    """Choose a service and its first free time, say who one is, and agree."""
    page.goto("/book")
    page.get_by_role("link", name=service).click()
    page.locator(".o_book_times a").first.click()
    form = page.locator(".o_book_form")
    form.locator("[name=name]").fill("Elif Şahin")
    form.locator("[name=phone]").fill("0555 111 22 33")
    form.locator("[name=email]").fill("elif@example.com")
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


def expect_stage(page, name):
    """Wait until the page says so, without a hand of the customer."""
    expect(page.locator(f".o_book_appointment[data-stage={name}]")).to_be_visible(timeout=40_000)


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


@pytest.mark.viewport("phone")
def test_a_cancellation_in_time_gives_the_deposit_back(customer, page, odoo, psp):
    book(page, service="Ofis Tipi Diş Beyazlatma")
    booking = booking_id(page)
    pay_deposit(customer)
    expect_stage(page, "confirmed")
    odoo.sql(
        "UPDATE resource_booking SET deposit_terms = jsonb_set(deposit_terms::jsonb, '{tiers}',"
        f" '[[0, 50]]') WHERE id = {booking}"
    )
    paid = money_of(odoo, booking)[2]
    page.locator("a[href*='/cancel']").click()
    page.locator(".o_book_form button[type=submit]").click()
    expect_stage(page, "canceled")
    (reference,) = payments_of(odoo, booking)
    wait_for(lambda: psp.book(reference)["refunded"] == paid * 50)
    wait_for(lambda: money_of(odoo, booking)[2] == paid / 2)


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


def test_two_hundred_want_the_same_time(shop, odoo):
    service = odoo.find("resource.booking.type", [("price", "=", PRICE)])[0]["id"]
    _one, *others = odoo.find("resource.booking.type.combination.rel", [("type_id", "=", service)])
    odoo.call("resource.booking.type.combination.rel", "unlink", [one["id"] for one in others])
    month = requests.get(f"{shop.url}/book/{service}", timeout=60).text
    link = re.search(r'href="([^"]*/details\?[^"]*)"', month)[1].replace("&amp;", "&")
    form = requests.get(urljoin(shop.url, link), timeout=60).text
    start = re.search(r'name="start" value="([^"]+)"', form)[1]

    def visit(_number):
        http = requests.Session()
        http.headers["Accept-Language"] = "en-US"
        form = http.get(f"{shop.url}/web/login", timeout=120).text
        return http, re.search(r'name="csrf_token" value="([^"]+)"', form)[1]

    def want(visitor):
        http, token = visitor
        typed = {"name": "Ali Veli", "phone": "05551112233", "email": "ali@example.com"}
        answer = http.post(
            f"{shop.url}/book/{service}/details",
            data={"csrf_token": token, "start": start, "agree": "1", **typed},
            timeout=300,
        )
        won = "/book/appointment/" in answer.url
        return answer.status_code, won, won or TAKEN in answer.text

    with ThreadPoolExecutor(8) as threads:
        visitors = list(threads.map(visit, range(ATTEMPTS)))
    threading.stack_size(SMALL_STACK)
    try:
        with ThreadPoolExecutor(ATTEMPTS) as threads:
            answers = list(threads.map(want, visitors))
    finally:
        threading.stack_size(0)
    assert {status for status, _won, _told in answers} == {200}
    assert sum(won for _status, won, _told in answers) == 1
    assert all(told for _status, _won, told in answers)
