"""A customer with a browser, on the pages between the choice of how to pay and the result."""

import re

import pytest
from customer import SENTENCES
from parties import wait_for
from playwright.sync_api import expect

phone = pytest.mark.viewport("phone")
desktop = pytest.mark.viewport("desktop")


def assert_confirmed(odoo, psp, payment, collected=10000):
    """Check that the order is confirmed and both books have this much."""
    odoo.wait_until_booked(payment)
    assert odoo.order_state(payment) == "sale"
    assert odoo.book(payment) == psp.book(payment)
    assert psp.book(payment)["collected"] == collected


@phone
def test_paid_in_instalments(customer, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose())
    customer.pay("family_world", installments=3)  # They cost exactly 5 % more.
    customer.expect_thanks()
    assert_confirmed(odoo, psp, payment, 10500)
    fields = ("amount", "trpay_surcharge", "trpay_installments")
    tx = odoo.transaction(payment, *fields)
    assert [tx[name] for name in fields] == [100.0, 5.0, 3]


@desktop
def test_abandoned(customer, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose())
    expect(customer.psp_page.locator("[name=card_number]")).to_be_visible()
    customer.page.close()
    psp.expire(payment)
    assert odoo.state(payment) == "cancel"
    assert odoo.order_state(payment) != "sale"


@phone
@pytest.mark.parametrize("fate", ["late", "lost"])
def test_tab_closed_after_paying(customer, odoo, psp, buyer, fate):
    payment = customer.come_to_pay(buyer.choose())
    psp.suffer("notification", "hold" if fate == "late" else "lost", payment)
    customer.page.context.route("**/payment/paytr/return/**", lambda route: route.abort())
    customer.pay()
    wait_for(lambda: psp.book(payment)["collected"])
    customer.page.close()
    assert odoo.state(payment) in ("draft", "pending")
    if fate == "late":
        psp.release()
    else:
        odoo.later(payment)
        odoo.reconcile()
    assert_confirmed(odoo, psp, payment)


@desktop
@pytest.mark.parametrize("lang", ["", "/en"], ids=["Turkish", "English"])
@pytest.mark.parametrize("trouble", ["declined", "wrong_code"])
def test_told_why_in_the_language_of_the_page(customer, odoo, psp, buyer, trouble, lang):
    payment = customer.come_to_pay(buyer.choose(), lang)
    if trouble == "declined":
        customer.pay("insufficient_funds")
    else:
        customer.pay(code="111111")
    assert SENTENCES[trouble, lang] in customer.expect_failure()
    assert odoo.state(payment) == "error"
    assert odoo.order_state(payment) != "sale"
    assert psp.book(payment)["collected"] == 0


@phone
def test_full_page(customer, configure, odoo, psp, buyer):
    configure(trpay_page="full")
    payment = customer.come_to_pay(buyer.choose())
    expect(customer.page).to_have_url(re.compile("/odeme/guvenli/"))
    customer.pay()
    customer.expect_thanks()
    assert_confirmed(odoo, psp, payment)


@phone
def test_opened_in_full_page(customer, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose())
    customer.page.locator("a[href*='/odeme/guvenli/']").click()
    expect(customer.page).to_have_url(re.compile("/odeme/guvenli/"))
    customer.pay()
    customer.expect_thanks()
    assert_confirmed(odoo, psp, payment)


@desktop
def test_tried_again_on_the_page_of_the_provider(customer, odoo, psp, buyer):
    psp.change(retry_on_page=True)
    payment = customer.come_to_pay(buyer.choose())
    customer.pay("insufficient_funds")
    expect(customer.psp_page.get_by_role("alert")).to_be_visible()
    odoo.wait_for_state(payment, "error")
    customer.pay()
    customer.expect_thanks()
    assert_confirmed(odoo, psp, payment)


@phone
def test_paid_by_bank_transfer(customer, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose(method="bank_transfer"))
    customer.send_money()
    expect(customer.page).to_have_url(re.compile("/payment/status"))  # It went there by itself.
    assert odoo.state(payment) == "pending"
    assert odoo.order_state(payment) != "sale"
    psp.settle(payment)
    customer.expect_thanks()
    assert_confirmed(odoo, psp, payment)


@desktop
def test_bank_transfer_refused(customer, odoo, psp, buyer):
    payment = customer.come_to_pay(buyer.choose(method="bank_transfer"))
    customer.send_money()
    expect(customer.page).to_have_url(re.compile("/payment/status"))
    psp.settle(payment, code="41")
    assert SENTENCES["other_name", ""] in customer.expect_failure()
    assert odoo.state(payment) == "error"
    assert odoo.order_state(payment) != "sale"


@phone
def test_provider_is_down(customer, odoo, psp, buyer):
    with odoo.unreachable_psp():
        payment = customer.come_to_pay(buyer.choose())
        assert SENTENCES["down", ""] in customer.expect_failure()
    assert odoo.state(payment) == "error"
    again = customer.come_to_pay(buyer.choose(order_id=payment.order_id))
    customer.pay()
    customer.expect_thanks()
    assert_confirmed(odoo, psp, again)
