"""Recurring payments: begun with the first, told by a web hook, asked for, changed and ended."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformode_samples import (
    CARD,
    CHECKOUT,
    CREDENTIALS,
    HOOKS,
    INVOICE,
    MERCHANT_KEY,
    OPENED,
    ORDER,
    ORDER_ID,
    PAGE,
    PAID,
    PAY_2D,
    PLAN_DELETE,
    PLAN_QUERY,
    PLAN_UPDATE,
    STATUS,
    STORED,
    TOKEN_2D,
    allowed,
    pack,
    posted,
    sale_hook,
    sent,
)
from requests import ReadTimeout
from test_gateway_platformode_read import mutated_bundles, values

from gateways.base import (
    BadMessage,
    Charge,
    Claim,
    Forged,
    Money,
    Reason,
    Recurrence,
    RecurrenceStatus,
    Refused,
    State,
    Subject,
)
from gateways.platformode import Platformode
from gateways.transport import NoAnswer

PLAN = "15978357430kZFft"
RECURRING = replace(ORDER, recurrence=Recurrence(payments=6, every=2, unit="month"))
BEGUN = replace(ORDER, refs={"recurrence": PLAN})
FIELDS = {
    "order_type": 1,
    "recurring_payment_number": 6,
    "recurring_payment_cycle": "M",
    "recurring_payment_interval": 2,
    "recurring_web_hook_key": "shop-recurring",
}
AS_TEXT = {name: str(value) for name, value in FIELDS.items()}
QUERIED = {
    "status_code": 100,
    "message": "Recurring card Found",
    "recurring_id": 31,
    "plan_code": PLAN,
    "currency": "TRY",
    "currency_symbol": "₺",
    "first_amount": 20,
    "recurring_amount": 20,
    "total_amount": 120,
    "payment_number": 6,
    "payment_interval": 1,
    "payment_cycle": "DAY",
    "first_order_id": "15978356611194",
    "merchant_id": 56307,
    "card_no": "5406****5403",
    "next_action_date": "2020-09-04",
    "recurring_status": "Active",
    "transaction_date": "2020-08-19 14:15:45",
    "transactionHistories": [
        {
            "id": 99,
            "sale_recurring_id": 31,
            "sale_id": 16628,
            "merchant_id": 56307,
            "action_date": "2020-08-19 14:15:45",
            "status": "Success",
            "recurring_number": 1,
        }
    ],
}
GONE = {"status_code": 70, "message": "Recurring Not Found", "plan_code": PLAN}
VERBS = {
    "inquire_recurrence": (PLAN_QUERY, lambda psp: psp.inquire_recurrence(PLAN, 2)),
    "change_recurrence": (
        PLAN_UPDATE,
        lambda psp: psp.change_recurrence(
            PLAN, payments=5, amount=Money(2050, "TRY"), active=False
        ),
    ),
    "end_recurrence": (PLAN_DELETE, lambda psp: psp.end_recurrence(PLAN)),
}
each_verb = pytest.mark.parametrize("verb", VERBS)


@pytest.fixture
def answered(network, platformode):
    """Call a verb and get the given answer."""

    def call(verb: str, answer: object):
        url, act = VERBS[verb]
        network.post(url, json=answer)
        return act(platformode)

    return call


@pytest.fixture
def inquired(answered):
    return lambda **changes: answered("inquire_recurrence", QUERIED | changes)


def recurring_hook(status: str = "Completed", invoice: str = INVOICE, **fields: str) -> dict:
    """A genuine recurring web hook; `fields` are those outside of its hash."""
    return {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": invoice,
        "order_id": ORDER_ID,
        "product_price": "100.00",
        "plan_code": PLAN,
        "recurring_number": "2",
        "status": status,
        "attempts": "1",
        "action_date": "20-08-19 14:15:48",
        "hash_key": pack(status, "100.00", invoice, ORDER_ID, "TRY"),
    } | fields


def read(message: dict[str, str], order=BEGUN) -> Claim:
    return Platformode(CREDENTIALS).read(message, order)


# === BEGINNING === #


def test_the_page_gets_it_beside_the_invoice_and_in_it(network):
    network.post(PAGE, json=OPENED)
    allowed("4", **HOOKS).open(RECURRING, CHECKOUT)
    form = posted(network.calls[0])
    assert form.items() >= AS_TEXT.items()
    assert json.loads(form["invoice"]).items() >= FIELDS.items()
    assert form["installments_number"] == "1"


@pytest.mark.parametrize("stored", [None, STORED], ids=["typed", "stored"])
def test_the_browser_sends_it(stored):
    entry = allowed("2", **HOOKS).open(RECURRING, replace(CHECKOUT, stored_card=stored))
    assert entry.fields.items() >= AS_TEXT.items()
    assert list(entry.choices) == [1]


@pytest.mark.parametrize(("card", "url"), [(CARD, PAY_2D), (STORED, TOKEN_2D)])
def test_the_shop_sends_it(network, card, url):
    network.post(url, json={"status_code": 100})
    network.post(STATUS, json=PAID)
    assert allowed("0", **HOOKS).pay(RECURRING, CHECKOUT, card, 1).state is State.PAID
    assert sent(network.calls[0]).items() >= FIELDS.items()


@pytest.mark.parametrize(("unit", "cycle"), [("day", "D"), ("month", "M"), ("year", "Y")])
def test_each_unit_has_a_letter(unit, cycle):
    order = replace(ORDER, recurrence=Recurrence(2, 1, unit))
    entry = allowed("2", **HOOKS).open(order, CHECKOUT)
    assert entry.fields["recurring_payment_cycle"] == cycle


def test_a_payment_that_does_not_recur_says_nothing_of_it():
    entry = allowed("2", **HOOKS).open(ORDER, CHECKOUT)
    assert not FIELDS.keys() & entry.fields.keys()


BEGINNINGS = {
    "page": lambda psp, order: psp.open(order, replace(CHECKOUT, flow="page")),
    "card_3d": lambda psp, order: psp.open(order, replace(CHECKOUT, flow="card_3d")),
    "card_2d": lambda psp, order: psp.open(order, replace(CHECKOUT, flow="card_2d")),
    "by token": lambda psp, order: psp.open(order, replace(CHECKOUT, stored_card=STORED)),
    "pay": lambda psp, order: psp.pay(order, CHECKOUT, CARD, 1),
    "pay by token": lambda psp, order: psp.pay(order, CHECKOUT, STORED, 1),
}
each_beginning = pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)


@each_beginning
def test_without_a_hook_nothing_is_sent(network, begin):
    with pytest.raises(Refused) as refusal:
        begin(allowed("1"), RECURRING)
    assert refusal.value.reason is Reason.WRONG_HOOK
    assert len(network.calls) == 0


@each_beginning
def test_a_reservation_does_not_recur(network, begin):
    with pytest.raises(Refused) as refusal:
        begin(allowed("1", **HOOKS), replace(RECURRING, hold=True))
    assert refusal.value.reason is Reason.RECURRENCE_REFUSED
    assert len(network.calls) == 0


def test_a_recurring_payment_is_not_split(network):
    with pytest.raises(Refused) as refusal:
        allowed("0", **HOOKS).pay(RECURRING, CHECKOUT, CARD, 2)
    assert refusal.value.reason is Reason.INSTALLMENT_REFUSED
    assert len(network.calls) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Invalid recurring web hook key! Please check key name", Reason.WRONG_HOOK),
        ("Recurring web hook key can not be empty.", Reason.WRONG_HOOK),
        ("Recurring payment can not be installment sale", Reason.RECURRENCE_REFUSED),
        ("Recurring number should not be greater than 121", Reason.RECURRENCE_REFUSED),
        ("", Reason.RECURRENCE_REFUSED),
    ],
)
def test_a_refused_beginning_says_why(network, text, reason):
    network.post(PAGE, json={"status": "false", "status_code": 55, "success_message": text})
    with pytest.raises(Refused) as refusal:
        allowed("4", **HOOKS).open(RECURRING, CHECKOUT)
    assert refusal.value.reason is reason


def test_the_first_payment_names_the_plan(network, platformode):
    network.post(STATUS, json=PAID | {"recurring_plan_code": PLAN, "recurring_id": 303})
    assert platformode.inquire(ORDER).refs == {"recurrence": PLAN}


@pytest.mark.parametrize("answer", [PAID, PAID | {"recurring_plan_code": ""}])
def test_another_payment_names_none(network, platformode, answer):
    network.post(STATUS, json=answer)
    assert platformode.inquire(ORDER).refs == {}


# === THE WEB HOOK === #


@pytest.mark.parametrize(("status", "state"), [("Completed", State.PAID), ("Failed", State.FAILED)])
@pytest.mark.parametrize("invoice", [INVOICE, "15978357430kZFft-2"], ids=["first", "another"])
def test_a_hook_tells_of_the_recurrence(status, state, invoice):
    message = recurring_hook(status, invoice)
    claim = read(message)
    assert (claim.about, claim.reference) == (Subject.RECURRENCE, ORDER.reference)
    assert (claim.outcome.state, claim.outcome.psp_reference) == (state, ORDER_ID)
    assert claim.outcome.refs == {"number": "2", "invoice": invoice}
    assert not claim.proven
    assert Platformode.recurrence_of(message) == PLAN
    assert Platformode.recurrence_of({"Plan_code": PLAN, "Invoice_Id": "x"}) == PLAN
    assert Platformode.reference_of({"Plan_code": PLAN, "Invoice_Id": "x"}) == "x"


def test_a_sale_is_of_no_recurrence():
    assert Platformode.recurrence_of(sale_hook()) == ""
    assert (read(sale_hook()).about, read(sale_hook()).outcome.refs) == (Subject.PAYMENT, {})


def test_the_plan_need_not_be_known_yet():
    assert read(recurring_hook(), ORDER).about is Subject.RECURRENCE
    assert read(recurring_hook(), replace(ORDER, refs={"recurrence": ""}))


def test_a_copy_has_the_same_key_and_another_message_another():
    copies = [
        recurring_hook(),
        recurring_hook(action_date="20-08-19 14:15:49"),
        {name.capitalize(): text for name, text in recurring_hook().items()},
        recurring_hook(hash_key=pack("Completed", "100.00", INVOICE, ORDER_ID, "TRY", salt="0")),
    ]
    others = [
        recurring_hook("Failed"),
        recurring_hook(recurring_number="3"),
        recurring_hook(order_id="2", hash_key=pack("Completed", "100.00", INVOICE, "2", "TRY")),
    ]
    assert len({read(copy).key for copy in copies}) == 1
    assert len({read(message).key for message in (*copies, *others)}) == 4
    plan = recurring_hook(plan_code="X")
    assert read(plan, ORDER).key != read(recurring_hook(), ORDER).key


@pytest.mark.parametrize(
    "changes",
    [
        {"merchant_key": "another"},
        {"merchant_key": MERCHANT_KEY[:-1]},
        {"merchant_key": "\ud800"},
        {"hash_key": "x"},
        {"hash_key": pack("Completed", "100.00", INVOICE, ORDER_ID)},
        {"hash_key": pack("Completed", "100.00", INVOICE, ORDER_ID, "TRY", secret="another")},
        {"status": "Failed"},
        {"order_id": "2"},
        {"invoice_id": "SO0001-2"},
    ],
    ids=ascii,
)
def test_a_forged_hook_is_refused(changes):
    with pytest.raises(Forged):
        read(recurring_hook() | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"merchant_key": ""},
        {"recurring_number": ""},
        {"recurring_number": "0"},
        {"recurring_number": "122"},
        {"recurring_number": "2 "},
        {"recurring_number": "x"},
        {"plan_code": "another"},
        {"invoice_id": ""},
        {"hash_key": ""},
    ],
    ids=str,
)
def test_an_incomplete_hook_or_one_of_another_plan_is_refused(changes):
    with pytest.raises(BadMessage):
        read(recurring_hook(**changes))


@pytest.mark.parametrize("plan", ["x" * 65, "a b", "a:b", "a\0", "\ud800", "é"], ids=ascii)
def test_a_plan_that_is_none_is_refused(plan):
    with pytest.raises(BadMessage):
        read(recurring_hook(plan_code=plan), ORDER)


@settings(max_examples=1000)
@given(
    bundle=st.none() | mutated_bundles,
    changes=st.dictionaries(st.sampled_from([*recurring_hook()]), st.none() | values, max_size=4),
    order=st.sampled_from([BEGUN, ORDER, replace(BEGUN, reference="SO0001-2")]),
)
def test_no_mutation_of_a_hook_is_proven(bundle, changes, order):
    message = recurring_hook() | ({"hash_key": bundle} if bundle is not None else {}) | changes
    message = {name: text for name, text in message.items() if text is not None}
    try:
        claim = read(message, order)
    except BadMessage:
        return
    assert not claim.proven
    assert claim.reference == order.reference
    assert claim.key.isprintable()
    assert claim.outcome.amount is claim.outcome.charged is None
    if message.get("plan_code"):
        assert message.get("merchant_key", MERCHANT_KEY) == MERCHANT_KEY
        assert claim.about is Subject.RECURRENCE
        assert message["plan_code"] == order.refs.get("recurrence", message["plan_code"])


# === ASKING === #


def test_a_recurrence_is_told_with_all_that_platformode_knows(network, inquired):
    assert inquired() == RecurrenceStatus(
        active=True,
        amount=Money(2000, "TRY"),
        payments=6,
        next_on=date(2020, 9, 4),
        charges=(Charge(number=1, state=State.PAID, on=date(2020, 8, 19), psp_reference="16628"),),
        text="Active",
    )
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "plan_code": PLAN,
        "recurring_number": 2,
    }


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Success", State.PAID),
        ("Completed", State.PAID),
        ("Failed", State.FAILED),
        ("Pending", State.PENDING),
        ("success", State.PENDING),
        ("", State.PENDING),
        (None, State.PENDING),
        ([], State.PENDING),
    ],
)
def test_only_what_is_surely_so_is_paid_or_failed(inquired, status, state):
    row = QUERIED["transactionHistories"][0] | {"status": status}
    assert inquired(transactionHistories=[row]).charges[0].state is state


@pytest.mark.parametrize("histories", [None, {}, "x", [], [None], [[]], [{}], [{"id": 1}]], ids=str)
def test_what_is_no_payment_is_left_out(inquired, histories):
    assert inquired(transactionHistories=histories).charges == ()


def test_a_sparse_list_of_payments_is_read(inquired):
    rows = dict(enumerate(QUERIED["transactionHistories"]))
    sparse = {str(3 * place): row for place, row in rows.items()}
    assert inquired(transactionHistories=sparse).charges == inquired().charges


@pytest.mark.parametrize(
    ("name", "value", "field", "read_as"),
    [
        ("recurring_status", "Inactive", "active", False),
        ("recurring_status", "ACTIVE", "active", True),
        ("recurring_status", "Completed", "active", None),
        ("recurring_status", None, "active", None),
        ("recurring_amount", "20.50", "amount", Money(2050, "TRY")),
        ("recurring_amount", "çok", "amount", None),
        ("currency", "USD", "amount", Money(2000, "USD")),
        ("currency", "GBP", "amount", None),
        ("currency", None, "amount", None),
        ("payment_number", "5", "payments", 5),
        ("payment_number", 0, "payments", None),
        ("payment_number", 122, "payments", None),
        ("next_action_date", "2021-05-30 03:10:00", "next_on", date(2021, 5, 30)),
        ("next_action_date", "", "next_on", None),
    ],
)
def test_each_field_is_read_leniently(inquired, name, value, field, read_as):
    assert getattr(inquired(**{name: value}), field) == read_as


@pytest.mark.parametrize("plan", [None, "", "another", [PLAN]])
def test_another_plan_is_no_answer(inquired, plan):
    with pytest.raises(NoAnswer):
        inquired(plan_code=plan)


def test_a_plan_that_is_not_there_is_refused(answered):
    with pytest.raises(Refused) as refusal:
        answered("inquire_recurrence", GONE)
    assert (refusal.value.code, refusal.value.reason) == ("70", Reason.RECURRENCE_REFUSED)


# === CHANGING === #


def test_a_recurrence_is_changed(network, answered):
    assert answered("change_recurrence", {"status_code": 100}) is None
    assert sent(network.calls[0]) == {
        "merchant_key": MERCHANT_KEY,
        "plan_code": PLAN,
        "recurring_payment_number": 5,
        "recurring_amount": "20.50",
        "recurring_status": "INACTIVE",
    }


def test_a_recurrence_goes_on(network, platformode):
    network.post(PLAN_UPDATE, json={"status_code": 100})
    platformode.change_recurrence(PLAN, payments=5, amount=Money(1, "TRY"), active=True)
    assert sent(network.calls[0])["recurring_status"] == "ACTIVE"


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_or_less_is_not_paid(network, platformode, minor):
    with pytest.raises(ValueError):
        platformode.change_recurrence(PLAN, payments=5, amount=Money(minor, "TRY"), active=True)
    assert len(network.calls) == 0


def test_a_change_that_is_refused_says_so(answered):
    with pytest.raises(Refused) as refusal:
        answered("change_recurrence", {"status_code": 71, "message": "update failed"})
    assert refusal.value.reason is Reason.RECURRENCE_REFUSED
    assert refusal.value.text == "update failed"


# === ENDING === #


@pytest.fixture
def ended(network, platformode):
    """End the recurrence, with the given answer of the service and then of the query."""

    def end(answer: object, queried: object) -> None:
        network.post(PLAN_DELETE, json=answer)
        network.post(PLAN_QUERY, json=queried)
        platformode.end_recurrence(PLAN)

    return end


def test_a_recurrence_is_ended(network, ended):
    ended({"status_code": 100}, QUERIED)
    assert sent(network.calls[0]) == {"merchant_key": MERCHANT_KEY, "plan_code": PLAN}
    assert len(network.calls) == 1


@pytest.mark.parametrize("code", [70, 72])
def test_what_has_ended_has_ended(network, ended, code):
    ended({"status_code": code, "message": "Failed to delete"}, GONE)
    assert sent(network.calls[1]) == {"merchant_key": MERCHANT_KEY, "plan_code": PLAN}


@pytest.mark.parametrize("queried", [QUERIED, {"status_code": 99}, {}, {"status_code": 14}])
def test_what_may_go_on_has_not(ended, queried):
    with pytest.raises(Refused) as refusal:
        ended({"status_code": 72, "message": "Failed to delete"}, queried)
    assert refusal.value.code == "72"


@pytest.mark.parametrize("code", [1, 14, 30])
def test_other_refusals_are_not_asked_about(network, ended, code):
    with pytest.raises(Refused):
        ended({"status_code": code}, GONE)
    assert len(network.calls) == 1


# === NO ANSWER === #


@each_verb
@pytest.mark.parametrize("answer", [{}, [], None, "x", {"status_code": 99}, {"status": "ok"}])
def test_garbage_is_no_answer(answered, verb, answer):
    with pytest.raises(NoAnswer):
        answered(verb, answer)


@each_verb
def test_nothing_is_sent_twice(network, platformode, verb):
    url, act = VERBS[verb]
    network.post(url, body=ReadTimeout())
    with pytest.raises(NoAnswer):
        act(platformode)
    assert len(network.calls) == 1


def test_the_card_of_a_plan_is_not_in_the_log(caplog, answered):
    caplog.set_level("DEBUG")
    row = {"card_token": "f02102a7-6d5e", "card_user_key": "195f8bfb-9632"}
    answered("inquire_recurrence", QUERIED | {"recurringCardList": [row]})
    assert [text for text in row.values() if text in caplog.text] == []
