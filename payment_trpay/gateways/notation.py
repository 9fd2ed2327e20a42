"""How gateways read what a stranger wrote."""

from collections.abc import Mapping

from .base import BadMessage, plain


def words(answer: Mapping, name: str) -> str:
    """A text for people to read: of bounded length, and with nothing a database refuses."""
    value = answer.get(name)
    return plain("" if value is None or value is False else str(value))


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
