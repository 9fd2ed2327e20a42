"""What Platformode sends, and what the browser brings back: hints, which prove nothing."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from ..base import BadMessage, Claim, Forged, Order, Outcome, State, Subject
from ..notation import encode, key_of, required, words
from .answers import whole
from .api import Api
from .hash import unseal

# One sentence for whatever is wrong: different ones would help to find out what is encrypted.
MISFIT = "hash_key does not fit: the app secret differs, or it was altered"
PLAN = re.compile(r"[\w-]{1,64}", re.ASCII)  # No hash covers it.
MOST_PAYMENTS = 121


class Sealed(NamedTuple):
    """What a `hash_key` covers ("7.8. Hash Anahtarı Kullanarak Response Validation")."""

    status: str
    total: str
    invoice: str
    order_id: str
    currency: str = ""  # Missing from refunds only (6.2).


class Messages(Api):
    """Web hooks."""

    @classmethod
    def field_name(cls, written: str) -> str:
        """The document writes `Hash_key` in one place, and `hash_key` elsewhere."""
        return written.lower()

    @classmethod
    def keep(cls, message: Mapping[str, object]) -> dict[str, str]:
        """Override to keep one number of the order, if the hash can vouch for it."""
        kept = super().keep(message)
        if kept.get("order_id") or "hash_key" not in kept:
            kept.pop("order_no", None)
        if "hash_key" not in kept:
            kept.pop("order_id", None)
        return kept

    @classmethod
    def reference_of(cls, message: Mapping[str, str]) -> str:
        return by_lower_name(message).get("invoice_id", "")

    @classmethod
    def recurrence_of(cls, message: Mapping[str, str]) -> str:
        return by_lower_name(message).get("plan_code", "")

    def read(self, message: Mapping[str, str], order: Order) -> Claim:
        """Read a web hook ("7.4. Sale WebHook", "6.1.Refund WebHook", "7.Recurring WebHook").

        None proves anything. The invoice of a recurring one may be the first or any later one: the
        `refs` tell it, and the `number` of the payment.
        """
        named = by_lower_name(message)
        sealed = self._unsealed(named)
        refs = {}
        if named.get("plan_code"):
            about, key = Subject.RECURRENCE, self._key_of_recurrence(named, sealed, order)
            refs = {"number": named["recurring_number"], "invoice": sealed.invoice}
        else:
            check_invoice(sealed, order)
            about, key = _key_of_payment(named, sealed)
        return Claim(
            reference=order.reference,
            key=key_of(*key),
            outcome=Outcome(
                state=State.PAID if sealed.status in ("Completed", "1") else State.FAILED,
                psp_reference=sealed.order_id,
                text=words(named, "status_description"),
                refs=refs,
            ),
            doubt="hash_key can be forged: only checkstatus proves a payment",
            about=about,
        )

    def _unsealed(self, named: Mapping[str, str]) -> Sealed:
        """What the hash of a message covers, if that is what the message says.

        :raise BadMessage: If there is no hash, or no invoice.
        :raise Forged: If it does not fit.
        """
        invoice, bundle = required(named, "invoice_id", "hash_key")
        try:
            sealed = Sealed(*unseal(self._secrets["app_secret"], bundle))
        except (ValueError, TypeError):  # Too few fields, or too many.
            raise Forged(MISFIT) from None
        order_id = named.get("order_id") or named.get("order_no")
        if (
            not "".join(sealed).isprintable()
            or (sealed.invoice, sealed.order_id) != (invoice, order_id)
            or named.get("status", sealed.status) != sealed.status
        ):
            raise Forged(MISFIT)
        return sealed

    def _key_of_recurrence(
        self, named: Mapping[str, str], sealed: Sealed, order: Order
    ) -> tuple[str, ...]:
        """Tells the payments of a recurrence apart, and the attempts that ended otherwise."""
        plan, number = required(named, "plan_code", "recurring_number")
        merchant = named.get("merchant_key", self._key)  # A stored message has none.
        if not hmac.compare_digest(encode(merchant), encode(self._key)) or not sealed.currency:
            raise Forged(MISFIT)
        if not PLAN.fullmatch(plan) or plan != (order.refs.get("recurrence") or plan):
            raise BadMessage("plan_code is of another recurrence")
        if not whole(number, MOST_PAYMENTS):
            raise BadMessage("recurring_number is none")
        return plan, number, sealed.order_id, sealed.status


def by_lower_name(message: Mapping[str, str]) -> dict[str, str]:
    return {Messages.field_name(name): text for name, text in message.items()}


def check_invoice(sealed: Sealed, order: Order):
    if sealed.invoice != order.reference:
        raise BadMessage("invoice_id is of another order")


def _key_of_payment(named: Mapping[str, str], sealed: Sealed) -> tuple[Subject, tuple[str, ...]]:
    """A refund is told from another of the same amount by its bundle, in whatever form."""
    key = sealed.invoice, sealed.order_id, sealed.status, sealed.total
    if sealed.currency:
        return Subject.PAYMENT, key
    plain = named["hash_key"].replace(" ", "+").replace("/", "__").rstrip("=")
    return Subject.REFUND, (*key, hashlib.sha256(plain.encode()).hexdigest()[:16])
