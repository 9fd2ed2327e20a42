"""Platformode's lists of transactions."""

from datetime import timedelta

import pytest
from platformode_shop import INVOICE
from platformode_signing import KEY, hash_key

from sandbox.clock import now

NAMES = ("date", "invoiceid", "currency_id", "paymentmethodid", "minamount", "maxamount")
NAMES += ("transactionState",)


@pytest.fixture
def three(platformode):
    """A completed sale, a failed one, and a hold in euros; and a page nobody used."""
    platformode.paid()
    platformode.open("SO2")
    platformode.pay("SO2", card="stolen")
    platformode.open("SO3", currency_code="EUR", transaction_type="PreAuth")
    platformode.pay("SO3")
    platformode.open("SO4")
    return platformode


def transactions(platformode, **changes) -> dict:
    fields = {"merchant_key": KEY, "date": f"{now():%Y-%m-%d}"} | changes
    values = [fields.get(name, "") for name in NAMES]
    return platformode.call(
        "/api/getTransactions", {"hash_key": hash_key(*values, secret=KEY)} | fields
    )


def invoices(answer: dict) -> list[str]:
    assert answer["status_code"] == 100, answer
    return [row["invoice_id"] for row in answer["data"]]


def test_transactions_of_a_day(three):
    answer = transactions(three)
    assert invoices(answer) == [INVOICE, "SO2", "SO3"]
    wanted = {
        "merchant_id": 56789,
        "transaction_state_id": 1,
        "transaction_state_label": "Completed",
        "gross": 100,
        "net": 98,
        "merchant_commission": 2,
        "product_price": 100,
        "currency_id": 1,
        "currency_code": "TRY",
        "credit_card_no": "435508****4358",
        "installment": 1,
        "card_program": "AXESS",
        "total_refunded_amount": 0,
        "refund_history": [],
    }
    assert wanted.items() <= answer["data"][0].items()
    states = [row["transaction_state_label"] for row in answer["data"]]
    assert states == ["Completed", "Failed", "Pending"]


def test_a_payment_s_currency_is_in_the_list_and_nowhere_else(three):
    three.confirm("1", "SO3", total="40.00")
    three.refund("10.50", "SO3")
    (row,) = transactions(three, invoiceid="SO3")["data"]
    told = row["currency_code"], row["product_price"], row["total_refunded_amount"]
    assert told == ("EUR", 40, 10.5)
    assert "EUR" not in str(three.status("SO3"))
    order = three.totals("SO3")
    assert (order["currency"], order["collected"], order["refunded"]) == ("EUR", 4000, 1050)


def test_transactions_know_their_refunds(three):
    three.refund("10.50")
    row = transactions(three)["data"][0]
    assert row["total_refunded_amount"] == 10.5
    assert row["refund_history"] == [{"amount": 10.5, "refund_transaction_id": "R1"}]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"invoiceid": "SO2"}, ["SO2"]),
        ({"currency_id": "3"}, ["SO3"]),
        ({"currency_id": 1}, [INVOICE, "SO2"]),
        ({"paymentmethodid": "2"}, []),
        ({"minamount": "100.01"}, []),
        ({"minamount": "100", "maxamount": "100"}, [INVOICE, "SO2", "SO3"]),
        ({"maxamount": 99}, []),
        ({"transactionState": "1"}, [INVOICE]),
        ({"transactionState": "3"}, ["SO3"]),
        ({"date": "2021-02-10"}, []),
        ({"type": "hourly", "date": "2021-02-10 21:00:00"}, []),
    ],
)
def test_transactions_can_be_chosen(three, changes, wanted):
    assert invoices(transactions(three, **changes)) == wanted


@pytest.mark.parametrize("option", ["", "1", "2"])
def test_transactions_of_a_range(three, option):
    start, end = now() - timedelta(minutes=5), now() + timedelta(minutes=5)
    period = {
        "type": "range",
        "from_date": f"{start:%Y-%m-%d %H:%M:%S}",
        "to_date": f"{end:%Y-%m-%d %H:%M:%S}",
        "order_by_option": option,
    }
    assert len(invoices(transactions(three, **period))) == 3
    period["to_date"] = period["from_date"]
    assert invoices(transactions(three, **period)) == []


def test_changes_have_a_date_too(three):
    three.wait_for(24 * 3600)
    three.log_in()
    three.confirm(invoice_id="SO3")
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    assert invoices(transactions(three, date=tomorrow)) == []
    assert invoices(transactions(three, date=tomorrow, order_by_option="2")) == ["SO3"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"merchant_key": "x"}, 14),
        ({"hash_key": ""}, 1),
        ({"hash_key": "x"}, 90),
        ({"hash_key": hash_key("2021-02-10", "", "", "", "", "", "", secret=KEY)}, 90),
        ({"hash_key": hash_key(f"{now():%Y-%m-%d}", "", "", "", "", "", "")}, 90),  # app_secret
        ({"date": ""}, 1),
        ({"date": "10.02.2021"}, 1),
        ({"type": "hourly"}, 1),
        ({"type": "weekly"}, 1),
        ({"type": "range"}, 1),
    ],
)
def test_transactions_that_are_refused(three, changes, code):
    assert transactions(three, **changes)["status_code"] == code


# --- in pages


def pages(platformode, **changes) -> dict:
    answer = platformode.call("/api/alltransaction", changes)
    assert answer["status_code"] == 100, answer
    return answer["data"]


def test_all_transactions(three):
    data = pages(three)
    assert [row["invoice_id"] for row in data.pop("data")] == ["SO2", INVOICE]
    assert data == {
        "current_page": 1,
        "first_page_url": "api/alltransaction?page=1",
        "from": 1,
        "last_page": 1,
        "last_page_url": "api/alltransaction?page=1",
        "next_page_url": "",
        "path": "api/alltransaction",
        "per_page": "10",
        "prev_page_url": "",
        "to": 2,
        "total": 2,
    }


def test_one_row_a_page(three):
    first = pages(three, page_limit="1", order="asc")
    second = pages(three, page_limit=1, order="asc", page=2)
    assert [row["invoice_id"] for row in first["data"] + second["data"]] == [INVOICE, "SO2"]
    assert (first["last_page"], first["next_page_url"]) == (2, "api/alltransaction?page=2")
    assert (second["from"], second["to"], second["prev_page_url"]) == (
        2,
        2,
        "api/alltransaction?page=1",
    )
    beyond = pages(three, page_limit="1", page="3")
    assert (beyond["data"], beyond["from"]) == ([], None)


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"currency_code": "EUR"}, 1),
        ({"invoice_id": "SO2"}, 1),
        ({"invoice_id": "SO9"}, 0),
        ({"search_key": INVOICE}, 1),
        ({"payment_method": "1"}, 2),
        ({"payment_method": "3"}, 0),
        ({"transactionState": "1"}, 1),
        ({"amount": "100.00"}, 2),
        ({"amount": "99"}, 0),
        ({"minamount": "100.01"}, 0),
        ({"maxamount": "100"}, 2),
        ({"billing_phone": "x"}, 0),
        ({"billing_email": ""}, 2),
        ({"date_range": "2021/12/23 - 2022/01/23"}, 0),
        ({"date_range": "2021-12-23 - 9999-12-31"}, 2),
    ],
)
def test_pages_can_be_chosen(three, changes, count):
    assert pages(three, **changes)["total"] == count


def test_a_transaction_by_its_numbers(three):
    payment = three.payment()
    for name in ("transaction_id", "order_id"):
        assert pages(three, **{name: payment[name]})["total"] == 1
        assert pages(three, search_key=payment[name])["total"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"page_limit": "x"},
        {"page_limit": "-1"},
        {"page": "x"},
        {"order": "x"},
        {"date_range": "2021"},
        {"date_range": "2021/13/23 - 2022/01/23"},
    ],
)
def test_pages_that_fail(three, changes):
    answer = three.call("/api/alltransaction", changes)
    assert answer == {"status_code": 99, "status_description": "failed", "data": []}


def test_other_merchants_see_nothing(three):
    other = {"app_id": "b", "app_secret": "s", "merchant_key": "$other", "id": "777"}
    three.control("POST", "/platformode/merchants", other, 201)
    three.token = three.get_token(app_id="b", app_secret="s")["data"]["token"]
    assert pages(three)["total"] == 0
