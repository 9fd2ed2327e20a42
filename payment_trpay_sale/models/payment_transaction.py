"""What staff are told when less was captured than an order needs."""

from odoo import models

from odoo.addons.payment_trpay.models import documents


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Override of `payment` to tell staff, once, of an order that stands and is not paid."""
        result = super()._post_process()
        for tx in self:
            if tx.state in ("done", "cancel") and tx._trpay_voided():
                tx._trpay_for_staff()._trpay_alert_unpaid_orders()
        return result

    def _trpay_voided(self):
        """The parts of this transaction that were let go."""
        return self._trpay_parts().filtered(lambda tx: tx.state == "cancel")

    def _trpay_is_captured_in_part(self):
        return self.state == "done" and bool(self._trpay_voided())

    def _trpay_alert_unpaid_orders(self):
        for order in self.sudo().sale_order_ids.filtered(lambda order: order.state == "sale"):
            missing = documents.owed(order)
            if order.currency_id.compare_amounts(missing, 0) > 0:
                self._trpay_alert(
                    self.env._(
                        "%(order)s stays confirmed, though only %(captured)s of the %(reserved)s"
                        " reserved for it were captured: %(missing)s are missing. Ask for them"
                        " with a payment link, or change the order.",
                        order=order.display_name,
                        captured=self.currency_id.format(self._trpay_settled_amount()),
                        reserved=self.currency_id.format(self.amount),
                        missing=order.currency_id.format(missing),
                    )
                )
