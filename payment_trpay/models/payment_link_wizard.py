from odoo import api, fields, models
from odoo.exceptions import UserError

from . import documents


class PaymentLinkWizard(models.TransientModel):
    _name = "payment.link.wizard"
    _inherit = ["payment.link.wizard", "trpay.parts.mixin"]

    trpay_can_recur = fields.Boolean(string="Can Recur", compute="_compute_trpay_can_recur")

    @api.depends("company_id", "partner_id", "currency_id", "trpay_part")
    def _compute_trpay_can_recur(self):
        for wizard in self:
            wizard.trpay_can_recur = (
                wizard.res_model in documents.LINKS
                and wizard._trpay_can_recur(wizard.company_id, wizard.partner_id)
            )

    def action_trpay_recur(self):
        """Agree on recurring payments, and show the link to the first one."""
        self.ensure_one()
        document = self._trpay_document()
        owed = document._get_default_payment_link_values()
        if self.warning_message:
            raise UserError(self.warning_message)
        return self._trpay_agree(
            document.company_id,
            self.env["res.partner"].browse(owed["partner_id"]),
            self.env["res.currency"].browse(owed["currency_id"]),
        )
