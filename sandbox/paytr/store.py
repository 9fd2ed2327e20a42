"""PayTR's side of the world: stores (merchants) and the payments their buyers make."""

import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

from ..cards import FAMILIES, Card
from ..clock import moment, now
from ..ledger import Entry
from ..money import share

# Percent times 100 that a buyer pays on top, by number of instalments. Invented; three
# instalments cost exactly 5 %, so that sums can be checked by eye.
_BASE_RATES = {2: 350, 3: 500, 4: 640, 5: 780, 6: 920, 7: 1060, 8: 1200, 9: 1340, 10: 1480}
_BASE_RATES |= {11: 1620, 12: 1760}


def rates(family: str) -> dict[int, int]:
    """The store's instalment table of one card family, in hundredths of a percent."""
    step = 0 if family == "world" else 10 * FAMILIES.index(family)
    return {count: rate + step for count, rate in _BASE_RATES.items()}


@dataclass
class Merchant:
    """A store as its panel and PayTR's permissions define it."""

    id: str
    key: str
    salt: str
    notify_url: str = ""  # Settings > Bildirim URL
    interim_url: str = ""  # Settings > Ara Bildirim URL, for bank transfers
    active: bool = True
    live: bool = False  # False: the store is still in test mode, whatever a request says
    max_installment: int = 12
    balance: int | None = None  # net balance in minor units; None: enough for any refund
    # permissions
    eft: bool = False
    refunds: bool = True
    non_3d: bool = False
    links: bool = False
    # behaviour that is undocumented, or that depends on the network
    retry_on_page: bool = False  # after a failure the buyer may try again on the same page
    browser_first: bool = False  # the browser comes back before the notification is sent
    notify_delay: float = 2.0  # how long after it, with browser_first
    notify_retry_seconds: float | None = None  # None: the sandbox's default
    eft_delay: float | None = None  # seconds until a claimed transfer is found; None: never
    status_before_ok: bool = True  # the inquiry knows a sale whose notification waits for its OK
    decimal_comma: bool = False  # the inquiry writes "10,8" as one edition of the manual shows
    accept_private_ip: bool = False  # for a demo in which the buyer sits on this machine
    accept_local_callback: bool = False  # for a shop on this machine, or on a port

    def update(self, changes: dict):
        if unknown := changes.keys() - {item.name for item in fields(self)}:
            raise ValueError(f"a PayTR merchant has no {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, value)


@dataclass
class Try:
    """One attempt of the buyer to pay. It never holds a whole card number."""

    card: Card
    installments: int
    total: int
    at: datetime = field(default_factory=now)
    outcome: str = ""  # success, or the failure's code
    message: str = ""

    def as_json(self) -> dict:
        return {
            "card": self.card.masked,
            "installments": self.installments,
            "total": self.total,
            "at": self.at.isoformat(),
            "outcome": self.outcome,
            "message": self.message,
        }


@dataclass
class Link:
    """A price at an address of its own (Link API)."""

    merchant: Merchant
    form: dict[str, str]
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    paid: int = 0
    sent_to: list[str] = field(default_factory=list)

    @property
    def amount(self) -> int:
        return int(self.form["price"]) * int(self.form.get("min_count") or 1)

    def is_open(self, at: datetime) -> bool:
        expiry, limit = self.form.get("expiry_date"), self.form.get("max_count")
        return not (expiry and at > moment(expiry)) and not (limit and self.paid >= int(limit))


@dataclass
class Payment:
    """What one token stands for."""

    merchant: Merchant
    kind: str  # card, eft
    oid: str
    amount: int
    currency: str
    test: bool
    form: dict[str, str]  # what the shop sent
    minutes: int
    token: str = field(default_factory=lambda: secrets.token_hex(26))
    state: str = "open"  # open, challenge (3D Secure), claimed (eft), paid, failed
    tries: list[Try] = field(default_factory=list)
    sale: Entry | None = None
    claim: dict[str, str] = field(default_factory=dict)  # what an EFT buyer declared
    paid_at: datetime | None = None
    link: Link | None = None  # paid through the Link API
    created: datetime = field(default_factory=now)

    @property
    def is_over(self) -> bool:
        return self.state in ("paid", "failed")

    @property
    def notify_url(self) -> str:
        """Where the shop hears of it: the store's one address, or the link's own."""
        if self.link:
            return self.form.get("callback_link", "")
        return self.merchant.notify_url

    @property
    def acknowledged(self) -> bool:
        return self.sale is not None and self.sale.state == "settled"

    @property
    def panel_state(self) -> str:
        """The word the merchant panel shows for it."""
        if self.sale:
            return "Başarılı" if self.acknowledged else "Devam Ediyor"
        return "Başarısız" if self.state == "failed" else "Devam Ediyor"

    @property
    def installments_allowed(self) -> int:
        """The highest number of instalments on offer; 1 when there is none.

        Turkish rules allow instalments in Turkish lira only.
        """
        if self.form.get("no_installment") == "1" or self.currency != "TL":
            return 1
        wanted = int(self.form.get("max_installment") or 0)
        return min(wanted or 12, self.merchant.max_installment)

    def total(self, card: Card, installments: int) -> int:
        if installments == 1 or not card.family:
            return self.amount
        return self.amount + share(self.amount, rates(card.family)[installments])

    def offers(self, card: Card) -> list[tuple[int, int]]:
        """Instalment counts with the total each costs the buyer."""
        highest = self.installments_allowed if card.family else 1
        return [(count, self.total(card, count)) for count in range(1, highest + 1)]

    def as_json(self) -> dict:
        return {
            "token": self.token,
            "merchant_id": self.merchant.id,
            "merchant_oid": self.oid,
            "kind": self.kind,
            "amount": self.amount,
            "currency": self.currency,
            "test_mode": self.test,
            "state": self.state,
            "panel_state": self.panel_state,
            "acknowledged": self.acknowledged,
            "form": self.form,
            "claim": self.claim,
            "tries": [item.as_json() for item in self.tries],
            "sale": self.sale and asdict(self.sale) | {"at": self.sale.at.isoformat()},
        }


class Store:
    """Every merchant and payment PayTR knows."""

    def __init__(self):
        self.merchants: dict[str, Merchant] = {}
        self.links: dict[str, Link] = {}
        self._payments: dict[str, Payment] = {}
        self._by_order: dict[tuple[str, str], list[Payment]] = {}

    def clear_payments(self):
        self.links.clear()
        self._payments.clear()
        self._by_order.clear()

    def add(self, payment: Payment):
        self._payments[payment.token] = payment
        self._by_order.setdefault((payment.merchant.id, payment.oid), []).append(payment)

    def active_merchant(self, merchant_id: str) -> Merchant | None:
        merchant = self.merchants.get(merchant_id)
        return merchant if merchant and merchant.active else None

    def payments(self, **criteria: str) -> list[Payment]:
        return [
            payment
            for payment in self._payments.values()
            if all(getattr(payment, name) == value for name, value in criteria.items())
        ]

    def order(self, merchant: Merchant, oid: str) -> list[Payment]:
        """The payments that were opened for one merchant_oid."""
        return self._by_order.get((merchant.id, oid), [])

    def paid(self, merchant: Merchant, oid: str) -> Payment | None:
        return next((item for item in self.order(merchant, oid) if item.sale), None)

    def by_token(self, token: str) -> Payment | None:
        return self._payments.get(token)

    def latest(self, token_or_oid: str) -> Payment | None:
        """By token, or the newest payment of a merchant_oid."""
        if payment := self.by_token(token_or_oid):
            return payment
        orders = (self.order(merchant, token_or_oid) for merchant in self.merchants.values())
        return next((payments[-1] for payments in orders if payments), None)
