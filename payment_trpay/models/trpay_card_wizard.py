"""A stored card gets a new expiry date: its bank sent its holder a new one of the same number."""

import re

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.payment import utils as payment_utils


class TrpayCardWizard(models.TransientModel):
    _name = "trpay.card.wizard"
    _description = "New Expiry Date of a Card"

    token_id = fields.Many2one(
        string="Card", comodel_name="payment.token", required=True, readonly=True
    )
    expiry = fields.Char(string="Valid Until", help="Month and year, like 09/28", required=True)

    def action_renew(self):
        """Tell the PSP, then the token."""
        self.ensure_one()
        payment_utils.check_rights_on_recordset(self.token_id)
        typed = re.fullmatch(r"\s*(0[1-9]|1[0-2])\s*/\s*(20)?(\d\d)\s*", self.expiry)
        month, year = (typed[1], f"20{typed[3]}") if typed else ("01", "1970")
        last_day = self.token_id._trpay_last_day(month, year)
        if last_day < fields.Date.context_today(self):
            raise UserError(self.env._("Month and year, like 09/28, and not in the past."))
        token_sudo = self.token_id.sudo()
        with token_sudo.provider_id._trpay_explained():
            token_sudo._trpay_gateway().renew(token_sudo._trpay_card(), month, year)
        token_sudo.trpay_expires = last_day
        return {"type": "ir.actions.act_window_close"}
