"""Orders and invoices: what can be paid for in the apps that may be installed beside this one.

And what is left to pay of anything that has a deposit.
"""

from odoo.fields import Command

from .. import const

LINKS = {"sale.order": "sale_order_ids", "account.move": "invoice_ids"}  # Of a transaction.


def has_deposit(document):
    return "deposit_stage" in document._fields


def link(document):
    """Values that link a transaction to a document; empty if its kind cannot be linked."""
    if document and has_deposit(document):
        return {
            "deposit_res_model": document._name,
            "deposit_res_id": document.id,
            "deposit_purpose": "balance",
        }
    field = LINKS.get(document._name)
    return {field: [Command.set(document.ids)]} if field else {}


def owed(document):
    """What is still to be paid for a document; nothing for a canceled one.

    What is in the journals counts, and what was paid online but is not there yet.

    :param document: An order, an invoice or what has a deposit, as the superuser's.
    :return: In major units of its currency; negative if too much was paid.
    :rtype: float
    """
    if has_deposit(document):
        return document._deposit_due("balance")
    if document.state == "cancel":
        return 0.0
    payments = _settled(document)
    if document._name == "account.move":
        return _residual(document) - sum(map(unused, payments.filtered(_is_unbooked)))
    invoices = document.invoice_ids.filtered(
        lambda move: move.state == "posted" and move.currency_id == document.currency_id
    )
    invoiced = sum(invoices.mapped("amount_total_in_currency_signed"))
    to_invoice = max(document.amount_total - invoiced, 0)
    paid = sum(min(unused(tx), tx._trpay_share(document)) for tx in payments)
    return to_invoice + sum(map(_residual, invoices)) - paid


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


def excess(document, tx):
    """How much of a payment that is booked was too much for one of the documents it was for.

    :param document: An order or an invoice of that payment, as the superuser's.
    :param payment.transaction tx: The payment.
    :return: In major units of the document's currency; 0 if all of it was owed.
    :rtype: float
    """
    most = tx._trpay_share(document)
    if document._name == "account.move":
        if "sale_order_ids" in tx._fields and tx.sale_order_ids:
            return 0  # Another invoice of the order may take what this one does not.
        left = document.amount_residual * -document.direction_sign
        left -= sum(_credit(document, each) for each in _settled(document))
        most -= _applied(document, tx)
    else:
        left = owed(document)
    return max(document.currency_id.round(min(-left, most)), 0)


def lacks(document, entry):
    """What is missing of a document although a payment was to settle it, or to confirm it.

    :param document: An order or an invoice, as the superuser's.
    :param dict entry: What the payment remembers of it: see `remember`.
    :return: In major units of the document's currency; 0 if nothing is.
    :rtype: float
    """
    missing = owed(document) if entry["settles"] else 0
    if entry["confirms"] and _is_quotation(document):
        missing = document._get_prepayment_required_amount() - document.amount_paid
    return max(document.currency_id.round(missing), 0)


def remember(document, share):
    """What a payment keeps of a document, to tell later whether that changed meanwhile.

    :param document: An order or an invoice, as the superuser's.
    :param float share: How much of the payment is for it.
    :rtype: dict
    """
    compare = document.currency_id.compare_amounts
    confirms = _is_quotation(document) and (
        compare(document.amount_paid + share, document._get_prepayment_required_amount()) >= 0
    )
    return {
        "model": document._name,
        "id": document.id,
        "name": document.display_name,
        "share": share,
        "settles": compare(share, owed(document)) >= 0,
        "confirms": confirms,
    }


def link_to_pay(document, amount):
    """Where a customer pays the rest of an order or an invoice.

    :param document: The document, as the superuser's.
    :param float amount: The rest.
    :return: A path of this site.
    :rtype: str
    """
    if _is_quotation(document):  # Its page asks for what is missing.
        return document.get_portal_url()
    if document._name == "sale.order":
        return document.get_portal_url(query_string=f"&payment_amount={amount}")
    return document.get_portal_url(query_string=f"&payment=True&amount={amount}")


def _is_quotation(document):
    return document._name == "sale.order" and document.state in ("draft", "sent")


def _settled(document):
    """The payments for a document, or what was captured of them, in its currency."""
    transactions = document.transaction_ids
    return (transactions | transactions._trpay_parts()).filtered(
        lambda tx: (
            tx.state in const.SETTLED
            and tx.operation != "refund"
            and tx.currency_id == document.currency_id
        )
    )


def _credit(invoice, tx):
    """What was paid online for an invoice, and is not taken off its residual."""
    payment = tx.payment_id
    if payment and not payment.move_id and not tx._trpay_is_payment_canceled():
        share = min(tx._trpay_share(invoice), tx._trpay_amount_left())
        return 0 if payment.is_matched else share
    return unused(tx)


def _applied(invoice, tx):
    """How much of a payment an invoice has taken."""
    payments = (tx | tx._trpay_parts()).payment_id
    partials = payments.move_id.line_ids.matched_debit_ids
    return sum(
        partials.filtered(lambda partial: partial.debit_move_id.move_id == invoice).mapped(
            "debit_amount_currency"
        )
    )


def _is_unbooked(tx):
    """Whether an invoice does not know yet of a payment that was made online for it."""
    payment = tx.payment_id
    if not payment or tx._trpay_is_payment_canceled():
        return True
    return not payment.move_id and not tx.invoice_ids


def _residual(move):
    """What is open of an invoice; a credit note's is negative."""
    is_paid = move.payment_state in ("in_payment", "paid", "reversed")
    return 0 if is_paid else move.amount_residual * -move.direction_sign
