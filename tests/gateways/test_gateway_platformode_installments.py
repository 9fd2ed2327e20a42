"""What splitting a payment costs at Platformode: the totals of one card, or the table of all."""

import pytest
from platformode_samples import (
    CARD_OPTIONS,
    COMMISSIONS,
    CREDENTIALS,
    MERCHANT_KEY,
    TOKEN,
    TOKENS,
    sent,
    token_answer,
)

from gateways import keyring as keyring_module
from gateways.base import Money, Plan, Reason, Refused
from gateways.keyring import Keyring
from gateways.platformode import Platformode
from gateways.transport import NoAnswer

HUNDRED = Money(10000, "TRY")
SINGLE = Plan(1, HUNDRED)


def option(count: object, total: object, **fields) -> dict:
    return {
        "pos_id": 1,
        "campaign_id": 0,
        "allocation_id": 0,
        "installments_number": count,
        "amount_to_be_paid": total,
        "currency_code": "TRY",
        "currency_id": 1,
        "title": "Single payment",
        "hash_key": "5uUVKijz5im5FfStic2wVX4gG8ngRfMS3H",
    } | fields


def rate(program: str, percent: object, fixed: object = "0.00", **fields) -> dict:
    return {
        "card_program": program,
        "merchant_commission_percentage": "x",
        "merchant_commission_fixed": "x",
        "user_commission_percentage": percent,
        "user_commission_fixed": fixed,
        "currency_code": "TRY",
        "installment": 2,
    } | fields


TABLE = {
    "1": [rate("WORLD", "0"), rate("BONUS", "0")],
    "2": [rate("WORLD", "3.92"), rate("BONUS", "x", "x")],
    "3": [rate("WORLD", 5.1), rate("BONUS", "5.55", "1.00")],
    "12": [rate("WORLD", "13.79")],
}
WORLD = (
    Plan(1, HUNDRED, "WORLD"),
    Plan(2, Money(10392, "TRY"), "WORLD"),
    Plan(3, Money(10510, "TRY"), "WORLD"),
    Plan(12, Money(11379, "TRY"), "WORLD"),
)
BONUS = (Plan(1, HUNDRED, "BONUS"), Plan(3, Money(10655, "TRY"), "BONUS"))


@pytest.fixture
def of_card(network, platformode):
    """Ask for the ways to pay with one card."""

    def plan(rows: object, amount=HUNDRED, card_bin="435508", **answer) -> tuple[Plan, ...]:
        network.post(CARD_OPTIONS, json={"status_code": 100, "data": rows} | answer)
        return platformode.installments(amount, card_bin)

    return plan


@pytest.fixture
def of_all(network, platformode):
    """Ask for the ways to pay with any card."""

    def plan(table: object, amount=HUNDRED, **answer) -> tuple[Plan, ...]:
        network.post(COMMISSIONS, json={"status_code": 100, "data": table} | answer)
        return platformode.installments(amount)

    return plan


# === ONE CARD === #


@pytest.mark.parametrize("card_bin", ["435508", "43550843"])
def test_a_card_is_asked_for_with_its_amount(network, of_card, card_bin):
    of_card([option(1, 100)], card_bin=card_bin)
    assert sent(network.calls[0]) == {
        "credit_card": card_bin,
        "amount": "100.00",
        "currency_code": "TRY",
        "merchant_key": MERCHANT_KEY,
    }


def test_the_totals_of_a_card_are_platformodes_own(of_card):
    rows = [option(3, 105.1), option(1, 100), option("2", "103.92"), option(12, "113.8")]
    assert of_card(rows) == (
        SINGLE,
        Plan(2, Money(10392, "TRY")),
        Plan(3, Money(10510, "TRY")),
        Plan(12, Money(11380, "TRY")),
    )


def test_a_single_payment_may_have_a_surcharge_too(of_card):
    assert of_card([option(1, 102.5)]) == (Plan(1, Money(10250, "TRY")),)


def test_an_agricultural_card_has_a_choice_for_each_term(of_card):
    """As in the document's sample, where both are 1; others have 0, or none."""
    rows = [
        option(1, 23, maturity_period=6, payment_frequency="3"),
        option(1, 23, maturity_period=1, payment_frequency=1),
        option(2, 24, maturity_period=0, payment_frequency=0),
        option(3, 25, maturity_period="x", payment_frequency=None),
    ]
    money = Money(2300, "TRY")
    assert of_card(rows) == (
        Plan(1, money, maturity=6, frequency=3),
        Plan(1, money, maturity=1, frequency=1),
        Plan(2, Money(2400, "TRY")),
        Plan(3, Money(2500, "TRY")),
    )


@pytest.mark.parametrize("rows", [[], None, {}, "x", [None], [[]], ["1"]], ids=str)
def test_a_card_without_instalments_is_paid_at_once(of_card, rows):
    assert of_card(rows) == (SINGLE,)


def test_what_two_terminals_offer_alike_is_listed_once(of_card):
    assert of_card([option(2, 103, pos_id=1), option(2, 103, pos_id=2)]) == (
        SINGLE,
        Plan(2, Money(10300, "TRY")),
    )


@pytest.mark.parametrize("count", [None, "", 0, "0", -1, 100, "x", "٣", 2.5, [], True], ids=str)
def test_what_is_no_number_of_instalments_is_left_out(of_card, count):
    assert of_card([option(count, 103)]) == (SINGLE,)


@pytest.mark.parametrize(
    "total", [None, "", "x", -103, "1e3", "NaN", "1,234", "1.234", [], {}, True], ids=str
)
def test_a_total_that_cannot_be_read_is_left_out(of_card, total):
    assert of_card([option(2, total), option(3, 105)]) == (SINGLE, Plan(3, Money(10500, "TRY")))


@pytest.mark.parametrize(
    ("total", "minor"),
    [("1,061.00", 106100), ("1.061,00", 106100), (106.10000000000001, 10610), ("103", 10300)],
)
@pytest.mark.parametrize("name", ["amount_to_be_paid", "payable_amount"])
def test_a_total_is_read_in_each_notation_and_under_each_name(of_card, name, total, minor):
    row = {"installments_number": 3, name: total}
    assert of_card([row])[1:] == (Plan(3, Money(minor, "TRY")),)


def test_options_in_a_sparse_list_are_read(of_card):
    assert of_card({"0": option(1, 100), "4": option(3, 103)})[1:] == (
        Plan(3, Money(10300, "TRY")),
    )
    assert of_card({}) == (SINGLE,)


def test_an_option_that_is_left_out_is_logged(of_card, caplog):
    assert of_card([option(3, "1,061")]) == (SINGLE,)
    assert "1,061" in caplog.text


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_the_totals_of_a_card_have_the_currency_that_was_asked_for(network, of_card, currency):
    plans = of_card([option(2, 103)], Money(10000, currency))
    assert {plan.total.currency for plan in plans} == {currency}
    assert sent(network.calls[0])["currency_code"] == currency


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (3, Reason.TRY_LATER),
        (14, Reason.WRONG_MERCHANT_KEY),
        (40, Reason.INSTALLMENT_REFUSED),
        (76, Reason.CARD_NOT_ACCEPTED),
        (108, Reason.CARD_NUMBER_WRONG),
    ],
)
def test_a_refused_card_says_why(of_card, code, reason):
    with pytest.raises(Refused) as refusal:
        of_card(None, status_code=code)
    assert refusal.value.reason is reason


# === ALL CARDS === #


def test_the_table_is_asked_for_by_currency(network, of_all):
    of_all(TABLE, Money(10000, "EUR"))
    assert sent(network.calls[0]) == {"currency_code": "EUR"}
    assert [call.request.method for call in network.calls] == ["POST"]


def test_all_families_are_listed(of_all):
    assert of_all(TABLE) == (SINGLE, *BONUS, *WORLD)


def test_a_single_payment_has_a_commission_too(of_all):
    """Families differ in it, and in what the merchant pays."""
    known = {"merchant_commission_percentage": "2.00", "merchant_commission_fixed": "0.10"}
    table = {"1": [rate("WORLD", "1.00") | known, rate("BONUS", "0"), rate("PARAF", "x", "x")]}
    assert of_all(table) == (
        SINGLE,
        Plan(1, HUNDRED, "BONUS"),
        Plan(1, Money(10100, "TRY"), "WORLD", Money(212, "TRY")),
    )


def test_a_single_payment_that_cannot_be_read_is_told(network, platformode):
    network.post(
        COMMISSIONS, json={"status_code": 100, "data": {"1": [rate("WORLD", "1.00", "1,061")]}}
    )
    assert "1 x WORLD" in platformode.unread_rates()[0]


@pytest.mark.parametrize("percent", ["x", "X", "", None, "-1", "NaN", "1e3", [], {}], ids=str)
@pytest.mark.parametrize("name", ["user_commission_percentage", "user_commission_fixed"])
def test_what_is_not_offered_is_left_out(of_all, name, percent):
    row = rate("WORLD", "1.00") | {name: percent}
    assert of_all({"2": [row, rate("BONUS", "1.00")]}) == (
        SINGLE,
        Plan(2, Money(10100, "TRY"), "BONUS"),
    )


@pytest.mark.parametrize(
    ("minor", "percent", "fixed", "total"),
    [
        (10000, 0, 0, 10000),
        (10000, "3.92", "0", 10392),
        (10000, "3,92", "1,50", 10542),
        (1, "0.01", 0, 2),  # 1.0001 kuruş: the buyer is never charged less than Platformode asks
        (1005, "10", 0, 1106),  # 1105.5 kuruş
        (4999, "1.99", 0, 5099),  # 5098.4801
        (100, "1.00", "0.01", 102),
        (99999999999, "13.79", 0, 113789999999),  # 113789999998.8621
        (0, "10", 0, 0),
        (10000, "2.505", 0, 10251),  # 250.5 kuruş
        (10000, "2,505", 0, 10251),
        (10000, 2.5050000000000003, 0, 10251),
        (100000, "0.5", "1,061.00", 206600),
    ],
)
def test_a_surcharge_is_rounded_up_to_the_kurus(of_all, minor, percent, fixed, total):
    plans = of_all({"2": [rate("WORLD", percent, fixed)]}, Money(minor, "TRY"))
    assert plans[1:] == (Plan(2, Money(total, "TRY"), "WORLD"),)


@pytest.mark.parametrize(
    ("surcharge", "percent", "fixed", "fee"),
    [
        ("0", "2.00", "0.00", 200),
        ("3.00", "5", "0.1", 525),  # of 103 lira, as in the sample: 5 % of what is charged, and ten
        ("3.92", "2", 0, 208),  # 207.84 kuruş
        ("0", "0", "0", 0),
        ("0", "1,5", "0,25", 175),
    ],
)
def test_the_merchants_share_is_of_all_that_is_charged(of_all, surcharge, percent, fixed, fee):
    row = rate("WORLD", surcharge) | {
        "merchant_commission_percentage": percent,
        "merchant_commission_fixed": fixed,
    }
    assert of_all({"2": [row]})[1].fee == Money(fee, "TRY")


@pytest.mark.parametrize("name", ["merchant_commission_percentage", "merchant_commission_fixed"])
@pytest.mark.parametrize("value", ["x", "", None, "-1", []], ids=str)
def test_a_share_that_is_not_told_is_not_guessed(of_all, name, value):
    known = {"merchant_commission_percentage": "2.00", "merchant_commission_fixed": "0.00"}
    row = rate("WORLD", "1.00") | known | {name: value}
    assert of_all({"2": [row]}) == (SINGLE, Plan(2, Money(10100, "TRY"), "WORLD"))


@pytest.mark.parametrize(
    "count",
    ["", "0", "13", "36", "100", "x", "-2", "2x", " 2", "٣", "02", "9" * 5000],
    ids=lambda x: x[:6],
)
def test_a_row_of_no_number_of_instalments_is_left_out(of_all, count):
    assert of_all({count: [rate("WORLD", "1.00")]}) == (SINGLE,)


@pytest.mark.parametrize("rows", [None, {}, "x", 1, [None], ["x"], [[]], [{}]], ids=str)
def test_rows_that_cannot_be_read_are_left_out(of_all, rows):
    assert of_all(TABLE | {"6": rows}) == (SINGLE, *BONUS, *WORLD)


@pytest.mark.parametrize("table", [{}, []], ids=str)
def test_an_empty_table_leaves_the_single_payment(of_all, table):
    assert of_all(table) == (SINGLE,)


@pytest.mark.parametrize("programs", [[], {}], ids=str)
def test_a_number_without_programs_is_not_offered(of_all, programs):
    assert of_all({"2": programs, "3": [rate("BONUS", "1.00")]})[1:] == (
        Plan(3, Money(10100, "TRY"), "BONUS"),
    )


def test_a_sparse_list_of_programs_is_read(of_all):
    assert of_all({"2": {"0": rate("BONUS", "1.00"), "7": rate("WORLD", "1.00")}})[1:] == (
        Plan(2, Money(10100, "TRY"), "BONUS"),
        Plan(2, Money(10100, "TRY"), "WORLD"),
    )


def test_a_table_may_be_a_list_of_rows_that_tell_their_number(of_all):
    row = rate("BONUS", "1.00")
    assert of_all([row | {"installment": 3}, row | {"installment": "2"}])[1:] == (
        Plan(2, Money(10100, "TRY"), "BONUS"),
        Plan(3, Money(10100, "TRY"), "BONUS"),
    )


def test_what_cannot_be_read_is_logged_and_told(network, platformode, caplog):
    odd = rate("WORLD", "1.00", "1,061")
    table = {"2": [odd, rate("BONUS", "x"), rate("PARAF", "2.505")]}
    network.post(COMMISSIONS, json={"status_code": 100, "data": table})
    assert platformode.installments(HUNDRED)[1:] == (Plan(2, Money(10251, "TRY"), "PARAF"),)
    assert "2 x WORLD" in caplog.text
    (unread,) = platformode.unread_rates()
    assert "WORLD" in unread
    assert "1,061" in unread


@pytest.mark.parametrize("code", [0, 1, 14])
def test_a_refused_table_is_refused(of_all, code):
    with pytest.raises(Refused):
        of_all(TABLE, status_code=code)


@pytest.mark.parametrize("table", [None, "x", [TABLE], ["x"]], ids=str)
def test_a_success_without_a_table_is_no_answer(of_all, table):
    with pytest.raises(NoAnswer):
        of_all(table)


@pytest.mark.parametrize("answer", [{"status_code": None}, {"status_code": "x"}], ids=str)
def test_without_a_code_there_are_no_plans(of_all, of_card, answer):
    for ask, data in ((of_all, TABLE), (of_card, [option(1, 100)])):
        with pytest.raises(NoAnswer):
            ask(data, **answer)


@pytest.mark.parametrize("status", [404, 405])
def test_a_table_that_is_not_posted_for_is_got(network, platformode, status):
    """The vendor's documents contradict each other."""
    network.post(COMMISSIONS, json={"message": "Method Not Allowed"}, status=status)
    network.get(COMMISSIONS, json={"status_code": 100, "data": TABLE})
    assert platformode.installments(HUNDRED) == (SINGLE, *BONUS, *WORLD)
    assert network.calls[1].request.url == f"{COMMISSIONS}?currency_code=TRY"
    assert network.calls[1].request.body is None
    assert network.calls[1].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_a_table_that_cannot_be_got_either_is_no_answer(network, platformode, status):
    network.post(COMMISSIONS, json={}, status=404)
    network.get(COMMISSIONS, json={"status_code": 100, "data": TABLE}, status=status)
    with pytest.raises(NoAnswer):
        platformode.installments(HUNDRED)
    assert len(network.calls) == 2


def test_the_table_is_asked_for_once_a_day(network, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(keyring_module.time, "monotonic", lambda: now[0])
    network.post(TOKENS, json=token_answer())
    network.post(COMMISSIONS, json={"status_code": 100, "data": TABLE})
    keyring = Keyring()
    for seconds in (0, 24 * 60 * 60 - 1, 1):
        now[0] += seconds
        plans = Platformode(CREDENTIALS, keyring=keyring).installments(HUNDRED)
        assert plans == (SINGLE, *BONUS, *WORLD)
    assert [call.request.url for call in network.calls].count(COMMISSIONS) == 2


def test_another_currency_has_a_table_of_its_own(network, of_all):
    of_all(TABLE)
    of_all(TABLE, Money(10000, "EUR"))
    assert [sent(call)["currency_code"] for call in network.calls] == ["TRY", "EUR"]


def test_a_table_that_was_refused_is_not_kept(network, platformode):
    network.post(COMMISSIONS, json={"status_code": 1})
    network.post(COMMISSIONS, json={"status_code": 100, "data": TABLE})
    with pytest.raises(Refused):
        platformode.installments(HUNDRED)
    assert platformode.installments(HUNDRED) == (SINGLE, *BONUS, *WORLD)


@pytest.mark.parametrize("body", [None, [], "x"])
def test_garbage_is_no_table(network, platformode, body):
    network.post(COMMISSIONS, json=body)
    with pytest.raises(NoAnswer):
        platformode.installments(HUNDRED)
