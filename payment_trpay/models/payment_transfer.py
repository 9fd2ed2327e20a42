"""Money that customers send from their bank, by core's wire transfer, which knows no end.

Only a person who looks at the bank account can tell whether it came. The rest is done for them:
what to write into the transfer, a deadline, a reminder, a list of what is waited for.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_time, formatLang

from ..gateways.base import Outcome, Reason, State
from . import documents
from .attempt import attempt

# Money may come after somebody gave up on it.
RECEIVABLE = ("pending", "cancel", "error")
# Reasons to stop waiting for a transfer.
ENDING = (Reason.ALREADY_PAID, Reason.NOT_AVAILABLE)
# Of those who never told theirs.
TIME_ZONE = "Europe/Istanbul"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    provider_custom_mode = fields.Selection(related="provider_id.custom_mode")
    transfer_deadline = fields.Datetime(
        string="Transfer until",
        help="When the bank transfer must have arrived",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    transfer_reminded = fields.Datetime(string="Reminded on", readonly=True, copy=False)
    transfer_looked_at = fields.Datetime(
        help="When it was last seen, of those that staff were asked about, whether it is still due",
        readonly=True,
        copy=False,
    )
    transfer_alerted = fields.Datetime(
        help="When staff were asked about a transfer that is overdue", readonly=True, copy=False
    )
    transfer_reference = fields.Char(
        string="Reference of the Transfer",
        help="What the customer was asked to write into it",
        compute="_compute_transfer_reference",
        compute_sudo=True,
    )
    transfer_subject = fields.Char(
        string="For", compute="_compute_transfer_subject", compute_sudo=True
    )

    def _is_transfer(self):
        """Whether a customer sends, or sent, money from their bank."""
        return self.provider_custom_mode == "wire_transfer" and self.operation != "refund"

    def _transfer_is_awaited(self):
        return self._is_transfer() and self.state == "pending"

    # === COMPUTE METHODS === #

    def _compute_transfer_reference(self):
        for tx in self:
            tx.transfer_reference = tx._transfer_find_reference()

    def _transfer_find_reference(self):
        """What core calls the payment, even before its post-processing has told the order so."""
        order = "sale_order_ids" in self._fields and self.sale_order_ids[:1]
        if order and not order.reference and not self.invoice_ids:
            return self._compute_sale_order_reference(order) or self.reference
        return self._get_communication()

    def _compute_transfer_subject(self):
        for tx in self:
            booking = tx._deposit_document()
            booked = [booking._deposit_subject()] if booking else []
            ordered = [document.display_name for document in tx._trpay_documents()]
            tx.transfer_subject = ", ".join(booked + ordered)

    # === BUSINESS METHODS - WAITING === #

    def _set_pending(self, **kwargs):
        """Override of `payment` to give a bank transfer its deadline."""
        transactions = super()._set_pending(**kwargs)
        for tx in transactions.filtered(lambda tx: tx._is_transfer()):
            tx.transfer_deadline = tx._transfer_find_deadline()
            if tx.partner_id.email and tx._transfer_accounts():
                tx._transfer_write("instructions")
        return transactions

    def _transfer_write(self, about):
        """Mail the customer `instructions` or a `reminder`."""
        with attempt(self.env, f"to mail {about} about {self.reference}"):
            template = self.env.ref(f"payment_trpay.mail_template_transfer_{about}")
            template.sudo().send_mail(self.id)
        self.env["ir.cron"]._trpay_wake("mail.ir_cron_mail_scheduler_action")

    def _transfer_find_deadline(self):
        """As late as what was booked is held, or else as late as the provider's settings say."""
        deadline = (document := self._deposit_document()) and document.deposit_deadline
        hours = timedelta(hours=self.provider_id.transfer_hours)
        return deadline or fields.Datetime.now() + hours

    # === BUSINESS METHODS - WHAT CUSTOMERS SEE === #

    def _transfer_accounts(self):
        """The accounts that take this currency."""
        no_currency = self.env["res.currency"]
        return self.provider_id.transfer_account_ids.filtered(
            lambda account: account.currency_id in (self.currency_id, no_currency)
        )

    def _transfer_amount_to_copy(self):
        """The amount as a bank's form takes it: the customer's decimal sign and nothing else."""
        return formatLang(
            self.env, self._transfer_due(), digits=self.currency_id.decimal_places, grouping=False
        )

    def _transfer_due(self):
        """What is still to be transferred, if a part was paid in another way since.

        :return: In major units of the currency of this payment.
        :rtype: float
        """
        if not self._transfer_is_awaited():
            return self.amount
        self_sudo = self.sudo()
        if booking := self_sudo._deposit_document():
            due = booking._deposit_due(self.deposit_purpose)
        elif (paid_for := self_sudo._trpay_owed_documents()) and self._transfer_is_same_currency():
            due = sum(max(documents.owed(document), 0) for document in paid_for)
        else:
            due = self.amount
        return (
            min(self.amount, due) if self.currency_id.compare_amounts(due, 0) > 0 else self.amount
        )

    def _transfer_describe_deadline(self):
        """The deadline in words, by the customer's clock, whatever server or visitor says it."""
        zone = self.partner_id.tz or self.company_id.partner_id.tz or TIME_ZONE
        env = self.with_context(tz=zone).env
        day = format_date(env, self.transfer_deadline, date_format="full")
        return f"{day}, {format_time(env, self.transfer_deadline, tz=zone, time_format='short')}"

    # === BUSINESS METHODS - WHAT THE DESK DECIDES === #

    def action_transfer_received(self):
        """Ask how much arrived."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Transfer Received"),
            "res_model": "transfer.receipt.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_transaction_id": self.id, "default_amount": self.amount},
        }

    def action_transfer_not_received(self):
        """Stop waiting. Should the money come later, it can still be received."""
        tx = self._transfer_for_desk(("pending",))
        customer_env = tx.with_context(lang=tx.partner_lang or tx.env.lang).env
        tx._set_canceled(
            customer_env._(
                "We have not received your bank transfer. If you have sent it, please contact us."
            )
        )
        tx._desk_decided(
            self.env._(
                "The bank transfer %(transfer)s of %(amount)s was not received.",
                transfer=tx._get_html_link(),
                amount=tx.currency_id.format(tx.amount),
            )
        )

    def _transfer_give_up(self):
        """The customer wants to pay in another way. Should the money come, it can be received."""
        for tx in self.filtered(lambda tx: tx._transfer_is_awaited()):
            if tx._transfer_take():
                tx._set_canceled()

    def _transfer_receive(self, amount):
        """The money is there. Claim what came, and not what should have come.

        :param float amount: What the bank account says.
        :raise UserError: If nothing is waited for, perhaps because somebody else was quicker.
        """
        tx = self._transfer_for_desk(RECEIVABLE)
        if tx.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("How much arrived?"))
        expected, tx.amount = tx.amount, amount
        in_customer_language = tx.with_context(lang=tx.partner_lang or tx.env.lang)
        tx._set_done(
            state_message=in_customer_language._transfer_explain_amount(expected),
            extra_allowed_states=("cancel",),
        )
        tx._desk_decided(
            self.env._(
                "The bank transfer %(transfer)s was received. %(explanation)s",
                transfer=tx._get_html_link(),
                explanation=tx._transfer_explain_amount(expected),
            )
        )

    def _transfer_explain_amount(self, expected):
        if self.currency_id.compare_amounts(self.amount, expected) == 0:
            return ""
        return self.env._(
            "%(received)s arrived instead of %(expected)s.",
            received=self.currency_id.format(self.amount),
            expected=self.currency_id.format(expected),
        )

    def _transfer_for_desk(self, states):
        """This transaction, if it is a bank transfer in one of the states."""
        tx = self._for_desk()
        if not tx._is_transfer() or tx.state not in states:
            raise UserError(
                self.env._("%s is not waiting for a bank transfer any more.", tx.reference)
            )
        return tx

    # === BUSINESS METHODS - BOOKKEEPING === #

    def _create_payment(self, **extra_create_values):
        """Override of `account_payment` to book a bank transfer as money that came to the bank, and
        what is given back as money that left it.

        Core has no payment method for a provider whose payments are never done, and would fail.
        Where there is no bank in the books, nothing is booked, and what was paid is confirmed.
        """
        if self.provider_custom_mode != "wire_transfer":
            return super()._create_payment(**extra_create_values)
        line = self._transfer_method_line()
        if not line:
            return self.env["account.payment"]
        values = {"journal_id": line.journal_id.id, "payment_method_line_id": line.id}
        return super()._create_payment(**values | extra_create_values)

    def _transfer_method_line(self):
        """How the books call money that comes to one of the accounts that customers see."""
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company_id.id)]
        )
        accounts = self._transfer_accounts()
        journals = journals.sorted(lambda journal: journal.bank_account_id not in accounts)
        lines = (
            journals.outbound_payment_method_line_ids
            if self.operation == "refund"
            else journals.inbound_payment_method_line_ids
        )
        return lines.filtered(lambda line: line.code == "manual")[:1]

    # === PAID IN ANOTHER WAY === #

    def _post_process(self):
        """Override of `payment` to close at once what waits for the same money."""
        result = super()._post_process()
        paid = self.filtered(lambda tx: tx.state == "done")
        if rivals := paid._transfer_rivals().filtered(lambda tx: tx._transfer_is_awaited()):
            rivals.transfer_looked_at = False
            self.env["ir.cron"]._trpay_wake("payment_trpay.cron_transfers")
        return result

    def _transfer_rivals(self):
        """The other payments for the same as these."""
        same = self.browse()
        for tx in self:
            same |= tx.union(*(document.transaction_ids for document in tx._trpay_documents()))
            if booking := tx._deposit_document():
                same |= booking._deposit_payments()
        return same - self

    def _transfer_find_end(self):
        """Why nobody need send the money any more; None if it is still to come.

        What was released is no reason: its customer may have sent the money in time. Nor is what a
        card only reserves: that may be let go.

        :rtype: Reason|None
        """
        booking = self._deposit_document()
        if booking and booking.deposit_stage == "released":
            return None
        if any(tx.state == "authorized" for tx in self._transfer_rivals()):
            return None
        obstacle = self._trpay_find_obstacle()
        return obstacle if obstacle in ENDING else None

    def _transfer_close(self):
        """Stop waiting for what nobody need send. Should it come all the same, it is received."""
        reason = self._transfer_take() and self._transfer_find_end()
        if not reason:
            return
        self._set_canceled(self._trpay_sentence(Outcome(state=State.CANCELED, reason=reason)))
        tx = self._trpay_for_staff()
        self._log_message_on_linked_documents(tx._transfer_explain_end(reason, tx._get_html_link()))
        self._trpay_close_review(tx._transfer_explain_end(reason, tx.reference))

    def _transfer_explain_end(self, reason, transfer):
        values = {"transfer": transfer, "amount": self.currency_id.format(self.amount)}
        if reason is Reason.ALREADY_PAID:
            return self.env._(
                "The bank transfer %(transfer)s of %(amount)s is not waited for any more: what it"
                " was for is paid, or was credited, in another way.",
                **values,
            )
        return self.env._(
            "The bank transfer %(transfer)s of %(amount)s is not waited for any more: what it was"
            " for was canceled or deleted.",
            **values,
        )

    # === CRON === #

    @api.model
    def _cron_transfers(self):
        """Do what is due of each bank transfer that is waited for. Money is never denied."""
        day = fields.Datetime.now() - timedelta(days=1)
        waiting = self.search(
            [
                ("state", "=", "pending"),
                ("transfer_deadline", "!=", False),
                "|",
                ("transfer_alerted", "=", False),
                "|",
                ("transfer_looked_at", "=", False),
                ("transfer_looked_at", "<", day),
            ]
        )
        self.env["ir.cron"]._trpay_each(waiting, lambda tx: tx._transfer_look_after())

    def _transfer_look_after(self):
        """Close it, ask staff about it, or remind its customer."""
        if self._transfer_find_end():
            self._transfer_close()
        elif self.transfer_alerted:
            self.transfer_looked_at = fields.Datetime.now()
        elif self.transfer_deadline <= fields.Datetime.now():
            self._transfer_ask_staff()
        elif self._transfer_is_reminder_due():
            self._transfer_remind()

    def _transfer_is_reminder_due(self):
        """Not if the deadline was as close as that from the start."""
        hours = self.provider_id.transfer_reminder_hours
        moment = self.transfer_deadline - timedelta(hours=hours)
        return (
            hours > 0
            and not self.transfer_reminded
            and self.last_state_change < moment <= fields.Datetime.now()
            and bool(self.partner_id.email)
            and self._transfer_is_wanted()
        )

    def _transfer_is_wanted(self):
        """Whether the customer should still send as much as is due, and in this currency."""
        if document := self._deposit_document():
            later = self.deposit_purpose in ("balance", "no_show")
            return document.deposit_stage == "held" or (later and document.deposit_balance > 0)
        is_on_the_way = self._trpay_find_obstacle() is Reason.PAYMENT_ON_THE_WAY
        return self._transfer_is_same_currency() and not is_on_the_way

    def _transfer_is_same_currency(self):
        paid_for = self.sudo()._trpay_documents()
        return all(document.currency_id == self.currency_id for document in paid_for)

    def _transfer_remind(self):
        if self._transfer_take():
            self._transfer_write("reminder")
            self.transfer_reminded = fields.Datetime.now()

    def _transfer_ask_staff(self):
        if self._transfer_take():
            tx = self._trpay_for_staff()
            tx._trpay_alert(
                tx.env._(
                    "The bank transfer of %(amount)s by %(customer)s was not seen until its"
                    " deadline. Received, or not?",
                    amount=tx.currency_id.format(tx.amount),
                    customer=tx.partner_id.display_name,
                )
            )
            self.transfer_alerted = fields.Datetime.now()

    def _transfer_take(self):
        """Lock, and look again: the desk may have decided since the cron began."""
        self._trpay_lock()
        self.invalidate_recordset()
        return self._transfer_is_awaited()
