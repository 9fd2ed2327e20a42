"""What an answer means, whatever its HTTP status and however it is written.

That none ends in silence is part of the contract: see `test_gateway_contract`.
"""

import json
from dataclasses import replace

import paytr_samples
import platformode_samples
import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gateway_contract import (
    CALLS,
    HTTP_STATUSES,
    MOVING_MONEY,
    answer_all,
    answers_of,
    made,
    network_verbs,
    offers,
)

from gateways import GATEWAYS
from gateways.base import BadMessage, GatewayError, Refused, State
from gateways.transport import NoAnswer, TransportError

REFUSING = (400, 402, 403, 404, 405, 409, 410, 412, 413, 415, 422, 451)
NO = {
    "paytr": {"status": "error", "err_no": "009", "err_msg": "Hayır", "reason": "Hayır"},
    "platformode": {"status_code": 49, "status_description": "Hayır"},
}
LONGEST_KEY = 2000  # Bytes, and a little less than what PostgreSQL indexes.

money_verbs = pytest.mark.parametrize(
    ("gateway", "verb"),
    [
        (gateway, verb)
        for gateway in GATEWAYS.values()
        for verb in MOVING_MONEY
        if offers(gateway, verb.split()[0])
    ],
)
odd = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "0", "49.00", "4900", "4900.00", "success", "failed", "eft", "USD", "x"]),
)


def ask(gateway, verb, **answer):
    """What a verb returns or raises if each service answers so."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, **answer)
        try:
            return CALLS[verb](made(gateway))
        except (GatewayError, TransportError) as error:
            return error


# === A CLEAR NO === #


@money_verbs
@pytest.mark.parametrize("status", [200, *REFUSING])
def test_a_documented_no_is_one_whatever_its_status(gateway, verb, status):
    result = ask(gateway, verb, status=status, json=NO[gateway.code])
    if verb.startswith("pay"):  # The question about the charge got that answer, too.
        assert isinstance(result, NoAnswer)
        return
    assert isinstance(result, Refused)
    assert result.text == "Hayır"


@money_verbs
@pytest.mark.parametrize("status", [301, 302, 500, 502, 503])
def test_a_no_of_a_server_that_is_broken_is_none(gateway, verb, status):
    assert isinstance(ask(gateway, verb, status=status, json=NO[gateway.code]), NoAnswer)


# === NOTATION === #


@network_verbs
@pytest.mark.parametrize(
    "answer",
    [{}, *NO.values(), paytr_samples.PAID, platformode_samples.PAID],
    ids=["nothing", *NO, "paid at paytr", "paid at platformode"],
)
def test_a_byte_order_mark_changes_nothing(gateway, verb, answer):
    text = json.dumps(answer)
    plain, marked = (
        ask(gateway, verb, body=body.encode(), content_type="application/json")
        for body in (text, f"\ufeff{text}")
    )
    assert type(plain) is type(marked)
    assert str(plain) == str(marked)


# === MESSAGES === #


@settings(max_examples=200)
@given(
    status=st.one_of(st.sampled_from(["success", "failed"]), odd.filter(bool)),
    total=st.one_of(st.just("4900"), odd.filter(bool)),
    fields=st.dictionaries(
        st.sampled_from(
            [
                *("payment_amount", "currency", "payment_type", "installment_count"),
                *("test_mode", "failed_reason_code", "failed_reason_msg", "merchant_id"),
            ]
        ),
        odd,
    ),
)
def test_whatever_paytr_signs_is_true_asked_about_or_for_a_person(status, total, fields):
    message = paytr_samples.notification(status, total, **fields)
    claim = GATEWAYS["paytr"](paytr_samples.CREDENTIALS).read(message, paytr_samples.ORDER)
    assert claim.proven or claim.doubt or claim.unclear
    if claim.proven and claim.outcome.state is State.PAID:
        assert (status, claim.outcome.charged.minor) == ("success", int(total))


@pytest.mark.parametrize("total", ["9" * 5000, "4900." + "0" * 5000])
def test_the_key_of_a_long_message_is_short_and_its_own(total):
    gateway = GATEWAYS["paytr"](paytr_samples.CREDENTIALS)
    first, second = (
        gateway.read(paytr_samples.notification(total=text), paytr_samples.ORDER)
        for text in (total, f"{total}1")
    )
    assert first.unclear
    assert first.key != second.key
    assert max(len(claim.key.encode()) for claim in (first, second)) < LONGEST_KEY


@settings(max_examples=100)
@given(
    message=st.dictionaries(
        st.sampled_from(
            [
                *("invoice_id", "hash_key", "Hash_key", "status", "order_id", "order_no"),
                *("payment_status", "md_status", "plan_code"),
            ]
        ),
        odd | st.just(platformode_samples.INVOICE),
    ),
    answer=answers_of(GATEWAYS["platformode"]),
    status=HTTP_STATUSES,
    collect=st.booleans(),
)
def test_what_a_browser_brings_back_collects_nothing_unless_it_is_known(
    message, answer, status, collect
):
    gateway = platformode_samples.allowed("1")
    order = replace(platformode_samples.ORDER, resumed=True)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:
        answer_all(network, status=status, json=answer)
        try:
            outcome = gateway.resume(order, message, collect=collect)
        except BadMessage:  # The Odoo side takes it that nothing was sent.
            assert platformode_samples.COMPLETING not in [c.request.url for c in network.calls]
        except (GatewayError, TransportError):
            pass
        else:
            assert isinstance(outcome.state, State)
