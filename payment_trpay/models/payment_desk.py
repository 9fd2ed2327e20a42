"""What only people know: whether money came to the bank, or was given back from there."""

from odoo import models
from odoo.exceptions import AccessError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _for_desk(self):
        """This transaction, locked, and with the rights to settle it, which the desk has not.

        :raise AccessError: If somebody else asks.
        """
        self.ensure_one()
        if not self.env.user.has_group("payment_trpay.group_desk"):
            raise AccessError(self.env._("Only the front desk can say where money is."))
        self.check_access("read")
        tx = self.sudo().with_context(payment_backend_action=True)  # Log who did it.
        tx._trpay_lock()
        return tx

    def _desk_decided(self, message):
        """Log a decision, which core does not where there is no provider, and let it take effect.

        The work that it causes is left to the cron, as after any other payment: should an order or
        an invoice refuse, the decision stands.
        """
        self._log_message_on_linked_documents(message)
        self._trpay_close_review()
        self.env["ir.cron"]._trpay_wake("payment.cron_post_process_payment_tx")
