"""Giving money back at Platformode: explicit amounts, one number per refund, unknown is unknown."""

import pytest
from platformode_samples import (
    CREDENTIALS,
    HASHES,
    HOOKS,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    PAID,
    REFUND,
    REFUNDED,
    REFUNDING,
    SECRET,
    STATUS,
    TAKEN,
    HandedOut,
    sent,
)
from requests import ConnectionError as NoConnection
from requests import ReadTimeout

from gateways.base import Money, Outcome, Reason, Refund, Refused, State
from gateways.platformode import Platformode
from gateways.platformode.hash import unseal
from gateways.transport import NoAnswer


def refund_of(minor: int, before: int = 0, currency: str = "TRY", *, taken=True) -> Refund:
    return Refund(
        reference="RSO0001a",
        amount=Money(minor, currency),
        refunded_before=Money(before, currency),
        is_taken=taken,
    )


@pytest.fixture
def refunded(network, platformode):
    def refund(answer: object = REFUNDED, wanted: Refund = REFUND) -> Outcome:
        network.post(REFUNDING, json=answer)
        return platformode.refund(ORDER, wanted)

    return refund


@pytest.fixture
def found(network, platformode):
    """Look for a refund in the total that the status tells."""

    def inquire(total: object, wanted: Refund = TAKEN, **changes) -> Outcome:
        network.post(STATUS, json=PAID | {"total_refunded_amount": total} | changes)
        return platformode.inquire_refund(ORDER, wanted)

    return inquire


# === REFUND === #


def test_a_refund_is_sealed_as_in_the_vectors(network, refunded, iv_and_salt_of_the_vectors):
    refunded()
    assert sent(network.calls[0]) == {
        "invoice_id": INVOICE,
        "amount": "10.50",
        "app_id": CREDENTIALS["app_id"],
        "app_secret": SECRET,
        "merchant_key": MERCHANT_KEY,
        "hash_key": HASHES["refund_part"],
        "refund_transaction_id": "RSO0001a",
    }


@pytest.mark.parametrize(
    ("minor", "amount"),
    [(1, "0.01"), (10, "0.10"), (1999, "19.99"), (10000, "100.00"), (12345678901, "123456789.01")],
)
def test_the_amount_is_posted_and_sealed_as_the_same_text(network, refunded, minor, amount):
    refunded(REFUNDED, refund_of(minor))
    body = sent(network.calls[0])
    assert body["amount"] == amount
    assert unseal(SECRET, body["hash_key"]) == [amount, INVOICE, MERCHANT_KEY]


def test_the_hook_for_refunds_is_named(network):
    network.post(REFUNDING, json=REFUNDED)
    Platformode(CREDENTIALS | HOOKS, keyring=HandedOut()).refund(ORDER, REFUND)
    assert sent(network.calls[0])["refund_web_hook_key"] == "shop-refund"
    assert "sale_web_hook_key" not in sent(network.calls[0])


@pytest.mark.parametrize("hook", ["", None, False])
def test_without_a_key_name_no_hook_is_named(network, hook):
    network.post(REFUNDING, json=REFUNDED)
    gateway = Platformode(CREDENTIALS | {"refund_hook": hook}, keyring=HandedOut())
    gateway.refund(ORDER, REFUND)
    assert "refund_web_hook_key" not in sent(network.calls[0])


@pytest.mark.parametrize("name", ["ref_no", "ref_number"])
@pytest.mark.parametrize("code", [100, "100"])
def test_a_refund_is_final_at_once(refunded, name, code):
    answer = {"status_code": code, "invoice_id": INVOICE, name: "5454545dgdgd545545"}
    assert refunded(answer) == Outcome(
        state=State.PAID, amount=Money(1050, "TRY"), psp_reference="5454545dgdgd545545"
    )


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (101, "Refund request has been registered and will be completed later", None),
        (104, "Refund transaction id must be unique", Reason.REFUND_REPEATED),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 409])
def test_a_refund_may_take_longer_or_have_been_received_before(
    network, platformode, code, text, reason, status
):
    answer = {"status_code": code, "status_description": text}
    network.post(REFUNDING, json=answer, status=status)
    assert platformode.refund(ORDER, REFUND) == Outcome(
        state=State.PENDING, code=str(code), text=text, reason=reason
    )


@pytest.mark.parametrize(
    ("status", "part"),
    [
        ({"json": PAID | {"total_refunded_amount": "9.00"}}, Money(400, "TRY")),
        ({"json": PAID | {"total_refunded_amount": "5.00"}}, None),
        ({"json": {"status_code": 31}}, None),
        ({"json": {"status_code": 30}}, None),
        ({"body": ReadTimeout()}, None),
    ],
    ids=["known", "nothing yet", "not found", "refused", "no answer"],
)
def test_a_refund_that_was_made_in_part_says_so(network, refunded, status, part):
    network.post(STATUS, **status)
    answer = {"status_code": 112, "status_description": "Partially Successful"}
    assert refunded(answer) == Outcome(
        state=State.PENDING,
        code="112",
        text="Partially Successful",
        reason=Reason.REFUND_IN_PART,
        amount=part,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Refund Failed", Reason.REFUND_NOT_POSSIBLE),
        ("Total refund amount should not cross net amount", Reason.REFUND_TOO_LARGE),
        ("Sale Transaction not found", Reason.REFUND_NOT_POSSIBLE),
        ("Insufficient balance", Reason.BALANCE_TOO_LOW),
        ("INSUFFICIENT BALANCE", Reason.BALANCE_TOO_LOW),
        ("Non refund Transaction State", Reason.REFUND_NOT_POSSIBLE),
        ("Please wait at least 30 seconds for another refund", Reason.TRY_LATER),
        ("Maximum transaction limit per transaction has been violated", Reason.AMOUNT_REFUSED),
        ("Yetersiz bakiye", Reason.BALANCE_TOO_LOW),
        ("YETERSİZ BAKİYE", Reason.BALANCE_TOO_LOW),
        ("Başka bir geri ödeme için lütfen en az 30 saniye bekleyin", Reason.TRY_LATER),
        ("EN AZ 30 SANİYE BEKLEYİN", Reason.TRY_LATER),
        ("Toplam geri ödeme tutarı net tutarı geçmemeli", Reason.REFUND_TOO_LARGE),
        ("İşlem başına maksimum işlem sınırı ihlal edildi", Reason.AMOUNT_REFUSED),
        ("Geri Ödeme Başarısız", Reason.REFUND_NOT_POSSIBLE),
        ("", Reason.REFUND_NOT_POSSIBLE),
    ],
)
def test_a_failed_refund_is_explained_by_its_text(refunded, text, reason):
    with pytest.raises(Refused) as refusal:
        refunded(REFUNDED | {"status_code": 49, "status_description": text, "ref_no": ""})
    assert (refusal.value.reason, refusal.value.code) == (reason, "49")
    assert refusal.value.text == text


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (14, Reason.WRONG_MERCHANT_KEY),
        (30, Reason.WRONG_APP),
        (32, Reason.PAYMENT_INCOMPLETE),
        (69, Reason.PAYMENT_NOT_PROCESSED),
        (31, Reason.PAYMENT_UNKNOWN),
        (56, Reason.WRONG_HOOK),
        (68, Reason.REQUEST_MISMATCH),
        (110, Reason.REFUND_NOT_POSSIBLE),
    ],
)
def test_a_refused_refund_says_why(refunded, code, reason):
    with pytest.raises(Refused) as refusal:
        refunded({"status_code": code, "status_description": "Neden"})
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))
    assert refusal.value.text == "Neden"


def test_a_repeated_refund_keeps_its_number(network, refunded):
    refunded()
    refunded()
    assert {sent(call)["refund_transaction_id"] for call in network.calls} == {"RSO0001a"}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status_code": None},
        {"status_code": ""},
        {"status_code": "ok"},
        {"status_code": [49]},
        {"status_code": True},
        {"status_description": "Refund completed successfully"},
        {"status": "true"},
        [REFUNDED],
        None,
    ],
    ids=str,
)
def test_an_answer_that_says_neither_yes_nor_no_leaves_a_refund_unknown(refunded, answer):
    with pytest.raises(NoAnswer):
        refunded(answer)


@pytest.mark.parametrize("error", [ReadTimeout(), NoConnection("reset")], ids=["timeout", "reset"])
def test_a_refund_that_got_no_answer_is_unknown_and_not_repeated(network, platformode, error):
    network.post(REFUNDING, body=error)
    with pytest.raises(NoAnswer):
        platformode.refund(ORDER, REFUND)
    assert len(network.calls) == 1


@pytest.mark.parametrize("minor", [0, -1, -10000])
def test_a_refund_of_nothing_or_less_cannot_be_made(minor):
    """To Platformode, nothing means all that is left."""
    with pytest.raises(ValueError):
        refund_of(minor)


# === INQUIRE REFUND === #


@pytest.mark.parametrize("total", [0, 10.5, 40, None])
def test_one_that_platformode_never_confirmed_is_sent_again(network, platformode, total):
    """Its number is accepted once, and the total may be that of a refund made in the panel."""
    network.post(STATUS, json=PAID | {"total_refunded_amount": total})
    unconfirmed = refund_of(1050, taken=False)
    assert platformode.inquire_refund(ORDER, unconfirmed) == Outcome(state=State.UNKNOWN)


@pytest.mark.parametrize("total", [15.5, "15.50", "15,50", "15.5", 21])
def test_a_refund_that_is_in_the_total_was_made(found, total):
    assert found(total) == Outcome(state=State.PAID, amount=Money(1050, "TRY"))


@pytest.mark.parametrize(
    ("total", "before"),
    [(0, 0), ("0.00", 0), (5, 0), (10.49, 0), (0, 500), (4.99, 500), (5, 500), (10.5, 500)],
)
def test_one_that_is_registered_is_not_made_before_the_total_says_so(found, total, before):
    assert found(total, refund_of(1050, before)) == Outcome(state=State.PENDING)


@pytest.mark.parametrize(
    "total",
    [None, "", "-", "-5", "çok", "1,234", "1.234", "NaN", [], {}, [5], True, False],
    ids=str,
)
def test_a_total_that_cannot_be_read_leaves_a_refund_unknown(found, total):
    assert found(total) == Outcome(state=State.PENDING)


def test_an_answer_without_a_total_leaves_a_refund_unknown(network, platformode):
    answer = {name: value for name, value in PAID.items() if name != "total_refunded_amount"}
    network.post(STATUS, json=answer)
    assert platformode.inquire_refund(ORDER, refund_of(1050)) == Outcome(state=State.PENDING)


@pytest.mark.parametrize("status", ["Completed", "Refunded", "Partial Refunded", ""])
def test_the_total_counts_whatever_the_payment_is_called(found, status):
    assert found(15.5, transaction_status=status).state is State.PAID


@pytest.mark.parametrize("invoice", ["SO0001-2", "", None])
def test_the_total_of_another_invoice_says_nothing(found, invoice):
    for total in (5, 15.5):
        assert found(total, invoice_id=invoice) == Outcome(state=State.PENDING)


@pytest.mark.parametrize("code", [1, 14, 30, 31, 32, 41, 69, 99, None, "", "abc"])
def test_without_the_payment_a_refund_is_not_surely_absent(found, code):
    for total in (5, 15.5):
        assert found(total, status_code=code) == Outcome(state=State.PENDING)


def test_a_failed_payment_does_not_make_a_refund_absent(network, platformode):
    network.post(STATUS, json=NOT_PAID)
    assert platformode.inquire_refund(ORDER, refund_of(1050)) == Outcome(state=State.PENDING)


def test_the_payment_is_asked_for_and_not_the_refund(network, found, iv_and_salt_of_the_vectors):
    found(0)
    assert sent(network.calls[0]) == {
        "invoice_id": INVOICE,
        "merchant_key": MERCHANT_KEY,
        "hash_key": HASHES["checkstatus"],
    }


def test_a_refund_of_another_currency_is_read_in_it(found):
    assert found("15.50", refund_of(1050, 500, "EUR")).amount == Money(1050, "EUR")
