"""Cards that Platformode keeps: stored, renewed, forgotten, listed, and nobody else's."""

import json
from dataclasses import replace

import pytest
from platformode_samples import (
    CARD,
    CHECKOUT,
    FORGETTING,
    HASHES,
    MERCHANT_KEY,
    RENEWING,
    STORED,
    STORED_CARDS,
    STORING,
    sent,
)
from requests import ReadTimeout

from gateways.base import Reason, Refused, StoredCard
from gateways.transport import NoAnswer

SAVED = {"status_code": 100, "status_description": "Card saved", "card_token": STORED.token}
LISTED = {
    "id": 11,
    "pos_id": 0,
    "card_token": STORED.token,
    "merchant_id": 98950,
    "customer_number": "1001-98950",
    "customer_name": "Ali Veli",
    "customer_email": "ali.veli@example.com",
    "customer_phone": "05551234567",
    "bin": "411111",
    "created_at": "2021-04-08T14:07:42.000000Z",
    "updated_at": "2021-04-08T14:07:42.000000Z",
}
VERBS = {
    "store": (STORING, lambda psp: psp.store(CARD, "1001")),
    "renew": (RENEWING, lambda psp: psp.renew(STORED, "12", "2031")),
    "forget": (FORGETTING, lambda psp: psp.forget(STORED)),
    "stored_cards": (STORED_CARDS, lambda psp: psp.stored_cards("1001")),
}
each_verb = pytest.mark.parametrize("verb", VERBS)


@pytest.fixture
def answered(network, platformode):
    """Call a verb and get the given answer."""

    def call(verb: str, answer: object):
        url, act = VERBS[verb]
        network.post(url, json=answer)
        network.post(STORED_CARDS, json=list_of(LISTED))  # For `forget`, which may ask.
        return act(platformode)

    return call


@pytest.fixture
def forgotten(network, platformode):
    """Forget the card, with the given answer of the service and then of the list."""

    def forget(answer: object, listed: object) -> None:
        network.post(FORGETTING, json=answer)
        network.post(STORED_CARDS, json=listed)
        platformode.forget(STORED)

    return forget


def list_of(*rows: object) -> dict:
    return {"status_code": 100, "status_description": "Data fetched", "data": list(rows)}


# === STORE === #


def test_a_card_is_stored_as_in_the_vectors(network, answered, iv_and_salt_of_the_vectors):
    assert answered("store", SAVED) == STORED
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "customer_number": "1001",
        "card_holder_name": "ALI VELI",
        "card_number": "4111111111111111",
        "expiry_month": "12",
        "expiry_year": "2030",
        "hash_key": HASHES["saveCard"],
    }


def test_letters_of_turkish_are_sealed_as_utf_8(network, platformode, iv_and_salt_of_the_vectors):
    network.post(STORING, json=SAVED)
    platformode.store(replace(CARD, holder="ŞÜKRÜ ÖZ"), "1001")
    assert sent(network.calls[0])["hash_key"] == HASHES["saveCard_utf8"]


def test_the_customer_may_be_named(network, platformode):
    network.post(STORING, json=SAVED)
    platformode.store(CARD, "1001", CHECKOUT.customer)
    body = sent(network.calls[0])
    assert (body["customer_name"], body["customer_phone"]) == ("Ali Veli", "+905551234567")
    assert "cvv" not in body


def test_a_holders_name_is_cut_before_it_is_sealed(network, platformode):
    network.post(STORING, json=SAVED)
    platformode.store(replace(CARD, holder="ş" * 300), "1001")
    assert sent(network.calls[0])["card_holder_name"] == "ş" * 100


def test_a_stored_card_does_not_show_its_token():
    assert STORED.token not in repr(STORED)


@pytest.mark.parametrize("token", [None, "", False])
def test_a_success_without_a_token_is_no_answer(answered, token):
    with pytest.raises(NoAnswer):
        answered("store", SAVED | {"card_token": token})


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (86, Reason.CARD_NOT_ACCEPTED),
        ("86", Reason.CARD_NOT_ACCEPTED),
        (108, Reason.CARD_NUMBER_WRONG),
        (91, Reason.WRONG_MERCHANT_KEY),
        (94, Reason.TECHNICAL),
        (79, Reason.NOT_ACTIVATED),
    ],
)
def test_a_card_that_is_not_stored_says_why(answered, code, reason):
    with pytest.raises(Refused) as refusal:
        answered("store", {"status_code": code, "status_description": "Save Card Token failed"})
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))


# === RENEW === #


def test_a_card_is_renewed_as_in_the_vectors(network, answered, iv_and_salt_of_the_vectors):
    assert answered("renew", SAVED) is None
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "card_token": STORED.token,
        "customer_number": "1001",
        "expiry_month": "12",
        "expiry_year": "2031",
        "hash_key": HASHES["editDeleteCard"],
    }


@pytest.mark.parametrize("code", [87, 88, 89])
def test_a_card_that_cannot_be_renewed_cannot_be_used(answered, code):
    with pytest.raises(Refused) as refusal:
        answered("renew", {"status_code": code, "status_description": "failed"})
    assert refusal.value.reason is Reason.STORED_CARD_UNUSABLE


# === FORGET === #


def test_a_card_is_forgotten_as_in_the_vectors(network, answered, iv_and_salt_of_the_vectors):
    assert answered("forget", {"status_code": 100}) is None
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "card_token": STORED.token,
        "customer_number": "1001",
        "hash_key": HASHES["editDeleteCard"],
    }
    assert len(network.calls) == 1


@pytest.mark.parametrize("code", [41, 87, 88, 99])
@pytest.mark.parametrize(
    "listed", [list_of(), list_of(LISTED | {"card_token": "OTHER"}), {"status_code": 87}], ids=str
)
def test_a_card_that_is_not_there_any_more_is_forgotten(forgotten, code, listed):
    forgotten({"status_code": code, "status_description": "Invalid token"}, listed)


@pytest.mark.parametrize("row", [LISTED, LISTED | {"customer_number": "x"}], ids=["ours", "odd"])
def test_a_card_that_is_still_there_is_not(forgotten, row):
    with pytest.raises(Refused) as refusal:
        forgotten({"status_code": 88, "status_description": "deletion failed"}, list_of(row))
    assert (refusal.value.code, refusal.value.text) == ("88", "deletion failed")


@pytest.mark.parametrize("listed", [{}, {"status_code": 100}, {"status_code": 100, "data": "x"}])
def test_garbage_does_not_say_that_a_card_is_gone(forgotten, listed):
    with pytest.raises(NoAnswer):
        forgotten({"status_code": 88}, listed)


# === LIST === #


def test_the_cards_of_a_customer(network, answered):
    assert answered("stored_cards", list_of(LISTED)) == (
        StoredCard(token=STORED.token, customer="1001", number="411111******"),
    )
    assert sent(network.calls[0]) == {"merchant_key": MERCHANT_KEY, "customer_number": "1001"}


@pytest.mark.parametrize("answer", [list_of(), {"status_code": 87}, list_of(None, [], "x", {})])
def test_no_cards(answered, answer):
    assert answered("stored_cards", answer) == ()


@pytest.mark.parametrize("number", ["10010-98950", "100-98950", "2-1001", "", None, [1001]])
def test_nobody_sees_the_card_of_another_customer(answered, number):
    assert answered("stored_cards", list_of(LISTED | {"customer_number": number})) == ()


@pytest.mark.parametrize("number", ["1001", 1001, "1001-98950"])
def test_a_customers_number_may_have_the_merchants_behind_it(answered, number):
    assert len(answered("stored_cards", list_of(LISTED | {"customer_number": number}))) == 1


@pytest.mark.parametrize("digits", [None, "", "4111", "41111111111", "x", "٤١١١١١", []], ids=str)
def test_a_number_is_shown_as_far_as_it_is_told(answered, digits):
    (card,) = answered("stored_cards", list_of(LISTED | {"bin": digits}))
    assert card.number == ""


@pytest.mark.parametrize("data", [None, {"a": 1}, "x", 1], ids=str)
def test_a_list_that_is_none_is_no_answer(answered, data):
    with pytest.raises(NoAnswer):
        answered("stored_cards", {"status_code": 100, "data": data})


def test_cards_in_a_sparse_list_are_read(answered):
    rows = {"0": LISTED, "3": LISTED | {"card_token": "OTHER"}}
    assert len(answered("stored_cards", {"status_code": 100, "data": rows})) == 2


def test_no_cards_are_an_empty_list_or_object(answered):
    assert answered("stored_cards", {"status_code": 100, "data": {}}) == ()


# === NO ANSWER === #


@each_verb
@pytest.mark.parametrize("answer", [{}, [], None, "x", {"status_code": 99}, {"status": "ok"}])
def test_garbage_is_no_answer(answered, verb, answer):
    with pytest.raises(NoAnswer):
        answered(verb, answer)


@each_verb
def test_nothing_is_sent_twice(network, platformode, verb):
    url, act = VERBS[verb]
    network.post(url, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        act(platformode)
    assert len(network.calls) == 1


@each_verb
def test_no_card_in_the_log(caplog, answered, verb):
    caplog.set_level("DEBUG")
    echo = {"card_number": CARD.number, "card_holder_name": CARD.holder}
    answered(verb, list_of(LISTED | echo) | SAVED | echo)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    private = (STORED.token, CARD.number, CARD.number[6:12], CARD.holder, "Ali Veli", "@example")
    assert [text for text in private if text in logged] == []
    assert json.dumps(LISTED["id"]) in logged
