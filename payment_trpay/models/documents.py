"""Orders and invoices: what can be paid for in the apps that may be installed beside this one."""

from odoo.fields import Command

from .. import const

LINKS = {"sale.order": "sale_order_ids", "account.move": "invoice_ids"}  # Of a transaction.


def link(document):
    """The values that make a transaction one of an order or invoice; none for anything else."""
    field = LINKS.get(document._name)
    return {field: [Command.set(document.ids)]} if field else {}


def owed(document):
    """What is still to be paid for an order or an invoice; nothing for a canceled one.

    Core counts what was paid online for an order, and what is in the journals for an invoice; here
    each counts for both, as far as it is known by now.

    :param document: An order or an invoice, as the superuser's.
    :return: In major units of its currency; negative if too much was paid.
    :rtype: float
    """
    payments = document.transaction_ids.filtered(
        lambda tx: (
            tx.state in const.SETTLED
            and tx.operation != "refund"
            and tx.currency_id == document.currency_id
        )
    )
    left = document.amount_total - sum(tx._trpay_amount_left() for tx in payments)
    if document.state == "cancel":
        return min(left, 0)
    if document._name == "account.move":
        return min(left, document.amount_residual)
    invoices = document.invoice_ids.filtered(
        lambda move: move.state == "posted" and move.currency_id == document.currency_id
    )
    invoiced = sum(invoices.mapped("amount_total_in_currency_signed"))
    residual = sum(move.amount_residual * -move.direction_sign for move in invoices)
    return min(left, residual + max(document.amount_total - invoiced, 0))


def is_over(document):
    """Whether nothing is to be paid any more for an order or an invoice.

    :param document: An order or an invoice, as the superuser's.
    :rtype: bool
    """
    return document.currency_id.compare_amounts(owed(document), 0) <= 0
