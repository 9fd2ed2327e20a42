"""Cards that are entered in the shop or stored at Platformode: with 3D Secure, and without."""

import json
from collections.abc import Mapping

from ..base import Card, CardEntry, Checkout, Order, Outcome, Reason, Refused, StoredCard
from ..card_number import masked
from .answers import concealing
from .buyer import holder_of_stored, holder_on
from .invoice import Invoice, counts
from .status import Status

CARD_3D_PATH = "/api/paySmart3D"
CARD_2D_PATH = "/api/paySmart2D"
TOKEN_3D_PATH = "/api/payByCardToken"
TOKEN_2D_PATH = "/api/payByCardTokenNonSecure"
CARD_NAMES = {
    "number": "cc_no",
    "holder": "cc_holder_name",
    "month": "expiry_month",
    "year": "expiry_year",
    "code": "cvv",
    "maturity": "maturity_period",
    "frequency": "payment_frequency",
}
NOT_NEEDED = frozenset(["month", "year", "code"])  # Of an insurer's customers.


class Cards(Invoice, Status):
    """The shop asks for the card, or for no more than the number of instalments."""

    def _entry_3d(self, order: Order, checkout: Checkout) -> CardEntry:
        """What the browser sends with the card ("7.6. Pay With White Label Smart 3D").

        ("7.10. Pay With CardToken" for a stored one.) The hash covers the number of instalments,
        so there is one for each.
        """
        stored = checkout.stored_card
        fields = self._sale(order, checkout) | {"response_method": "POST"}
        fields |= self._insurance(checkout)
        if order.resumed:
            fields["payment_completed_by"] = "merchant"
        if stored:
            fields |= _of_stored(stored, checkout)
        return CardEntry(
            url=self._base_url + (TOKEN_3D_PATH if stored else CARD_3D_PATH),
            names={} if stored else CARD_NAMES,
            fields=_as_form(fields),
            choices={count: self._choice(order, count) for count in counts(order, checkout)},
        )

    def _entry_2d(self, order: Order, checkout: Checkout) -> CardEntry:
        """What comes to the shop, for `pay`; its terms are checked before a card is typed."""
        self._terms(order)
        is_insured = bool(self._insurance(checkout))
        choices = {count: {"installments": str(count)} for count in counts(order, checkout)}
        optional = NOT_NEEDED if is_insured and self._options["cvv_less"] else frozenset()
        return CardEntry(url="", choices=choices, optional=optional)

    def pay(
        self, order: Order, checkout: Checkout, card: Card | StoredCard, installments: int
    ) -> Outcome:
        """Charge a card without 3D Secure ("7.9. Pay With White Label Smart 2D").

        ("7.17. Pay With Card Token (Non-Secure)" for a stored one.) What the service answers is
        only noted: `checkstatus` tells whether money moved.

        :raise Refused: With Platformode's reason, or if the payment cannot be split so.
        """
        if installments not in counts(order, checkout):
            raise Refused(f"{installments} instalments", reason=Reason.INSTALLMENT_REFUSED)
        insurance = self._insurance(checkout)
        sale = self._sale(order, checkout) | self._choice(order, installments) | insurance
        label = f"pay {order.reference}"
        if isinstance(card, StoredCard):
            answer = self._call(TOKEN_2D_PATH, label, sale | _of_stored(card, checkout))
            return self._truth(order, answer)
        own = _of_typed(card, in_part=bool(insurance))
        with concealing(card):
            return self._truth(order, self._call(CARD_2D_PATH, label, sale | own))


def _of_typed(card: Card, *, in_part: bool) -> dict[str, str]:
    """The fields of a card; an insurer sends its number in parts. What is empty is left out."""
    fields = {theirs: getattr(card, ours) for ours, theirs in CARD_NAMES.items()}
    fields["cc_holder_name"] = holder_on(card)
    given = {name: text for name, text in fields.items() if text}
    return given | {"cc_no": masked(card.number)} if in_part else given


def _of_stored(card: StoredCard, checkout: Checkout) -> dict[str, str]:
    return {
        "card_token": card.token,
        "customer_number": card.customer,
        **holder_of_stored(checkout),
    }


def _as_form(fields: Mapping) -> dict[str, str]:
    """How a browser posts them: texts as they are, the rest as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in fields.items()
    }
