"""Recurring payments: agreed with the customer, begun with a first payment, made by the PSP.

The PSP charges the card by itself and tells of each payment; what it tells is looked up, and each
payment becomes a transaction of its own.
"""

import logging
from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import const
from ..gateways.base import GatewayError, Outcome, Recurrence, State
from ..gateways.transport import TransportError

_logger = logging.getLogger(__name__)

SETTLED = ("authorized", "done")
UNITS = [("day", "Days"), ("month", "Months"), ("year", "Years")]


class TrpayRecurring(models.Model):
    _name = "trpay.recurring"
    _inherit = ["portal.mixin", "mail.thread"]
    _description = "Recurring Payment"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        string="Customer", comodel_name="res.partner", required=True, readonly=True
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    amount = fields.Monetary(help="Of each payment", required=True, tracking=True)
    payments = fields.Integer(
        string="Number of Payments",
        help="In all, the first one included",
        required=True,
        default=3,
        tracking=True,
    )
    every = fields.Integer(required=True, default=1, readonly=True)
    unit = fields.Selection(
        selection=UNITS,
        required=True,
        default="month",
        readonly=True,
    )
    res_model = fields.Char(string="Kind of Document", readonly=True)
    res_id = fields.Many2oneReference(string="For", model_field="res_model", readonly=True)
    transaction_ids = fields.One2many(
        string="Payments",
        comodel_name="payment.transaction",
        inverse_name="trpay_recurring_id",
        readonly=True,
    )
    provider_id = fields.Many2one(comodel_name="payment.provider", readonly=True)
    state = fields.Selection(
        string="Status",
        selection=[
            ("draft", "Waits for the first payment"),
            ("active", "Active"),
            ("paused", "Paused"),
            ("done", "All paid"),
            ("ended", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    code = fields.Char(string="Provider's Code", readonly=True, copy=False, index="btree_not_null")
    next_on = fields.Date(string="Next Payment", readonly=True)
    paid_count = fields.Integer(string="Paid", compute="_compute_paid_count")
    next_inquiry = fields.Datetime(readonly=True, index="btree_not_null")
    invoice_numbers = fields.Json(
        string="Provider's Invoices",
        help="What the provider calls the payments it tells of, by their number",
        readonly=True,
    )

    _terms_in_range = models.Constraint(
        "CHECK(payments BETWEEN 2 AND 121 AND every BETWEEN 1 AND 99 AND amount > 0)",
        "There are 2 to 121 payments, with 1 to 99 days, months or years between two.",
    )
    _code_uniq = models.UniqueIndex("(provider_id, code) WHERE code IS NOT NULL")

    @api.depends("transaction_ids.state")
    def _compute_paid_count(self):
        for recurring in self:
            recurring.paid_count = len(recurring._paid())

    def write(self, vals):
        """Tell the PSP of new terms: if it refuses them, they stay as they are here, too.

        :raise UserError: In the words of staff.
        """
        result = super().write(vals)
        if {"amount", "payments"} & vals.keys():
            for recurring in self:
                if recurring.state in ("active", "paused"):
                    recurring._change(active=recurring.state == "active")
        return result

    def _compute_access_url(self):
        """Override of `portal` to lead to the page where the first payment is made."""
        for recurring in self:
            recurring.access_url = f"/my/recurring/{recurring.id}"

    def _paid(self):
        return self.transaction_ids.filtered(
            lambda tx: tx.state in SETTLED and tx.operation != "refund"
        )

    def _document(self):
        """What is paid for; empty if it is gone."""
        self.ensure_one()
        if self.res_model not in self.env:
            return self.env["trpay.recurring"]
        return self.env[self.res_model].browse(self.res_id).exists()

    # === WHAT THE CUSTOMER READS === #

    def _describe_sum(self):
        money = self.currency_id.format
        return self.env._(
            "%(count)s payments of %(amount)s, %(total)s in all",
            count=self.payments,
            amount=money(self.amount),
            total=money(self.amount * self.payments),
        )

    def _describe_rhythm(self):
        match self.unit, self.every:
            case "day", 1:
                return self.env._("Every day")
            case "month", 1:
                return self.env._("Every month")
            case "year", 1:
                return self.env._("Every year")
            case "day", count:
                return self.env._("Every %s days", count)
            case "month", count:
                return self.env._("Every %s months", count)
            case _, count:
                return self.env._("Every %s years", count)

    # === THE FIRST PAYMENT === #

    def _terms(self):
        """What the PSP is asked for, in the words of the gateways.

        :rtype: Recurrence
        """
        return Recurrence(payments=self.payments, every=self.every, unit=self.unit)

    def _payment_options(self):
        """The providers and methods that can take recurring payments.

        :rtype: dict
        """
        self.ensure_one()
        report = {}
        providers_sudo = (
            self.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                self.company_id.id,
                self.partner_id.id,
                self.amount,
                currency_id=self.currency_id.id,
                report=report,
            )
            .filtered(lambda provider: provider._trpay_recurs())
        )
        methods_sudo = (
            self.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers_sudo.ids,
                self.partner_id.id,
                currency_id=self.currency_id.id,
                report=report,
            )
        )
        return {
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "availability_report": report,
        }

    def _is_payable(self):
        """Whether the first payment is still to be made, and none is on its way."""
        return self.state == "draft" and not any(
            tx.state in ("pending", *SETTLED) for tx in self.transaction_ids
        )

    def _begin(self, tx):
        """The first payment is made: from now on the PSP makes the others.

        :param payment.transaction tx: The first payment.
        """
        code = (tx.trpay_refs or {}).get("recurrence")
        if self.state == "draft":
            self.write(
                {
                    "state": "active",
                    "provider_id": tx.provider_id.id,
                    "code": code,
                    "next_on": fields.Date.add(
                        fields.Date.today(), **{f"{self.unit}s": self.every}
                    ),
                    "next_inquiry": fields.Datetime.now(),
                }
            )
        elif code and self.code and code != self.code:
            tx = tx._trpay_for_staff()
            tx._trpay_alert(
                tx.env._(
                    "%(name)s was begun twice. Refund this payment, and end %(code)s in the panel"
                    " of the provider.",
                    name=self.name,
                    code=code,
                )
            )

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

    # === ACTION METHODS === #

    def action_find_out(self):
        """Ask the PSP now."""
        for recurring in self.sudo():
            if recurring.state not in ("draft", "ended"):
                recurring._find_out()

    def action_link(self):
        """Show the link to the first payment, to copy, and as a QR code."""
        self.ensure_one()
        link = self.env["deposit.link.wizard"].create(
            {
                "url": self.get_base_url() + self.get_portal_url(),
                "amount": self.amount,
                "currency_id": self.currency_id.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Link"),
            "res_model": link._name,
            "res_id": link.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_pause(self):
        self._change(active=False)

    def action_go_on(self):
        self._change(active=True)

    def action_end(self):
        """Have the PSP take no further payment."""
        for recurring in self:
            if recurring.state in ("active", "paused"):
                recurring._ask(lambda gateway, code: gateway.end_recurrence(code))
            recurring.write({"state": "ended", "next_on": False, "next_inquiry": False})

    def _change(self, *, active):
        tx = self._first()
        self._ask(
            lambda gateway, code: gateway.change_recurrence(
                code,
                payments=self.payments,
                amount=tx._trpay_money(self.amount),
                active=active,
            )
        )
        state = "active" if active else "paused"
        if self.state != state:
            self.state = state

    def _ask(self, act):
        """Have the PSP do something, or tell why it does not.

        :param act: What, given a gateway and the PSP's code.
        :raise UserError: In the words of staff.
        """
        if not self.code:
            raise UserError(self.env._("The provider has not begun these payments yet."))
        provider_sudo = self.sudo().provider_id
        try:
            act(self._first()._trpay_gateway(), self.code)
        except (GatewayError, TransportError) as error:
            raise UserError(provider_sudo._trpay_explain(error)) from error

    def _first(self):
        return self.sudo()._paid().filtered(lambda tx: tx.trpay_recurring_number == 1)[:1]
