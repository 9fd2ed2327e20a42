"""Platformode's tokens, media types, rate limiter and order status."""

import re

import pytest
import requests
from platformode_shop import INVOICE
from platformode_signing import KEY, MERCHANT, hash_key

TOKEN_PATHS = (
    "/api/checkstatus",
    "/api/getpos",
    "/api/installments",
    "/api/commissions",
    "/api/refund",
    "/api/confirmPayment",
    "/payment/complete",
)


# --- token


def test_a_token(platformode):
    platformode.wait_for(2)
    answer = platformode.get_token()
    assert answer["status_code"] == 100
    assert answer["data"].keys() == {"token", "is_3d"}
    assert answer["data"]["is_3d"] == 4
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", answer["expires_at"])


def test_the_other_reading_of_the_sample(platformode):
    platformode.configure(expires_inside=True, is_3d=2)
    platformode.wait_for(2)
    answer = platformode.get_token()
    assert "expires_at" not in answer
    assert answer["data"].keys() == {"token", "is_3d", "expires_at"}
    assert answer["data"]["is_3d"] == 2


@pytest.mark.parametrize("changes", [{"app_secret": "x"}, {"app_id": "x"}, {"app_id": ""}])
def test_wrong_credentials(platformode, changes):
    assert platformode.get_token(**changes) == {
        "status_code": 2,
        "status_description": "Invalid credentials",
    }


def test_a_merchant_who_is_locked_out(platformode):
    platformode.configure(active=False)
    assert platformode.get_token()["status_code"] == 2
    platformode.call("/api/installments", {"merchant_key": KEY}, 401)


def test_a_token_lives_two_hours(platformode):
    platformode.wait_for(2 * 3600 - 60)
    assert platformode.status()["status_code"] == 31
    platformode.wait_for(61)
    answer = platformode.call("/api/checkstatus", {}, 401)
    assert answer == {"message": "Unauthenticated."}


def test_tokens_can_be_revoked(platformode):
    platformode.control("POST", "/platformode/tokens/revoke")
    platformode.call("/api/checkstatus", {}, 401)
    platformode.wait_for(2)
    platformode.log_in()
    assert platformode.status()["status_code"] == 31


@pytest.mark.parametrize("path", TOKEN_PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic {token}", "{token}"])
def test_nothing_without_a_token(platformode, path, header):
    headers = platformode.headers() | {"Authorization": header.format(token=platformode.token)}
    platformode.call(path, {"merchant_key": KEY}, 401, headers=headers)


# --- media types and methods


@pytest.mark.parametrize("path", TOKEN_PATHS)
def test_clients_must_accept_json(platformode, path):
    headers = platformode.headers() | {"Accept": "*/*"}
    answer = platformode.call(path, {"merchant_key": KEY}, 400, headers=headers)
    assert answer == {"message": "Accept must be application/json"}


@pytest.mark.parametrize("path", TOKEN_PATHS)
def test_clients_must_send_json(platformode, path):
    url = platformode.url + path
    response = requests.post(url, data={"merchant_key": KEY}, headers=platformode.headers())
    assert (response.status_code, response.json()["message"]) == (
        400,
        "Content-Type must be application/json",
    )


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "null"])
def test_the_body_must_be_an_object(platformode, body):
    headers = platformode.headers() | {"Content-Type": "application/json"}
    url = f"{platformode.url}/api/checkstatus"
    response = requests.post(url, data=body, headers=headers)
    assert (response.status_code, response.json()["message"]) == (400, "The body is no JSON object")


@pytest.mark.parametrize("path", ["/api/commissions", "/api/checkstatus", "/purchase/link"])
def test_nothing_is_got(platformode, path):
    response = requests.get(platformode.url + path, headers=platformode.headers())
    assert response.status_code == 405


def test_a_link_is_asked_for_by_form(platformode):
    response = requests.post(f"{platformode.url}/purchase/link", json={"merchant_key": KEY})
    assert response.status_code == 400


def test_a_token_is_asked_for_by_json(platformode):
    response = requests.post(f"{platformode.url}/api/token", data=MERCHANT)
    assert response.status_code == 400


# --- rate limiter


def test_the_same_request_within_two_seconds(platformode):
    fields = {"merchant_key": KEY}
    platformode.configure(limiter_seconds=60)
    assert platformode.call("/api/installments", fields)["status_code"] == 100
    answer = platformode.call("/api/installments", fields, 429)
    assert answer == {"message": "Too Many Attempts."}
    platformode.wait_for(60)
    assert platformode.call("/api/installments", fields)["status_code"] == 100


def test_a_refused_repetition_does_not_prolong_the_wait(platformode):
    fields = {"merchant_key": KEY}
    platformode.configure(limiter_seconds=60)
    platformode.call("/api/installments", fields)
    platformode.wait_for(40)
    platformode.call("/api/installments", fields, 429)
    platformode.wait_for(20)
    platformode.call("/api/installments", fields)


def test_another_request_is_let_in(platformode):
    for number in range(3):
        fields = {"merchant_key": KEY, "number": number}
        assert platformode.call("/api/installments", fields)["status_code"] == 100


def test_the_limiter_may_see_through_the_random_hash(platformode):
    fields = {"invoice_id": INVOICE, "merchant_key": KEY}
    for salt in ("0001", "0002"):
        platformode.status(hash_key=hash_key(*fields.values(), salt=salt))
    platformode.configure(limiter_sees_hash=False, limiter_seconds=60)
    platformode.status(hash_key=hash_key(*fields.values(), salt="0003"))
    fields["hash_key"] = hash_key(*fields.values(), salt="0004")
    platformode.call("/api/checkstatus", fields, 429)


def test_the_limiter_holds_for_tokens_and_links(platformode):
    platformode.configure(limiter_seconds=60)
    platformode.wait_for(60)
    platformode.log_in()
    url = f"{platformode.url}/api/token"
    fields = {"app_id": MERCHANT["app_id"], "app_secret": MERCHANT["app_secret"]}
    assert requests.post(url, json=fields).status_code == 429
    platformode.open()
    assert platformode.link() == {"message": "Too Many Attempts."}


def test_a_demo_may_do_without(platformode):
    platformode.configure(limiter_seconds=0)
    for _ in range(3):
        platformode.call("/api/installments", {"merchant_key": KEY})


# --- calls are counted


def test_calls_are_counted(platformode):
    platformode.get_token(app_secret="x")
    platformode.status()
    platformode.wait_for(2)
    platformode.status()
    platformode.status("SO2")

    def calls(query: str) -> int:
        return platformode.control("GET", f"/platformode/calls?{query}")["total"]

    assert calls(f"service=token&merchant={MERCHANT['id']}") == 2
    assert calls(f"service=checkstatus&invoice_id={INVOICE}") == 2
    assert calls("service=checkstatus") == 3
    assert calls("service=refund") == 0


# --- order status


def test_an_unknown_invoice(platformode):
    answer = platformode.status("SO9")
    assert (answer["status_code"], answer["status_description"]) == (31, "Transaction Not Found")


@pytest.mark.parametrize("state", ["open", "challenge"])
def test_nobody_has_paid_yet(platformode, state):
    link = platformode.open()
    if state == "challenge":
        platformode.fill_in(link)
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (69, "Pending")
    assert answer["product_price"] == "100.00"


def test_a_paid_invoice(platformode):
    payment = platformode.paid(card="family_world", installments=3)
    answer = platformode.status()
    assert re.fullmatch(r"\w{5}-\w{4}-TC10-56789-\d{6}", answer.pop("transaction_id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.pop("settlement_date"))
    text = f"An order has been taken place for this invoice id: {INVOICE}"
    assert answer == {
        "status_code": 100,
        "status_description": text,
        "transaction_status": "Completed",
        "order_id": payment["order_id"],
        "message": text,
        "reason": "",
        "bank_status_code": "",
        "bank_status_description": "",
        "invoice_id": INVOICE,
        "total_refunded_amount": 0,
        "product_price": "100.00",
        "transaction_amount": 105,
        "ref_number": answer["ref_number"],
        "transaction_type": "Auth",
        "merchant_commission": "2.75",
        "user_commission": "5.00",
        "md_status": 1,
        "original_bank_error_code": "",
        "original_bank_error_description": "",
    }


def test_a_failed_invoice(platformode):
    platformode.open()
    platformode.pay(card="stolen")
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (41, "Failed")
    assert answer["original_bank_error_code"] == "43"
    assert answer["original_bank_error_description"] == "Çalıntı Kart-Karta el koyunuz"
    assert answer["reason"] == "Failed # Çalıntı Kart-Karta el koyunuz"
    assert "settlement_date" not in answer


def test_refunds_are_added_up(platformode):
    platformode.paid()
    platformode.refund("10.50")
    assert platformode.status()["total_refunded_amount"] == 10.5


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"merchant_key": ""}, 1, "The merchant_key field is required."),
        ({"merchant_key": "x"}, 14, "Merchant Not Found !"),
        ({"invoice_id": ""}, 1, "The invoice_id field is required."),
        ({"hash_key": ""}, 1, "The hash_key field is required."),
        ({"hash_key": "x"}, 90, "Invalid Hash key"),
        ({"hash_key": hash_key(INVOICE, KEY, secret="x")}, 90, "Invalid Hash key"),
        ({"hash_key": hash_key(INVOICE)}, 90, "Invalid Hash key"),
        ({"hash_key": hash_key("SO2", KEY)}, 68, "Invoice id mismatch with hash key"),
        ({"hash_key": hash_key(INVOICE, "x")}, 68, "Merchant key mismatch with hash key"),
    ],
)
def test_status_refusals(platformode, changes, code, text):
    platformode.paid()
    answer = platformode.status(**changes)
    assert (answer["status_code"], answer["status_description"]) == (code, text)


def test_one_merchants_token_is_not_anothers(platformode):
    other = {"app_id": "b", "app_secret": "s", "merchant_key": "$other", "id": "777"}
    platformode.control("POST", "/platformode/merchants", other, 201)
    assert platformode.status(merchant_key="$other")["status_code"] == 14


# --- faults


def test_the_service_is_down(platformode):
    platformode.paid()
    platformode.fault("checkstatus", "http_500", match={"invoice_id": INVOICE})
    assert platformode.status("SO2")["status_code"] == 31
    response = requests.post(f"{platformode.url}/api/checkstatus", json={"invoice_id": INVOICE})
    assert response.status_code == 500


def test_any_refusal_on_demand(platformode):
    platformode.paid()
    platformode.fault("checkstatus", "refuse", code="69")
    assert platformode.status()["status_code"] == 69
    platformode.wait_for(2)
    assert platformode.status()["status_code"] == 100


def test_wrong_amounts(platformode):
    platformode.paid()
    platformode.fault("checkstatus", "wrong_amount", amount=-1)
    answer = platformode.status()
    assert (answer["product_price"], answer["transaction_amount"]) == ("99.99", 99.99)
