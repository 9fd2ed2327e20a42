"""Anything that is confirmed by a deposit: an appointment, an order, a rental.

A document inherits the mixin and answers what it costs and whom it is for; it is told to take,
confirm and release what the customer books. Which provider takes the money does not matter.

Two questions are kept apart: how far the booking is (`deposit_stage`), and where the money is
(`deposit_state`, computed from the transactions).
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const
from . import rows
from .attempt import attempt

_logger = logging.getLogger(__name__)


class DepositMixin(models.AbstractModel):
    _name = "deposit.mixin"
    _inherit = ["guarded.mixin"]
    _description = "Confirmed by a Deposit"

    deposit_policy_id = fields.Many2one(comodel_name="deposit.policy")
    deposit_terms = fields.Json(help="What the customer agreed to", readonly=True, copy=False)
    deposit_currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_deposit_currency_id"
    )
    deposit_price = fields.Monetary(
        string="Price", currency_field="deposit_currency_id", readonly=True, copy=False
    )
    deposit_amount = fields.Monetary(
        string="Deposit", currency_field="deposit_currency_id", readonly=True, copy=False
    )
    deposit_stage = fields.Selection(
        string="Booking",
        selection=[
            ("held", "Held"),
            ("confirmed", "Confirmed"),
            ("released", "Released"),
            ("canceled", "Canceled"),
            ("no_show", "No-Show"),
        ],
        readonly=True,
        copy=False,
        index=True,
    )
    deposit_held_since = fields.Datetime(readonly=True, copy=False)
    deposit_deadline = fields.Datetime(
        string="Held until", readonly=True, copy=False, index="btree_not_null"
    )
    deposit_reminder = fields.Datetime(
        string="Balance Asked For on",
        help="When the customer will be asked for the rest",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    deposit_refund_cap = fields.Float(
        help="The share of the deposit that a cancellation gives back at most",
        default=100,
        readonly=True,
        copy=False,
    )
    deposit_agreed_begin = fields.Datetime(
        help="When what was booked would begin as the customer chose it last: moved nearer by"
        " staff, it can still be canceled with the notice that there was",
        readonly=True,
        copy=False,
    )
    deposit_refund_due = fields.Monetary(
        string="To Be Given Back",
        currency_field="deposit_currency_id",
        readonly=True,
        copy=False,
    )
    deposit_transaction_ids = fields.One2many(
        string="Payments",
        comodel_name="payment.transaction",
        inverse_name="deposit_res_id",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    deposit_state = fields.Selection(
        string="Deposit Status",
        selection=[
            ("none", "No deposit"),
            ("due", "Due"),
            ("pending", "On its way"),
            ("paid", "Paid"),
            ("refunding", "Refund on its way"),
            ("refunded", "Refunded"),
        ],
        compute="_compute_deposit_state",
        store=True,
    )
    deposit_paid = fields.Monetary(
        string="Paid",
        help="What was paid and not given back",
        currency_field="deposit_currency_id",
        compute="_compute_deposit_state",
        store=True,
    )
    deposit_balance = fields.Monetary(
        string="Balance", currency_field="deposit_currency_id", compute="_compute_deposit_balance"
    )

    # === WHAT THE DOCUMENT ANSWERS === #

    def _deposit_company(self):
        return self.company_id

    def _deposit_partner(self):
        """Who pays."""
        return self.partner_id

    def _deposit_policy(self):
        """The terms that customers are offered; empty if nothing is paid in advance."""
        return self.deposit_policy_id

    def _deposit_total(self):
        """The whole price, taxes included, in the document's currency."""
        raise NotImplementedError

    def _deposit_begins(self):
        """When what is booked begins, or nothing: it is not held for longer than until then."""
        return False

    def _deposit_subject(self):
        """What was booked, in a few words, beside the name of who booked it."""
        return self.display_name

    def _deposit_reference_prefix(self):
        return f"D{self.id}"

    # === WHAT THE DOCUMENT DOES === #

    def _deposit_take(self):
        """Take again what was released.

        :raise UserError: If it is no longer free.
        """

    def _deposit_confirm(self):
        """The deposit is there: confirm what was booked.

        :raise UserError: If it is no longer free.
        """

    def _deposit_release(self):
        """Free what was held: the customer did not pay in time."""

    def _deposit_notify(self, event, amount=0):
        """Tell the customer.

        :param str event: `held`, `confirmed`, `paid` (a part of the deposit, or something more),
                          `released`, `canceled`, `late`, `balance_due`, `refund_started` or
                          `refund_done`.
        :param float amount: What was paid or is given back, if it is about that.
        """

    def _deposit_lock(self):
        rows.take(self)

    def _deposit_write(self, values):
        """Write the mixin's own fields, which nobody else may."""
        self.sudo().write(values)

    def _deposit_say(self, event, amount=0):
        """Tell the customer, if that is possible: a broken mail template holds up no money."""
        with attempt(self.env, f"to tell the customer of {self}: {event}"):
            self._deposit_notify(event, amount)

    # === COMPUTE METHODS === #

    def _compute_deposit_currency_id(self):
        for document in self:
            company = document._deposit_company() or self.env.company
            document.deposit_currency_id = company.currency_id

    @api.depends(
        "deposit_amount",
        "deposit_refund_due",
        "deposit_stage",
        "deposit_transaction_ids.state",
        "deposit_transaction_ids.amount",
    )
    def _compute_deposit_state(self):
        for document in self:
            payments = document._deposit_payments()
            received = sum(tx._deposit_own_amount() for tx in payments if tx.state in const.SETTLED)
            returned = document._deposit_refunded("done")
            document.deposit_paid = document.deposit_currency_id.round(received - returned)
            document.deposit_state = document._deposit_describe_money(
                received=received,
                returned=returned,
                arriving="pending" in payments.mapped("state"),
                leaving=document.deposit_refund_due + document._deposit_refunded("pending"),
            )

    def _deposit_payments(self):
        """Whoever keeps the appointments sees how much was paid, without the right to payments."""
        return self.sudo().deposit_transaction_ids.filtered(lambda tx: tx.operation != "refund")

    def _deposit_refunded(self, state):
        """The sum of the refunds in a state: `done`, or `pending` while on their way."""
        refunds = self.sudo().deposit_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == state
        )
        return -sum(refunds.mapped("amount"))

    def _deposit_at_hand(self):
        """What was paid and is not on its way back either."""
        leaving = self.deposit_refund_due + self._deposit_refunded("pending")
        return self.deposit_currency_id.round(self.deposit_paid - leaving)

    def _deposit_missing(self):
        """How much of the deposit is still to be paid."""
        return max(self.deposit_currency_id.round(self.deposit_amount - self._deposit_at_hand()), 0)

    def _deposit_describe_money(self, *, received, returned, arriving, leaving):
        compare = self.deposit_currency_id.compare_amounts
        if leaving:
            return "refunding"
        if returned and compare(returned, received) >= 0:
            return "refunded"
        if received and compare(received, self.deposit_amount) >= 0:
            return "paid"
        if arriving:
            return "pending"
        return "due" if self.deposit_amount and self.deposit_stage == "held" else "none"

    @api.depends("deposit_price", "deposit_paid", "deposit_refund_due", "deposit_stage")
    def _compute_deposit_balance(self):
        for document in self:
            missing = document._deposit_owed() - document._deposit_at_hand()
            document.deposit_balance = max(document.deposit_currency_id.round(missing), 0)

    def _deposit_owed(self):
        """What the customer owes for all of it, as things stand."""
        match self.deposit_stage:
            case "held" | "confirmed":
                return self.deposit_price
            case "no_show":
                share = self.deposit_price * self.deposit_terms.get("no_show_percent", 0) / 100
                return max(self.deposit_currency_id.round(share), self.deposit_amount)
            case _:
                return 0.0

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        """Whatever is paid for stays, even if the payment was only begun: it may still clear."""
        if payments_sudo := self.sudo().deposit_transaction_ids:
            raise UserError(
                self.env._(
                    "There are payments for it: %s. Cancel it instead.",
                    ", ".join(payments_sudo.mapped("reference")),
                )
            )

    # === PAYING === #

    def _deposit_payable(self):
        """What may be paid now, by purpose.

        :rtype: dict[str, float]
        """
        self.ensure_one()
        if self._deposit_expects_payment():
            return {}
        match self.deposit_stage:
            case "held" | "released":
                amounts = {"deposit": self._deposit_missing()}
                if self.deposit_terms.get("may_pay_in_full"):
                    amounts["full"] = self.deposit_price - self._deposit_at_hand()
                if amounts.get("full") == amounts["deposit"]:
                    del amounts["full"]
            case "confirmed":
                to_come = self.env["trpay.recurring"]._to_come_for(self)
                amounts = {"balance": self.deposit_balance - to_come}
            case "no_show":
                amounts = {"no_show": self.deposit_balance}
            case _:
                amounts = {}
        round_ = self.deposit_currency_id.round
        return {
            purpose: round_(amount) for purpose, amount in amounts.items() if round_(amount) > 0
        }

    def _deposit_due(self, purpose):
        """How much may still be paid for a purpose as things stand.

        :param str purpose: One of those of a transaction, perhaps of one that began a while ago.
        :rtype: float
        """
        owed = self.deposit_price if self.deposit_stage == "released" else self._deposit_owed()
        left = max(self.deposit_currency_id.round(owed - self._deposit_at_hand()), 0)
        return min(self._deposit_missing(), left) if purpose == "deposit" else left

    def _deposit_expects_payment(self):
        """Whether a payment is on its way: another one would be too much."""
        return "pending" in self._deposit_payments().mapped("state")

    def _deposit_payment_options(self, amount):
        """The providers and methods that a customer may choose from.

        :rtype: dict
        """
        return (
            self.env["payment.provider"]
            .sudo()
            ._trpay_find_options(
                self._deposit_company(), self._deposit_partner(), amount, self.deposit_currency_id
            )
        )

    def _deposit_settle(self, tx):
        """Act on a payment or refund that is settled. Called once for each state of it.

        What is captured was received when it was reserved.

        :param payment.transaction tx: One of the document's transactions.
        """
        self._deposit_lock()
        if tx.operation == "refund":
            if tx.state == "done":
                self._deposit_say("refund_done", -tx.amount)
        elif (
            tx.state in const.SETTLED and not tx.source_transaction_id and tx._deposit_own_amount()
        ):
            self._deposit_receive(tx)

    def _deposit_receive(self, tx):
        is_part = bool(self._deposit_missing())
        match self.deposit_stage:
            case "held" if is_part:  # By bank transfer: the rest may follow.
                self._deposit_stretch()
                self._deposit_say("paid", tx.amount)
            case "held":
                if not self._deposit_confirm_now(tx.amount):
                    self._deposit_receive_late(tx, self._deposit_at_hand())
            case "released":
                if is_part or not self._deposit_confirm_now(tx.amount):
                    self._deposit_receive_late(tx, tx.amount)
            case "canceled":
                self._deposit_receive_late(tx, tx.amount)
            case _:
                self._deposit_say("paid", tx.amount)
        if excess := self._deposit_excess(tx):
            tx._trpay_for_staff()._deposit_alert_overpaid(self, excess)

    def _deposit_excess(self, tx):
        """How much of a payment was too much, even if it stays below the price.

        :param payment.transaction tx: One that is settled.
        :rtype: float
        """
        if self.deposit_stage not in ("held", "confirmed", "no_show"):
            return 0.0  # All that comes now came too late.
        own = tx._trpay_amount_left()
        excess = self._deposit_at_hand() - self._deposit_owed()
        if tx.deposit_purpose == "deposit":
            deposits = self._deposit_payments().filtered(
                lambda one: one.state in const.SETTLED and one.deposit_purpose == "deposit"
            )
            before = sum(one._trpay_amount_left() for one in deposits - tx)
            if self.deposit_currency_id.compare_amounts(before, self.deposit_amount) >= 0:
                excess = own
        return max(self.deposit_currency_id.round(min(excess, own)), 0)

    def _deposit_confirm_now(self, amount=0):
        """Confirm, after taking it again if it was released.

        :param float amount: What was just paid, for the customer to know.
        :return: Whether that was possible. If not, nothing changed, and the payment stands.
        :rtype: bool
        """
        savepoint = self.env.cr.savepoint()  # Here, for what came before has errors of its own.
        try:
            with savepoint:
                if self.deposit_stage == "released":
                    self._deposit_take()
                self._deposit_confirm()
                self._deposit_write({"deposit_stage": "confirmed", "deposit_deadline": False})
                self._deposit_agree()
                self._deposit_plan_reminder()
        except (UserError, ValidationError) as error:
            _logger.info("%s cannot be confirmed: %s", self.display_name, error)
            return False
        self._deposit_say("confirmed", amount)
        return True

    def _deposit_waive(self):
        """Staff confirm without the deposit. It can still be paid, with the rest of the price.

        :raise UserError: If it is no longer free.
        """
        self.check_access("write")
        self._deposit_lock()
        if self.deposit_stage not in ("held", "released"):
            return
        if not self._deposit_confirm_now():
            raise UserError(self.env._("%s is no longer free.", self.display_name))

    def _deposit_receive_late(self, tx, amount):
        """There is money for what is no longer to be had: do as the terms say, and tell staff.

        :param payment.transaction tx: The payment that brought it.
        :param float amount: All that came for nothing, perhaps with earlier payments.
        """
        give_back = self.deposit_terms.get("late_money") != "credit"
        if self.deposit_stage == "held":
            self._deposit_release()
        stage = "canceled" if self.deposit_stage == "canceled" else "released"
        self._deposit_end(stage, amount if give_back else 0)
        tx._trpay_for_staff()._deposit_alert_late(self, amount, give_back)
        self._deposit_say("late", amount)

    # === ASKING === #

    def _deposit_link(self, purpose):
        """Where the customer pays.

        :param str purpose: One of those that are payable now.
        :rtype: str
        """
        return self.get_base_url() + self.get_portal_url(query_string=f"&pay={purpose}")

    def action_deposit_link(self):
        """Show the link to pay what is due next, to copy, and as a QR code."""
        self.ensure_one()
        payable = self._deposit_payable()
        if not payable:
            raise UserError(
                self.env._("There is nothing to pay, or a payment is on its way already.")
            )
        purpose, amount = next(iter(payable.items()))
        link = self.env["deposit.link.wizard"].create(
            {
                "url": self._deposit_link(purpose),
                "amount": amount,
                "currency_id": self.deposit_currency_id.id,
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

    def _deposit_balance_in_parts(self):
        """What can be paid in equal parts.

        :rtype: float
        :raise UserError: If there is nothing of the kind.
        """
        balance = self._deposit_payable().get("balance")
        if not balance:
            raise UserError(
                self.env._(
                    "Only the balance of a confirmed appointment can be paid in parts, and none is"
                    " left, or a payment is on its way."
                )
            )
        return balance

    def action_deposit_recur(self):
        """Choose in how many payments the balance is taken."""
        self.ensure_one()
        balance = self._deposit_balance_in_parts()
        wizard = self.env["deposit.recurring.wizard"].create(
            {
                "res_model": self._name,
                "res_id": self.id,
                "currency_id": self.deposit_currency_id.id,
                "amount": balance,
            }
        )
        if not wizard._trpay_can_recur(self._deposit_company(), self._deposit_partner()):
            raise UserError(
                self.env._("No published payment provider takes recurring payments of this amount.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recurring Payments"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def _deposit_plan_reminder(self):
        """Ask for the rest as long before it begins as the terms say, unless that is over."""
        hours, begins = self.deposit_terms.get("balance_hours"), self._deposit_begins()
        moment = hours and begins and begins - timedelta(hours=hours)
        is_to_come = moment and moment > fields.Datetime.now()
        self._deposit_write({"deposit_reminder": moment if is_to_come else False})

    def _deposit_remind(self):
        """Ask for the rest, once."""
        self._deposit_lock()
        self._deposit_write({"deposit_reminder": False})
        if "balance" in self._deposit_payable():
            self._deposit_say("balance_due")
