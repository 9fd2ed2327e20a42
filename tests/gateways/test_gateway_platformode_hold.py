"""Collecting what is reserved at Platformode, or letting go of it: explicit amounts, and once."""

from dataclasses import replace

import pytest
from platformode_samples import (
    CONFIRMED,
    CONFIRMING,
    HASHES,
    HELD,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    ORDER_ID,
    PAID,
    RELEASED,
    STATUS,
    sent,
)
from requests import ReadTimeout

from gateways.base import Money, Outcome, Reason, Refused, State
from gateways.transport import NoAnswer

HELD_ORDER = replace(ORDER, hold=True)
ENDS = {
    "capture": lambda psp: psp.capture(HELD_ORDER, ORDER.amount),
    "void": lambda psp: psp.void(HELD_ORDER),
}
each_end = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)


def lira(minor: int) -> Money:
    return Money(minor, "TRY")


@pytest.fixture
def ended(network, platformode):
    """End a hold, with the given answer."""

    def end_(end, answer: object = CONFIRMED) -> Outcome:
        network.post(CONFIRMING, json=answer)
        return end(platformode)

    return end_


@pytest.fixture
def asked(network, platformode):
    """Ask what became of the end of a hold, while the payment has the given status."""

    def ask(how, answer: object) -> Outcome:
        network.post(STATUS, json=answer)
        return how(platformode)

    return ask


# === CAPTURE === #


@pytest.mark.parametrize(
    ("minor", "total"), [(10000, "100.00"), (4950, "49.50"), (1, "0.01"), (130000, "1300.00")]
)
def test_a_capture_names_its_amount(network, ended, iv_and_salt_of_the_vectors, minor, total):
    outcome = ended(lambda psp: psp.capture(HELD_ORDER, lira(minor)))
    assert outcome == Outcome(state=State.PAID, amount=lira(minor), psp_reference=ORDER_ID)
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": INVOICE,
        "status": "1",
        "total": total,
        "hash_key": HASHES["confirm_capture"],
    }


@pytest.mark.parametrize("minor", [0, -1, -10000])
def test_nothing_or_less_is_not_captured(network, platformode, minor):
    """To Platformode, nothing means everything."""
    with pytest.raises(ValueError):
        platformode.capture(HELD_ORDER, lira(minor))
    assert len(network.calls) == 0


# === VOID === #


def test_a_void_names_no_amount(network, ended, iv_and_salt_of_the_vectors):
    outcome = ended(lambda psp: psp.void(HELD_ORDER), RELEASED)
    assert outcome == Outcome(state=State.CANCELED, psp_reference=ORDER_ID)
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": INVOICE,
        "status": "2",
        "hash_key": HASHES["confirm_void"],
    }


# === NO === #


@each_end
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (105, Reason.CAPTURE_REFUSED),
        (14, Reason.WRONG_MERCHANT_KEY),
        (68, Reason.REQUEST_MISMATCH),
        (30, Reason.WRONG_APP),
        (31, Reason.PAYMENT_UNKNOWN),
        (41, Reason.BANK_REFUSED),
    ],
)
def test_a_refusal_says_why(ended, end, code, reason):
    answer = CONFIRMED | {
        "status_code": code,
        "status_description": "The transaction is not Approved",
        "transaction_status": "Pending",
    }
    with pytest.raises(Refused) as refusal:
        ended(end, answer)
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))
    assert refusal.value.text == "The transaction is not Approved"


# === NO ANSWER === #


@each_end
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"transaction_status": "Completed"},
        {"status": "true"},
        {"status_code": None},
        {"status_code": "ok"},
        [CONFIRMED],
        None,
    ],
    ids=str,
)
def test_an_answer_that_says_neither_yes_nor_no_leaves_a_hold_unknown(ended, end, answer):
    with pytest.raises(NoAnswer):
        ended(end, answer)


@each_end
def test_the_end_of_a_hold_is_sent_once(network, platformode, end):
    network.post(CONFIRMING, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        end(platformode)
    assert len(network.calls) == 1


# === ASKING === #


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (PAID, State.PAID),
        (HELD, State.UNKNOWN),
        (NOT_PAID, State.PENDING),
        ({"status_code": 69}, State.PENDING),
        ({"status_code": 31}, State.PENDING),
        (PAID | {"transaction_type": ""}, State.PENDING),
    ],
    ids=["paid", "still held", "failed", "not processed", "not found", "unclear"],
)
def test_a_capture_is_sent_again_only_if_the_amount_is_surely_still_held(asked, answer, state):
    outcome = asked(lambda psp: psp.inquire_capture(HELD_ORDER, lira(4950)), answer)
    assert outcome.state is state
    assert outcome.amount == (lira(4950) if state is State.PAID else None)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (NOT_PAID, State.CANCELED),
        (HELD, State.UNKNOWN),
        (PAID, State.PENDING),
        ({"status_code": 69}, State.PENDING),
        ({"status_code": 31}, State.PENDING),
    ],
    ids=["let go", "still held", "paid", "not processed", "not found"],
)
def test_a_void_is_sent_again_only_if_the_amount_is_surely_still_held(asked, answer, state):
    assert asked(lambda psp: psp.inquire_void(HELD_ORDER), answer).state is state


# === AN ANSWER THAT WAS LOST === #


GONE = {"status_code": 113, "status_description": "Pre-authorization not found"}
COLLECTED = PAID | {"transaction_type": "Pre-Authorization"}


def test_what_was_captured_without_an_answer_is_captured(network, ended):
    network.post(STATUS, json=COLLECTED)
    assert ended(ENDS["capture"], GONE).state is State.PAID


def test_what_was_voided_without_an_answer_is_voided(network, ended):
    network.post(STATUS, json=NOT_PAID)
    assert ended(ENDS["void"], GONE).state is State.CANCELED


@each_end
@pytest.mark.parametrize(
    "status",
    [
        HELD,
        COLLECTED | {"product_price": "99.00"},
        COLLECTED | {"invoice_id": "another"},
        NOT_PAID | {"invoice_id": "another"},
        {"status_code": 31},
    ],
)
def test_what_ended_otherwise_is_refused(network, ended, end, status):
    network.post(STATUS, json=status)
    with pytest.raises(Refused) as refusal:
        ended(end, GONE)
    assert refusal.value.reason is Reason.CAPTURE_REFUSED


def test_a_void_that_is_called_completed_is_looked_up(network, ended):
    network.post(STATUS, json=NOT_PAID)
    assert ended(ENDS["void"], CONFIRMED).state is State.CANCELED


@pytest.mark.parametrize("status", [COLLECTED, HELD, {}], ids=["collected", "held", "unclear"])
def test_a_void_that_is_called_completed_stays_unknown_if_it_was_not_let_go(network, ended, status):
    network.post(STATUS, json=status)
    with pytest.raises(NoAnswer):
        ended(ENDS["void"], CONFIRMED)


def test_a_capture_that_is_not_completed_yet_is_pending(ended):
    answer = CONFIRMED | {"transaction_status": "Pending"}
    assert ended(ENDS["capture"], answer).state is State.PENDING
