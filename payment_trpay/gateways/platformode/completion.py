"""Payments that the shop completes itself, after 3D Secure ("7.19. Merchant 3D Model")."""

from collections.abc import Mapping

from ..base import BadMessage, Order, Outcome, State
from .answers import SUCCESS, code_of
from .messages import Messages, by_lower_name, check_invoice
from .status import Status

COMPLETE_PATH = "/payment/complete"


class Completion(Messages, Status):
    """Platformode waits for it a quarter of an hour, then the payment has failed."""

    def resume(self, order: Order, message: Mapping[str, str], *, collect: bool) -> Outcome:
        """Take what 3D Secure allows, or let go of it ("7.19. … CompletePayment Api").

        :return: What `checkstatus` says afterwards; `CANCELED` if Platformode confirms that.
        :raise BadMessage: If the message does not say that 3D Secure went well.
        :raise Refused: If Platformode has no such payment to complete.
        """
        order_id = self._authenticated(message, order)
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

    def _authenticated(self, message: Mapping[str, str], order: Order) -> str:
        """Platformode's number of a payment whose payer passed 3D Secure, as a message says."""
        named = by_lower_name(message)
        sealed = self._unsealed(named)
        check_invoice(sealed, order)
        said = sealed.status, named.get("payment_status"), named.get("md_status", "1")
        if said != ("1", "1", "1") or not sealed.currency:
            raise BadMessage("it does not say that 3D Secure went well")
        return sealed.order_id
