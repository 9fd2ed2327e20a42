"""Transactions that begin recurring payments, or are one of them."""

from odoo import fields, models

from ..gateways.base import Subject


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_recurring_id = fields.Many2one(
        string="Recurring Payment",
        comodel_name="trpay.recurring",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    trpay_recurring_number = fields.Integer(
        string="Number", help="Of the payment: the first one is 1", readonly=True
    )

    _trpay_recurring_number_uniq = models.UniqueIndex(
        "(trpay_recurring_id, trpay_recurring_number)"
        " WHERE trpay_recurring_number > 1 AND operation = 'offline'"
    )

    def _trpay_recurrence(self):
        """What this payment begins, in the words of the gateways.

        :rtype: Recurrence|None
        """
        begins = self.trpay_recurring_id and self.trpay_recurring_number == 1
        return self.trpay_recurring_id._terms() if begins else None

    def _trpay_handle_claim(self, claim):
        """Override to look up what is said of recurring payments."""
        if claim.about is not Subject.RECURRENCE:
            return super()._trpay_handle_claim(claim)
        if self.trpay_recurring_id:
            self.trpay_recurring_id._hear(claim)
        return None

    def _post_process(self):
        """Override of `payment` to begin what the first payment was to begin, or to end it."""
        result = super()._post_process()
        for tx in self:
            if tx._trpay_recurrence():
                tx._trpay_decide_recurrence()
        return result

    def _trpay_decide_recurrence(self):
        recurring = self.trpay_recurring_id
        if self.state == "done":
            recurring._begin(self)
        elif self.state == "cancel" and (self.trpay_refs or {}).get("recurrence"):
            env = self._trpay_for_staff().env
            recurring._disown(self, env._("The first payment of %s was canceled.", recurring.name))

    def _trpay_is_nameless(self):
        """Whether the PSP has not told by what number it knows this payment."""
        return self.trpay_recurring_number > 1 and not (self.trpay_refs or {}).get("invoice")
