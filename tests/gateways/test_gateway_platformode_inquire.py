"""Asking Platformode what became of a payment: the only thing that makes one true."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from platformode_samples import (
    DAY_LIST,
    HASHES,
    HELD,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    ORDER_ID,
    PAID,
    STATUS,
    sent,
)

from gateways.base import Money, Outcome, Reason, Refused, State
from gateways.platformode.hash import unseal
from gateways.transport import NoAnswer


@pytest.fixture
def inquired(network, platformode):
    """Ask for the order and get the given answer."""

    def inquire(answer: object, order=ORDER) -> Outcome:
        network.post(STATUS, json=answer)
        return platformode.inquire(order)

    return inquire


def without(name: str, answer: dict = PAID) -> dict:
    return {key: value for key, value in answer.items() if key != name}


# === ASKING === #


def test_an_inquiry_is_sealed_as_in_the_vectors(network, inquired, iv_and_salt_of_the_vectors):
    inquired(PAID)
    assert sent(network.calls[0]) == {
        "invoice_id": INVOICE,
        "merchant_key": MERCHANT_KEY,
        "hash_key": HASHES["checkstatus"],
    }


def test_each_inquiry_is_sealed_anew(network, inquired):
    inquired(PAID)
    inquired(PAID)
    bundles = [sent(call)["hash_key"] for call in network.calls]
    assert bundles[0] != bundles[1]


# === PAID === #


def test_a_payment_is_told_with_all_that_platformode_knows(inquired):
    assert inquired(PAID) == Outcome(
        state=State.PAID,
        amount=Money(10000, "TRY"),
        charged=Money(10610, "TRY"),
        fee=Money(268, "TRY"),
        settles_on=date(2026, 7, 22),
        psp_reference=ORDER_ID,
    )


def test_a_surcharge_is_told_beside_the_amount(inquired):
    """The document's own sample has 20.00 for the order and 22.1 for the card."""
    outcome = inquired(PAID | {"product_price": "20.00", "transaction_amount": 22.1})
    assert (outcome.amount, outcome.charged) == (Money(2000, "TRY"), Money(2210, "TRY"))


@pytest.mark.parametrize("price", ["99.99", "0.01", "100.01", "10000.00"])
def test_another_price_than_the_order_s_is_told_as_it_is(inquired, price):
    """Whoever settles compares it: it must not be taken for the order's."""
    outcome = inquired(PAID | {"product_price": price, "transaction_amount": 100})
    assert outcome.amount == Money.parse(price, "TRY") != ORDER.amount


@pytest.mark.parametrize("written", ["100.00", "100.0", "100", 100, 100.0, "100,00", "100.0000"])
def test_the_price_may_be_written_in_many_ways(inquired, written):
    assert inquired(PAID | {"product_price": written}).amount == ORDER.amount


@pytest.mark.parametrize("code", [100, "100"])
def test_a_code_may_be_a_number_or_a_text(inquired, code):
    assert inquired(PAID | {"status_code": code}).state is State.PAID


@pytest.mark.parametrize(
    "value",
    [None, "", "-", "1.234", "1,300", "-100.00", "1e2", "١٠٠", [], {}, True, "100.001"],
    ids=str,
)
def test_a_price_that_cannot_be_read_is_no_answer(inquired, value):
    with pytest.raises(NoAnswer):
        inquired(PAID | {"product_price": value})


def test_a_payment_without_a_price_is_no_answer(inquired):
    with pytest.raises(NoAnswer):
        inquired(without("product_price"))


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("transaction_amount", None, "charged", None),
        ("transaction_amount", "106,10", "charged", Money(10610, "TRY")),
        ("transaction_amount", "çok", "charged", None),
        ("merchant_commission", None, "fee", None),
        ("merchant_commission", 2.68, "fee", Money(268, "TRY")),
        ("merchant_commission", "0", "fee", Money(0, "TRY")),
        ("merchant_commission", "-1", "fee", None),
        ("settlement_date", "2022-04-22 10:00:00", "settles_on", date(2022, 4, 22)),
        ("settlement_date", "", "settles_on", None),
        ("settlement_date", None, "settles_on", None),
        ("settlement_date", "22.04.2022", "settles_on", None),
        ("settlement_date", "2022-13-01", "settles_on", None),
        ("settlement_date", [], "settles_on", None),
        ("order_id", 162435932934307, "psp_reference", "162435932934307"),
        ("order_id", "VP17123456789", "psp_reference", "VP17123456789"),
        ("order_id", None, "psp_reference", ""),
    ],
)
def test_what_is_beside_the_money_is_read_leniently(inquired, name, value, field, read):
    outcome = inquired(PAID | {name: value})
    assert outcome.state is State.PAID
    assert getattr(outcome, field) == read


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_type": ""},
        {"transaction_type": None},
        {"transaction_type": "auth"},
        {"transaction_type": "Refund"},
        {"transaction_type": ["Auth"]},
        {"transaction_status": ""},
        {"transaction_status": None},
        {"transaction_status": "completed"},
        {"transaction_status": "Pending"},
        {"transaction_status": ["Completed"]},
    ],
    ids=str,
)
def test_only_a_completed_sale_is_paid(inquired, changes):
    assert inquired(PAID | changes).state is State.PENDING


@pytest.mark.parametrize("status", ["Refunded", "Partial Refunded", "Chargebacked"])
def test_what_was_given_back_was_paid(inquired, status):
    outcome = inquired(PAID | {"transaction_status": status})
    assert (outcome.state, outcome.is_given_back) == (State.PAID, True)
    assert not inquired(PAID).is_given_back


@pytest.mark.parametrize("name", ["transaction_status", "transaction_type"])
def test_nothing_is_paid_by_what_is_not_said(inquired, name):
    assert inquired(without(name)).state is State.PENDING


# === IN WHICH CURRENCY === #

LISTED = {
    "invoice_id": INVOICE,
    "order_id": ORDER_ID,
    "product_price": 100,
    "transaction_state_label": "Completed",
    "currency_code": "USD",
}
IN_DOLLARS = replace(ORDER, amount=Money(10000, "USD"))


@pytest.fixture
def inquired_abroad(network, inquired):
    """Ask for an order in dollars, with these rows in the list of transactions."""

    def inquire(*rows: dict, answer: object = PAID, **list_answer) -> Outcome:
        network.post(DAY_LIST, json={"status_code": 100, "data": list(rows)} | list_answer)
        return inquired(answer, IN_DOLLARS)

    return inquire


def test_liras_are_taken_for_what_they_are(network, inquired):
    """Who owes liras gains nothing by paying as many dollars, and the list costs a call."""
    assert inquired(PAID).amount == ORDER.amount
    assert len(network.calls) == 1


@pytest.mark.parametrize(
    ("answer", "state"), [(PAID, State.PAID), (HELD, State.AUTHORIZED)], ids=["paid", "held"]
)
def test_another_currency_is_proven_by_the_list(inquired_abroad, answer, state):
    outcome = inquired_abroad(LISTED, answer=answer)
    assert (outcome.state, outcome.amount) == (state, Money(10000, "USD"))
    assert (outcome.charged, outcome.fee) == (Money(10610, "USD"), Money(268, "USD"))


def test_who_paid_liras_for_dollars_is_found_out(inquired_abroad):
    """Whoever settles sees that it is not what was owed."""
    outcome = inquired_abroad(LISTED | {"currency_code": "TRY"})
    assert (outcome.state, outcome.amount) == (State.PAID, Money(10000, "TRY"))
    assert {outcome.charged.currency, outcome.fee.currency} == {"TRY"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [LISTED | {"invoice_id": "SO0001-2"}],
        [LISTED | {"currency_code": None, "currency_id": 2}],  # A number that nobody documents.
        [LISTED | {"currency_code": "$"}],
        [LISTED | {"product_price": 99.99}],
        [LISTED, LISTED | {"currency_code": "TRY"}],
    ],
    ids=["none", "of another", "by number", "by sign", "of another price", "of both"],
)
@pytest.mark.parametrize("answer", [PAID, HELD], ids=["paid", "held"])
def test_what_the_list_does_not_show_is_not_paid_yet(inquired_abroad, rows, answer):
    plan = {"recurring_plan_code": "1649229007oFOkJ8"}
    outcome = inquired_abroad(*rows, answer=answer | plan)
    assert (outcome.state, outcome.reason) == (State.PENDING, Reason.CURRENCY_UNKNOWN)
    assert (outcome.amount, outcome.text) == (None, answer["transaction_status"])
    assert outcome.refs["recurrence"] == plan["recurring_plan_code"]


def test_a_list_that_is_not_told_proves_nothing(inquired_abroad):
    with pytest.raises(Refused):
        inquired_abroad(status_code=90)


def test_no_list_is_needed_to_know_that_nothing_was_paid(network, inquired):
    assert inquired(NOT_PAID, IN_DOLLARS).state is State.FAILED
    assert len(network.calls) == 1


def test_the_list_is_asked_for_the_one_payment(network, inquired_abroad):
    inquired_abroad(LISTED)
    body = sent(network.calls[1])
    assert unseal(MERCHANT_KEY, body.pop("hash_key")) == ["", INVOICE, "", "", "", "", ""]
    since, until = (datetime.fromisoformat(body[name]) for name in ("from_date", "to_date"))
    assert until - since > timedelta(days=90)
    assert (body["type"], body["invoiceid"]) == ("range", INVOICE)


# === HELD === #


def test_what_is_held_is_not_paid(inquired):
    outcome = inquired(HELD, replace(ORDER, hold=True))
    assert outcome.state is State.AUTHORIZED
    assert (outcome.amount, outcome.psp_reference) == (ORDER.amount, ORDER_ID)


@pytest.mark.parametrize("status", ["Pending", "Completed"])
@pytest.mark.parametrize("hold", [True, False])
def test_the_answer_says_whether_it_is_held_and_not_the_order(inquired, status, hold):
    order = replace(ORDER, hold=hold)
    assert inquired(HELD | {"transaction_status": status}, order).state is State.AUTHORIZED
    assert inquired(PAID, order).state is State.PAID


@pytest.mark.parametrize(
    ("kind", "changes", "state"),
    [
        ("Auth", {"hold": True}, State.AUTHORIZED),
        ("Auth", {"hold": True, "resumed": True}, State.PENDING),  # It waits to be completed.
        ("Auth", {}, State.PENDING),
        ("", {"hold": True}, State.PENDING),
    ],
)
def test_what_was_to_be_reserved_and_waits_is_reserved(inquired, kind, changes, state):
    """7.16.: a reservation is a Pending transaction."""
    answer = HELD | {"transaction_status": "Pending", "transaction_type": kind}
    assert inquired(answer, replace(ORDER, **changes)).state is state


@pytest.mark.parametrize(
    ("before", "state"), [("Pending", State.PAID), ("Completed", State.AUTHORIZED)]
)
def test_a_hold_that_is_completed_by_now_was_captured(inquired, before, state):
    """In the panel, too, which may leave its type as it is."""
    held = inquired(HELD | {"transaction_status": before}, replace(ORDER, hold=True))
    assert held.state is State.AUTHORIZED
    order = replace(ORDER, hold=True, refs=held.refs)
    assert inquired(HELD | {"transaction_status": "Completed"}, order).state is state


def test_a_hold_that_was_let_go_has_failed(inquired):
    assert inquired(NOT_PAID | {"transaction_type": "Pre-Authorization"}).state is State.FAILED


# === FAILED === #


def test_a_failure_is_told_in_the_words_of_the_bank(inquired):
    assert inquired(NOT_PAID) == Outcome(
        state=State.FAILED,
        reason=Reason.CARD_LIMIT_REACHED,
        code="51",
        text="Limit yetersiz",
        psp_reference=ORDER_ID,
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("04", Reason.SECURITY_REFUSED),
        ("4", Reason.SECURITY_REFUSED),
        ("05", Reason.BANK_REFUSED),
        ("07", Reason.SECURITY_REFUSED),
        ("14", Reason.CARD_NUMBER_WRONG),
        ("33", Reason.CARD_EXPIRED),
        ("34", Reason.SECURITY_REFUSED),
        ("41", Reason.SECURITY_REFUSED),
        ("43", Reason.SECURITY_REFUSED),
        (43, Reason.SECURITY_REFUSED),
        ("51", Reason.CARD_LIMIT_REACHED),
        ("54", Reason.CARD_EXPIRED),
        ("57", Reason.CARD_NOT_ACCEPTED),
        ("61", Reason.CARD_LIMIT_REACHED),
        ("65", Reason.CARD_LIMIT_REACHED),
        ("99", Reason.BANK_REFUSED),
        ("<b>", Reason.BANK_REFUSED),
    ],
)
def test_each_code_of_a_bank_has_a_reason(inquired, code, reason):
    outcome = inquired(NOT_PAID | {"original_bank_error_code": code})
    assert (outcome.state, outcome.reason, outcome.code) == (State.FAILED, reason, str(code))


@pytest.mark.parametrize(
    ("md_status", "reason"),
    [
        (0, Reason.AUTHENTICATION_FAILED),
        ("0", Reason.AUTHENTICATION_FAILED),
        (5, Reason.AUTHENTICATION_FAILED),
        (6, Reason.AUTHENTICATION_FAILED),
        (7, Reason.AUTHENTICATION_FAILED),
        (8, Reason.AUTHENTICATION_FAILED),
        (1, Reason.BANK_REFUSED),
        (2, Reason.BANK_REFUSED),
        (4, Reason.BANK_REFUSED),
        (None, Reason.BANK_REFUSED),
        ("", Reason.BANK_REFUSED),
        ([], Reason.BANK_REFUSED),
    ],
)
def test_without_a_code_of_the_bank_the_authentication_explains_it(inquired, md_status, reason):
    answer = NOT_PAID | {"original_bank_error_code": "", "md_status": md_status}
    outcome = inquired(answer)
    assert (outcome.reason, outcome.code) == (reason, "41")


def test_the_code_of_the_bank_explains_more_than_the_authentication(inquired):
    assert inquired(NOT_PAID | {"md_status": 0}).reason is Reason.CARD_LIMIT_REACHED


@pytest.mark.parametrize(
    ("silent", "text"),
    [
        ((), "Limit yetersiz"),
        (("original_bank_error_description",), "transaction failed"),
        (("original_bank_error_description", "bank_status_description"), "Order Failed"),
    ],
)
def test_the_best_words_are_shown(inquired, silent, text):
    assert inquired(NOT_PAID | dict.fromkeys(silent, "")).text == text


@pytest.mark.parametrize("changes", [{"status_code": 100}, {"transaction_status": "Pending"}])
def test_a_failure_needs_the_code_or_the_status(inquired, changes):
    assert inquired(NOT_PAID | changes).state is State.FAILED


# === NOTHING YET === #


@pytest.mark.parametrize("code", [31, 32, 69, "69"])
def test_what_platformode_has_not_got_is_unknown_and_no_failure(inquired, code):
    answer = {"status_code": code, "status_description": "Transaction Not Found"}
    assert inquired(answer) == Outcome(
        state=State.UNKNOWN, code=str(code), text="Transaction Not Found"
    )


@pytest.mark.parametrize("code", [31, 32, 69])
def test_an_answer_that_contradicts_itself_is_not_paid(inquired, code):
    assert inquired(PAID | {"status_code": code}).state is State.UNKNOWN


@pytest.mark.parametrize("status", ["Pending", "Waiting", "", "Onay bekliyor"])
def test_what_is_neither_here_nor_there_is_pending(inquired, status):
    assert inquired(PAID | {"transaction_status": status}) == Outcome(
        state=State.PENDING, text=status
    )


# === NO ANSWER, OR NO === #


@pytest.mark.parametrize("answer", [PAID, NOT_PAID, HELD], ids=["paid", "failed", "held"])
@pytest.mark.parametrize(
    "invoice", ["SO0001-2", "SO0001-1 ", "so0001-1", "", None, [INVOICE]], ids=str
)
def test_another_invoice_is_no_answer(inquired, answer, invoice):
    with pytest.raises(NoAnswer):
        inquired(answer | {"invoice_id": invoice})


@pytest.mark.parametrize("answer", [PAID, NOT_PAID])
def test_no_invoice_is_no_answer(inquired, answer):
    with pytest.raises(NoAnswer):
        inquired(without("invoice_id", answer))


@pytest.mark.parametrize("code", [None, "", "abc", [], {}, True, 100.5, "100 ", -100], ids=str)
def test_a_success_without_its_code_is_no_answer(inquired, code):
    with pytest.raises(NoAnswer):
        inquired(PAID | {"status_code": code})


@pytest.mark.parametrize("answer", [{}, [], [PAID], None, "100", 100], ids=str)
def test_garbage_is_no_answer(inquired, answer):
    with pytest.raises(NoAnswer):
        inquired(answer)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, Reason.TECHNICAL),
        (14, Reason.WRONG_MERCHANT_KEY),
        (30, Reason.WRONG_APP),
        (68, Reason.REQUEST_MISMATCH),
        (90, Reason.WRONG_APP),
        (91, Reason.WRONG_MERCHANT_KEY),
        (12345, None),
    ],
)
def test_a_refused_inquiry_says_why(inquired, code, reason):
    with pytest.raises(Refused) as refusal:
        inquired({"status_code": code, "status_description": "Neden"})
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))
    assert refusal.value.text == "Neden"


def test_an_inquiry_is_not_repeated_at_once(network, platformode):
    """The same request within two seconds is an error at Platformode."""
    network.post(STATUS, json=PAID, status=503)
    with pytest.raises(NoAnswer):
        platformode.inquire(ORDER)
    assert len(network.calls) == 1


@pytest.mark.parametrize("name", PAID)
def test_no_field_may_be_missing_unless_it_is_only_told(inquired, name):
    """Without any one field, a payment is still paid, or surely not believed."""
    try:
        outcome = inquired(json.loads(json.dumps(without(name))))
    except NoAnswer:
        assert name in ("status_code", "invoice_id", "product_price")
        return
    told = name not in ("transaction_status", "transaction_type")
    assert outcome.state is (State.PAID if told else State.PENDING)


def test_the_hash_covers_the_invoice_that_is_asked_for(network, inquired):
    order = replace(ORDER, reference="SO0002x7f3a")
    inquired(PAID | {"invoice_id": order.reference}, order)
    body = sent(network.calls[0])
    assert unseal("00112233445566778899aabbccddeeff", body["hash_key"]) == [
        "SO0002x7f3a",
        MERCHANT_KEY,
    ]
