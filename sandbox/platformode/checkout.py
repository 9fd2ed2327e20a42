"""What happens to a payment, whoever causes it: the buyer's page, the clock or a service."""

from datetime import datetime, timedelta

from ..cards import Behaviour, Card
from ..notifier import Delivery
from .store import Payment, Refund, Terms
from .wire import CODES

PATIENCE = timedelta(minutes=15)  # for a merchant who wants to complete the payment itself
FAILED, NOT_PERMITTED, FOREIGN = "41", "60", "76"
DONE, REGISTERED, PARTLY = "100", "101", "112"
AUTHENTICATED, NOT_AUTHENTICATED, NOT_ENROLLED = 1, 0, 2

# The banks' own codes and words; only that of the stolen card is in the document.
_BANK = {
    Behaviour.INSUFFICIENT_FUNDS: ("51", "Yetersiz bakiye"),
    Behaviour.DO_NOT_HONOUR: ("05", "Genel red: bankanızla görüşün"),
    Behaviour.SECURITY_CHECK: ("63", "Güvenlik ihlali"),
    Behaviour.NO_INSTALMENTS: ("12", "Bu karta taksit yapılamaz"),
    Behaviour.FRAUD: ("59", "Sahtekarlık şüphesi"),
    Behaviour.TECHNICAL: ("96", "Sistem arızası"),
    Behaviour.STOLEN: ("43", "Çalıntı Kart-Karta el koyunuz"),
    Behaviour.NEEDS_3D: ("57", "3D Secure zorunlu"),
}
_CANCELLED = "The payment was cancelled by the customer"
_RELEASED = "The pre authorization was cancelled by the merchant"
_EXPIRED = "The payment was not completed in time"
_UNAUTHENTICATED = "3D Secure authentication failed"
_DAYS = {"D": 1, "M": 30, "Y": 365}


def _bank_refusal(payment: Payment) -> tuple[str, str] | None:
    card: Card = payment.card
    if card.behaviour is Behaviour.NO_INSTALMENTS and payment.count == 1:
        return None
    if card.behaviour is Behaviour.NEEDS_3D and payment.md_status == AUTHENTICATED:
        return None
    return _BANK.get(card.behaviour)


class Checkout:
    """The life of a payment; mixed into the PSP."""

    def begin(self, payment: Payment, card: Card, count: int):
        """The card is known; 3D Secure comes next, or the bank at once."""
        payment.choose(card, count)
        payment.state, payment.changed = "challenge", self.now()

    def authenticate(self, payment: Payment, passed: bool) -> Delivery | None:
        """3D Secure is over; then the bank decides, unless the merchant wants to ask it."""
        if payment.card.behaviour is Behaviour.NOT_ENROLLED:
            payment.md_status = NOT_ENROLLED
        elif payment.card.behaviour is Behaviour.AUTHENTICATION_FAILS or not passed:
            payment.md_status = NOT_AUTHENTICATED
        else:
            payment.md_status = AUTHENTICATED
        if payment.md_status != AUTHENTICATED:
            return self.fail(payment, FAILED, _UNAUTHENTICATED)
        if not payment.completed_by_merchant:
            return self.charge(payment)
        payment.state, payment.changed = "authenticated", self.now()
        self.world.scheduler.after(PATIENCE.total_seconds(), self.tick)
        return None

    def charge(self, payment: Payment) -> Delivery | None:
        """Ask the bank."""
        merchant, card = payment.merchant, payment.card
        if not card.bank and not merchant.foreign_cards:
            return self.fail(payment, FOREIGN)
        if card.behaviour is Behaviour.NOT_PERMITTED:
            return self.fail(payment, NOT_PERMITTED)
        if refusal := payment.preset or _bank_refusal(payment):
            return self.fail(payment, FAILED, bank=refusal)
        payment.changed = self.now()
        if payment.pre_auth:
            payment.state = "held"
        else:
            self.collect(payment)
        if payment.terms:
            self.start_plan(payment)
        return self.tell_sale(payment)

    def collect(self, payment: Payment):
        """The money moves."""
        payment.state, payment.changed = "completed", self.now()
        payment.sale = self.world.ledger.sale(
            self.code,
            payment.merchant.id,
            payment.invoice_id,
            payment.charged,
            payment.currency,
            surcharge=payment.user_commission,
        )
        if payment.merchant.balance is not None:
            payment.merchant.balance += payment.amount

    def capture(self, payment: Payment, amount: int):
        """Collect a hold, or a part of it; the rest is released. No web hook says so."""
        payment.price(amount)
        self.collect(payment)
        payment.sale.state = "settled"

    def release(self, payment: Payment):
        """Drop a hold. No web hook says so."""
        payment.state, payment.changed = "failed", self.now()
        payment.failure = (FAILED, _RELEASED)

    def fail(
        self, payment: Payment, code: str, text: str = "", bank: tuple[str, str] = ("", "")
    ) -> Delivery | None:
        payment.state, payment.changed = "failed", self.now()
        payment.failure, payment.bank = (code, text or CODES[code]), bank
        return self.tell_sale(payment)

    def cancel(self, payment: Payment) -> Delivery | None:
        return self.fail(payment, FAILED, _CANCELLED)

    def expire(self, payment: Payment) -> Delivery | None:
        return self.fail(payment, FAILED, _EXPIRED)

    def tick(self):
        """Let fail what the merchant should have completed by now."""
        with self.lock:
            for payment in list(self.store.payments.values()):
                late = self.now() - payment.changed >= PATIENCE
                if payment.state == "authenticated" and late:
                    self.expire(payment)

    def after(self, terms: Terms) -> datetime:
        """When the next recurring payment is due; a month has 30 days here."""
        return self.now() + timedelta(days=terms.interval * _DAYS[terms.cycle])

    # --- refunds

    def refunded(self, payment: Payment) -> int:
        entries = self.world.ledger.refunds(payment.sale) if payment.sale else []
        return sum(entry.amount for entry in entries)

    def refundable(self, payment: Payment) -> int:
        """What is left of the merchant's total; refunds that wait for approval are spoken for."""
        waiting = (
            item.amount
            for item in self.store.refunds.values()
            if item.payment is payment and item.state == "pending"
        )
        return payment.amount - self.refunded(payment) - sum(waiting)

    def give_back(self, refund: Refund) -> str:
        """Refund as the merchant's mode wants it; the code says how far it went."""
        payment, mode = refund.payment, refund.payment.merchant.refund_mode
        self.store.refunds[payment.merchant.id, refund.id] = refund
        payment.refunded_at = self.now()
        if mode == "later":
            return REGISTERED
        if mode == "partly" and refund.amount > 1:
            refund.amount //= 2
        self.approve(refund)
        return PARTLY if mode == "partly" else DONE

    def approve(self, refund: Refund) -> Delivery | None:
        merchant = refund.payment.merchant
        refund.state = "completed"
        self.world.ledger.refund(refund.payment.sale, refund.amount, refund.id)
        if merchant.balance is not None:
            merchant.balance -= refund.amount
        return self.tell_refund(refund)
