"""What staff are told when less was captured than an order needs."""

from odoo import models

from odoo.addons.payment_trpay.models import documents


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Override of `payment` to tell staff of an order that stands and is not paid."""
        booked = self.with_context(trpay_settled=self.ids)
        result = super(PaymentTransaction, booked)._post_process()
        for tx in self:
            if tx._trpay_is_captured_less():
                tx._trpay_for_staff()._trpay_alert_unpaid_orders()
        return result

    def _trpay_is_captured_less(self):
        """Whether nothing is reserved any more, and less was captured than had been."""
        return (
            self.state in ("done", "cancel")
            and bool(self._trpay_parts())
            and self.currency_id.compare_amounts(self._trpay_settled_amount(), self.amount) < 0
        )

    def _trpay_alert_unpaid_orders(self):
        """What was given back on purpose is not missing, as little as what is not owed."""
        for order in self.sudo().sale_order_ids.filtered(lambda order: order.state == "sale"):
            missing = min(documents.owed(order), order.amount_total - order.amount_paid)
            if order.currency_id.compare_amounts(missing, 0) > 0:
                self._trpay_alert(
                    self.env._(
                        "%(order)s stays confirmed, but of the %(reserved)s reserved for it"
                        " %(captured)s were captured, and %(missing)s are missing. Ask for them"
                        " with a payment link, or change the order.",
                        order=order.display_name,
                        captured=self.currency_id.format(self._trpay_settled_amount()),
                        reserved=self.currency_id.format(self.amount),
                        missing=order.currency_id.format(missing),
                    )
                )
