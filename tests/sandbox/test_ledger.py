"""The sandbox's book of money, its cards, amounts and clock."""

import threading

import pytest

from sandbox import cards
from sandbox.clock import Scheduler
from sandbox.ledger import Ledger
from sandbox.money import share, to_major, to_minor, to_price


@pytest.fixture
def ledger():
    return Ledger()


def sale(ledger, amount=5145, surcharge=245, order="SO1"):
    return ledger.sale("paytr", "123456", order, amount, "TL", surcharge)


def test_sums_of_an_order(ledger):
    entry = sale(ledger)
    ledger.refund(entry, 1000, "R1")
    ledger.refund(entry, 145)
    sale(ledger, 100, 0, "SO2")
    (order,) = ledger.totals(order="SO1")
    assert (order.collected, order.surcharge, order.refunded) == (5145, 245, 1145)
    assert order.remaining == ledger.remaining(entry) == 4000
    assert [row.reference for row in ledger.refunds(entry)] == ["R1", ""]


@pytest.mark.parametrize("amount", [0, -1, 5146])
def test_the_book_refuses_impossible_refunds(ledger, amount):
    with pytest.raises(ValueError, match="cannot refund"):
        ledger.refund(sale(ledger), amount)


def test_two_refunds_at_once_cannot_exceed_the_sale(ledger):
    entry = sale(ledger, 1000, 0)
    refused = []

    def refund():
        try:
            ledger.refund(entry, 600)
        except ValueError:
            refused.append(True)

    threads = [threading.Thread(target=refund) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ledger.remaining(entry), len(refused)) == (400, 7)


def test_rows_as_json(ledger):
    ledger.refund(sale(ledger), 45)
    data = ledger.as_json(order="SO1")
    assert [row["kind"] for row in data["entries"]] == ["sale", "refund"]
    assert data["orders"][0]["remaining"] == 5100
    assert ledger.as_json(order="SO2") == {"orders": [], "entries": []}


def test_clearing(ledger):
    sale(ledger)
    ledger.clear()
    assert ledger.entries() == []


# --- amounts


@pytest.mark.parametrize(
    ("text", "minor"),
    [("11.97", 1197), ("49", 4900), ("49.5", 4950), ("0.05", 5), ("1234.56", 123456)],
)
def test_major_units(text, minor):
    assert to_minor(text) == minor


@pytest.mark.parametrize("text", ["", "1,00", "1.005", "-1", "+1", " 1", "1.", ".5", "1e3", "١"])
def test_what_is_no_amount(text):
    assert to_minor(text) is None


def test_writing_amounts():
    amounts = (5, 100, 123456, -150)
    assert [to_major(minor) for minor in amounts] == ["0.05", "1.00", "1234.56", "-1.50"]
    assert (to_price(123456, "tr"), to_price(123456, "en")) == ("1234,56", "1234.56")


@pytest.mark.parametrize(("amount", "rate", "part"), [(4900, 500, 245), (1, 5000, 1), (1, 4999, 0)])
def test_a_share_is_rounded_half_up(amount, rate, part):
    assert share(amount, rate) == part


# --- cards


def luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def test_every_card_number_is_plausible_and_unique():
    numbers = [card.number for card in cards.CARDS]
    assert all(len(number) == 16 and luhn(number) for number in numbers)
    assert len(set(numbers)) == len({card.name for card in cards.CARDS}) == len(numbers)


def test_cards_are_found_by_number_and_name():
    assert cards.find("4355 0843 5508 4358") is cards.find("visa")
    assert cards.find("4111111111111111") is None


def test_every_family_has_a_card():
    assert {card.family for card in cards.CARDS} >= set(cards.FAMILIES)


def test_bins():
    assert cards.by_bin("435508").name == "visa"
    assert cards.by_bin("4355") is None
    assert cards.by_bin("400002") is None  # foreign


# --- clock


def test_jobs_run_in_time_order():
    scheduler, done, order = Scheduler(), threading.Event(), []
    scheduler.after(0.5, lambda: (order.append("late"), done.set()))
    scheduler.after(0.1, lambda: order.append("early"))
    assert done.wait(5)
    assert order == ["early", "late"]
    scheduler.stop()
