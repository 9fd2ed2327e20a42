"""A customer fills a cart in the shop, pays it, or tries to."""

import re

from playwright.sync_api import expect


def payment_of(odoo, reference):
    """Return the transaction of an order number of the provider."""
    fields = ("state", "sale_order_ids")
    (tx,) = odoo.find("payment.transaction", [("reference", "=", reference)], *fields)
    return tx


def order_state(odoo, tx):
    """Return the state of the order that a transaction is for."""
    return odoo.read("sale.order", tx["sale_order_ids"][0], "state")["state"]


def test_paid_with_the_test_card(customer, odoo, psp):
    customer.fill_cart()
    customer.go_to_payment()
    customer.choose()
    reference = customer.reference
    customer.pay()
    customer.expect_thanks()
    tx = payment_of(odoo, reference)
    assert (tx["state"], order_state(odoo, tx)) == ("done", "sale")
    assert odoo.book(tx["id"]) == psp.book(reference)
    assert psp.book(reference)["collected"] == 145000


def test_declined_then_paid_with_another_card(customer, odoo, psp):
    customer.fill_cart_at_once()
    customer.go_to_payment()
    customer.choose()
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
