"""Payments that the shop completes itself, after 3D Secure ("7.19. Merchant 3D Model")."""

from collections.abc import Mapping

from ..base import BadMessage, Order, Outcome, Refused, State
from ..notation import words
from ..transport import NoAnswer
from .answers import NOT_FOUND, SUCCESS, code_of
from .messages import Messages, by_lower_name, check_invoice
from .status import Status

COMPLETE_PATH = "/payment/complete"


class Completion(Messages, Status):
    """Platformode waits for it a quarter of an hour, then the payment has failed."""

    def resume(self, order: Order, message: Mapping[str, str], *, collect: bool) -> Outcome:
        """Take what 3D Secure allows, or let go of it ("7.19. … CompletePayment Api").

        Some browsers come back without a hash: then `checkstatus` tells how 3D Secure went.

        :return: What `checkstatus` says afterwards; `CANCELED` if Platformode confirms that.
        :raise BadMessage: If neither the message nor `checkstatus` says that 3D Secure went well.
        :raise Refused: If Platformode has no such payment to complete.
        """
        if "hash_key" in by_lower_name(message):
            order_id = self._authenticated(message, order)
        else:
            status = self._status_of(message, order)
            order_id = _waiting(status, order)
            if not order_id:
                return self._settled(status, order)
        how = "complete" if collect else "cancel"
        answer = self._call(
            COMPLETE_PATH,
            f"{how} {order.reference}",
            {
                "merchant_key": self._key,
                "invoice_id": order.reference,
                "order_id": order_id,
                "status": how,
                "hash_key": self._seal(self._key, order.reference, order_id, how),
            },
        )
        if not collect and code_of(answer) == SUCCESS:
            return Outcome(state=State.CANCELED, psp_reference=order_id)
        return self._truth(order, answer)

    def _status_of(self, message: Mapping[str, str], order: Order) -> dict:
        """What `checkstatus` says of the order that a message without a hash names.

        :raise BadMessage: If it names another one, or none.
        """
        if self.reference_of(message) != order.reference:
            raise BadMessage("it names another invoice, and has no hash_key")
        return self._status(order)

    def _settled(self, status: Mapping, order: Order) -> Outcome:
        """What became of a payment that does not wait to be completed.

        :raise BadMessage: If it is not over, either.
        """
        try:
            outcome = self._outcome(status, order)
        except Refused as error:  # That was about the question.
            raise NoAnswer(error.text, reason=error.reason) from None
        if outcome.state in (State.UNKNOWN, State.PENDING):
            raise BadMessage("it has no hash_key, and 3D Secure is not known to have gone well")
        return outcome

    def _authenticated(self, message: Mapping[str, str], order: Order) -> str:
        """Platformode's number of a payment whose payer passed 3D Secure, as a message says."""
        named = by_lower_name(message)
        sealed = self._unsealed(named)
        check_invoice(sealed, order)
        said = sealed.status, named.get("payment_status"), named.get("md_status", "1")
        if said != ("1", "1", "1") or not sealed.currency:
            raise BadMessage("it does not say that 3D Secure went well")
        return sealed.order_id


def _waiting(status: Mapping, order: Order) -> str:
    """Platformode's number of a payment that `checkstatus` knows to have passed 3D Secure."""
    is_open = code_of(status) in (SUCCESS, *NOT_FOUND)
    is_open = is_open and words(status, "transaction_status") in ("", "Pending")
    is_ours = words(status, "invoice_id") == order.reference
    has_passed = words(status, "md_status") == "1"
    return words(status, "order_id") if is_open and is_ours and has_passed else ""
