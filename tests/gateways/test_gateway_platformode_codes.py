"""Platformode's codes: each that its document lists means something to us."""

import pytest

from gateways.base import Reason, Refused
from gateways.platformode.answers import (
    ERRORS,
    FAILED,
    NOT_FOUND,
    REFUND_TAKEN,
    TEXTS,
    UNCERTAIN,
    refusal,
)
from gateways.transport import NoAnswer

# "9. Uygulama Durum Kodları", from top to bottom.
DOCUMENTED = (
    *(1, 3, 12, 13, 14, 30, 31, 32, 33, 34, 35, 36, 37),
    *(38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 55),
    *(56, 60, 68, 69, 70, 71, 72, 73, 76, 77, 79, 80, 81, 85, 86, 87, 88, 89, 90, 91, 92, 93),
    *(94, 95, 96, 97, 99, 100, 102, 103, 104, 105, 106, 107, 108, 109, 110, 112, 404, 113),
)
ELSEWHERE = (0, 2, 62, 101, 117)  # In samples, and in what sister brands publish.
each_code = pytest.mark.parametrize("code", [str(code) for code in DOCUMENTED + ELSEWHERE])


def of(code: str, text: str = "") -> Refused | NoAnswer:
    return refusal({"status_code": code, "status_description": text})


@each_code
def test_each_code_means_something(code):
    assert code in ERRORS.keys() | UNCERTAIN | REFUND_TAKEN.keys()


@each_code
def test_each_error_has_a_reason(code):
    error = of(code)
    if code in UNCERTAIN:
        assert isinstance(error, NoAnswer)
    elif code in ERRORS:
        assert isinstance(error.reason, Reason)
        assert error.code == code


def test_what_is_asked_about_again_and_again_has_a_sentence_of_its_own():
    codes = ("31", "32", "68", "69")
    reasons = [ERRORS[code] for code in codes] + list(filter(None, REFUND_TAKEN.values()))
    reasons.append(of("99").reason)
    assert len(set(reasons)) == len(reasons) == 7
    assert all(list(ERRORS.values()).count(ERRORS[code]) == 1 for code in codes)


def test_no_code_is_ours_alone():
    known = {str(code) for code in DOCUMENTED + ELSEWHERE}
    assert ERRORS.keys() | NOT_FOUND | UNCERTAIN | REFUND_TAKEN.keys() == known
    assert {code for code, _text in TEXTS} <= ERRORS.keys()


def test_what_is_not_an_error_has_no_reason():
    assert not ERRORS.keys() & (UNCERTAIN | REFUND_TAKEN.keys())


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (FAILED, "Order Failed", Reason.BANK_REFUSED),
        ("1", "The bill email must be a valid email address.", Reason.EMAIL_REFUSED),
        ("1", "The bill_phone may not be greater than 20 characters.", Reason.PHONE_REFUSED),
        ("1", "The surname field is required.", Reason.NAME_REFUSED),
        ("1", "The bill_city field is required.", Reason.ADDRESS_REFUSED),
        ("1", "The ip must be a valid IP address.", Reason.IP_REFUSED),
        ("1", "The items.0.name field is required.", Reason.TECHNICAL),
        ("85", "invalid character", Reason.CHARACTER_REFUSED),
        ("85", "Geçersiz karakter: bill_address1", Reason.ADDRESS_REFUSED),
        ("44", "This credit card is blocked.", Reason.CARD_NOT_ACCEPTED),
        ("44", "Bu kredi kartı bloke edildi.", Reason.CARD_NOT_ACCEPTED),
        ("55", "Geçersiz yinelenen web kancası anahtarı!", Reason.WRONG_HOOK),
        ("70", "Kart Programı Uyumsuzluğu", Reason.CARD_NOT_ACCEPTED),
        ("44", "Merchant daily number of transaction limit", Reason.SHOP_LIMIT_REACHED),
        ("55", "Invalid recurring web hook key! Please check", Reason.WRONG_HOOK),
        ("55", "The recurring cycle can not be empty", Reason.RECURRENCE_REFUSED),
        ("70", "Card Program Mismatch", Reason.CARD_NOT_ACCEPTED),
        ("70", "Recurring Not Found", Reason.RECURRENCE_REFUSED),
        ("79", "Merchant is not allowed to pay with card token", Reason.NOT_ACTIVATED),
        ("80", "Sub Merchant not found", Reason.NOT_ACTIVATED),
        ("87", "Invalid Token or customer number", Reason.STORED_CARD_UNUSABLE),
        ("92", "Hash key mismatched with customer number", Reason.TECHNICAL),
        ("103", "PayBytoken commission was no setup", Reason.NOT_ACTIVATED),
        ("107", "Sent API OTP Unverified", Reason.AUTHENTICATION_FAILED),
        ("117", "The invoice id already processed", Reason.TRY_LATER),
        ("12345", "New", None),
    ],
)
def test_a_code_and_its_text_have_a_reason(code, text, reason):
    error = of(code, text)
    assert (error.reason, error.text) == (reason, text)
