"""The vocabulary of a gateway: values, verbs and errors, the same for every PSP.

The values are immutable and carry no behaviour beyond their own arithmetic. Amounts are whole
minor units; each gateway turns them into its PSP's notation and back. A gateway holds credentials
and a way to reach the network, nothing else: what it must remember about a payment travels in
`Order.refs` and is stored by the caller.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlsplit

from . import contact
from .keyring import Keyring
from .transport import Client, NoAnswer, Reply, mask_card_numbers

# ISO 4217: every other currency our PSPs take has two decimals.
DECIMALS = {"CLP": 0, "ISK": 0}
LONGEST_TEXT = 500
ADDRESS = re.compile(r"[!-\[\]-~]{1,4096}")  # Visible ASCII but the backslash, a slash to browsers.
_CUT_NUMBER = re.compile(r"[0-9][0-9 .-]*$")


def plain(text: str) -> str:
    """A stranger's text as it may be kept: printable, short, and no part of a longer number.

    Half a card number at the end could not be recognised as one any more.
    """
    printable = "".join(character for character in text if character.isprintable())
    if len(printable) <= LONGEST_TEXT:
        return printable
    return _CUT_NUMBER.sub("", printable[:LONGEST_TEXT])


# HTTP statuses of a request that was not looked at: timeout, too early, too many.
HTTP_LATER = {408, 425, 429}
HTTP_NOT_FOUND, HTTP_CONFLICT = 404, 409
HTTP_NOT_ALLOWED = {401, 403}  # It is about the shop, not about its customer.


# === VALUES === #


def _mask(value: object, *names: str):
    """Let no value show a card number in what is somebody's own words."""
    for name in names:
        object.__setattr__(value, name, mask_card_numbers(getattr(value, name)))


def _make_sendable(value: object, name: str):
    """Clean a text that every PSP gets: "-" if nothing is left."""
    object.__setattr__(value, name, contact.text(getattr(value, name)) or "-")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole minor units (kuruş, cent) of an ISO 4217 currency."""

    minor: int
    currency: str

    _PLAIN: ClassVar = re.compile(r"\d{1,12}(?:[.,](?:\d{1,2}|\d{4}))?", re.ASCII)
    # With both marks it is clear which of them is that of the decimals.
    _GROUPED: ClassVar = re.compile(
        r"\d{1,3}(?:(?:,\d{3}){1,3}\.|(?:\.\d{3}){1,3},)(?:\d{1,2}|\d{4})", re.ASCII
    )
    # What binary arithmetic leaves of a number: 106.10000000000001.
    _NOISY: ClassVar = re.compile(r"\d{1,12}[.,]\d{8,20}", re.ASCII)
    _NOISE: ClassVar = Decimal("1e-5")  # Minor units.

    @classmethod
    def parse(cls, text: object, currency: str) -> "Money":
        """Read an amount in major units, with a dot or a comma before the decimals.

        :param text: What the PSP wrote, e.g. `12`, `12.5`, `"12,50"`. A float is read through its
            shortest decimal text, never through binary arithmetic, and what such arithmetic left
            behind the decimals is rounded away.
        :raise ValueError: If it is no such number, is negative or may have thousands separators:
            three digits after the only mark could be either.
        """
        written = str(text).strip()
        is_noisy = bool(cls._NOISY.fullmatch(written))
        if cls._GROUPED.fullmatch(written):
            mark = "," if written.rfind(".") > written.rfind(",") else "."
            plain = written.replace(mark, "")
        elif is_noisy or cls._PLAIN.fullmatch(written):
            plain = written
        else:
            raise ValueError(f"not an amount: {written[:40]!r}")
        exact = Decimal(plain.replace(",", ".")).scaleb(cls(0, currency).decimals)
        minor = exact.to_integral_value()
        if abs(exact - minor) > (cls._NOISE if is_noisy else 0):
            raise ValueError(f"more decimals than {currency} has: {written!r}")
        return cls(int(minor), currency)

    @property
    def decimals(self) -> int:
        return DECIMALS.get(self.currency, 2)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact, with all decimals of the currency."""
        return Decimal(self.minor).scaleb(-self.decimals)

    def __str__(self) -> str:
        return f"{self.major:f} {self.currency}"


@dataclass(frozen=True, slots=True)
class MaskedCard:
    """What may be remembered of a card."""

    number: str = ""  # As masked by the PSP, e.g. 455359******6747.
    brand: str = ""  # visa, mastercard, troy, amex; empty when the PSP does not tell.

    def __post_init__(self):
        _mask(self, "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card as its holder typed it. It lives for one request, and nothing may show or keep it."""

    number: str = field(repr=False)
    holder: str = field(repr=False)
    month: str = field(repr=False)  # Two digits.
    year: str = field(repr=False)  # Four digits.
    code: str = field(repr=False)  # CVC; empty where the PSP needs none.
    # Of an agricultural card, as its holder chose: see `Plan`.
    maturity: str = field(default="", repr=False)
    frequency: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCard:
    """A card that the PSP keeps, for its holder to pay with again."""

    token: str = field(repr=False)
    customer: str  # Digits: the number by which the PSP knows the holder.
    number: str = ""  # Masked, e.g. 455359******6747.


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Further payments of an order's amount, which the PSP takes by itself."""

    payments: int  # In all, the first one included: 2 to 121.
    every: int  # 1 to 99 units between two payments.
    unit: str  # day, month, year


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt to pay: what the PSP and we agree on."""

    reference: str  # Unique per attempt, alphanumeric, at most 40 characters.
    amount: Money
    method: str = "card"  # Odoo's code of the payment method: card, bank_transfer.
    test: bool = False
    hold: bool = False  # Only reserve the amount on the card, to be captured later.
    resumed: bool = False  # After 3D Secure the shop is asked once more: see `resume`.
    recurrence: Recurrence | None = None
    refs: Mapping[str, str] = field(
        default_factory=dict
    )  # What earlier answers of the PSP told us to remember.


@dataclass(frozen=True, slots=True)
class Item:
    """A line of what is paid for: a product, or the taxes, shipping or discount of all of them."""

    kind: str  # product, tax, shipping, discount
    name: str
    amount: Money  # Of the whole quantity; a discount's is negative.
    quantity: Decimal = Decimal(1)

    def __post_init__(self):
        _make_sendable(self, "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody as they typed it: each text may be empty or anything. See the module `contact`."""

    name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""  # ISO 3166-1 alpha-2.
    country_name: str = ""  # In English.


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """Who pays an order, where from, and where the browser and the PSP report back to."""

    customer: Contact
    shop: Contact  # Stands in where a PSP requires what the customer did not give.
    ip: str  # Of the customer, as the web server saw it.
    description: str
    return_url: str
    cancel_url: str
    lang: str = "tr"
    minutes: int = 30  # How long the customer has.
    max_installments: int = 0  # 1: single payment only; 2..12: at most; 0: what the PSP allows.
    installments: int = 0  # As chosen in the shop, for the PSP's page; 0: not chosen yet.
    embedded: bool = False  # Whether the payment page is shown inside the shop's own page.
    flow: str = ""  # One of the gateway's `flows`; empty: what the merchant's agreement allows.
    items: tuple[Item, ...] = ()  # They sum to the order's amount; none if that is not known.
    stored_card: StoredCard | None = None  # What is paid with, instead of a card that is typed.
    identity: str = ""  # The payer's number: T.C. kimlik numarası, or VKN of a company.

    def __post_init__(self):
        _make_sendable(self, "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money to give back from a paid order."""

    reference: str  # Ours; unique per refund and kept when the refund is repeated.
    amount: Money  # Strictly positive.
    refunded_before: Money  # What was given back earlier: tells our refund from older ones.
    is_taken: bool = False  # Whether the PSP said that it has it.

    def __post_init__(self):
        if self.amount.minor <= 0:  # To some PSPs, nothing means everything.
            raise ValueError(f"not an amount to give back: {self.amount}")


# === STEPS: what the customer's browser does next === #


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Send the browser there: by GET, or by POST when there are fields."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """Show that page in a frame of the shop's page; it also works as a page of its own."""

    url: str
    resizer_url: str = ""  # The PSP's script that fits the frame to its content.
    refs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """Ask for the card in the shop's own page, whose browser sends it, with the fields, to the PSP.

    For a stored card only the number of instalments is asked for. The PSP knows nothing of the
    payment yet: the same order may be opened again for the same entry.
    """

    url: str  # Empty: the card goes to the shop, for `pay`.
    names: Mapping[str, str] = field(default_factory=dict)  # How the PSP calls number, holder, …
    fields: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[int, Mapping[str, str]] = field(
        default_factory=dict
    )  # More fields, for each number of instalments.
    optional: frozenset[str] = frozenset()  # Card fields that may stay empty: month, year, code.


@dataclass(frozen=True, slots=True)
class Choice:
    """Ask in the shop's own page in how many instalments it is to be paid.

    The PSP knows nothing of the payment yet: the order is opened again with one of the numbers, as
    `Checkout.installments`.
    """

    installments: tuple[int, ...]


Step = Redirect | Embed | CardEntry | Choice


# === ANSWERS === #


class State(StrEnum):
    """What a PSP says of a payment or a refund."""

    UNKNOWN = "unknown"  # The PSP has nothing to show (yet): never a failure by itself.
    PENDING = "pending"  # The PSP is working on it.
    AUTHORIZED = "authorized"  # Held on the card, not collected.
    PAID = "paid"  # Collected; of a refund: given back.
    FAILED = "failed"
    CANCELED = "canceled"  # Given up by the customer, or expired at the PSP.


class Reason(StrEnum):
    """Why a payment or a call failed, in terms that a person can act on."""

    BANK_REFUSED = "bank_refused"
    AUTHENTICATION_MISSING = "authentication_missing"
    AUTHENTICATION_FAILED = "authentication_failed"
    CARD_EXPIRED = "card_expired"
    CARD_LIMIT_REACHED = "card_limit_reached"
    CARD_NUMBER_WRONG = "card_number_wrong"
    SECURITY_REFUSED = "security_refused"
    ABANDONED = "abandoned"
    INSTALLMENT_REFUSED = "installment_refused"
    CARD_NOT_ACCEPTED = "card_not_accepted"
    THREE_DS_REQUIRED = "three_ds_required"
    FRAUD_SUSPECTED = "fraud_suspected"
    TECHNICAL = "technical"
    TRANSFER_NOT_FOUND = "transfer_not_found"
    TRANSFER_TOO_LOW = "transfer_too_low"
    TRANSFER_UNDER_REVIEW = "transfer_under_review"
    TRANSFER_NAME_MISMATCH = "transfer_name_mismatch"
    TRANSFER_ALREADY_USED = "transfer_already_used"
    STORED_CARD_UNUSABLE = "stored_card_unusable"
    IDENTITY_MISSING = "identity_missing"
    NAME_REFUSED = "name_refused"
    EMAIL_REFUSED = "email_refused"
    PHONE_REFUSED = "phone_refused"
    ADDRESS_REFUSED = "address_refused"
    IP_REFUSED = "ip_refused"
    CHARACTER_REFUSED = "character_refused"
    NOT_AVAILABLE = "not_available"
    NOTHING_TO_PAY = "nothing_to_pay"
    ALREADY_PAID = "already_paid"
    AMOUNT_CHANGED = "amount_changed"
    PAYMENT_ON_THE_WAY = "payment_on_the_way"
    MISSING_KEYS = "missing_keys"
    WRONG_APP = "wrong_app"
    WRONG_HOOK = "wrong_hook"
    WRONG_MERCHANT = "wrong_merchant"
    WRONG_MERCHANT_KEY = "wrong_merchant_key"
    NOT_ACTIVATED = "not_activated"
    FLOW_NOT_CHOSEN = "flow_not_chosen"
    SHOP_LIMIT_REACHED = "shop_limit_reached"
    AMOUNT_REFUSED = "amount_refused"
    CAPTURE_REFUSED = "capture_refused"
    RECURRENCE_REFUSED = "recurrence_refused"
    WRONG_KEYS = "wrong_keys"
    KEYS_SWAPPED = "keys_swapped"
    REFUND_TOO_LARGE = "refund_too_large"
    REFUND_NOT_POSSIBLE = "refund_not_possible"
    REFUND_TOO_LATE = "refund_too_late"
    REFUND_IN_PART = "refund_in_part"
    REFUND_REPEATED = "refund_repeated"
    BALANCE_TOO_LOW = "balance_too_low"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_INCOMPLETE = "payment_incomplete"
    PAYMENT_NOT_PROCESSED = "payment_not_processed"
    NOT_COMPLETED = "not_completed"
    REQUEST_MISMATCH = "request_mismatch"
    CURRENCY_UNKNOWN = "currency_unknown"
    UNKNOWN_ERROR = "unknown_error"
    TRY_LATER = "try_later"


# What the PSP does not do now, but may do when it is asked again: no failure.
LATER = {Reason.TRY_LATER, Reason.BALANCE_TOO_LOW, Reason.PAYMENT_NOT_PROCESSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What really happened, as far as a message or an answer of the PSP tells.

    `amount` is the order's amount as the PSP knows it, `charged` what the customer's card was
    charged: the difference is the instalment surcharge (vade farkı). A field that the PSP did not
    mention is `None` or empty.
    """

    state: State
    amount: Money | None = None
    charged: Money | None = None
    method: str = ""
    installments: int | None = None
    card: MaskedCard = MaskedCard()
    psp_reference: str = ""
    fee: Money | None = None  # What the PSP keeps of the money.
    settles_on: date | None = None  # When the PSP pays it out.
    reason: Reason | None = None
    code: str = ""  # The PSP's own failure code.
    text: str = ""  # The PSP's own words.
    test: bool | None = None
    is_given_back: bool = False  # Whether some of what was paid went back since.
    refs: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # To be remembered: see `Order.refs`.

    def __post_init__(self):
        _mask(self, "code", "text")


class Subject(StrEnum):
    """What of an order a message is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    RECURRENCE = "recurrence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a message says. Only a proven claim is acted on; any other is a reason to inquire."""

    reference: str
    key: str  # The same for each copy of the message, different for any other.
    outcome: Outcome
    doubt: str = ""  # Why the message does not prove what it says.
    unclear: str = ""  # What an authentic message says that only a person can make sense of.
    about: Subject = Subject.PAYMENT

    @property
    def proven(self) -> bool:
        return not (self.doubt or self.unclear)


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to split a payment: what the buyer pays in all and who offers it."""

    installments: int
    total: Money
    card_family: str = ""
    fee: Money | None = None  # What the merchant pays for it; None if the PSP does not tell.
    # Of an agricultural card (tarım kartı), as its bank counts them; 0 of any other.
    maturity: int = 0
    frequency: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a merchant may do, as far as the PSP tells."""

    flows: tuple[str, ...] = ()  # Of the gateway's `flows`; empty if it does not tell.
    installments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One payment of a recurrence."""

    number: int  # Counts from 1, the payment that began it.
    state: State  # PAID or FAILED; the PSP may try a failed one again.
    on: date | None = None
    psp_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceStatus:
    """What the PSP says of a recurrence."""

    active: bool | None  # Not if it rests; None if it is over, or the PSP does not tell.
    amount: Money | None  # Of each further payment.
    payments: int | None
    next_on: date | None
    charges: tuple[Charge, ...] = ()
    text: str = ""  # The PSP's own word for its state.

    def __post_init__(self):
        _mask(self, "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPayment:
    """A payment as it stands in the PSP's list."""

    reference: str
    state: State
    amount: Money | None = None  # None if the list of these days has only refunds of it.
    charged: Money | None = None
    fee: Money | None = None
    net: Money | None = None  # What is paid out.
    refunded: Money | None = None  # In all.
    refunded_then: Money | None = None  # In the days of the list.
    is_charged_back: bool = False
    settles_on: date | None = None
    installments: int | None = None
    card: MaskedCard = MaskedCard()
    psp_reference: str = ""
    psp_number: str = ""  # Another one by which the PSP knows it.


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """Money that went back from a payment."""

    amount: Money
    reference: str = ""  # Ours of the refund; empty if the PSP names none, as of its panel's.


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """How a payment stands at the PSP, with all that happened to it since it was made."""

    outcome: Outcome
    given_back: tuple[GivenBack, ...] = ()  # Only their sum, from a PSP that names no refunds.
    is_charged_back: bool = False  # The cardholder's bank took the money back.


# === ERRORS === #


class GatewayError(Exception):
    """Something went wrong at or on the way to the PSP.

    :param text: The PSP's own words or a technical description, for staff and the log.
    """

    def __init__(self, text: str, *, reason: Reason | None = None, code: str = ""):
        self.text = mask_card_numbers(text)
        super().__init__(self.text)
        self.reason = reason
        self.code = mask_card_numbers(code)


class Refused(GatewayError):
    """The PSP understood and said no. Nothing happened."""


def needed(field: str, reason: Reason) -> str:
    """A field that a PSP requires and nothing can stand in for.

    :raise Refused: With the reason, if it is empty: the PSP need not be asked.
    """
    if not field:
        raise Refused("", reason=reason)
    return field


class Unsupported(GatewayError):
    """The PSP does not offer this."""


class BadMessage(GatewayError):
    """A message that is incomplete, garbled or not authentic. It must change nothing."""


class Forged(BadMessage):
    """A complete message whose proof does not fit our credentials."""


# === VERBS === #


class Gateway:
    """A PSP, spoken to with one merchant's credentials.

    Verbs that reach the network raise `transport.Unreachable` when the PSP surely did not get the
    request, `transport.NoAnswer` when it may have, and `Refused` when it said no. Verbs that a PSP
    does not offer raise `Unsupported`.
    """

    code: ClassVar[str]
    credentials: ClassVar[tuple[str, ...]]
    options: ClassVar[tuple[str, ...]] = ()  # Settings beside them, which may stay empty.
    live_url: ClassVar[str]
    test_url: ClassVar[str]
    currencies: ClassVar[frozenset[str]]
    flows: ClassVar[tuple[str, ...]] = ("page",)  # page, card_3d, card_2d
    methods: ClassVar[tuple[str, ...]]  # Odoo's codes of payment methods, the default first.
    brands: ClassVar[tuple[str, ...]] = ()
    test_cards: ClassVar[frozenset[str]] = frozenset()  # As documented, check digit or not.
    refunds: ClassVar[str] = "none"  # none, full_only, partial
    captures: ClassVar[str | None] = None  # None, full_only, partial
    stores_cards: ClassVar[bool] = False
    recurs: ClassVar[bool] = False
    resumes: ClassVar[bool] = False  # Whether the shop can be asked once more after 3D Secure.
    embeds: ClassVar[bool] = False  # Whether its page can stand inside the shop's own.
    limits_time: ClassVar[bool] = False  # Whether the shop says how long the customer has.
    signs: ClassVar[bool] = True  # Whether a message can prove what it says.
    names_refunds: ClassVar[bool] = True  # Whether it tells our refunds of a payment apart.
    listed_days: ClassVar[int] = 0  # How many days one call of `list_payments` has; 0: no lists.
    repeats_reads: ClassVar[bool] = True  # Whether a question may be asked again at once.
    acknowledgement: ClassVar[str] = "OK"  # What the PSP wants to hear, to the byte.
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    # Its names of what is told of the customer, and the reason if one of them is refused.
    contact_fields: ClassVar[Mapping[str, Reason]] = {}
    # Of a message, what `read` and `resume` need and what a person may want to see. Nothing else is
    # kept of it. Identifiers are kept as they are, even if one looks like a card number: only what
    # a signature or a comparison vouches for may be one.
    kept_fields: ClassVar[frozenset[str]] = frozenset()
    identifiers: ClassVar[frozenset[str]] = frozenset()
    # Where its pages are, beside its own addresses; the subdomains of each are meant, too.
    page_domains: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        credentials: Mapping[str, str],
        *,
        test: bool = False,
        base_url: str = "",
        client: Client | None = None,
        keyring: Keyring | None = None,
    ):
        """
        :param credentials: A value for each name in the class's `credentials`, and perhaps for
            some of its `options`.
        :param test: Whether payments are to be tests.
        :param base_url: Replaces the PSP's own address, e.g. by that of a sandbox.
        :param keyring: Where to keep what the PSP hands out for a while.
        :raise GatewayError: If a credential is empty: anybody can sign with an empty key.
        """
        if missing := [name for name in self.credentials if not credentials.get(name)]:
            raise GatewayError(", ".join(missing), reason=Reason.MISSING_KEYS)
        self._secrets = {name: credentials[name] for name in self.credentials}
        self._options = {name: credentials.get(name) or "" for name in self.options}
        self._test = test
        self._base_url = (base_url or (self.test_url if test else self.live_url)).rstrip("/")
        self._client = client or Client()
        self._keyring = keyring or Keyring()

    def open(self, order: Order, checkout: Checkout) -> Step:
        """Start a payment and tell what the browser does next."""
        raise self._unsupported("open")

    def pay(
        self, order: Order, checkout: Checkout, card: Card | StoredCard, installments: int
    ) -> Outcome:
        """Charge a card that was entered in the shop, or is stored, without 3D Secure."""
        raise self._unsupported("pay")

    def resume(self, order: Order, message: Mapping[str, str], *, collect: bool) -> Outcome:
        """End a payment whose customer is back from 3D Secure. It may collect: do it once only.

        :param message: What the browser brought back; nobody vouches for it.
        :param collect: Whether to take the money, or to let go of it.
        :raise BadMessage: If the message does not say that 3D Secure went well.
        """
        raise self._unsupported("resume")

    def read(self, message: Mapping[str, str], order: Order) -> Claim:
        """Authenticate a notification and tell what it says of the order.

        :param order: The one that the message names; of a recurrence, the one that began it.
        :raise BadMessage: If it is incomplete, garbled, forged or of another order.
        """
        raise self._unsupported("read")

    @classmethod
    def keep(cls, message: Mapping[str, object]) -> dict[str, str]:
        """What may be stored of a message: to `read` and `resume` it is the same message.

        :param message: As it came. What is no text, say an uploaded file, is nothing of the PSP's.
        :return: The fields that are declared, by the names under which the PSP documents them.
            Texts are cut, and card numbers in them masked.
        """
        kept = {}
        for written, text in message.items():
            name = cls.field_name(written)
            if not isinstance(text, str):
                continue
            if name in cls.identifiers:
                kept[name] = text
            elif name in cls.kept_fields:
                kept[name] = mask_card_numbers(plain(text))
        return {name: text for name, text in kept.items() if len(text) <= LONGEST_TEXT}

    @classmethod
    def field_name(cls, written: str) -> str:
        """The name of a message's field, however the PSP wrote it."""
        return written

    @classmethod
    def reference_of(cls, message: Mapping[str, str]) -> str:
        """The reference of the order that an unauthenticated message names, or an empty text."""
        raise NotImplementedError

    @classmethod
    def recurrence_of(cls, message: Mapping[str, str]) -> str:
        """The recurrence that an unauthenticated message is about, or an empty text."""
        return ""

    def inquire(self, order: Order) -> Outcome:
        """Ask what became of a payment.

        The `refs` of the answer have `recurrence`, the PSP's name of it, once a payment began one.
        """
        raise self._unsupported("inquire")

    def capture(self, order: Order, amount: Money) -> Outcome:
        """Collect all or a part of what is reserved; what is not collected is let go.

        :param amount: Strictly positive: to some PSPs, nothing means everything.
        """
        raise self._unsupported("capture")

    def void(self, order: Order) -> Outcome:
        """Let go of what is reserved."""
        raise self._unsupported("void")

    def inquire_capture(self, order: Order, amount: Money) -> Outcome:
        """Ask what became of a capture.

        :return: `PAID`, `UNKNOWN` if the amount is still only reserved, or else `PENDING`.
        """
        match self.inquire(order).state:
            case State.PAID:
                return Outcome(state=State.PAID, amount=amount)
            case State.AUTHORIZED:
                return Outcome(state=State.UNKNOWN)
        return Outcome(state=State.PENDING)

    def inquire_void(self, order: Order) -> Outcome:
        """Ask what became of a void.

        :return: `CANCELED`, `UNKNOWN` if the amount is still reserved, or else `PENDING`.
        """
        match self.inquire(order).state:
            case State.FAILED | State.CANCELED:
                return Outcome(state=State.CANCELED)
            case State.AUTHORIZED:
                return Outcome(state=State.UNKNOWN)
        return Outcome(state=State.PENDING)

    def refund(self, order: Order, refund: Refund) -> Outcome:
        """Give money back. Never repeat it before `inquire_refund` said `UNKNOWN`."""
        raise self._unsupported("refund")

    def inquire_refund(self, order: Order, refund: Refund) -> Outcome:
        """Ask what became of a refund.

        :return: `PAID` or `PENDING` if the PSP has it, `UNKNOWN` if it can be sent again: because
            the PSP surely has it not, or knows it by its number and does it once only.
        """
        raise self._unsupported("inquire_refund")

    def store(self, card: Card, customer: str, holder: Contact | None = None) -> StoredCard:
        """Let the PSP keep a card that was entered in the shop.

        :param customer: Digits; whoever pays with the card later must name the same.
        :param holder: Who that is, if the PSP is to know.
        """
        raise self._unsupported("store")

    def renew(self, card: StoredCard, month: str, year: str) -> None:
        """Tell the PSP the new date on which a stored card expires: two digits, four digits."""
        raise self._unsupported("renew")

    def forget(self, card: StoredCard) -> None:
        """Let the PSP delete a card. It is no error if it has none such any more."""
        raise self._unsupported("forget")

    def stored_cards(self, customer: str) -> tuple[StoredCard, ...]:
        """The cards that the PSP keeps of a customer."""
        raise self._unsupported("stored_cards")

    def inquire_recurrence(self, name: str, number: int) -> RecurrenceStatus:
        """Ask what became of a recurrence, and of its payment of that number."""
        raise self._unsupported("inquire_recurrence")

    def change_recurrence(self, name: str, *, payments: int, amount: Money, active: bool) -> None:
        """Change how many payments there are in all and how large, or let it rest."""
        raise self._unsupported("change_recurrence")

    def end_recurrence(self, name: str) -> None:
        """Take no further payment. It is no error if there is no such recurrence any more."""
        raise self._unsupported("end_recurrence")

    def statement(self, order: Order) -> Statement:
        """Ask how a payment stands, and what was given back of it, by whomever."""
        raise self._unsupported("statement")

    def list_payments(self, first: date, last: date) -> tuple[ListedPayment, ...]:
        """The payments of some days in Türkiye, and perhaps those that were refunded in them.

        :param last: The last of the days, at most `listed_days` in all.
        """
        raise self._unsupported("list_payments")

    def find_payments(self, reference: str) -> tuple[ListedPayment, ...]:
        """The payments that the PSP's list has under a reference."""
        raise self._unsupported("find_payments")

    def installments(self, amount: Money, card_bin: str = "") -> tuple[Plan, ...]:
        """The ways to split an amount, with what each costs the buyer.

        :param card_bin: The first six or eight digits of the card; empty for every card family.
        """
        raise self._unsupported("installments")

    def unread_rates(self) -> tuple[str, ...]:
        """What the PSP says of its rates that cannot be read: `installments` leaves it out."""
        return ()

    def probe(self) -> Agreement:
        """Return what the merchant may do, if the credentials are right.

        :raise Refused: With a reason that names the wrong credential as far as the PSP tells.
        """
        raise self._unsupported("probe")

    def is_safe(self, url: str) -> bool:
        """Whether all browsers read an address alike, and nobody can change what it leads to.

        What stands in for the PSP, a sandbox, may be without https.
        """
        try:
            parts = urlsplit(url)
            is_plain = ADDRESS.fullmatch(url) and parts.hostname and parts.username is None
        except ValueError:
            return False
        return bool(is_plain) and (parts.scheme == "https" or self._is_stand_in(url))

    def may_show(self, url: str) -> bool:
        """Whether the customer's browser may be sent to an address: to the PSP's pages only."""
        if not self.is_safe(url):
            return False
        own = {urlsplit(address).hostname for address in (self.live_url, self.test_url)}
        host = f".{urlsplit(url).hostname}"
        is_own = any(host.endswith(f".{domain}") for domain in self.page_domains | own)
        return is_own or self._is_stand_in(url)

    def _is_stand_in(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._base_url)[:2]

    @classmethod
    def scrub(cls, transcript: str) -> str:
        """Make a form body, query or JSON text fit for a log: no secret, no person, no card."""
        names = "|".join(map(re.escape, sorted(cls.secret_fields)))
        if names:
            transcript = re.sub(
                rf'(?i)(["\']?\b(?:{names})\b["\']?\s*[=:]\s*)'
                r'("(?:[^"\\]|\\.)*+(?:"|\\?$)|\'(?:[^\'\\]|\\.)*+(?:\'|\\?$)|[^&\s,}\]]*)',
                r"\1[…]",
                transcript,
            )
        return mask_card_numbers(transcript)

    # === READING ANSWERS === #

    def _answer(self, reply: Reply, *, missing: Mapping | None = None) -> dict:
        """What a service answered, be it yes or no: HTTP means the same at every PSP.

        A documented refusal counts, whatever its status. Without one, a status of 4xx is one if
        there are words with it, except a conflict: that may be our own request, repeated.

        :param missing: The answer to a question about what the PSP does not find (HTTP 404).
        :raise Refused: If it is to be sent again later, or was refused in mere words.
        :raise NoAnswer: If it says neither yes nor no.
        """
        if reply.status in HTTP_LATER:
            code = str(reply.status)
            raise Refused(f"HTTP {code}", reason=Reason.TRY_LATER, code=code)
        answer = reply.json()
        verdict = self._verdict(answer)
        if reply.status < 400 or verdict is False:
            return answer
        if reply.status == HTTP_NOT_FOUND and missing is not None and verdict is None:
            return dict(missing)
        text = self._words(answer)
        if reply.status == HTTP_CONFLICT or verdict or not text:
            raise NoAnswer(f"HTTP {reply.status} {text}".strip())
        fields = {} if reply.status in HTTP_NOT_ALLOWED else self.contact_fields
        reason = contact.reason_of_named_field(text, fields) or Reason.TECHNICAL
        raise Refused(text, reason=reason, code=str(reply.status))

    def _verdict(self, answer: Mapping) -> bool | None:
        """Whether an answer says yes or no in the way that the PSP documents; None if neither."""
        raise NotImplementedError

    def _words(self, answer: Mapping) -> str:
        """What an answer says to people, in the PSP's words."""
        raise NotImplementedError

    def _unsupported(self, verb: str) -> Unsupported:
        return Unsupported(f"{self.code} does not offer '{verb}'")
