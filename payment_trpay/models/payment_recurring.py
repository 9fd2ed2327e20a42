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

    def _trpay_heed(self, claim):
        """Override to look up what is said of recurring payments."""
        if claim.about is Subject.RECURRENCE:
            return self.trpay_recurring_id._hear(claim)
        return super()._trpay_heed(claim)

    def _post_process(self):
        """Override of `payment` to begin what the first payment was to begin."""
        result = super()._post_process()
        for tx in self:
            if tx.state == "done" and tx._trpay_recurrence():
                tx.trpay_recurring_id._begin(tx)
        return result

    def _trpay_is_nameless(self):
        """Whether the PSP has not told by what number it knows this payment."""
        return self.trpay_recurring_number > 1 and not (self.trpay_refs or {}).get("invoice")
