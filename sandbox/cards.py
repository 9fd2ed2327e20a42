"""The test cards and what each of them does, whichever PSP it is used at."""

from dataclasses import dataclass
from enum import Enum


class Behaviour(Enum):
    """What the bank, or the PSP on its behalf, says to a payment with the card."""

    APPROVE = "accepted"
    INSUFFICIENT_FUNDS = "declined: insufficient funds"
    DO_NOT_HONOUR = "declined by the bank with a code of its own"
    SECURITY_CHECK = "declined: security check not passed"
    NO_INSTALMENTS = "accepted in one payment, declined in instalments"
    NOT_PERMITTED = "declined: the shop may not charge this card"
    NEEDS_3D = "declined: 3D Secure required"
    FRAUD = "declined: fraud warning"
    TECHNICAL = "declined: technical integration error"
    STOLEN = "declined by the bank: stolen card"
    NOT_ENROLLED = "not enrolled for 3D Secure, which fails"
    AUTHENTICATION_FAILS = "3D Secure fails, whatever the code"


@dataclass(frozen=True)
class Card:
    number: str
    name: str  # for humans and for the control API
    scheme: str
    bank: str
    family: str = ""  # the loyalty programme whose instalments it may use; empty: none
    behaviour: Behaviour = Behaviour.APPROVE
    debit: bool = False
    agricultural: bool = False
    source: str = "sandbox"

    @property
    def bin(self) -> str:
        return self.number[:6]

    @property
    def masked(self) -> str:
        return f"{self.number[:6]}***{self.number[-4:]}"


FAMILIES = (
    "axess",
    "world",
    "maximum",
    "cardfinans",
    "paraf",
    "advantage",
    "combo",
    "bonus",
    "saglamkart",
)

CARDS = (
    Card("4355084355084358", "visa", "VISA", "Akbank", "axess", source="PayTR"),
    Card("5406675406675403", "mastercard", "MASTERCARD", "Yapı Kredi", "world", source="PayTR"),
    Card("9792030394440796", "troy", "TROY", "Halkbank", debit=True, source="PayTR"),
    *(
        Card(number, f"family_{family}", "MASTERCARD", "Sandbox Bank", family)
        for number, family in (
            ("5400100000000003", "axess"),
            ("5400110000000002", "world"),
            ("5400120000000001", "maximum"),
            ("5400130000000000", "cardfinans"),
            ("5400140000000009", "paraf"),
            ("5400150000000008", "advantage"),
            ("5400160000000007", "combo"),
            ("5400170000000006", "bonus"),
            ("5400180000000005", "saglamkart"),
        )
    ),
    *(
        Card(number, behaviour.name.lower(), "VISA", "Sandbox Bank", "world", behaviour)
        for number, behaviour in (
            ("4000010000000019", Behaviour.INSUFFICIENT_FUNDS),
            ("4000010000000027", Behaviour.DO_NOT_HONOUR),
            ("4000010000000035", Behaviour.SECURITY_CHECK),
            ("4000010000000043", Behaviour.NO_INSTALMENTS),
            ("4000010000000050", Behaviour.NOT_PERMITTED),
            ("4000010000000068", Behaviour.NEEDS_3D),
            ("4000010000000076", Behaviour.FRAUD),
            ("4000010000000084", Behaviour.TECHNICAL),
            ("4000010000000092", Behaviour.STOLEN),
            ("4000010000000100", Behaviour.NOT_ENROLLED),
            ("4000010000000118", Behaviour.AUTHENTICATION_FAILS),
        )
    ),
    Card("4000030000000009", "agricultural", "VISA", "Sandbox Bank", agricultural=True),
    Card("4000020000000000", "foreign", "VISA", ""),
)

_BY_KEY = {key: card for card in CARDS for key in (card.number, card.name)}


def find(number_or_name: str) -> Card | None:
    return _BY_KEY.get(number_or_name.replace(" ", ""))


def by_bin(digits: str) -> Card | None:
    """The card a BIN belongs to; a foreign one is unknown to Turkish BIN lists."""
    if len(digits) < 6:
        return None
    return next((card for card in CARDS if card.bank and card.number.startswith(digits)), None)
