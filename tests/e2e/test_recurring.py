"""Recurring payments: agreed by a link, begun by the customer, made by Platformode."""

import pytest
from parties import RpcError, at_once, wait_for
from platformode_pages import confirm, give_card_on_its_page

phone = pytest.mark.viewport("phone")


@pytest.fixture
def code():
    """Return which payment provider it is about."""
    return "platformode"


def agree(odoo):
    """Return a quotation to be paid in three parts: its recurring payments, and their link."""
    order_id = odoo.order(300.00)
    context = {"active_model": "sale.order", "active_id": order_id}
    wizard = odoo.call("payment.link.wizard", "create", {"trpay_payments": 3}, context=context)
    action = odoo.call("payment.link.wizard", "action_trpay_recur", [wizard])
    link = odoo.read(action["res_model"], action["res_id"], "url")["url"]
    (recurring,) = odoo.find("trpay.recurring", [("res_id", "=", order_id)])
    return recurring["id"], link


@pytest.fixture
def agreed(odoo):
    """Return what `agree` does."""
    return agree(odoo)


def begin(page, link):
    page.goto(link)
    page.locator("button[name=o_payment_submit_button]:visible").first.click()
    page.wait_for_url("**/platformode/checkout/**")
    give_card_on_its_page(page)
    confirm(page)
    page.wait_for_url("**/my/recurring/**")


def running(odoo, recurring_id):
    """Return the provider's code of the recurring payments, once they have begun."""
    return wait_for(lambda: odoo.read("trpay.recurring", recurring_id, "code")["code"])


@pytest.fixture
def begun(odoo, configure, agreed, customer, page):
    """Return recurring payments whose first one is made, and what the provider calls them."""
    configure(trpay_flow="page")
    recurring_id, link = agreed
    begin(page, link)
    return recurring_id, running(odoo, recurring_id)


def payments(odoo, recurring_id):
    domain = [("trpay_recurring_id", "=", recurring_id)]
    return odoo.find(
        "payment.transaction", domain, "state", "amount", order="trpay_recurring_number"
    )


def wait_until_done(odoo, recurring_id, count):
    """Wait until so many payments are booked, and no other one is."""
    wait_for(
        lambda: [tx["state"] for tx in payments(odoo, recurring_id)] == ["done"] * count,
    )


def run_next(psp, plan, wait=10):
    return psp.ask("POST", f"platformode/plans/{plan}/run", wait=wait)


@phone
def test_three_recurring_payments(page, odoo, psp, begun):
    recurring_id, plan = begun
    for count in (2, 3):
        run_next(psp, plan)
        wait_until_done(odoo, recurring_id, count)
    assert [tx["amount"] for tx in payments(odoo, recurring_id)] == [100.0] * 3
    wait_for(lambda: odoo.read("trpay.recurring", recurring_id, "state")["state"] == "done")
    (order,) = odoo.find("trpay.recurring", [("id", "=", recurring_id)], "res_id")
    booked = [("sale_order_ids", "=", order["res_id"]), ("payment_id", "!=", False)]
    wait_for(lambda: len(odoo.find("payment.transaction", booked)) == 3)
    page.reload()
    assert "3 ödemenin 3 tanesi" in page.locator(".o_trpay_recurring").inner_text()


@phone
def test_a_hook_that_is_lost_loses_no_payment(odoo, psp, begun):
    recurring_id, plan = begun
    psp.suffer("notification", "hold", times=1)
    run_next(psp, plan, wait=0)
    odoo.sql("UPDATE trpay_recurring SET trpay_next_inquiry = '2026-01-01'")
    odoo.reconcile()
    states = [tx["state"] for tx in payments(odoo, recurring_id)]
    assert states == ["done", "done"]
    psp.release()
    odoo.reconcile()
    assert len(payments(odoo, recurring_id)) == 2


@phone
def test_many_look_at_the_same_moment(odoo, psp, begun):
    recurring_id, plan = begun
    for count in (2, 3):
        psp.suffer("notification", "lost", times=1)
        run_next(psp, plan, wait=0)
        look = lambda: odoo.call("trpay.recurring", "action_find_out", [recurring_id])  # noqa: E731
        assert not [told for told in at_once(*[look] * 6) if isinstance(told, RpcError)]
        wait_until_done(odoo, recurring_id, count)


@phone
def test_ended_by_staff(odoo, psp, begun):
    recurring_id, plan = begun
    odoo.call("trpay.recurring", "action_end", [recurring_id])
    assert plan not in {row["plan_code"] for row in psp.ask("GET", "platformode/plans")}
    assert odoo.read("trpay.recurring", recurring_id, "state")["state"] == "ended"


@phone
def test_paid_in_cash_meanwhile(odoo, psp, begun):
    recurring_id, plan = begun
    invoice_id = invoice(odoo, odoo.read("trpay.recurring", recurring_id, "res_id")["res_id"])
    run_next(psp, plan)
    wait_until_done(odoo, recurring_id, 2)
    residual = lambda: odoo.read("account.move", invoice_id, "amount_residual")["amount_residual"]  # noqa: E731
    wait_for(lambda: residual() == 100)
    context = {"active_model": "account.move", "active_ids": [invoice_id]}
    register = odoo.call("account.payment.register", "create", {}, context=context)
    odoo.call("account.payment.register", "action_create_payments", [register])
    assert residual() == 0
    odoo.sql("UPDATE trpay_recurring SET trpay_next_inquiry = '2026-01-01'")
    odoo.reconcile()
    assert odoo.read("trpay.recurring", recurring_id, "state")["state"] == "paused"


def invoice(odoo, order_id):
    """Invoice all of an order."""
    (line,) = odoo.find("sale.order.line", [("order_id", "=", order_id)], "product_id")
    odoo.call("product.product", "write", [line["product_id"]], {"invoice_policy": "order"})
    wait_for(lambda: odoo.read("sale.order", order_id, "state")["state"] == "sale")
    context = {"active_model": "sale.order", "active_ids": [order_id]}
    values = {"advance_payment_method": "delivered"}
    wizard = odoo.call("sale.advance.payment.inv", "create", values, context=context)
    odoo.call("sale.advance.payment.inv", "create_invoices", [wizard], context=context)
    (invoice_id,) = odoo.read("sale.order", order_id, "invoice_ids")["invoice_ids"]
    odoo.call("account.move", "action_post", [invoice_id])
    return invoice_id
