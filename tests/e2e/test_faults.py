"""What PayTR suffers on the way: money that moved without an answer, and answers without money."""

import pytest

NO_ANSWER = ("timeout", "reset", "http_500", "garbage")


@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_refund_that_never_arrived_is_sent_again_once(odoo, psp, buyer, kind):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    psp.suffer("refund", f"{kind}_before", seconds=1)
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
    psp.suffer("refund", f"{kind}_after", seconds=1)
    odoo.refund(payment_id, 40.00)
    odoo.wait_for_refunds(payment, ("pending", -40.0))
    assert psp.book(payment)["refunded"] == 4000  # It has moved, and nobody told us.
    odoo.later(payment)
    odoo.reconcile()
    odoo.wait_for_refunds(payment, ("done", -40.0))
    assert psp.book(payment)["refunded"] == 4000
    assert odoo.book(payment) == psp.book(payment)


@pytest.mark.parametrize("kind", ["timeout_before", "http_500", "garbage", "reset_before"])
def test_page_that_cannot_be_opened(shop, odoo, psp, buyer, kind):
    psp.suffer("get-token", kind, seconds=1)
    payment = buyer.start()
    assert not payment.token
    assert odoo.state(payment) == "error"
    again = buyer.start(order_id=payment.order_id)
    psp.pay(again)
    odoo.wait_until_booked(again)
    assert odoo.book(again) == psp.book(again)
