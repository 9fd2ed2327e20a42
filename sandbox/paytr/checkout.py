"""What happens to a payment, whoever causes it: the buyer's page, the clock or the control API."""

from collections.abc import Callable
from urllib.parse import urlencode

from ..cards import Behaviour, Card
from ..clock import now
from ..notifier import Delivery
from .store import Payment, Try
from .wire import BANK_REFUSAL, CARD_FAILURES, EFT_FAILURES, sign

_DECLINES = {
    Behaviour.INSUFFICIENT_FUNDS: "0",
    Behaviour.SECURITY_CHECK: "3",
    Behaviour.NO_INSTALMENTS: "8",
    Behaviour.NOT_PERMITTED: "9",
    Behaviour.NEEDS_3D: "10",
    Behaviour.FRAUD: "11",
    Behaviour.TECHNICAL: "99",
    Behaviour.STOLEN: "11",
    Behaviour.NOT_ENROLLED: "10",
    Behaviour.AUTHENTICATION_FAILS: "2",
}
ABANDONED, NO_PHONE, WRONG_CODE = "6", "1", "2"


def decline_of(card: Card, installments: int) -> tuple[str, str] | None:
    """The code and words with which the bank refuses, if it does."""
    if card.behaviour is Behaviour.DO_NOT_HONOUR:
        return BANK_REFUSAL
    code = _DECLINES.get(card.behaviour)
    if card.behaviour is Behaviour.NO_INSTALMENTS and installments == 1:
        code = None
    if not card.family and installments > 1:
        code = "8"
    return (code, CARD_FAILURES[code]) if code else None


class Checkout:
    """The life of a payment after get-token; mixed into the PSP."""

    def open(self, payment: Payment):
        self.store.add(payment)
        self.world.scheduler.after(payment.minutes * 60, lambda: self._time_is_up(payment))

    def begin(self, payment: Payment, card: Card, installments: int) -> Try:
        """The buyer has pressed "pay"; 3D Secure comes next unless the store may do without."""
        attempt = Try(card, installments, payment.total(card, installments))
        payment.tries.append(attempt)
        payment.state = "challenge"
        return attempt

    def conclude(self, payment: Payment) -> Delivery | None:
        """The buyer is authenticated: charge the card of the latest try."""
        attempt = payment.tries[-1]
        decline = decline_of(attempt.card, attempt.installments)
        if decline and decline[0] == "99" and payment.form.get("debug_on") == "1":
            # Step 2, code 99: it is sent "when debug_on is 0"; with 1 the page shows the error.
            attempt.outcome, attempt.message = decline
            payment.state = "open"
            return None
        if decline:
            return self.fail(payment, *decline)
        return self.succeed(payment, attempt.total)

    def succeed(self, payment: Payment, total: int) -> Delivery | None:
        """The money has moved; the shop is told, and until it says OK the sale is in progress."""
        payment.state, payment.paid_at = "paid", now()
        payment.sale = self.world.ledger.sale(
            self.code,
            payment.merchant.id,
            payment.oid,
            total,
            payment.currency,
            surcharge=total - payment.amount,
        )
        if payment.merchant.balance is not None:
            payment.merchant.balance += total
        if payment.kind == "card":
            payment.tries[-1].outcome = "success"
        fields = self.success_fields(payment, total)
        return self._call_back(payment, fields) if payment.link else self.notify(payment, fields)

    def fail(self, payment: Payment, code: str, message: str = "") -> Delivery | None:
        messages = EFT_FAILURES if payment.kind == "eft" else CARD_FAILURES
        message = message or messages[code]
        if payment.tries and not payment.tries[-1].outcome:
            payment.tries[-1].outcome, payment.tries[-1].message = code, message
        stays = payment.merchant.retry_on_page or payment.link
        may_retry = payment.kind == "card" and stays and code != ABANDONED
        payment.state = "open" if may_retry else "failed"
        if payment.link:
            return None  # Link API: only a success calls back
        return self.notify(payment, self.failure_fields(payment, code, message))

    def _time_is_up(self, payment: Payment):
        with self.lock:
            if self.store.by_token(payment.token) and not payment.is_over:
                if payment.state == "claimed":
                    return  # the buyer has done their part; PayTR goes on looking for the money
                self.fail(payment, ABANDONED)

    # --- Havale/EFT

    def claim(self, payment: Payment, claim: dict[str, str]) -> Delivery | None:
        """The buyer says the transfer is sent; the interim URL hears of it when there is one."""
        payment.state, payment.claim = "claimed", claim
        merchant = payment.merchant
        if merchant.eft_delay is not None:
            self.world.scheduler.after(merchant.eft_delay, lambda: self._found(payment))
        if not merchant.interim_url:
            return None
        fields = {
            "merchant_oid": payment.oid,
            "status": "info",
            "hash": sign(merchant.key, payment.oid, claim["bank"], merchant.salt),
            **claim,
        }
        return self.notify(payment, fields, lambda: merchant.interim_url)

    def _found(self, payment: Payment):
        with self.lock:
            if not payment.is_over:
                self.succeed(payment, payment.amount)

    # --- Link API

    def _call_back(self, payment: Payment, fields: dict[str, str]) -> Delivery | None:
        payment.link.paid += 1
        if not payment.notify_url:
            payment.sale.state = "settled"
            return None
        fields["callback_id"] = payment.form["callback_id"]
        return self.notify(payment, fields)

    # --- the notification (iFrame API step 2)

    def success_fields(self, payment: Payment, total: int) -> dict[str, str]:
        fields = {
            "merchant_oid": payment.oid,
            "status": "success",
            "total_amount": str(total),
            "payment_type": payment.kind,
            "payment_amount": str(payment.amount),
            "currency": payment.currency,
            "merchant_id": payment.merchant.id,
            "test_mode": str(int(payment.test)),
        }
        if payment.kind == "card":
            count = payment.tries[-1].installments if payment.tries else 1
            fields["installment_count"] = str(count)
        return fields

    def failure_fields(self, payment: Payment, code: str, message: str) -> dict[str, str]:
        return {
            "merchant_oid": payment.oid,
            "status": "failed",
            "total_amount": "0",
            "failed_reason_code": code,
            "failed_reason_msg": message,
            "payment_type": payment.kind,
            "test_mode": str(int(payment.test)),
        }

    def notify(
        self, payment: Payment, fields: dict[str, str], url: Callable[[], str] | None = None
    ) -> Delivery:
        """Sign and send, again and again until the shop answers OK."""
        fault = self.world.faults.take(self.code, "notification", fields, ("wrong_amount",))
        if fault and "total_amount" in fields:
            fields["total_amount"] = str(int(fields["total_amount"]) + fault.amount)
        if "hash" not in fields:
            fields["hash"] = notification_hash(fields, payment.merchant.key, payment.merchant.salt)
        merchant = payment.merchant
        retry = merchant.notify_retry_seconds
        delivery = Delivery(
            psp=self.code,
            merchant=merchant.id,
            order=payment.oid,
            url=url or (lambda: payment.notify_url),
            body=urlencode(fields).encode(),
            content_type="application/x-www-form-urlencoded",
            fields=fields,
            is_accepted=is_ok,
            retry_seconds=self.world.notify_retry_seconds if retry is None else retry,
            on_accepted=lambda: self.acknowledge(payment, fields),
        )
        late = merchant.browser_first and payment.kind == "card"
        return self.world.notifier.send(delivery, merchant.notify_delay if late else 0)

    def acknowledge(self, payment: Payment, fields: dict[str, str]):
        with self.lock:
            if fields["status"] == "success" and payment.sale:
                payment.sale.state = "settled"


def notification_hash(fields: dict[str, str], key: str, salt: str) -> str:
    """Few fields are signed, with the salt in the middle; callback_id is the Link API's."""
    identity = fields.get("callback_id", "") + fields["merchant_oid"]
    return sign(key, identity, salt, fields["status"], fields["total_amount"])


def is_ok(status: int, body: bytes) -> bool:
    """Step 2: plain text, only OK, nothing before or after it."""
    return status == 200 and body == b"OK"
