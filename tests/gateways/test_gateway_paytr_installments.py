"""What splitting a payment costs at PayTR: its rates, for one card or for all."""

import pytest
from paytr_samples import BIN, CREDENTIALS, RATES, SALT, TOKENS, posted, sign

from gateways import paytr as paytr_module
from gateways.base import GatewayError, Money, Plan, Refused
from gateways.transport import NoAnswer

HUNDRED = Money(10000, "TRY")
RATES_OF_TWO = {
    "status": "success",
    "max_inst_non_bus": "12",
    "oranlar": {
        "world": {"taksit_2": 3.92, "taksit_3": "5,10", "taksit_12": 13.79},
        "bonus": {"2": 4, "3": "5.55"},
    },
}
WORLD = (
    Plan(2, Money(10392, "TRY"), "world"),
    Plan(3, Money(10510, "TRY"), "world"),
    Plan(12, Money(11379, "TRY"), "world"),
)
BONUS = (Plan(2, Money(10400, "TRY"), "bonus"), Plan(3, Money(10555, "TRY"), "bonus"))
SINGLE = Plan(1, HUNDRED)


@pytest.fixture
def planned(network, paytr):
    """Ask for the ways to pay an amount, with the given rates and the given card."""

    def plan(rates: object, amount=HUNDRED, card_bin="", card=None) -> tuple[Plan, ...]:
        network.post(RATES, json=rates)
        network.post(BIN, json=card)
        return paytr.installments(amount, card_bin)

    return plan


def one_rate(percent: object, name: str = "taksit_2", **fields) -> dict:
    return {"status": "success", "oranlar": {"world": {name: percent}}} | fields


# === SIGNING === #


def test_rates_are_asked_for_as_in_the_vectors(network, planned, monkeypatch):
    monkeypatch.setattr(paytr_module.secrets, "token_hex", lambda _size: "1755000000")
    planned(RATES_OF_TWO)
    assert posted(network.calls[0]) == {
        "merchant_id": CREDENTIALS["merchant_id"],
        "request_id": "1755000000",
        "paytr_token": TOKENS["installment"],
    }


def test_each_request_for_rates_has_a_number_of_its_own(network, planned):
    planned(RATES_OF_TWO)
    planned(RATES_OF_TWO)
    first, second = (posted(call)["request_id"] for call in network.calls)
    assert first != second
    assert len(first) <= 32


@pytest.mark.parametrize("card_bin", ["435508", "43550843"])
def test_a_card_is_asked_for_as_in_the_vectors(network, planned, card_bin):
    planned(RATES_OF_TWO, card_bin=card_bin, card={"status": "success", "brand": "world"})
    form = posted(network.calls[1])
    assert form["bin_number"] == card_bin
    assert form["paytr_token"] == sign(card_bin, CREDENTIALS["merchant_id"], SALT)
    if card_bin == "435508":
        assert form["paytr_token"] == TOKENS["bin"]


# === PLANS === #


def test_all_families_are_listed_in_both_spellings_of_the_rates(planned):
    assert planned(RATES_OF_TWO) == (SINGLE, *BONUS, *WORLD)


def test_a_known_card_has_the_plans_of_its_family(planned):
    card = {"status": "success", "brand": "world"}
    assert planned(RATES_OF_TWO, card_bin="435508", card=card) == (SINGLE, *WORLD)


@pytest.mark.parametrize(
    "card",
    [
        {"status": "failed"},
        {"status": "success", "brand": "none"},
        {"status": "success", "brand": "saglamkart"},
        {"status": "success", "brand": None},
        {"status": "success", "brand": ["world"]},
        {"status": "success"},
        {},
    ],
    ids=str,
)
def test_a_card_without_instalments_is_paid_at_once(planned, card):
    assert planned(RATES_OF_TWO, card_bin="411111", card=card) == (SINGLE,)


def test_a_refused_card_query_is_refused(planned):
    with pytest.raises(Refused):
        planned(RATES_OF_TWO, card_bin="43", card={"status": "error", "err_msg": "BIN hatali"})


@pytest.mark.parametrize("most", ["1", "2", "3", "11", "12"])
def test_the_store_limits_the_number_of_instalments(planned, most):
    plans = planned(RATES_OF_TWO | {"max_inst_non_bus": most})
    expected = [plan for plan in (SINGLE, *BONUS, *WORLD) if plan.installments <= int(most)]
    assert list(plans) == expected


@pytest.mark.parametrize("most", [None, "", "x", [], "١٢", "-3"], ids=str)
def test_without_a_limit_there_are_up_to_twelve(planned, most):
    assert planned(RATES_OF_TWO | {"max_inst_non_bus": most}) == (SINGLE, *BONUS, *WORLD)


@pytest.mark.parametrize(
    ("minor", "percent", "total"),
    [
        (10000, 0, 10000),
        (10000, "0", 10000),
        (10000, "3,92", 10392),
        (10000, "3.92", 10392),
        (1, 50, 2),  # 1.5 kuruş
        (1, "49.99", 1),
        (3, 50, 5),  # 4.5 kuruş
        (1005, 10, 1106),  # 1105.5 kuruş
        (4999, "1.99", 5098),  # 5098.48
        (99999999999, "13.79", 113789999999),  # 113789999998.86
        (0, 10, 0),
    ],
)
def test_a_surcharge_is_rounded_half_up_to_the_kurus(planned, minor, percent, total):
    plans = planned(one_rate(percent), Money(minor, "TRY"))
    assert plans[1:] == (Plan(2, Money(total, "TRY"), "world"),)


@pytest.mark.parametrize(
    "percent",
    [None, "", "x", "-1", -0.5, "NaN", "Infinity", [], {}, True, "1,2,3", "٣"],
    ids=str,
)
def test_a_rate_that_is_no_percentage_is_left_out(planned, percent):
    assert planned(one_rate(percent)) == (SINGLE,)


@pytest.mark.parametrize("percent", ["1e30", 1e300, "9" * 40, "1e999999"], ids=lambda x: str(x)[:8])
def test_a_rate_beyond_all_reason_is_left_out(planned, percent):
    assert planned(one_rate(percent)) == (SINGLE,)


@pytest.mark.parametrize("percent", [float("nan"), float("inf")])
def test_a_rate_that_only_python_calls_json_is_left_out(planned, percent):
    assert planned(one_rate(percent)) == (SINGLE,)


@pytest.mark.parametrize(
    "name",
    [
        "taksit",
        "taksit_",
        "",
        "oran",
        "taksit_2x",
        "taksit_0",
        "0",
        "taksit_13",
        "taksit_100",
        "taksit_٣",
        pytest.param("9" * 5000, id="5000 digits"),
    ],
)
def test_what_is_no_number_of_instalments_is_left_out(planned, name):
    assert planned(one_rate(3, name)) == (SINGLE,)


@pytest.mark.parametrize("row", [None, [], "3.92", 3.92, {}], ids=str)
def test_a_family_without_rates_is_left_out(planned, row):
    rates = RATES_OF_TWO["oranlar"] | {"axess": row}
    assert planned(RATES_OF_TWO | {"oranlar": rates}) == (SINGLE, *BONUS, *WORLD)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "error", "err_msg": "paytr_token hatali"},
        {"status": "success"},
        {"status": "success", "oranlar": None},
        {"status": "success", "oranlar": "{}"},
        {},
    ],
    ids=str,
)
def test_without_a_table_of_rates_there_is_an_error(planned, answer):
    with pytest.raises(GatewayError):
        planned(answer)


@pytest.mark.parametrize("table", [[], {}, {"world": []}], ids=str)
def test_without_rates_there_is_the_single_payment(planned, table):
    assert planned({"status": "success", "oranlar": table}) == (SINGLE,)


def test_what_cannot_be_read_is_logged_and_told(network, paytr, caplog):
    table = {"world": {"taksit_2": "çok", "taksit_3": "2.505", "taksit_4": ""}}
    network.post(RATES, json={"status": "success", "oranlar": table})
    assert paytr.installments(HUNDRED)[1:] == (Plan(3, Money(10251, "TRY"), "world"),)
    assert "world taksit_2: çok" in caplog.text
    assert paytr.unread_rates() == ("world taksit_2: çok",)


def test_a_list_of_rates_is_no_answer(planned):
    with pytest.raises(NoAnswer):
        planned([RATES_OF_TWO])
