"""PayTR's refund, status inquiry, instalment rates and BIN detail."""

import re

import pytest
from paytr_signing import MERCHANT, signature

from sandbox.cards import FAMILIES

OID = "SO0001x7f3a"


# --- refund


def error(answer: dict) -> tuple[str, str]:
    assert answer.keys() == {"status", "err_no", "err_msg"}
    assert answer["status"] == "error"
    return answer["err_no"], answer["err_msg"]


def test_refund_in_parts(paytr):
    paytr.paid_order(OID)
    assert paytr.refund(OID, "6.00", reference_no="R1") == {
        "status": "success",
        "is_test": "1",
        "merchant_oid": OID,
        "return_amount": "6.00",
        "reference_no": "R1",
    }
    assert paytr.refund(OID, "43.00")["reference_no"] is None
    assert paytr.totals(OID)["refunded"] == 4900
    number, message = error(paytr.refund(OID, "0.01"))
    assert number == "009"
    assert message == "Toplam iade tutari odeme tutarindan fazla olamaz"


def test_refund_is_not_idempotent(paytr):
    paytr.paid_order(OID)
    for _ in range(2):
        assert paytr.refund(OID, "10.00", reference_no="R1")["status"] == "success"
    assert paytr.totals(OID)["refunded"] == 2000


def test_more_than_was_paid(paytr):
    paytr.paid_order(OID)
    assert error(paytr.refund(OID, "49.01"))[0] == "009"
    assert paytr.totals(OID)["refunded"] == 0


def test_the_surcharge_can_be_refunded_too(paytr):
    paytr.paid_order(OID, card="family_world", installments=3)
    assert paytr.refund(OID, "51.45")["status"] == "success"
    assert paytr.totals(OID)["remaining"] == 0


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"merchant_id": ""}, "001"),
        ({"merchant_id": "999"}, "001"),
        ({"merchant_oid": ""}, "002"),
        ({"merchant_oid": "SO-1"}, "002"),
        ({"return_amount": ""}, "003"),
        ({"return_amount": "0"}, "003"),
        ({"return_amount": "0.00"}, "003"),
        ({"return_amount": "-1.00"}, "003"),
        ({"return_amount": "1,00"}, "003"),
        ({"return_amount": "1.005"}, "003"),
        ({"return_amount": "1.000,00"}, "003"),
        ({"return_amount": "all"}, "003"),
        ({"paytr_token": ""}, "004"),
        ({"paytr_token": "x"}, "004"),
        ({"return_amount": "49"}, "004"),  # signed as 49.00: the text counts, not the number
        ({"return_amount": "49.0"}, "004"),
    ],
)
def test_refund_refusals(paytr, changes, number):
    paytr.paid_order(OID)
    assert error(paytr.refund(OID, "49.00", **changes))[0] == number
    assert paytr.totals(OID)["refunded"] == 0


@pytest.mark.parametrize("amount", ["49", "49.0", "49.00"])
def test_amounts_are_decimal(paytr, amount):
    paytr.paid_order(OID)
    assert paytr.refund(OID, amount)["return_amount"] == "49.00"


def test_nothing_to_refund(paytr):
    assert error(paytr.refund("UNKNOWN", "1.00"))[0] == "005"
    paytr.pay(paytr.open(OID), card="insufficient_funds")
    assert error(paytr.refund(OID, "1.00"))[0] == "005"


def test_no_refund_before_the_shop_has_said_ok(paytr, shop):
    paytr.fault("notification", "hold")
    paytr.pay(paytr.open(OID))
    assert error(paytr.refund(OID, "1.00"))[0] == "007"
    paytr.control("POST", "/notifications/release")
    assert paytr.refund(OID, "1.00")["status"] == "success"


def test_no_refund_without_permission(paytr):
    paytr.configure(refunds=False)
    paytr.paid_order(OID)
    assert error(paytr.refund(OID, "1.00"))[0] == "008"


def test_no_refund_beyond_the_stores_balance(paytr):
    paytr.configure(balance=0)
    paytr.paid_order(OID)
    assert paytr.refund(OID, "40.00")["status"] == "success"
    paytr.configure(balance=500)
    assert error(paytr.refund(OID, "5.01"))[0] == "010"
    assert paytr.refund(OID, "5.00")["status"] == "success"
    assert paytr.configure()["balance"] == 0


def test_no_refund_after_a_year(paytr):
    paytr.paid_order(OID)
    paytr.control("POST", f"/paytr/tokens/{OID}/age", {"days": 365})
    assert paytr.refund(OID, "1.00")["status"] == "success"
    paytr.control("POST", f"/paytr/tokens/{OID}/age", {"days": 1})
    assert error(paytr.refund(OID, "1.00"))[0] == "011"


def test_the_service_may_be_locked(paytr):
    paytr.paid_order(OID)
    paytr.fault("refund", "refuse", code="000")
    assert error(paytr.refund(OID, "1.00")) == (
        "000",
        "iade yapilamiyor, daha sonra tekrar deneyin",
    )
    assert paytr.refund(OID, "1.00")["status"] == "success"


# --- status inquiry


def test_status_of_a_sale(paytr):
    paytr.paid_order(OID, card="family_world", installments=3)
    status = paytr.status(OID)
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", status["payment_date"])
    wanted = {
        "status": "success",
        "payment_amount": "49.00",
        "payment_total": "51.45",
        "currency": "TL",
        "taksit": "3",
        "kart_marka": "world",
        "masked_pan": "540011***0002",
        "odeme_tipi": "KART",
        "test_mode": "1",
        "returns": [],
    }
    assert wanted.items() <= status.items()


def test_status_lists_refunds(paytr):
    paytr.paid_order(OID)
    paytr.refund(OID, "6.00", reference_no="R1")
    paytr.refund(OID, "1.50")
    returns = paytr.status(OID)["returns"]
    assert [(row["return_amount"], row["reference_no"]) for row in returns] == [
        ("6.00", "R1"),
        ("1.50", None),
    ]
    assert returns[0].keys() == {
        "return_amount",
        "return_date",
        "return_type",
        "date_completed",
        "return_auth_code",
        "return_ref_num",
        "reference_no",
        "return_source",
    }


def test_status_in_the_manuals_notation(paytr):
    paytr.configure(decimal_comma=True)
    paytr.paid_order(OID)
    assert paytr.status(OID)["payment_total"] == "49,00"


def test_status_of_what_was_not_paid(paytr):
    """One code for three situations, as documented."""
    unknown = error(paytr.status("UNKNOWN"))
    paytr.open(OID)
    pending = error(paytr.status(OID))
    paytr.pay(OID, card="insufficient_funds")
    failed = error(paytr.status(OID))
    assert unknown == ("004", "merchant_oid ile islem bulunamadi")
    assert pending == failed == ("004", "merchant_oid ile basarili odeme bulunamadi")


@pytest.mark.parametrize(("known", "outcome"), [(True, "success"), (False, "error")])
def test_status_before_the_shop_has_said_ok(paytr, known, outcome):
    paytr.configure(status_before_ok=known)
    paytr.fault("notification", "hold")
    paytr.pay(paytr.open(OID))
    assert paytr.status(OID)["status"] == outcome


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"merchant_id": "999"}, "001"),
        ({"merchant_oid": ""}, "002"),
        ({"merchant_oid": "A B"}, "002"),
        ({"paytr_token": "x"}, "003"),
    ],
)
def test_status_refusals(paytr, changes, number):
    assert error(paytr.status(OID, **changes))[0] == number


# --- instalment rates


def rates(paytr, **changes) -> dict:
    token = signature("123456", "1755000000", MERCHANT["salt"])
    fields = {"merchant_id": "123456", "request_id": "1755000000", "paytr_token": token}
    return paytr.post("/odeme/taksit-oranlari", fields | changes)


def test_rates(paytr):
    answer = rates(paytr)
    assert (answer["status"], answer["request_id"]) == ("success", "1755000000")
    assert answer["max_inst_non_bus"] == "12"
    assert set(answer["oranlar"]) == set(FAMILIES)
    assert answer["oranlar"]["world"]["taksit_3"] == 5.0
    assert list(answer["oranlar"]["bonus"]) == [f"taksit_{count}" for count in range(2, 13)]


def test_rates_end_at_the_stores_maximum(paytr):
    paytr.configure(max_installment=3)
    assert list(rates(paytr)["oranlar"]["world"]) == ["taksit_2", "taksit_3"]


@pytest.mark.parametrize(
    "changes",
    [{"merchant_id": "9"}, {"request_id": ""}, {"request_id": "1" * 33}, {"paytr_token": "x"}],
)
def test_rates_refusals(paytr, changes):
    answer = rates(paytr, **changes)
    assert answer["status"] == "error"
    assert answer["err_msg"]


# --- BIN detail


def bin_detail(paytr, number: str, **changes) -> dict:
    token = signature(number, "123456", MERCHANT["salt"])
    fields = {"merchant_id": "123456", "bin_number": number, "paytr_token": token}
    return paytr.post("/odeme/api/bin-detail", fields | changes)


@pytest.mark.parametrize("number", ["435508", "43550843"])
def test_bin_of_a_credit_card(paytr, number):
    assert bin_detail(paytr, number) == {
        "status": "success",
        "cardType": "credit",
        "businessCard": "n",
        "bank": "Akbank",
        "bankCode": "0000",
        "brand": "axess",
        "schema": "VISA",
        "allow_non3d": "N",
    }


def test_bin_of_a_debit_card(paytr):
    answer = bin_detail(paytr, "979203")
    assert (answer["cardType"], answer["brand"], answer["schema"]) == ("debit", "none", "TROY")


def test_bin_of_a_foreign_card(paytr):
    assert bin_detail(paytr, "400002") == {"status": "failed"}


@pytest.mark.parametrize(
    "changes",
    [{"merchant_id": "9"}, {"bin_number": "4355"}, {"bin_number": "x"}, {"paytr_token": ""}],
)
def test_bin_refusals(paytr, changes):
    assert bin_detail(paytr, "435508", **changes)["status"] == "error"
