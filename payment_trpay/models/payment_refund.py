"""How money goes back: never more than what is left, and never twice."""

import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const
from ..gateways.base import Refund

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === BUSINESS METHODS - GIVING BACK === #

    def _refund(self, amount_to_refund=None):
        """Override of `payment` to refund what is left if no amount is given, and never nothing."""
        if not self._is_trpay():
            return super()._refund(amount_to_refund=amount_to_refund)
        if amount_to_refund is None:
            amount_to_refund = self._trpay_amount_left()
        if self.currency_id.compare_amounts(amount_to_refund, 0) <= 0:
            raise UserError(self.env._("There is nothing to refund."))
        return super()._refund(amount_to_refund=amount_to_refund)

    def _trpay_amount_left(self):
        """What may still be refunded, running refunds counted as given back."""
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in ("pending", "authorized", "done")
        )
        return self.currency_id.round(self._deposit_own_amount() + sum(refunds.mapped("amount")))

    def _send_refund_request(self):
        """Override of `payment` to hand the refund to the PSP once it is safely on record.

        It is sent after the commit of whoever asked for it: if they fail, nothing was sent, and if
        the process dies in between, the reconciliation sends it.
        """
        if not self._is_trpay():
            return super()._send_refund_request()
        source = self.source_transaction_id
        source._trpay_lock()
        if source.state != "done":
            raise ValidationError(self.env._("Only a confirmed payment can be refunded."))
        if source._trpay_is_nameless():
            raise ValidationError(
                self.env._(
                    "%s did not tell its number of this payment: refund it in its panel.",
                    self.provider_id.name,
                )
            )
        left = source._trpay_amount_left()
        if self.currency_id.compare_amounts(-self.amount, left) > 0:
            raise ValidationError(
                self.env._("At most %s can still be refunded.", self.currency_id.format(left))
            )
        self._set_pending()
        self.trpay_next_inquiry = fields.Datetime.now() + timedelta(minutes=1)
        self.env.cr.postcommit.add(self._trpay_find_out_now)

    def _build_action_feedback_notification(self):
        """Override of `payment` to say that a refund is on its way, which is not its success."""
        action = super()._build_action_feedback_notification()
        if sent := self.filtered(lambda tx: tx._is_trpay() and tx.state == "pending"):
            action["params"].update(
                type="info",
                message=self.env._(
                    "It is on its way to %s. Its status says what becomes of it.",
                    ", ".join(sent.provider_id.mapped("name")),
                ),
            )
        return action

    def _trpay_find_out_now(self):
        try:
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr))._trpay_find_out()
        except Exception:  # What the caller committed stays, and the reconciliation goes on.
            _logger.exception("Refund %s is left to the reconciliation", self.reference)

    def _trpay_refund_values(self):
        earlier = self.source_transaction_id.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done" and tx != self
        )
        return Refund(
            reference=self.reference,
            amount=self._trpay_money(-self.amount),
            refunded_before=self._trpay_money(-sum(earlier.mapped("amount"))),
            is_taken=self.trpay_is_taken,
        )

    def _trpay_prepare_repetition(self):
        """The PSP has not got it: send it again, unless it may still be on its way.

        Not over and over: what it swallows each time without a word, a person has to look at.
        """
        is_settled = fields.Datetime.now() - self.trpay_sent > const.SETTLING
        if self.trpay_is_taken or not is_settled:
            return
        if self.trpay_times_sent >= const.MOST_TIMES_SENT:
            tx = self._trpay_for_staff()
            self._trpay_fail_errand(
                tx.env._(
                    "%(provider)s was asked %(times)s times and did not do it. %(amount)s: look it"
                    " up in its panel. Its last answer: %(answer)s",
                    provider=self.provider_id.name,
                    times=self.trpay_times_sent,
                    amount=self.currency_id.format(abs(self.amount)),
                    answer=self.trpay_provider_message or "–",
                )
            )
            return
        self.trpay_sent = False
        self.trpay_next_inquiry = fields.Datetime.now()
