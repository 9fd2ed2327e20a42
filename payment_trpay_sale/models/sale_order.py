"""Orders whose payment was reserved first, and then captured in part or let go."""

from functools import partial

from odoo import api, models

from odoo.addons.payment_trpay import const


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends(
        "currency_id",
        "transaction_ids.currency_id",
        "transaction_ids.state",
        "transaction_ids.child_transaction_ids.state",
    )
    def _compute_amount_paid(self):
        """Override of `sale` to count what was captured, in the order's own currency.

        Core links no capture to the order, only what it was captured from, and it adds up numbers:
        one lira would confirm an order of one dollar. A refund changes nothing, as in core: what
        was given back is not asked for again.
        """
        result = super()._compute_amount_paid()
        for order in self:
            payments = order.transaction_ids
            fitting = payments.filtered(lambda tx, order=order: tx.currency_id == order.currency_id)
            if fitting != payments or payments.child_transaction_ids:
                order.amount_paid = fitting._trpay_settled_amount()
        return result

    def _trpay_paid_by(self):
        """The payment that a mail is about: the one that is just booked, or else the last."""
        settled = self.sudo().transaction_ids.filtered(lambda tx: tx.state in const.SETTLED)
        booked = settled.filtered(lambda tx: tx.id in self.env.context.get("trpay_settled", ()))
        return (booked or settled)._get_last()

    def _send_order_notification_mail(self, mail_template, *args, **kwargs):
        """Override of `sale` to tell a customer of the amount that was captured.

        Core's template names the amount of the transaction, which was only reserved.
        """
        find = partial(self.env.ref, raise_if_not_found=False)
        is_of_payment = mail_template == find("sale.mail_template_sale_payment_executed")
        if mail_template and is_of_payment and self._trpay_paid_by()._trpay_is_captured_less():
            mail_template = find("payment_trpay_sale.mail_template_captured_in_part")
        return super()._send_order_notification_mail(mail_template, *args, **kwargs)
