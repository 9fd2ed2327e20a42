"""What Platformode tells the shop unasked: the redirect's parameters and the web hooks."""

from collections.abc import Callable
from urllib.parse import urlencode

from ..money import to_major
from ..notifier import Delivery
from .gate import FORM
from .store import Payment, Plan, Refund
from .wire import pack

_CARD = "1"  # payment_method: 1 card, 2 mobile, 3 wallet
OK = ("100", "Payment process successful")


def outcome_hash(payment: Payment, status: str, off: int = 0) -> str:
    """The bundle of redirect, 2D answer, sale hook and recurring hook."""
    merchant = payment.merchant
    total = (payment.charged if merchant.charged_in_hash else payment.amount) + off
    return pack(
        merchant.app_secret,
        status,
        to_major(total),
        payment.invoice_id,
        payment.order_id,
        payment.currency,
    )


def outcome(payment: Payment) -> dict[str, str]:
    """What redirect and sale hook have in common.

    While the merchant still has to complete the payment, 3D Secure was a success and the
    parameters say so; only checkstatus tells that no money has moved.
    """
    failed = payment.state == "failed"
    code, text = payment.failure if failed else OK
    return {
        "payment_status": "0" if failed else "1",
        "order_no": payment.order_id,
        "order_id": payment.order_id,
        "invoice_id": payment.invoice_id,
        "status_code": code,
        "status_description": text,
        "payment_method": _CARD,
        "transaction_type": payment.transaction_type,
        "error_code": code,
        "error": text,
        "md_status": str(payment.md_status),
    }


def redirect_fields(payment: Payment) -> dict[str, str]:
    fields = outcome(payment)
    return fields | {"hash_key": outcome_hash(payment, fields["payment_status"])}


def sale_fields(payment: Payment, status: str, off: int = 0) -> dict[str, str]:
    """An authorised hold is announced as Completed: its transaction_type tells the difference."""
    return outcome(payment) | {
        "status": status,
        "merchant_commission": to_major(payment.merchant_commission),
        "user_commission": to_major(payment.user_commission),
        "Hash_key": outcome_hash(payment, status, off),
    }


def refund_fields(refund: Refund, off: int = 0) -> dict[str, str]:
    payment = refund.payment
    status, amount = "Completed", to_major(refund.amount + off)
    secret = payment.merchant.app_secret
    return {
        "invoice_id": payment.invoice_id,
        "order_id": payment.order_id,
        "amount": amount,
        "status": status,
        "hash_key": pack(secret, status, amount, payment.invoice_id, payment.order_id),
    }


def recurring_fields(plan: Plan, payment: Payment, off: int = 0) -> dict[str, str]:
    number = plan.numbers[plan.payments.index(payment)]
    status = "Failed" if payment.state == "failed" else "Completed"
    return {
        "merchant_key": payment.merchant.merchant_key,
        "invoice_id": payment.invoice_id,
        "order_id": payment.order_id,
        "product_price": to_major(payment.amount + off),
        "plan_code": plan.code,
        "recurring_number": str(number),
        "status": status,
        "attempts": str(plan.numbers.count(number)),
        "action_date": f"{payment.created:%y-%m-%d %H:%M:%S}",
        "hash_key": outcome_hash(payment, status, off),
    }


class Messages:
    """Sends the web hooks; mixed into the PSP. The shop hears nothing without a key name."""

    def tell_sale(self, payment: Payment) -> Delivery | None:
        status = "Failed" if payment.state == "failed" else "Completed"
        late = payment.merchant.browser_first and payment.return_url
        return self._tell(
            payment,
            payment.hook,
            lambda off: sale_fields(payment, status, off),
            payment.merchant.hook_delay if late else 0,
        )

    def tell_refund(self, refund: Refund) -> Delivery | None:
        return self._tell(refund.payment, refund.hook, lambda off: refund_fields(refund, off))

    def tell_recurring(self, plan: Plan, payment: Payment) -> Delivery | None:
        hook = plan.first.terms.hook
        return self._tell(payment, hook, lambda off: recurring_fields(plan, payment, off))

    def _tell(
        self,
        payment: Payment,
        hook: str,
        fields: Callable[[int], dict[str, str]],
        delay: float = 0,
    ) -> Delivery | None:
        """Send until it is acknowledged; by what is undocumented: here by any 2xx."""
        if not hook:
            self._settle(payment)
            return None
        message = fields(0)
        if fault := self.world.faults.take(self.code, "notification", message, ("wrong_amount",)):
            message = fields(fault.amount)
        delivery = self.delivery(payment, hook, message)
        retry = payment.merchant.retry_seconds
        delivery.retry_seconds = self.world.notify_retry_seconds if retry is None else retry
        delivery.on_accepted = lambda: self._settle(payment)
        return self.world.notifier.send(delivery, delay)

    def delivery(self, payment: Payment, hook: str, fields: dict[str, str]) -> Delivery:
        return Delivery(
            psp=self.code,
            merchant=payment.merchant.id,
            order=payment.invoice_id,
            url=lambda: payment.merchant.hooks.get(hook, ""),
            body=urlencode(fields).encode(),
            content_type=FORM,
            fields=fields,
            is_accepted=lambda status, _body: 200 <= status < 300,
        )

    def _settle(self, payment: Payment):
        with self.lock:
            if payment.sale:
                payment.sale.state = "settled"
