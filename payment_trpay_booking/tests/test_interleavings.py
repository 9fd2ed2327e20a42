from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_trpay.gateways.base import Money, Outcome, Reason, State

from .common import NOW, BookingCommon

OPEN = ("draft", "pending")
WORDS = ("held", "confirmed")


class Appointments(RuleBasedStateMachine):
    """Customers, the provider, staff and the clock, in any order, about three slots.

    The provider's own book is kept here: what it took and gave back, whatever Odoo believes.
    """

    test: BookingCommon

    def __init__(self):
        super().__init__()
        self.savepoint = self.test.env.cr.savepoint()
        self.now = NOW
        self.clock = freeze_time(self.now)
        self.clock.start()
        self.slots = [self.test._slot(number) for number in range(3)]
        self.bookings = []
        self.payments = []
        self.taken, self.returned = {}, {}

    def teardown(self):
        self.finish()
        self.clock.stop()
        self.test.env.invalidate_all(flush=False)
        self.savepoint.close(rollback=True)

    # === CUSTOMERS === #

    @rule(number=st.integers(0, 2))
    def book(self, number):
        with suppress(UserError), self.test.env.cr.savepoint():  # It may be taken.
            self.bookings.append(self.test._book(self.slots[number]))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), purpose=st.sampled_from(("deposit", "full", "balance")))
    def pay(self, data, purpose):
        booking = data.draw(st.sampled_from(self.bookings))
        with suppress(UserError), self.test.env.cr.savepoint():  # Gone, over or canceled.
            booking._deposit_renew()
            if purpose in booking._deposit_payable():
                self.payments.append(self.test._start_payment(booking, purpose))

    @precondition(lambda self: self.bookings)
    @rule(data=st.data(), number=st.integers(0, 2))
    def reschedule(self, data, number):
        booking = data.draw(st.sampled_from(self.bookings))
        with suppress(UserError), self.test.env.cr.savepoint():
            booking._reschedule(self.slots[number])

    @precondition(lambda self: self.bookings)
    @rule(data=st.data())
    def cancel(self, data):
        data.draw(st.sampled_from(self.bookings)).action_cancel()

    # === THE PROVIDER === #

    @precondition(lambda self: self._open())
    @rule(data=st.data(), share=st.sampled_from((1, 1, 0.4)))
    def clear(self, data, share):
        tx = data.draw(st.sampled_from(self._open()))
        tx.amount *= share  # The desk saw less of a bank transfer.
        self.taken[tx] = tx.amount
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(round(tx.amount * 100), "TRY")))

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def fail(self, data):
        tx = data.draw(st.sampled_from(self._open()))
        tx._trpay_settle(Outcome(state=State.FAILED, reason=Reason.BANK_REFUSED))

    @precondition(lambda self: self._open())
    @rule(data=st.data())
    def be_slow(self, data):
        data.draw(st.sampled_from(self._open()))._set_pending()

    @rule()
    def return_money(self):
        for tx in self._refunds():
            if tx.state == "pending":
                self.returned[tx] = -tx.amount
                tx._set_done()

    # === CLOCK AND CRONS === #

    @rule(minutes=st.sampled_from((1, 10, 30, 60 * 50)))
    def wait(self, minutes):
        self.clock.stop()
        self.now += timedelta(minutes=minutes)
        self.clock = freeze_time(self.now)
        self.clock.start()

    @rule()
    def post_process(self):
        transactions = self.payments + list(self._refunds())
        for tx in transactions:
            if not tx.is_post_processed and tx.state not in OPEN:
                tx._post_process()

    @rule()
    def run_cron(self):
        for booking in self.bookings:
            if booking.deposit_stage == "held" and booking._deposit_is_overdue():
                booking._deposit_expire()
            if booking.deposit_refund_due:
                booking._deposit_give_back()

    # === WHAT MUST HOLD === #

    @invariant()
    def a_slot_belongs_to_one(self):
        starts = [booking.start for booking in self.bookings if booking.meeting_id]
        self.test.assertEqual(len(starts), len(set(starts)))

    @invariant()
    def what_is_promised_has_its_slot(self):
        for booking in self.bookings:
            has_slot = bool(booking.meeting_id)
            self.test.assertEqual(has_slot, booking.deposit_stage in WORDS, booking.deposit_stage)

    @invariant()
    def nobody_gets_back_more_than_was_paid(self):
        for booking in self.bookings:
            taken, returned = self._books(booking)
            promised = returned + booking.deposit_refund_due + booking._deposit_refunded("pending")
            self.test.assertLessEqual(promised, taken + 0.001)

    def finish(self):
        """Let everything come to an end: then both books agree, and nothing is kept unjustly."""
        for _round in range(3):
            self.post_process()
            self.run_cron()
            self.return_money()
        for booking in self.bookings:
            taken, returned = self._books(booking)
            self.test.assertAlmostEqual(booking.deposit_paid, taken - returned)
            if booking.deposit_stage == "released":
                self.test.assertAlmostEqual(taken, returned)
            if booking.deposit_stage == "canceled":
                self.test.assertLessEqual(taken - returned, booking.deposit_amount)
            if booking.deposit_stage == "confirmed":
                self.test.assertGreaterEqual(taken, booking.deposit_amount)

    def _books(self, booking):
        taken = sum(amount for tx, amount in self.taken.items() if tx.deposit_res_id == booking.id)
        returned = sum(
            amount for tx, amount in self.returned.items() if tx.deposit_res_id == booking.id
        )
        return taken, returned

    def _open(self):
        return [tx for tx in self.payments if tx.state in OPEN]

    def _refunds(self):
        refunds = self.test.env["payment.transaction"]
        for tx in self.payments:
            refunds |= tx.child_transaction_ids
        return refunds


@tagged("post_install", "-at_install")
class TestInterleavings(BookingCommon):
    @mute_logger("odoo.addons.payment_trpay.models.deposit_mixin")
    def test_in_any_order_slots_and_money_are_where_they_belong(self):
        machine = type("Machine", (Appointments,), {"test": self})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=25,
                stateful_step_count=15,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],  # To shrink a failure takes longer than to read it.
                suppress_health_check=list(HealthCheck),
            ),
        )
