"""PayTR's list of sales and refunds, and how one payment stands."""

from datetime import date

import pytest
from paytr_samples import CREDENTIALS, NOT_PAID, OID, ORDER, PAID, SALT, STATUS, posted, sign

from gateways.base import (
    GivenBack,
    ListedPayment,
    MaskedCard,
    Money,
    Reason,
    Refused,
    State,
)
from gateways.transport import NoAnswer

LIST = "https://www.paytr.com/rapor/islem-dokumu"
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 3)
SALE = {
    "islem_tipi": "S",
    "islem_tutari": "49.00",
    "odeme_tutari": "51.45",
    "net_tutar": "47.53",
    "kesinti_tutari": "1.47",
    "kesinti_orani": "3.00",
    "islem_tarihi": "01.06.2026",
    "para_birimi": "TL",
    "taksit": "3",
    "kart_marka": "BONUS",
    "kart_no": "435508***4358",
    "siparis_no": OID,
    "odeme_tipi": "KART",
}
REFUND = SALE | {"islem_tipi": "I", "islem_tutari": "10.00", "odeme_tutari": "10.00"}
LISTED = ListedPayment(
    reference=OID,
    state=State.PAID,
    amount=Money(4900, "TRY"),
    charged=Money(5145, "TRY"),
    fee=Money(147, "TRY"),
    net=Money(4753, "TRY"),
    installments=3,
    card=MaskedCard("435508***4358", "bonus"),
    psp_reference=OID,
)


@pytest.fixture
def listed(network, paytr):
    """List three days, with the given rows or another answer."""

    def list_(*rows: object, answer: object = None) -> tuple[ListedPayment, ...]:
        network.post(LIST, json=answer or {"status": "success", "list": list(rows)})
        return paytr.list_payments(FIRST, LAST)

    return list_


def lira(minor: int) -> Money:
    return Money(minor, "TRY")


def test_three_days_are_asked_for_as_in_the_vectors(network, listed):
    assert listed() == ()
    form = posted(network.calls[0])
    start, end = "2026-06-01 00:00:00", "2026-06-03 23:59:59"
    assert (form["start_date"], form["end_date"]) == (start, end)
    assert form["paytr_token"] == sign(CREDENTIALS["merchant_id"], start, end, SALT)
    assert form["paytr_token"] == "O+fJOnd/b9fTAXdgtAesBMLqcKvjCWEyjw64n0zXCD8="


def test_a_sale_is_read(listed):
    assert listed(SALE) == (LISTED,)


@pytest.mark.parametrize("amount", ["10.00", "-10.00", "10,00"])
def test_refunds_are_added_up_whichever_is_listed_first(listed, amount):
    refund = REFUND | {"odeme_tutari": amount}
    for rows in ([SALE, refund, refund], [refund, SALE, refund]):
        (payment,) = listed(*rows)
        assert (payment.amount, payment.refunded_then) == (lira(4900), lira(2000))


def test_of_an_older_payment_only_its_refunds_are_listed(listed):
    (payment,) = listed(REFUND)
    assert payment == ListedPayment(reference=OID, state=State.PAID, refunded_then=lira(1000))


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        {},
        SALE | {"siparis_no": ""},
        SALE | {"odeme_tutari": "çok"},
        SALE | {"para_birimi": "lira"},
        SALE | {"islem_tipi": "X"},
    ],
    ids=str,
)
def test_a_row_that_cannot_be_read_is_left_out(listed, row):
    other = SALE | {"siparis_no": "SO0002"}
    assert [payment.reference for payment in listed(row, other)] == ["SO0002"]


def test_days_without_sales_have_none(listed):
    """ "failed" means here that there is nothing to list."""
    assert listed(answer={"status": "failed"}) == ()


@pytest.mark.parametrize(
    ("code", "reason"),
    [("001", Reason.WRONG_MERCHANT), ("003", Reason.WRONG_KEYS), ("204", None)],
)
def test_a_refusal_has_its_reason(listed, code, reason):
    with pytest.raises(Refused) as refusal:
        listed(answer={"status": "error", "err_no": code, "err_msg": "Neden"})
    assert (refusal.value.reason, refusal.value.text) == (reason, "Neden")


def test_a_failure_with_words_is_no_empty_list(listed):
    with pytest.raises(Refused) as refusal:
        listed(answer={"status": "failed", "reason": "paytr_token gecersiz"})
    assert refusal.value.text == "paytr_token gecersiz"


@pytest.mark.parametrize("answer", [{"status": "success"}, {"list": []}, {"status": "?"}], ids=str)
def test_an_answer_without_a_list_is_none(listed, answer):
    with pytest.raises(NoAnswer):
        listed(answer=answer)


# === A STATEMENT === #


def test_a_statement_has_each_refund_with_our_reference(network, paytr):
    returns = [
        {"reference_no": "RSO0001a", "return_amount": "11.97"},
        {"reference_no": None, "return_amount": "-5.00"},
    ]
    network.post(STATUS, json=PAID | {"returns": returns})
    statement = paytr.statement(ORDER)
    assert statement.outcome.state is State.PAID
    assert statement.given_back == (
        GivenBack(amount=lira(1197), reference="RSO0001a"),
        GivenBack(amount=lira(500)),
    )


def test_a_payment_that_paytr_does_not_show_has_nothing(network, paytr):
    network.post(STATUS, json=NOT_PAID)
    assert paytr.statement(ORDER).outcome.state is State.UNKNOWN


@pytest.mark.parametrize("returns", [None, "", [None], [{"return_amount": "çok"}]], ids=str)
def test_refunds_that_cannot_be_read_say_nothing(network, paytr, returns):
    network.post(STATUS, json=PAID | {"returns": returns})
    with pytest.raises(NoAnswer):
        paytr.statement(ORDER)
