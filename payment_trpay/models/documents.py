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

    What is in the journals counts, and what was paid online but is not there yet.

    :param document: An order or an invoice, as the superuser's.
    :return: In major units of its currency; negative if too much was paid.
    :rtype: float
    """
    if document.state == "cancel":
        return 0.0
    transactions = document.transaction_ids
    payments = (transactions | transactions._trpay_parts()).filtered(
        lambda tx: (
            tx.state in const.SETTLED
            and tx.operation != "refund"
            and tx.currency_id == document.currency_id
        )
    )
    if document._name == "account.move":
        return _residual(document) - sum(map(unused, payments.filtered(_is_on_the_way)))
    invoices = document.invoice_ids.filtered(
        lambda move: move.state == "posted" and move.currency_id == document.currency_id
    )
    invoiced = sum(invoices.mapped("amount_total_in_currency_signed"))
    to_invoice = max(document.amount_total - invoiced, 0)
    return to_invoice + sum(map(_residual, invoices)) - sum(map(unused, payments))


def unused(tx):
    """What was paid online, and no invoice has taken yet.

    :param payment.transaction tx: A payment.
    :return: In major units of its currency.
    :rtype: float
    """
    left = tx._trpay_amount_left()
    payment = tx.payment_id
    if not payment or tx._trpay_is_payment_canceled():
        return left
    if not payment.move_id:  # Where payments are booked with the bank's statement.
        return 0 if tx.invoice_ids else left
    receivables = payment.move_id.line_ids.filtered(
        lambda line: line.account_type == "asset_receivable"
    )
    return min(left, abs(sum(receivables.mapped("amount_residual_currency"))))


def is_over(document):
    """Whether nothing is to be paid any more for an order or an invoice.

    :param document: An order or an invoice, as the superuser's.
    :rtype: bool
    """
    return document.currency_id.compare_amounts(owed(document), 0) <= 0


def is_overpaid(document, tx):
    """Whether a payment that is booked was too much.

    :param document: An order or an invoice of that payment, as the superuser's.
    :param payment.transaction tx: The payment.
    :rtype: bool
    """
    left = owed(document)
    if document._name == "account.move":
        if "sale_order_ids" in tx._fields and tx.sale_order_ids:
            return False  # Another invoice of the order may take what this one does not.
        booked = (tx | tx._trpay_parts()).filtered(
            lambda one: one.state == "done" and not _is_on_the_way(one)
        )
        left -= sum(map(unused, booked))
    return document.currency_id.compare_amounts(left, 0) < 0


def _is_on_the_way(tx):
    """Whether an invoice does not know yet of a payment that was made online for it."""
    payment = tx.payment_id
    if not payment or tx._trpay_is_payment_canceled():
        return True
    return not payment.move_id and not tx.invoice_ids


def _residual(move):
    """What is open of an invoice; a credit note's is negative."""
    is_paid = move.payment_state in ("in_payment", "paid", "reversed")
    return 0 if is_paid else move.amount_residual * -move.direction_sign
