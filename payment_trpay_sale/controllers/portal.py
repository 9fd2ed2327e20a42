"""The page of an order of which a part was paid online."""

from odoo.addons.payment_trpay.models import documents
from odoo.addons.sale.controllers.portal import CustomerPortal


class OrderPortal(CustomerPortal):
    def _get_payment_values(self, order_sudo, is_down_payment=False, payment_amount=None, **kwargs):
        """Override of `sale` to ask for what is still owed, and never for all of it once more."""
        owed, paid = documents.owed(order_sudo), order_sudo.amount_paid
        if order_sudo.currency_id.compare_amounts(paid, 0) > 0 and owed > 0:
            missing = order_sudo._get_prepayment_required_amount() - paid
            if not payment_amount and is_down_payment and missing > 0:
                payment_amount = missing
            is_down_payment, payment_amount = True, min(payment_amount or owed, owed)
        return super()._get_payment_values(
            order_sudo, is_down_payment=is_down_payment, payment_amount=payment_amount, **kwargs
        )
