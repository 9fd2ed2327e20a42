"""Starting a payment at PayTR: what is posted, how it is signed, and what the browser does next."""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from paytr_samples import (
    CHECKOUT,
    CREDENTIALS,
    GET_TOKEN,
    OID,
    ORDER,
    SALT,
    TOKENS,
    TRANSFER,
    VECTORS,
    posted,
    sign,
)
from samples import of_customer

from gateways import paytr as paytr_module
from gateways.base import Contact, Embed, Money, Reason, Redirect, Refused, Unsupported
from gateways.paytr import PayTR
from gateways.transport import NoAnswer

INVALID = "Zorunlu alan degeri gecersiz veya gonderilmedi. (get-token)"
TOKEN = "a1b2c3d4e5f6a7b8c9d0"
BASKET_OF_VECTORS = r'[["Deneme \u00dcr\u00fcn\u00fc","18.00",1],["Kargo","15.50",2]]'
CARD_HASH = [
    *["merchant_id", "user_ip", "merchant_oid", "email", "payment_amount", "user_basket"],
    *["no_installment", "max_installment", "currency", "test_mode"],
]
TRANSFER_HASH = [*CARD_HASH[:5], "payment_type", "test_mode"]


@pytest.fixture
def opened(network, paytr):
    """Open a payment and tell what was posted."""
    network.post(GET_TOKEN, json={"status": "success", "token": TOKEN})

    def open_(order=ORDER, **changes) -> dict[str, str]:
        paytr.open(order, replace(CHECKOUT, **changes))
        return posted(network.calls[-1])

    return open_


@pytest.fixture
def answered(network, paytr):
    """Open a payment that gets the given answer."""

    def open_(answer, order=ORDER):
        network.post(GET_TOKEN, json=answer)
        return paytr.open(order, CHECKOUT)

    return open_


# === SIGNING === #


@pytest.mark.parametrize(
    ("case", "amount", "test", "most"),
    [
        ("iframe TL, inst allowed, max 0, test", Money(4900, "TRY"), True, 0),
        ("iframe USD, no inst, live", Money(4900, "USD"), False, 1),
    ],
)
def test_a_card_payment_is_signed_as_in_the_vectors(opened, monkeypatch, case, amount, test, most):
    basket = SimpleNamespace(dumps=lambda _ours: BASKET_OF_VECTORS)  # Ours has one line only.
    monkeypatch.setattr(paytr_module, "json", basket)
    form = opened(replace(ORDER, amount=amount, test=test), max_installments=most)
    assert form["paytr_token"] == TOKENS[case]


def test_a_bank_transfer_is_signed_as_in_the_vectors(opened):
    assert opened(TRANSFER)["paytr_token"] == TOKENS["eft"]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["case"])
def test_every_service_is_signed_in_the_same_way(paytr, vector):
    assert paytr._digest(vector["message"]) == vector["token"] == sign(vector["message"])


@pytest.mark.parametrize(("order", "signed"), [(ORDER, CARD_HASH), (TRANSFER, TRANSFER_HASH)])
def test_what_is_signed_is_what_is_posted(opened, order, signed):
    form = opened(order, **of_customer(email="isik@örnek.com.tr"), description="Çay & şeker + €")
    assert form["paytr_token"] == sign(*(form[name] for name in signed), SALT)


def test_the_keys_are_never_posted(opened):
    for order in (ORDER, TRANSFER):
        values = opened(order).values()
        assert not {CREDENTIALS["merchant_key"], SALT} & set(values)


# === THE FORM === #


def test_a_card_payment_posts_what_payTR_documents(opened):
    assert opened(lang="en", minutes=45, max_installments=6) == {
        "merchant_id": CREDENTIALS["merchant_id"],
        "user_ip": "203.0.113.7",
        "merchant_oid": OID,
        "email": "ali.veli@example.com",
        "payment_amount": "4900",
        "user_basket": base64.b64encode(b'[["Klinik SO0001", "49.00", 1]]').decode(),
        "no_installment": "0",
        "max_installment": "6",
        "currency": "TL",
        "test_mode": "1",
        "paytr_token": sign(
            "123456203.0.113.7SO0001x7f3aali.veli@example.com4900",
            base64.b64encode(b'[["Klinik SO0001", "49.00", 1]]').decode(),
            "06TL1",
            SALT,
        ),
        "user_name": "Ali Veli",
        "user_address": "Örnek Mah. 1, İzmir, Türkiye",
        "user_phone": "05551234567",
        "merchant_ok_url": "https://shop.example/payment/paytr/return",
        "merchant_fail_url": "https://shop.example/payment/paytr/cancel",
        "debug_on": "1",
        "timeout_limit": "45",
        "lang": "en",
    }


def test_a_bank_transfer_posts_neither_basket_nor_currency(opened):
    form = opened(TRANSFER)
    assert form["payment_type"] == "eft"
    assert not {"user_basket", "currency", "no_installment", "merchant_ok_url"} & set(form)


@pytest.mark.parametrize(
    ("most", "no_installment", "max_installment"),
    [(0, "0", "0"), (1, "1", "0"), (2, "0", "2"), (12, "0", "12")],
)
def test_instalments_are_limited(opened, most, no_installment, max_installment):
    form = opened(max_installments=most)
    assert (form["no_installment"], form["max_installment"]) == (no_installment, max_installment)


@pytest.mark.parametrize(
    ("currency", "code"), [("TRY", "TL"), ("USD", "USD"), ("EUR", "EUR"), ("GBP", "GBP")]
)
def test_currencies_have_paytrs_names(opened, currency, code):
    assert opened(replace(ORDER, amount=Money(1, currency)))["currency"] == code


@pytest.mark.parametrize(
    ("minor", "integer", "decimal"),
    [(1, "1", "0.01"), (1999, "1999", "19.99"), (10**11, "100000000000", "1000000000.00")],
)
def test_the_amount_is_exact(opened, minor, integer, decimal):
    form = opened(replace(ORDER, amount=Money(minor, "TRY")))
    assert form["payment_amount"] == integer
    assert json.loads(base64.b64decode(form["user_basket"]))[0][1] == decimal


def test_a_live_payment_is_no_test(opened):
    form = opened(replace(ORDER, test=False))
    assert (form["test_mode"], form["debug_on"]) == ("0", "0")


# === THE CUSTOMER === #

each_kind = pytest.mark.parametrize("order", [ORDER, TRANSFER], ids=["card", "transfer"])


@each_kind
@pytest.mark.parametrize(
    ("email", "posted_email"),
    [
        ("ali@example.com", "ali@example.com"),
        ("ali@пример.рф", "ali@xn--e1afmkfd.xn--p1ai"),
        ("李雷@example.com", CHECKOUT.shop.email),
        ("şule@example.com", CHECKOUT.shop.email),
        ("a" * 60 + "@" + "b" * 60 + ".com", CHECKOUT.shop.email),
        ("a@b", CHECKOUT.shop.email),
        ("", CHECKOUT.shop.email),
    ],
)
def test_an_e_mail_address_is_the_customers_or_the_shops(opened, order, email, posted_email):
    assert opened(order, **of_customer(email=email))["email"] == posted_email


@each_kind
def test_without_any_e_mail_address_paytr_is_not_even_asked(network, paytr, order):
    nobody = replace(
        CHECKOUT, customer=Contact(email="a@b"), shop=Contact(email="noreply@localhost")
    )
    with pytest.raises(Refused) as refusal:
        paytr.open(order, nobody)
    assert refusal.value.reason is Reason.EMAIL_REFUSED
    assert len(network.calls) == 0


@each_kind
@pytest.mark.parametrize(
    ("seen", "posted_ip"),
    [
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2A00:1450:4017:080e::200e", "2a00:1450:4017:80e::200e"),
        ("8.8.8.8", "8.8.8.8"),
    ],
)
def test_an_ip_address_is_posted_in_its_plain_form(opened, order, seen, posted_ip):
    assert opened(order, ip=seen)["user_ip"] == posted_ip


@each_kind
@pytest.mark.parametrize("seen", ["", "10.0.0.7", "::ffff:10.0.0.7", "8.8.8.8, 9.9.9.9", "::1"])
def test_an_ip_address_that_is_not_the_customers_is_not_posted(network, paytr, order, seen):
    with pytest.raises(Refused) as refusal:
        paytr.open(order, replace(CHECKOUT, ip=seen))
    assert refusal.value.reason is Reason.IP_REFUSED
    assert len(network.calls) == 0


@pytest.mark.parametrize(
    ("phone", "posted_phone"),
    [
        ("0532 123 45 67 (anne 0533 765 43 21)", "05321234567"),
        ("+90 (532) 123-45-67", "05321234567"),
        ("+49 151 2345 6789 ext 12", "+4915123456789"),
        ("٠٥٣٢١٢٣٤٥٦٧", "05321234567"),
        ("-", "02325551234"),  # The shop's.
    ],
)
def test_the_first_phone_number_is_posted(opened, phone, posted_phone):
    assert opened(**of_customer(phone=phone))["user_phone"] == posted_phone


def test_what_nobody_has_is_posted_all_the_same(opened):
    form = opened(customer=Contact(), shop=Contact(email="klinik@shop.example"))
    told = form["user_name"], form["user_address"], form["user_phone"]
    assert told == ("Müşteri", "Belirtilmedi", "00000000000")


def test_without_an_address_the_shops_is_posted(opened):
    shop = replace(CHECKOUT.shop, street="Kordon 5", city="İzmir")
    form = opened(**of_customer(street="", city="\U0001f338"), shop=shop)
    assert form["user_address"] == "Kordon 5, İzmir"


@pytest.mark.parametrize(
    ("field", "posted_field", "longest"),
    [("name", "user_name", 60), ("street", "user_address", 400)],
)
def test_what_is_too_long_for_paytr_is_cut(opened, field, posted_field, longest):
    assert opened(**of_customer(**{field: "ş" * 500}))[posted_field] == "ş" * longest


# === THE ANSWER === #


@pytest.mark.parametrize(("order", "page"), [(ORDER, "guvenli"), (TRANSFER, "api")])
def test_the_browser_is_sent_to_the_page(answered, order, page):
    step = answered({"status": "success", "token": TOKEN}, order)
    assert step == Redirect(url=f"https://www.paytr.com/odeme/{page}/{TOKEN}")


def test_the_page_can_be_shown_inside_the_shop(network, paytr):
    network.post(GET_TOKEN, json={"status": "success", "token": TOKEN})
    assert paytr.open(ORDER, replace(CHECKOUT, embedded=True)) == Embed(
        url=f"https://www.paytr.com/odeme/guvenli/{TOKEN}",
        resizer_url="https://www.paytr.com/js/iframeResizer.min.js",
    )


def test_a_sandbox_stands_in_for_paytr(network):
    network.post("http://localhost:8070/paytr/odeme/api/get-token", json={"status": "failed"})
    with pytest.raises(Refused):
        PayTR(CREDENTIALS, base_url="http://localhost:8070/paytr/").open(ORDER, CHECKOUT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Zorunlu alan degeri gecersiz: merchant_id", Reason.WRONG_MERCHANT),
        ("paytr_token gonderilmedi veya gecersiz", Reason.WRONG_KEYS),
        (f"{INVALID}: email", Reason.EMAIL_REFUSED),
        (f"{INVALID}: user_ip", Reason.IP_REFUSED),
        (f"{INVALID}: user_name", Reason.NAME_REFUSED),
        (f"{INVALID}: user_address", Reason.ADDRESS_REFUSED),
        (f"{INVALID}: user_phone", Reason.PHONE_REFUSED),
        (f"{INVALID}: user_basket", None),
        ("", None),
    ],
)
def test_a_refusal_carries_paytrs_words(answered, text, reason):
    with pytest.raises(Refused) as refusal:
        answered({"status": "failed", "reason": text})
    assert refusal.value.text == text
    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(None, id="none"),
        "",
        "short",
        "../../evil",
        "c0ffee/c0ffee",
        "c0ffee?x=c0ffee",
        "c0ffee#c0ffee",
        "c0ffee c0ffee",
        "c0ffee\nc0ffee",
        "c0ffeec0ffee\n",
        "٣٣٣٣٣٣٣٣٣٣",
        pytest.param("a" * 257, id="too long"),
        pytest.param(["c0ffee", "c0ffee"], id="a list"),
        pytest.param({"token": "c0ffeec0ffee"}, id="an object"),
    ],
)
def test_a_token_that_is_none_is_not_sent_to_the_browser(answered, token):
    with pytest.raises(NoAnswer):
        answered({"status": "success", "token": token})


@pytest.mark.parametrize("currency", ["JPY", "CHF", "try", ""])
def test_a_currency_that_paytr_does_not_take_is_not_even_asked_for(network, paytr, currency):
    with pytest.raises(Unsupported):
        paytr.open(replace(ORDER, amount=Money(4900, currency)), CHECKOUT)
    assert len(network.calls) == 0


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_bank_transfers_are_in_liras_only(network, paytr, currency):
    with pytest.raises(Unsupported):
        paytr.open(replace(TRANSFER, amount=Money(4900, currency)), CHECKOUT)
    assert len(network.calls) == 0
