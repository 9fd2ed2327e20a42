"""Platformode's side of the world: merchants, their tokens, payments, refunds, cards and plans."""

import secrets
import string
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta

from ..cards import Card
from ..clock import now
from ..ledger import Entry
from ..money import share
from .wire import CURRENCY_IDS, PROGRAMS

TOKEN_LIFE = timedelta(hours=2)
HOOKS = ("odoo_sale", "odoo_refund", "odoo_recurring")

# Hundredths of a percent, by number of instalments: what the merchant pays and what the card's
# owner pays on top. Invented; three instalments cost the buyer exactly 5 %.
_SINGLE = (200, 0)
_RATES = {1: _SINGLE} | {count: (200 + 25 * count, 200 + 100 * count) for count in range(2, 13)}


def _default_commissions() -> dict[str, dict[str, list[int]]]:
    table = {str(count): list(rate) for count, rate in _RATES.items()}
    return {program: dict(table) for program in PROGRAMS.values()}


@dataclass
class Merchant:
    """A merchant as its panel and Platformode's administrators define it."""

    app_id: str
    app_secret: str
    merchant_key: str
    id: str
    hooks: dict[str, str] = field(default_factory=dict)  # the panel's web hooks: key name -> URL
    is_3d: int = 4  # 0 only 2D, 1 both, 2 only 3D, 4 the branded page
    active: bool = True
    currencies: list[str] = field(default_factory=lambda: list(CURRENCY_IDS))
    installments: list[int] = field(default_factory=lambda: list(range(1, 13)))
    # card program -> instalments -> [merchant's, buyer's] hundredths of a percent; absent: not on
    commissions: dict[str, dict[str, list[int]]] = field(default_factory=_default_commissions)
    balance: int | None = None  # in minor units; None: enough for any refund
    # permissions
    branded_3d: bool = True  # the branded page asks for 3D Secure
    pre_auth: bool = True
    insurance: bool = False
    token_pay: bool = True
    foreign_cards: bool = True
    partial_refunds: bool = True
    # behaviour that is undocumented, or that depends on the day
    refund_mode: str = "at_once"  # later: registered (101) until approved; partly: half of it (112)
    limiter_seconds: float = 2.0
    limiter_sees_hash: bool = True  # False: requests that differ in the hash_key only are the same
    browser_first: bool = False  # the browser comes back before the web hook is called
    hook_delay: float = 2.0  # how long after it, with browser_first
    retry_seconds: float | None = None  # None: the sandbox's default
    status_is_boolean: bool = False  # purchase/link says true instead of "true"
    expires_inside: bool = False  # expires_at is inside `data` of the token answer
    held_status: int = 100  # checkstatus of an authorised hold; 69 is the other reading
    captured_is_auth: bool = False  # a captured hold's transaction_type becomes Auth
    charged_in_hash: bool = False  # the hash_key's total includes the buyer's commission
    raw_plus: bool = False  # the redirect leaves "+" in the hash_key unescaped
    currency_id_optional: bool = False  # samples leave out what the tables call required

    def update(self, changes: dict):
        if unknown := changes.keys() - {item.name for item in fields(self)}:
            raise ValueError(f"a Platformode merchant has no {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, value)

    def rate(self, program: str, count: int) -> tuple[int, int] | None:
        """What this number of instalments costs merchant and buyer; None when it is not on.

        Every card can pay at once.
        """
        pair = self.commissions.get(program, {}).get(str(count))
        if count == 1:
            return tuple(pair or _SINGLE)
        return tuple(pair) if pair and count in self.installments else None


@dataclass
class Terms:
    """How often and when a recurring payment repeats."""

    number: int
    cycle: str  # D, M, Y
    interval: int
    hook: str


@dataclass
class Payment:
    """One sale, from the request for it to its end. It never holds a whole card number."""

    merchant: Merchant
    kind: str  # branded, 3d, 2d, token_3d, token_2d, recurring
    invoice_id: str
    amount: int  # the merchant's total, without the buyer's commission
    currency: str
    form: dict  # what the shop sent, without card and secrets
    pre_auth: bool = False
    installments: int = 0  # as the shop fixed it; 0: the buyer chooses
    hook: str = ""
    return_url: str = ""
    cancel_url: str = ""
    method: str = "GET"  # of the redirect; or POST
    completed_by_merchant: bool = False
    terms: Terms | None = None
    created: datetime = field(default_factory=now)
    order_id: str = field(init=False)
    sale_id: str = field(init=False)  # its number in lists
    transaction_id: str = field(init=False)
    token: str = field(default_factory=lambda: secrets.token_hex(20))
    # open, challenge (3D), authenticated (the merchant completes), held, completed, failed
    state: str = "open"
    card: Card | None = None
    count: int = 1
    user_commission: int = 0
    merchant_commission: int = 0
    md_status: int | str = ""
    failure: tuple[str, str] = ("", "")
    bank: tuple[str, str] = ("", "")  # the bank's own code and words
    preset: tuple[str, str] | None = None  # the bank will say this, whatever the card
    sale: Entry | None = None
    plan: "Plan | None" = None
    changed: datetime = field(init=False)
    refunded_at: datetime | None = None
    is_charged_back: bool = False

    def __post_init__(self):
        stamp = int(self.created.timestamp())
        self.sale_id = str(secrets.randbelow(900_000) + 100_000)
        self.order_id = f"{stamp}{secrets.randbelow(90_000) + 10_000}"
        self.transaction_id = (
            f"{_letters(5)}-{_letters(4)}-TC10-{self.merchant.id}-{self.created:%d%m%y}"
        )
        self.changed = self.created

    @property
    def program(self) -> str:
        return program(self.card) if self.card else ""

    @property
    def charged(self) -> int:
        """What the card's owner pays."""
        return self.amount + self.user_commission

    @property
    def is_over(self) -> bool:
        return self.state in ("held", "completed", "failed")

    @property
    def status(self) -> str:
        """Completed, Failed or Pending, as every answer of Platformode calls it."""
        return {"completed": "Completed", "failed": "Failed"}.get(self.state, "Pending")

    @property
    def transaction_type(self) -> str:
        captured = self.state == "completed" and self.merchant.captured_is_auth
        return "Pre-Authorization" if self.pre_auth and not captured else "Auth"

    @property
    def reference(self) -> str:
        return f"{self.sale.id:012d}" if self.sale else ""

    @property
    def masked(self) -> str:
        return masked(self.card) if self.card else ""

    def choose(self, card: Card, count: int):
        self.card, self.count = card, count
        self.price(self.amount)

    def price(self, amount: int):
        """Let it be a sale of this amount, with the commissions that go with it."""
        self.amount = amount
        merchants, buyers = self.merchant.rate(self.program, self.count) or (0, 0)
        self.merchant_commission = share(amount, merchants)
        self.user_commission = share(amount, buyers)

    def offers(self, card: Card | None) -> list[tuple[int, int]]:
        """Instalment counts with the total each costs the buyer."""
        return offers(self.merchant, card, self.amount, self.currency, self.terms is None)

    def as_json(self) -> dict:
        return {
            "token": self.token,
            "merchant_id": self.merchant.id,
            "kind": self.kind,
            "invoice_id": self.invoice_id,
            "order_id": self.order_id,
            "transaction_id": self.transaction_id,
            "amount": self.amount,
            "charged": self.charged,
            "currency": self.currency,
            "state": self.state,
            "pre_auth": self.pre_auth,
            "card": self.masked,
            "installments": self.count,
            "md_status": self.md_status,
            "failure": list(self.failure),
            "bank": list(self.bank),
            "hook": self.hook,
            "plan_code": self.plan.code if self.plan else "",
            "form": self.form,
            "sale": self.sale and asdict(self.sale) | {"at": self.sale.at.isoformat()},
        }


def program(card: Card) -> str:
    return PROGRAMS.get(card.family, "")


def masked(card: Card) -> str:
    return f"{card.bin}****{card.number[-4:]}"


def offers(
    merchant: Merchant, card: Card | None, amount: int, currency: str, in_parts: bool = True
) -> list[tuple[int, int]]:
    """Turkish rules allow instalments in Turkish lira only."""
    name = program(card) if card else ""
    highest = 12 if in_parts and currency == "TRY" else 1
    rates = {count: merchant.rate(name, count) for count in range(1, highest + 1)}
    return [(count, amount + share(amount, rate[1])) for count, rate in rates.items() if rate]


def _letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(count))


@dataclass
class Refund:
    payment: Payment
    id: str  # the shop's refund_transaction_id
    amount: int
    hook: str
    state: str = "pending"  # then completed or rejected
    reference: str = field(default_factory=lambda: secrets.token_hex(9))

    def as_json(self) -> dict:
        return {
            "id": self.id,
            "invoice_id": self.payment.invoice_id,
            "order_id": self.payment.order_id,
            "amount": self.amount,
            "hook": self.hook,
            "state": self.state,
            "reference": self.reference,
        }


@dataclass
class SavedCard:
    """A card the buyer lets the merchant use again."""

    id: int
    merchant: Merchant
    card: Card
    customer_number: str
    holder: str
    expiry: tuple[str, str]
    customer_name: str
    customer_phone: str
    at: datetime
    token: str = field(
        default_factory=lambda: "".join(
            secrets.choice(string.ascii_uppercase + "234567") for _ in range(48)
        )
    )


@dataclass
class Plan:
    """A recurring payment after its first instalment."""

    id: int
    first: Payment
    number: int
    amount: int
    next_at: datetime
    code: str = field(init=False)
    status: str = "Active"
    payments: list[Payment] = field(default_factory=list)  # every attempt, the first one included
    numbers: list[int] = field(default_factory=list)  # which instalment each of them was

    def __post_init__(self):
        self.code = f"{int(self.first.created.timestamp())}{_letters(5)}"
        self.add(self.first, 1)

    def add(self, payment: Payment, number: int):
        payment.plan = self
        self.payments.append(payment)
        self.numbers.append(number)

    @property
    def paid(self) -> int:
        return sum(payment.sale is not None for payment in self.payments)

    def as_json(self) -> dict:
        return {
            "id": self.id,
            "plan_code": self.code,
            "invoice_id": self.first.invoice_id,
            "number": self.number,
            "paid": self.paid,
            "amount": self.amount,
            "status": self.status,
            "next_at": self.next_at.isoformat(),
            "payments": [payment.invoice_id for payment in self.payments],
        }


class Store:
    """Every merchant and payment Platformode knows."""

    def __init__(self):
        self.merchants: dict[str, Merchant] = {}
        self.clear_payments()

    def clear_payments(self):
        self.payments: dict[tuple[str, str], Payment] = {}
        self.refunds: dict[tuple[str, str], Refund] = {}
        self.cards: dict[str, SavedCard] = {}
        self.plans: dict[str, Plan] = {}
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._seen: dict[tuple[str, str, str], datetime] = {}

    def merchant(self, **criteria: str) -> Merchant | None:
        return next(
            (
                merchant
                for merchant in self.merchants.values()
                if merchant.active
                and all(getattr(merchant, name) == value for name, value in criteria.items())
            ),
            None,
        )

    # --- the gate

    def open_session(self, merchant: Merchant, at: datetime) -> tuple[str, datetime]:
        token, expires = secrets.token_urlsafe(120), at + TOKEN_LIFE
        self._tokens[token] = merchant.id, expires
        return token, expires

    def bearer(self, token: str, at: datetime) -> Merchant | None:
        merchant_id, expires = self._tokens.get(token, ("", at))
        return self.merchant(id=merchant_id) if at < expires else None

    def revoke_tokens(self):
        self._tokens.clear()

    def count(self, merchant: Merchant | None, service: str, invoice_id: str = ""):
        self.calls[merchant.id if merchant else "", service, invoice_id] += 1

    def is_new(self, call: tuple[str, str, str], at: datetime, within: timedelta) -> bool:
        """Whether the call was not made shortly before; it is remembered if so."""
        self._seen = {key: until for key, until in self._seen.items() if until > at}
        if call in self._seen:
            return False
        self._seen[call] = at + within
        return True

    # --- payments

    def add(self, payment: Payment):
        self.payments[payment.merchant.id, payment.invoice_id] = payment

    def invoice(self, merchant: Merchant, invoice_id: str) -> Payment | None:
        return self.payments.get((merchant.id, invoice_id))

    def by_token(self, token: str) -> Payment | None:
        return next((item for item in self.payments.values() if item.token == token), None)

    def find(self, reference: str) -> Payment | None:
        """By page token, invoice id or order id."""
        return next(
            (
                item
                for item in reversed(self.payments.values())
                if reference in (item.token, item.invoice_id, item.order_id)
            ),
            None,
        )

    def refund(self, refund_id: str) -> Refund | None:
        return next((item for item in self.refunds.values() if item.id == refund_id), None)
