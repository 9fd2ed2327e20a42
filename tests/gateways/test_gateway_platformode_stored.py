"""Paying with a card that Platformode keeps: by the browser with 3D Secure, or by the shop."""

from dataclasses import replace

import pytest
from platformode_samples import (
    CARD,
    CHECKOUT,
    HASHES,
    HOST,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    PAID,
    STATUS,
    STORED,
    TOKEN_2D,
    TOKEN_3D,
    allowed,
    sent,
)
from requests import ReadTimeout

from gateways.base import CardEntry, Reason, Refused, State
from gateways.transport import NoAnswer

BY_TOKEN = replace(CHECKOUT, stored_card=STORED)
OF_THE_HOLDER = {
    "card_token": STORED.token,
    "customer_number": "1001",
    "customer_name": "Ali Veli",
    "customer_email": "ali.veli@example.com",
    "customer_phone": "+905551234567",
}


def opened(is_3d: str, flow: str = "") -> CardEntry:
    return allowed(is_3d).open(ORDER, replace(BY_TOKEN, flow=flow))


# === WHICH WAY === #


@pytest.mark.parametrize(
    ("is_3d", "flow", "url"),
    [
        ("1", "", TOKEN_3D),
        ("2", "", TOKEN_3D),
        ("0", "", ""),  # No card number comes to the shop.
        ("1", "card_3d", TOKEN_3D),
        ("1", "card_2d", ""),
        ("2", "card_3d", TOKEN_3D),
        ("0", "card_2d", ""),
        ("", "card_3d", TOKEN_3D),
        ("None", "card_2d", ""),
        ("4", "card_3d", TOKEN_3D),  # Chosen: an old token may not know of it yet.
        ("0", "card_3d", TOKEN_3D),
        ("2", "card_2d", ""),
    ],
)
def test_a_stored_card_goes_where_the_agreement_lets_it(is_3d, flow, url):
    assert opened(is_3d, flow).url == url


@pytest.mark.parametrize(
    ("is_3d", "flow"),
    [
        ("4", ""),
        ("8", ""),
        ("", ""),
        ("1", "page"),
        ("4", "page"),
    ],
)
def test_elsewhere_no_stored_card_is_taken(network, is_3d, flow):
    with pytest.raises(Refused) as refusal:
        opened(is_3d, flow)
    assert refusal.value.reason is Reason.NOT_ACTIVATED
    assert len(network.calls) == 0


# === WITH 3D SECURE === #


def test_the_fields_of_the_form(iv_and_salt_of_the_vectors):
    entry = opened("2")
    assert entry.names == {}
    assert entry.choices[1] == {"installments_number": "1", "hash_key": HASHES["pay"]}
    assert list(entry.choices) == list(range(1, 13))
    wanted = OF_THE_HOLDER | {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": INVOICE,
        "total": "100.00",
        "currency_code": "TRY",
        "return_url": CHECKOUT.return_url,
        "cancel_url": CHECKOUT.cancel_url,
    }
    assert entry.fields.items() >= wanted.items()
    assert all(isinstance(value, str) for value in entry.fields.values())


def test_a_typed_card_has_no_token():
    entry = allowed("2").open(ORDER, CHECKOUT)
    assert entry.url == f"{HOST}/api/paySmart3D"
    assert not OF_THE_HOLDER.keys() & entry.fields.keys()


# === WITHOUT === #


def test_only_the_number_of_instalments_comes_to_the_shop():
    entry = opened("0")
    assert entry == CardEntry(url="", choices={n: {"installments": str(n)} for n in range(1, 13)})


@pytest.fixture
def charged(network):
    """Charge the stored card, with these answers of the service and of the inquiry."""

    def charge(answer: object, status: object = PAID):
        network.post(TOKEN_2D, json=answer)
        network.post(STATUS, json=status)
        return allowed("0").pay(ORDER, BY_TOKEN, STORED, 1)

    return charge


def test_a_charge_is_true_once_platformode_was_asked(network, charged, iv_and_salt_of_the_vectors):
    outcome = charged({"status_code": 100})
    assert (outcome.state, outcome.amount) == (State.PAID, ORDER.amount)
    body = sent(network.calls[0])
    wanted = OF_THE_HOLDER | {"installments_number": "1", "hash_key": HASHES["pay"]}
    assert body.items() >= wanted.items()
    assert isinstance(body["items"], list)
    assert not {"cc_no", "cvv", "expiry_month"} & body.keys()
    assert len(network.calls) == 2


def test_a_charge_that_only_claims_to_be_made_is_not_believed(charged):
    assert charged({"status_code": 100}, NOT_PAID).state is State.FAILED


def test_a_card_that_is_not_there_any_more_cannot_be_used(charged):
    with pytest.raises(Refused) as refusal:
        charged({"status_code": 87}, {"status_code": 31})
    assert refusal.value.reason is Reason.STORED_CARD_UNUSABLE


@pytest.mark.parametrize("code", [79, 103])
def test_a_merchant_without_token_payments_learns_it(charged, code):
    with pytest.raises(Refused) as refusal:
        charged({"status_code": code}, {"status_code": 31})
    assert refusal.value.reason is Reason.NOT_ACTIVATED


@pytest.mark.parametrize("code", [3, 117])
@pytest.mark.parametrize("status", [{"status_code": 69}, {"status_code": 31}])
def test_what_is_being_processed_is_not_refused(charged, code, status):
    assert charged({"status_code": code}, status).state is State.UNKNOWN


@pytest.mark.parametrize("answer", [{}, [], None, "x"])
def test_garbage_does_not_say_whether_the_card_was_charged(charged, answer):
    with pytest.raises(NoAnswer):
        charged(answer, {"status_code": 69})


def test_a_charge_is_sent_once(network):
    network.post(TOKEN_2D, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        allowed("0").pay(ORDER, BY_TOKEN, STORED, 1)
    assert len(network.calls) == 1


@pytest.mark.parametrize("card", [CARD, STORED], ids=["typed", "stored"])
@pytest.mark.parametrize(("most", "count"), [(3, 4), (1, 2), (0, 13), (3, 0), (3, -1)])
def test_no_more_instalments_than_the_shop_offers(network, card, most, count):
    with pytest.raises(Refused) as refusal:
        allowed("0").pay(ORDER, replace(CHECKOUT, max_installments=most), card, count)
    assert refusal.value.reason is Reason.INSTALLMENT_REFUSED
    assert len(network.calls) == 0
