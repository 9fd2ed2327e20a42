"""How gateways read what a stranger wrote."""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal

from .base import BadMessage, plain

LONGEST_KEY = 300
PERCENTAGE = re.compile(r"\d{1,3}([.,]\d{1,20})?", re.ASCII)


def words(answer: Mapping, name: str) -> str:
    """A text for people to read: of bounded length, and with nothing a database refuses."""
    value = answer.get(name)
    return plain("" if value is None or value is False else str(value))


def listed(value: object) -> list | None:
    """A list as PHP writes it: an object if its keys have gaps, and `{}` if it is empty.

    :return: None if it is none.
    """
    if isinstance(value, dict) and all(re.fullmatch(r"\d+", key, re.ASCII) for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def mapped(value: object) -> dict | None:
    """An object as PHP writes it: a list if its keys count from 0, and `[]` if it is empty.

    :return: None if it is none.
    """
    if isinstance(value, list):
        return {str(place): each for place, each in enumerate(value)}
    return value if isinstance(value, dict) else None


def rows(value: object) -> list[Mapping]:
    """The rows of a list; what is none is left out."""
    return [row for row in listed(value) or () if isinstance(row, dict)]


def percent(value: object) -> Decimal | None:
    """A percentage below 1000, with a dot or a comma before its decimals, however many they are."""
    written = str(value).strip()
    if not PERCENTAGE.fullmatch(written):
        return None
    return Decimal(written.replace(",", "."))


def key_of(*parts: str) -> str:
    """What tells a message from any other: short enough for a database's index."""
    key = ":".join(parts)
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:LONGEST_KEY]}:{hashlib.sha256(encode(key)).hexdigest()}"


def encode(text: str) -> bytes:
    """Any text as bytes, even one that is no valid Unicode: it only has to differ."""
    return text.encode("utf-8", "surrogatepass")


def required(message: Mapping[str, str], *names: str) -> tuple[str, ...]:
    """The values of fields that a message must have.

    :raise BadMessage: If one is missing or empty.
    """
    if missing := [name for name in names if not message.get(name)]:
        raise BadMessage(f"missing: {', '.join(missing)}")
    return tuple(message[name] for name in names)
