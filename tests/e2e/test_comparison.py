"""What happens in the PSP's panel, held against the books by the comparison with its lists."""

import re

import pytest
from parties import PSPS

NOTHING = []


@pytest.fixture(params=PSPS)
def code(request):
    """Return each payment provider in turn."""
    return request.param


def children(odoo, payment):
    """Return what became of a payment: amount, state and where it was made."""
    domain = [("source_transaction_id", "=", payment.id)]
    rows = odoo.find("payment.transaction", domain, "amount", "state", "trpay_found", order="id")
    return [(row["amount"], row["state"], row["trpay_found"]) for row in rows]


def test_refunds_of_the_panel_are_booked_once(odoo, psp, buyer, configure, code):
    if code == "platformode":
        configure(trpay_flow="page")
    part, twice, whole, ours, none = (buyer.paid(psp) for _payment in range(5))
    with_surcharge = buyer.paid(psp, card="family_world", installments=3)
    odoo.refund(odoo.wait_until_booked(ours), 40.00)
    odoo.wait_for_refunds(ours, ("done", -40.0))
    psp.panel(part, "refund", amount=1000)
    psp.panel(twice, "refund", amount=3000)
    odoo.compare(psp)
    psp.panel(twice, "refund", amount=2000)
    psp.panel(whole, "refund", amount=10000)
    for _day in range(2):
        odoo.compare(psp)
    expected = {
        part: [(-10, "done", "panel")],
        twice: [(-30, "done", "panel"), (-20, "done", "panel")],
        whole: [(-100, "done", "panel")],
        ours: [(-40, "done", False)],
        none: NOTHING,
        with_surcharge: NOTHING,
    }
    for payment, refunds in expected.items():
        assert children(odoo, payment) == refunds
        assert odoo.book(payment) == psp.book(payment)
        assert odoo.to_do(payment) is None
        assert odoo.transaction(payment, "trpay_difference")["trpay_difference"] is False


@pytest.mark.parametrize("code", ["platformode"])
def test_what_else_happens_in_the_panel(odoo, psp, buyer, configure, code):
    configure(trpay_flow="page", capture_manually=True)
    captured, captured_in_part, voided, held = (buyer.start() for _payment in range(4))
    for payment in (captured, captured_in_part, voided, held):
        psp.pay(payment)
        odoo.wait_for_state(payment, "authorized")
    configure(capture_manually=False)
    charged_back = buyer.paid(psp)
    psp.panel(captured, "capture")
    psp.panel(captured_in_part, "capture", amount=6000)
    psp.panel(voided, "void")
    psp.panel(charged_back, "chargeback")
    for _day in range(2):
        odoo.compare(psp)
    expected = {
        captured: ("done", [(100, "done", "panel")]),
        captured_in_part: ("done", [(60, "done", "panel"), (40, "cancel", False)]),
        voided: ("cancel", NOTHING),
        held: ("authorized", NOTHING),
        charged_back: ("done", [(-100, "done", "chargeback")]),
    }
    for payment, (state, found) in expected.items():
        assert (odoo.state(payment), children(odoo, payment)) == (state, found)
    assert psp.book(captured_in_part)["collected"] == 6000
    for payment in (voided, charged_back):
        note = odoo.to_do(payment)["note"]
        order = odoo.read("sale.order", payment.order_id, "name")["name"]
        assert len(re.findall(rf"\b100[.,]00 ₺.*?>{order}<", note.replace("&nbsp;", " "))) == 1
