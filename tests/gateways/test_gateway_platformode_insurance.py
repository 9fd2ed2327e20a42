"""Insurers: the customer's number, and a card's number in parts."""

import json
from dataclasses import replace

import pytest
from platformode_samples import (
    CARD,
    CHECKOUT,
    OPENED,
    ORDER,
    PAGE,
    PAID,
    PAY_2D,
    STATUS,
    STORED,
    TOKEN_2D,
    allowed,
    posted,
    sent,
)

from gateways.base import Reason, Refused, State

INSURED = replace(CHECKOUT, identity="12345678901")
INSURANCE = {"vpos_type": "insurance", "identity_number": "12345678901"}


@pytest.fixture
def insurer():
    return allowed("1", vpos_type="insurance")


@pytest.fixture
def charged(network, insurer):
    """Charge a card, and tell what was sent."""

    def charge(card=CARD, checkout=INSURED) -> dict:
        network.post(PAY_2D, json={"status_code": 100})
        network.post(TOKEN_2D, json={"status_code": 100})
        network.post(STATUS, json=PAID)
        assert insurer.pay(ORDER, checkout, card, 1).state is State.PAID
        return sent(network.calls[-2])

    return charge


# === WITHOUT 3D SECURE === #


def test_an_insurer_sends_its_customers_number(charged):
    assert charged().items() >= INSURANCE.items()


@pytest.mark.parametrize("number", ["4111111111111111", "41111111111111111", "411111111111111"])
def test_a_cards_number_has_six_stars_however_long_it_is(charged, number):
    assert charged(replace(CARD, number=number))["cc_no"] == "411111******1111"


def test_of_the_rest_only_what_there_is(charged):
    assert not {"cvv", "expiry_month"} & charged(replace(CARD, code="", month="")).keys()
    body = charged()
    assert (body["cvv"], body["expiry_month"], body["expiry_year"]) == ("123", "12", "2030")
    assert body["cc_holder_name"] == "ALI VELI"


@pytest.mark.parametrize("identity", ["1234567890", "12345678901"])
def test_people_have_eleven_digits_and_companies_ten(charged, identity):
    assert charged(checkout=replace(INSURED, identity=identity))["identity_number"] == identity


@pytest.mark.parametrize(
    "identity", ["", "123456789", "123456789012", "1234567890a", "١٢٣٤٥٦٧٨٩٠١", "12345678901\n"]
)
@pytest.mark.parametrize(
    "act",
    [
        lambda psp, checkout: psp.pay(ORDER, checkout, CARD, 1),
        lambda psp, checkout: psp.open(ORDER, replace(checkout, flow="card_2d")),
        lambda psp, checkout: psp.open(ORDER, replace(checkout, flow="page")),
        lambda psp, checkout: psp.open(ORDER, replace(checkout, flow="card_3d")),
        lambda psp, checkout: psp.pay(ORDER, replace(checkout, stored_card=STORED), STORED, 1),
    ],
    ids=["pay", "card_2d", "page", "card_3d", "stored"],
)
def test_without_the_customers_number_nothing_is_sent(network, insurer, act, identity):
    with pytest.raises(Refused) as refusal:
        act(insurer, replace(CHECKOUT, identity=identity))
    assert refusal.value.reason is Reason.IDENTITY_MISSING
    assert len(network.calls) == 0


def test_a_stored_card_pays_an_insurer_too(charged):
    body = charged(STORED, replace(INSURED, stored_card=STORED))
    assert body.items() >= INSURANCE.items()
    assert "cc_no" not in body


@pytest.mark.parametrize(
    ("options", "optional"),
    [
        ({"vpos_type": "insurance", "cvv_less": "1"}, {"month", "year", "code"}),
        ({"vpos_type": "insurance"}, set()),
        ({"cvv_less": "1"}, set()),  # Documented for insurers only.
    ],
)
def test_what_need_not_be_typed(options, optional):
    entry = allowed("1", **options).open(ORDER, replace(INSURED, flow="card_2d"))
    assert entry.optional == optional


# === ELSEWHERE === #


def test_the_page_gets_it_beside_the_invoice_and_in_it(network, insurer):
    network.post(PAGE, json=OPENED)
    insurer.open(ORDER, replace(INSURED, flow="page"))
    form = posted(network.calls[0])
    assert form.items() >= INSURANCE.items()
    assert json.loads(form["invoice"]).items() >= INSURANCE.items()


@pytest.mark.parametrize("stored", [None, STORED], ids=["typed", "stored"])
def test_3d_secure_names_the_customer_too(insurer, stored):
    """And takes all of the card: its number in part is documented without 3D Secure only."""
    entry = insurer.open(ORDER, replace(INSURED, flow="card_3d", stored_card=stored))
    assert entry.fields.items() >= INSURANCE.items()
    assert entry.optional == frozenset()


@pytest.mark.parametrize(("cvv_less", "sent_as"), [("1", "1"), ("", None)])
def test_the_page_asks_for_no_security_code_where_the_agreement_says_so(network, cvv_less, sent_as):
    network.post(PAGE, json=OPENED)
    allowed("4", cvv_less=cvv_less).open(ORDER, CHECKOUT)
    assert posted(network.calls[0]).get("is_cvv_less") == sent_as


def test_who_is_no_insurer_sends_the_whole_number_and_nobodys_identity(network):
    network.post(PAY_2D, json={"status_code": 100})
    network.post(STATUS, json=PAID)
    allowed("1").pay(ORDER, INSURED, replace(CARD, code=""), 1)
    body = sent(network.calls[0])
    assert body["cc_no"] == CARD.number
    assert "cvv" not in body
    assert not INSURANCE.keys() & body.keys()


def test_no_identity_in_the_log(caplog, network, charged):
    caplog.set_level("DEBUG")
    network.post(PAY_2D, json={"status_code": 100} | INSURANCE)
    charged()
    assert INSURED.identity not in caplog.text
