from odoo import api, fields, models
from odoo.exceptions import UserError

from . import documents
from .trpay_recurring import UNITS


class PaymentLinkWizard(models.TransientModel):
    _inherit = "payment.link.wizard"

    trpay_can_recur = fields.Boolean(string="Can Recur", compute="_compute_trpay_can_recur")
    trpay_payments = fields.Integer(
        string="In Equal Payments",
        help="The customer makes the first one, the provider takes the others from the same card.",
        default=3,
    )
    trpay_every = fields.Integer(string="One Every", default=1)
    trpay_unit = fields.Selection(
        string="Unit",
        selection=UNITS,
        default="month",
    )
    trpay_part = fields.Monetary(string="Each Payment", compute="_compute_trpay_part")
    trpay_rest = fields.Monetary(
        string="Stays Open",
        help="What cannot be divided into equal payments",
        compute="_compute_trpay_part",
    )

    @api.depends("company_id", "partner_id", "currency_id", "trpay_part")
    def _compute_trpay_can_recur(self):
        for wizard in self:
            if wizard.res_model not in documents.LINKS:
                wizard.trpay_can_recur = False
                continue
            providers_sudo = self.env["payment.provider"].sudo()
            options = providers_sudo._trpay_find_options(
                wizard.company_id,
                wizard.partner_id,
                wizard.trpay_part,
                wizard.currency_id,
                only=lambda provider: provider.is_published and provider._trpay_recurs(),
            )
            wizard.trpay_can_recur = bool(options["providers_sudo"])

    @api.depends("amount", "trpay_payments")
    def _compute_trpay_part(self):
        for wizard in self:
            count = max(wizard.trpay_payments, 1)
            unit = wizard.currency_id.rounding or 1
            wizard.trpay_part = unit * (round(wizard.amount / unit) // count)
            wizard.trpay_rest = wizard.amount - count * wizard.trpay_part

    def action_trpay_recur(self):
        """Agree on recurring payments, and show the link to the first one."""
        self.ensure_one()
        document = self._trpay_document()
        owed = document._get_default_payment_link_values()
        if self.warning_message:
            raise UserError(self.warning_message)
        recurring_sudo = (
            self.env["trpay.recurring"]
            .sudo()
            .create(
                {
                    "name": document.display_name,
                    "company_id": document.company_id.id,
                    "partner_id": owed["partner_id"],
                    "currency_id": owed["currency_id"],
                    "amount": self.trpay_part,
                    "payments": self.trpay_payments,
                    "every": self.trpay_every,
                    "unit": self.trpay_unit,
                    "res_model": self.res_model,
                    "res_id": self.res_id,
                }
            )
        )
        recurring_sudo._refuse_too_much()
        link = recurring_sudo._get_html_link(title=recurring_sudo._describe_sum())
        document.sudo()._message_log(body=self.env._("Recurring payments: %s", link))
        return recurring_sudo.action_link()

    def _trpay_document(self):
        """The order or invoice that is paid, for who may read it.

        :raise UserError: If it is anything else: whoever may open this may name any record.
        """
        if self.res_model not in documents.LINKS:
            raise UserError(self.env._("Only orders and invoices can be paid in parts."))
        document = self.env[self.res_model].browse(self.res_id)
        document.check_access("read")
        return document
