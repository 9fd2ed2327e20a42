"""What was booked is canceled, or the customer did not come: what is given back."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .. import const


class DepositMixin(models.AbstractModel):
    _inherit = "deposit.mixin"

    def _deposit_quote(self, percent=None):
        """What a cancellation at this moment gives back and keeps.

        :param float percent: How much of the deposit is given back; by default as the terms say.
                              What was paid above the deposit is given back in any case.
        :return: The two amounts.
        :rtype: tuple[float, float]
        """
        self.ensure_one()
        if percent is None:
            percent = self._deposit_refund_percent()
        percent = min(max(percent, 0), 100)
        paid = self._deposit_at_hand()
        kept = self.deposit_currency_id.round(
            min(paid, self.deposit_amount) * (100 - percent) / 100
        )
        return self.deposit_currency_id.round(paid - kept), kept

    def _deposit_refund_percent(self):
        if self.deposit_stage == "no_show":
            return 0
        if self.deposit_stage != "confirmed":
            return 100  # What was never confirmed was not canceled either.
        begins = self._deposit_begins()
        if not begins:
            return 100
        notice = self._deposit_notice()
        tiers = self.deposit_terms.get("tiers", [])
        percent = next((percent for hours, percent in tiers if notice >= hours), 0)
        return min(percent, self.deposit_refund_cap)

    def _deposit_notice(self):
        """How many hours there are until it begins, as far as the customer is concerned."""
        begins = self._deposit_begins() or fields.Datetime.now()
        if self.deposit_stage == "confirmed":
            begins = max(begins, self.deposit_agreed_begin or begins)
        return (begins - fields.Datetime.now()) / timedelta(hours=1)

    def _deposit_agree(self):
        """The customer chose when it begins."""
        self._deposit_write({"deposit_agreed_begin": self._deposit_begins()})

    def _deposit_remember_notice(self):
        """What was booked is moved: that must not be a way to get back more."""
        self._deposit_write({"deposit_refund_cap": self._deposit_refund_percent()})

    def _deposit_cancel(self, percent=None):
        """What was booked is canceled: give back what is due, once.

        :param float percent: See `_deposit_quote`.
        """
        self.check_access("write")
        self._deposit_lock()
        if self.deposit_stage == "canceled":
            return
        give_back, _kept = self._deposit_quote(percent)
        self._deposit_end("canceled", give_back)
        self._deposit_say("canceled")

    def _deposit_miss(self):
        """The customer did not come: keep what the terms say, and give back what is above it."""
        self.check_access("write")
        self._deposit_lock()
        if self.deposit_stage != "confirmed":
            raise UserError(self.env._("Only a confirmed booking can be a no-show."))
        self._deposit_write({"deposit_stage": "no_show"})
        self._deposit_end("no_show", self._deposit_at_hand() - self._deposit_owed())

    def _deposit_end(self, stage, give_back):
        due = self.deposit_refund_due + max(give_back, 0)
        self._deposit_write(
            {"deposit_stage": stage, "deposit_deadline": False, "deposit_refund_due": due}
        )
        if due:
            self.env["ir.cron"]._trpay_wake("payment_trpay.cron_deposits")
        recurring_sudo = self.env["trpay.recurring"].sudo()
        for running in recurring_sudo.search(recurring_sudo._runs_for(self._name, self.id)):
            running._trpay_inquire_soon()  # It pauses what takes more than is owed by now.

    def _deposit_give_back(self):
        """Give back what is due, beginning with the newest payment.

        One refund in a database transaction: what was sent is on record whatever comes next. What
        a provider cannot give back becomes a task for staff, not silence.
        """
        self._deposit_lock()
        due = self.deposit_refund_due
        for tx in self._deposit_payments().sorted("id", reverse=True):
            share = min(due, tx._trpay_amount_left()) if tx.state in const.SETTLED else 0
            if self.deposit_currency_id.compare_amounts(share, 0) > 0:
                self._deposit_write({"deposit_refund_due": due - share})
                self.env["ir.cron"]._trpay_wake("payment_trpay.cron_deposits")
                if tx._deposit_refund(share):
                    self._deposit_say("refund_started", share)
                return
        self._deposit_write({"deposit_refund_due": 0})
