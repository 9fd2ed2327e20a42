"""A stored card gets a new expiry date: its bank sent its holder a new one of the same number."""

import re

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.payment import utils as payment_utils

from ..gateways.base import GatewayError
from ..gateways.transport import TransportError


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
        if not typed:
            raise UserError(self.env._("Month and year, like 09/28, and not in the past."))
        month, year = typed[1], f"20{typed[3]}"
        token_sudo = self.token_id.sudo()
        values = token_sudo._trpay_values(
            token_sudo._trpay_card(), month, year, is_live=token_sudo.trpay_is_live
        )
        if fields.Date.to_date(values["trpay_expires"]) < fields.Date.context_today(self):
            raise UserError(self.env._("Month and year, like 09/28, and not in the past."))
        provider_sudo = token_sudo.provider_id
        try:
            token_sudo._trpay_gateway().renew(token_sudo._trpay_card(), month, year)
        except (GatewayError, TransportError) as error:
            raise UserError(provider_sudo._trpay_explain(error)) from error
        token_sudo.trpay_expires = values["trpay_expires"]
        return {"type": "ir.actions.act_window_close"}
