"""A customer with a browser pays in the shop, or tries to."""

import re

import pytest
from parties import wait_for
from playwright.sync_api import expect

phone = pytest.mark.viewport("phone")


def payment_of(odoo, reference):
    """Return the transaction of an order number of the provider."""
    fields = ("state", "amount", "trpay_surcharge", "trpay_installments", "sale_order_ids")
    (tx,) = odoo.find("payment.transaction", [("reference", "=", reference)], *fields)
    return tx


def order_state(odoo, tx):
    """Return the state of the order that a transaction is for."""
    return odoo.read("sale.order", tx["sale_order_ids"][0], "state")["state"]


def test_paid_with_the_test_card(customer, odoo, psp):
    customer.to_provider()
    reference = customer.reference
    customer.pay()
    customer.expect_thanks()
    tx = payment_of(odoo, reference)
    assert (tx["state"], order_state(odoo, tx)) == ("done", "sale")
    assert odoo.book(tx["id"]) == psp.book(reference)
    assert psp.book(reference)["collected"] == 145000


def test_declined_then_paid_with_another_card(customer, odoo, psp):
    customer.to_provider()
    declined = customer.reference
    customer.pay("insufficient_funds")
    sentence = customer.expect_failure()
    assert "bank" in sentence.lower()
    assert odoo.state_of(declined) == "error"

    customer.page.locator(".o_trpay_failed .btn-primary").click()
    expect(customer.page).to_have_url(re.compile("/shop/payment"))
    customer.choose()
    paid = customer.reference
    assert paid != declined
    customer.pay()
    customer.expect_thanks()
    tx = payment_of(odoo, paid)
    assert (tx["state"], order_state(odoo, tx)) == ("done", "sale")
    assert tx["sale_order_ids"] == payment_of(odoo, declined)["sale_order_ids"]
    assert psp.book(declined)["collected"] == 0
    assert psp.book(paid)["collected"] == 145000


@phone
def test_paid_in_instalments(customer, odoo, psp):
    customer.to_provider()
    reference = customer.reference
    customer.pay("family_world", installments=3)  # They cost exactly 5 % more.
    customer.expect_thanks()
    tx = payment_of(odoo, reference)
    assert (tx["amount"], tx["trpay_surcharge"], tx["trpay_installments"]) == (1450.0, 72.5, 3)
    assert order_state(odoo, tx) == "sale"
    assert odoo.book(tx["id"]) == psp.book(reference)


@phone
def test_notification_lost_and_tab_closed(customer, odoo, psp):
    psp.suffer("notification", "lost")
    customer.to_provider()
    reference = customer.reference
    customer.give_card()
    customer.give_code()
    wait_for(lambda: psp.book(reference)["collected"])
    customer.page.close()  # PayTR waits for an answer of the shop before it sends people back.
    tx = payment_of(odoo, reference)
    assert tx["state"] in ("draft", "pending")

    odoo.later(tx["id"])
    odoo.reconcile()
    tx = payment_of(odoo, reference)
    assert tx["state"] == "done"
    wait_for(lambda: order_state(odoo, tx) == "sale")
