"""Asking PayTR: what became of a payment, and whether the keys are right."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import responses
from paytr_samples import (
    CREDENTIALS,
    NOT_PAID,
    OID,
    ORDER,
    PAID,
    SALT,
    STATUS,
    TOKENS,
    posted,
    sign,
)
from requests import ConnectTimeout, ReadTimeout
from urllib3.exceptions import ConnectTimeoutError

from gateways.base import MaskedCard, Money, Outcome, Reason, Refused, State
from gateways.paytr import PayTR
from gateways.transport import NoAnswer, Unreachable

WRONG_TOKEN = {"status": "error", "err_no": "003", "err_msg": "paytr_token hatali"}


@pytest.fixture
def inquired(network, paytr):
    """Ask for the order and get the given answer."""

    def inquire(answer: dict, order=ORDER) -> Outcome:
        network.post(STATUS, json=answer)
        return paytr.inquire(order)

    return inquire


# === INQUIRE === #


def test_an_inquiry_is_signed_as_in_the_vectors(network, inquired):
    inquired(NOT_PAID)
    assert posted(network.calls[0]) == {
        "merchant_id": CREDENTIALS["merchant_id"],
        "merchant_oid": OID,
        "paytr_token": TOKENS["status"],
    }


def test_a_payment_is_told_with_all_that_paytr_knows(inquired):
    assert inquired(PAID) == Outcome(
        state=State.PAID,
        amount=Money(4900, "TRY"),
        charged=Money(5145, "TRY"),
        method="card",
        installments=3,
        card=MaskedCard("435508***4358", "visa"),
        psp_reference=OID,
        test=True,
    )


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("49.00", 4900),
        ("49,00", 4900),
        ("49.0", 4900),
        ("49", 4900),
        ("10,8", 1080),
        ("10.01", 1001),
        (49, 4900),
        (10.8, 1080),
        (19.99, 1999),
        ("123456789.01", 12345678901),
    ],
)
def test_amounts_have_a_dot_or_a_comma(inquired, written, minor):
    outcome = inquired(PAID | {"payment_amount": written, "payment_total": written})
    assert outcome.amount == outcome.charged == Money(minor, "TRY")


@pytest.mark.parametrize("name", ["payment_amount", "payment_total"])
@pytest.mark.parametrize(
    "value",
    [None, "", "-", "1.234", "1,234", "-49.00", "4.9e1", "٤٩", [], {}, True, "49.001"],
    ids=str,
)
def test_an_amount_that_cannot_be_read_is_no_answer(inquired, name, value):
    with pytest.raises(NoAnswer):
        inquired(PAID | {name: value})


@pytest.mark.parametrize("name", ["payment_amount", "payment_total"])
def test_a_payment_without_an_amount_is_no_answer(inquired, name):
    with pytest.raises(NoAnswer):
        inquired({key: value for key, value in PAID.items() if key != name})


@pytest.mark.parametrize(
    ("told", "order_currency", "read"),
    [
        ("TL", "TRY", "TRY"),
        ("TRY", "TRY", "TRY"),
        ("EUR", "EUR", "EUR"),
        ("USD", "TRY", "USD"),
        ("TL", "EUR", "TRY"),
        (None, "EUR", "EUR"),
        ("", "TRY", "TRY"),
    ],
)
def test_the_currency_is_the_one_that_paytr_tells(inquired, told, order_currency, read):
    order = replace(ORDER, amount=Money(4900, order_currency))
    outcome = inquired(PAID | {"currency": told}, order)
    assert outcome.amount.currency == outcome.charged.currency == read


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("taksit", "0", "installments", 1),
        ("taksit", "12", "installments", 12),
        ("taksit", 6, "installments", 6),
        ("taksit", "", "installments", None),
        ("taksit", "çok", "installments", None),
        ("taksit", "٣", "installments", None),
        ("odeme_tipi", "EFT", "method", "bank_transfer"),
        ("odeme_tipi", "BKM", "method", ""),
        ("odeme_tipi", None, "method", ""),
        ("test_mode", "0", "test", False),
        ("test_mode", 1, "test", True),
        ("kart_marka", None, "card", MaskedCard("435508***4358", "")),
        ("masked_pan", None, "card", MaskedCard("", "visa")),
        ("masked_pan", "455359AAA6747", "card", MaskedCard("455359AAA6747", "visa")),
    ],
)
def test_what_is_beside_the_money_is_read_leniently(inquired, name, value, field, read):
    outcome = inquired(PAID | {name: value})
    assert outcome.state is State.PAID
    assert getattr(outcome, field) == read


def test_the_smallest_answer_is_enough(inquired):
    smallest = {"status": "success", "payment_amount": "49.00", "payment_total": "49.00"}
    outcome = inquired(smallest)
    assert (outcome.state, outcome.charged) == (State.PAID, Money(4900, "TRY"))


def test_no_successful_payment_is_unknown_and_no_failure(inquired):
    assert inquired(NOT_PAID) == Outcome(state=State.UNKNOWN)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("001", Reason.WRONG_MERCHANT),
        ("002", None),
        ("003", Reason.WRONG_KEYS),
        ("999", None),
        ("", None),
    ],
)
def test_a_refused_inquiry_says_why(inquired, code, reason):
    with pytest.raises(Refused) as refusal:
        inquired({"status": "error", "err_no": code, "err_msg": "Neden"})
    assert (refusal.value.reason, refusal.value.code) == (reason, code)
    assert refusal.value.text == "Neden"


def test_an_inquiry_is_harmless_and_tried_again(network, paytr):
    network.post(STATUS, body=ReadTimeout())
    network.post(STATUS, json=PAID)
    assert paytr.inquire(ORDER).state is State.PAID
    assert len(network.calls) == 2


# === PROBE === #


def answer_to(good: dict[str, str]):
    """PayTR's answers to whoever signs, right only for these credentials."""

    def answer(request):
        form = dict(parse_qsl(request.body))
        if form["merchant_id"] != good["merchant_id"]:
            body = {"status": "error", "err_no": "001", "err_msg": "merchant_id hatali"}
        else:
            signed = (form["merchant_id"], form["merchant_oid"], good["merchant_salt"])
            right = form["paytr_token"] == sign(*signed, key=good["merchant_key"])
            body = NOT_PAID if right else WRONG_TOKEN
        return 200, {}, json.dumps(body)

    return answer


@pytest.fixture
def probed(network):
    """Probe credentials that differ from the right ones."""
    network.add_callback(responses.POST, STATUS, answer_to(CREDENTIALS))

    def probe(**changes: str):
        return PayTR(CREDENTIALS | changes).probe()

    return probe


def test_right_keys_are_right(network, probed):
    probed()
    assert len(network.calls) == 1


def test_a_probe_asks_for_an_order_that_cannot_exist(network, probed):
    probed()
    probed()
    first, second = (posted(call)["merchant_oid"] for call in network.calls)
    assert first != second
    assert first.isalnum()
    assert first.isascii()
    assert 20 < len(first) <= 64


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"merchant_id": "654321"}, Reason.WRONG_MERCHANT),
        ({"merchant_key": "x"}, Reason.WRONG_KEYS),
        ({"merchant_salt": "x"}, Reason.WRONG_KEYS),
        ({"merchant_key": "x", "merchant_salt": "y"}, Reason.WRONG_KEYS),
        (
            {"merchant_key": SALT, "merchant_salt": CREDENTIALS["merchant_key"]},
            Reason.KEYS_SWAPPED,
        ),
    ],
    ids=["merchant", "key", "salt", "both", "swapped"],
)
def test_wrong_keys_are_named(probed, changes, reason):
    with pytest.raises(Refused) as refusal:
        probed(**changes)
    assert refusal.value.reason is reason
    assert refusal.value.code in ("001", "003")


@pytest.mark.parametrize("changes", [{}, {"merchant_key": "x"}, {"merchant_id": "654321"}])
def test_a_probe_never_posts_the_keys(network, probed, changes):
    try:
        probed(**changes)
    except Refused:
        pass
    values = {value for call in network.calls for value in posted(call).values()}
    assert not values & {CREDENTIALS["merchant_key"], SALT, "x"}


def test_a_probe_goes_where_the_gateway_goes(network):
    sandbox = "http://localhost:8070/paytr/odeme/durum-sorgu"
    network.post(sandbox, json=WRONG_TOKEN)
    with pytest.raises(Refused):
        PayTR(CREDENTIALS, base_url="http://localhost:8070/paytr").probe()
    assert {call.request.url for call in network.calls} == {sandbox}


@pytest.mark.parametrize(
    ("error", "failure"),
    [(ReadTimeout(), NoAnswer), (ConnectTimeout(ConnectTimeoutError()), Unreachable)],
)
def test_keys_are_not_judged_without_an_answer(network, paytr, error, failure):
    network.post(STATUS, body=error)
    with pytest.raises(failure):
        paytr.probe()


def test_keys_are_wrong_even_if_there_is_no_answer_to_the_swapped_ones(network, paytr):
    network.post(STATUS, json=WRONG_TOKEN)
    network.post(STATUS, body=ReadTimeout())
    with pytest.raises(Refused) as refusal:
        paytr.probe()
    assert refusal.value.reason is Reason.WRONG_KEYS
