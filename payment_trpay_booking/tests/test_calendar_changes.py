from contextlib import closing
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.payment_trpay.gateways.base import Money, Outcome, State

from .test_book_page import PageCommon

CHANGES = (
    "leave",
    "closed",
    "chair taken out",
    "chair archived",
    "combination archived",
    "service archived",
    "calendar replaced",
)
CLOSED = ("leave", "closed", "calendar replaced")


@tagged("post_install", "-at_install")
class TestCalendarChanges(PageCommon):
    """What was booked stands, whatever the calendar says later; only a new time must fit it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = new_test_user(
            cls.env, "keeper", "base.group_user,resource_booking.group_manager"
        )
        cls.policy.balance_hours = 24

    def _change(self, change):
        """Close the day of the first free slots, or the chair, or the service."""
        match change:
            case "leave":
                day = self._slot().replace(tzinfo=None)
                self.env["resource.calendar.leaves"].create(
                    {
                        "calendar_id": self.calendar.id,
                        "company_id": self.company.id,
                        "date_from": day - timedelta(hours=8),
                        "date_to": day + timedelta(hours=16),
                    }
                )
            case "closed":
                self.calendar.attendance_ids.unlink()
            case "chair taken out":
                self.service.combination_rel_ids.unlink()
            case "chair archived":
                self.combinations[0].resource_ids.active = False
            case "combination archived":
                self.combinations[0].active = False
            case "service archived":
                self.service.active = False
            case "calendar replaced":
                self.service.resource_calendar_id = self.calendar.copy()
                self.service.resource_calendar_id.attendance_ids.unlink()
        self.env.flush_all()
        self.env.invalidate_all()

    def _each_change(self, make=None, changes=CHANGES):
        """Yield an appointment after each change. What is done to it is undone."""
        for change in changes:
            with self.subTest(change), closing(self.env.cr.savepoint()):
                booking = (make or self._booked_and_paid)()
                place = self._place(booking)
                self._change(change)
                yield booking
                self.env.flush_all()
                if booking.meeting_id:
                    self.assertEqual(self._place(booking), place)

    def _place(self, booking):
        return booking.start, booking.stop, booking.combination_id, booking.meeting_id

    def _open(self, booking, suffix="", **query):
        url = f"/book/appointment/{booking.id}{suffix}"
        return self._get(url, access_token=booking._portal_ensure_token(), **query)

    def _assert_given_back(self, booking, amount):
        """All the way: the refund is sent, and the provider says that it was made."""
        booking._deposit_give_back()
        refund = booking.deposit_transaction_ids.filtered(lambda tx: tx.operation == "refund")
        self.assertEqual((refund.amount, booking.deposit_state), (-amount, "refunding"))
        refund._trpay_settle(Outcome(state=State.PAID, charged=Money(amount * 100, "TRY")))
        refund._post_process()
        self.assertEqual((booking.deposit_state, booking.deposit_paid), ("refunded", 0))

    # === CANCELED, MISSED, GIVEN BACK === #

    def test_the_customer_cancels_and_gets_the_deposit_back(self):
        for booking in self._each_change():
            page = self._post(self._open(booking, "/cancel"))
            self.assertEqual(page.status_code, 200)
            self.assertIn("canceled", self._text(page))
            self.assertEqual((booking.deposit_stage, booking.state), ("canceled", "canceled"))
            self.assertFalse(booking.meeting_id)
            self._assert_given_back(booking, 300)

    def test_staff_cancel_by_the_terms(self):
        for booking in self._each_change():
            with freeze_time(booking.start - timedelta(hours=30)):
                booking.with_user(self.keeper).action_cancel()
                self.assertEqual(booking.deposit_refund_due, 150)

    def test_staff_cancel_and_give_all_back(self):
        for booking in self._each_change():
            with freeze_time(booking.start - timedelta(hours=3)):
                booking.with_user(self.keeper).action_cancel_and_refund()
            self.assertEqual((booking.deposit_stage, booking.state), ("canceled", "canceled"))
            self._assert_given_back(booking, 300)

    def test_a_customer_who_does_not_come(self):
        for booking in self._each_change():
            with freeze_time(booking.start + timedelta(minutes=10)):
                booking.with_user(self.keeper).action_no_show()
                self.env.flush_all()
            self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("no_show", 0))

    # === PAID === #

    def test_a_held_time_is_confirmed_by_its_deposit(self):
        for booking in self._each_change(self._book):
            self._clear(self._start_payment(booking))
            self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def test_a_held_time_is_freed_if_nobody_pays(self):
        for booking in self._each_change(self._book):
            self._expire(booking)
            self.assertEqual((booking.deposit_stage, booking.state), ("released", "pending"))

    def test_the_balance_is_asked_for_and_paid(self):
        for booking in self._each_change():
            with freeze_time(booking.start - timedelta(hours=20)):
                booking._deposit_remind()
            self.assertFalse(booking.deposit_reminder)
            self._clear(self._start_payment(booking, "balance"))
            self.assertEqual((booking.deposit_paid, booking.deposit_balance), (1000, 0))

    def test_late_money_for_a_time_at_which_it_is_closed_now_is_given_back(self):
        def release():
            booking = self._book()
            self.tx = self._start_payment(booking)
            self._expire(booking)
            return booking

        for booking in self._each_change(release, changes=("leave", "closed", "service archived")):
            self._clear(self.tx)
            self.assertEqual(booking.deposit_stage, "released")
            self.assertIn("too late", self.tx.trpay_activity_id.note)
            self._assert_given_back(booking, 300)

    # === READ AND WRITTEN === #

    def test_the_customer_reads_every_page(self):
        for make in (self._book, self._booked_and_paid):
            for booking in self._each_change(make):
                stage = booking.deposit_stage
                for suffix in ("", "/cancel", "/move"):
                    self.assertTrue(self._text(self._open(booking, suffix)))
                self._open(booking, pay="balance")
                if stage == "confirmed":
                    self._open(booking, "/calendar")
                self.assertEqual(booking.deposit_stage, stage)

    def test_staff_rename_assign_and_write_notes(self):
        for booking in self._each_change():
            kept = booking.with_user(self.keeper)
            kept.write({"name": "Root canal", "user_id": self.keeper.id})
            kept.description = "Bring the X-ray"
            kept.location = "Room 2"
            kept.message_post(body="Called her")
            kept.meeting_id.name = "Root canal, again"
            kept.partner_ids += self.partner
            self.env.flush_all()
            self.assertEqual((booking.name, booking.state), ("Root canal", "confirmed"))
            self.assertEqual(booking.meeting_id.location, "Room 2")

    # === A NEW TIME === #

    def test_the_customer_moves_it_to_where_it_is_open(self):
        booking = self._booked_and_paid()
        self._change("leave")
        slot = self._slot(days=11)
        page = self._open(booking, "/move", start=slot.isoformat())
        self.assertEqual(self._post(page).status_code, 200)
        self.assertEqual(booking.start, slot.replace(tzinfo=None))
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def _moves(self, booking):
        """All roads to half an hour later, by name."""
        start, later = booking.start, timedelta(minutes=30)
        others = {
            "type_id": self.service.id,
            "partner_ids": [(6, 0, self.partner.ids)],
            "start": start + later,
            "combination_id": self.combinations[0].id,
            "combination_auto_assign": False,
        }
        times = {"start": start + later, "stop": start + 2 * later}
        return {
            "the booking": lambda: booking.write({"start": start + later}),
            "its length": lambda: booking.write({"duration": 1}),
            "the meeting": lambda: booking.meeting_id.write(times),
            "somebody else's": lambda: self.env["resource.booking"].create(others),
        }

    def test_a_new_time_must_fit(self):
        for booking in self._each_change(changes=CLOSED):
            for which, move in self._moves(booking).items():
                refused = self.assertRaises(ValidationError)
                with self.subTest(which), refused, self.env.cr.savepoint():
                    move()
                    self.env.flush_all()
            slot = fields.Datetime.context_timestamp(booking, booking.start + timedelta(minutes=30))
            with self.assertRaises(UserError):
                booking._reschedule(slot)

    def test_no_browser_says_which_time_needs_no_check(self):
        booking, other = self._booked_and_paid(), self._book(self._slot())
        sent = {"taken_bookings": [other.id], "taken_booking_ids": [other.id]}
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            other.with_context(**sent).start = booking.start
            self.env.flush_all()

    def test_nobody_gets_the_time_of_an_appointment_that_stands(self):
        booking = self._booked_and_paid()
        other = self._book(self._slot())
        booking.description = "Bring the X-ray"
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            other.start = booking.start
            self.env.flush_all()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            other.meeting_id.write({"start": booking.start, "stop": booking.stop})

    def test_what_is_not_confirmed_yet_must_fit_to_be(self):
        """As `resource_booking` has it, for appointments without a deposit."""
        booking = self.env["resource.booking"].create(
            {
                "type_id": self.service.id,
                "partner_ids": [(6, 0, self.partner.ids)],
                "start": self._slot().replace(tzinfo=None),
            }
        )
        self._change("closed")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            booking.action_confirm()
            self.env.flush_all()

    def test_what_somebody_else_cannot_have_says_nothing_about_an_appointment(self):
        """A failure of what was not written yet is not one of what is tried next."""

        def released():
            booking = self._book()
            self._expire(booking)
            return booking

        plain = self.env["resource.booking"].create(
            {
                "type_id": self.service.id,
                "partner_ids": [(6, 0, self.partner.ids)],
                "start": self._slot(4).replace(tzinfo=None),
            }
        )
        booking, paid = self._book(), self._booked_and_paid()
        lost = released()
        self._change("closed")
        for act in (
            booking._deposit_confirm_now,
            lost._deposit_can_be_had,
            paid.deposit_transaction_ids._deposit_try_to_process,
        ):
            with self.subTest(act), self.assertRaises(ValidationError), self.env.cr.savepoint():
                plain.action_confirm()
                act()
        self.assertFalse(paid.deposit_transaction_ids.trpay_activity_id)
