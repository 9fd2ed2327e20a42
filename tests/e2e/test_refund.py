"""Staff give money back, from the back office."""

import pytest

desktop = pytest.mark.viewport("desktop")


def wait_until_refunds_are_booked(odoo, payment, *refunds):
    """What the wizard proposes next is what the refunds in the journal have left."""
    odoo.wait_for_refunds(payment, *refunds)
    for refund in odoo.refunds(payment):
        odoo.wait_until_booked(refund["id"])


@desktop
def test_refunded_in_part_and_then_the_rest(staff, odoo, psp, buyer):
    payment = buyer.paid(psp, 100.00)
    payment_id = odoo.wait_until_booked(payment)
    staff.come_in()
    staff.refund(payment_id, "30,00")
    wait_until_refunds_are_booked(odoo, payment, ("done", -30.0))
    assert odoo.book(payment.id) == psp.book(payment.reference)
    staff.refund(payment_id)
    wait_until_refunds_are_booked(odoo, payment, ("done", -30.0), ("done", -70.0))
    assert psp.book(payment.reference)["refunded"] == 10000
    assert odoo.book(payment.id) == psp.book(payment.reference)
    staff.open_payment(payment_id)
    staff.expect_no_refund()
