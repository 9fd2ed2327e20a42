"""What only the server writes of a payment and of a stored card."""

from odoo import models

from odoo.addons.payment import utils as payment_utils

from ..gateways import GATEWAYS

# Of core's fields, those that a form could write and yet decide about money or the way to it.
DECIDING = {"is_live", "is_post_processed", "tokenize", "landing_route"}
OF_TOKENS = {
    "provider_id",
    "payment_method_id",
    "partner_id",
    "provider_ref",
    "payment_details",
}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _guarded(self, vals):
        """Override to guard core's fields, too, of a payment at one of our providers.

        Core itself writes them as the superuser.
        """
        guarded = super()._guarded(vals)
        if _is_ours(self, vals):
            guarded |= self._read_only(vals) | (DECIDING & vals.keys())
        return guarded

    def action_post_process(self):
        """Override of `payment` to do as the superuser what the cron does as such."""
        ours = self.filtered(lambda tx: tx._is_trpay())
        if ours:
            payment_utils.check_rights_on_recordset(ours)
            super(PaymentTransaction, ours.sudo()).action_post_process()
        return super(PaymentTransaction, self - ours).action_post_process()


class PaymentToken(models.Model):
    _inherit = "payment.token"

    def _guarded(self, vals):
        """Override to guard what makes a card its holder's."""
        guarded = super()._guarded(vals)
        return guarded | (OF_TOKENS & vals.keys()) if _is_ours(self, vals) else guarded


def _is_ours(records, vals):
    """Whether what is written is about one of our providers, or would be from now on."""
    provider_sudo = records.env["payment.provider"].sudo().browse(vals.get("provider_id"))
    return provider_sudo.code in GATEWAYS or any(record._is_trpay() for record in records)
