"""What a payment is for, line by line, for PSPs that show it to the customer."""

from decimal import Decimal

from odoo import models

from ..gateways.base import Item

MOST_ITEMS = 50


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_items(self):
        """The lines of the one order or invoice that this pays in full.

        :return: Nothing if they do not sum to the amount.
        :rtype: tuple[Item, ...]
        """
        documents = self._trpay_documents()
        if len(documents) != 1:
            return ()
        (document,) = documents
        lines = document[
            "order_line" if document._name == "sale.order" else "invoice_line_ids"
        ].filtered(lambda line: line.price_subtotal)
        items = [self._trpay_item(line) for line in lines]
        if document.amount_tax:
            items.append(Item("tax", self.env._("Taxes"), self._trpay_money(document.amount_tax)))
        fits = len(items) <= MOST_ITEMS and document.amount_tax >= 0
        total = sum(item.amount.minor for item in items)
        return tuple(items) if fits and total == self._trpay_money(self.amount).minor else ()

    def _trpay_item(self, line):
        """A line; what it takes off is a discount, be it a coupon, a return or a down payment."""
        kind = "product"
        if line.price_subtotal < 0:
            kind = "discount"
        elif "is_delivery" in line._fields and line.is_delivery:
            kind = "shipping"
        name = (line.name or "").strip().split("\n")[0] or "-"
        quantity = line["product_uom_qty" if line._name == "sale.order.line" else "quantity"]
        return Item(kind, name, self._trpay_money(line.price_subtotal), Decimal(str(abs(quantity))))
