"""Payments that the shop completes itself: never for a message whose hash does not fit."""

from dataclasses import replace

import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from platformode_samples import (
    CHECKOUT,
    COMPLETING,
    HASHES,
    HELD,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    ORDER_ID,
    PAID,
    STATUS,
    STORED,
    allowed,
    browser_return,
    pack,
    refund_hook,
    sale_hook,
    sent,
)
from requests import ReadTimeout
from test_gateway_platformode_read import mutated_bundles, names, values

from gateways.base import BadMessage, Forged, Outcome, Reason, Refused, State
from gateways.platformode.hash import unseal
from gateways.transport import NoAnswer

RESUMED = replace(ORDER, resumed=True)
BACK = browser_return(md_status="1")
COMPLETED = {
    "status_code": 100,
    "status_description": "Payment Successfully Completed",
    "data": {"order_no": ORDER_ID, "invoice_id": INVOICE, "status": "Completed"},
}
NO_SALE = {
    "status_code": 31,
    "status_description": f"Pending sale not found against order_id {ORDER_ID}",
    "data": {"invoice_id": INVOICE, "order_id": ORDER_ID},
}
both_ends = pytest.mark.parametrize("collect", [True, False], ids=["complete", "cancel"])


@pytest.fixture
def resumed(network, platformode):
    """End the payment, with these answers of the service and of the inquiry."""

    def resume(message=BACK, answer: object = COMPLETED, status: object = PAID, collect=True):
        network.post(COMPLETING, json=answer)
        network.post(STATUS, json=status)
        return platformode.resume(RESUMED, message, collect=collect)

    return resume


# === WISHING FOR IT === #


@pytest.mark.parametrize("stored", [None, STORED], ids=["typed", "stored"])
def test_the_form_says_who_completes_the_payment(stored):
    checkout = replace(CHECKOUT, flow="card_3d", stored_card=stored)
    fields = allowed("2").open(RESUMED, checkout).fields
    assert fields["payment_completed_by"] == "merchant"
    assert "payment_completed_by" not in allowed("2").open(ORDER, checkout).fields


@pytest.mark.parametrize("flow", ["page", "card_2d"])
def test_elsewhere_platformode_completes_it(network, flow):
    network.post(f"{allowed('4').live_url}/purchase/link", json={"status": True, "link": STATUS})
    entry = allowed("1").open(RESUMED, replace(CHECKOUT, flow=flow))
    assert "completed" not in f"{entry} {[call.request.body for call in network.calls]}"


# === COMPLETING === #


def test_a_payment_is_completed_as_in_the_vectors(network, resumed, iv_and_salt_of_the_vectors):
    outcome = resumed()
    assert (outcome.state, outcome.amount) == (State.PAID, ORDER.amount)
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": INVOICE,
        "order_id": ORDER_ID,
        "status": "complete",
        "hash_key": HASHES["complete"],
    }
    assert [call.request.url for call in network.calls] == [COMPLETING, STATUS]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (PAID, State.PAID),
        (NOT_PAID, State.FAILED),
        (HELD, State.AUTHORIZED),
        ({"status_code": 69}, State.UNKNOWN),
        (PAID | {"transaction_status": "Pending"}, State.PENDING),
    ],
    ids=["paid", "failed", "held", "not yet", "pending"],
)
def test_only_the_inquiry_tells_what_came_of_it(resumed, status, state):
    assert resumed(status=status).state is state


@both_ends
def test_what_was_completed_before_is_paid(resumed, collect):
    assert resumed(answer=NO_SALE, collect=collect).state is State.PAID


@both_ends
@pytest.mark.parametrize("code", [31, 69])
def test_what_is_not_there_is_refused(resumed, collect, code):
    with pytest.raises(Refused) as refusal:
        resumed(answer=NO_SALE, status={"status_code": code}, collect=collect)
    assert refusal.value.code == "31"


@pytest.mark.parametrize("code", [1, 14, 30])
def test_an_inquiry_that_is_refused_does_not_undo_a_charge(resumed, code):
    with pytest.raises(NoAnswer):
        resumed(status={"status_code": code})


@pytest.mark.parametrize("answer", [{}, {"status_code": 99}, {"status": "ok"}], ids=str)
def test_an_answer_that_says_nothing_leaves_it_open(resumed, answer):
    with pytest.raises(NoAnswer):
        resumed(answer=answer, status={"status_code": 69})


@both_ends
@pytest.mark.parametrize("answer", [[], None, "x"], ids=str)
def test_garbage_is_no_answer(network, resumed, answer, collect):
    with pytest.raises(NoAnswer):
        resumed(answer=answer, collect=collect)
    assert len(network.calls) == 1


@both_ends
def test_it_is_sent_once(network, platformode, collect):
    network.post(COMPLETING, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        platformode.resume(RESUMED, BACK, collect=collect)
    assert len(network.calls) == 1


# === LETTING GO === #


def test_a_payment_is_canceled_if_platformode_says_so(network, resumed):
    assert resumed(collect=False) == Outcome(state=State.CANCELED, psp_reference=ORDER_ID)
    body = sent(network.calls[0])
    assert body["status"] == "cancel"
    sealed = unseal("00112233445566778899aabbccddeeff", body["hash_key"])
    assert sealed == [MERCHANT_KEY, INVOICE, ORDER_ID, "cancel"]
    assert len(network.calls) == 1


@pytest.mark.parametrize(("status", "state"), [(PAID, State.PAID), (NOT_PAID, State.FAILED)])
def test_what_cannot_be_canceled_is_what_it_is(resumed, status, state):
    assert resumed(answer=NO_SALE, status=status, collect=False).state is state


# === WHAT THE BROWSER BRINGS === #


def test_the_order_of_platformode_has_two_names(resumed):
    message = {name: text for name, text in BACK.items() if name != "order_no"}
    assert resumed(message | {"order_id": ORDER_ID}).state is State.PAID


def test_3d_secure_need_not_be_mentioned(resumed):
    assert resumed(browser_return()).state is State.PAID


@both_ends
@pytest.mark.parametrize(
    "changes",
    [
        {"md_status": "0"},
        {"md_status": "4"},
        {"md_status": ""},
        {"payment_status": "0"},
        {"payment_status": ""},
        {"payment_status": "Completed"},
        {"invoice_id": ""},
        {"hash_key": ""},
        {"hash_key": "x"},
        {"order_no": "162616268649432"},
        {"order_no": ""},
        {"hash_key": HASHES["resp_fail"]},
        {"hash_key": HASHES["sale_hook"]},
        {"hash_key": pack("1", "100.00", INVOICE, ORDER_ID)},
        {"hash_key": pack("1", "100.00", "SO0001-2", ORDER_ID, "TRY")},
        {"hash_key": pack("1", "100.00", INVOICE, "2", "TRY")},
        {"hash_key": pack("1", "100.00", INVOICE, ORDER_ID, "TRY", secret="another")},
        {"status": "0"},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_nothing_is_ended_by_what_does_not_fit(network, platformode, changes, collect):
    with pytest.raises(BadMessage):
        platformode.resume(RESUMED, BACK | changes, collect=collect)
    assert len(network.calls) == 0


@both_ends
@pytest.mark.parametrize("name", ["payment_status", "order_no", "invoice_id"])
def test_nothing_may_be_missing(network, platformode, name, collect):
    message = {key: text for key, text in BACK.items() if key != name}
    with pytest.raises(BadMessage):
        platformode.resume(RESUMED, message, collect=collect)
    assert len(network.calls) == 0


@pytest.mark.parametrize("message", [browser_return("0"), sale_hook(), refund_hook(), {}])
def test_only_a_return_from_3d_secure_ends_a_payment(network, platformode, message):
    with pytest.raises(BadMessage):
        platformode.resume(RESUMED, message, collect=True)
    assert len(network.calls) == 0


def test_a_message_of_another_order_ends_nothing(network, platformode):
    with pytest.raises(BadMessage):
        platformode.resume(replace(RESUMED, reference="SO0001-2"), BACK, collect=True)
    assert len(network.calls) == 0


def test_another_merchants_message_is_a_forgery(platformode):
    bundle = pack("1", "100.00", INVOICE, ORDER_ID, "TRY", secret="another")
    with pytest.raises(Forged):
        platformode.resume(RESUMED, BACK | {"hash_key": bundle}, collect=True)


# === ANYTHING === #


def fits(message: dict[str, str]) -> bool:
    """Whether a message says, and its hash with it, that 3D Secure of our payment went well."""
    try:
        sealed = unseal("00112233445566778899aabbccddeeff", message.get("hash_key", ""))
    except ValueError:
        return False
    order_id = message.get("order_id") or message.get("order_no")
    return (
        [sealed[0], *sealed[2:4]] == ["1", INVOICE, order_id] if len(sealed) == 5 else False
    ) and message.get("invoice_id") == INVOICE


@settings(max_examples=1000)
@given(
    bundle=st.none() | mutated_bundles,
    changes=st.dictionaries(
        names.filter(str.islower) | st.just("md_status"), st.none() | values, max_size=3
    ),
    collect=st.booleans(),
)
def test_nothing_is_ended_by_a_mutation_whose_hash_does_not_fit(bundle, changes, collect):
    message = BACK | ({"hash_key": bundle} if bundle is not None else {}) | changes
    message = {name: text for name, text in message.items() if text is not None}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        network.post(COMPLETING, json=COMPLETED)
        network.post(STATUS, json=PAID)
        try:
            outcome = allowed("2").resume(RESUMED, message, collect=collect)
        except BadMessage:
            assert len(network.calls) == 0
            return
        if "hash_key" not in message:  # Asked about, and it is paid already.
            assert (outcome.state, len(network.calls)) == (State.PAID, 1)
            return
        assert fits(message)
        assert outcome.state is (State.PAID if collect else State.CANCELED)
        assert sent(network.calls[0])["order_id"] == ORDER_ID


# === WITHOUT A HASH === #

BARE = {name: text for name, text in BACK.items() if name != "hash_key"}
AUTHENTICATED = PAID | {
    "status_code": 69,
    "status_description": "Order is not processed yet",
    "transaction_status": "Pending",
    "transaction_amount": 0,
}


@both_ends
@pytest.mark.parametrize("code", [69, 100])
def test_without_a_hash_platformode_is_asked(network, platformode, code, collect):
    network.post(STATUS, json=AUTHENTICATED | {"status_code": code})
    network.post(COMPLETING, json=COMPLETED)
    network.post(STATUS, json=PAID)
    outcome = platformode.resume(RESUMED, BARE, collect=collect)
    assert outcome.state is (State.PAID if collect else State.CANCELED)
    asked, completed = network.calls[0], network.calls[1]
    assert (asked.request.url, completed.request.url) == (STATUS, COMPLETING)
    assert sent(completed)["order_id"] == ORDER_ID
    assert sent(completed)["status"] == ("complete" if collect else "cancel")


@pytest.mark.parametrize("status", [PAID, NOT_PAID | {"md_status": 1}], ids=["paid", "failed"])
def test_what_is_over_is_told_and_not_completed(network, platformode, status):
    network.post(STATUS, json=status)
    outcome = platformode.resume(RESUMED, BARE, collect=True)
    assert outcome.state in (State.PAID, State.FAILED)
    assert len(network.calls) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"md_status": 0},
        {"md_status": ""},
        {"md_status": 7},
        {"order_id": ""},
        {"status_code": 31},
        {"status_code": 69, "md_status": None},
    ],
    ids=str,
)
def test_what_platformode_does_not_know_to_be_authenticated_stays_open(
    network, platformode, changes
):
    network.post(STATUS, json=AUTHENTICATED | changes)
    if changes.get("status_code") == 31:
        network.reset()
        network.post(STATUS, json=changes)
    with pytest.raises(BadMessage):
        platformode.resume(RESUMED, BARE, collect=True)
    assert len(network.calls) == 1


def test_a_bare_return_of_another_invoice_is_not_even_asked_about(network, platformode):
    with pytest.raises(BadMessage):
        platformode.resume(RESUMED, BARE | {"invoice_id": "SO0001-2"}, collect=True)
    assert len(network.calls) == 0


def test_a_question_that_is_refused_is_no_failure(network, platformode):
    network.post(STATUS, json={"status_code": 30})
    with pytest.raises(NoAnswer):
        platformode.resume(RESUMED, BARE, collect=True)


def test_nobody_says_that_a_bank_refused_what_it_was_never_asked_for(network, platformode):
    plain = NOT_PAID | {"original_bank_error_code": "", "original_bank_error_description": ""}
    for code, md_status, order, reason in (
        ("", 1, RESUMED, Reason.NOT_COMPLETED),
        ("", 0, RESUMED, Reason.AUTHENTICATION_FAILED),
        ("51", 1, RESUMED, Reason.CARD_LIMIT_REACHED),
        ("05", 1, RESUMED, Reason.BANK_REFUSED),
        ("", 1, ORDER, Reason.BANK_REFUSED),
    ):
        answer = plain | {"original_bank_error_code": code, "md_status": md_status}
        network.upsert("POST", STATUS, json=answer)
        assert platformode.inquire(order).reason is reason


def test_a_refusal_has_a_reason_if_there_is_one(resumed):
    with pytest.raises(Refused) as refusal:
        resumed(answer={"status_code": 34}, status={"status_code": 31})
    assert refusal.value.reason is Reason.NOT_ACTIVATED
