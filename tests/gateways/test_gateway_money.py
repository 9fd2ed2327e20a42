"""Amounts: exact in both directions, and whatever could be misread is refused."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.base import Money

LARGEST = 10**14 - 1  # Twelve digits before the decimals, two after.

currencies = st.sampled_from(["TRY", "EUR", "USD"])
minors = st.integers(0, LARGEST)


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12,5", 1250),
        ("12,50", 1250),
        ("10,8", 1080),
        ("0.05", 5),
        ("0", 0),
        ("150.0000", 15000),
        (" 12.50\n", 1250),
        ("007.10", 710),
        (12, 1200),
        (12.5, 1250),
        (19.99, 1999),  # int(19.99 * 100) would be 1998
        (4.35, 435),
        (1.1, 110),
        (1234567.89, 123456789),
        (Decimal("0.10"), 10),
        ("1,061.00", 106100),
        ("1.061,00", 106100),
        ("1,234.5", 123450),
        ("12.345.678,9", 1234567890),
        ("999,999,999,999.99", 99999999999999),
        ("1.000,0000", 100000),
        (106.10000000000001, 10610),
        ("106.10000000000001", 10610),
        ("106,09999999999999", 10610),
        pytest.param(0.1 + 0.2, 30, id="binary noise"),
        pytest.param(1.1 + 2.2, 330, id="more binary noise"),
    ],
)
def test_an_amount_is_read_exactly(written, minor):
    assert Money.parse(written, "TRY") == Money(minor, "TRY")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="blanks"),
        pytest.param(None, id="null"),
        pytest.param(True, id="bool"),
        pytest.param([], id="list"),
        pytest.param({}, id="object"),
        pytest.param(b"12", id="bytes"),
        "-1",
        "+1",
        "-0.00",
        "1e3",
        "1E+3",
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "12.",
        ".5",
        ",",
        "12..5",
        "12.5.",
        "12 .5",
        "12 TL",
        "₺12",
        "1.234.567",
        "1,061",
        "1.061",
        "1,23.45",
        "12,34.56",
        "1234,567.89",
        "1,234.567",
        "1,234,56",
        "1.234,567.89",
        "1,234.567,89",
        "106.12345678",
        "106.10100000",
        "1,234,567",
        "1 234",
        "1'234",
        "1.000",
        "12.500",
        "1,000",
        "12.345",
        "0.001",
        pytest.param("٤٩", id="Arabic digits"),
        pytest.param("４９", id="fullwidth digits"),
        pytest.param("4²", id="superscript"),
        pytest.param("9" * 1000, id="1000 digits"),
        pytest.param("0." + "0" * 1000, id="1000 decimals"),
        pytest.param(10**5000, id="more digits than Python prints"),
        pytest.param(1e16, id="float with exponent"),
        pytest.param(1e-7, id="tiny float"),
        pytest.param(float("nan"), id="float NaN"),
        pytest.param(float("inf"), id="float infinity"),
        pytest.param(-12.5, id="negative float"),
    ],
)
def test_what_could_be_misread_is_refused(written):
    with pytest.raises(ValueError):
        Money.parse(written, "TRY")


def test_a_refusal_quotes_little_of_what_was_written():
    with pytest.raises(ValueError) as refusal:
        Money.parse("x" * 10_000, "TRY")
    assert len(str(refusal.value)) < 100


def test_a_currency_without_decimals_takes_none():
    assert Money.parse("1234", "CLP") == Money(1234, "CLP")
    assert Money.parse("1234.00", "ISK") == Money(1234, "ISK")
    with pytest.raises(ValueError):
        Money.parse("1234.5", "CLP")


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(0, "TRY"), "0.00 TRY"),
        (Money(5, "TRY"), "0.05 TRY"),
        (Money(123456, "EUR"), "1234.56 EUR"),
        (Money(1234, "CLP"), "1234 CLP"),
        (Money(LARGEST, "TRY"), "999999999999.99 TRY"),
    ],
)
def test_an_amount_is_written_with_all_its_decimals(money, text):
    assert str(money) == text


@given(minors, currencies, st.sampled_from(".,"))
def test_what_is_written_is_read_back(minor, currency, separator):
    money = Money(minor, currency)
    amount, code = str(money).split()
    assert code == currency
    assert Money.parse(amount.replace(".", separator), currency) == money
    assert money.major * 100 == minor


@given(st.integers(0, 10**13), currencies)
def test_a_json_number_is_read_without_binary_arithmetic(minor, currency):
    assert Money.parse(minor / 100, currency) == Money(minor, currency)


@given(
    st.one_of(
        st.text(),
        st.text("0123456789.,eE+-_ "),
        st.floats(),
        st.decimals(),
        st.text("0123456789.,", min_size=6, max_size=14),
        st.integers(),
        st.binary(),
    )
)
def test_anything_is_an_amount_or_a_value_error(written):
    try:
        money = Money.parse(written, "TRY")
    except ValueError:
        return
    assert 0 <= money.minor <= LARGEST
    *groups, decimals = re.split("[.,]", str(written).strip())
    plain = "".join(groups) + "." + decimals if groups else decimals
    assert abs(money.major - Decimal(plain)) < Decimal("1e-7")
