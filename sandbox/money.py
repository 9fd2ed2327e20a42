"""Amounts are integer minor units inside the sandbox; text only at the wire."""

import re

_MAJOR = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)


def to_minor(text: str) -> int | None:
    """Read major units with a decimal point ("11.97" is 1197); None when that is not what it is."""
    match = _MAJOR.fullmatch(text)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else None


def to_major(minor: int) -> str:
    """Write minor units as major units with two decimals (1197 is "11.97")."""
    whole, part = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{part:02d}"


def to_price(minor: int, lang: str) -> str:
    """Major units as a buyer reads them in the given language."""
    return to_major(minor).replace(".", ",") if lang == "tr" else to_major(minor)


def share(amount: int, basis_points: int) -> int:
    """The given hundredths of a percent of an amount, half up."""
    return (amount * basis_points + 5_000) // 10_000
