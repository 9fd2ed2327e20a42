"""Platformode's recurring payments: the plan, its services and its web hook."""

import re

import pytest
from platformode_shop import INVOICE
from platformode_signing import KEY, plain
from test_platformode_link import RECURRING


@pytest.fixture
def plan(platformode) -> str:
    """The code of a plan of three payments, the first of which is made."""
    platformode.open(**RECURRING)
    return platformode.pay()["payment"]["plan_code"]


def run(platformode, plan: str, **wish) -> dict:
    return platformode.control("POST", f"/platformode/plans/{plan}/run", wish)


def call(platformode, service: str, plan: str, **changes) -> dict:
    fields = {"merchant_key": KEY, "plan_code": plan} | changes
    platformode.wait_for(2)
    return platformode.call(f"/api/recurringPlan/{service}", fields)


def test_the_first_payment_makes_a_plan(platformode, plan, shop):
    assert re.fullmatch(r"\d{10}\w{5}", plan)
    answer = platformode.status()
    assert answer["recurring_plan_code"] == plan
    assert (answer["recurring_id"], answer["recurring_status"]) == (1, "Active")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", answer["next_action_date"])
    assert [hook["status"] for hook in shop.received] == ["Completed"]  # the sale's
    assert "plan_code" not in shop.received[0]


def test_a_first_payment_that_fails_makes_none(platformode):
    platformode.open(**RECURRING)
    platformode.pay(card="stolen")
    assert platformode.control("GET", "/platformode/plans") == []
    assert "recurring_id" not in platformode.status()


def test_later_payments_are_sales_of_their_own(platformode, plan, shop):
    payment = run(platformode, plan)["payment"]
    assert payment["invoice_id"] != INVOICE
    assert payment["order_id"] != platformode.payment()["order_id"]
    hook = shop.wait(2)[1]
    order, invoice = payment["order_id"], payment["invoice_id"]
    assert plain(hook.pop("hash_key")) == f"Completed|100.00|{invoice}|{order}|TRY"
    assert re.fullmatch(r"\d\d-\d\d-\d\d \d\d:\d\d:\d\d", hook.pop("action_date"))
    assert hook == {
        "merchant_key": KEY,
        "invoice_id": invoice,
        "order_id": order,
        "product_price": "100.00",
        "plan_code": plan,
        "recurring_number": "2",
        "status": "Completed",
        "attempts": "1",
    }
    answer = platformode.status(invoice)
    assert (answer["status_code"], answer["recurring_plan_code"]) == (100, plan)
    assert platformode.totals(invoice)["collected"] == 10000


def test_a_plan_comes_to_its_end(platformode, plan):
    run(platformode, plan)
    run(platformode, plan)
    (row,) = platformode.control("GET", "/platformode/plans")
    assert (row["paid"], row["status"], len(row["payments"])) == (3, "Completed", 3)
    platformode.control("POST", f"/platformode/plans/{plan}/run", {}, 400)


@pytest.mark.parametrize("wish", [{"success": False}, {"bank": ["51", "Yetersiz bakiye"]}])
def test_a_failure_is_attempted_again(platformode, plan, shop, wish):
    failed = run(platformode, plan, **wish)["payment"]
    assert failed["state"] == "failed"
    run(platformode, plan)
    _sale, first, second = shop.wait(3)
    said = [
        (hook["recurring_number"], hook["attempts"], hook["status"]) for hook in (first, second)
    ]
    assert said == [("2", "1", "Failed"), ("2", "2", "Completed")]
    assert plain(first["hash_key"]).startswith(f"Failed|100.00|{failed['invoice_id']}|")
    assert platformode.status(failed["invoice_id"])["status_code"] == 41


def test_a_later_payment_can_be_refunded(platformode, plan):
    invoice = run(platformode, plan)["payment"]["invoice_id"]
    assert platformode.refund("", invoice)["status_code"] == 100
    assert platformode.totals(invoice)["remaining"] == 0
    assert platformode.totals()["remaining"] == 10000


def test_the_hook_can_be_forged(platformode, plan, shop):
    invoice = run(platformode, plan)["payment"]["invoice_id"]
    body = {"invoice_id": invoice, "kind": "recurring", "secret": "x"}
    platformode.control("POST", "/platformode/notifications", body)
    assert plain(shop.wait(3)[2]["hash_key"], "x").startswith("Completed|100.00|")


def test_white_label_payments_repeat_too(platformode):
    platformode.configure(is_3d=0)
    form = platformode.order(**RECURRING) | platformode.card()
    assert platformode.call("/api/paySmart2D", form)["status_code"] == 100
    (plan,) = platformode.control("GET", "/platformode/plans")
    assert plan["invoice_id"] == INVOICE


# --- query


def test_query(platformode, plan):
    answer = call(platformode, "query", plan)
    (card,) = answer.pop("recurringCardList")
    assert (card["sale_recurring_id"], card["status"]) == (1, "Active")
    first = platformode.payment()
    wanted = {
        "status_code": 100,
        "message": "Recurring card Found",
        "recurring_id": 1,
        "plan_code": plan,
        "currency": "TRY",
        "currency_symbol": "₺",
        "first_amount": 100,
        "recurring_amount": 100,
        "total_amount": 300,
        "payment_number": 3,
        "payment_interval": 1,
        "payment_cycle": "MONTH",
        "first_order_id": first["order_id"],
        "merchant_id": 56789,
        "card_no": "435508****4358",
        "recurring_status": "Active",
    }
    assert wanted.items() <= answer.items()


def test_query_of_one_payment(platformode, plan):
    run(platformode, plan, success=False)
    run(platformode, plan)
    rows = call(platformode, "query", plan, recurring_number="2")["transactionHistories"]
    assert [(row["recurring_number"], row["status"]) for row in rows] == [
        (2, "Failed"),
        (2, "Success"),
    ]
    assert call(platformode, "query", plan, recurring_number=3)["transactionHistories"] == []


def test_an_unknown_plan(platformode, plan):
    answer = call(platformode, "query", "x")
    assert answer["status_code"] == 70
    assert (answer["message"], answer["plan_code"]) == ("Recurring Not Found", "x")
    assert call(platformode, "update", "x", recurring_payment_number=3)["status_code"] == 71
    assert call(platformode, "delete", "x")["status_code"] == 72
    assert call(platformode, "query", "")["status_code"] == 1
    assert call(platformode, "query", plan, merchant_key="x")["status_code"] == 14


# --- update and delete


def test_update(platformode, plan):
    changes = {"recurring_payment_number": 5, "recurring_amount": "120.50"}
    assert call(platformode, "update", plan, **changes)["status_code"] == 100
    answer = call(platformode, "query", plan)
    assert (answer["payment_number"], answer["recurring_amount"]) == (5, 120.5)
    assert run(platformode, plan)["payment"]["amount"] == 12050


def test_a_plan_can_rest(platformode, plan):
    changes = {"recurring_payment_number": 3, "recurring_status": "INACTIVE"}
    call(platformode, "update", plan, **changes)
    platformode.control("POST", f"/platformode/plans/{plan}/run", {}, 400)
    call(platformode, "update", plan, **(changes | {"recurring_status": "ACTIVE"}))
    run(platformode, plan)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"recurring_payment_number": 1},
        {"recurring_payment_number": 122},
        {"recurring_payment_number": "x"},
        {"recurring_payment_number": 3, "recurring_status": "x"},
        {"recurring_payment_number": 3, "recurring_amount": "x"},
    ],
)
def test_updates_that_fail(platformode, plan, changes):
    answer = call(platformode, "update", plan, **changes)
    assert (answer["status_code"], answer["message"]) == (71, "Recurring plan update failed")


def test_not_fewer_than_were_paid(platformode, plan):
    run(platformode, plan)
    run(platformode, plan)
    assert call(platformode, "update", plan, recurring_payment_number=2)["status_code"] == 71


def test_delete(platformode, plan):
    answer = call(platformode, "delete", plan)
    assert answer == {"status_code": 100, "message": "Recurring plan Deleted successfully"}
    assert call(platformode, "query", plan)["status_code"] == 70
    platformode.control("POST", f"/platformode/plans/{plan}/run", {}, 404)
    assert platformode.status()["recurring_status"] == "Deleted"
