"""What a payment is for, line by line, for PSPs that show it to the customer."""

from odoo import models

from ..gateways.base import Item

MOST_ITEMS = 50


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _trpay_items(self):
        """The lines of the one order or invoice that this pays in full.

        :return: Nothing if they do not sum to the amount, or if one of them is negative.
        :rtype: tuple[Item, ...]
        """
        documents = self._trpay_documents()
        if len(documents) != 1:
            return ()
        (document,) = documents
        lines = document[
            "order_line" if document._name == "sale.order" else "invoice_line_ids"
        ].filtered(lambda line: line.price_subtotal)
        items = [
            Item(
                "shipping" if "is_delivery" in line._fields and line.is_delivery else "product",
                (line.name or "").strip().split("\n")[0] or "-",
                self._trpay_money(line.price_subtotal),
            )
            for line in lines
            if line.price_subtotal > 0
        ]
        if document.amount_tax > 0:
            items.append(Item("tax", self.env._("Taxes"), self._trpay_money(document.amount_tax)))
        total = sum(item.amount.minor for item in items)
        fits = len(items) == len(lines) + (document.amount_tax > 0) <= MOST_ITEMS
        return tuple(items) if fits and total == self._trpay_money(self.amount).minor else ()
