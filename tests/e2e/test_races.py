"""Several things at once: what is true once must not become true twice."""

import pytest
from parties import Buyer, Odoo, PayTR, at_once, kurus, wait_for


def answers(delivery):
    """Return the HTTP status and the body of every answer of the shop to a message."""
    return [(attempt["status"], attempt["answer"]) for attempt in delivery["attempts"]]


def assert_booked_once(odoo, psp, payment):
    """Check that one payment made one entry of each kind, and both books agree."""
    odoo.wait_until_booked(payment)
    domain = [("payment_transaction_id", "=", payment.id)]
    assert len(odoo.find("account.payment", domain)) == 1
    assert odoo.read("sale.order", payment.order_id, "state")["state"] == "sale"
    assert odoo.book(payment) == psp.book(payment)


@pytest.fixture(scope="module")
def processes(open_shop, databases):
    """Return who takes part in a shop with two processes instead of threads."""
    shop = open_shop(workers=2)
    odoo = Odoo(shop, databases)
    return odoo, PayTR(shop), Buyer(shop, odoo, "paytr")


@pytest.fixture
def threads(shop, odoo, buyer):
    """Return who takes part in a shop with one process."""
    return odoo, PayTR(shop), buyer


@pytest.mark.parametrize("serving", ["threads", "processes"])
def test_fifty_identical_notifications(request, serving):
    odoo, psp, buyer = request.getfixturevalue(serving)
    payment = buyer.start()
    psp.suffer("notification", "lost", payment)
    psp.pay(payment, wait=0)
    delivery = psp.notify(payment, times=50)
    # A busy shop may close a connection before it has read a request: the PSP sends it again.
    assert {status for status, _body in answers(delivery)} <= {200, 409, None}, delivery
    assert (200, "OK") in answers(delivery)
    assert_booked_once(odoo, psp, payment)
    inbox = odoo.find("trpay.notification", [("transaction_id", "=", payment.id)], "state")
    assert [message["state"] for message in inbox] == ["processed"]


def wait_until_known(odoo, payment):
    """Wait for the refunds that another process is just sending."""
    wait_for(lambda: not any(refund["state"] == "pending" for refund in odoo.refunds(payment)))


def test_two_refunds_at_once_never_give_back_more_than_was_paid(odoo, psp, buyer):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    at_once(*[lambda: odoo.refund(payment_id, 60.00)] * 4)
    wait_until_known(odoo, payment)
    assert psp.book(payment)["refunded"] == 6000
    assert odoo.book(payment) == psp.book(payment)
    assert [r["state"] for r in odoo.refunds(payment)].count("done") == 1


def test_parts_refunded_at_once(odoo, psp, buyer):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    at_once(*[lambda: odoo.refund(payment_id, 25.00)] * 6)
    wait_until_known(odoo, payment)
    done = [refund for refund in odoo.refunds(payment) if refund["state"] == "done"]
    assert psp.book(payment)["refunded"] == sum(-kurus(refund["amount"]) for refund in done)
    assert psp.book(payment)["refunded"] <= 10000


def test_success_and_failure_at_once(odoo, psp, buyer):
    payment = buyer.start()
    psp.suffer("notification", "lost", payment)
    psp.pay(payment, wait=0)
    deliveries = at_once(
        lambda: psp.notify(payment),
        lambda: psp.notify(payment, status="failed"),
        lambda: psp.notify(payment, status="failed", fields={"failed_reason_code": "6"}),
        odoo.reconcile,
        lambda: odoo.call("payment.transaction", "action_trpay_inquire", [payment.id]),
    )
    assert all(answers(delivery)[-1] == (200, "OK") for delivery in deliveries[:3])
    assert_booked_once(odoo, psp, payment)


def test_late_failure_while_the_order_is_being_confirmed(odoo, psp, buyer):
    for _time in range(3):
        payment = buyer.start()
        psp.pay(payment)
        psp.notify(payment, status="failed")
        assert_booked_once(odoo, psp, payment)
