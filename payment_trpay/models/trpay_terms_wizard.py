"""Recurring payments go on with another amount, or another number of payments."""

from odoo import fields, models


class TrpayTermsWizard(models.TransientModel):
    _name = "trpay.terms.wizard"
    _description = "New Terms of Recurring Payments"

    recurring_id = fields.Many2one(
        string="Recurring Payment",
        comodel_name="trpay.recurring",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="recurring_id.currency_id")
    amount = fields.Monetary(help="Of each payment that is still to come", required=True)
    payments = fields.Integer(
        string="Number of Payments", help="In all, those that were made included", required=True
    )

    def action_confirm(self):
        self.ensure_one()
        self.recurring_id._agree_on(self.amount, self.payments)
        return {"type": "ir.actions.act_window_close"}
