"""Cards that a customer saves and uses again, charged by staff, and deleted."""

import re

import pytest
from customer import NUMBERS
from parties import Odoo, wait_for
from platformode_pages import confirm, give_card, send_card
from playwright.sync_api import expect

PAY = "/payment/pay?reference=Kart&amount=100"
phone = pytest.mark.viewport("phone")


@pytest.fixture
def code():
    """Return which payment provider it is about."""
    return "platformode"


@pytest.fixture(autouse=True)
def only_platformode(odoo):
    """Leave customers no other provider for cards."""
    (paytr,) = odoo.find("payment.provider", [("code", "=", "paytr")])
    odoo.call("payment.provider", "write", [paytr["id"]], {"is_published": False})
    yield
    odoo.call("payment.provider", "write", [paytr["id"]], {"is_published": True})


@pytest.fixture(autouse=True)
def keeps_cards(psp, configure):
    """Take cards in the shop's own page, and let Platformode keep those that are to be kept."""
    psp.change(is_3d=1)
    configure(trpay_flow="card_3d", allow_tokenization=True)


@pytest.fixture
def member(customer, page, odoo, shop, databases, request):
    """Return a customer with an account, who is logged in."""
    login = f"member-{request.node.name.split('[')[0]}"
    odoo.employ(login, "base.group_portal")
    user = Odoo(shop, databases, login)
    page.context.add_cookies([{"name": "session_id", "value": user.session_id, "url": shop.url}])
    return customer


@pytest.fixture
def a_card_comes_here(sent_to_odoo):
    """Let the test's own card come to the shop: to be saved, it has to."""
    before = len(sent_to_odoo)
    yield lambda: sent_to_odoo[before:]
    del sent_to_odoo[before:]


def choose(page):
    page.locator("button[name=o_payment_submit_button]:visible").first.click()


def save_and_pay(page):
    page.goto(PAY)
    page.locator("input[data-payment-method-code=card]").check(force=True)
    page.locator("input[name=o_payment_tokenize_checkbox]:visible").check()
    choose(page)
    give_card(page)
    send_card(page)
    confirm(page)
    expect_paid(page)


def expect_paid(page):
    page.wait_for_url("**/payment/confirmation**")


def cards_at(psp):
    return psp.ask("GET", "platformode/stored-cards")


def kept(odoo, psp):
    """Return the newest card in Odoo, which is one at Platformode, too."""
    (token,) = odoo.find("payment.token", [], "provider_ref", order="id desc", limit=1)
    assert token["provider_ref"] in {card["token"] for card in cards_at(psp)}
    return token


@phone
def test_a_saved_card_is_used_again(member, page, odoo, psp, a_card_comes_here):
    save_and_pay(page)
    kept(odoo, psp)
    came = [request for request in a_card_comes_here() if NUMBERS["visa"] in request]
    assert len(came) == 1  # What saves the card, and nothing else.
    page.goto(PAY)
    expect(page.locator("input[data-payment-option-type=token]")).to_be_checked()
    choose(page)
    expect(page.locator(".o_trpay_stored")).to_contain_text(NUMBERS["visa"][-4:])
    send_card(page)
    confirm(page)
    expect_paid(page)
    txs = odoo.find("payment.transaction", [("token_id", "!=", False)], "state", "reference")
    assert [tx["state"] for tx in txs[:2]] == ["done", "done"]
    assert [psp.book(tx["reference"])["collected"] for tx in txs[:2]] == [10000, 10000]


@phone
def test_a_card_that_its_bank_refuses_is_not_saved(member, page, odoo, psp, a_card_comes_here):
    before = cards_at(psp)
    page.goto(PAY)
    page.locator("input[data-payment-method-code=card]").check(force=True)
    page.locator("input[name=o_payment_tokenize_checkbox]:visible").check()
    choose(page)
    give_card(page, "insufficient_funds")
    send_card(page)
    confirm(page)
    member.expect_failure()
    odoo.reconcile()
    wait_for(lambda: cards_at(psp) == before)


@phone
def test_a_card_is_saved_and_deleted_without_paying(member, page, odoo, psp, a_card_comes_here):
    page.goto("/my/payment_method")
    page.locator("input[data-payment-method-code=card]").check(force=True)
    choose(page)
    back = page.get_by_role("link", name="Back without saving")
    expect(back).to_have_attribute("href", re.compile("/my/payment_method"))
    give_card(page)
    send_card(page)
    page.wait_for_url("**/my/payment_method**")
    token = kept(odoo, psp)
    page.locator("button[name=o_payment_delete_token]").click()
    page.locator(".modal-footer .btn-primary").click()
    wait_for(lambda: not odoo.find("payment.token", [("id", "=", token["id"])]))
    wait_for(lambda: token["provider_ref"] not in {card["token"] for card in cards_at(psp)})


@phone
def test_staff_charge_a_saved_card(member, page, odoo, psp, a_card_comes_here):
    save_and_pay(page)
    (token,) = odoo.find("payment.token", [], "partner_id", order="id desc", limit=1)
    values = {
        "amount": 75.0,
        "partner_id": token["partner_id"],
        "payment_type": "inbound",
        "payment_token_id": token["id"],
    }
    payment = odoo.call("account.payment", "create", values)
    odoo.call("account.payment", "action_post", [payment])
    fields = ("state", "payment_transaction_id")
    done = odoo.read("account.payment", payment, *fields)
    tx = odoo.transaction(done["payment_transaction_id"], "reference", "state")
    assert (done["state"], tx["state"]) == ("in_process", "done")
    assert psp.book(tx["reference"])["collected"] == 7500
