"""Platformode's lists of payments: those of a day, and those with a reference."""

from datetime import date

import pytest
from platformode_samples import (
    ALL_LIST,
    DAY_LIST,
    HASHES,
    INVOICE,
    MERCHANT_KEY,
    NOT_PAID,
    ORDER,
    ORDER_ID,
    PAID,
    STATUS,
    sent,
)
from requests import ReadTimeout

from gateways.base import (
    GivenBack,
    ListedPayment,
    MaskedCard,
    Money,
    Reason,
    Refused,
    State,
    Statement,
)
from gateways.transport import NoAnswer

DAY = date(2021, 2, 10)
ROW = {  # As in the document, with a reference of ours.
    "id": 275018,
    "payment_id": "W7iQ8-M7jb-TC10-98950-100221",
    "transaction_state_id": 11,
    "merchant_commission": 0.665,
    "gross": 11.3,
    "net": 10.635,
    "payment_type_id": 1,
    "product_price": 10,
    "total_refunded_amount": 10,
    "currency_id": 1,
    "invoice_id": INVOICE,
    "credit_card_no": "535576****7226",
    "installment": 1,
    "settlement_date_merchant": "2021-02-11 14:00:00",
    "created_at": "2021-02-10T12:30:37.000000Z",
    "order_id": ORDER_ID,
    "transaction_state_label": "Chargebacked",
    "currency_code": "TRY",
}
LISTED = ListedPayment(
    reference=INVOICE,
    state=State.PAID,
    amount=Money(1000, "TRY"),
    charged=Money(1130, "TRY"),
    fee=Money(67, "TRY"),
    net=Money(1063, "TRY"),
    refunded=Money(1000, "TRY"),
    is_charged_back=True,
    settles_on=date(2021, 2, 11),
    installments=1,
    card=MaskedCard("535576****7226"),
    psp_reference=ORDER_ID,
    psp_number="275018",
)


@pytest.fixture
def listed(network, platformode):
    """List a day, with the given rows or another answer."""

    def list_(*rows: object, **answer) -> tuple[ListedPayment, ...]:
        network.post(DAY_LIST, json={"status_code": 100, "data": list(rows)} | answer)
        return platformode.list_payments(DAY, DAY)

    return list_


@pytest.fixture
def found(network, platformode):
    """Find our reference, with these pages."""

    def find(*pages: object, **answer) -> tuple[ListedPayment, ...]:
        for rows in pages:
            data = {"current_page": 1, "data": rows, "last_page": len(pages)}
            network.post(ALL_LIST, json={"status_code": 100, "data": data} | answer)
        return platformode.find_payments(INVOICE)

    return find


def without(*names: str) -> dict:
    return {name: value for name, value in ROW.items() if name not in names}


# === A STATEMENT === #


@pytest.fixture
def stated(network, platformode):
    """Ask how the payment stands, with changes of the status and rows of the list."""

    def state(*rows: object, answer: dict = PAID, **changes) -> Statement:
        network.post(STATUS, json=answer | changes)
        data = {"data": list(rows), "last_page": 1}
        network.post(ALL_LIST, json={"status_code": 100, "data": data})
        return platformode.statement(ORDER)

    return state


@pytest.mark.parametrize(
    ("total", "given_back"),
    [(0, ()), ("0.00", ()), (10.5, (GivenBack(amount=Money(1050, "TRY")),))],
)
def test_a_statement_has_the_sum_of_what_was_given_back(stated, total, given_back):
    statement = stated(without("transaction_state_label"), total_refunded_amount=total)
    assert statement.outcome.state is State.PAID
    assert statement.given_back == given_back


@pytest.mark.parametrize("status", ["Refunded", "Partial Refunded", "Chargebacked"])
def test_what_was_given_back_was_paid(stated, status):
    statement = stated(ROW, transaction_status=status, total_refunded_amount="100.00")
    assert statement.outcome.state is State.PAID
    assert statement.outcome.amount == ORDER.amount
    assert statement.given_back == (GivenBack(amount=ORDER.amount),)


@pytest.mark.parametrize(
    ("changes", "is_charged_back"),
    [
        ({}, True),
        ({"transaction_state_label": ""}, True),
        ({"transaction_state_id": 1}, True),
        ({"transaction_state_id": 1, "transaction_state_label": "Refunded"}, False),
    ],
)
def test_only_the_list_tells_of_a_chargeback(stated, changes, is_charged_back):
    assert stated(ROW | changes, total_refunded_amount=0).is_charged_back is is_charged_back


@pytest.mark.parametrize("total", [None, "çok", []], ids=str)
def test_a_sum_that_cannot_be_read_says_nothing(stated, total):
    with pytest.raises(NoAnswer):
        stated(ROW, total_refunded_amount=total)


def test_of_what_was_not_paid_nothing_was_given_back(network, stated):
    assert stated(ROW, answer=NOT_PAID).given_back == ()
    assert [call.request.url for call in network.calls] == [STATUS]


# === A DAY === #


def test_more_than_one_day_is_not_asked_for(platformode):
    with pytest.raises(ValueError):
        platformode.list_payments(DAY, date(2021, 2, 11))


def test_a_day_is_asked_for_as_in_the_vectors(network, listed, iv_and_salt_of_the_vectors):
    assert listed() == ()
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "hash_key": HASHES["getTransactions_password_is_sha1_of_merchant_key"],
        "date": "2021-02-10",
        "invoiceid": "",
        "currency_id": "",
        "paymentmethodid": "",
        "minamount": "",
        "maxamount": "",
        "transactionState": "",
        "type": "daily",
    }


def test_the_sample_is_read(listed):
    """What was charged is what is paid out and what the PSP keeps, for all its odd decimals."""
    assert listed(ROW) == (LISTED,)
    assert LISTED.fee.minor + LISTED.net.minor == LISTED.charged.minor


@pytest.mark.parametrize(
    "data", [{"0": ROW}, {"3": ROW, "7": "x"}, {"data": {"0": ROW}}, {"data": [ROW]}], ids=str
)
def test_payments_are_found_in_each_kind_of_list(network, platformode, data):
    network.post(ALL_LIST, json={"status_code": 100, "data": data})
    assert len(platformode.find_payments(ROW["invoice_id"])) == 1


@pytest.mark.parametrize("data", [[], {}], ids=str)
def test_an_empty_list_is_written_either_way(network, platformode, data):
    network.post(DAY_LIST, json={"status_code": 100, "data": data})
    assert platformode.list_payments(DAY, DAY) == ()


def test_computed_amounts_are_read_in_thousands_too(listed):
    (payment,) = listed(ROW | {"net": "1,061.00"})
    assert payment.net == Money(106100, "TRY")


def test_every_payment_is_listed(listed):
    rows = [ROW | {"invoice_id": f"SO{number}"} for number in range(3)]
    assert [payment.reference for payment in listed(*rows)] == ["SO0", "SO1", "SO2"]


@pytest.mark.parametrize(
    ("label", "number", "state"),
    [
        ("Completed", 1, State.PAID),
        ("Failed", 2, State.FAILED),
        ("Pending", 3, State.PENDING),
        (None, 1, State.PAID),
        (None, "2", State.FAILED),
        ("", 3, State.PENDING),
        ("Refunded", 5, State.PAID),
        ("Partial Refund", 17, State.PAID),
        ("Chargebacked", 11, State.PAID),
        ("Chargeback Requested", 8, State.PAID),
        (None, 11, State.PAID),
        ("Failed", 1, State.FAILED),
        ("Stand By", 4, State.PENDING),
        ("", None, State.PENDING),
        ([], {}, State.PENDING),
        (None, True, State.PENDING),
    ],
)
def test_each_state_is_told(listed, label, number, state):
    row = ROW | {"transaction_state_label": label, "transaction_state_id": number}
    assert listed(row)[0].state is state


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("gross", "22,10", "charged", Money(2210, "TRY")),
        ("gross", None, "charged", None),
        ("merchant_commission", 0.1, "fee", Money(10, "TRY")),
        ("merchant_commission", "2.68", "fee", Money(268, "TRY")),
        ("merchant_commission", 0, "fee", Money(0, "TRY")),
        ("merchant_commission", -1, "fee", None),
        ("merchant_commission", "x", "fee", None),
        ("merchant_commission", 1e-7, "fee", None),
        ("merchant_commission", 1e40, "fee", None),
        ("net", 4.9, "net", Money(490, "TRY")),
        ("net", [], "net", None),
        ("total_refunded_amount", 0, "refunded", Money(0, "TRY")),
        ("total_refunded_amount", "", "refunded", None),
        ("settlement_date_merchant", "", "settles_on", None),
        ("installment", "3", "installments", 3),
        ("installment", 0, "installments", None),
        ("order_id", 162616268649431, "psp_reference", ORDER_ID),
        ("order_id", None, "psp_reference", ""),
    ],
)
def test_what_is_beside_the_amount_is_read_leniently(listed, name, value, field, read):
    (payment,) = listed(ROW | {name: value})
    assert getattr(payment, field) == read


def test_a_card_is_masked_if_platformode_does_not(listed):
    (payment,) = listed(ROW | {"credit_card_no": "5406675406675403"})
    assert payment.card.number == "540667******5403"


@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        "x",
        {},
        without("invoice_id"),
        without("product_price"),
        without("currency_code", "currency_id"),
        ROW | {"invoice_id": ""},
        ROW | {"product_price": "-10"},
        ROW | {"product_price": "1.234"},
        ROW | {"currency_code": "lira"},
        without("currency_code") | {"currency_id": 2},
    ],
    ids=lambda row: str(row)[-40:],
)
def test_a_row_that_cannot_be_read_is_left_out(listed, row):
    assert listed(row, ROW) == (LISTED,)


@pytest.mark.parametrize("code", [31, 69])
def test_a_day_without_payments_has_none(listed, code):
    assert listed(status_code=code) == ()


@pytest.mark.parametrize(("code", "reason"), [(90, Reason.WRONG_APP), (1, Reason.TECHNICAL)])
def test_a_list_that_is_refused_says_why(listed, code, reason):
    with pytest.raises(Refused) as refusal:
        listed(status_code=code)
    assert (refusal.value.reason, refusal.value.code) == (reason, str(code))


# === A REFERENCE === #


def test_a_reference_is_asked_for(network, found):
    assert found([without("currency_code", "transaction_state_label")]) == (LISTED,)
    assert network.calls[0].request.url == f"{ALL_LIST}?page=1"
    body = sent(network.calls[0])
    assert (body["invoice_id"], body["currency_code"], body["page"]) == (INVOICE, "TRY", "1")
    assert len(network.calls) == 1


def test_all_pages_are_read(network, found):
    rows = [ROW | {"order_id": str(number)} for number in range(5)]
    payments = found(rows[:2], rows[2:4], rows[4:])
    assert [payment.psp_reference for payment in payments] == ["0", "1", "2", "3", "4"]
    pages = [call.request.url.split("=")[1] for call in network.calls]
    assert pages == [sent(call)["page"] for call in network.calls] == ["1", "2", "3"]


def test_what_stands_on_two_pages_is_one_payment(found):
    """Whatever was paid meanwhile moves the others down."""
    assert found([ROW], [ROW]) == (LISTED,)


def test_other_references_are_left_out(found):
    assert found([ROW | {"invoice_id": f"{INVOICE}0"}, ROW, ROW | {"invoice_id": "SO"}]) == (
        LISTED,
    )


def test_a_reference_without_payments_has_none(network, found):
    assert found([]) == ()
    asked = [sent(call)["currency_code"] for call in network.calls]
    assert asked == ["TRY", "USD", "EUR"]


def test_the_currency_that_was_asked_for_is_that_of_the_rows(network, found):
    """They number it, and only the lira's number is documented."""
    row = without("currency_code") | {"currency_id": 7}
    network.post(ALL_LIST, json={"status_code": 100, "data": []})
    (payment,) = found([row])
    assert payment.amount == Money(1000, "USD")
    assert len(network.calls) == 2


def test_no_more_than_twenty_pages_are_read(network, platformode):
    data = {"data": [ROW], "last_page": 10**6}
    network.post(ALL_LIST, json={"status_code": 100, "data": data})
    assert platformode.find_payments(INVOICE) == (LISTED,)
    assert len(network.calls) == 20


@pytest.mark.parametrize("last", [None, 0, -1, "x", [], 1.5, 10**9])
def test_a_last_page_that_is_none_is_the_first(network, platformode, last):
    data = {"data": [ROW], "last_page": last}
    network.post(ALL_LIST, json={"status_code": 100, "data": data})
    assert platformode.find_payments(INVOICE) == (LISTED,)
    assert len(network.calls) == 1


def test_a_page_that_is_missing_makes_the_list_no_answer(network, platformode):
    data = {"data": [ROW], "last_page": 2}
    network.post(ALL_LIST, json={"status_code": 100, "data": data})
    network.post(ALL_LIST, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        platformode.find_payments(INVOICE)


# === NO ANSWER === #


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        "x",
        {"status_code": 99, "data": []},
        {"status_code": 100},
        {"status_code": 100, "data": "x"},
        {"status_code": 100, "data": {"data": "x"}},
        {"status": "ok"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("url", "ask"),
    [
        (DAY_LIST, lambda psp: psp.list_payments(DAY, DAY)),
        (ALL_LIST, lambda psp: psp.find_payments(INVOICE)),
    ],
    ids=["day", "reference"],
)
def test_garbage_is_no_list(network, platformode, url, ask, answer):
    network.post(url, json=answer)
    with pytest.raises(NoAnswer):
        ask(platformode)


def test_the_request_of_a_payment_is_not_in_the_log(caplog, found):
    caplog.set_level("DEBUG")
    request = f'{{"action":"WL","merchant_key":"{MERCHANT_KEY}","name":"Ayşe","cc_no":"cJ>"}}'
    assert found([ROW | {"json_data": request, "user_name": "Ayşe"}])
    assert [text for text in ("Ayşe", "cJ>", MERCHANT_KEY) if text in caplog.text] == []
