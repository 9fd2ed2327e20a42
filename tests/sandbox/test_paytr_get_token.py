"""PayTR iFrame API, step 1, and Havale/EFT iFrame API, step 1: what is taken and what is not."""

import base64
import json

import pytest
from paytr_signing import CARD_ORDER, EFT_ORDER, MERCHANT, signature


def encoded(basket) -> str:
    return base64.b64encode(json.dumps(basket).encode()).decode()


def missing(name: str) -> str:
    return f"Zorunlu alan degeri gecersiz veya gonderilmedi. (get-token): {name}"


BAD_TOKEN = "paytr_token gonderilmedi veya gecersiz"
BAD_OID = "merchant_oid alfanumerik olmalidir, ozel karakter iceremez"
BAD_AMOUNT = "payment_amount degeri integer olmalidir"
UNKNOWN = "Gecersiz istek veya magaza aktif degil"


def test_a_correct_request_gets_a_token_that_opens_a_page(paytr):
    token = paytr.open()
    assert token.isalnum()
    assert paytr.session.get(paytr.page_url(token)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "user_ip",
        "merchant_oid",
        "email",
        "payment_amount",
        "user_basket",
        "no_installment",
        "max_installment",
        "user_name",
        "user_address",
        "user_phone",
        "merchant_ok_url",
        "merchant_fail_url",
    ],
)
def test_every_required_field(paytr, name):
    absent = paytr.card_fields()
    del absent[name]
    for fields in (absent, paytr.card_fields(**{name: ""})):
        assert paytr.get_token(fields) == {"status": "failed", "reason": missing(name)}


@pytest.mark.parametrize("name", ["test_mode", "lang", "currency", "debug_on", "timeout_limit"])
def test_optional_fields_may_be_left_out(paytr, name):
    fields = paytr.card_fields()
    fields.pop(name, None)
    assert paytr.get_token(fields)["status"] == "success"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"merchant_id": ""}, "Zorunlu alan degeri gecersiz: merchant_id"),
        ({"merchant_id": "999"}, UNKNOWN),
        ({"user_ip": "192.168.1.5"}, missing("user_ip")),
        ({"user_ip": "127.0.0.1"}, missing("user_ip")),
        ({"user_ip": "10.0.0.1"}, missing("user_ip")),
        ({"user_ip": "172.20.0.3"}, missing("user_ip")),
        ({"user_ip": "::1"}, missing("user_ip")),
        ({"user_ip": "fd00::1"}, missing("user_ip")),
        ({"user_ip": "::ffff:203.0.113.9"}, missing("user_ip")),
        ({"user_ip": "203.0.113.9, 198.51.100.1"}, missing("user_ip")),
        ({"user_ip": "somewhere"}, missing("user_ip")),
        ({"merchant_oid": "S00012-1"}, BAD_OID),
        ({"merchant_oid": "INV/2026/1"}, BAD_OID),
        ({"merchant_oid": "SİPARİŞ1"}, BAD_OID),
        ({"merchant_oid": "A" * 65}, BAD_OID),
        ({"email": "ayşe@example.com"}, missing("email")),
        ({"email": "nobody"}, missing("email")),
        ({"email": "a@b"}, missing("email")),
        ({"email": "@example.com"}, missing("email")),
        ({"email": "a@b@example.com"}, missing("email")),
        ({"email": "ali@örnek.com.tr"}, missing("email")),
        ({"email": "a" * 90 + "@example.com"}, missing("email")),
        ({"payment_amount": "49.00"}, BAD_AMOUNT),
        ({"payment_amount": "49,00"}, BAD_AMOUNT),
        ({"payment_amount": "-4900"}, BAD_AMOUNT),
        ({"payment_amount": "0"}, missing("payment_amount")),
        ({"user_basket": "not base64"}, missing("user_basket")),
        ({"user_basket": base64.b64encode(b"{").decode()}, missing("user_basket")),
        ({"user_basket": encoded([])}, missing("user_basket")),
        ({"user_basket": encoded({"a": 1})}, missing("user_basket")),
        ({"user_basket": encoded([["Name", "49.00"]])}, missing("user_basket")),
        ({"user_basket": encoded([["Name", "49,00", 1]])}, missing("user_basket")),
        ({"user_basket": encoded([["Name", "49.00", 0]])}, missing("user_basket")),
        ({"no_installment": "2"}, missing("no_installment")),
        ({"max_installment": "1"}, missing("max_installment")),
        ({"max_installment": "13"}, missing("max_installment")),
        ({"currency": "TRL"}, missing("currency")),
        ({"test_mode": "true"}, missing("test_mode")),
        ({"user_name": "A" * 61}, missing("user_name")),
        ({"user_address": "A" * 401}, missing("user_address")),
        ({"user_phone": "5" * 21}, missing("user_phone")),
        ({"merchant_ok_url": "/payment/return"}, missing("merchant_ok_url")),
        ({"merchant_fail_url": "https://a.example/" + "x" * 400}, missing("merchant_fail_url")),
        ({"lang": "de"}, missing("lang")),
        ({"timeout_limit": "soon"}, missing("timeout_limit")),
        ({"timeout_limit": "0"}, missing("timeout_limit")),
        ({"iframe_v2": "yes"}, missing("iframe_v2")),
        ({"paytr_token": ""}, BAD_TOKEN),
        ({"paytr_token": "r+PqtDl4fT6kLohpIbBRHC1gknSQwka32og9fc8raYo="}, BAD_TOKEN),
    ],
)
def test_refusals_and_their_words(paytr, changes, reason):
    fields = paytr.card_fields("SO2", **changes)
    assert paytr.get_token(fields) == {"status": "failed", "reason": reason}


@pytest.mark.parametrize(
    "changes",
    [
        {"user_ip": "2a00:1450:4017:80e::200e"},
        {"currency": "TRY"},
        {"currency": ""},
        {"currency": "EUR"},
        {"currency": "GBP"},
        {"currency": "RUB"},
        {"max_installment": "12"},
        {"no_installment": "1"},
        {"merchant_oid": "A" * 64},
        {"user_basket": encoded([["Çay", 18.5, 2]])},
        {"user_basket": encoded([["Sum differs from the amount", "1.00", 1]])},
        {"iframe_v2": "1", "iframe_v2_dark": "1", "lang": "en", "debug_on": "1"},
    ],
)
def test_what_is_documented_is_taken(paytr, changes):
    assert paytr.get_token(paytr.card_fields(**changes))["status"] == "success"


@pytest.mark.parametrize("name", ["currency", "test_mode", "user_basket", "max_installment"])
def test_the_hash_covers_the_value_as_sent(paytr, name):
    """A field that is changed after signing is noticed; TL and TRY are different texts."""
    other = {
        "currency": "TRY",
        "test_mode": "0",
        "user_basket": encoded([["x", "1.00", 1]]),
        "max_installment": "3",
    }
    signed = paytr.card_fields()
    tampered = signed | {name: other[name]}
    token = signature(*(signed[field] for field in CARD_ORDER), MERCHANT["salt"])
    assert paytr.get_token(tampered | {"paytr_token": token})["reason"] == BAD_TOKEN


def test_json_is_not_a_form(paytr):
    url = f"{paytr.url}/odeme/api/get-token"
    answer = paytr.session.post(url, json=paytr.card_fields()).json()
    assert answer["reason"] == "Zorunlu alan degeri gecersiz: merchant_id"


def test_only_post(paytr):
    assert paytr.session.get(f"{paytr.url}/odeme/iade").status_code == 405


def test_an_inactive_store_is_refused(paytr):
    paytr.configure(active=False)
    assert paytr.get_token(paytr.card_fields())["reason"] == UNKNOWN


def test_a_demo_store_may_accept_buyers_on_this_machine(paytr):
    paytr.configure(accept_private_ip=True)
    assert paytr.get_token(paytr.card_fields(user_ip="127.0.0.1"))["status"] == "success"


def test_a_paid_order_cannot_be_opened_again(paytr):
    oid = paytr.paid_order()
    answer = paytr.get_token(paytr.card_fields(oid))
    assert answer["reason"] == "merchant_oid daha once kullanilmis, benzersiz olmalidir"


def test_an_unpaid_order_can(paytr):
    first, second = paytr.open(), paytr.open()
    assert first != second


# --- Havale/EFT


def test_eft_needs_a_permission(paytr):
    answer = paytr.get_token(paytr.eft_fields(), EFT_ORDER)
    assert answer == {"status": "failed", "reason": "Bu servis icin yetkiniz yok"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"user_ip": ""}, missing("user_ip")),
        ({"email": ""}, missing("email")),
        ({"payment_amount": "49.00"}, BAD_AMOUNT),
        ({"bank": "garanti"}, missing("bank")),
        ({"user_name": "A" * 31}, missing("user_name")),
        ({"user_phone": "555"}, missing("user_phone")),
        ({"tc_no_last5": "1234"}, missing("tc_no_last5")),
        ({"paytr_token": "x"}, BAD_TOKEN),
    ],
)
def test_eft_refusals(paytr, changes, reason):
    paytr.configure(eft=True)
    answer = paytr.get_token(paytr.eft_fields(**changes), EFT_ORDER)
    assert answer == {"status": "failed", "reason": reason}
