"""Cards entered in the shop's own page: what the browser sends, and what the server may."""

import json
import logging
from dataclasses import replace

import pytest
from platformode_samples import (
    CARD,
    CHECKOUT,
    CREDENTIALS,
    HASHES,
    HOST,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    PAID,
    PAY_2D,
    STATUS,
    allowed,
    sent,
)

from gateways.base import CardEntry, Reason, Redirect, Refused, State, Unsupported
from gateways.transport import NoAnswer

IN_SHOP = replace(CHECKOUT, flow="card_3d")
AGRICULTURAL = {"maturity_period": "6", "payment_frequency": "3"}
CHARGED = {"status_code": 100, "data": {"order_no": "1", "credit_card_no": CARD.number}}


# === WHICH WAY === #


@pytest.mark.parametrize("is_3d", ["1", "2"])
def test_the_card_form_where_the_agreement_has_it(is_3d):
    assert isinstance(allowed(is_3d).open(ORDER, CHECKOUT), CardEntry)


@pytest.mark.parametrize("is_3d", ["4", "8", "", "None"])
def test_the_branded_page_otherwise(network, is_3d):
    network.post(f"{HOST}/purchase/link", json={"status": True, "link": f"{HOST}/x"})
    assert isinstance(allowed(is_3d).open(ORDER, CHECKOUT), Redirect)


def test_no_card_number_comes_to_the_shop_unless_its_owner_wants_it():
    with pytest.raises(Refused) as refusal:
        allowed("0").open(ORDER, CHECKOUT)
    assert refusal.value.reason is Reason.FLOW_NOT_CHOSEN
    entry = allowed("0").open(ORDER, replace(CHECKOUT, flow="card_2d"))
    assert entry.url == ""


def test_what_the_owner_chose_goes_before_the_token(network):
    entry = allowed("4").open(ORDER, IN_SHOP)
    assert entry.url == f"{HOST}/api/paySmart3D"
    assert len(network.calls) == 0  # Platformode hears of it from the browser.


# === WHAT THE BROWSER SENDS === #


def test_the_fields_of_the_form(iv_and_salt_of_the_vectors):
    entry = allowed("2").open(ORDER, IN_SHOP)
    assert entry.names == {
        "number": "cc_no",
        "holder": "cc_holder_name",
        "month": "expiry_month",
        "year": "expiry_year",
        "code": "cvv",
        "maturity": "maturity_period",
        "frequency": "payment_frequency",
    }
    assert entry.choices[1] == {"installments_number": "1", "hash_key": HASHES["pay"]}
    assert list(entry.choices) == list(range(1, 13))
    fields = dict(entry.fields)
    (item,) = json.loads(fields.pop("items"))
    assert (item["price"], item["quantity"]) == ("100.00", 1)
    assert (
        fields.items()
        >= {
            "merchant_key": MERCHANT_KEY,
            "invoice_id": INVOICE,
            "total": "100.00",
            "currency_code": "TRY",
            "currency_id": "1",
            "name": "Ali",
            "surname": "Veli",
            "return_url": CHECKOUT.return_url,
            "cancel_url": CHECKOUT.cancel_url,
            "response_method": "POST",
        }.items()
    )
    assert "app_secret" not in fields
    assert not any(CREDENTIALS["app_secret"] in value for value in fields.values())


@pytest.mark.parametrize(("most", "counts"), [(1, [1]), (3, [1, 2, 3]), (0, list(range(1, 13)))])
def test_as_many_instalments_as_the_shop_offers(most, counts):
    entry = allowed("2").open(ORDER, replace(IN_SHOP, max_installments=most))
    assert list(entry.choices) == counts


def test_what_is_reserved_is_not_paid_by_instalments():
    entry = allowed("2").open(replace(ORDER, hold=True), IN_SHOP)
    assert list(entry.choices) == [1]
    assert entry.fields["transaction_type"] == "PreAuth"


def test_only_the_lira_has_a_documented_number():
    order = replace(ORDER, amount=replace(ORDER.amount, currency="EUR"))
    fields = allowed("2").open(order, IN_SHOP).fields
    assert fields["currency_code"] == "EUR"
    assert "currency_id" not in fields


def test_no_currency_that_platformode_does_not_take():
    order = replace(ORDER, amount=replace(ORDER.amount, currency="GBP"))
    with pytest.raises(Unsupported):
        allowed("2").open(order, IN_SHOP)


# === WITHOUT 3D SECURE === #


@pytest.mark.parametrize(
    ("card", "told"),
    [(CARD, {}), (replace(CARD, maturity="6", frequency="3"), AGRICULTURAL)],
    ids=["any", "agricultural"],
)
def test_an_agricultural_card_says_when_it_pays(network, platformode, card, told):
    network.post(PAY_2D, json=CHARGED)
    network.post(STATUS, json=PAID)
    platformode.pay(ORDER, CHECKOUT, card, 1)
    body = sent(network.calls[0])
    assert {name: body[name] for name in AGRICULTURAL if name in body} == told


@pytest.fixture
def charged(network, platformode):
    """Charge the card, with these answers of the service and of the inquiry."""

    def charge(answer: object, status: object = PAID):
        network.post(PAY_2D, json=answer)
        network.post(STATUS, json=status)
        return platformode.pay(ORDER, CHECKOUT, CARD, 3)

    return charge


def test_a_charge_is_true_once_platformode_was_asked(network, charged):
    outcome = charged(CHARGED)
    assert (outcome.state, outcome.amount) == (State.PAID, ORDER.amount)
    body = sent(network.calls[0])
    assert (body["cc_no"], body["cvv"], body["installments_number"]) == (CARD.number, "123", "3")
    assert isinstance(body["items"], list)
    assert len(network.calls) == 2


def test_a_charge_that_only_claims_to_be_made_is_not_believed(charged):
    assert charged(CHARGED, NOT_PAID).state is State.FAILED


@pytest.mark.parametrize("code", [41, 3, 99])
def test_whatever_it_answers_platformode_is_asked(charged, code):
    assert charged({"status_code": code}).state is State.PAID


def test_a_charge_that_was_not_even_tried_is_refused(charged):
    with pytest.raises(Refused) as refusal:
        charged({"status_code": 108}, {"status_code": 31})
    assert refusal.value.reason is Reason.CARD_NUMBER_WRONG


@pytest.mark.parametrize("code", [1, 3, 14, 30])
def test_an_inquiry_that_is_refused_does_not_undo_a_charge(charged, code):
    with pytest.raises(NoAnswer):
        charged(CHARGED, {"status_code": code})


def test_an_unknown_error_without_a_payment_is_no_answer(charged):
    with pytest.raises(NoAnswer):
        charged({"status_code": 99}, {"status_code": 69})


@pytest.mark.parametrize("how", [{"status_code": 99}, {"status_code": 41}, {}], ids=str)
@pytest.mark.parametrize("status", [200, 400, 409])
def test_no_error_repeats_the_card(network, how, status):
    text = f"Kart {CARD.number}, cvv {CARD.code}"
    network.post(PAY_2D, json=how | {"status_description": text}, status=status)
    network.post(STATUS, json={"status_code": 31})
    with pytest.raises((Refused, NoAnswer)) as error:
        allowed("1").pay(ORDER, CHECKOUT, CARD, 1)
    assert CARD.number not in str(error.value)
    assert CARD.code not in str(error.value)


def test_no_card_in_the_log(caplog, charged):
    caplog.set_level(logging.DEBUG)
    charged(CHARGED)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for part in (CARD.number, CARD.number[6:12], "ALI VELI", '"123"'):
        assert part not in logged


def test_a_card_does_not_show_itself():
    assert repr(CARD) == "Card()"


# === INSTALMENTS OF ONE CARD === #


@pytest.mark.parametrize(("is_3d", "asked"), [("0", "1"), ("2", None)])
def test_a_merchant_without_3d_asks_for_its_own_options(network, is_3d, asked):
    network.post(f"{HOST}/api/getpos", json={"status_code": 100, "data": []})
    allowed(is_3d).installments(ORDER.amount, "411111")
    assert sent(network.calls[0]).get("is_2d") == asked
