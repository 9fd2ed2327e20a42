"""What is paid for, line by line, in prices that add up to the total."""

from collections.abc import Sequence
from dataclasses import replace

from .. import contact
from ..base import Checkout, Item, Money, Order
from .api import as_text

NAMES = {"tax": "Vergi", "shipping": "Nakliye Ücreti"}
LONGEST = 100


def lines(order: Order, checkout: Checkout) -> list[dict]:
    """The `items` of an invoice ("2. … Fatura bilgisi").

    Prices times quantities must be the total (code 13). In the document's example they are so by
    themselves, with a `discount` told beside them: it is taken off the prices, and only told.
    """
    items = _reduced(checkout.items)
    if not _is_total(items, order):
        items = [Item("product", checkout.description, order.amount)]
    return [_line(item) for item in items]


def discount(order: Order, checkout: Checkout) -> Money | None:
    """What was taken off the lines in all; None if that is nothing, or they are told as one."""
    discounts = [item.amount for item in checkout.items if item.kind == "discount"]
    if not discounts or not _is_total(_reduced(checkout.items), order):
        return None
    return Money(-sum(amount.minor for amount in discounts), discounts[0].currency)


def _is_total(items: Sequence[Item], order: Order) -> bool:
    return sum(item.amount.minor for item in items) == order.amount.minor


def _reduced(items: Sequence[Item]) -> list[Item]:
    """The items less the discount, each by its share; taxes stay as they are.

    :return: Nothing if more is taken off than there is.
    """
    discounts = [item for item in items if item.kind == "discount"]
    others = [item for item in items if item.kind != "discount"]
    rest = -sum(item.amount.minor for item in discounts)
    worth = sum(item.amount.minor for item in others if item.kind != "tax")
    if rest > worth:
        return []
    reduced = []
    for item in others:
        price = item.amount.minor
        if item.kind != "tax" and worth:
            # Of what is left, so that the last one takes what rounding left over.
            share = rest * price // worth
            rest, worth, price = rest - share, worth - price, price - share
        if price:
            reduced.append(replace(item, amount=Money(price, item.amount.currency)))
    return reduced


def _line(item: Item) -> dict:
    """Quantity and unit price must be whole (code 33). If not, the name has the quantity."""
    name, count, price = NAMES.get(item.kind, item.name), 1, item.amount
    if item.quantity != 1:
        whole = int(item.quantity)
        if whole == item.quantity > 0 == price.minor % whole:
            count, price = whole, Money(price.minor // whole, price.currency)
        else:
            name = f"{item.quantity.normalize():f} x {name}"
    return {
        "name": contact.text(name, LONGEST),
        "price": as_text(price),
        "quantity": count,
        "description": contact.text(item.name, LONGEST),
    }
