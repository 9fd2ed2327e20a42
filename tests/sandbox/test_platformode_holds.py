"""Platformode's holds, and 3D payments that the merchant completes."""

import json

import pytest
from platformode_shop import FAIL, INVOICE, OK
from platformode_signing import KEY, hash_key, plain

# --- pre-authorisation


def hold(platformode, **wish) -> dict:
    platformode.open(transaction_type="PreAuth")
    return platformode.pay(**wish)["payment"]


def test_a_hold_is_no_money(platformode, shop):
    link = platformode.open(transaction_type="PreAuth")
    platformode.fill_in(link)
    address, fields = platformode.come_back(platformode.confirm_3d(link))
    assert address == OK
    assert (fields["payment_status"], fields["transaction_type"]) == ("1", "Pre-Authorization")
    (hook,) = shop.received
    assert (hook["status"], hook["transaction_type"]) == ("Completed", "Pre-Authorization")
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (100, "Pending")
    assert answer["transaction_type"] == "Pre-Authorization"
    assert "settlement_date" not in answer
    assert platformode.ledger()["entries"] == []


def test_the_spelling_of_the_sample(platformode):
    platformode.link(platformode.invoice(trasaction_type="Pre-Authorization"))
    assert platformode.payment()["pre_auth"] is True


@pytest.mark.parametrize(
    "invoice",
    [{"trasaction_type": "PreAuth"}, {"transaction_type": "Pre-Authorization"}],
)
def test_the_spellings_do_not_mix(platformode, invoice):
    assert platformode.link(platformode.invoice(**invoice))["status_code"] == 1


def test_the_other_reading_of_a_hold(platformode):
    platformode.configure(held_status=69)
    hold(platformode)
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (69, "Pending")


def test_merchants_who_may_not_hold(platformode):
    platformode.configure(pre_auth=False)
    assert platformode.link(transaction_type="PreAuth")["status_code"] == 34


def test_capturing(platformode, shop):
    order = hold(platformode)["order_id"]
    assert platformode.confirm() == {
        "status_code": 100,
        "status_description": f"An order has been taken place for this invoice id: {INVOICE}",
        "transaction_status": "Completed",
        "order_id": order,
        "invoice_id": INVOICE,
    }
    assert platformode.totals()["collected"] == 10000
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (100, "Completed")
    assert answer["transaction_type"] == "Pre-Authorization"
    assert len(shop.received) == 1  # no web hook says so
    platformode.configure(captured_is_auth=True)
    platformode.wait_for(2)
    assert platformode.status()["transaction_type"] == "Auth"
    assert platformode.refund("")["status_code"] == 100


@pytest.mark.parametrize("total", ["60.00", 60, "60"])
def test_capturing_a_part(platformode, total):
    hold(platformode, card="family_world", installments=3)
    assert platformode.confirm(total=total)["status_code"] == 100
    order = platformode.totals()
    assert (order["collected"], order["surcharge"]) == (6300, 300)
    answer = platformode.status()
    assert (answer["product_price"], answer["transaction_amount"]) == ("60.00", 63)
    assert platformode.refund("60.01")["status_code"] == 49


@pytest.mark.parametrize("total", ["", "0", 0])
def test_no_total_is_all_of_it(platformode, total):
    hold(platformode)
    platformode.confirm(total=total)
    assert platformode.totals()["collected"] == 10000


def test_dropping(platformode, shop):
    hold(platformode)
    answer = platformode.confirm("2")
    assert (answer["status_code"], answer["transaction_status"]) == (100, "Failed")
    assert platformode.status()["status_code"] == 41
    assert platformode.ledger()["entries"] == []
    assert len(shop.received) == 1


@pytest.mark.parametrize("first", ["1", "2"])
def test_once_only(platformode, first):
    hold(platformode)
    platformode.confirm(first)
    platformode.wait_for(2)
    for status in ("1", "2"):
        answer = platformode.confirm(status)
        assert answer["status_code"] == 113
        assert answer["status_description"].startswith("There is no pre auth transaction")


def test_nothing_to_confirm(platformode):
    assert platformode.confirm()["status_code"] == 113
    platformode.paid()
    platformode.wait_for(2)
    assert platformode.confirm()["status_code"] == 113


def test_the_bank_does_not_let_it_be_captured(platformode):
    order = hold(platformode)["order_id"]
    platformode.control("POST", f"/platformode/payments/{INVOICE}/outcome", {"bank": ["54", "x"]})
    assert platformode.confirm() == {
        "status_code": 105,
        "status_description": "The transaction is not Approved",
        "transaction_status": "Pending",
        "order_id": order,
        "invoice_id": INVOICE,
    }
    platformode.wait_for(2)
    assert platformode.confirm()["status_code"] == 100


def test_a_hold_does_not_last(platformode):
    hold(platformode)
    platformode.control("POST", f"/platformode/payments/{INVOICE}/expire")
    assert platformode.confirm()["status_code"] == 113
    assert platformode.status()["transaction_status"] == "Failed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_key": "x"}, 14),
        ({"invoice_id": ""}, 1),
        ({"status": ""}, 1),
        ({"status": "3"}, 1),
        ({"total": "100.01"}, 1),
        ({"total": "x"}, 1),
        ({"hash_key": "x"}, 90),
        ({"hash_key": hash_key("x", INVOICE, "1")}, 68),
        ({"hash_key": hash_key(KEY, "SO2", "1")}, 68),
        ({"hash_key": hash_key(KEY, INVOICE, "2")}, 68),
    ],
)
def test_confirmations_that_are_refused(platformode, changes, code):
    hold(platformode)
    assert platformode.confirm(**changes)["status_code"] == code
    assert platformode.payment()["state"] == "held"


# --- completed by the merchant


@pytest.fixture
def order(platformode) -> str:
    """A payment that has passed 3D Secure and waits for the merchant."""
    platformode.configure(is_3d=2)
    platformode.pay_3d(payment_completed_by="merchant")
    return platformode.pay()["payment"]["order_id"]


def test_3d_secure_alone_is_no_money(platformode, order, shop):
    url = platformode.control("GET", f"/platformode/payments/{INVOICE}/redirect")
    assert url["url"].startswith(OK)
    assert (url["fields"]["payment_status"], url["fields"]["md_status"]) == ("1", "1")
    answer = platformode.status()
    assert (answer["status_code"], answer["transaction_status"]) == (69, "Pending")
    assert platformode.ledger()["entries"] == []
    assert shop.received == []


def test_completing(platformode, order, shop):
    answer = platformode.complete(order)
    data = answer["data"]
    assert (answer["status_code"], answer["status_description"]) == (
        100,
        "Payment Successfully Completed",
    )
    assert plain(data.pop("hash_key")) == f"Completed|100|{INVOICE}|{order}|TRY"
    assert data == {
        "order_no": order,
        "order_id": order,
        "invoice_id": INVOICE,
        "status_code": 100,
        "status_description": "Payment Successfully Completed",
        "credit_card_no": "435508****4358",
        "transaction_type": "Auth",
        "payment_status": True,
        "payment_method": 1,
        "error_code": 100,
        "error": "Payment Successfully Completed",
        "auth_code": data["auth_code"],
        "status": "Completed",
    }
    assert shop.wait(1)[0]["status"] == "Completed"
    assert platformode.status()["status_code"] == 100
    assert platformode.totals()["collected"] == 10000


@pytest.mark.parametrize(("total", "text"), [("0.10", "0.1"), ("5.00", "5"), ("10.55", "10.55")])
def test_its_total_is_written_short(platformode, total, text):
    platformode.configure(is_3d=2)
    items = [{"name": "x", "price": total, "quantity": 1, "description": ""}]
    platformode.pay_3d(payment_completed_by="merchant", total=total, items=items)
    answer = platformode.complete(platformode.pay()["payment"]["order_id"])
    assert plain(answer["data"]["hash_key"]).split("|")[1] == text


def test_letting_it_go(platformode, order, shop):
    answer = platformode.complete(order, "cancel")
    assert (answer["status_code"], answer["data"]["status"]) == (100, "Failed")
    assert answer["data"]["payment_status"] is False
    assert shop.wait(1)[0]["status"] == "Failed"
    assert platformode.status()["status_code"] == 41
    assert platformode.ledger()["entries"] == []


def test_the_bank_declines_then(platformode, shop):
    platformode.configure(is_3d=2)
    platformode.pay_3d("4000010000000092", payment_completed_by="merchant")
    answer = platformode.complete(platformode.pay()["payment"]["order_id"])
    assert (answer["status_code"], answer["data"]["status"]) == (41, "Failed")
    assert platformode.status()["original_bank_error_code"] == "43"


@pytest.mark.parametrize("first", ["complete", "cancel"])
def test_completed_once_only(platformode, order, first):
    platformode.complete(order, first)
    platformode.wait_for(2)
    answer = platformode.complete(order)
    assert answer == {
        "status_code": 31,
        "status_description": f"Pending sale not found against order_id {order}",
        "data": {"invoice_id": INVOICE, "order_id": order},
    }


def test_fifteen_minutes(platformode, order, shop):
    platformode.wait_for(14 * 60)
    assert platformode.status()["status_code"] == 69
    platformode.wait_for(61)
    assert platformode.status()["status_code"] == 41
    assert shop.wait(1)[0]["status"] == "Failed"
    assert platformode.complete(order)["status_code"] == 31


def test_no_need_to_wait_for_them(platformode, order):
    platformode.control("POST", f"/platformode/payments/{INVOICE}/expire")
    assert platformode.status()["status_code"] == 41


def test_a_failed_authentication_cannot_be_completed(platformode):
    platformode.configure(is_3d=2)
    secure = platformode.pay_3d(payment_completed_by="merchant")
    address, fields = platformode.come_back(platformode.confirm_3d(secure, "b"))
    assert (address, fields["md_status"]) == (FAIL, "0")
    assert platformode.complete(fields["order_id"])["status_code"] == 31


def test_the_page_is_over(platformode, order):
    token = platformode.payment()["token"]
    page = platformode.session.get(f"{platformode.url}/checkout/{token}/3d")
    assert "sonuçlandı" in page.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_key": "x"}, 14),
        ({"invoice_id": ""}, 1),
        ({"status": "done"}, 1),
        ({"hash_key": "x"}, 90),
        ({"hash_key": hash_key(KEY, INVOICE, "1", "complete")}, 68),
    ],
)
def test_completions_that_are_refused(platformode, order, changes, code):
    assert platformode.complete(order, **changes)["status_code"] == code
    assert platformode.payment()["state"] == "authenticated"


def test_another_order_id(platformode, order):
    assert platformode.complete("1")["status_code"] == 31


def test_no_secret_is_kept(platformode, order):
    form = json.dumps(platformode.payment()["form"])
    assert "4355084355084358" not in form
    assert KEY not in form
