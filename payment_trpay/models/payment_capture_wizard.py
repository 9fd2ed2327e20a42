from odoo import api, fields, models


class PaymentCaptureWizard(models.TransientModel):
    _inherit = "payment.capture.wizard"

    trpay_ends = fields.Boolean(
        string="Ends the Reservation",
        help="Whether a capture ends the reservation, so that there is no choice about the rest",
        compute="_compute_trpay_ends",
    )

    @api.depends("transaction_ids")
    def _compute_trpay_ends(self):
        for wizard in self:
            reserved = wizard.transaction_ids.filtered(lambda tx: tx.state == "authorized")
            wizard.trpay_ends = len(reserved) == 1 and reserved._is_trpay()
