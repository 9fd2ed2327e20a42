"""An amount that is paid in equal parts: what staff choose, and what it comes to."""

from odoo import api, fields, models
from odoo.exceptions import UserError

UNITS = [("day", "Days"), ("month", "Months"), ("year", "Years")]


class TrpayPartsMixin(models.AbstractModel):
    """A dialog for a document, which is `res_model` and `res_id`."""

    _name = "trpay.parts.mixin"
    _description = "Paid in Equal Parts"

    currency_id = fields.Many2one(comodel_name="res.currency")
    amount = fields.Monetary()
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

    @api.depends("amount", "trpay_payments")
    def _compute_trpay_part(self):
        for wizard in self:
            count = max(wizard.trpay_payments, 1)
            unit = wizard.currency_id.rounding or 1
            wizard.trpay_part = unit * (round(wizard.amount / unit) // count)
            wizard.trpay_rest = wizard.amount - count * wizard.trpay_part

    def _trpay_can_recur(self, company, partner):
        """Whether a provider takes such payments from a customer.

        :rtype: bool
        """
        options = (
            self.env["payment.provider"]
            .sudo()
            ._trpay_find_options(
                company,
                partner,
                self.trpay_part,
                self.currency_id,
                only=lambda provider: provider.is_published and provider._trpay_recurs(),
            )
        )
        return bool(options["providers_sudo"])

    def _trpay_agree(self, company, partner, currency):
        """Agree on recurring payments, and show the link to the first one.

        :raise UserError: If they are of more than is owed, or this may not be paid so.
        """
        document = self._trpay_document()
        recurring_sudo = (
            self.env["trpay.recurring"]
            .sudo()
            .create(
                {
                    "name": document.display_name,
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "currency_id": currency.id,
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
        """The document to pay. The client names it, so its access is checked.

        :raise UserError: If documents of its kind cannot be paid so.
        """
        if not self.env["trpay.recurring"]._can_pay(self.res_model):
            raise UserError(
                self.env._("Only orders, invoices and appointments can be paid in parts.")
            )
        document = self.env[self.res_model].browse(self.res_id)
        document.check_access("read")
        return document
