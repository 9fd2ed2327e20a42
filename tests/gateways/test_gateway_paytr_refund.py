"""Giving money back at PayTR: exact, never twice, and unknown is unknown."""

from dataclasses import replace

import pytest
from paytr_samples import (
    CREDENTIALS,
    NOT_PAID,
    OID,
    ORDER,
    PAID,
    REFUND,
    REFUNDING,
    SALT,
    STATUS,
    TOKENS,
    posted,
    sign,
)
from requests import ConnectionError as NoConnection
from requests import ReadTimeout

from gateways.base import Money, Outcome, Reason, Refund, Refused, State
from gateways.transport import NoAnswer

GIVEN_BACK = {"status": "success", "is_test": "1", "merchant_oid": OID, "return_amount": "11.97"}


def refund_of(minor: int, before: int = 0, currency: str = "TRY") -> Refund:
    return Refund(
        reference="RSO0001a",
        amount=Money(minor, currency),
        refunded_before=Money(before, currency),
    )


@pytest.fixture
def refunded(network, paytr):
    def refund(answer: object, wanted: Refund = REFUND) -> Outcome:
        network.post(REFUNDING, json=answer)
        return paytr.refund(ORDER, wanted)

    return refund


@pytest.fixture
def found(network, paytr):
    """Look for a refund among what the status inquiry lists."""

    def inquire(returns: object, wanted: Refund = REFUND) -> Outcome:
        network.post(STATUS, json=PAID | {"returns": returns})
        return paytr.inquire_refund(ORDER, wanted)

    return inquire


# === REFUND === #


@pytest.mark.parametrize(
    ("minor", "amount"),
    [
        (1197, "11.97"),
        (4900, "49.00"),
        (1, "0.01"),
        (10, "0.10"),
        (1999, "19.99"),
        (100000, "1000.00"),
        (12345678901, "123456789.01"),
    ],
)
def test_the_amount_is_posted_and_signed_as_the_same_text(network, refunded, minor, amount):
    refunded(GIVEN_BACK | {"return_amount": amount}, refund_of(minor))
    assert posted(network.calls[0]) == {
        "merchant_id": CREDENTIALS["merchant_id"],
        "merchant_oid": OID,
        "return_amount": amount,
        "reference_no": "RSO0001a",
        "paytr_token": sign(CREDENTIALS["merchant_id"], OID, amount, SALT),
    }


@pytest.mark.parametrize("amount", ["11.97", "49.00"])
def test_a_refund_is_signed_as_in_the_vectors(network, refunded, amount):
    refunded(GIVEN_BACK, refund_of(int(amount.replace(".", ""))))
    assert posted(network.calls[0])["paytr_token"] == TOKENS[f"refund {amount}"]


@pytest.mark.parametrize("amount", ["11.97", "11,97", 11.97])
def test_a_refund_is_final_at_once(refunded, amount):
    assert refunded(GIVEN_BACK | {"return_amount": amount}) == Outcome(
        state=State.PAID, amount=Money(1197, "TRY"), psp_reference="RSO0001a"
    )


def test_another_amount_than_wanted_is_told_as_it_is(refunded):
    assert refunded(GIVEN_BACK | {"return_amount": "11.00"}).amount == Money(1100, "TRY")


@pytest.mark.parametrize("status", ["error", "failed"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("000", Reason.TRY_LATER),
        ("001", Reason.WRONG_MERCHANT),
        ("002", None),
        ("003", None),
        ("004", Reason.WRONG_KEYS),
        ("005", Reason.REFUND_NOT_POSSIBLE),
        ("006", Reason.REFUND_TOO_LARGE),
        ("007", Reason.TRY_LATER),
        ("008", Reason.REFUND_NOT_POSSIBLE),
        ("009", Reason.REFUND_TOO_LARGE),
        ("010", Reason.BALANCE_TOO_LOW),
        ("011", Reason.REFUND_TOO_LATE),
        ("999", None),
        ("", None),
    ],
)
def test_a_refused_refund_says_why(refunded, status, code, reason):
    with pytest.raises(Refused) as refusal:
        refunded({"status": status, "err_no": code, "err_msg": "Neden"})
    assert (refusal.value.reason, refusal.value.code) == (reason, code)
    assert refusal.value.text == "Neden"


def test_a_refused_refund_without_words_is_still_refused(refunded):
    with pytest.raises(Refused):
        refunded({"status": "failed"})


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status": None},
        {"status": "SUCCESS"},
        {"status": ["success"]},
        {"err_no": "005"},
        {"status": "success"},
        {"status": "success", "return_amount": None},
        {"status": "success", "return_amount": "all"},
        {"status": "success", "return_amount": "-11.97"},
        [GIVEN_BACK],
        None,
    ],
    ids=str,
)
def test_an_answer_that_says_neither_yes_nor_no_leaves_a_refund_unknown(refunded, answer):
    with pytest.raises(NoAnswer):
        refunded(answer)


@pytest.mark.parametrize("error", [ReadTimeout(), NoConnection("reset")], ids=["timeout", "reset"])
def test_a_refund_that_got_no_answer_is_unknown_and_not_repeated(network, paytr, error):
    network.post(REFUNDING, body=error)
    with pytest.raises(NoAnswer):
        paytr.refund(ORDER, REFUND)
    assert len(network.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 500, 502, 503, 504])
def test_a_refund_that_met_a_broken_server_is_unknown_and_not_repeated(network, paytr, status):
    network.post(REFUNDING, json=GIVEN_BACK, status=status, headers={"Location": STATUS})
    with pytest.raises(NoAnswer):
        paytr.refund(ORDER, REFUND)
    assert len(network.calls) == 1


@pytest.mark.parametrize("minor", [0, -1, -4900])
def test_a_refund_of_nothing_or_less_cannot_be_made(minor):
    with pytest.raises(ValueError):
        refund_of(minor)


# === INQUIRE REFUND === #


def row(reference: str | None, amount: object = "11.97", **fields) -> dict:
    return {"reference_no": reference, "return_amount": amount, "return_type": "K"} | fields


@pytest.mark.parametrize("amount", ["11.97", "11,97", 11.97])
def test_a_refund_that_is_listed_was_made(found, amount):
    assert found([row("other", "5.00"), row("RSO0001a", amount)]) == Outcome(
        state=State.PAID, amount=Money(1197, "TRY"), psp_reference="RSO0001a"
    )


def test_a_refund_is_found_under_the_other_name_of_its_amount(found):
    listed = {"reference_no": "RSO0001a", "refund_amount": "11.97"}
    assert found([listed]).amount == Money(1197, "TRY")


def test_a_listed_refund_of_another_amount_is_told_as_it_is(found):
    assert found([row("RSO0001a", "11.00")]).amount == Money(1100, "TRY")


@pytest.mark.parametrize(
    ("returns", "before"),
    [
        ([], 0),
        ([row("first", "5.00")], 500),
        ([row(None, "2.00"), row("first", "3.00")], 500),
        ([row("first", "11.97")], 1197),
    ],
)
def test_a_refund_is_surely_absent_if_only_the_earlier_ones_are_listed(found, returns, before):
    assert found(returns, refund_of(1197, before)) == Outcome(state=State.UNKNOWN)


@pytest.mark.parametrize(
    ("returns", "before"),
    [
        ([row("", "0.01")], 0),
        ([row("first", "5.00"), row(None, "1.00"), row(None, "40.00")], 500),
    ],
)
def test_a_refund_is_surely_absent_if_no_unknown_one_is_of_its_amount(found, returns, before):
    assert found(returns, refund_of(1197, before)) == Outcome(state=State.UNKNOWN)


@pytest.mark.parametrize(
    ("returns", "before"),
    [
        ([row(None)], 0),
        ([row("from the panel", "11.97")], 0),
        ([row("first", "5.00"), row(None, "11.97")], 500),
    ],
)
def test_a_refund_may_be_one_that_we_do_not_know(found, returns, before):
    """Sending it again could give the money back twice: a person must look."""
    assert found(returns, refund_of(1197, before)) == Outcome(state=State.PENDING)


@pytest.mark.parametrize("returns", [[], [row("first", "4.99")]])
def test_a_list_that_lacks_earlier_refunds_proves_nothing(found, returns):
    """What does not show the older refunds need not show the newest one either."""
    assert found(returns, refund_of(1197, before=500)) == Outcome(state=State.PENDING)


@pytest.mark.parametrize(
    "returns",
    [
        None,
        "",
        "[]",
        {},
        {"reference_no": "RSO0001a", "return_amount": "11.97"},
        0,
        [None],
        [[]],
        ["RSO0001a"],
        [row("other", None)],
        [row("other", "çok")],
        [row("other", [])],
        [{}],
        [row("RSO0001a", "çok")],
        [row("RSO0001a", "11.97"), None],
    ],
    ids=str,
)
def test_a_list_that_cannot_be_read_leaves_a_refund_unknown(found, returns):
    assert found(returns) == Outcome(state=State.PENDING)


@pytest.mark.parametrize("returns", [{}, []], ids=str)
def test_an_empty_list_is_written_either_way(found, returns):
    assert found(returns, refund_of(1197)) == Outcome(state=State.UNKNOWN)


def test_a_sparse_list_is_read(found):
    row = {"reference_no": "RSO0001a", "return_amount": "11.97"}
    assert found({"0": row}).state is State.PAID
    assert found({"3": row | {"reference_no": "other"}, "7": row}).state is State.PAID


# === HTTP === #


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413])
def test_a_refusal_counts_whatever_its_http_status(network, paytr, status):
    answer = {"status": "error", "err_no": "009", "err_msg": "kalan tutar"}
    network.post(REFUNDING, json=answer, status=status)
    with pytest.raises(Refused) as refusal:
        paytr.refund(ORDER, REFUND)
    assert (refusal.value.reason, refusal.value.text) == (Reason.REFUND_TOO_LARGE, "kalan tutar")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413])
def test_a_success_with_the_http_status_of_an_error_is_no_answer(network, paytr, status):
    network.post(REFUNDING, json=GIVEN_BACK, status=status)
    with pytest.raises(NoAnswer):
        paytr.refund(ORDER, REFUND)


@pytest.mark.parametrize("status", [408, 425, 429])
@pytest.mark.parametrize("body", ["", "<h1>Too Many Requests</h1>", '{"status": "success"}'])
def test_what_was_not_looked_at_can_be_sent_later(network, paytr, status, body):
    network.post(REFUNDING, body=body, status=status)
    with pytest.raises(Refused) as refusal:
        paytr.refund(ORDER, REFUND)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TRY_LATER, str(status))


def test_a_payment_that_is_not_found_is_unknown(network, paytr):
    network.post(STATUS, json={"message": "Not Found"}, status=404)
    assert paytr.inquire(ORDER).state is State.UNKNOWN
    assert paytr.inquire_refund(ORDER, REFUND).state is State.PENDING


def test_a_payment_without_a_list_leaves_a_refund_unknown(network, paytr):
    network.post(STATUS, json={key: value for key, value in PAID.items() if key != "returns"})
    assert paytr.inquire_refund(ORDER, REFUND) == Outcome(state=State.PENDING)


def test_a_payment_that_paytr_does_not_show_leaves_a_refund_unknown(network, paytr):
    network.post(STATUS, json=NOT_PAID)
    assert paytr.inquire_refund(ORDER, REFUND) == Outcome(state=State.PENDING)


def test_the_payment_is_asked_for_and_not_the_refund(network, found):
    found([])
    form = posted(network.calls[0])
    assert form["merchant_oid"] == OID
    assert form["paytr_token"] == TOKENS["status"]


def test_a_refund_of_another_currency_is_read_in_it(found):
    wanted = refund_of(1197, currency="EUR")
    assert found([row("RSO0001a")], wanted).amount == Money(1197, "EUR")


@pytest.mark.parametrize("code", ["001", "003"])
def test_wrong_keys_do_not_make_a_refund_absent(network, paytr, code):
    network.post(STATUS, json={"status": "error", "err_no": code, "err_msg": "Neden"})
    with pytest.raises(Refused):
        paytr.inquire_refund(ORDER, replace(REFUND))
