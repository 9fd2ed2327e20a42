"""PayTR's transaction and payout reports."""

from datetime import timedelta

import pytest
from paytr_signing import MERCHANT, signature

from sandbox.clock import now

OID = "SO0001x7f3a"


def today():
    return now().date()


def report(paytr, service: str, start: str, end: str, **changes) -> dict:
    fields = {"merchant_id": "123456", "start_date": start, "end_date": end}
    token = signature(*fields.values(), MERCHANT["salt"])
    return paytr.post(f"/rapor/{service}", fields | {"paytr_token": token} | changes)


def transactions(paytr) -> dict:
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    return report(paytr, "islem-dokumu", f"{yesterday} 00:00:00", f"{tomorrow} 23:59:59")


def test_transactions(paytr):
    paytr.paid_order(OID, card="family_world", installments=3)
    paytr.refund(OID, "10.00")
    sale, refund = transactions(paytr)["list"]
    wanted = {
        "islem_tipi": "S",
        "islem_tutari": "49.00",
        "odeme_tutari": "51.45",
        "para_birimi": "TL",
        "taksit": "3",
        "kart_marka": "world",
        "kart_no": "540011***0002",
        "siparis_no": OID,
        "odeme_tipi": "KART",
    }
    assert wanted.items() <= sale.items()
    assert (refund["islem_tipi"], refund["islem_tutari"]) == ("I", "10.00")


def test_a_refund_in_the_panel_has_no_number_of_the_shop(paytr):
    paytr.paid_order(OID)
    paytr.control("POST", f"/paytr/tokens/{OID}/panel/refund", {"amount": 1000})
    assert [row["islem_tipi"] for row in transactions(paytr)["list"]] == ["S", "I"]
    (returned,) = paytr.status(OID)["returns"]
    assert (returned["return_amount"], returned["reference_no"]) == ("10.00", None)


def test_a_bank_transfer_in_the_report(paytr):
    paytr.configure(eft=True)
    paytr.control("POST", f"/paytr/tokens/{paytr.open_eft()}/settle", {})
    assert transactions(paytr)["list"][0]["odeme_tipi"] == "EFT"


def test_no_transactions(paytr):
    assert transactions(paytr) == {"status": "failed"}


def test_transactions_take_the_vector(paytr, vectors):
    token = vectors["report transactions"]["token"]
    span = ("2026-06-01 00:00:00", "2026-06-03 23:59:59")
    assert report(paytr, "islem-dokumu", *span, paytr_token=token) == {"status": "failed"}


def test_payouts_follow_a_day_later(paytr):
    paytr.paid_order(OID)
    paytr.refund(OID, "9.00")
    paytr.fault("notification", "hold")
    paytr.pay(paytr.open("SO2"))  # not acknowledged: not paid out
    day, tomorrow = today(), today() + timedelta(days=1)
    assert report(paytr, "odeme-dokumu", str(day), str(tomorrow))["list"] == [
        {
            "date_paid": str(tomorrow),
            "currency": "TL",
            "sales": "49.00",
            "return": "9.00",
            "net": "40.00",
            "merchant_iban": "TR000000000000000000000001",
        }
    ]
    assert report(paytr, "odeme-dokumu", str(day), str(day)) == {"status": "failed"}


def test_payouts_take_the_vector(paytr, vectors):
    token = vectors["report payouts"]["token"]
    answer = report(paytr, "odeme-dokumu", "2026-06-01", "2026-06-30", paytr_token=token)
    assert answer == {"status": "failed"}


@pytest.mark.parametrize(
    ("service", "start", "end", "changes", "number"),
    [
        ("islem-dokumu", "2026-06-01 00:00:00", "2026-06-05 00:00:00", {}, "204"),
        ("odeme-dokumu", "2026-06-01", "2026-07-10", {}, "204"),
        ("islem-dokumu", "2026-06-01", "2026-06-02", {}, "002"),
        ("odeme-dokumu", "2026-06-02", "2026-06-01", {}, "002"),
        ("odeme-dokumu", "2026-06-01", "2026-06-02", {"paytr_token": "x"}, "003"),
        ("odeme-dokumu", "2026-06-01", "2026-06-02", {"merchant_id": "9"}, "001"),
    ],
)
def test_refusals(paytr, service, start, end, changes, number):
    answer = report(paytr, service, start, end, **changes)
    assert (answer["status"], answer["err_no"]) == ("error", number)
