"""Nothing is asked of a customer that is not owed.

The gate is passed before a payment is opened at a provider, each time its page is shown, and, with
what is paid for locked, before each call that can move money.
"""

from odoo import models

from ..gateways.base import Outcome, Reason, State
from . import documents, rows


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_end_if_not_owed(self, *, lock=False):
        """End this if it must not be paid now; its customer reads why.

        :param bool lock: Whether to lock what is paid for, and to take again what was released: of
            two tabs that pay at once, the second must see the first.
        :return: Whether it ended.
        :rtype: bool
        """
        obstacle = self._trpay_take_or_find_obstacle() if lock else self._trpay_find_obstacle()
        if obstacle:
            outcome = Outcome(state=State.CANCELED, reason=obstacle)
            self._set_canceled(self._trpay_sentence(outcome))
        return bool(obstacle)

    def _trpay_is_waiting(self):
        """Whether the customer has still to pay, as far as the shop knows."""
        is_open = self.state in ("draft", "pending")
        return is_open and not self.trpay_sent and not self.trpay_review_reason

    def _trpay_take_or_find_obstacle(self):
        """Lock what is paid for, and take again what was released, unless something is in the way.

        :rtype: Reason|None
        """
        for document in self._trpay_documents():
            rows.take(document)
        booking = self._deposit_document()
        if booking:
            booking._deposit_lock()
        obstacle = self._trpay_find_obstacle()
        if booking and not obstacle:
            booking._deposit_take_again()
        return obstacle

    def _trpay_find_obstacle(self):
        """Why this must not be paid now. To ask changes nothing.

        :return: One of those that have a sentence for customers; None if nothing is in the way.
        :rtype: Reason|None
        """
        if self.operation == "validation":
            return None
        if not self.currency_id.compare_amounts(self.amount, 0) > 0:
            return Reason.NOTHING_TO_PAY
        if self._trpay_lost_documents():
            return Reason.NOT_AVAILABLE
        return (
            self._trpay_find_obstacle_of_recurrence()
            or self._trpay_find_obstacle_of_documents()
            or self._trpay_find_obstacle_of_booking()
        )

    def _trpay_link_to_pay(self):
        """Where the customer pays what is owed by now, if that is another amount; else nothing.

        :rtype: str
        """
        paid_for = self._trpay_owed_documents()
        if len(paid_for) != 1 or self._trpay_find_obstacle() is not Reason.AMOUNT_CHANGED:
            return ""
        return documents.link_to_pay(paid_for[0], documents.owed(paid_for[0]))

    def _trpay_find_obstacle_of_recurrence(self):
        recurring = self.trpay_recurring_id
        if not self._trpay_recurrence():
            return None
        if recurring.state != "draft":
            return Reason.NOT_AVAILABLE
        return Reason.AMOUNT_CHANGED if recurring._is_too_much() else None

    def _trpay_find_obstacle_of_documents(self):
        paid_for = self._trpay_owed_documents()
        if not paid_for:
            return None
        if all(document.state == "cancel" for document in paid_for):
            return Reason.NOT_AVAILABLE
        if self._trpay_is_registered_by_staff():
            return (
                None if any(documents.owed(each) > 0 for each in paid_for) else Reason.ALREADY_PAID
            )
        if any(document.currency_id != self.currency_id for document in paid_for):
            return Reason.AMOUNT_CHANGED
        owed = sum(max(documents.owed(document), 0) for document in paid_for)
        others = self.union(*(document.transaction_ids for document in paid_for)) - self
        return self._trpay_compare(owed, others)

    def _trpay_find_obstacle_of_booking(self):
        booking = self._deposit_document()
        if not booking:
            return None
        if not booking._deposit_can_be_had():
            return Reason.NOT_AVAILABLE
        if booking.deposit_currency_id != self.currency_id:
            return Reason.AMOUNT_CHANGED
        others = booking._deposit_payments() - self
        return self._trpay_compare(booking._deposit_due(self.deposit_purpose), others)

    def _trpay_compare(self, owed, others):
        """What is in the way of the amount.

        :param float owed: What may still be paid, in major units.
        :param payment.transaction others: Further payments for the same.
        :rtype: Reason|None
        """
        compare = self.currency_id.compare_amounts
        on_the_way = sum(tx.amount for tx in others if tx._trpay_is_on_the_way())
        if compare(owed, 0) <= 0:
            return Reason.ALREADY_PAID
        if compare(self.amount, owed) > 0:
            return Reason.AMOUNT_CHANGED
        return Reason.PAYMENT_ON_THE_WAY if compare(self.amount, owed - on_the_way) > 0 else None

    def _trpay_is_on_the_way(self):
        """Whether money may have moved for this, and nobody knows yet."""
        if self.operation == "refund" or self.source_transaction_id:
            return False
        if self.state == "draft":
            return bool(self.trpay_sent)
        is_awaited = self.trpay_sent or self.trpay_review_reason or self.deposit_res_id
        return self.state == "pending" and bool(is_awaited)
