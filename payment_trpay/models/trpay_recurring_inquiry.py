"""How the PSP is asked for the recurring payments that it made by itself."""

import logging
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.service.model import retrying

from .. import const
from ..gateways.base import LATER, GatewayError, Outcome, Refused, State
from ..gateways.transport import TransportError
from . import documents, rows
from .trpay_recurring import RUNNING

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
            if self.code or self._learn_code(first):
                self._ask_for_all(first)
        except (GatewayError, TransportError) as error:
            _logger.warning("%s: not known yet: %s", self.name, error)
            self._watch_document(first)
            if isinstance(error, Refused) and error.reason not in LATER:
                self._plan_inquiry()
            return error
        self._watch_document(first)
        self._plan_inquiry()
        return None

    def _ask_for_all(self, first):
        """Ask until the PSP knows of no further one, and for each that a web hook told of."""
        more, told = True, self._told_numbers()
        for number in self._open_numbers():
            if more or number in told:
                more = self._look_up(first, number) and more
        self._name_the_nameless(first)

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
        first._trpay_commit()
        return self.code

    def _open_numbers(self):
        """The payments that are not known for good: what a person decides about is."""
        known = self._payments().filtered(
            lambda tx: tx.state in (*const.SETTLED, "cancel") or tx.trpay_review_reason
        )
        agreed = set(range(2, self.payments + 1))
        numbers = (agreed | self._told_numbers()) - set(known.mapped("trpay_recurring_number"))
        return sorted(numbers - {1})

    def _told_numbers(self):
        return set(map(int, self.invoice_numbers or {}))

    # === ONE PAYMENT === #

    def _look_up(self, first, number):
        """Find out about the payment of that number, and have it in our books.

        :return: Whether the PSP knows of it.
        :rtype: bool
        """
        status = first._trpay_gateway().inquire_recurrence(self.code, number)
        charges = [charge for charge in status.charges if charge.number == number]
        invoice, outcome = self._verify(first, charges, status)
        # The answer is here: who looks at the same moment must not cost us it.
        retrying(partial(self._conclude, first, number, invoice, outcome, status), self.env)
        return bool(charges)

    def _verify(self, first, charges, status):
        """What became of a payment: by its own number if the PSP told it, else by the list.

        :param payment.transaction first: The payment that began them.
        :param list[Charge] charges: The attempts to take it, as the PSP lists them.
        :param RecurrenceStatus status: The whole list.
        :return: The PSP's own number of the payment, if it is sure, and what became of it.
        :rtype: tuple[str, Outcome]
        """
        latest = max(
            charges,
            key=lambda charge: (charge.state is State.PAID, charge.on or date.min),
            default=None,
        )
        if not latest:
            return "", Outcome(state=State.UNKNOWN)
        if latest.state is not State.PAID:
            return "", Outcome(state=latest.state, psp_reference=latest.psp_reference)
        invoice, proof = self._prove(first, latest.number)
        if proof:
            return invoice, proof
        if not status.amount:
            self._warn_of_missing_amount(first, latest.number)
            return "", Outcome(state=State.UNKNOWN)
        return "", Outcome(
            state=State.PAID, amount=status.amount, psp_reference=latest.psp_reference
        )

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
        return invoice in {tx._trpay_order().reference for tx in self._payments()}

    def _name_the_nameless(self, first):
        """A web hook that came late tells the PSP's own number of what is booked already."""
        for tx in self._paid():
            if tx._trpay_is_nameless():
                invoice, _proof = self._prove(first, tx.trpay_recurring_number)
                if invoice:
                    retrying(partial(self._call_it, tx, invoice), self.env)

    @staticmethod
    def _call_it(tx, invoice):
        tx._trpay_lock()
        tx.trpay_refs = (tx.trpay_refs or {}) | {"invoice": invoice}

    def _conclude(self, first, number, invoice, outcome, status):
        self._lock()
        if outcome.state is not State.UNKNOWN:
            tx = self._transaction(first, number)
            if invoice:
                self._call_it(tx, invoice)
            if tx._trpay_settle(outcome) and tx.state == "error":
                tx._trpay_alert(
                    tx._trpay_for_staff().env._("A recurring payment failed: %s", self.name)
                )
        self._take_over(first, status)

    def _transaction(self, first, number):
        """The transaction of that number, made if there is none."""
        found = self._payments().filtered(lambda tx: tx.trpay_recurring_number == number)
        if found:
            if found.state == "error":
                found.amount = self.amount  # The terms may be new since it failed.
            return found
        links = documents.link(self._document())
        if "invoice_ids" in first._fields and first.invoice_ids:
            links |= documents.link(first.invoice_ids)  # The order was invoiced meanwhile.
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
        if self.state in RUNNING:
            self._compare_terms(first, status)
        if self.paid_count >= self.payments:
            self.write({"state": "done", "next_on": False})
        elif self.state in RUNNING:
            self.next_on = status.next_on
            if status.active is not None:
                self.state = "active" if status.active else "paused"

    def _plan_inquiry(self):
        """Ask again on the day of the next payment, at least daily; not at all if it is over."""
        if self.state not in RUNNING:
            self.trpay_next_inquiry = False
            return
        soon = fields.Datetime.now() + const.INQUIRY_LONGEST
        due = datetime.combine(self.next_on, time(12)) if self.next_on else soon
        self.trpay_next_inquiry = min(max(due, soon), soon + const.INQUIRY_LONGEST)

    def _compare_terms(self, first, status):
        """The customer's browser may have carried the terms, and nothing protects them there."""
        env, agreed = first._trpay_for_staff().env, first._trpay_money(self.amount)
        payments, amount = status.payments or self.payments, status.amount or agreed
        if (payments, amount) != (self.payments, agreed):
            self._warn(
                first,
                env._(
                    "The provider has other terms for %(name)s: %(count)s payments of %(amount)s.",
                    name=self.name,
                    count=payments,
                    amount=amount,
                ),
            )
        expected = max(
            fields.Date.add(first.last_state_change.date(), **self._rhythm(self.paid_count + 1)),
            fields.Date.add(fields.Date.today(), **self._rhythm()),  # It may have rested.
        )
        if status.next_on and status.next_on > expected:
            self._warn(
                first,
                env._("The provider makes the next payment of %s later than agreed.", self.name),
            )

    def _warn_of_missing_amount(self, first, number):
        self._warn(
            first,
            first._trpay_for_staff().env._(
                "The provider lists payment %(number)s of %(name)s, but not its amount. Look it up"
                " in the panel.",
                number=number,
                name=self.name,
            ),
        )

    def _watch_document(self, first):
        """Let payments rest that would take more than is owed, until a person decides."""
        if self.state != "active" or not self._is_too_much():
            return
        env = first._trpay_for_staff().env
        try:
            self._change(active=False)
        except UserError as error:
            _logger.warning("%s: not paused: %s", self.name, error)
        self._warn(
            first,
            env._(
                "%s is canceled or paid, or less is owed than its payments to come. They are"
                " paused: see in the provider's panel that they are, then end or change them.",
                self.name,
            ),
        )

    def _tell_that_customer_left(self):
        """The PSP goes on: whether it should, only a person can decide."""
        first = self._first()
        self._warn(
            first,
            first._trpay_for_staff().env._(
                "%(customer)s was archived, or has deleted the account, but %(name)s goes on:"
                " %(amount)s are still to be taken. End it, or ask the customer.",
                customer=self.partner_id.display_name,
                name=self.name,
                amount=self.currency_id.format(self._to_come()),
            ),
        )

    def _warn(self, first, text):
        """Tell staff once what they should look into."""
        if text not in (self.warning or ""):
            self.warning = "\n".join(filter(None, (self.warning, text)))
            first._trpay_for_staff()._trpay_alert(text)

    def _lock(self):
        """Let nobody make the same transaction meanwhile."""
        rows.take(self)
