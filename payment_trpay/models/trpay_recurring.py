"""Recurring payments: agreed with the customer, begun with a first payment, made by the PSP.

The PSP charges the card by itself and tells of each payment; what it tells is looked up, and each
payment becomes a transaction of its own.
"""

import logging
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const
from ..gateways.base import GatewayError, Recurrence
from ..gateways.transport import TransportError
from . import documents, notice
from .trpay_parts_mixin import UNITS

_logger = logging.getLogger(__name__)

RUNNING = ("active", "paused")
LIVING = ("draft", *RUNNING)


class TrpayRecurring(models.Model):
    _name = "trpay.recurring"
    _inherit = ["portal.mixin", "mail.thread", "inquiry.mixin"]
    _description = "Recurring Payment"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        string="Customer", comodel_name="res.partner", required=True, readonly=True
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True, readonly=True)
    amount = fields.Monetary(help="Of each payment", required=True, readonly=True, tracking=True)
    payments = fields.Integer(
        string="Number of Payments",
        help="In all, the first one included",
        required=True,
        default=3,
        readonly=True,
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
    paid_count = fields.Integer(string="Paid", compute="_compute_paid_count", compute_sudo=True)
    warning = fields.Text(help="What a person should look into", readonly=True)
    invoice_numbers = fields.Json(
        string="Provider's Invoices",
        help="What the provider calls the payments it tells of, by their number",
        readonly=True,
    )

    _code_uniq = models.UniqueIndex("(provider_id, code) WHERE code IS NOT NULL")

    @api.constrains("payments", "every", "amount")
    def _check_terms(self):
        (fewest, most), (shortest, longest) = const.RECURRING_PAYMENTS, const.RECURRING_EVERY
        for recurring in self:
            if recurring.currency_id.compare_amounts(recurring.amount, 0) <= 0:
                raise ValidationError(
                    self.env._("There is too little to pay for so many payments.")
                )
            if not (
                fewest <= recurring.payments <= most and shortest <= recurring.every <= longest
            ):
                raise ValidationError(
                    self.env._(
                        "There are %(fewest)s to %(most)s payments, with %(shortest)s to"
                        " %(longest)s days, months or years between two.",
                        fewest=fewest,
                        most=most,
                        shortest=shortest,
                        longest=longest,
                    )
                )

    @api.depends("transaction_ids.state")
    def _compute_paid_count(self):
        for recurring in self:
            recurring.paid_count = len(set(recurring._paid().mapped("trpay_recurring_number")))

    def _compute_access_url(self):
        """Override of `portal` to lead to the page where the first payment is made."""
        for recurring in self:
            recurring.access_url = f"/my/recurring/{recurring.id}"

    def _payments(self):
        """The payments that are known, for whoever may see this: they may be another company's."""
        return self.sudo().transaction_ids

    def _paid(self):
        return self._payments().filtered(lambda tx: tx.state in const.SETTLED)

    def _document(self):
        """What is paid, as the superuser's; empty if it is gone."""
        self.ensure_one()
        if not self._can_pay(self.res_model):
            return self.browse()
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    @api.model
    def _can_pay(self, model):
        """Whether documents of a kind can be paid by recurring payments.

        :param str model: The name of their model.
        """
        if model not in self.env:
            return False
        return model in documents.LINKS or documents.has_deposit(self.env[model])

    @api.model
    def _to_come_for(self, document):
        """The sum of what is taken by itself for a document in the payments to come.

        :rtype: float
        """
        running = self.sudo().search(self._runs_for(document._name, document.id))
        return sum(each._to_come() for each in running)

    @api.model
    def _runs_for(self, model, record_id):
        return [
            ("res_model", "=", model),
            ("res_id", "=", record_id),
            ("state", "in", RUNNING),
        ]

    def _to_come(self):
        """The sum of the payments that are still to be made."""
        return self.amount * (self.payments - self.paid_count)

    def _owed(self):
        """What is owed, less what others that run will still take; None if that is not known."""
        document = self._document()
        if not document:
            return None
        others = self.sudo().search(
            [("id", "!=", self.id), *self._runs_for(self.res_model, self.res_id)]
        )
        return documents.owed(document) - sum(other._to_come() for other in others)

    def _is_too_much(self):
        """Whether the payments to come are of more than is owed, for whatever reason."""
        owed = self._owed()
        return owed is not None and self.currency_id.compare_amounts(self._to_come(), owed) > 0

    def _refuse_too_much(self):
        """No payment may be of more than is owed.

        :raise UserError: In the words of staff.
        """
        if self._is_too_much():
            raise UserError(
                self.env._(
                    "Only %(owed)s are owed for %(name)s, but the payments to come are %(wanted)s.",
                    owed=self.currency_id.format(max(self._owed(), 0)),
                    name=self.name,
                    wanted=self.currency_id.format(self._to_come()),
                )
            )

    def _guarded(self, vals):
        """Override to guard all that was agreed, and what the provider made of it."""
        return self._read_only(vals)

    # === WHAT THE CUSTOMER READS === #

    def _describe_sum(self):
        money = self.currency_id.format
        if self.state != "draft":
            return self.env._(
                "%(paid)s of %(count)s payments are made.",
                paid=self.paid_count,
                count=self.payments,
            )
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
        return (
            self.env["payment.provider"]
            .sudo()
            ._trpay_find_options(
                self.company_id,
                self.partner_id,
                self.amount,
                self.currency_id,
                only=lambda provider: provider._trpay_recurs(),
            )
        )

    def _is_payable(self):
        """Whether the first payment is still to be made, and none is on its way."""
        return (
            self.state == "draft"
            and not self._is_too_much()
            and not any(tx.state in ("pending", *const.SETTLED) for tx in self._payments())
        )

    def _begin(self, tx):
        """The first payment is made: from now on the PSP makes the others.

        Who had the page open twice, or while staff ended it, may begin again what must not run.

        :param payment.transaction tx: The first payment.
        """
        self._lock()
        code = (tx.trpay_refs or {}).get("recurrence")
        if self.state == "draft":
            self.write(
                {
                    "state": "active",
                    "provider_id": tx.provider_id.id,
                    "code": code,
                    "next_on": fields.Date.add(fields.Date.today(), **self._rhythm()),
                    "trpay_next_inquiry": fields.Datetime.now(),
                }
            )
        elif not code or code != self.code:
            self._disown(
                tx,
                tx._trpay_for_staff().env._(
                    "%s was paid though it had ended, or was begun already. Refund this payment.",
                    self.name,
                ),
            )

    def _disown(self, tx, reason):
        """End what a payment began at the PSP, as far as it lets us, and have staff see to it.

        :param payment.transaction tx: The payment.
        :param str reason: Why, for staff.
        """
        code = (tx.trpay_refs or {}).get("recurrence")
        staff = tx._trpay_for_staff()
        staff._trpay_alert(
            staff.env._(
                "%(reason)s See in the provider's panel that no further one is taken (%(code)s).",
                reason=reason,
                code=code or "-",
            )
        )
        if code:
            self.env.cr.postcommit.add(partial(_end_quietly, tx._trpay_gateway(), code))

    def _rhythm(self, times=1):
        """How long it takes until so many more payments, for `fields.Date.add`."""
        return {f"{self.unit}s": self.every * times}

    def _first(self):
        """The payment that began what the PSP repeats."""
        firsts = self._paid().filtered(lambda tx: tx.trpay_recurring_number == 1)
        by_code = firsts.filtered(
            lambda tx: self.code and (tx.trpay_refs or {}).get("recurrence") == self.code
        )
        return (by_code or firsts.sorted("id"))[:1]

    # === NEW TERMS === #

    def _agree_on(self, amount, payments):
        """Change the terms, here and at the PSP.

        :param float amount: Of each payment that is still to come.
        :param int payments: How many in all, those that were made included.
        :raise UserError: If the PSP refuses, or more is taken than is owed; the terms stay.
        """
        self.check_access("write")
        recurring_sudo = self.sudo()
        if self.state in RUNNING and (error := recurring_sudo._find_out()):
            # What was taken until now must not be booked on the new terms.
            raise UserError(recurring_sudo.provider_id._trpay_explain(error))
        if self.state not in LIVING:
            raise UserError(self.env._("No further payment is to come."))
        if self.state == "draft" and any(
            tx.state == "pending" or (tx.state == "draft" and tx.trpay_page_url)
            for tx in self._payments()
        ):
            raise UserError(
                self.env._("The customer has begun to pay. End this, and send a new link.")
            )
        recurring_sudo.write({"amount": amount, "payments": payments})
        self._refuse_too_much()
        if self.state in RUNNING:
            self._change(active=self.state == "active")

    # === ACTION METHODS === #

    def action_change_terms(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Terms"),
            "res_model": "trpay.terms.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_recurring_id": self.id,
                "default_amount": self.amount,
                "default_payments": self.payments,
            },
        }

    def action_find_out(self):
        """Ask the PSP now and tell what it said."""
        self.ensure_one()
        self.check_access("write")
        recurring_sudo = self.sudo()
        if self.state in ("draft", "ended"):
            message = self.env._("There is nothing to ask.")
        elif recurring_sudo._trpay_rests_until():
            recurring_sudo._trpay_inquire_soon()
            message = self.env._("The provider was asked just now, and will be again in a moment.")
        elif error := recurring_sudo._find_out():
            message = recurring_sudo.provider_id._trpay_explain(error)
        else:
            message = self._describe_sum()
        return notice.tell(message)

    def action_link(self):
        """Show the link to the first payment, to copy, and as a QR code."""
        self.ensure_one()
        link = self.env["deposit.link.wizard"].create(
            {
                "url": (self._document() or self).get_base_url() + self.get_portal_url(),
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
        self._refuse_too_much()
        self._change(active=True)

    def action_seen(self):
        """Somebody has looked into what is odd; what is odd again is told again."""
        self.check_access("write")
        self.sudo().warning = False

    def action_end(self):
        """Have the PSP take no further payment."""
        self.check_access("write")
        for recurring in self:
            if recurring.state in RUNNING:
                recurring._end_there()
            recurring.sudo().write(
                {"state": "ended", "next_on": False, "trpay_next_inquiry": False}
            )

    def _end_there(self):
        """What was a test takes no money: it ends even if its keys are good no more."""
        try:
            self._ask(lambda gateway, code: gateway.end_recurrence(code))
        except UserError:
            if self._first().is_live:
                raise

    def _change(self, *, active):
        self.check_access("write")
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
            self.sudo().state = state

    def _ask(self, act):
        """Have the PSP do something, or tell why it does not.

        :param act: What, given a gateway and the PSP's code.
        :raise UserError: In the words of staff.
        """
        if not self.code:
            raise UserError(self.env._("The provider has not begun these payments yet."))
        with self.sudo().provider_id._trpay_explained():
            act(self._first()._trpay_gateway(), self.code)


def _end_quietly(gateway, code):
    """End what nobody wants, if that is possible: staff are told in any case."""
    try:
        gateway.end_recurrence(code)
    except (GatewayError, TransportError) as error:
        _logger.warning("%s: not ended: %s", code, error)
