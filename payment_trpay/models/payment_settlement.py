"""How a payment becomes true: every road ends in one routine, under the row's lock."""

import logging

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.payment import utils as payment_utils

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import Reason, State
from . import rows

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === BUSINESS METHODS - PROCESSING === #

    def _trpay_lock(self):
        rows.take(self)

    def _trpay_settle(self, outcome):
        """Make true what the PSP proved or answered. Every road ends here.

        Truth only moves forward: repeats change nothing, a success is believed after a failure, a
        failure is not believed after a success, and what does not fit is parked for a person.

        :param Outcome outcome: What happened.
        :return: Whether the state of the transaction changed.
        :rtype: bool
        """
        if self.state == "done":
            _logger.info("%s: %s changes nothing any more", self.reference, outcome.state)
            return False  # Without the lock, which would disturb the post-processing.
        self._trpay_lock()
        before = self.state
        if outcome.state is not State.UNKNOWN:
            self._process(self.provider_code, {"outcome": outcome})
        if self.state == before:
            return False
        if self.state in const.SETTLED:
            self.trpay_next_inquiry = False
        if self.state == "authorized":
            self._trpay_plan_inquiry()
        self.env["ir.cron"]._trpay_wake("payment.cron_post_process_payment_tx")
        return True

    def _extract_amount_data(self, payment_data):
        """Override of `payment` to skip its amount check: what does not fit is parked instead."""
        if not self._is_trpay():
            return super()._extract_amount_data(payment_data)
        return None

    def _apply_updates(self, payment_data):
        """Override of `payment` to update the transaction with an outcome of our gateways."""
        if not self._is_trpay():
            return super()._apply_updates(payment_data)

        outcome = payment_data["outcome"]
        if self.trpay_review_reason:
            _logger.info("%s: %s waits for a person", self.reference, outcome.state)
            return
        if outcome.refs and self.operation != "refund":
            self.trpay_refs = (self.trpay_refs or {}) | outcome.refs
        if self._trpay_was_captured(outcome):
            if not self._trpay_is_hold_ending():  # Else that capture has an answer of its own.
                self._trpay_take_in_capture(outcome)
            return
        if self._trpay_find_mismatch(outcome):
            self._trpay_park(self._trpay_for_staff()._trpay_find_mismatch(outcome))
            return
        self._trpay_record(outcome)
        if self.state == "authorized" and outcome.state in (State.FAILED, State.CANCELED):
            self._trpay_lose_hold()
        else:
            self._trpay_change_state(outcome)

    def _trpay_change_state(self, outcome):
        match outcome.state:
            case State.PENDING:
                self._set_pending()
            case State.AUTHORIZED:
                self._set_authorized(extra_allowed_states=("error", "cancel"))
            case State.PAID:
                self._set_done(extra_allowed_states=("cancel",))
                self._trpay_tell_if_not_reserved()
                if outcome.is_given_back:
                    self._trpay_compare_soon()
                    self._trpay_tell_that_it_went_back()
            case State.FAILED:
                self._set_error(self._trpay_sentence(outcome))
            case State.CANCELED:
                self._set_canceled(self._trpay_sentence(outcome) if outcome.reason else None)

    def _trpay_record(self, outcome):
        values = {}
        if outcome.charged and self.operation != "refund":
            surcharge = outcome.charged.minor - self._trpay_money(self.amount).minor
            values["trpay_surcharge"] = payment_utils.to_major_currency_units(
                surcharge, self.currency_id
            )
        if outcome.fee:
            values["trpay_fee"] = float(outcome.fee.major)
        if outcome.settles_on:
            values["trpay_settles_on"] = outcome.settles_on
        if outcome.installments:
            values["trpay_installments"] = outcome.installments
        if outcome.card.number:
            values["trpay_card_number"] = outcome.card.number
        if outcome.psp_reference:
            values["provider_reference"] = outcome.psp_reference
        if outcome.text or outcome.state is State.PAID:
            said = " ".join(filter(None, (outcome.code and f"[{outcome.code}]", outcome.text)))
            if outcome.state is State.PENDING and outcome.reason:
                env = self._trpay_for_staff().env
                said = f"{env._(const.REASONS[outcome.reason])} ({said})"
            values["trpay_provider_message"] = said
        if outcome.card.brand and self.operation != "refund":
            brand = self.env["payment.method"]._get_from_code(outcome.card.brand)
            values["payment_method_id"] = (brand or self.payment_method_id).id
        if values:
            self.write(values)

    def _trpay_sentence(self, outcome):
        """Why a payment failed, in the language that the customer paid in."""
        env = self.with_context(lang=self.partner_lang or self.env.lang).env
        reason = outcome.reason or Reason.BANK_REFUSED
        if reason not in const.CUSTOMER_REASONS:
            reason = Reason.TECHNICAL
        sentence = env._(const.CUSTOMER_REASONS[reason])
        if outcome.reason is Reason.BANK_REFUSED and outcome.text:
            return f"{sentence} ({outcome.text})"
        return sentence

    def _trpay_find_mismatch(self, outcome):
        """What keeps a success from being this transaction's; empty if nothing does."""
        if outcome.state not in (State.PAID, State.AUTHORIZED):
            return ""
        expected = self._trpay_money(abs(self.amount))
        if outcome.state is State.AUTHORIZED and not self._trpay_order().hold:
            return self.env._(
                "%s only reserved the amount, though it was to be collected. Somebody may have"
                " tampered with the payment: no money came.",
                self.provider_id.name,
            )
        if outcome.amount and outcome.amount != expected:
            return self.env._(
                "%(provider)s says the order is of %(amount)s, not %(expected)s.",
                provider=self.provider_id.name,
                amount=outcome.amount,
                expected=expected,
            )
        if outcome.charged and (
            outcome.charged.currency != expected.currency or outcome.charged < expected
        ):
            return self.env._(
                "%(provider)s says %(charged)s was charged, not %(expected)s.",
                provider=self.provider_id.name,
                charged=outcome.charged,
                expected=expected,
            )
        if outcome.test and self.is_live:
            return self.env._(
                "%(provider)s says this was a test payment, so no money was moved. Is the store"
                " still in test mode?",
                provider=self.provider_id.name,
            )
        return ""

    def _trpay_was_captured(self, outcome):
        """Whether what is reserved here, or a part of it, is collected by now."""
        is_collected = self.state == "authorized" and outcome.state is State.PAID
        reserved = self._trpay_money(self.amount)
        return is_collected and (not outcome.amount or outcome.amount <= reserved)

    def _trpay_tell_if_not_reserved(self):
        """Tell staff that money was collected that was only to be reserved."""
        if self.source_transaction_id or not self._trpay_order().hold:
            return
        tx = self._trpay_for_staff()
        tx._trpay_alert_of_answer(
            tx.env._(
                "%(amount)s was to be reserved only, but %(provider)s collected it at once. Refund"
                " it if you do not want it, and ask %(provider)s whether your agreement covers"
                " reservations.",
                amount=self.currency_id.format(self.amount),
                provider=self.provider_id.name,
            )
        )

    def _trpay_tell_that_it_went_back(self):
        """Tell staff of a payment that confirms something although its money went back."""
        tx = self._trpay_for_staff()
        tx._trpay_alert_of_answer(
            tx.env._(
                "It was paid, but %(provider)s gave back some or all of it before this was known"
                " here. See whether what it was for still stands.",
                provider=self.provider_id.name,
            )
        )

    def _trpay_lose_hold(self):
        """What was reserved is so no more, and nobody here let go of it."""
        tx = self._trpay_for_staff()
        ended = tx.env._("The reservation ended at the provider before it was captured.")
        tx._set_canceled(ended)
        tx._trpay_alert_of_answer(ended)

    def _trpay_park(self, reason):
        """Money may be there, but not as agreed: keep the transaction for a person to decide."""
        self._set_pending(extra_allowed_states=("error", "cancel", "authorized"))
        self.write({"trpay_review_reason": reason, "trpay_next_inquiry": False})
        self._trpay_alert(reason)

    # === BUSINESS METHODS - REVIEW === #

    def action_trpay_accept(self):
        """A person decided: the parked payment counts as paid."""
        self._trpay_decide(lambda tx: tx._trpay_accept())

    def action_trpay_reject(self):
        """A person decided: the parked payment does not count."""
        self._trpay_decide(lambda tx: tx._trpay_reject())

    def _trpay_accept(self):
        return self._set_done()

    def _trpay_reject(self):
        return self._set_canceled(self.env._("The payment was reviewed and not accepted."))

    def _trpay_decide(self, decide):
        payment_utils.check_rights_on_recordset(self)
        for tx in self.sudo():
            tx._trpay_lock()
            if not tx.trpay_review_reason:
                raise UserError(self.env._("Only a payment under review can be decided."))
            decide(tx)
            tx._trpay_close_review()
        self.env["ir.cron"]._trpay_wake("payment.cron_post_process_payment_tx")

    def _trpay_close_review(self, feedback=None):
        """Nothing is left for a person to do.

        :param str feedback: Why; by default because the user decided.
        """
        self.trpay_activity_id.action_feedback(
            feedback=feedback or self.env._("Decided by %s", self.env.user.name)
        )
        self.write({"trpay_review_reason": False, "trpay_activity_id": False})

    # === BUSINESS METHODS - POST-PROCESSING === #

    def _post_process(self):
        """Override of `payment` to book anew what comes after all.

        Core cancels the payment of a stored card that is not charged at once.
        """
        for tx in self:
            if tx._is_trpay() and tx.state == "done" and tx._trpay_is_payment_canceled():
                tx.payment_id = False
        return super()._post_process()

    def _trpay_is_payment_canceled(self):
        return "payment_id" in self._fields and self.payment_id.state == "canceled"

    def _cron_post_process(self):
        """Override of `payment` to come back soon for what had to be put off.

        Whoever touches the order or the payment meanwhile undoes the post-processing; core would
        try again in ten minutes only.
        """
        result = super()._cron_post_process()
        now = fields.Datetime.now()
        if self.search_count(
            [
                ("provider_code", "in", list(GATEWAYS)),
                ("is_post_processed", "=", False),
                ("state", "not in", ["draft", "pending"]),
                ("last_state_change", ">", now - const.POST_PROCESSING_PATIENCE),
            ],
            limit=1,
        ):
            cron = self.env.ref("payment.cron_post_process_payment_tx")
            cron._trigger(at=now + const.POST_PROCESSING_TIME)
        return result

    def _trpay_is_being_post_processed(self):
        """Whether the cron that the settlement woke may be at work on this transaction.

        If the status page did the same work at once, one of the two would have to throw it away.
        """
        return (
            not self.is_post_processed
            and self.state not in ("draft", "pending")
            and fields.Datetime.now() - self.last_state_change < const.POST_PROCESSING_TIME
        )
