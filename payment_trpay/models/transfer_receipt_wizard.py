from odoo import fields, models


class TransferReceiptWizard(models.TransientModel):
    _name = "transfer.receipt.wizard"
    _description = "Bank Transfer Received"

    transaction_id = fields.Many2one(comodel_name="payment.transaction", required=True)
    partner_id = fields.Many2one(related="transaction_id.partner_id")
    reference = fields.Char(related="transaction_id.transfer_reference")
    currency_id = fields.Many2one(related="transaction_id.currency_id")
    expected = fields.Monetary(related="transaction_id.amount", string="Waited for")
    amount = fields.Monetary(string="Arrived", required=True)

    def action_confirm(self):
        self.transaction_id._transfer_receive(self.amount)
        return {"type": "ir.actions.act_window_close"}
