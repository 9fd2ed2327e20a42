"""The orders and invoices of a payment, which may change between its page and its money."""

from typing import NamedTuple

from odoo import api, fields, models

from .. import const
from . import documents


class Misfit(NamedTuple):
    """What does not fit between a payment that is settled and one thing it was for."""

    kind: str  # deleted, canceled, currency, excess, missing
    name: str
    amount: str  # With its currency.
    url: str = ""  # Where the customer pays what is missing.


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_paid_for = fields.Json(
        help="The orders and invoices as they were when the payment began",
        readonly=True,
        copy=False,
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment` to remember what each payment is for."""
        transactions = super().create(vals_list)
        for tx in transactions.sudo():
            if tx._trpay_watches() and (paid_for := tx._trpay_documents()):
                tx.trpay_paid_for = tx._trpay_remember(paid_for)
        return transactions

    def _trpay_watches(self):
        """Whether what this pays for is compared with the money that comes."""
        ours = self._is_trpay() or self._is_transfer()
        return ours and self.operation not in ("refund", "validation")

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
        for misfit in self._trpay_find_misfits():
            self._trpay_alert(self._trpay_describe_misfit(misfit))

    def _trpay_find_misfits(self):
        """Yield what does not fit between this payment, which is settled, and what it was for.

        A customer may leave one payment page, pay on another, and then go on with the first. Staff
        may change the order meanwhile, cancel it, or register a payment by hand.
        """
        money = self.currency_id.format
        for entry in self._trpay_lost_documents():
            yield Misfit("deleted", entry["name"], money(entry["share"]))
        for document in self._trpay_owed_documents():
            name, share = document.display_name, self._trpay_share(document)
            if document.state == "cancel":
                yield Misfit("canceled", name, money(share))
            elif document.currency_id != self.currency_id:
                yield Misfit("currency", name, money(share))
            elif excess := documents.excess(document, self):
                yield Misfit("excess", name, money(excess))
            elif missing := self._trpay_find_missing(document):
                url = documents.link_to_pay(document, missing)
                yield Misfit("missing", name, money(missing), url)

    def _trpay_find_missing(self, document):
        """How much a document lacks that this payment was to settle.

        What was captured of a reservation in part only is no change of the document.
        """
        entry = self._trpay_recall(document)
        is_whole = self.currency_id.compare_amounts(self._trpay_settled_amount(), self.amount) >= 0
        return documents.lacks(document, entry) if entry and is_whole else 0

    def _trpay_describe_misfit(self, misfit):
        """What staff are told.

        :rtype: str
        """
        values = {"document": misfit.name, "amount": misfit.amount}
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

    def _trpay_tell_customer(self):
        """What the customer reads of what does not fit, each with a link to pay, perhaps.

        :return: Sentences and paths.
        :rtype: list[tuple[str, str]]
        """
        if not self._trpay_watches() or self.state not in const.SETTLED:
            return []
        return [
            (self._trpay_describe_misfit_to_customer(misfit), misfit.url)
            for misfit in self._trpay_find_misfits()
        ]

    def _trpay_describe_misfit_to_customer(self, misfit):
        values = {"document": misfit.name, "amount": misfit.amount}
        match misfit.kind:
            case "missing":
                return self.env._(
                    "%(document)s became more expensive meanwhile: %(amount)s are still to be"
                    " paid.",
                    **values,
                )
            case "excess":
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
