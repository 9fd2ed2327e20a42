"""How what is reserved on a card is collected or let go: once, and for an explicit amount."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError

from .. import const


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_hold_end = fields.Selection(
        string="What Ends the Reservation",
        selection=[("capture", "Capture"), ("void", "Void")],
        readonly=True,
        copy=False,
    )

    def _send_capture_request(self):
        """Override of `payment` to have the PSP asked once the capture is safely on record."""
        if not self._is_trpay():
            return super()._send_capture_request()
        return self._trpay_end_hold("capture")

    def _send_void_request(self):
        """Override of `payment`: likewise."""
        if not self._is_trpay():
            return super()._send_void_request()
        return self._trpay_end_hold("void")

    def _trpay_end_hold(self, how):
        source = self.source_transaction_id
        source._trpay_lock()
        if source.state != "authorized" or source._trpay_is_hold_ending():
            raise ValidationError(
                self.env._("%s is not reserved any more, or about to be.", source.reference)
            )
        if self.currency_id.compare_amounts(self.amount, source.amount) > 0 or self.amount <= 0:
            raise ValidationError(
                self.env._("Only %s are reserved.", self.currency_id.format(source.amount))
            )
        if how == "void" and self.currency_id.compare_amounts(self.amount, source.amount):
            raise ValidationError(
                self.env._(
                    "All of it is let go, or a part is captured: then the rest is let go by itself."
                )
            )
        self.trpay_hold_end = how
        self._set_pending()
        self.trpay_next_inquiry = fields.Datetime.now() + timedelta(minutes=1)
        self.env.cr.postcommit.add(self._trpay_find_out_now)

    def _trpay_is_hold_ending(self):
        """Whether what is reserved is being captured or let go, or was in part."""
        return any(
            tx.trpay_hold_end and tx.state in ("draft", "pending", "done")
            for tx in self.child_transaction_ids
        )

    def _trpay_let_go_of_the_rest(self):
        """The PSP lets go of what was not captured: so do the books."""
        source = self.source_transaction_id
        rest = source._deposit_own_amount()
        if self.currency_id.compare_amounts(rest, 0) > 0:
            void = source._create_child_transaction(rest)
            void.trpay_hold_end = "void"
            void._set_canceled(
                self.env._("Only %s were captured.", self.currency_id.format(self.amount))
            )

    def _trpay_parts(self):
        """The transactions that captured these, or let go of them, whole or in part."""
        return self.child_transaction_ids.filtered(lambda tx: tx.operation != "refund")

    def _trpay_settled_amount(self):
        """What is reserved by these or was captured of them; refunds are not taken off."""
        settled = (self | self._trpay_parts()).filtered(lambda tx: tx.state in const.SETTLED)
        return sum(tx._deposit_own_amount() for tx in settled)
