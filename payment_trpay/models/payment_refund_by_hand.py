"""Money that only a person can give back, as with a bank transfer: a task, until it is done."""

from odoo import fields, models
from odoo.exceptions import UserError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    refund_by_hand = fields.Boolean(
        string="Given Back by Hand",
        help="The provider cannot: somebody sends the money, from the bank or at the desk",
        readonly=True,
        copy=False,
    )

    def _refund_by_hand(self, amount):
        """Note that money is to be given back, and ask staff to do it.

        :param float amount: In the currency of this payment.
        :return: The refund, which stays pending until somebody says that it was given back.
        :rtype: payment.transaction
        """
        refund = self._create_child_transaction(amount, is_refund=True, refund_by_hand=True)
        refund._set_pending()
        tx = refund._trpay_for_staff()
        tx._trpay_alert(
            tx.env._(
                "Give %(amount)s back to %(customer)s yourself, for %(provider)s cannot. Then say"
                " so on the refund.",
                amount=self.currency_id.format(amount),
                customer=self.partner_id.display_name,
                provider=self.provider_id.name,
            )
        )
        return refund

    def action_refund_given_back(self):
        """The money was sent, or handed over."""
        tx = self._for_desk()
        if not tx.refund_by_hand or tx.state != "pending":
            raise UserError(self.env._("%s is not to be given back any more.", tx.reference))
        tx._set_done()
        tx._desk_decided(
            self.env._(
                "%(amount)s were given back by hand: %(refund)s.",
                amount=tx.currency_id.format(-tx.amount),
                refund=tx._get_html_link(),
            )
        )
