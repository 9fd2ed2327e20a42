"""Platformode's refunds and the web hook that announces them."""

import pytest
import requests
from platformode_shop import INVOICE
from platformode_signing import KEY, hash_key, plain


def refunded(platformode) -> int:
    return platformode.totals()["refunded"]


def test_a_refund(platformode):
    order = platformode.paid()["order_id"]
    answer = platformode.refund()
    reference = answer["ref_no"]
    assert reference
    assert answer == {
        "status_code": 100,
        "status_description": "Refund completed successfully",
        "order_no": order,
        "invoice_id": INVOICE,
        "ref_no": reference,
        "ref_number": reference,
    }
    assert platformode.totals()["remaining"] == 0
    (entry,) = (row for row in platformode.ledger()["entries"] if row["kind"] == "refund")
    assert entry["reference"] == "R1"


def test_refunds_in_parts(platformode):
    platformode.paid()
    for number, amount in enumerate(("10.50", "20", 30)):
        assert platformode.refund(amount, number=f"R{number}")["status_code"] == 100
        platformode.wait_for(30)
    assert refunded(platformode) == 6050
    assert platformode.status()["total_refunded_amount"] == 60.5


@pytest.mark.parametrize("amount", ["", "0", 0, "0.00"])
def test_the_remainder(platformode, amount):
    platformode.paid()
    platformode.refund("10.00", number="R0")
    platformode.wait_for(30)
    assert platformode.refund(amount)["status_code"] == 100
    assert refunded(platformode) == 10000
    platformode.wait_for(30)
    answer = platformode.refund(amount, number="R2")
    assert answer["status_description"] == "Total refund amount should not cross net amount"


def test_another_refund_within_thirty_seconds(platformode):
    platformode.paid()
    platformode.refund("10.00")
    platformode.wait_for(25)
    answer = platformode.refund("10.00", number="R2")
    assert (answer["status_code"], answer["status_description"]) == (
        49,
        "Please wait at least 30 seconds for another refund",
    )
    assert refunded(platformode) == 1000
    platformode.wait_for(5)
    assert platformode.refund("10.00", number="R3")["status_code"] == 100


def test_thirty_seconds_are_per_payment(platformode):
    platformode.paid()
    platformode.paid("SO2")
    platformode.refund("10.00")
    assert platformode.refund("10.00", "SO2", "R2")["status_code"] == 100


def test_a_refund_that_was_refused_does_not_count(platformode):
    platformode.paid()
    assert platformode.refund("100.01")["status_code"] == 49
    assert platformode.refund("100.00")["status_code"] == 100


def test_the_same_refund_twice(platformode):
    platformode.paid()
    platformode.refund("10.00")
    platformode.wait_for(30)
    answer = platformode.refund("10.00")
    assert (answer["status_code"], answer["ref_no"]) == (104, "")
    assert answer["status_description"] == "Refund transaction id must be unique"
    platformode.paid("SO2")
    assert platformode.refund("10.00", "SO2")["status_code"] == 104
    assert refunded(platformode) == 1000


def test_the_buyers_commission_stays(platformode):
    platformode.paid(card="family_world", installments=3)
    assert platformode.refund("105.00")["status_code"] == 49
    assert platformode.refund("")["status_code"] == 100
    assert platformode.totals()["remaining"] == 500


@pytest.mark.parametrize("prepare", ["nothing", "open", "failed", "held"])
def test_nothing_to_refund(platformode, prepare):
    texts = {"nothing": "Sale Transaction not found"}
    if prepare != "nothing":
        platformode.open(transaction_type="PreAuth" if prepare == "held" else "Auth")
    if prepare in ("failed", "held"):
        platformode.pay(card="stolen" if prepare == "failed" else "visa")
    answer = platformode.refund()
    assert answer["status_code"] == 49
    assert answer["status_description"] == texts.get(prepare, "Non refund Transaction State")
    assert answer.keys() >= {"order_no", "invoice_id", "ref_no"}
    assert platformode.ledger()["entries"] == [] or refunded(platformode) == 0


def test_no_refund_beyond_the_balance(platformode):
    platformode.configure(balance=0)
    platformode.paid()
    platformode.configure(balance=5000)
    answer = platformode.refund("50.01")
    assert (answer["status_code"], answer["status_description"]) == (49, "Insufficient balance")
    platformode.refund("50.00", number="R2")
    assert platformode.configure()["balance"] == 0


def test_no_partial_refund(platformode):
    platformode.configure(partial_refunds=False)
    platformode.paid()
    assert platformode.refund("50.00")["status_code"] == 110
    assert platformode.refund("100.00", number="R2")["status_code"] == 100


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_key": ""}, 1),
        ({"merchant_key": "x"}, 14),
        ({"invoice_id": ""}, 1),
        ({"app_id": ""}, 1),
        ({"app_id": "x"}, 30),
        ({"app_secret": "x"}, 30),
        ({"refund_transaction_id": ""}, 1),
        ({"amount": None}, 1),
        ({"amount": "x", "hash_key": hash_key("x", INVOICE, KEY)}, 1),
        ({"amount": "-1", "hash_key": hash_key("-1", INVOICE, KEY)}, 1),
        ({"amount": "1,00", "hash_key": hash_key("1,00", INVOICE, KEY)}, 1),
        ({"refund_web_hook_key": "x"}, 56),
        ({"hash_key": ""}, 1),
        ({"hash_key": "x"}, 90),
        ({"hash_key": hash_key("99.00", INVOICE, KEY)}, 68),
        ({"hash_key": hash_key("100.00", "SO2", KEY)}, 68),
        ({"hash_key": hash_key("100.00", INVOICE, "x")}, 68),
        ({"amount": "", "hash_key": hash_key("100.00", INVOICE, KEY)}, 68),
        ({"amount": "0", "hash_key": hash_key("", INVOICE, KEY)}, 68),
    ],
)
def test_refund_refusals(platformode, changes, code):
    platformode.paid()
    assert platformode.refund(**{"amount": "100.00"} | changes)["status_code"] == code
    assert refunded(platformode) == 0


@pytest.mark.parametrize("amount", ["100", 100, 100.0, "100.0"])
def test_amounts_are_compared_as_numbers(platformode, amount):
    platformode.paid()
    answer = platformode.refund(amount, hash_key=hash_key("100.00", INVOICE, KEY))
    assert answer["status_code"] == 100


# --- not at once


def test_a_refund_that_is_finished_later(platformode, shop):
    platformode.paid()
    platformode.configure(refund_mode="later")
    answer = platformode.refund("60.00")
    assert (answer["status_code"], refunded(platformode)) == (101, 0)
    assert platformode.status()["total_refunded_amount"] == 0
    platformode.wait_for(30)
    assert platformode.refund("60.00", number="R2")["status_code"] == 49  # spoken for
    assert [row["state"] for row in platformode.control("GET", "/platformode/refunds")] == [
        "pending"
    ]
    assert len(shop.received) == 1  # the sale
    told = platformode.control("POST", "/platformode/refunds/R1/approve")
    assert told["notification"]["fields"]["amount"] == "60.00"
    assert refunded(platformode) == 6000


def test_a_refund_that_is_rejected_later(platformode, shop):
    platformode.paid()
    platformode.configure(refund_mode="later")
    platformode.refund("60.00")
    row = platformode.control("POST", "/platformode/refunds/R1/reject")
    assert (row["state"], refunded(platformode)) == ("rejected", 0)
    platformode.wait_for(30)
    assert platformode.refund("100.00", number="R2")["status_code"] == 101
    assert len(shop.received) == 1


def test_a_refund_that_succeeds_in_part(platformode):
    platformode.paid()
    platformode.configure(refund_mode="partly")
    assert platformode.refund("60.00")["status_code"] == 112
    assert refunded(platformode) == 3000


# --- the web hook


def test_the_hook(platformode, shop):
    order = platformode.paid()["order_id"]
    platformode.refund("10.50")
    _sale, hook = shop.wait(2)
    assert plain(hook.pop("hash_key")) == f"Completed|10.50|{INVOICE}|{order}"
    assert hook == {
        "invoice_id": INVOICE,
        "order_id": order,
        "amount": "10.50",
        "status": "Completed",
    }
    assert shop.content_types[1] == "application/x-www-form-urlencoded"


def test_no_hook_without_a_key(platformode, shop):
    platformode.paid()
    platformode.refund("10.50", refund_web_hook_key="")
    assert len(platformode.control("GET", "/notifications")) == 1


def test_the_hook_can_be_called_again(platformode, shop):
    platformode.paid()
    platformode.refund("10.50")
    platformode.control("POST", "/platformode/refunds/R1/hook")
    assert [hook.get("amount") for hook in shop.wait(3)] == [None, "10.50", "10.50"]


def test_hooks_are_repeated_until_acknowledged(platformode, shop):
    platformode.paid()
    shop.answers.extend([(500, b""), (302, b""), (204, b"")])
    platformode.refund("10.50")
    shop.wait(4)
    delivery = platformode.control("GET", "/notifications")[-1]
    waited = platformode.control("GET", f"/notifications/{delivery['id']}?wait=5")
    assert [attempt["status"] for attempt in waited["attempts"]] == [500, 302, 204]


# --- faults


@pytest.mark.parametrize(
    ("kind", "money"), [("timeout_before", 0), ("timeout_after", 1000), ("reset_after", 1000)]
)
def test_the_connection_breaks(platformode, kind, money):
    platformode.paid()
    platformode.fault("refund", kind, seconds=0.01, match={"refund_transaction_id": "R1"})
    with pytest.raises(requests.ConnectionError):
        platformode.refund("10.00")
    assert refunded(platformode) == money
    platformode.wait_for(30)
    assert platformode.refund("10.00")["status_code"] == (104 if money else 100)
    assert refunded(platformode) == 1000


def test_refused_on_demand(platformode):
    platformode.paid()
    platformode.fault("refund", "refuse", code="49")
    assert platformode.refund()["status_description"] == "Refund Failed"
    assert refunded(platformode) == 0


def test_secrets_of_another_merchant(platformode):
    other = {"app_id": "b", "app_secret": "s", "merchant_key": "$other", "id": "777"}
    platformode.control("POST", "/platformode/merchants", other, 201)
    platformode.paid()
    answer = platformode.refund(app_id="b", app_secret="s")
    assert answer["status_code"] == 30
