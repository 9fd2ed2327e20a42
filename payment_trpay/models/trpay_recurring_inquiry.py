"""How the PSP is asked for the recurring payments that it made by itself."""

import logging
from dataclasses import replace
from datetime import datetime, time
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import SQL

from .. import const
from ..gateways.base import GatewayError, Outcome, Reason, Refused, State
from ..gateways.transport import TransportError
from .trpay_recurring import RUNNING, SETTLED

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
        self._trpay_inquire_soon()

    def _find_out(self):
        """Ask the PSP for the payments that are not known yet, one after the other.

        :return: Why it is not known yet how they stand.
        :rtype: GatewayError|TransportError|None
        """
        self.ensure_one()
        first, now = self._first(), fields.Datetime.now()
        if not first:
            return None
        self._lock()
        again = now + const.RECURRING_INQUIRY_PAUSE
        self.write({"trpay_last_inquiry": now, "trpay_next_inquiry": again})
        first._trpay_commit()
        try:
            if not self.code and not self._learn_code(first):
                self.trpay_next_inquiry = self._plan_inquiry()
                return None
            while self._look_up(first, self._next_number()):
                pass
            self._name_the_nameless(first)
            self._watch_document(first)
        except (GatewayError, TransportError) as error:
            _logger.warning("%s: not known yet: %s", self.name, error)
            if isinstance(error, Refused) and error.reason is not Reason.TRY_LATER:
                self.trpay_next_inquiry = self._plan_inquiry()
            return error
        return None

    def _learn_code(self, first):
        """Ask how the PSP calls what the first payment began."""
        self.code = first._trpay_gateway().inquire(first._trpay_order()).refs.get("recurrence")
        if not self.code:
            env = first._trpay_for_staff().env
            self._warn(
                first,
                env._(
                    "The provider tells of no further payments after the first one of %s. Look it"
                    " up in the panel: perhaps the customer changed what was agreed.",
                    self.name,
                ),
            )
        return self.code

    def _next_number(self):
        """The first payment that is not known for good: what a person decides about is."""
        known = self.transaction_ids.filtered(
            lambda tx: (
                tx.operation != "refund"
                and (tx.state in (*SETTLED, "cancel") or tx.trpay_review_reason)
            )
        )
        return max(known.mapped("trpay_recurring_number"), default=1) + 1

    # === ONE PAYMENT === #

    def _look_up(self, first, number):
        """Find out about the payment of that number, and have it in our books.

        :return: Whether there may be a next one to look for.
        :rtype: bool
        """
        status = first._trpay_gateway().inquire_recurrence(self.code, number)
        charges = [charge for charge in status.charges if charge.number == number]
        invoice, outcome = self._verify(first, charges, status)
        # The answer is here: who looks at the same moment must not cost us it.
        conclude = partial(self._conclude, first, number, invoice, outcome, status)
        return retrying(conclude, self.env)

    def _verify(self, first, charges, status):
        """What became of a payment: by its own number if the PSP told it, else by the list.

        :param payment.transaction first: The payment that began them.
        :param list[Charge] charges: The attempts to take it, as the PSP lists them.
        :param RecurrenceStatus status: The whole list.
        :return: The PSP's own number of the payment, if it is sure, and what became of it.
        :rtype: tuple[str, Outcome]
        """
        best = max(charges, key=lambda charge: charge.state is State.PAID, default=None)
        if not best or (best.state is State.PAID and not status.amount):
            return "", Outcome(state=State.UNKNOWN)
        if best.state is not State.PAID:
            return "", Outcome(state=best.state, psp_reference=best.psp_reference)
        listed = Outcome(state=State.PAID, amount=status.amount, psp_reference=best.psp_reference)
        invoice, proof = self._prove(first, best.number)
        return invoice, proof or listed

    def _prove(self, first, number):
        """What became of a payment of which a web hook told the PSP's own number.

        :return: That number, if it is this payment's, and what became of it; else empty values.
        :rtype: tuple[str, Outcome|None]
        """
        invoice = (self.invoice_numbers or {}).get(str(number))
        if not invoice or self._is_named(invoice):
            return "", None
        order = replace(first._trpay_order(), reference=invoice, recurrence=None)
        try:
            outcome = first._trpay_gateway().inquire(order)
        except Refused:  # Somebody told us a number that is none.
            return "", None
        is_ours = outcome.state is State.PAID and outcome.refs.get("recurrence") == self.code
        return (invoice, outcome) if is_ours else ("", None)

    def _is_named(self, invoice):
        """Whether another payment is known by that number: a refund must not go astray."""
        payments = self.transaction_ids.filtered(lambda tx: tx.operation != "refund")
        return invoice in {(tx.trpay_refs or {}).get("invoice") or tx.reference for tx in payments}

    def _name_the_nameless(self, first):
        """A web hook that came late tells the PSP's own number of what is booked already."""
        for tx in self._paid():
            if tx._trpay_is_nameless():
                invoice, _proof = self._prove(first, tx.trpay_recurring_number)
                if invoice:
                    tx.trpay_refs = {"invoice": invoice}

    def _conclude(self, first, number, invoice, outcome, status):
        self._lock()
        tx = self.env["payment.transaction"]
        if outcome.state is not State.UNKNOWN:
            tx = self._transaction(first, number)
            if invoice:
                tx.trpay_refs = {"invoice": invoice}
            if tx._trpay_settle(outcome) and tx.state == "error":
                tx._trpay_alert(
                    tx._trpay_for_staff().env._("A recurring payment failed: %s", self.name)
                )
        self._take_over(first, status)
        return tx.state == "done" and self.state in RUNNING

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

    # === THE WHOLE === #

    def _take_over(self, first, status):
        """Keep what the PSP says of the whole, and tell staff if that is not what was agreed."""
        values = {"next_on": status.next_on}
        if self.paid_count >= self.payments:
            values |= {"state": "done", "next_on": False}
        elif self.state in RUNNING:
            if status.active is not None:
                values["state"] = "active" if status.active else "paused"
            self._compare_terms(first, status)
        self.write(values)
        self.trpay_next_inquiry = self._plan_inquiry(status.next_on)

    def _plan_inquiry(self, day=None):
        """When to ask again: on the day of the next payment, at least daily; never if it is over.

        :param date|None day: Of the next payment, if it is known.
        :rtype: datetime|bool
        """
        if self.state not in RUNNING:
            return False
        soon = fields.Datetime.now() + const.INQUIRY_LONGEST
        due = datetime.combine(day, time(12)) if day else soon
        return min(max(due, soon), soon + const.INQUIRY_LONGEST)

    def _compare_terms(self, first, status):
        """The customer's browser may have carried the terms, and nothing protects them there."""
        latest = fields.Date.add(
            first.last_state_change.date(), **self._rhythm(self.paid_count + 1)
        )
        if (
            (status.payments and status.payments != self.payments)
            or (status.amount and status.amount != first._trpay_money(self.amount))
            or (status.next_on and status.next_on > latest)
        ):
            env = first._trpay_for_staff().env
            self._warn(
                first,
                env._(
                    "The provider has other terms for %(name)s: %(count)s payments of %(amount)s,"
                    " the next one on %(day)s.",
                    name=self.name,
                    count=status.payments,
                    amount=status.amount,
                    day=status.next_on,
                ),
            )

    def _watch_document(self, first):
        """Let payments rest that go on for what is canceled or paid, until somebody ends them."""
        if self.state != "active" or not self.code or not self._is_settled():
            return
        env = first._trpay_for_staff().env
        try:
            self._change(active=False)
        except UserError as error:
            _logger.warning("%s: not paused: %s", self.name, error)
        self._warn(
            first,
            env._(
                "%s is canceled or paid. Its recurring payments are paused: see in the provider's"
                " panel that they are, and end them here.",
                self.name,
            ),
        )

    def _warn(self, first, text):
        """Tell staff once what they should look into."""
        if text not in (self.warning or ""):
            self.warning = "\n".join(filter(None, (self.warning, text)))
            first._trpay_for_staff()._trpay_alert(text)

    def _lock(self):
        """Take the row, so that nobody makes the same transaction: see `_trpay_lock`."""
        self.env.cr.execute(
            SQL("UPDATE trpay_recurring SET write_date = write_date WHERE id = %s", self.id),
            log_exceptions=False,
        )
