"""The control API for Platformode, the landing page and the program itself."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from platformode_shop import INVOICE
from platformode_signing import KEY, MERCHANT


def test_merchants(platformode):
    new = {"app_id": "a", "app_secret": "s", "merchant_key": "$2y$10$x/y.z", "id": "777"}
    created = platformode.control("POST", "/platformode/merchants", new | {"is_3d": 2}, 201)
    assert (created["is_3d"], created["pre_auth"], created["hooks"]) == (2, True, {})
    platformode.control("PATCH", "/platformode/merchants/777", {"hooks": {"a": "http://x"}})
    assert platformode.control("GET", "/platformode/merchants/777")["hooks"] == {"a": "http://x"}
    listed = platformode.control("GET", "/platformode/merchants")
    assert [item["id"] for item in listed] == [MERCHANT["id"], "777"]


def test_a_merchant_can_be_replaced(platformode):
    platformode.control("POST", "/platformode/merchants", MERCHANT | {"is_3d": 1}, 201)
    platformode.wait_for(2)
    assert platformode.get_token()["data"]["is_3d"] == 1
    assert platformode.status()["status_code"] == 31  # its token is still good


def test_where_the_hooks_are(platformode, shop):
    hooks = platformode.configure()["hooks"]
    assert hooks == {
        "odoo_sale": shop.url,
        "odoo_refund": f"{shop.url}/refund",
        "odoo_recurring": f"{shop.url}/recurring",
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/merchants", {"id": "1"}, 400),
        ("POST", "/merchants", MERCHANT | {"colour": "red"}, 400),
        ("PATCH", f"/merchants/{MERCHANT['id']}", {"colour": "red"}, 400),
        ("GET", "/merchants/999", None, 404),
        ("GET", "/payments/999", None, 404),
        ("POST", "/payments/999/pay", {}, 404),
        ("POST", "/payments/999/forge", {}, 404),
        ("POST", "/refunds/999/approve", {}, 404),
        ("POST", "/plans/999/run", {}, 404),
        ("POST", "/notifications", {}, 404),
    ],
)
def test_mistakes(platformode, method, path, body, status):
    platformode.control(method, f"/platformode{path}", body, status)


@pytest.mark.parametrize("wish", [{"card": "x"}, {"installments": 13}, {"outcome": "earthquake"}])
def test_wishes_that_cannot_be_met(platformode, wish):
    platformode.open()
    platformode.control("POST", f"/platformode/payments/{INVOICE}/pay", wish, 400)
    assert platformode.payment()["state"] == "open"


@pytest.mark.parametrize("path", ["pay", "expire"])
def test_what_is_over_is_over(platformode, path):
    platformode.paid()
    platformode.control("POST", f"/platformode/payments/{INVOICE}/{path}", {}, 400)


def test_a_refund_is_approved_once(platformode):
    platformode.paid()
    platformode.refund()
    for path in ("approve", "reject"):
        platformode.control("POST", f"/platformode/refunds/R1/{path}", {}, 400)


@pytest.mark.parametrize(
    ("wish", "code", "md_status"),
    [
        ({"outcome": "wrong_password"}, "41", 0),
        ({"outcome": "cancel"}, "41", ""),
        ({"bank": ["54", "Süresi dolmuş kart"]}, "41", 1),
        ({"card": "not_permitted"}, "60", 1),
    ],
)
def test_any_outcome_without_a_browser(platformode, shop, wish, code, md_status):
    platformode.open()
    told = platformode.pay(**wish)
    payment = told["payment"]
    assert (payment["failure"][0], payment["md_status"]) == (code, md_status)
    assert payment["bank"] == wish.get("bank", ["", ""])
    assert told["redirect"]["fields"]["payment_status"] == "0"
    assert shop.received[0]["status"] == "Failed"


def test_an_outcome_for_the_next_browser(platformode):
    link = platformode.open()
    body = {"bank": ["54", "Süresi dolmuş kart"]}
    platformode.control("POST", f"/platformode/payments/{INVOICE}/outcome", body)
    platformode.fill_in(link)
    assert platformode.come_back(platformode.confirm_3d(link))[1]["payment_status"] == "0"
    assert platformode.status()["original_bank_error_code"] == "54"


def test_a_page_nobody_used(platformode, shop):
    link = platformode.open()
    platformode.control("POST", f"/platformode/payments/{INVOICE}/expire")
    assert platformode.status()["status_code"] == 41
    assert "sonuçlandı" in platformode.session.get(link).text
    assert shop.received[0]["status"] == "Failed"


def test_a_page_that_has_come_to_3d_secure(platformode):
    link = platformode.open()
    platformode.fill_in(link, "4000010000000092")
    assert platformode.pay()["payment"]["bank"][0] == "43"  # the card was chosen already


def test_payments_are_found_by_any_name(platformode):
    platformode.paid()
    platformode.open("SO2")
    payment = platformode.payment()
    for name in ("token", "order_id"):
        assert platformode.payment(payment[name])["invoice_id"] == INVOICE
    listed = platformode.control("GET", "/platformode/payments?invoice_id=SO2")
    assert [item["invoice_id"] for item in listed] == ["SO2"]


def test_faults_know_the_services(platformode):
    services = platformode.control("GET", "/faults")["services"]["platformode"]
    assert {"token", "link", "page", "pay", "checkstatus", "refund", "confirm"} <= services.keys()
    assert "refuse" in services["refund"]
    assert "wrong_amount" in services["checkstatus"]
    assert "refuse" not in services["page"]


def test_reset_keeps_merchants(platformode):
    platformode.paid()
    platformode.wait_for(3600)
    platformode.control("POST", "/reset")
    for path in ("payments", "refunds", "plans"):
        assert platformode.control("GET", f"/platformode/{path}") == []
    assert platformode.control("GET", "/platformode/calls")["total"] == 0
    assert platformode.ledger()["entries"] == []
    platformode.call("/api/installments", {"merchant_key": KEY}, 401)
    assert platformode.get_token()["status_code"] == 100


def test_landing_page(platformode):
    platformode.paid()
    page = platformode.session.get(platformode.root).text
    for text in ("Platformode", INVOICE, "Completed", MERCHANT["id"], "<code>a</code>"):
        assert text in page
    assert MERCHANT["app_secret"] not in page
    assert KEY not in page


def start(*arguments: str) -> list[dict]:
    """The merchants of a sandbox that was started as a program."""
    command = [sys.executable, "-u", "-m", "sandbox", "--port", "0", *arguments]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) as program:
        try:
            url = next(line.split()[-1] for line in program.stderr if "listens on" in line)
            return requests.get(f"{url}/_control/platformode/merchants", timeout=30).json()
        finally:
            program.terminate()


def test_the_demo():
    (merchant,) = start()
    assert merchant["app_id"] == "0badc0de0badc0de0badc0de0badc0de"
    assert merchant["app_secret"] == "5ecre75ecre75ecre75ecre75ecre750"
    assert (
        merchant["merchant_key"] == "$2y$10$SandboxMerchantKey/Only.ForTheDemo0123456789abcdefghi"
    )
    assert (merchant["id"], merchant["is_3d"]) == ("98765", 4)
    url = "http://127.0.0.1:8069/payment/platformode/notify"
    assert merchant["hooks"] == {
        "odoo_sale": url,
        "odoo_refund": f"{url}/refund",
        "odoo_recurring": f"{url}/recurring",
    }


def test_a_merchant_from_the_command_line():
    text = "platformode:APP:SECRET:$2y$10$a/b.c:55:http://shop.example:8069/notify"
    (merchant,) = start("--merchant", text)
    assert (merchant["app_id"], merchant["app_secret"]) == ("APP", "SECRET")
    assert (merchant["merchant_key"], merchant["id"]) == ("$2y$10$a/b.c", "55")
    assert merchant["hooks"]["odoo_refund"] == "http://shop.example:8069/notify/refund"


# --- the panel


def test_a_refund_in_the_panel_is_one_that_the_shop_did_not_ask_for(platformode):
    platformode.buy()
    given = platformode.control(
        "POST", f"/platformode/payments/{INVOICE}/panel/refund", {"amount": 1000}
    )
    assert (given["amount"], given["state"]) == (1000, "completed")
    assert platformode.status()["total_refunded_amount"] == 10
    (row,) = platformode.call("/api/alltransaction", {"invoice_id": INVOICE})["data"]["data"]
    assert row["transaction_state_label"] == "Completed"


def test_a_chargeback_takes_all_that_is_left_and_only_the_list_says_so(platformode):
    platformode.buy()
    platformode.control("POST", f"/platformode/payments/{INVOICE}/panel/chargeback", {})
    answer = platformode.status()
    assert (answer["transaction_status"], answer["total_refunded_amount"]) == ("Completed", 100)
    (row,) = platformode.call("/api/alltransaction", {"invoice_id": INVOICE})["data"]["data"]
    assert (row["transaction_state_id"], row["transaction_state_label"]) == (11, "Chargebacked")


@pytest.mark.parametrize(
    ("act", "wish", "status", "price"),
    [
        ("capture", {}, "Completed", "100.00"),
        ("capture", {"amount": 4000}, "Completed", "40.00"),
        ("void", {}, "Failed", "100.00"),
    ],
)
def test_a_hold_can_be_ended_in_the_panel(platformode, act, wish, status, price):
    platformode.buy(transaction_type="PreAuth")
    platformode.control("POST", f"/platformode/payments/{INVOICE}/panel/{act}", wish)
    answer = platformode.status()
    assert (answer["transaction_status"], answer["product_price"]) == (status, price)


@pytest.mark.parametrize(
    ("act", "wish"), [("refund", {"amount": 10001}), ("refund", {"amount": 0}), ("capture", {})]
)
def test_what_the_panel_does_not_offer(platformode, act, wish):
    platformode.buy()
    platformode.control("POST", f"/platformode/payments/{INVOICE}/panel/{act}", wish, 400)
