"""The orders and invoices of a payment, which may change between its page and its money."""

from typing import NamedTuple

from odoo import api, fields, models

from .. import const
from . import documents


class Misfit(NamedTuple):
    """What does not fit between a payment that is settled and one document it was for."""

    kind: str  # deleted, canceled, currency, excess, raised, short
    name: str
    amount: float
    model: str
    id: int


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_paid_for = fields.Json(
        help="The orders and invoices as they were when the payment began",
        readonly=True,
        copy=False,
    )
    trpay_misfits = fields.Json(
        help="What did not fit when the money came", readonly=True, copy=False
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment` to remember what each payment is for."""
        transactions = super().create(vals_list)
        for tx in transactions.sudo():
            if tx._trpay_watches() and (paid_for := tx._trpay_documents()):
                tx.trpay_paid_for = tx._trpay_remember(paid_for)
        return transactions

    def _trpay_is_registered_by_staff(self):
        """Whether staff charge a stored card to register a payment, of an amount that they chose.

        They may pay in another currency, or more than is open, and Odoo books it so.
        """
        is_booked_first = "payment_id" in self._fields and bool(self.payment_id)
        return self.operation == "offline" and is_booked_first and not self.trpay_paid_for

    def _trpay_watches(self):
        """Whether what this pays for is compared with the money that comes."""
        ours = self._is_trpay() or self._is_transfer()
        kept = self.operation not in ("refund", "validation")
        return ours and kept and not self._trpay_is_registered_by_staff()

    def _trpay_documents(self):
        """The orders and invoices that this payment is for."""
        links = [name for name in documents.LINKS.values() if name in self._fields]
        return [document for name in links for document in self[name]]

    def _trpay_owed_documents(self):
        """Those whose sum is what this pays: the invoices of an order are parts of it."""
        orders = [each for each in self._trpay_documents() if each._name == "sale.order"]
        return orders or self._trpay_documents()

    def _trpay_remember(self, paid_for):
        """Split the amount among the documents: each gets what it lacks, the last one the rest."""
        entries, left = [], self.amount
        for document in paid_for:
            owed = max(documents.owed(document), 0)
            share = left if document == paid_for[-1] else min(owed, left)
            left -= share
            entries.append(documents.remember(document, self.currency_id.round(share)))
        return entries

    def _trpay_share(self, document):
        """How much of this payment is for a document.

        :rtype: float
        """
        entries = self.trpay_paid_for or []
        if len(entries) > 1 and (entry := self._trpay_recall(document)):
            return entry["share"]
        return self._trpay_settled_amount()

    def _trpay_recall(self, document):
        """What this payment remembers of a document; None if nothing."""
        return next(
            (
                entry
                for entry in self.trpay_paid_for or []
                if (entry["model"], entry["id"]) == (document._name, document.id)
            ),
            None,
        )

    def _trpay_lost_documents(self):
        """What this payment remembers of documents that were deleted since."""
        return [
            entry
            for entry in self.trpay_paid_for or []
            if entry["model"] in self.env
            and not self.env[entry["model"]].browse(entry["id"]).exists()
        ]

    # === WHAT DOES NOT FIT === #

    def _post_process(self):
        """Override of `payment` to tell a person of money that does not fit what it was for."""
        result = super()._post_process()
        for tx in self:
            if tx._trpay_watches() and tx.state == "done":
                tx._trpay_for_staff()._trpay_tell_misfits()
        return result

    def _trpay_tell_misfits(self):
        """Tell staff, and remember it for the customer. That a transfer was short, staff know."""
        misfits = list(self._trpay_find_misfits())
        self.trpay_misfits = misfits
        for misfit in misfits:
            if misfit.kind != "short":
                self._trpay_alert(self._trpay_describe_misfit(misfit))

    def _trpay_find_misfits(self):
        """Yield what does not fit between this payment, which is settled, and what it was for.

        A customer may leave one payment page, pay on another, and then go on with the first. Staff
        may change the order meanwhile, cancel it, or register a payment by hand.
        """
        for entry in self._trpay_lost_documents():
            yield Misfit("deleted", entry["name"], entry["share"], entry["model"], entry["id"])
        for document in self._trpay_owed_documents():
            kind, amount = self._trpay_compare_with(document)
            if kind:
                yield Misfit(kind, document.display_name, amount, document._name, document.id)

    def _trpay_compare_with(self, document):
        """What does not fit between this payment and one of its documents, and how much of it.

        :rtype: tuple[str, float]
        """
        share = self._trpay_share(document)
        if document.state == "cancel":
            return "canceled", share
        if document.currency_id != self.currency_id:
            return "currency", share
        if excess := documents.excess(document, self):
            return "excess", excess
        if missing := self._trpay_find_missing(document):
            return ("raised" if self._trpay_is_complete() else "short"), missing
        return "", 0

    def _trpay_find_missing(self, document):
        """How much a document lacks that this payment was to settle.

        What was captured of a reservation in part is told by who captured it.
        """
        entry = self._trpay_recall(document)
        if not entry or (self._trpay_parts() and not self._trpay_is_complete()):
            return 0
        return documents.lacks(document, entry)

    def _trpay_is_complete(self):
        """Whether as much came as was to come."""
        expected = sum(entry["share"] for entry in self.trpay_paid_for)
        return self.currency_id.compare_amounts(self._trpay_settled_amount(), expected) >= 0

    def _trpay_describe_misfit(self, misfit):
        """What staff are told.

        :rtype: str
        """
        values = self._trpay_words_of(misfit)
        match misfit.kind:
            case "deleted":
                return self.env._(
                    "%(amount)s came for %(document)s, which was deleted. Refund it.", **values
                )
            case "canceled":
                return self.env._(
                    "%(amount)s came for %(document)s, which is canceled. Refund it, or take it up"
                    " again.",
                    **values,
                )
            case "currency":
                return self.env._(
                    "%(amount)s came for %(document)s, whose currency is another one by now, so"
                    " that it is not paid. Refund it, or settle it by hand.",
                    **values,
                )
            case "excess":
                return self.env._(
                    "%(document)s was paid more than once, or too much: %(amount)s are to be"
                    " refunded.",
                    **values,
                )
        return self.env._(
            "%(document)s became more expensive while its customer paid: %(amount)s are missing."
            " The customer was shown a link to pay them.",
            **values,
        )

    def _trpay_words_of(self, misfit):
        return {"document": misfit.name, "amount": self.currency_id.format(misfit.amount)}

    def _trpay_tell_customer(self):
        """What the customer reads of what did not fit, each with a link to pay, perhaps.

        :return: Sentences and paths; none any more once money was given back.
        :rtype: list[tuple[str, str]]
        """
        is_given_back = "refund" in self.child_transaction_ids.mapped("operation")
        if self.state not in const.SETTLED or is_given_back:
            return []
        told = [
            self._trpay_tell_customer_of(Misfit(*misfit)) for misfit in self.trpay_misfits or []
        ]
        return [one for one in told if one]

    def _trpay_tell_customer_of(self, misfit):
        values = self._trpay_words_of(misfit)
        if misfit.kind in ("raised", "short"):
            document = self.env[misfit.model].browse(misfit.id).exists()
            if not document or documents.is_over(document):
                return None
            sentence = self.env._("%(amount)s of %(document)s are still to be paid.", **values)
            return sentence, documents.link_to_pay(document, misfit.amount)
        return self._trpay_describe_to_customer(misfit, values), ""

    def _trpay_describe_to_customer(self, misfit, values):
        if misfit.kind == "excess":
            return self.env._(
                "%(document)s was paid already. We will contact you about the %(amount)s that"
                " were too much.",
                **values,
            )
        return self.env._(
            "Your payment of %(amount)s came, but %(document)s changed meanwhile. We will contact"
            " you about it.",
            **values,
        )

    # === BOOKKEEPING === #

    def _create_payment(self, **extra_create_values):
        """Override of `account_payment` to pay no invoice whose currency is another one by now.

        Core would settle it by the exchange rate, and where none is set, one lira pays one dollar.
        """
        tx = (
            self.source_transaction_id
            if self in self.source_transaction_id._trpay_parts()
            else self
        )
        invoices = tx.invoice_ids
        fitting = invoices.filtered(lambda invoice: invoice.currency_id == self.currency_id)
        if fitting == invoices or not self._trpay_watches():
            return super()._create_payment(**extra_create_values)
        tx.invoice_ids = fitting
        payment = super()._create_payment(**extra_create_values)
        tx.invoice_ids = invoices
        return payment
