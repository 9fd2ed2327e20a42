"""How long what was booked is held for a deposit that is not there yet."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from .. import const


class DepositMixin(models.AbstractModel):
    _inherit = "deposit.mixin"

    def _deposit_hold(self):
        """Freeze the terms, and hold what was booked for as long as they give time to pay.

        Where nothing is to be paid in advance it is confirmed at once.
        """
        self.ensure_one()
        self.check_access("write")
        price = self._deposit_total()
        terms = self._deposit_policy()._freeze(price, self.deposit_currency_id)
        now = fields.Datetime.now()
        self._deposit_write(
            {
                "deposit_terms": terms,
                "deposit_price": price,
                "deposit_amount": terms["deposit"],
                "deposit_stage": "held",
                "deposit_held_since": now,
                "deposit_deadline": self._deposit_bound(
                    now + timedelta(minutes=terms.get("hold_minutes", 0))
                ),
                "deposit_refund_cap": 100,
            }
        )
        if self._deposit_missing():
            self._deposit_say("held")
        else:
            self._deposit_confirm_now()

    def _deposit_bound(self, deadline):
        begins = self._deposit_begins()
        return min(deadline, begins) if begins else deadline

    def _deposit_renew(self):
        """Give a customer who begins to pay the whole time for it, but not for ever.

        :raise UserError: If there is nothing to pay any more.
        """
        self._deposit_lock()
        now = fields.Datetime.now()
        if self.deposit_stage in ("confirmed", "no_show"):
            return
        if self.deposit_stage == "released":
            self._deposit_take()
            self._deposit_write({"deposit_stage": "held", "deposit_held_since": now})
        if self.deposit_stage != "held":
            raise UserError(self.env._("This booking was canceled."))
        minutes = timedelta(minutes=self.deposit_terms["hold_minutes"])
        last = self.deposit_held_since + const.HOLD_RENEWALS * minutes
        deadline = self._deposit_bound(min(now + minutes, last))
        deadline = max(deadline, self.deposit_deadline or deadline)
        if deadline - now < const.HOLD_SHORTEST:
            raise UserError(self.env._("The time to pay is over. Please book again."))
        self._deposit_write({"deposit_deadline": deadline})

    def _deposit_can_be_had(self):
        """Whether what was booked is still the customer's, or free. To ask changes nothing.

        :rtype: bool
        """
        if self.deposit_stage != "released":
            return self.deposit_stage != "canceled"
        savepoint = self.env.cr.savepoint()  # Here, for what came before has errors of its own.
        try:
            with savepoint:
                self._deposit_renew()
                savepoint.rollback()
        except (UserError, ValidationError):
            return False
        return True

    def _deposit_take_again(self):
        """Hold anew what was released and can be had: its customer pays now."""
        if self.deposit_stage == "released":
            self._deposit_renew()

    def _deposit_stretch(self):
        """A payment is on its way: hold on until it can be there.

        Once only, for to say that one pays is easy; a part that is there gives time for the rest.
        """
        self.ensure_one()
        if self.deposit_stage == "held":
            now, hours = fields.Datetime.now(), self.deposit_terms["pending_hours"]
            minutes = const.HOLD_RENEWALS * self.deposit_terms["hold_minutes"]
            last = self.deposit_held_since + timedelta(hours=hours, minutes=minutes)
            deadline = now + timedelta(hours=hours)
            if not self._deposit_at_hand():
                deadline = min(deadline, last)
            deadline = self._deposit_bound(deadline)
            self._deposit_write({"deposit_deadline": max(deadline, self.deposit_deadline)})

    def _deposit_expire(self):
        """Release what was not paid in time, unless money may still be on its way.

        The customer has a little longer than they are told, and the provider is asked before.
        """
        self.ensure_one()
        if self._deposit_may_still_clear():
            return
        self._deposit_lock()
        for tx in self.deposit_transaction_ids:
            if (
                tx.state in const.SETTLED
                and not tx.is_post_processed
                and not tx._deposit_try_to_process()
            ):
                return
        if self.deposit_stage != "held" or not self._deposit_is_overdue():
            return
        if part := self._deposit_at_hand():
            self._deposit_receive_late(
                self._deposit_payments().filtered(lambda tx: tx.state in const.SETTLED)[:1], part
            )
        else:
            self._deposit_release()
            self._deposit_write({"deposit_stage": "released", "deposit_deadline": False})
            self._deposit_say("released")

    def _deposit_may_still_clear(self):
        """Whether a provider does not tell what became of a payment: that is never a failure.

        It is waited for as long as for a bank transfer; what comes later is late money.
        """
        last = self.deposit_held_since + timedelta(hours=self.deposit_terms["pending_hours"])
        return fields.Datetime.now() < last and any(
            not tx._deposit_find_out()
            for tx in self.deposit_transaction_ids
            if tx._deposit_is_open()
        )

    def _deposit_is_overdue(self):
        deadline = self.deposit_deadline
        return not deadline or deadline + const.HOLD_GRACE <= fields.Datetime.now()
