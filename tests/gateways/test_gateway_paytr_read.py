"""PayTR's notifications: three signed fields prove a payment, the others may only raise a doubt."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from paytr_samples import (
    CREDENTIALS,
    LIVE_ORDER,
    OID,
    ORDER,
    SALT,
    TOKENS,
    TRANSFER,
    interim,
    notification,
    sign,
)

from gateways.base import BadMessage, Forged, GatewayError, MaskedCard, Money, Reason, State
from gateways.notation import words
from gateways.paytr import PayTR

GENUINE = {
    "success": notification(),
    "success after surcharge": notification(total="5145", installment_count="3"),
    "failed": notification("failed", "0"),
    "interim": interim(),
}
SIGNED = {
    "success": ("merchant_oid", "status", "total_amount", "hash"),
    "success after surcharge": ("merchant_oid", "status", "total_amount", "hash"),
    "failed": ("merchant_oid", "status", "total_amount", "hash"),
    "interim": ("merchant_oid", "status", "bank", "hash"),
}
each_genuine = pytest.mark.parametrize("kind", GENUINE)
each_signed_field = pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in SIGNED.items() for name in names]
)


# === THE VECTORS === #


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("callback success", notification()),
        ("callback success surcharge", notification(total="5145")),
        ("callback failed", notification("failed", "0")),
        ("eft interim", interim()),
    ],
)
def test_the_hashes_of_the_vectors_are_proof(paytr, case, message):
    assert paytr.read(message | {"hash": TOKENS[case]}, ORDER).proven


# === WHAT A GENUINE MESSAGE SAYS === #


def test_a_success_is_proven(paytr):
    claim = paytr.read(notification(), ORDER)
    assert claim.proven
    assert claim.reference == OID
    assert claim.outcome.state is State.PAID
    assert claim.outcome.charged == Money(4900, "TRY")
    assert claim.outcome.installments == 1
    assert claim.outcome.method == "card"
    assert claim.outcome.test is True
    assert claim.outcome.card == MaskedCard()


def test_the_bare_signed_fields_are_enough(paytr):
    bare = {name: notification()[name] for name in SIGNED["success"]}
    outcome = paytr.read(bare, LIVE_ORDER).outcome
    assert (outcome.state, outcome.charged) == (State.PAID, Money(4900, "TRY"))
    assert (outcome.method, outcome.installments, outcome.test) == ("", None, False)


def test_a_surcharge_is_told_beside_the_amount(paytr):
    claim = paytr.read(notification(total="5145", installment_count="3"), ORDER)
    assert claim.proven
    assert claim.outcome.charged == Money(5145, "TRY")
    assert claim.outcome.installments == 3


@pytest.mark.parametrize("total", ["0", "1", "4899"])
def test_a_total_below_the_amount_is_told_as_it_is(paytr, total):
    """It is signed, so it is true; whoever settles must not take it for the order's amount."""
    outcome = paytr.read(notification(total=total), ORDER).outcome
    assert outcome.charged == Money(int(total), "TRY")
    assert outcome.charged < ORDER.amount


def test_the_currency_is_that_of_the_order(paytr):
    order = replace(ORDER, amount=Money(4900, "EUR"))
    claim = paytr.read(notification(currency="EUR"), order)
    assert claim.proven
    assert claim.outcome.charged == Money(4900, "EUR")


@pytest.mark.parametrize("name", ["TL", "TRY"])
def test_both_names_of_the_lira_are_understood(paytr, name):
    assert paytr.read(notification(currency=name), ORDER).proven


@pytest.mark.parametrize(("count", "read"), [("0", 1), ("1", 1), ("2", 2), ("12", 12)])
def test_instalments_are_counted_from_one(paytr, count, read):
    assert paytr.read(notification(installment_count=count), ORDER).outcome.installments == read


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("0", Reason.BANK_REFUSED),
        ("1", Reason.AUTHENTICATION_MISSING),
        ("2", Reason.AUTHENTICATION_FAILED),
        ("3", Reason.SECURITY_REFUSED),
        ("6", Reason.ABANDONED),
        ("8", Reason.INSTALLMENT_REFUSED),
        ("9", Reason.CARD_NOT_ACCEPTED),
        ("10", Reason.THREE_DS_REQUIRED),
        ("11", Reason.FRAUD_SUSPECTED),
        ("99", Reason.TECHNICAL),
        ("51", Reason.BANK_REFUSED),
        ("05", Reason.BANK_REFUSED),
        ("", Reason.BANK_REFUSED),
        ("<b>", Reason.BANK_REFUSED),
    ],
)
def test_each_failure_of_a_card_has_a_reason(paytr, code, reason):
    message = notification("failed", "0", failed_reason_code=code, failed_reason_msg="Neden")
    outcome = paytr.read(message, ORDER).outcome
    assert outcome.reason is reason
    assert outcome.code == code
    assert outcome.text == "Neden"
    assert outcome.charged is None
    assert outcome.state is (State.CANCELED if reason is Reason.ABANDONED else State.FAILED)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("4", Reason.TRANSFER_NOT_FOUND),
        ("5", Reason.TRANSFER_TOO_LOW),
        ("6", Reason.ABANDONED),
        ("7", Reason.TRANSFER_UNDER_REVIEW),
        ("41", Reason.TRANSFER_NAME_MISMATCH),
        ("42", Reason.TRANSFER_NAME_MISMATCH),
        ("43", Reason.TRANSFER_ALREADY_USED),
        ("44", Reason.TRANSFER_ALREADY_USED),
        ("45", Reason.TRANSFER_NAME_MISMATCH),
    ],
)
def test_each_failure_of_a_bank_transfer_has_a_reason(paytr, code, reason):
    message = notification("failed", "0", failed_reason_code=code, payment_type="eft")
    outcome = paytr.read(message, TRANSFER).outcome
    assert (outcome.reason, outcome.method) == (reason, "bank_transfer")


def test_a_failure_without_a_reason_is_still_a_failure(paytr):
    message = {name: notification("failed", "0")[name] for name in SIGNED["failed"]}
    claim = paytr.read(message, ORDER)
    assert claim.proven
    assert claim.outcome.state is State.FAILED


def test_an_interim_notification_promises_nothing(paytr):
    claim = paytr.read(interim(), TRANSFER)
    assert claim.proven
    assert claim.outcome.state is State.PENDING
    assert claim.outcome.charged is None
    assert claim.outcome.method == "bank_transfer"
    assert claim.outcome.text == "isbank"


# === REPETITIONS === #


@each_genuine
def test_a_repetition_has_the_same_key(paytr, kind):
    first, second = (paytr.read(dict(GENUINE[kind]), ORDER) for _ in range(2))
    assert first.key == second.key


def test_unsigned_fields_do_not_make_a_message_new(paytr):
    repeated = notification(note="x", payment_type="eft", failed_reason_code="3")
    assert paytr.read(repeated, ORDER).key == paytr.read(notification(), ORDER).key


def test_different_messages_have_different_keys(paytr):
    messages = [*GENUINE.values(), interim("akbank"), notification(total="49")]
    assert len({paytr.read(message, ORDER).key for message in messages}) == len(messages)


# === WHAT IS NOT SIGNED === #


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payment_amount", "4899"),
        ("payment_amount", "4900.00"),
        ("payment_amount", "49.00"),
        ("currency", "USD"),
        ("currency", "tl"),
        ("payment_type", "eft"),
        ("payment_type", "other"),
        ("installment_count", "13"),
        ("installment_count", "-1"),
        ("installment_count", "٣"),
        ("test_mode", "2"),
        ("test_mode", "true"),
    ],
)
def test_an_unsigned_field_that_contradicts_the_order_is_a_doubt(paytr, name, value):
    claim = paytr.read(notification(**{name: value}), ORDER)
    assert not claim.proven
    assert name in claim.doubt


@pytest.mark.parametrize("name", ["payment_amount", "currency", "payment_type", "test_mode"])
def test_an_unsigned_field_that_is_missing_is_no_doubt(paytr, name):
    message = notification()
    del message[name]
    assert paytr.read(message, ORDER).proven


@pytest.mark.parametrize(
    "name", ["payment_amount", "currency", "payment_type", "installment_count", "test_mode"]
)
def test_an_unsigned_field_that_is_empty_is_no_doubt(paytr, name):
    claim = paytr.read(notification(**{name: ""}), LIVE_ORDER if name == "test_mode" else ORDER)
    assert claim.proven
    assert claim.outcome.charged == Money(4900, "TRY")


def test_a_test_payment_is_not_believed_for_a_live_order(paytr):
    claim = paytr.read(notification(test_mode="1"), LIVE_ORDER)
    assert not claim.proven
    assert claim.outcome.test is True


def test_a_card_payment_is_not_believed_for_a_bank_transfer(paytr):
    assert not paytr.read(notification(payment_type="card"), TRANSFER).proven
    assert paytr.read(notification(payment_type="eft"), TRANSFER).proven


def test_all_contradictions_are_told(paytr):
    doubt = paytr.read(notification(currency="USD", payment_amount="1"), ORDER).doubt
    assert "currency" in doubt
    assert "payment_amount" in doubt


# === WHAT IS NO PROOF === #


@each_signed_field
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_message_without_a_signed_field_is_refused(paytr, kind, name, value):
    message = {key: text for key, text in GENUINE[kind].items() if key != name}
    if value is not None:
        message[name] = value
    with pytest.raises(BadMessage):
        paytr.read(message, ORDER)


@each_signed_field
@pytest.mark.parametrize(
    "change", [str.swapcase, lambda text: text + "0", lambda text: text[:-1], lambda _text: "x"]
)
def test_a_message_with_an_altered_field_is_refused(paytr, kind, name, change):
    altered = change(GENUINE[kind][name])
    assume_altered = altered != GENUINE[kind][name]
    message = GENUINE[kind] | {name: altered if assume_altered else altered + " "}
    order = replace(ORDER, reference=message["merchant_oid"])
    with pytest.raises(BadMessage):
        paytr.read(message, order)


@pytest.mark.parametrize("kind", ["success", "success after surcharge", "interim"])
def test_an_altered_signed_value_is_a_forgery(paytr, kind):
    with pytest.raises(Forged):
        paytr.read(GENUINE[kind] | {"total_amount": "1", "bank": "akbank"}, ORDER)


def test_a_failure_cannot_be_turned_into_a_success(paytr):
    with pytest.raises(Forged):
        paytr.read(notification("failed", "0") | {"status": "success"}, ORDER)


def test_the_hash_of_one_kind_does_not_fit_another(paytr):
    for kind, message in GENUINE.items():
        for other, stolen in GENUINE.items():
            if kind != other:
                with pytest.raises(Forged):
                    paytr.read(message | {"hash": stolen["hash"]}, ORDER)


@pytest.mark.parametrize(
    "fields",
    [
        ("SO0001x7f3asuccess4900", SALT),
        ("123456SO0001x7f3a", SALT),
        (OID, "success", "4900"),
        (SALT, OID, "success", "4900"),
    ],
)
def test_a_signature_over_anything_else_is_a_forgery(paytr, fields):
    with pytest.raises(Forged):
        paytr.read(notification() | {"hash": sign(*fields)}, ORDER)


@pytest.mark.parametrize("name", ["merchant_key", "merchant_salt"])
def test_a_message_to_another_merchant_is_a_forgery(name):
    other = PayTR(CREDENTIALS | {name: "x" * 16})
    for message in GENUINE.values():
        with pytest.raises(Forged):
            other.read(message, ORDER)


@each_genuine
def test_a_message_of_another_order_is_refused(paytr, kind):
    with pytest.raises(BadMessage):
        paytr.read(GENUINE[kind], replace(ORDER, reference="SO0002x7f3a"))


@pytest.mark.parametrize(
    "value",
    ["ş", "\0", "=" * 44, pytest.param("\ud800", id="half a letter")],
)
@pytest.mark.parametrize("name", SIGNED["success"])
def test_exotic_letters_are_refused_like_any_others(paytr, name, value):
    message = notification() | {name: value}
    with pytest.raises(BadMessage):
        paytr.read(message, replace(ORDER, reference=message["merchant_oid"]))


@pytest.mark.parametrize(
    "total",
    [
        "-4900",
        "+4900",
        "49.00",
        "49,00",
        "4.9e3",
        "4900 ",
        " 4900",
        "4900\n",
        "0x1324",
        "4_900",
        "NaN",
        "٤٩٠٠",
        "４９００",
        "4900²",
        pytest.param("9" * 16, id="16 digits"),
        pytest.param("9" * 5000, id="5000 digits"),
        "4900.00",
    ],
)
def test_a_signed_total_in_another_notation_is_for_a_person(paytr, total):
    claim = paytr.read(notification(total=total), ORDER)
    assert not claim.proven
    assert (claim.outcome.state, claim.outcome.charged) == (State.UNKNOWN, None)
    assert words({"x": total}, "x")[:9] in claim.unclear


@pytest.mark.parametrize("status", ["SUCCESS", "ok", "waiting", "refunded", "success ", "1"])
def test_a_signed_status_that_is_not_documented_is_for_a_person(paytr, status):
    claim = paytr.read(notification(status), ORDER)
    assert not claim.proven
    assert claim.outcome.state is State.UNKNOWN
    assert status in claim.unclear


def test_the_largest_total_is_read_exactly(paytr):
    outcome = paytr.read(notification(total="9" * 15), ORDER).outcome
    assert outcome.charged == Money(999_999_999_999_999, "TRY")


def test_a_forgery_is_told_from_an_incomplete_message(paytr):
    with pytest.raises(BadMessage) as incomplete:
        paytr.read({"merchant_oid": OID, "status": "success"}, ORDER)
    assert incomplete.type is BadMessage
    assert "total_amount" in incomplete.value.text


@each_genuine
def test_a_forgery_does_not_tell_the_right_hash(paytr, kind):
    with pytest.raises(Forged) as forgery:
        paytr.read(GENUINE[kind] | {"hash": "x"}, ORDER)
    assert GENUINE[kind]["hash"] not in str(forgery.value)


# === ANYTHING === #

texts = st.text(max_size=30)
likely = st.one_of(texts, st.sampled_from(["success", "failed", "info", "4900", "0", OID, SALT]))
names = st.sampled_from([*notification(), *notification("failed"), *interim()])


@given(
    kind=st.sampled_from(list(GENUINE)),
    changes=st.dictionaries(names, st.none() | likely, min_size=1, max_size=4),
)
def test_no_mutation_of_a_genuine_message_is_accepted(kind, changes):
    genuine = GENUINE[kind]
    message = {name: text for name, text in (genuine | changes).items() if text is not None}
    assume(any(message.get(name) != genuine[name] for name in SIGNED[kind]))
    order = replace(ORDER, reference=message.get("merchant_oid", OID))
    with pytest.raises(BadMessage):
        PayTR(CREDENTIALS).read(message, order)


@given(
    kind=st.sampled_from(["success", "success after surcharge"]),
    changes=st.dictionaries(names, st.none() | likely, max_size=4),
)
def test_no_unsigned_field_changes_how_much_was_paid(kind, changes):
    genuine = GENUINE[kind]
    changes = {name: text for name, text in changes.items() if name not in SIGNED[kind]}
    message = {name: text for name, text in (genuine | changes).items() if text is not None}
    outcome = PayTR(CREDENTIALS).read(message, ORDER).outcome
    assert outcome.state is State.PAID
    assert outcome.charged == Money(int(genuine["total_amount"]), "TRY")


@given(
    status=likely,
    total=likely,
    bank=likely,
    others=st.dictionaries(names, texts),
    test=st.booleans(),
)
def test_whatever_is_rightly_signed_is_a_claim_or_a_gateway_error(
    status, total, bank, others, test
):
    message = others | {"merchant_oid": OID, "status": status, "total_amount": total, "bank": bank}
    signed = (OID, bank, SALT) if status == "info" else (OID, SALT, status, total)
    try:
        claim = PayTR(CREDENTIALS).read(
            message | {"hash": sign(*signed)}, replace(ORDER, test=test)
        )
    except GatewayError:
        return
    if claim.unclear:
        assert (claim.proven, claim.outcome.state) == (False, State.UNKNOWN)
        return
    assert claim.outcome.state in (State.PAID, State.PENDING, State.FAILED, State.CANCELED)
    assert (claim.outcome.state is State.PAID) == (status == "success")
