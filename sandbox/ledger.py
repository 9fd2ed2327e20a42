"""The sandbox's own book of money, so that a test can hold it against the shop's book."""

import itertools
from dataclasses import asdict, dataclass, field
from datetime import datetime
from threading import RLock

from .clock import now


@dataclass
class Entry:
    """One movement of money: a sale, or a refund of one."""

    id: int
    psp: str
    merchant: str
    order: str
    kind: str  # sale, refund
    amount: int  # what moved, surcharge included
    surcharge: int  # the part of a sale that exceeds the order's amount
    currency: str
    state: str  # in_progress until the shop has acknowledged the sale, then settled
    reference: str
    sale: int | None = None
    at: datetime = field(default_factory=now)


@dataclass
class Totals:
    """The money of one order."""

    psp: str
    merchant: str
    order: str
    currency: str
    collected: int = 0
    surcharge: int = 0
    refunded: int = 0

    @property
    def remaining(self) -> int:
        return self.collected - self.refunded


class Ledger:
    def __init__(self):
        self._lock = RLock()
        self.clear()

    def clear(self):
        with self._lock:
            self._entries: list[Entry] = []
            self._ids = itertools.count(1)

    def sale(
        self, psp: str, merchant: str, order: str, amount: int, currency: str, surcharge: int = 0
    ) -> Entry:
        with self._lock:
            entry = Entry(
                id=next(self._ids),
                psp=psp,
                merchant=merchant,
                order=order,
                kind="sale",
                amount=amount,
                surcharge=surcharge,
                currency=currency,
                state="in_progress",
                reference="",
            )
            self._entries.append(entry)
            return entry

    def refund(self, sale: Entry, amount: int, reference: str = "") -> Entry:
        """Give money back. The book itself refuses what no PSP may ever do."""
        with self._lock:
            if not 0 < amount <= self.remaining(sale):
                raise ValueError(f"cannot refund {amount} of sale {sale.id}")
            entry = Entry(
                id=next(self._ids),
                psp=sale.psp,
                merchant=sale.merchant,
                order=sale.order,
                kind="refund",
                amount=amount,
                surcharge=0,
                currency=sale.currency,
                state="settled",
                reference=reference,
                sale=sale.id,
            )
            self._entries.append(entry)
            return entry

    def refunds(self, sale: Entry) -> list[Entry]:
        with self._lock:
            return [entry for entry in self._entries if entry.sale == sale.id]

    def remaining(self, sale: Entry) -> int:
        return sale.amount - sum(entry.amount for entry in self.refunds(sale))

    def entries(self, **criteria: str) -> list[Entry]:
        """The rows whose named attributes have the given values, oldest first."""
        with self._lock:
            return [
                entry
                for entry in self._entries
                if all(getattr(entry, name) == value for name, value in criteria.items())
            ]

    def totals(self, **criteria: str) -> list[Totals]:
        """One line per merchant order."""
        orders: dict[tuple, Totals] = {}
        for entry in self.entries(**criteria):
            key = (entry.psp, entry.merchant, entry.order, entry.currency)
            order = orders.setdefault(key, Totals(*key))
            if entry.kind == "sale":
                order.collected += entry.amount
                order.surcharge += entry.surcharge
            else:
                order.refunded += entry.amount
        return list(orders.values())

    def as_json(self, **criteria: str) -> dict:
        return {
            "orders": [
                asdict(order) | {"remaining": order.remaining} for order in self.totals(**criteria)
            ],
            "entries": [
                asdict(entry) | {"at": entry.at.isoformat()} for entry in self.entries(**criteria)
            ],
        }
