"""What is left to pay of an appointment, in equal parts."""

from odoo import fields, models


class DepositRecurringWizard(models.TransientModel):
    _name = "deposit.recurring.wizard"
    _inherit = ["trpay.parts.mixin"]
    _description = "Recurring Payments of a Balance"

    res_model = fields.Char(string="Kind of Document", required=True, readonly=True)
    res_id = fields.Integer(string="For", required=True, readonly=True)
    currency_id = fields.Many2one(readonly=True)
    amount = fields.Monetary(required=True)

    def action_recur(self):
        """Agree on recurring payments, and show the link to the first one."""
        self.ensure_one()
        document = self._trpay_document()
        document._deposit_balance_in_parts()
        return self._trpay_agree(
            document._deposit_company(), document._deposit_partner(), document.deposit_currency_id
        )
