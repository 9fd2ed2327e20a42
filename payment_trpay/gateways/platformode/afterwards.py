"""Collecting what is reserved, and giving money back."""

from collections.abc import Mapping
from dataclasses import replace

from ..base import GatewayError, Money, Order, Outcome, Refund, State
from ..notation import words
from ..transport import NoAnswer, TransportError
from .answers import (
    NOT_RESERVED,
    REFUND_IN_PART,
    REFUND_TAKEN,
    SUCCESS,
    code_of,
    money,
    refusal,
)
from .api import as_text
from .status import Status

REFUND_PATH = "/api/refund"
CONFIRM_PATH = "/api/confirmPayment"

CAPTURE, VOID = "1", "2"
ENDED = {CAPTURE: "Completed", VOID: "Failed"}  # What `checkstatus` says afterwards.


class Afterwards(Status):
    """What becomes of a payment later."""

    def capture(self, order: Order, amount: Money) -> Outcome:
        """Collect what is reserved, or a part of it ("7.16. Payment Confirmation API")."""
        if amount.minor <= 0:
            raise ValueError(f"not an amount to capture: {amount}")
        wanted = Outcome(state=State.PAID, amount=amount)
        return self._end_hold(order, CAPTURE, {"total": as_text(amount)}, wanted)

    def void(self, order: Order) -> Outcome:
        """Let go of what is reserved ("7.16. Payment Confirmation API").

        The only success that is documented says "Completed", as if it had been collected: then
        `checkstatus` decides.

        :raise NoAnswer: If that does not say that it was let go of.
        """
        return self._end_hold(order, VOID, {}, Outcome(state=State.CANCELED))

    def _end_hold(
        self, order: Order, how: str, fields: Mapping[str, str], wanted: Outcome
    ) -> Outcome:
        """Confirm or cancel what is reserved, which can be done once only.

        :param wanted: What it is to come to.
        """
        status = ENDED[how]
        key = self._key
        answer = self._call(
            CONFIRM_PATH,
            f"{'capture' if how == CAPTURE else 'void'} {order.reference}",
            {
                "merchant_key": key,
                "invoice_id": order.reference,
                "status": how,
                "hash_key": self._seal(key, order.reference, how),
                **fields,
            },
        )
        code, said = code_of(answer), words(answer, "transaction_status")
        if code == NOT_RESERVED and self._has_ended(order, wanted, status):
            return wanted  # It was us, and the answer was lost.
        if code != SUCCESS:
            raise refusal(answer)
        if said not in ("", status):
            if how == CAPTURE:
                return Outcome(state=State.PENDING, text=said)
            if not self._has_ended(order, wanted, status):
                raise NoAnswer("a void that may have collected")
        return replace(wanted, psp_reference=words(answer, "order_id"))

    def _has_ended(self, order: Order, wanted: Outcome, status: str) -> bool:
        answer = self._status(order)
        price = money(answer, "product_price", order.amount.currency)
        return (
            words(answer, "invoice_id") == order.reference
            and words(answer, "transaction_status") == status
            and wanted.amount in (None, price)
        )

    def refund(self, order: Order, refund: Refund) -> Outcome:
        """Give back all or a part ("6. Transaction Refund").

        Platformode knows a repetition by our number of the refund.

        :return: `PENDING` if Platformode has it; with the part as its amount, as far as that is
            known, if only a part was given back.
        """
        amount, key = as_text(refund.amount), self._key
        body = {
            "invoice_id": order.reference,
            "amount": amount,
            "app_id": self._secrets["app_id"],
            "app_secret": self._secrets["app_secret"],
            "merchant_key": key,
            "hash_key": self._seal(amount, order.reference, key),
            "refund_transaction_id": refund.reference,
        }
        if hook := self._options["refund_hook"]:
            body["refund_web_hook_key"] = hook
        answer = self._call(REFUND_PATH, f"refund {refund.reference}", body)
        reference = words(answer, "ref_no") or words(answer, "ref_number")
        match code_of(answer):
            case code if code == SUCCESS:
                return Outcome(state=State.PAID, amount=refund.amount, psp_reference=reference)
            case code if code in REFUND_TAKEN:
                return Outcome(
                    state=State.PENDING,
                    code=code,
                    reason=REFUND_TAKEN[code],
                    text=words(answer, "status_description"),
                    amount=self._part(order, refund) if code == REFUND_IN_PART else None,
                )
        raise refusal(answer)

    def _part(self, order: Order, refund: Refund) -> Money | None:
        """How much of a refund was given back; None if Platformode does not tell."""
        try:
            total = self._refunded_in_all(order, refund)
        except (GatewayError, TransportError):  # The refund is what counts, and it has an answer.
            return None
        before = refund.refunded_before
        if not total or total <= before:
            return None
        return Money(total.minor - before.minor, total.currency)

    def _refunded_in_all(self, order: Order, refund: Refund) -> Money | None:
        answer = self._status(order)
        if code_of(answer) != SUCCESS or words(answer, "invoice_id") != order.reference:
            return None
        return money(answer, "total_refunded_amount", refund.amount.currency)

    def inquire_refund(self, order: Order, refund: Refund) -> Outcome:
        """Compare what Platformode says was given back in all with what was before.

        The sum has the refunds of its panel, too. So it counts only for what Platformode surely
        has; anything else is sent again, for our number of the refund is accepted once only.
        """
        if not refund.is_taken:
            return Outcome(state=State.UNKNOWN)
        total = self._refunded_in_all(order, refund)
        expected = refund.refunded_before.minor + refund.amount.minor
        if total and total.minor >= expected:
            return Outcome(state=State.PAID, amount=refund.amount)
        return Outcome(state=State.PENDING)
