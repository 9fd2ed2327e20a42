"""How the PSP is asked for the recurring payments that it made by itself."""

import logging
from datetime import datetime, time

from odoo import fields, models

from .. import const
from ..gateways.base import GatewayError, Outcome, State
from ..gateways.transport import TransportError

_logger = logging.getLogger(__name__)


class TrpayRecurring(models.Model):
    _inherit = "trpay.recurring"

    # === WHAT THE PSP SAYS === #

    def _hear(self, claim):
        """The PSP says that it made a payment: find out, and remember what it calls it.

        :param Claim claim: What it says, which nobody vouches for.
        """
        refs = claim.outcome.refs
        self.invoice_numbers = (self.invoice_numbers or {}) | {refs["number"]: refs["invoice"]}
        self.next_inquiry = fields.Datetime.now()
        self.env["payment.transaction"]._trpay_wake("payment_trpay.cron_reconcile")

    def _find_out(self):
        """Ask the PSP for the payments that are not known yet, one after the other."""
        self.ensure_one()
        first = self._paid().filtered(lambda tx: tx.trpay_recurring_number == 1)
        self.next_inquiry = fields.Datetime.now() + const.INQUIRY_LONGEST
        first._trpay_commit()
        try:
            if not self.code and not self._learn_code(first):
                return
            while self._look_up(first, self._next_number()):
                first._trpay_commit()
        except (GatewayError, TransportError) as error:
            _logger.warning("%s: not known yet: %s", self.name, error)

    def _learn_code(self, first):
        """Ask how the PSP calls what the first payment began."""
        self.code = first._trpay_gateway().inquire(first._trpay_order()).refs.get("recurrence")
        return self.code

    def _next_number(self):
        return max(self._paid().mapped("trpay_recurring_number"), default=1) + 1

    def _look_up(self, first, number):
        """Book the payment of that number. Returns whether there may be a next one to look for."""
        status = first._trpay_gateway().inquire_recurrence(self.code, number)
        charges = [charge for charge in status.charges if charge.number == number]
        is_paid = bool(charges) and self._book(first, number, charges, status)
        self._take_over(status)
        return is_paid and self.state == "active"

    def _book(self, first, number, charges, status):
        """Have a payment in our books. Returns whether it is paid.

        :param list[Charge] charges: The attempts to take it.
        """
        best = max(charges, key=lambda charge: charge.state is State.PAID)
        tx = self._transaction(first, number)
        is_news = tx._trpay_settle(self._verify(tx, best, status))
        if is_news and tx.state == "error":
            tx._trpay_alert(
                tx._trpay_for_staff().env._("A recurring payment failed: %s", self.name)
            )
        return tx.state == "done"

    def _take_over(self, status):
        """Keep what the PSP says of the whole."""
        values = {"next_on": status.next_on}
        if len(self._paid()) >= self.payments:
            values |= {"state": "done", "next_on": False, "next_inquiry": False}
        elif self.state in ("active", "paused"):
            values["state"] = "active" if status.active else "paused"
            if status.next_on:
                due = datetime.combine(status.next_on, time(12))
                values["next_inquiry"] = max(due, fields.Datetime.now() + const.INQUIRY_LONGEST)
        self.write(values)

    def _transaction(self, first, number):
        """The transaction of that number, made if there is none."""
        found = self.transaction_ids.filtered(
            lambda tx: tx.trpay_recurring_number == number and tx.operation != "refund"
        )
        if found:
            return found
        links = {
            name: [fields.Command.set(first[name].ids)]
            for name in ("sale_order_ids", "invoice_ids")
            if name in first._fields
        }
        transactions = self.env["payment.transaction"]
        reference = transactions._compute_reference(first.provider_code, prefix=self.name)
        tx = transactions.create(
            {
                "provider_id": first.provider_id.id,
                "payment_method_id": first.payment_method_id.id,
                "reference": reference,
                "amount": self.amount,
                "currency_id": self.currency_id.id,
                "partner_id": self.partner_id.id,
                "operation": "offline",
                "trpay_recurring_id": self.id,
                "trpay_recurring_number": number,
                **links,
            }
        )
        tx.is_live = first.is_live  # Whatever the provider's state is by now.
        return tx

    def _verify(self, tx, charge, status):
        """What became of a payment: by its own number if the PSP told it, else by the list.

        :param payment.transaction tx: What the payment is in our books.
        :param Charge charge: What it is in the PSP's list.
        :param RecurrenceStatus status: The list.
        :rtype: Outcome
        """
        if charge.state is not State.PAID:
            return Outcome(state=charge.state, psp_reference=charge.psp_reference)
        if not status.amount:
            return Outcome(state=State.PENDING)
        invoice = (self.invoice_numbers or {}).get(str(tx.trpay_recurring_number))
        if invoice:
            tx.trpay_refs = {"invoice": invoice}
            outcome = tx._trpay_gateway().inquire(tx._trpay_order())
            if outcome.state is State.PAID and outcome.refs.get("recurrence") == self.code:
                return outcome
            tx.trpay_refs = {}  # Somebody told us the number of another payment.
        return Outcome(state=State.PAID, amount=status.amount, psp_reference=charge.psp_reference)
