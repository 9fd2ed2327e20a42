"""How the PSP is asked what became of a payment or a refund, until it gives a final word."""

import logging
from functools import partial

from markupsafe import Markup

from odoo import api, fields, models
from odoo.service.model import retrying

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways.base import LATER, GatewayError, Reason, Refused, State, Subject
from ..gateways.transport import TransportError, Unreachable
from . import notice

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = ["payment.transaction", "inquiry.mixin"]

    trpay_times_sent = fields.Integer(
        help="How often what moves money was handed to the provider, who may have taken it",
        readonly=True,
        copy=False,
    )
    trpay_is_taken = fields.Boolean(
        help="Whether the provider said that it has it: it is only asked about from then on",
        readonly=True,
        copy=False,
    )

    trpay_is_told = fields.Boolean(
        help="Whether a person was told that it waits for them", readonly=True, copy=False
    )

    # === BUSINESS METHODS - ASKING === #

    def _trpay_came_back(self):
        """The customer is back from the PSP, which proves nothing: find out soon."""
        self.ensure_one()
        if self.state in ("draft", "pending") and not self.trpay_review_reason:
            self._trpay_inquire_soon()

    def _trpay_handle_claim(self, claim):
        """Act on a message: a proven one is true, any other is a reason to ask.

        :param Claim claim: What it says.
        """
        if claim.proven:
            self._trpay_settle(claim.outcome)
        elif claim.unclear:
            self._trpay_leave_to_a_person(claim)
        elif claim.about is Subject.PAYMENT:
            is_genuine = self._trpay_gateway().signs and claim.outcome.state is State.PAID
            if is_genuine and self.state in ("draft", "error", "cancel"):
                self._set_pending(extra_allowed_states=("error", "cancel"))
            self._trpay_came_back()
            is_success = claim.outcome.state is State.PAID
            if self.state == "authorized" or (self.state in ("error", "cancel") and is_success):
                self._trpay_inquire_soon()  # It may be captured, or the money come after all.
            elif self.state == "done" and not is_success:
                self._trpay_compare_soon()
        else:
            children = self.child_transaction_ids
            for child in children | children.child_transaction_ids:  # Refunds of captures, too.
                if child.operation == "refund" and child.trpay_sent:
                    child._trpay_came_back()
            self._trpay_compare_soon()  # It may be about money that others gave back.

    def _trpay_leave_to_a_person(self, claim):
        """The PSP surely said it, and nobody can tell what it means."""
        reason = self._trpay_for_staff().env._(
            "%(provider)s sent a genuine message that cannot be understood: %(text)s. Look the"
            " payment up in its panel.",
            provider=self.provider_id.name,
            text=claim.unclear,
        )
        if self.state == "done":
            self._trpay_alert_of_answer(reason)
        else:
            self._trpay_park(reason)

    def _trpay_plan_inquiry(self):
        """Say when to ask next: the older the payment the later, until `_trpay_end_inquiries`."""
        now = fields.Datetime.now()
        pause = min(
            max((now - self.create_date) / 2, const.INQUIRY_SHORTEST), const.INQUIRY_LONGEST
        )
        is_held = self.state == "authorized"
        self.trpay_next_inquiry = now + (const.INQUIRY_LONGEST if is_held else pause)

    def _trpay_was_asked_long_enough(self):
        end = const.INQUIRY_ENDS.get(self.state, const.INQUIRY_END)
        return fields.Datetime.now() - self.create_date >= end

    def _trpay_end_inquiries(self, outcome):
        """Stop asking after ten days, and have a person look at what is not clear by then.

        A failed payment is asked about for a while, too: its customer may try again on the PSP's
        page, and the notification of the success may get lost. What is reserved may expire. Who
        left without paying is everyday: that ends as soon as the PSP says that it knows nothing,
        unless it wrote to us about it.

        :param Outcome|None outcome: The last answer; None if it could not be understood.
        """
        if not self.trpay_next_inquiry or not self._trpay_was_asked_long_enough():
            return
        self.trpay_next_inquiry = False
        self._trpay_drop_new_token()
        tx = self._trpay_for_staff()
        is_unheard_of = outcome and outcome.state is State.UNKNOWN
        may_be_paid = self.trpay_sent or self.trpay_notification_ids
        if self.state == "draft" and is_unheard_of and not may_be_paid:
            self._set_canceled(self.env._("The payment was not completed in time."))
        elif self.state in ("draft", "pending"):
            is_told = outcome and not outcome.reason
            last = outcome.text if is_told else self.trpay_provider_message
            tx._trpay_alert_of_answer(
                tx.env._(
                    "%(provider)s gave no final answer on %(amount)s for ten days. Look the payment"
                    " up in its panel. The last answer: %(answer)s",
                    provider=self.provider_id.name,
                    amount=self.currency_id.format(abs(self.amount)),
                    answer=last or "–",
                )
            )
        elif self.state == "authorized":
            tx._trpay_alert_of_answer(
                tx.env._(
                    "%(amount)s is still reserved at %(provider)s after %(days)s days. Look it up"
                    " in its panel: a reservation does not last.",
                    amount=self.currency_id.format(self.amount),
                    provider=self.provider_id.name,
                    days=const.INQUIRY_ENDS["authorized"].days,
                )
            )

    @api.model
    def _cron_trpay_reconcile(self):
        """Find out what became of the payments and refunds whose time has come."""
        is_due = ("trpay_next_inquiry", "<=", fields.Datetime.now())
        # Who has just come back is waiting for it.
        due = self.search([is_due], order="trpay_next_inquiry desc")
        cron = self.env["ir.cron"]
        cron._trpay_each(due, lambda tx: tx._trpay_find_out())
        tokens = self.env["payment.token"].with_context(active_test=False)
        unwanted = tokens.search([("trpay_deletion", "=", "due"), is_due])
        cron._trpay_each(unwanted, lambda token: token._trpay_forget_now())
        uncompared = self.search([("trpay_next_comparison", "<=", fields.Datetime.now())])
        cron._trpay_each(uncompared, lambda tx: tx._trpay_ask_for_statement())
        due = self.env["trpay.recurring"].search([is_due])
        cron._trpay_each(due, lambda payments: payments._find_out())

    def _trpay_find_out(self):
        """Ask the PSP, or hand it the refund that it surely has not got yet.

        The next inquiry is planned and committed before the PSP is contacted: that keeps other
        workers off, and a crash from losing the transaction.

        :return: What the PSP said; None if nothing new is known.
        :rtype: Outcome|None
        """
        self.ensure_one()
        if not self._trpay_is_in_question():
            if self.trpay_next_inquiry:
                self.trpay_next_inquiry = False
            return None
        self._trpay_lock()
        if self.trpay_next_inquiry or not self._trpay_was_asked_long_enough():
            self._trpay_plan_inquiry()  # Else a person asks, who was told.
        self.trpay_last_inquiry = fields.Datetime.now()
        send = bool(self._trpay_errand()) and not self.trpay_sent
        if send and self._trpay_waits_for_another_refund():
            self._trpay_end_inquiries(None)
            return None
        if send:
            self.trpay_sent = fields.Datetime.now()
            self.trpay_times_sent += 1
        self._trpay_commit()
        try:
            outcome = self._trpay_ask(send)
        except (GatewayError, TransportError) as error:
            outcome, note = None, partial(self._trpay_note_failure, error, send)
        else:
            note = partial(self._trpay_conclude, outcome, send)

        def conclude():
            note()
            self._trpay_end_inquiries(outcome)

        retrying(conclude, self.env)  # The answer is here: a busy row must not cost us it.
        return outcome

    def _trpay_is_in_question(self):
        """Whether the PSP can tell what the books do not know yet."""
        if self.trpay_review_reason or self.refund_by_hand:
            return False
        if self.state == "authorized":  # It may expire.
            return not self._trpay_is_hold_ending()
        return self.state != "done"

    def _trpay_conclude(self, outcome, sent):
        if sent and outcome.state is State.PENDING:
            self._trpay_note_taken(outcome)
        if self._trpay_errand() and outcome.state is State.UNKNOWN:
            self._trpay_prepare_repetition()
        self._trpay_settle(outcome)
        if self.trpay_hold_end == "capture" and self.state == "done":
            self._trpay_let_go_of_the_rest()

    def _trpay_waits_for_another_refund(self):
        """Whether the PSP could take this refund for another one that is not settled yet."""
        if self.operation != "refund" or self._trpay_gateway().names_refunds:
            return False
        source = self.source_transaction_id
        source._trpay_lock()  # Or two would be sent at once.
        refunds = source.child_transaction_ids.filtered(lambda tx: tx.operation == "refund")
        return any(tx.state == "pending" and tx.trpay_sent for tx in refunds - self)

    def _trpay_errand(self):
        """What the PSP is to do with a payment that is made; empty for the payment itself."""
        return "refund" if self.operation == "refund" else self.trpay_hold_end

    def _trpay_ask(self, send):
        gateway, order = self._trpay_gateway(), self._trpay_order()
        match self._trpay_errand():
            case "refund":
                ask = gateway.refund if send else gateway.inquire_refund
                return ask(order, self._trpay_refund_values())
            case "capture":
                ask = gateway.capture if send else gateway.inquire_capture
                return ask(order, self._trpay_money(self.amount))
            case "void":
                return gateway.void(order) if send else gateway.inquire_void(order)
        return gateway.inquire(order)

    def _trpay_note_failure(self, error, sent):
        """No answer is never a failure. Only what the PSP refuses to do is one, told once.

        What it only puts off is sent again, with growing pauses; of what it puts off until
        somebody acts, that somebody is told at once.
        """
        self._trpay_lock()
        said = self._trpay_for_staff().provider_id._trpay_explain(error)
        self.trpay_provider_message = said
        if not sent:
            return
        if isinstance(error, Refused) and error.reason not in LATER:
            self._trpay_fail_errand(said)
        elif not isinstance(error, TransportError) or isinstance(error, Unreachable):
            self.trpay_sent = False  # It surely was not taken: send it again later.
            self.trpay_times_sent -= 1
            is_short = getattr(error, "reason", None) is Reason.BALANCE_TOO_LOW
            if is_short and not self.trpay_is_told:
                self.trpay_is_told = True
                self._trpay_alert_of_answer(said)

    def _trpay_fail_errand(self, reason):
        self._set_error(reason)
        self.trpay_next_inquiry = False
        if self.operation == "refund" and self.trpay_times_sent > 1:
            self._trpay_root()._trpay_compare_soon()  # Its first sending may have arrived.
        self._trpay_alert_of_answer(reason)

    def _trpay_note_taken(self, outcome):
        """The PSP has it: only ask from now on. What it did in part, a person is told at once."""
        self.trpay_is_taken = True
        if outcome.reason is not Reason.REFUND_IN_PART:
            return
        tx = self._trpay_for_staff()
        wanted = self.currency_id.format(abs(self.amount))
        if outcome.amount:
            part = self.currency_id.format(float(outcome.amount.major))
            text = tx.env._(
                "%(provider)s gave back only %(part)s of %(wanted)s. It is asked about the rest.",
                provider=self.provider_id.name,
                part=part,
                wanted=wanted,
            )
        else:
            text = tx.env._(
                "%(provider)s gave back only a part of %(wanted)s, and does not tell how much. Look"
                " it up in its panel.",
                provider=self.provider_id.name,
                wanted=wanted,
            )
        tx._trpay_alert_of_answer(text)

    def _trpay_alert_of_answer(self, text):
        """Tell staff what the PSP said, of which amount, and what it is for.

        :param str text: In the language of the person who is told.
        """
        payment = self.source_transaction_id or self
        paid_for = [*payment._trpay_documents(), *payment._deposit_document()]
        about = [
            self.currency_id.format(abs(self.amount)),
            *(document._get_html_link() for document in paid_for),
        ]
        self._trpay_alert(Markup("%s (%s)") % (text, Markup(", ").join(about)))

    def _trpay_commit(self):
        """End the database transaction before a PSP is contacted.

        What is about to be asked must be on record if the process dies, and no row may stay locked
        while the PSP thinks.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit
        self.env.invalidate_all()

    # === ACTION METHODS === #

    def action_trpay_inquire(self):
        """Ask the PSP now and tell what it said."""
        self.ensure_one()
        payment_utils.check_rights_on_recordset(self)
        tx_sudo = self.sudo()
        if tx_sudo.state == "done":
            tx_sudo._trpay_ask_for_statement()
            agrees = self.env._("%s says the same as the books.", self.provider_id.name)
            return notice.tell(tx_sudo.trpay_difference or agrees)
        outcome = tx_sudo._trpay_find_out()
        if not outcome:
            message = tx_sudo.trpay_provider_message or self.env._("There is nothing to ask.")
        elif outcome.state is State.UNKNOWN:
            message = self.env._(
                "%s has no successful payment with this reference (yet).",
                self.provider_id.name,
            )
        elif tx_sudo.trpay_review_reason:
            message = tx_sudo.trpay_review_reason
        else:
            message = self.env._(
                "%(provider)s says: %(state)s",
                provider=tx_sudo.provider_id.name,
                state=dict(self._fields["state"]._description_selection(self.env))[self.state],
            )
        return notice.tell(message)
