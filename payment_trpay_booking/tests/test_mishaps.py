from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_trpay.gateways.base import Money, Outcome, State

from .. import _uninstall
from .common import BookingCommon

ATTEMPT = "odoo.addons.payment_trpay.models.attempt"
DEPOSIT = "odoo.addons.payment_trpay.models.payment_deposit"


@tagged("post_install", "-at_install")
class TestMishaps(BookingCommon):
    """Whatever goes wrong around it: money and times are where they belong, and somebody knows."""

    # === MONEY === #

    def test_what_was_captured_counts_once_and_comes_back_once(self):
        self.dummy_provider.support_manual_capture = "partial"
        booking = self._book()
        tx = self._start_elsewhere(booking)
        tx._set_authorized()
        tx._post_process()
        self.assertEqual(booking.deposit_paid, 300)
        child = tx._create_child_transaction(300)
        child._set_done()
        self.assertEqual((tx.state, booking.deposit_paid), ("done", 300))
        booking.action_cancel()
        for _run in range(3):
            booking._deposit_give_back()
        refunds = booking.deposit_transaction_ids.filtered(lambda tx: tx.operation == "refund")
        self.assertEqual(refunds.mapped("amount"), [-300])

    def test_what_is_captured_after_all_is_not_received_again(self):
        self.dummy_provider.support_manual_capture = "partial"
        booking = self._book()
        tx = self._start_elsewhere(booking)
        tx._set_authorized()
        tx._post_process()
        with freeze_time(booking.start - timedelta(hours=3)):
            booking.action_cancel()  # Too late: the deposit is kept, and captured for that.
            child = tx._create_child_transaction(300)
            child._set_done()
            (tx + child)._post_process()
        self.assertEqual((booking.deposit_stage, booking.deposit_paid), ("canceled", 300))
        self.assertFalse(booking.deposit_refund_due)

    def test_a_refund_that_fails_at_once_makes_one_to_do(self):
        booking = self._book()
        tx = self._start_elsewhere(booking)
        tx._set_done()
        tx._post_process()
        booking.action_cancel()
        failure = ValidationError("no balance")
        with (
            patch.object(type(tx), "_deposit_can_refund", return_value=True),
            patch.object(type(tx), "_send_refund_request", side_effect=failure),
        ):
            booking._deposit_give_back()
        to_dos = booking.deposit_transaction_ids.trpay_activity_id
        self.assertEqual([to_do.note.count("no balance") for to_do in to_dos], [1])

    def test_a_refund_is_sent_once_though_the_customer_cannot_be_told(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        self.env.ref("payment_trpay_booking.mail_refund_started").unlink()
        with mute_logger(ATTEMPT):
            booking._deposit_give_back()
        self.assertEqual((booking.deposit_refund_due, booking.deposit_state), (0, "refunding"))

    def test_a_broken_mail_template_confirms_no_less(self):
        booking = self._book()
        self.env.ref("payment_trpay_booking.mail_confirmed").unlink()
        with mute_logger(ATTEMPT):
            self._clear(self._start_payment(booking))
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_no_cancellation_gives_back_more_than_everything(self):
        booking = self._booked_and_paid()
        booking.with_context(deposit_percent=1000).action_cancel()
        self.assertEqual(booking.deposit_refund_due, 300)

    def test_a_no_show_that_is_canceled_gives_nothing_back(self):
        booking = self._booked_and_paid()
        booking.action_no_show()
        booking.action_cancel()
        self.assertFalse(booking.deposit_refund_due)

    def test_money_that_nobody_owes_any_more_is_told_of(self):
        booking = self._booked_and_paid()
        balance = self._start_payment(booking, "balance")
        booking.action_no_show()
        self._clear(balance)
        self.assertIn("more than once", balance.trpay_activity_id.note)

    def test_the_books_refuse(self):
        booking = self._book()
        tx = self._start_payment(booking)
        refuse = patch.object(type(tx), "_create_payment", side_effect=UserError("no journal"))
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(30000, "TRY")))
        with refuse, self.assertRaises(UserError):
            tx._post_process()
        with refuse, mute_logger(DEPOSIT):
            self._expire(booking, hours=50)
            self._expire(booking, hours=51)
        self.assertEqual(booking.deposit_stage, "held")
        self.assertEqual(tx.trpay_activity_id.note.count("no journal"), 1)
        tx._post_process()
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_a_refund_that_fails_in_the_end_is_told_of(self):
        booking = self._book()
        tx = self._start_elsewhere(booking)
        tx._set_done()
        refund = tx._create_child_transaction(300, is_refund=True)
        refund._set_pending()
        refund._set_error("account closed")
        self.assertIn("account closed", refund.trpay_activity_id.note)

    def test_a_small_deposit_is_not_rounded_away(self):
        self.policy.rounding = 50
        self.assertEqual(self.policy._get_deposit(80, self.lira), 50)

    def test_a_credit_confirms_what_is_asked_for_again(self):
        self.policy.late_money = "credit"
        slot = self._slot()
        booking = self._book(slot)
        tx = self._start_payment(booking)
        self._expire(booking)
        self._book(slot, email="other@example.com")
        self._clear(tx)
        booking.start = self._slot(4).replace(tzinfo=None)
        booking.action_ask_for_deposit()
        self.assertEqual((booking.deposit_stage, booking.deposit_paid), ("confirmed", 300))

    def test_a_canceled_appointment_is_not_revived(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        with self.assertRaisesRegex(UserError, "new appointment"):
            booking.action_unarchive()

    def test_a_reservation_that_was_let_go_is_told_of(self):
        self.dummy_provider.support_manual_capture = "partial"
        booking, other = self._book(), self._book(self._slot(3))
        whole, part = self._start_elsewhere(booking), self._start_elsewhere(other)
        (whole + part)._set_authorized()
        (whole + part)._post_process()
        self.assertEqual((booking.deposit_stage, other.deposit_stage), ("confirmed", "confirmed"))
        whole._set_canceled()
        void = part._create_child_transaction(100)
        void._set_canceled()
        self.assertIn("300.00", whole.trpay_activity_id.note)
        self.assertIn("100.00", void.trpay_activity_id.note)
        self.assertEqual((booking.deposit_stage, other.deposit_paid), ("confirmed", 200))

    def test_an_attempt_that_was_given_up_after_all_is_paid_alarms_nobody(self):
        booking = self._book()
        attempt = self._start_elsewhere(booking)
        self._clear(self._start_payment(booking))
        attempt._set_canceled()
        self.assertFalse(attempt.trpay_activity_id)

    # === TIMES === #

    def test_staff_who_move_it_nearer_take_no_refund_away(self):
        booking = self._booked_and_paid(slot=self._slot(days=14))
        booking.start = self._slot(days=1).replace(tzinfo=None)
        self.assertEqual(booking._deposit_quote(), (300, 0))
        booking._reschedule(self._slot(days=2))
        self.assertEqual(booking._deposit_quote(), (300, 0))
        with freeze_time(booking.start - timedelta(hours=30)):
            self.assertEqual(booking._deposit_quote(), (150, 150))

    def test_late_money_for_what_is_not_offered_any_more_is_given_back(self):
        booking = self._book()
        tx = self._start_payment(booking)
        self._expire(booking)
        self.service.active = False
        self._clear(tx)
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("released", 300))

    def test_the_customer_is_not_who_sorts_first(self):
        booking = self._book()
        customer = booking.partner_id
        companion = self.env["res.partner"].create({"name": "Aaron", "email": "a@example.com"})
        booking.partner_ids += companion
        booking.invalidate_recordset()
        self.assertEqual(booking.partner_id, customer)
        booking.partner_ids -= customer
        self.assertEqual(booking.partner_id, companion)

    def test_to_say_that_one_pays_holds_a_time_only_once(self):
        booking = self._book(self._slot(days=30))
        drafts = [self._start_payment(booking) for _draft in range(6)]
        start = fields.Datetime.now()
        for number, tx in enumerate(drafts):
            with freeze_time(start + timedelta(hours=40 * number)):
                if booking.deposit_stage == "held":
                    tx._set_pending()
        self.assertLessEqual(booking.deposit_deadline, start + timedelta(hours=49))

    def test_who_paid_a_part_has_time_for_the_rest(self):
        booking = self._book()
        tx = self._start_payment(booking)
        tx.amount = 100
        with freeze_time(fields.Datetime.now() + timedelta(minutes=30)):
            self._clear(tx)
        with freeze_time(fields.Datetime.now() + timedelta(hours=20)):
            booking._deposit_renew()
            self.assertEqual(booking._deposit_payable()["deposit"], 200)

    def test_what_is_promised_is_not_archived(self):
        booking = self._book()
        with self.assertRaisesRegex(UserError, "Cancel it"):
            booking.action_archive()
        with self.assertRaises(UserError):
            booking.write({"active": False})
        booking.action_cancel()
        self.assertFalse(booking.active)

    def test_a_meeting_that_staff_move_takes_the_deposit_with_it(self):
        self.policy.balance_hours = 24
        booking = self._booked_and_paid()
        moved = booking.start + timedelta(days=7)
        booking.meeting_id.write({"start": moved, "stop": moved + timedelta(minutes=30)})
        self.assertEqual((booking.start, booking.deposit_slot), (moved, moved))
        self.assertEqual(booking.deposit_reminder, moved - timedelta(hours=24))

    def test_a_hold_ends_when_its_moved_appointment_begins(self):
        booking = self._book()
        self._start_payment(booking)._set_pending()
        near = self._slot(days=0.2)
        booking._reschedule(near)
        self.assertLessEqual(booking.deposit_deadline, booking.start)

    def test_an_invitation_remembers_its_time(self):
        booking = self.env["resource.booking"].create(
            {
                "type_id": self.service.id,
                "partner_ids": [(6, 0, self.partner.ids)],
                "start": self._slot().replace(tzinfo=None),
            }
        )
        booking.with_context(using_portal=True).action_confirm()
        self._expire(booking)
        self.assertEqual(booking.deposit_stage, "released")
        self._clear(self._start_payment(booking))
        self.assertEqual(booking.deposit_stage, "confirmed")

    # === PEOPLE === #

    def test_an_archived_contact_keeps_its_appointment(self):
        booking = self._book()
        tx = self._start_payment(booking)
        booking.partner_id.active = False
        self.env.invalidate_all()
        self._clear(tx)
        self.assertEqual(booking.deposit_stage, "confirmed")
        self.assertIn("Ayşe", booking.display_name)
        booking.action_cancel()
        booking._deposit_give_back()
        self.assertEqual(booking.deposit_state, "refunding")

    def test_a_contact_with_an_appointment_is_not_deleted(self):
        booking = self._book()
        with self.assertRaisesRegex(UserError, "Archive it"):
            booking.partner_id.unlink()

    def test_a_payment_that_was_only_begun_keeps_its_booking(self):
        booking = self._book()
        self._start_payment(booking)
        with self.assertRaisesRegex(UserError, "payments"):
            booking.unlink()

    def test_nobody_writes_what_the_payments_decide(self):
        keeper = new_test_user(self.env, "keeper", "base.group_user,resource_booking.group_manager")
        booking = self._booked_and_paid().with_user(keeper)
        for values in (
            {"deposit_refund_due": 300},
            {"deposit_stage": "confirmed"},
            {"deposit_amount": 0.01},
            {"deposit_terms": {"deposit": 0}},
            {"deposit_deadline": False},
        ):
            with self.subTest(values), self.assertRaises(AccessError):
                booking.with_context(syncing_booking_ids=booking.ids).write(values)
        with self.assertRaises(AccessError):
            booking.create({"type_id": self.service.id, "deposit_stage": "confirmed"})
        booking.description = "Bring the X-ray"

    def test_the_addon_stays_while_money_is_to_be_given_back(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        with self.assertRaisesRegex(UserError, "300"):
            _uninstall(self.env)
        booking._deposit_give_back()
        _uninstall(self.env)

    def test_a_service_with_appointments_stays_with_its_company(self):
        self._book()
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaisesRegex(UserError, "Copy it"):
            self.service.company_id = other

    def test_a_service_of_every_company_can_be_paid(self):
        service = self._create_service("Advice", self.combinations[1], company_id=False)
        booking = self._book(service=service)
        self.assertEqual(booking._deposit_company(), self.env.company)
        elsewhere = self.env["res.company"].create({"name": "Other"})
        elsewhere.currency_id = self.env.ref("base.CHF")
        booking.invalidate_recordset()
        self.assertEqual(booking.with_company(elsewhere).deposit_currency_id, self.lira)
        options = booking._deposit_payment_options(300)
        self.assertIn(self.provider, options["providers_sudo"])
