"""What PayTR suffers on the way: money that moved without an answer, and answers without money."""

import pytest
from parties import wait_for

NO_ANSWER = ("timeout", "reset", "http_500", "garbage")


@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_refund_that_never_arrived_is_sent_again_once(odoo, psp, buyer, kind):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", f"{kind}_before", payment, seconds=1)
    odoo.refund(payment_id, 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    assert psp.book(payment)["refunded"] == 0
    for _time in range(3):
        odoo.later(payment)
        odoo.reconcile()
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert odoo.book(payment) == psp.book(payment)
    assert psp.book(payment)["refunded"] == 4000


@pytest.mark.parametrize("kind", NO_ANSWER)
def test_refund_without_an_answer_is_settled_by_asking(odoo, psp, buyer, kind):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", f"{kind}_after", payment, seconds=1)
    odoo.refund(payment_id, 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    wait_for(lambda: psp.book(payment)["refunded"] == 4000)  # It has moved, and nobody told us.
    odoo.later(payment)
    odoo.reconcile()
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert psp.book(payment)["refunded"] == 4000
    assert odoo.book(payment) == psp.book(payment)


@pytest.mark.parametrize("kind", ["timeout_before", "http_500", "garbage", "reset_before"])
def test_page_that_cannot_be_opened(odoo, psp, buyer, kind):
    psp.suffer("get-token", kind, seconds=1)
    payment = buyer.start()
    assert odoo.state(payment) == "error"
    again = buyer.start(order_id=payment.order_id)
    psp.pay(again)
    odoo.wait_until_booked(again)
    assert odoo.book(again) == psp.book(again)


@pytest.mark.parametrize("kind", ["timeout_before", "http_500", "garbage", "slow"])
def test_inquiry_without_an_answer_leaves_the_payment_open(odoo, psp, buyer, kind):
    payment = buyer.start()
    psp.suffer("notification", "lost", payment)
    psp.pay(payment, wait=0)
    psp.suffer("status", kind, payment, seconds=1, times=2)  # Asking is tried twice.
    odoo.later(payment)
    odoo.reconcile()
    assert odoo.state(payment) == ("done" if kind == "slow" else "draft")
    psp.recover()
    odoo.later(payment)
    odoo.reconcile()
    odoo.wait_until_booked(payment)
    assert odoo.book(payment) == psp.book(payment)


def test_refund_refused(odoo, psp, buyer):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", "refuse", payment, code="008")
    odoo.refund(payment_id, 40.00)
    odoo.wait_for_refunds(payment, ("error", -40.0))
    (refused,) = odoo.refunds(payment, "state_message")
    assert "panel" in refused["state_message"].lower()
    assert refused["state_message"] in odoo.to_do(refused["id"])["note"]
    odoo.refund(payment_id, 100.00)  # The amount is free again.
    odoo.wait_for_refunds(payment, ("error", -40.0), ("done", -100.0))
    assert odoo.book(payment) == psp.book(payment)


def test_a_refund_waits_for_the_store_s_balance(odoo, psp, buyer):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", "refuse", payment, code="010")
    odoo.refund(payment_id, 40.00)
    wait_for(lambda: odoo.to_do(odoo.refunds(payment)[0]["id"]))
    (waiting,) = odoo.refunds(payment, "state", "trpay_provider_message")
    assert (waiting["state"], "bakiye" in waiting["trpay_provider_message"]) == ("pending", True)
    psp.recover()
    odoo.later(payment)
    odoo.reconcile()
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert odoo.book(payment) == psp.book(payment)


@pytest.mark.parametrize(
    "forgery",
    [{"salt": "GUESSEDSALT12345"}, {"key": "GUESSEDKEY123456"}, {"tamper": {"total_amount": "1"}}],
    ids=["salt", "key", "tampered"],
)
def test_forged_notification_changes_nothing(odoo, psp, buyer, forgery):
    payment = buyer.start()
    before = odoo.transaction(payment, "state", "trpay_next_inquiry", "write_date")
    delivery = psp.notify(payment, status="success", **forgery)
    assert [attempt["status"] for attempt in delivery["attempts"]] == [403]
    assert odoo.transaction(payment, *before) == before
    assert odoo.find("trpay.notification", [("transaction_id", "=", payment.id)]) == []
    assert odoo.order_state(payment) != "sale"
