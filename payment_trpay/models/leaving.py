"""Who leaves: customers, with their cards and what is known of them, and the addon itself."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .. import const
from ..gateways import GATEWAYS
from .trpay_recurring import RUNNING

OURS = Domain("provider_code", "in", list(GATEWAYS))
OTHER_ADDRESSES = ("invoice", "delivery", "other")  # Of the same person, as contacts of their own.
# Contact data that the books do not need; name, amount and card stay.
PERSONAL = (
    "partner_email",
    "partner_phone",
    "partner_address",
    "partner_zip",
    "partner_city",
    "partner_state_id",
    "partner_country_id",
    "trpay_back_route",
)


class ResUsers(models.Model):
    _inherit = "res.users"

    def _deactivate_portal_user(self, **post):
        """Override of `base`: whoever deletes their account has their cards deleted, too."""
        result = super()._deactivate_portal_user(**post)
        self.partner_id.sudo()._trpay_forget()
        return result


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """Override of `base` to tell staff whose card is still charged by the PSP.

        The cards stay: whoever is archived may come back.
        """
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self.sudo()._trpay_tell_what_runs()
        return result

    def unlink(self):
        """Override of `base`: what is left of cards that are deleted goes with their holder."""
        deleted = self._trpay_tokens().filtered(lambda token: token.trpay_deletion == "done")
        deleted.filtered(lambda token: not token.transaction_ids).unlink()
        return super().unlink()

    def action_trpay_forget(self):
        """Delete the cards and contact data of customers who have no account to delete."""
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only an administrator can have customers forgotten."))
        self.sudo()._trpay_forget()

    def _trpay_forget(self):
        """Have the cards deleted, and forget what the books do not need of the payments."""
        people = self | self.child_ids.filtered(lambda child: child.type in OTHER_ADDRESSES)
        people._trpay_tokens().filtered("active").active = False
        transfers = Domain("provider_code", "=", "custom")
        payments = self.env["payment.transaction"].search(
            (OURS | transfers) & Domain("partner_id", "in", people.ids)
        )
        payments.write(dict.fromkeys(PERSONAL, False) | {"tokenize": False})
        people._trpay_tell_what_runs()

    def _trpay_tokens(self):
        tokens_sudo = self.env["payment.token"].sudo().with_context(active_test=False)
        return tokens_sudo.search(OURS & Domain("partner_id", "in", self.ids))

    def _trpay_tell_what_runs(self):
        running = Domain("state", "in", RUNNING) & Domain("partner_id", "in", self.ids)
        for recurring in self.env["trpay.recurring"].search(running):
            recurring._tell_that_customer_left()


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model
    def _trpay_describe_open_money(self):
        """Money that is under way, of which nobody would hear if the addon were gone.

        :return: A line about each payment, refund and agreement.
        :rtype: list[str]
        """
        payments = self.env["payment.transaction"].search(self._trpay_open_money(), order="id")
        states = dict(payments._fields["state"]._description_selection(self.env))
        running = self.env["trpay.recurring"].search([("state", "in", RUNNING)], order="id")
        return [
            f"{tx.reference}: {tx.currency_id.format(tx.amount)}, {tx.partner_id.display_name}"
            f" ({states[tx.state]})"
            for tx in payments
        ] + [
            f"{recurring.name}: {recurring.currency_id.format(recurring.amount)},"
            f" {recurring.partner_id.display_name} ({recurring._describe_sum()})"
            for recurring in running
        ]

    @api.model
    def _trpay_open_money(self):
        """Which payments are open: what waits, is reserved, was sent, or may be paid on a page.

        And what only our buttons bring to an end: bank transfers, and refunds by hand.
        """
        last = fields.Datetime.now() - const.INQUIRY_END_AFTER_FAILURE
        may_be_paid = Domain("trpay_next_inquiry", "!=", False) & Domain("create_date", ">", last)
        by_hand = Domain("transfer_deadline", "!=", False) | Domain("refund_by_hand", "=", True)
        return (by_hand & Domain("state", "=", "pending")) | OURS & (
            Domain("state", "in", ("pending", "authorized"))
            | Domain("state", "in", ("draft", "error", "cancel")) & may_be_paid
            | Domain("state", "=", "draft") & Domain("trpay_sent", "!=", False)
        )
