"""Where customers transfer money to, and how long they have for it."""

import re

from markupsafe import Markup
from stdnum.iso7064 import mod_97_10

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Not by `stdnum.iban`, whose data Odoo's import hook keeps from it, nor by Odoo's own `base_iban`,
# which needs the accounting.
IBAN = re.compile(r"TR\d{8}[0-9A-Z]{16}|(?!TR)[A-Z]{2}\d{2}[0-9A-Z]{11,30}")


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    transfer_partner_id = fields.Many2one(related="company_id.partner_id")
    transfer_account_ids = fields.Many2many(
        string="Bank Accounts",
        help="Customers see them with buttons to copy. Pages that only know the pending message get"
        " them there.",
        comodel_name="res.partner.bank",
        relation="payment_provider_transfer_account_rel",
        domain="[('partner_id', '=', transfer_partner_id)]",
        copy=False,
    )
    transfer_hours = fields.Integer(
        string="Hours to Transfer",
        help="How soon a transfer must have arrived. What is booked with a deposit is held for as"
        " long as the deposit policy says.",
        default=48,
        required=True,
    )
    transfer_reminder_hours = fields.Integer(
        string="Reminder",
        help="How many hours before that a customer gets an e-mail if the money is not there."
        " 0: no reminder.",
        default=24,
        required=True,
    )

    _transfer_hours_range = models.Constraint(
        "CHECK(transfer_hours BETWEEN 1 AND 720)",
        "The hours to transfer must be between 1 and 720 (30 days).",
    )
    _transfer_reminder_range = models.Constraint(
        "CHECK(transfer_reminder_hours >= 0 AND transfer_reminder_hours < transfer_hours)",
        "The reminder must come after the customer chose to transfer, and before the deadline.",
    )

    @api.constrains("transfer_account_ids", "company_id")
    def _check_transfer_accounts(self):
        for provider in self:
            company = provider.company_id
            for account in provider.transfer_account_ids:
                if account.partner_id != company.partner_id:
                    raise ValidationError(
                        self.env._(
                            "The account %(account)s is not one of %(company)s.",
                            account=account.acc_number,
                            company=company.name,
                        )
                    )
                if not _is_iban(account.sanitized_acc_number):
                    raise ValidationError(
                        self.env._(
                            "%s is not a valid IBAN. Compare it with your bank's, digit by digit.",
                            account.acc_number,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        providers = super().create(vals_list)
        providers.filtered("transfer_account_ids").action_recompute_pending_msg()
        return providers

    def write(self, vals):
        result = super().write(vals)
        if "transfer_account_ids" in vals:
            self.filtered("transfer_account_ids").action_recompute_pending_msg()
        return result

    def action_recompute_pending_msg(self):
        """Override of `payment_custom` to name the chosen accounts, and no others."""
        chosen = self.filtered("transfer_account_ids")
        for provider in chosen:
            provider._transfer_write_pending_msg()
        return super(PaymentProvider, self - chosen).action_recompute_pending_msg()

    def _transfer_write_pending_msg(self):
        accounts = Markup().join(
            Markup("<li>%s<br/><strong>%s</strong></li>")
            % (account.acc_holder_name or account.partner_id.name, account._transfer_format())
            for account in self.transfer_account_ids
        )
        texts = {
            lang: self.with_context(lang=lang).env._("Please transfer the money to:")
            for lang in ("en_US", *dict(self.env["res.lang"].get_installed()))
        }
        source = texts.pop("en_US")
        message = Markup("<div><p>%s</p><ul>%s</ul></div>") % (source, accounts)
        self.with_context(lang="en_US").pending_msg = message
        self.update_field_translations(
            "pending_msg", {lang: {source: text} for lang, text in texts.items()}
        )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    @api.constrains("acc_number", "partner_id")
    def _check_transfer_accounts(self):
        """What customers are shown must stay right when it is changed later."""
        self.env["payment.provider"].sudo().search(
            [("transfer_account_ids", "in", self.ids)]
        )._check_transfer_accounts()

    def write(self, vals):
        result = super().write(vals)
        if {"acc_number", "acc_holder_name"} & vals.keys():
            shown_by = [("transfer_account_ids", "in", self.ids)]
            self.env["payment.provider"].sudo().search(shown_by).action_recompute_pending_msg()
        return result

    def _transfer_format(self):
        return re.sub(r"(.{4})(?=.)", r"\1 ", self.sanitized_acc_number)


def _is_iban(number):
    return bool(IBAN.fullmatch(number)) and mod_97_10.is_valid(number[4:] + number[:4])
