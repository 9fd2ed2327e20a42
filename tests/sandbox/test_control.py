"""The control API, the landing page and the program itself."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from paytr_signing import MERCHANT

OID = "SO0001x7f3a"


def test_health(paytr):
    assert paytr.control("GET", "/health") == {"status": "ok", "psps": ["paytr", "platformode"]}


def test_merchants(paytr):
    new = {"id": "777", "key": "k", "salt": "s", "live": True, "eft": True}
    created = paytr.control("POST", "/paytr/merchants", new, 201)
    assert (created["live"], created["eft"], created["refunds"]) == (True, True, True)
    assert [item["id"] for item in paytr.control("GET", "/paytr/merchants")] == ["123456", "777"]
    paytr.control("PATCH", "/paytr/merchants/777", {"live": False})
    assert paytr.control("GET", "/paytr/merchants/777")["live"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/paytr/merchants", {"id": "1"}, 400),
        ("POST", "/paytr/merchants", MERCHANT | {"colour": "red"}, 400),
        ("PATCH", "/paytr/merchants/123456", {"colour": "red"}, 400),
        ("GET", "/paytr/merchants/999", None, 404),
        ("GET", "/paytr/tokens/999", None, 404),
        ("POST", "/paytr/tokens/999/pay", {}, 404),
        ("POST", "/paytr/notifications", {}, 404),
        ("GET", "/nothing", None, 404),
    ],
)
def test_mistakes(paytr, method, path, body, status):
    response = paytr.session.request(method, paytr.control_url + path, json=body)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("pay", {"card": "4111111111111111"}),
        ("pay", {"installments": 13}),
        ("pay", {"outcome": "earthquake"}),
        ("claim", {}),
        ("settle", {}),
        ("age", {"days": 1}),
    ],
)
def test_wishes_that_cannot_be_met(paytr, path, wish):
    url = f"{paytr.control_url}/paytr/tokens/{paytr.open()}/{path}"
    assert paytr.session.post(url, json=wish).status_code == 400
    assert paytr.payment(OID)["state"] == "open"


@pytest.mark.parametrize("path", ["pay", "expire"])
def test_what_is_over_is_over(paytr, path):
    paytr.paid_order()
    url = f"{paytr.control_url}/paytr/tokens/{OID}/{path}"
    assert paytr.session.post(url, json={}).status_code == 400


@pytest.mark.parametrize(
    ("wish", "code", "message"),
    [
        ({"outcome": "wrong_code"}, "2", "Kimlik Doğrulama başarısız."),
        ({"outcome": "no_phone"}, "1", "Kimlik Doğrulama yapılmadı."),
        ({"outcome": "cancel"}, "6", "Müşteri ödeme yapmaktan vazgeçti"),
        ({"outcome": "11"}, "11", "Güvenlik uyarısı."),
        ({"outcome": "51", "message": "Yetersiz bakiye"}, "51", "Yetersiz bakiye"),
        ({"card": "fraud"}, "11", "Güvenlik uyarısı."),
    ],
)
def test_any_outcome_without_a_browser(paytr, shop, wish, code, message):
    paytr.pay(paytr.open(), **wish)
    (told,) = shop.received
    assert told["failed_reason_code"] == code
    assert told["failed_reason_msg"].startswith(message)


def test_payments_can_be_found_by_order(paytr):
    first, second = paytr.open(), paytr.open()
    paytr.open("SO2")
    listed = paytr.control("GET", f"/paytr/payments?merchant_oid={OID}")
    assert [item["token"] for item in listed] == [first, second]
    assert len(paytr.control("GET", "/paytr/payments")) == 3
    assert paytr.payment(OID)["token"] == second  # an order's newest page


def test_cards(paytr):
    listed = {card["name"]: card for card in paytr.control("GET", "/cards")}
    assert listed["visa"]["number"] == "4355084355084358"
    assert listed["fraud"]["behaviour"] == "declined: fraud warning"


def test_reset_keeps_merchants(paytr):
    paytr.paid_order()
    paytr.fault("status", "http_500")
    paytr.control("POST", "/reset")
    assert paytr.control("GET", "/paytr/payments") == []
    assert paytr.control("GET", "/ledger")["entries"] == []
    assert paytr.control("GET", "/notifications") == []
    assert paytr.control("GET", "/faults")["waiting"] == []
    assert paytr.control("GET", "/paytr/merchants/123456")["key"] == MERCHANT["key"]


def test_landing_page(paytr):
    paytr.paid_order()
    page = paytr.session.get(paytr.root).text
    for text in ("Payment sandbox", OID, "Başarılı", "4355084355084358", "123456"):
        assert text in page
    assert MERCHANT["key"] not in page


def test_the_program():
    """Starts as documented, with a merchant from the command line."""
    command = [sys.executable, "-u", "-m", "sandbox", "--port", "0"]
    command += ["--merchant", "paytr:55:KEY:SALT:http://shop.example:8069/payment/paytr/notify"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as program:
        try:
            url = next(line.split()[-1] for line in program.stderr if "listens on" in line)
            (merchant,) = requests.get(f"{url}/_control/paytr/merchants", timeout=30).json()
        finally:
            program.terminate()
    assert (merchant["id"], merchant["key"], merchant["salt"]) == ("55", "KEY", "SALT")
    assert merchant["notify_url"] == "http://shop.example:8069/payment/paytr/notify"
