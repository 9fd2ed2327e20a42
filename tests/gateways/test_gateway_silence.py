"""No answer ends in silence: whatever a PSP says, there is an outcome, or a reason to tell.

Any HTTP status with any JSON, for every verb of every gateway.
"""

from dataclasses import replace

import paytr_samples
import platformode_samples
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gateway_contract import (
    CALLS,
    MOVING_MONEY,
    REFUND,
    answer_all,
    answers_of,
    made,
    network_verbs,
    offers,
)

from gateways import GATEWAYS
from gateways.base import BadMessage, GatewayError, Outcome, Reason, Refused, State
from gateways.transport import NoAnswer, TransportError

LATER = (408, 425, 429)
REFUSING = (400, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 418, 422, 451)
SETTLED = {State.PAID, State.AUTHORIZED}
# A verb that ends well asks what is left first, so that another answer than its own decides.
CHANGING = ("pay", "pay with a stored card", "capture", "void", "refund", "open")
NO = {"paytr": {"status": "error", "err_no": "009", "err_msg": "Hayır"}} | {
    "platformode": {"status_code": 49, "status_description": "Hayır"}
}
BYTE_ORDER_MARK = "\ufeff"

statuses = st.one_of(
    st.sampled_from([200, 200, 201, 204, 301, 302, 500, 502, 503, 504, 599, *LATER, *REFUSING]),
    st.integers(200, 599),
)
refusable = pytest.mark.parametrize(
    ("gateway", "verb"),
    [
        (gateway, verb)
        for gateway in GATEWAYS.values()
        for verb in MOVING_MONEY
        if offers(gateway, verb.split()[0])
    ],
)


def ask(gateway, verb, **answer):
    """What a verb returns or raises when each call gets this answer."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, **answer)
        try:
            return CALLS[verb](made(gateway))
        except (GatewayError, TransportError) as error:
            return error


def check_that_it_is_told(result):
    """Whoever has to do with it must learn something: an error without a word is silence."""
    match result:
        case Refused(text=text, reason=reason):
            assert text.strip() or reason
        case GatewayError(text=text):
            assert text.strip()
        case TransportError():
            assert str(result).strip()


# === ANY STATUS, ANY JSON === #


@network_verbs
@settings(max_examples=25)
@given(status=statuses, data=st.data())
def test_no_answer_ends_in_silence(gateway, verb, status, data):
    answer = data.draw(answers_of(gateway))
    result = ask(gateway, verb, status=status, json=answer)
    check_that_it_is_told(result)
    if 300 <= status < 400 or status >= 500:
        assert isinstance(result, NoAnswer)
    if status in LATER:
        assert isinstance(result, Refused)
        assert result.reason is Reason.TRY_LATER
    if status >= 400 and verb not in ("capture", "void"):  # Those compare two answers.
        assert not (isinstance(result, Outcome) and result.state in SETTLED)


@network_verbs
@settings(max_examples=15)
@given(status=statuses, value=st.sampled_from([[], [[]], [{}], "yes", 1, None, True, "", [None]]))
def test_json_that_is_no_object_says_nothing(gateway, verb, status, value):
    result = ask(gateway, verb, status=status, json=value)
    check_that_it_is_told(result)
    assert isinstance(result, Refused if status in LATER else NoAnswer)


@network_verbs
@pytest.mark.parametrize("status", LATER)
@pytest.mark.parametrize("body", ["", "<html>Too Many Requests</html>", "{}", "[]"])
def test_who_is_to_come_later_surely_got_nothing(gateway, verb, status, body):
    result = ask(gateway, verb, status=status, body=body)
    assert isinstance(result, Refused)
    assert result.reason is Reason.TRY_LATER


# === A CLEAR NO === #


@refusable
@pytest.mark.parametrize("status", [200, *REFUSING])
def test_a_documented_no_is_one_whatever_its_status(gateway, verb, status):
    result = ask(gateway, verb, status=status, json=NO[gateway.code])
    said = NO[gateway.code].get("reason", "Hayır")
    if verb == "open" and gateway.code == "paytr":
        said = ""  # That service has its words in another field.
    if verb.startswith("pay"):
        # Whether the card was charged only the PSP's next answer tells, and that is a no, too.
        assert isinstance(result, NoAnswer | Refused)
        return
    assert isinstance(result, Refused)
    assert said in result.text


@refusable
@pytest.mark.parametrize("status", [500, 502, 503, 302])
def test_a_no_of_a_server_that_is_broken_is_none(gateway, verb, status):
    assert isinstance(ask(gateway, verb, status=status, json=NO[gateway.code]), NoAnswer)


@network_verbs
def test_a_byte_order_mark_changes_nothing(gateway, verb):
    import json  # noqa: PLC0415

    for answer in (NO[gateway.code], {}, paytr_samples.PAID, platformode_samples.PAID):
        text = json.dumps(answer)
        plain, marked = (
            ask(gateway, verb, body=body.encode(), content_type="application/json")
            for body in (text, BYTE_ORDER_MARK + text)
        )
        assert type(plain) is type(marked)
        if isinstance(plain, Exception):
            assert str(plain) == str(marked)
        else:
            assert plain == marked


# === MESSAGES === #

odd = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "0", "49.00", "4900", "4900.00", "success", "failed", "eft", "USD", "x"]),
)


@settings(max_examples=200)
@given(
    status=st.one_of(st.sampled_from(["success", "failed"]), odd.filter(bool)),
    total=st.one_of(st.just("4900"), odd.filter(bool)),
    fields=st.dictionaries(
        st.sampled_from(
            ["payment_amount", "currency", "payment_type", "installment_count", "test_mode"]
            + ["failed_reason_code", "failed_reason_msg", "merchant_id"]
        ),
        odd,
    ),
)
def test_whatever_paytr_signs_is_true_asked_about_or_for_a_person(status, total, fields):
    if status == "info":  # Signed in another way.
        return
    gateway = GATEWAYS["paytr"](paytr_samples.CREDENTIALS)
    message = paytr_samples.notification(status, total, **fields)
    claim = gateway.read(message, paytr_samples.ORDER)
    assert claim.proven or claim.doubt or claim.unclear
    assert len(claim.key) < 2000  # PostgreSQL indexes no longer ones.
    if claim.proven and claim.outcome.state is State.PAID:
        assert (status, claim.outcome.charged.minor) == ("success", int(total))


@pytest.mark.parametrize("total", ["9" * 5000, "4900." + "0" * 5000])
def test_a_signed_text_of_any_length_has_a_short_key(total):
    gateway = GATEWAYS["paytr"](paytr_samples.CREDENTIALS)
    claims = [
        gateway.read(paytr_samples.notification(total=text), paytr_samples.ORDER)
        for text in (total, total + "1")
    ]
    assert all(len(claim.key) < 2000 and claim.unclear for claim in claims)
    assert claims[0].key != claims[1].key


@settings(max_examples=200)
@given(message=st.dictionaries(st.sampled_from(["invoice_id", "hash_key", "Hash_key", "status",
    "order_id", "order_no", "payment_status", "md_status", "plan_code"]), odd),
    answer=answers_of(GATEWAYS["platformode"]), status=statuses, collect=st.booleans())
def test_whatever_a_browser_brings_back_is_settled_asked_about_or_refused(
    message, answer, status, collect
):
    gateway = GATEWAYS["platformode"](
        platformode_samples.CREDENTIALS, keyring=platformode_samples.HandedOut()
    )
    order = replace(platformode_samples.ORDER, resumed=True)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, status=status, json=answer)
        try:
            result = gateway.resume(order, message, collect=collect)
        except (GatewayError, TransportError) as error:
            check_that_it_is_told(error)
            assert not isinstance(error, BadMessage) or not any(
                "/payment/complete" in call.request.url for call in network.calls
            )
            return
    assert result.state in State
    assert REFUND
