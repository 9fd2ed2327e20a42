"""A bank transfer to the shop's own IBAN: a customer copies it, the desk sees the money."""

import secrets

import pytest
import requests
from parties import wait_for
from playwright.sync_api import expect

IBAN = "TR330006100519786457841326"


@pytest.fixture
def transfer(odoo):
    """Return an order over 100.00 whose customer chose to transfer the money, and its payment."""
    (provider,) = odoo.find("payment.provider", [("custom_mode", "=", "wire_transfer")])
    (method,) = odoo.find(
        "payment.method", [("code", "=", "wire_transfer")], context={"active_test": False}
    )
    order_id = odoo.order(100)
    reference = f"e2e-{secrets.token_hex(4)}"
    payment_id = odoo.call(
        "payment.transaction",
        "create",
        {
            "provider_id": provider["id"],
            "payment_method_id": method["id"],
            "reference": reference,
            "amount": 100,
            "currency_id": odoo.read("res.company", 1, "currency_id")["currency_id"],
            "partner_id": odoo.read("sale.order", order_id, "partner_id")["partner_id"],
            "operation": "online_redirect",
            "sale_order_ids": [(6, 0, [order_id])],
        },
    )
    requests.post(f"{odoo.url}/payment/custom/process", {"reference": reference}, timeout=60)
    return order_id, payment_id


def test_a_customer_copies_what_the_bank_asks_for(page, odoo, transfer):
    order_id, payment_id = transfer
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(odoo.call("sale.order", "get_portal_url", [order_id]))
    expect(page.locator("body[is-ready=true]")).to_be_attached()
    instructions = page.locator(".o_trpay_transfer").first
    reference = odoo.transaction(payment_id, "transfer_reference")["transfer_reference"]
    for number, text in enumerate((IBAN, "100,00", reference)):
        button = instructions.locator(".o_trpay_copy").nth(number)
        button.click()
        expect(button.get_by_text("Kopyalandı")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == text
    expect(instructions.get_by_text("Kopyalandı")).to_have_count(3)
    expect(instructions.get_by_text("Kopyalandı").first).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page is wider than the screen"


@pytest.mark.viewport("phone")
def test_without_a_clipboard_the_text_is_copied_as_well(page, odoo, transfer):
    order_id, _payment_id = transfer
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(odoo.call("sale.order", "get_portal_url", [order_id]))
    expect(page.locator("body[is-ready=true]")).to_be_attached()
    copied = "document.addEventListener('copy', () => { window.copied = `${getSelection()}`; })"
    page.evaluate(copied)
    button = page.locator(".o_trpay_copy").first
    button.click()
    expect(button.get_by_text("Kopyalandı")).to_be_visible()
    assert page.evaluate("window.copied") == IBAN
    expect(page.locator("textarea[readonly]")).to_have_count(0)


def test_the_desk_sees_the_money(odoo, desk, transfer):
    order_id, payment_id = transfer
    desk.receive_transfer(odoo.read("sale.order", order_id, "name")["name"], amount="60")
    tx = odoo.transaction(payment_id, "state", "amount")
    assert (tx["state"], tx["amount"]) == ("done", 60)
    wait_for(lambda: odoo.transaction(payment_id, "is_post_processed")["is_post_processed"])
