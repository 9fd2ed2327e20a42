"""Access to Platformode: one token for all calls, what HTTP statuses mean, and what is logged."""

import json
import logging
import threading
import time
from dataclasses import replace
from datetime import date

import pytest
import responses
from platformode_samples import (
    ALL_LIST,
    CARD,
    CARD_OPTIONS,
    CHECKOUT,
    COMMISSIONS,
    CONFIRMING,
    CREDENTIALS,
    DAY_LIST,
    FORGETTING,
    HOOKS,
    HOST,
    INSTALLMENTS,
    MERCHANT_KEY,
    OPENED,
    ORDER,
    PAGE,
    PAID,
    PLAN_DELETE,
    PLAN_QUERY,
    PLAN_UPDATE,
    REFUND,
    REFUNDED,
    REFUNDING,
    RENEWING,
    SECRET,
    STATUS,
    STORED,
    STORED_CARDS,
    STORING,
    TAKEN,
    TOKEN,
    TOKENS,
    HandedOut,
    sent,
    token_answer,
)
from requests import ConnectionError as NoConnection
from requests import ReadTimeout

from gateways import keyring as keyring_module
from gateways.base import (
    Agreement,
    CardEntry,
    GatewayError,
    Reason,
    Refused,
    State,
)
from gateways.keyring import Keyring
from gateways.platformode import Platformode
from gateways.platformode.api import TOKEN_SECONDS
from gateways.transport import NoAnswer, TransportError

SECOND_TOKEN = "eyJ0eXAiOiJKV1QifQ.invented.handed-out_2"
TEST_HOST = "https://testapp.platformode.com.tr/ccpayment"
LISTED = {"invoice_id": ORDER.reference, "product_price": 100, "currency_id": 1}
CALLS = {
    "open": (PAGE, OPENED, lambda psp: psp.open(ORDER, replace(CHECKOUT, flow="page"))),
    "inquire": (STATUS, PAID, lambda psp: psp.inquire(ORDER)),
    "capture": (CONFIRMING, {"status_code": 100}, lambda psp: psp.capture(ORDER, ORDER.amount)),
    "void": (CONFIRMING, {"status_code": 100}, lambda psp: psp.void(ORDER)),
    "refund": (REFUNDING, REFUNDED, lambda psp: psp.refund(ORDER, REFUND)),
    "inquire_refund": (STATUS, PAID, lambda psp: psp.inquire_refund(ORDER, TAKEN)),
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
    "store": (
        STORING,
        {"status_code": 100, "card_token": "T"},
        lambda psp: psp.store(CARD, "1001"),
    ),
    "renew": (RENEWING, {"status_code": 100}, lambda psp: psp.renew(STORED, "12", "2031")),
    "forget": (FORGETTING, {"status_code": 100}, lambda psp: psp.forget(STORED)),
    "stored_cards": (
        STORED_CARDS,
        {"status_code": 100, "data": []},
        lambda psp: psp.stored_cards("1001"),
    ),
    "inquire_recurrence": (
        PLAN_QUERY,
        {"status_code": 100, "plan_code": "P1"},
        lambda psp: psp.inquire_recurrence("P1", 1),
    ),
    "change_recurrence": (
        PLAN_UPDATE,
        {"status_code": 100},
        lambda psp: psp.change_recurrence("P1", payments=3, amount=ORDER.amount, active=True),
    ),
    "end_recurrence": (PLAN_DELETE, {"status_code": 100}, lambda psp: psp.end_recurrence("P1")),
    "list_payments": (
        DAY_LIST,
        {"status_code": 100, "data": []},
        lambda psp: psp.list_payments(date(2021, 2, 10), date(2021, 2, 10)),
    ),
    "find_payments": (
        ALL_LIST,
        {"status_code": 100, "data": {"data": [LISTED], "last_page": 1}},
        lambda psp: psp.find_payments(ORDER.reference),
    ),
}
each_verb = pytest.mark.parametrize("verb", CALLS)
each_verb_with_a_token = pytest.mark.parametrize(
    "verb", [verb for verb in CALLS if verb not in ("open", "probe")]
)


def addresses(network) -> list[str]:
    return [call.request.url.split("?")[0] for call in network.calls]


def posts(network) -> list[str]:
    posted = [call.request for call in network.calls if call.request.method == "POST"]
    return [request.url.split("?")[0] for request in posted]


def bearers(network, url: str) -> list[str]:
    return [
        call.request.headers["Authorization"]
        for call in network.calls
        if call.request.url.split("?")[0] == url
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


def test_no_part_of_the_gateway_hides_another_ones_method():
    """The parts are classes of one object, and share its names."""
    parts = [
        part for part in Platformode.__mro__ if part.__module__.startswith("gateways.platformode")
    ]
    names = [name for part in parts for name in vars(part) if not name.startswith("__")]
    assert sorted(set(names)) == sorted(names)


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
    assert isinstance(probed(token_answer(), answer), Agreement)
    assert addresses(network) == [TOKENS, INSTALLMENTS]
    assert sent(network.calls[1]) == {"merchant_key": MERCHANT_KEY}


@pytest.mark.parametrize(
    ("is_3d", "flows"),
    [
        (0, ("card_2d",)),
        (1, ("card_3d", "card_2d")),
        ("1", ("card_3d", "card_2d")),
        (2, ("card_3d",)),
        (4, ("page",)),
        (8, ("page",)),
        (3, ()),
        (None, ()),
        ("", ()),
        ([1], ()),
    ],
)
def test_the_token_tells_which_flows_the_merchant_has(probed, is_3d, flows):
    token = token_answer(data={"token": TOKEN, "is_3d": is_3d})
    assert probed(token, {"installments": [1]}).flows == flows


@pytest.mark.parametrize(
    ("listed", "counts"),
    [
        ([1, 2, 3], (1, 2, 3)),
        (["3", 1, 12, "3"], (1, 3, 12)),
        ([0, -1, 13, None, True, "x", [], {}, 2.5, 6], (6,)),
        ("123", ()),
        ({"1": 2, "7": 3}, (2, 3)),
        ({}, ()),
        ({"a": 2}, ()),
    ],
    ids=str,
)
def test_the_merchants_instalments_are_told_in_order(probed, listed, counts):
    assert (
        probed(token_answer(), {"status_code": 100, "installments": listed}).installments == counts
    )


def test_what_a_probe_learns_is_known_at_once(network, stranger):
    for is_3d in (4, 2):
        data = {"token": f"{TOKEN}{is_3d}", "is_3d": is_3d}
        network.add(responses.POST, TOKENS, json=token_answer(data=data))
    network.post(STATUS, json=PAID)
    network.post(INSTALLMENTS, json={"installments": [1]})
    stranger.inquire(ORDER)
    assert stranger.probe().flows == ("card_3d",)
    assert isinstance(stranger.open(ORDER, CHECKOUT), CardEntry)
    assert addresses(network).count(TOKENS) == 2


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
            assert posts(network).count(url) == 1

    return answer


@each_verb
def test_what_is_not_valid_is_refused(answered, verb):
    with pytest.raises(Refused) as refusal:
        answered(verb, json={"message": "The invoice id field is required."}, status=422)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TECHNICAL, "422")
    assert refusal.value.text == "The invoice id field is required."


def test_what_is_not_valid_of_the_customer_says_which_field(answered):
    with pytest.raises(Refused) as refusal:
        answered("open", json={"message": "The bill phone format is invalid."}, status=422)
    assert refusal.value.reason is Reason.PHONE_REFUSED


@each_verb
@pytest.mark.parametrize("body", ['{"message": "Too Many Attempts."}', "<h1>429</h1>", ""])
@pytest.mark.parametrize("status", [408, 425, 429])
def test_what_was_not_looked_at_can_be_sent_later(answered, verb, body, status):
    with pytest.raises(Refused) as refusal:
        answered(verb, body=body, status=status)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TRY_LATER, str(status))


REFUSING = [400, 403, 404, 405, 409, 412, 413, 422]


@each_verb
@pytest.mark.parametrize("status", REFUSING)
def test_a_documented_refusal_counts_whatever_its_http_status(network, answered, verb, status):
    refusal = {"status_code": 14, "status_description": "Üye işyeri bulunamadı!"}
    network.get(COMMISSIONS, json=refusal, status=status)
    also_asked = {"pay": (STATUS, 31), "forget": (STORED_CARDS, 14)}
    if verb in also_asked:
        url, code = also_asked[verb]
        network.post(url, json={"status_code": code})
    if verb == "inquire_refund":
        assert answered(verb, json=refusal, status=status).state is State.PENDING
        return
    with pytest.raises((Refused, NoAnswer)) as error:
        answered(verb, json=refusal, status=status)
    if verb != "forget":  # That a card cannot be deleted means nothing before the list is read.
        assert (type(error.value), error.value.code) == (Refused, "14")
        assert (error.value.reason, error.value.text) == (
            Reason.WRONG_MERCHANT_KEY,
            "Üye işyeri bulunamadı!",
        )


@each_verb
@pytest.mark.parametrize("status", [400, 403, 405, 412, 413, 422])
def test_mere_words_are_a_refusal_if_the_http_status_is(network, answered, verb, status):
    network.get(COMMISSIONS, json={"message": "Yasak"}, status=status)
    with pytest.raises(Refused) as refusal:
        answered(verb, json={"message": "Yasak"}, status=status)
    assert (refusal.value.reason, refusal.value.code) == (Reason.TECHNICAL, str(status))
    assert refusal.value.text == "Yasak"


@each_verb
def test_a_conflict_means_ask(answered, verb):
    with pytest.raises(NoAnswer):
        answered(verb, json={"message": "Conflict"}, status=409)


@pytest.mark.parametrize("body", [{"message": "Not Found"}, {}], ids=str)
@pytest.mark.parametrize(
    ("verb", "state"), [("inquire", State.UNKNOWN), ("inquire_refund", State.PENDING)]
)
def test_what_is_not_found_is_unknown_to_a_question(answered, verb, state, body):
    assert answered(verb, json=body, status=404).state is state


@each_verb
def test_an_unknown_error_is_no_answer_and_has_a_reason(network, answered, verb):
    answer = {"status_code": 99, "status_description": "Bilinmeyen hata"}
    if verb == "inquire_refund":
        assert answered(verb, json=answer).state is State.PENDING
        return
    if verb == "pay":
        network.post(STATUS, json={"status_code": 31})
    with pytest.raises(NoAnswer) as error:
        answered(verb, json=answer)
    if verb != "forget":
        assert error.value.reason is Reason.UNKNOWN_ERROR


@each_verb
@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 405, 409, 412, 413, 500, 501, 503])
def test_no_other_status_says_anything(network, answered, verb, status):
    network.get(COMMISSIONS, status=404)  # For which it is asked in another way.
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
        "bill_email": CHECKOUT.customer.email,
        "bill_phone": CHECKOUT.customer.phone,
        "bill_address1": CHECKOUT.customer.street,
        "name": "Ali",
        "surname": "Veli",
        "ip": CHECKOUT.ip,
        "cvv": "echoed-cvv",
        "credit_card_no": "4355084355084358",
        "card_token": "echoed-card-token",
        "card_user_key": "echoed-user-key",
        "customer_name": "Ayşe Şen",
        "customer_email": "ayse@example.com",
        "customer_phone": "05559998877",
        "identity_number": "12345678901",
        "card_holder_name": "AYSE SEN",
        "card_number": "4355084355084358",
        "user_name": "ayse",
        "gsm_number": "905559998877",
        "json_data": '{"action":"WL","name":"Ayşe","merchant_key":"echoed"}',
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
        "store": "store card",
        "renew": "renew card",
        "forget": "forget card",
        "stored_cards": "stored cards",
        "inquire_recurrence": "inquire P1",
        "change_recurrence": "change P1",
        "end_recurrence": "end P1",
        "list_payments": "payments of 2021-02-10",
        "find_payments": f"payments {ORDER.reference}",
        "installments of a card": "card options",
        "probe": "probe",
    }.get(verb, f"{verb} {ORDER.reference}")
    assert f"platformode {label}: HTTP 200" in caplog.text
