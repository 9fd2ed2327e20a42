"""Access to Platformode: one token for all calls, what HTTP statuses mean, and what is logged."""

import json
import logging
import threading
import time
from dataclasses import replace

import pytest
import responses
from platformode_samples import (
    CARD_OPTIONS,
    CHECKOUT,
    COMMISSIONS,
    CONFIRMED,
    CONFIRMING,
    CREDENTIALS,
    HOOKS,
    HOST,
    INSTALLMENTS,
    MERCHANT_KEY,
    OPENED,
    ORDER,
    PAGE,
    PAID,
    REFUND,
    REFUNDED,
    REFUNDING,
    SECRET,
    STATUS,
    TOKEN,
    TOKENS,
    HandedOut,
    sent,
    token_answer,
)
from requests import ConnectionError as NoConnection
from requests import ReadTimeout

from gateways import keyring as keyring_module
from gateways.base import GatewayError, Reason, Refused, State
from gateways.keyring import Keyring
from gateways.platformode import TOKEN_SECONDS, Platformode
from gateways.transport import NoAnswer, TransportError

SECOND_TOKEN = "eyJ0eXAiOiJKV1QifQ.invented.handed-out_2"
TEST_HOST = "https://testapp.platformode.com.tr/ccpayment"
CALLS = {
    "open": (PAGE, OPENED, lambda psp: psp.open(ORDER, replace(CHECKOUT, flow="page"))),
    "inquire": (STATUS, PAID, lambda psp: psp.inquire(ORDER)),
    "capture": (CONFIRMING, CONFIRMED, lambda psp: psp.capture(ORDER, ORDER.amount)),
    "void": (CONFIRMING, CONFIRMED, lambda psp: psp.void(ORDER)),
    "refund": (REFUNDING, REFUNDED, lambda psp: psp.refund(ORDER, REFUND)),
    "inquire_refund": (STATUS, PAID, lambda psp: psp.inquire_refund(ORDER, REFUND)),
    "installments": (
        COMMISSIONS,
        {"status_code": 100, "data": {}},
        lambda psp: psp.installments(ORDER.amount),
    ),
    "installments of a card": (
        CARD_OPTIONS,
        {"status_code": 100, "data": []},
        lambda psp: psp.installments(ORDER.amount, "435508"),
    ),
    "probe": (INSTALLMENTS, {"installments": [1, 2]}, lambda psp: psp.probe()),
}
each_verb = pytest.mark.parametrize("verb", CALLS)
each_verb_with_a_token = pytest.mark.parametrize("verb", CALLS.keys() - {"open", "probe"})


def addresses(network) -> list[str]:
    return [call.request.url for call in network.calls]


def bearers(network, url: str) -> list[str]:
    return [
        call.request.headers["Authorization"] for call in network.calls if call.request.url == url
    ]


@pytest.fixture
def stranger() -> Platformode:
    """Whoever has no token yet."""
    return Platformode(CREDENTIALS)


@pytest.fixture
def two_tokens(network):
    """The first token is handed out, then the second, and no other."""
    for token in (TOKEN, SECOND_TOKEN):
        network.add(responses.POST, TOKENS, json=token_answer(token))
    network.add(responses.POST, TOKENS, json={"status_code": 99})


# === ONE TOKEN === #


def test_a_token_takes_app_id_and_secret(network, stranger, two_tokens):
    network.post(STATUS, json=PAID)
    stranger.inquire(ORDER)
    assert sent(network.calls[0]) == {"app_id": "a1b2c3d4e5f6", "app_secret": SECRET}
    assert "Authorization" not in network.calls[0].request.headers


@each_verb_with_a_token
def test_every_service_gets_json_and_the_token(network, platformode, verb):
    url, answer, call = CALLS[verb]
    network.post(url, json=answer)
    call(platformode)
    headers = network.calls[0].request.headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Accept"] == headers["Content-Type"] == "application/json"
    assert addresses(network) == [url]


def test_one_token_is_enough_for_many_services(network, stranger, two_tokens):
    for url, answer, _call in CALLS.values():
        network.post(url, json=answer)
    for verb in CALLS.keys() - {"probe"}:
        CALLS[verb][2](stranger)
    assert addresses(network).count(TOKENS) == 1
    assert set(bearers(network, STATUS)) == {f"Bearer {TOKEN}"}


def test_two_gateways_share_what_is_on_the_keyring(network, two_tokens):
    network.post(STATUS, json=PAID)
    keyring = Keyring()
    for _ in range(2):
        Platformode(CREDENTIALS, keyring=keyring).inquire(ORDER)
    assert addresses(network) == [TOKENS, STATUS, STATUS]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"app_secret": "x" * 32}, {}),
        ({"app_id": "x"}, {}),
        ({"merchant_key": "x"}, {}),
        ({}, {"test": True}),
        ({}, {"base_url": "http://localhost:8070/platformode/ccpayment"}),
    ],
    ids=str,
)
def test_other_keys_and_other_hosts_do_not_get_the_token(network, changes, where):
    asked = []

    class Noting(Keyring):
        def obtain(self, name, fetch, *, seconds, stale=""):
            asked.append(name)
            return super().obtain(name, lambda: '{"token": "t"}', seconds=seconds, stale=stale)

    keyring = Noting()
    for url in (HOST, TEST_HOST, "http://localhost:8070/platformode/ccpayment"):
        network.post(f"{url}/api/checkstatus", json=PAID)
    Platformode(CREDENTIALS, keyring=keyring).inquire(ORDER)
    Platformode(CREDENTIALS | changes, keyring=keyring, **where).inquire(ORDER)
    assert len(set(asked)) == 2


def test_a_token_is_kept_for_less_than_two_hours(network, stranger, two_tokens, monkeypatch):
    network.post(STATUS, json=PAID)
    now = [1000.0]
    monkeypatch.setattr(keyring_module.time, "monotonic", lambda: now[0])
    for seconds in (0, TOKEN_SECONDS - 1, 1):
        now[0] += seconds
        stranger.inquire(ORDER)
    assert TOKEN_SECONDS < 2 * 60 * 60
    assert addresses(network) == [TOKENS, STATUS, STATUS, TOKENS, STATUS]


def test_concurrent_calls_fetch_one_token(network):
    def hand_out(_request):
        time.sleep(0.05)
        return 200, {}, json.dumps(token_answer())

    network.add_callback(responses.POST, TOKENS, hand_out)
    network.post(STATUS, json=PAID)
    keyring, outcomes = Keyring(), []

    def inquire():
        outcomes.append(Platformode(CREDENTIALS, keyring=keyring).inquire(ORDER).state)

    threads = [threading.Thread(target=inquire) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [State.PAID] * 6
    assert addresses(network).count(TOKENS) == 1


@pytest.mark.parametrize(
    "answer",
    [
        token_answer(),
        {"status_code": 100, "data": {"token": TOKEN}},
        {"status_code": "100", "data": {"token": TOKEN, "expires_at": "2021-01-18 20:20:10"}},
        token_answer(data={"token": TOKEN, "is_3d": None}),
    ],
    ids=["as documented", "bare", "as the vendor's samples have it", "without is_3d"],
)
def test_each_shape_of_a_token_is_understood(network, stranger, answer):
    network.post(TOKENS, json=answer)
    network.post(STATUS, json=PAID)
    assert stranger.inquire(ORDER).state is State.PAID
    assert bearers(network, STATUS) == [f"Bearer {TOKEN}"]


# === A TOKEN THAT IS TAKEN NO MORE === #


@each_verb_with_a_token
def test_a_token_is_renewed_once(network, stranger, two_tokens, verb):
    url, answer, call = CALLS[verb]
    network.post(url, json={"message": "Unauthenticated."}, status=401)
    network.post(url, json=answer)
    call(stranger)
    assert addresses(network) == [TOKENS, url, TOKENS, url]
    assert bearers(network, url) == [f"Bearer {TOKEN}", f"Bearer {SECOND_TOKEN}"]
    assert network.calls[1].request.body == network.calls[3].request.body


@each_verb_with_a_token
def test_a_token_is_not_renewed_twice(network, stranger, two_tokens, verb):
    url, _answer, call = CALLS[verb]
    network.post(url, json={"message": "Unauthenticated."}, status=401)
    with pytest.raises(Refused) as refusal:
        call(stranger)
    assert (refusal.value.reason, refusal.value.code) == (Reason.WRONG_APP, "401")
    assert refusal.value.text == "Unauthenticated."
    assert addresses(network) == [TOKENS, url, TOKENS, url]


def test_a_renewed_token_is_kept(network, stranger, two_tokens):
    network.post(STATUS, json={"message": "Unauthenticated."}, status=401)
    network.post(STATUS, json=PAID)
    stranger.inquire(ORDER)
    stranger.inquire(ORDER)
    assert addresses(network) == [TOKENS, STATUS, TOKENS, STATUS, STATUS]
    assert bearers(network, STATUS)[-1] == f"Bearer {SECOND_TOKEN}"


# === NO TOKEN === #


@pytest.mark.parametrize("code", [2, "2", 30, "30"])
def test_without_a_token_nothing_is_asked(network, stranger, code):
    network.post(TOKENS, json={"status_code": code, "status_description": "Invalid credentials"})
    with pytest.raises(Refused) as refusal:
        stranger.refund(ORDER, REFUND)
    assert (refusal.value.reason, refusal.value.code) == (Reason.WRONG_APP, str(code))
    assert refusal.value.text == "Invalid credentials"
    assert addresses(network) == [TOKENS]


def test_what_was_refused_once_is_tried_again_by_the_next_call(network, stranger):
    network.post(TOKENS, json={"status_code": 2})
    network.post(TOKENS, json=token_answer())
    network.post(STATUS, json=PAID)
    with pytest.raises(Refused):
        stranger.inquire(ORDER)
    assert stranger.inquire(ORDER).state is State.PAID


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status_code": 100},
        {"status_code": 100, "data": None},
        {"status_code": 100, "data": []},
        {"status_code": 100, "data": TOKEN},
        {"status_code": 100, "data": {}},
        {"status_code": 100, "token": TOKEN},
        token_answer(None),
        token_answer(""),
        token_answer("short"),
        token_answer(f"{TOKEN}\r\nX-Evil: 1"),
        token_answer("two words"),
        token_answer("şifreli-belirteç"),
        token_answer("a" * 4097),
        token_answer([TOKEN]),
        [token_answer()],
        None,
    ],
    ids=lambda answer: str(answer)[:70],
)
def test_a_token_that_is_none_is_no_answer(network, stranger, answer):
    network.post(TOKENS, json=answer)
    with pytest.raises(NoAnswer):
        stranger.refund(ORDER, REFUND)
    assert addresses(network) == [TOKENS]


@pytest.mark.parametrize("status", [301, 400, 403, 404, 500, 503])
def test_a_broken_server_hands_out_nothing(network, stranger, status):
    network.post(TOKENS, json=token_answer(), status=status)
    with pytest.raises(NoAnswer):
        stranger.refund(ORDER, REFUND)
    assert addresses(network) == [TOKENS]


def test_a_wrong_app_is_not_asked_for_again(network, stranger):
    network.post(TOKENS, json={"message": "Unauthenticated."}, status=401)
    with pytest.raises(Refused) as refusal:
        stranger.inquire(ORDER)
    assert refusal.value.reason is Reason.WRONG_APP
    assert addresses(network) == [TOKENS]


# === PROBE === #


@pytest.fixture
def probed(network, stranger):
    """Probe the keys of a merchant, and get these answers."""

    def probe(token: object, installments: object = None, status: int = 200):
        network.post(TOKENS, json=token)
        network.post(INSTALLMENTS, json=installments, status=status)
        return stranger.probe()

    return probe


@pytest.mark.parametrize(
    "answer",
    [
        {"installments": [1, 2, 3]},
        {"status_code": 100, "installments": []},
        {"status_code": 62, "status_description": "No installment is assigned"},
    ],
    ids=str,
)
def test_right_keys_are_right(network, probed, answer):
    probed(token_answer(), answer)
    assert addresses(network) == [TOKENS, INSTALLMENTS]
    assert sent(network.calls[1]) == {"merchant_key": MERCHANT_KEY}


@pytest.mark.parametrize(
    ("token", "answer", "reason"),
    [
        ({"status_code": 2}, None, Reason.WRONG_APP),
        ({"status_code": 30}, None, Reason.WRONG_APP),
        (token_answer(), {"status_code": 14}, Reason.WRONG_MERCHANT_KEY),
        (token_answer(), {"status_code": 91}, Reason.WRONG_MERCHANT_KEY),
        (token_answer(), {"status_code": 34}, Reason.NOT_ACTIVATED),
        (token_answer(), {"status_code": 1}, Reason.TECHNICAL),
    ],
    ids=str,
)
def test_wrong_keys_are_named(probed, token, answer, reason):
    with pytest.raises(Refused) as refusal:
        probed(token, answer)
    assert refusal.value.reason is reason


@pytest.mark.parametrize("answer", [{}, {"installments": []}, {"message": "?"}, [], None], ids=str)
def test_keys_are_not_judged_by_garbage(probed, answer):
    with pytest.raises(NoAnswer):
        probed(token_answer(), answer)


def test_an_old_token_does_not_hide_a_wrong_secret(network, stranger, two_tokens):
    network.post(STATUS, json=PAID)
    network.post(INSTALLMENTS, json={"installments": [1]})
    stranger.inquire(ORDER)
    stranger.probe()
    assert bearers(network, INSTALLMENTS) == [f"Bearer {SECOND_TOKEN}"]


# === HTTP === #


@pytest.fixture
def answered(network):
    """Call a verb, which has a token, and get an answer to it."""

    def answer(verb: str, **how):
        url, _answer, call = CALLS[verb]
        network.post(TOKENS, json=token_answer())
        network.post(url, **how)
        try:
            return call(Platformode(CREDENTIALS | HOOKS, keyring=HandedOut()))
        finally:
            assert addresses(network).count(url) == 1

    return answer


@each_verb
def test_what_is_not_valid_is_refused(answered, verb):
    with pytest.raises(Refused) as refusal:
        answered(verb, json={"message": "The invoice id field is required."}, status=422)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TECHNICAL, "422")
    assert refusal.value.text == "The invoice id field is required."


@each_verb
@pytest.mark.parametrize("body", ['{"message": "Too Many Attempts."}', "<h1>429</h1>", ""])
def test_too_many_requests_can_be_made_later(answered, verb, body):
    with pytest.raises(Refused) as refusal:
        answered(verb, body=body, status=429)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TRY_LATER, "429")


@each_verb
@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 405, 409, 412, 413, 500, 501, 503])
def test_no_other_status_says_anything(answered, verb, status):
    with pytest.raises(NoAnswer):
        answered(verb, json=CALLS[verb][1], status=status, headers={"Location": STATUS})


@each_verb
@pytest.mark.parametrize("body", [ReadTimeout(), NoConnection("reset"), "", "<html>", "[1]", "{"])
def test_nothing_is_sent_twice(answered, verb, body):
    with pytest.raises(NoAnswer):
        answered(verb, body=body)


@each_verb
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"status_code": None},
        {"status_code": ""},
        {"status_code": "abc"},
        {"status_code": [41]},
        {"status_code": {"code": 41}},
        {"status_code": True},
        {"status_code": -1},
        {"status": None},
        {"status": "success"},
        {"status_description": "Refund Failed"},
    ],
    ids=str,
)
def test_what_says_neither_yes_nor_no_is_no_refusal(answered, verb, answer):
    if verb == "inquire_refund":
        assert answered(verb, json=answer).state is State.PENDING
        return
    with pytest.raises(NoAnswer):
        answered(verb, json=answer)


# === THE LOG === #


@each_verb
@pytest.mark.parametrize("status", [200, 401, 422, 500])
def test_no_secret_and_nobody_is_in_the_log(network, caplog, verb, status):
    caplog.set_level(logging.DEBUG)
    url, answer, call = CALLS[verb]
    echo = {
        "app_secret": SECRET,
        "merchant_key": MERCHANT_KEY,
        "Hash_key": "0123456789abcdef:a1b2:echoed+of/bundle==",
        "bill_email": CHECKOUT.email,
        "bill_phone": CHECKOUT.phone,
        "bill_address1": CHECKOUT.address,
        "name": "Ali",
        "surname": "Veli",
        "ip": CHECKOUT.ip,
        "cvv": "echoed-cvv",
        "credit_card_no": "4355084355084358",
    }
    network.post(TOKENS, json=token_answer() | echo)
    network.post(url, json=answer | echo | {"data": answer.get("data", echo)}, status=status)
    try:
        call(Platformode(CREDENTIALS | HOOKS))
    except (GatewayError, TransportError):
        pass
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert "platformode" in lines
    secrets = [*echo.values(), TOKEN, "Bearer", "echoed"]
    assert [secret for secret in secrets if secret in lines] == []


@each_verb
def test_the_log_names_the_call(network, caplog, verb):
    caplog.set_level(logging.INFO)
    url, answer, call = CALLS[verb]
    network.post(TOKENS, json=token_answer())
    network.post(url, json=answer)
    call(Platformode(CREDENTIALS))
    label = {
        "inquire_refund": f"inquire {ORDER.reference}",
        "refund": f"refund {REFUND.reference}",
        "installments": "commissions",
        "installments of a card": "card options",
        "probe": "probe",
    }.get(verb, f"{verb} {ORDER.reference}")
    assert f"platformode {label}: HTTP 200" in caplog.text
