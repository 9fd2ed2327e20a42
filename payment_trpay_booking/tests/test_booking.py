from base64 import b64decode
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestBooking(BookingCommon):
    def test_a_booking_is_held_until_it_is_paid(self):
        slot = self._slot()
        booking = self._book(slot)
        self.assertEqual((booking.deposit_stage, booking.deposit_state), ("held", "due"))
        self.assertEqual((booking.deposit_price, booking.deposit_amount), (1000, 300))
        self.assertEqual(booking.state, "scheduled")
        self.assertEqual(booking.deposit_deadline, fields.Datetime.now() + timedelta(minutes=15))
        self.assertNotIn(slot, self._free_on(slot))

    def _free_on(self, slot):
        return self.service._get_free_slots(slot, slot + timedelta(hours=1))

    def test_a_held_slot_is_not_offered_nor_taken_again(self):
        slot = self._slot()
        self._book(slot)
        with self.assertRaises(UserError):
            self._book(slot)

    def test_two_who_have_time_one_after_the_other_are_not_offered_together(self):
        slot = self._slot()
        later = slot + timedelta(minutes=30)
        self._book(slot)
        self._book(later, self._create_service("Scaling", self.combinations[1]))
        both = self._create_service("Implant", self.combinations, duration=1, slot_duration=1)
        free = both._get_free_slots(slot, slot + timedelta(hours=4))
        self.assertEqual(free[0], slot + timedelta(hours=1))
        for number, _dentist in enumerate(self.combinations):
            self._book(free[0], both, email=f"patient-{number}@example.com")
        self.assertNotIn(free[0], both._get_free_slots(slot, slot + timedelta(hours=4)))

    def test_an_off_grid_or_past_time_is_refused(self):
        slot = self._slot()
        for wrong in (
            slot + timedelta(minutes=7),
            slot - timedelta(seconds=30),
            slot - timedelta(days=30),
        ):
            with self.assertRaises(UserError):
                self._book(wrong)

    def test_a_deposit_that_clears_confirms(self):
        booking = self._book()
        self._clear(self._start_payment(booking))
        self.assertEqual((booking.deposit_stage, booking.deposit_state), ("confirmed", "paid"))
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual((booking.deposit_paid, booking.deposit_balance), (300, 700))

    def test_the_rights_to_appointments_are_on_the_user_s_form(self):
        """Without a privilege of theirs only the developer mode shows them."""
        privilege = self.env.ref("payment_trpay_booking.privilege_bookings")
        for name in ("user", "manager"):
            group = self.env.ref(f"resource_booking.group_{name}")
            self.assertEqual(group.privilege_id, privilege)

    def test_the_desk_reads_what_a_transfer_is_for(self):
        booking = self._book(self._slot().replace(hour=6, minute=30))
        tx = self._start_payment(booking)
        subject = tx.with_context(tz="America/Lima").transfer_subject
        self.assertRegex(subject, r"^Check-up, .*\b9:30")

    def test_its_name_tells_the_time_at_the_clinic(self):
        slot = self._slot().replace(hour=6, minute=30)
        booking = self._book(slot).with_context(tz="America/Lima")
        self.assertRegex(booking.display_name, r"Ayşe Yılmaz - Check-up - .*\b09:30:00")

    def test_a_service_without_a_price_is_confirmed_at_once(self):
        service = self._create_service("Advice", self.combinations[1], price=0)
        booking = self._book(self._slot(), service)
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def test_the_slot_is_free_again_when_the_time_runs_out(self):
        slot = self._slot()
        booking = self._book(slot)
        self._expire(booking)
        self.assertEqual((booking.deposit_stage, booking.state), ("released", "pending"))
        self.assertIn(slot, self._free_on(slot))

    def test_it_is_not_freed_a_moment_before(self):
        booking = self._book()
        self._expire(booking, minutes=16)
        self.assertEqual(booking.deposit_stage, "held")

    def test_late_money_takes_the_slot_again_if_it_is_free(self):
        booking = self._book()
        tx = self._start_payment(booking)
        self._expire(booking)
        self._clear(tx)
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))
        self.assertFalse(booking.deposit_refund_due)

    def test_late_money_for_a_slot_that_is_gone_is_given_back(self):
        slot = self._slot()
        booking = self._book(slot)
        tx = self._start_payment(booking)
        self._expire(booking)
        other = self._book(slot)
        self._clear(tx)
        self.assertEqual(booking.deposit_stage, "released")
        self.assertEqual(booking.deposit_refund_due, 300)
        self.assertIn("too late", tx.trpay_activity_id.note)
        self.assertEqual(other.deposit_stage, "held")
        booking._deposit_give_back()
        refund = tx.child_transaction_ids
        self.assertEqual((refund.amount, refund.state), (-300, "pending"))
        self.assertEqual(booking.deposit_state, "refunding")

    def test_late_money_is_kept_as_credit_if_the_terms_say_so(self):
        self.policy.late_money = "credit"
        slot = self._slot()
        booking = self._book(slot)
        tx = self._start_payment(booking)
        self._expire(booking)
        self._book(slot)
        self._clear(tx)
        self.assertFalse(booking.deposit_refund_due)
        self.assertIn("credit", tx.trpay_activity_id.note)

    def test_a_cancellation_gives_back_by_the_notice(self):
        for days, expected in ((4, 300), (1.2, 150), (0.5, 0)):
            with self.subTest(days=days):
                booking = self._booked_and_paid()
                with freeze_time(booking.start - timedelta(days=days)):
                    self.assertEqual(booking._deposit_quote(), (expected, 300 - expected))
                    booking.action_cancel()
                self.assertEqual(booking.deposit_refund_due, expected)
                self.assertEqual((booking.deposit_stage, booking.state), ("canceled", "canceled"))

    def test_a_cancellation_counts_once(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        booking.action_cancel()
        self.assertEqual(booking.deposit_refund_due, 300)

    def test_the_link_outlives_the_cancellation(self):
        booking = self._booked_and_paid()
        token = booking._portal_ensure_token()
        booking.action_cancel()
        self.assertEqual(booking.access_token, token)

    def test_the_terms_that_were_agreed_to_hold(self):
        booking = self._booked_and_paid()
        self.policy.tier_ids.percent = 0
        self.service.price = 5
        self.assertEqual(booking._deposit_quote(), (300, 0))
        self.assertEqual(booking.deposit_balance, 700)

    def test_moving_an_appointment_costs_nothing_and_frees_the_old_time(self):
        old, new = self._slot(0), self._slot(3)
        booking = self._booked_and_paid(slot=old)
        booking._reschedule(new)
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))
        self.assertEqual(booking.deposit_paid, 300)
        self.assertIn(old, self._free_on(old))
        self.assertNotIn(new, self._free_on(new))

    def test_moving_is_no_way_to_get_back_more(self):
        booking = self._booked_and_paid()
        with freeze_time(booking.start - timedelta(hours=30)):
            self.assertEqual(booking._deposit_quote(), (150, 150))
            booking._reschedule(self._slot(days=14))
            self.assertEqual(booking._deposit_quote(), (150, 150))

    def test_a_balance_on_its_way_is_not_asked_for_again(self):
        booking = self._booked_and_paid()
        self._start_payment(booking, "balance")._set_pending()
        self.assertFalse(booking._deposit_payable())

    def test_the_balance_can_be_paid(self):
        booking = self._booked_and_paid()
        self.assertEqual(booking._deposit_payable(), {"balance": 700})
        self._clear(self._start_payment(booking, "balance"))
        self.assertEqual((booking.deposit_paid, booking.deposit_balance), (1000, 0))
        self.assertFalse(booking._deposit_payable())

    def test_all_can_be_paid_at_once(self):
        booking = self._book()
        self.assertEqual(booking._deposit_payable(), {"deposit": 300, "full": 1000})
        self._clear(self._start_payment(booking, "full"))
        self.assertEqual((booking.deposit_stage, booking.deposit_balance), ("confirmed", 0))

    def test_what_is_above_the_deposit_comes_back_in_any_case(self):
        booking = self._book()
        self._clear(self._start_payment(booking, "full"))
        with freeze_time(booking.start - timedelta(hours=1)):
            self.assertEqual(booking._deposit_quote(), (700, 300))

    def test_a_customer_who_does_not_come_loses_the_deposit(self):
        self.policy.no_show_percent = 50
        booking = self._booked_and_paid()
        booking.action_no_show()
        self.assertEqual(booking.deposit_stage, "no_show")
        self.assertFalse(booking.deposit_refund_due)
        self.assertEqual(booking._deposit_payable(), {"no_show": 200})

    def test_a_customer_cannot_hold_a_slot_for_ever(self):
        booking = self._book()
        start = fields.Datetime.now()
        for minute in range(0, 60, 5):
            with freeze_time(start + timedelta(minutes=minute)):
                try:
                    booking._deposit_renew()
                except UserError:
                    break
        self.assertLess(minute, 50)
        self.assertLessEqual(booking.deposit_deadline, start + timedelta(minutes=45))

    def test_the_payment_page_closes_with_the_hold(self):
        booking = self._book()
        tx = self._start_payment(booking)
        self.assertEqual(tx._trpay_checkout().minutes, 15)

    def test_a_typed_address_does_not_lead_to_somebody_s_record(self):
        self.partner.email = "ayse@example.com"
        self.assertNotEqual(self._book().partner_id, self.partner)

    # === PARTS OF A DEPOSIT, BY BANK TRANSFER === #

    def _pay_part(self, booking, amount):
        tx = self._start_payment(booking)
        tx.amount = amount
        self._clear(tx)
        return tx

    def test_a_part_of_the_deposit_is_not_enough(self):
        booking = self._book()
        self._pay_part(booking, 100)
        self.assertEqual((booking.deposit_stage, booking.deposit_state), ("held", "due"))
        self.assertEqual(booking._deposit_payable(), {"deposit": 200, "full": 900})
        self.assertEqual(booking.deposit_deadline, booking.deposit_held_since + timedelta(hours=48))
        self._pay_part(booking, 200)
        self.assertEqual((booking.deposit_stage, booking.deposit_state), ("confirmed", "paid"))

    def test_a_part_is_given_back_when_the_rest_does_not_come(self):
        booking = self._book()
        tx = self._pay_part(booking, 100)
        self._expire(booking, hours=50)
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("released", 100))
        self.assertIn("too late", tx.trpay_activity_id.note)

    def test_a_part_is_kept_as_credit_if_the_terms_say_so(self):
        self.policy.late_money = "credit"
        booking = self._book()
        tx = self._pay_part(booking, 100)
        self._expire(booking, hours=50)
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("released", 0))
        self.assertIn("credit", tx.trpay_activity_id.note)
        self.assertEqual(booking._deposit_payable(), {"deposit": 200, "full": 900})

    def test_a_part_that_comes_late_confirms_nothing(self):
        booking = self._book()
        tx = self._start_payment(booking)
        self._expire(booking)
        tx.amount = 100
        self._clear(tx)
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("released", 100))

    def test_all_parts_are_given_back_if_the_time_cannot_be_had(self):
        booking = self._book()
        self._pay_part(booking, 100)
        with patch.object(type(booking), "_deposit_confirm", side_effect=UserError("taken")):
            self._pay_part(booking, 200)
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("released", 300))
        booking._deposit_give_back()
        self.assertEqual(booking.deposit_refund_due, 100)
        booking._deposit_give_back()
        refunds = booking.deposit_transaction_ids.child_transaction_ids
        self.assertEqual(sorted(refunds.mapped("amount")), [-200, -100])

    def test_what_is_given_back_does_not_count_as_paid(self):
        booking = self._book()
        self._pay_part(booking, 100)
        self._expire(booking, hours=50)
        self.assertEqual(booking._deposit_payable(), {"deposit": 300, "full": 1000})
        booking._deposit_give_back()
        self.assertEqual(booking._deposit_payable(), {"deposit": 300, "full": 1000})

    # === STAFF === #

    def test_staff_confirm_without_the_deposit(self):
        booking = self._book()
        booking.action_confirm()
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))
        self._expire(booking, hours=50)
        self.assertEqual(booking.deposit_stage, "confirmed")
        self.assertEqual(booking._deposit_payable(), {"balance": 1000})

    def test_staff_confirm_what_was_released(self):
        booking = self._book()
        self._expire(booking)
        booking.action_confirm()
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def test_staff_cannot_confirm_what_somebody_else_has(self):
        slot = self._slot()
        booking = self._book(slot)
        self._expire(booking)
        self._book(slot)
        with self.assertRaisesRegex(UserError, "no longer free"):
            booking.action_confirm()

    def test_a_portal_that_confirms_again_holds_no_longer(self):
        booking = self._book()
        deadline = booking.deposit_deadline
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            booking.with_context(using_portal=True).action_confirm()
        self.assertEqual((booking.deposit_stage, booking.deposit_deadline), ("held", deadline))

    def test_whoever_keeps_appointments_needs_no_right_to_payments(self):
        keeper = new_test_user(self.env, "keeper", "base.group_user,resource_booking.group_manager")
        bookings = [self._book(self._slot(number)) for number in range(3)]
        for booking in bookings[:2]:
            self._clear(self._start_payment(booking))
        missed, canceled, waived = (booking.with_user(keeper) for booking in bookings)
        missed.action_no_show()
        canceled.action_cancel()
        waived.action_confirm()
        waived.action_ask_for_balance()
        self.assertEqual(
            [booking.deposit_stage for booking in bookings], ["no_show", "canceled", "confirmed"]
        )
        self.assertEqual(canceled.deposit_refund_due, 300)
        self.assertEqual(waived.deposit_balance, 1000)
        for view in ("form", "list", "search"):
            self.env["resource.booking"].with_user(keeper).get_view(view_type=view)

    def test_what_moved_money_is_not_deleted(self):
        booking = self._booked_and_paid()
        with self.assertRaisesRegex(UserError, "payments"):
            booking.unlink()
        with self.assertRaisesRegex(UserError, "payments"):
            self.service.unlink()
        self.assertTrue(booking.exists())

    def test_a_customer_whose_meeting_was_deleted_chooses_another_time(self):
        booking = self._booked_and_paid()
        with freeze_time(booking.start - timedelta(hours=3)):
            booking.meeting_id.unlink()
            self.assertFalse(booking._deposit_begins())
            self.assertEqual(booking._deposit_quote(), (300, 0))
            booking._reschedule(self._slot(2))
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def test_a_held_time_that_staff_deleted_is_taken_again_by_paying(self):
        booking = self._book()
        booking.meeting_id.unlink()
        self._clear(self._start_payment(booking))
        self.assertEqual((booking.deposit_stage, booking.state), ("confirmed", "confirmed"))

    def test_staff_book_on_the_phone_and_ask_for_the_deposit(self):
        booking = self.env["resource.booking"].create(
            {
                "type_id": self.service.id,
                "partner_ids": [(6, 0, self.partner.ids)],
                "start": self._slot().replace(tzinfo=None),
            }
        )
        action = booking.action_ask_for_deposit()
        self.assertEqual((booking.deposit_stage, booking.deposit_slot), ("held", booking.start))
        link = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(link.amount, 300)
        self.assertIn(f"/book/appointment/{booking.id}?", link.url)
        self.assertIn("pay=deposit", link.url)
        self.assertTrue(b64decode(link.qr_code).startswith(b"\x89PNG"))
        with self.assertRaises(UserError):
            booking.action_ask_for_deposit()
        self._clear(self._start_payment(booking))
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_there_is_no_link_to_pay_nothing(self):
        booking = self._book()
        self._clear(self._start_payment(booking, "full"))
        with self.assertRaises(UserError):
            booking.action_deposit_link()

    def test_nobody_holds_the_whole_calendar(self):
        for number in range(3):
            self._book(self._slot(number), email=" AYSE@example.com")
        with self.assertRaisesRegex(UserError, "3 appointments wait"):
            self._book(self._slot(3))
        self._book(self._slot(3), email="fatma@example.com")

    # === THE BALANCE === #

    def _remind(self, moment):
        """Run the cron at a moment; return whether the customer was asked for the rest."""
        before = self.env["mail.mail"].search([])
        with (
            freeze_time(moment),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr)["payment.transaction"]._cron_deposits()
        mails = self.env["mail.mail"].search([]) - before
        return any("left to pay" in mail.subject for mail in mails)

    def test_the_balance_is_asked_for_in_time_and_once(self):
        self.policy.balance_hours = 24
        booking = self._booked_and_paid()
        moment = booking.start - timedelta(hours=24)
        self.assertEqual(booking.deposit_reminder, moment)
        self.assertFalse(self._remind(moment - timedelta(minutes=1)))
        self.assertTrue(self._remind(moment))
        self.assertFalse(self._remind(moment + timedelta(minutes=1)))

    def test_a_balance_that_was_paid_is_not_asked_for(self):
        self.policy.balance_hours = 24
        booking = self._booked_and_paid()
        self._clear(self._start_payment(booking, "balance"))
        self.assertFalse(self._remind(booking.start - timedelta(hours=23)))

    def test_the_reminder_moves_with_the_appointment(self):
        self.policy.balance_hours = 24
        booking = self._booked_and_paid()
        booking._reschedule(self._slot(days=14))
        self.assertEqual(booking.deposit_reminder, booking.start - timedelta(hours=24))

    def test_who_books_at_the_last_minute_is_not_reminded(self):
        self.policy.balance_hours = 24 * 30
        self.assertFalse(self._booked_and_paid().deposit_reminder)

    # === PROVIDERS THAT DO NOT GIVE BACK === #

    def test_staff_give_back_what_a_provider_cannot(self):
        booking = self._booked_and_paid()
        tx = booking.deposit_transaction_ids
        tx.payment_method_id.support_refund = "none"
        booking.action_cancel()
        booking._deposit_give_back()
        refund = tx.child_transaction_ids
        self.assertIn("yourself", refund.trpay_activity_id.note)
        self.assertEqual((booking.deposit_state, booking.deposit_refund_due), ("refunding", 0))
        refund.trpay_next_inquiry = fields.Datetime.now()
        refund._trpay_find_out()
        self.assertFalse(refund.trpay_sent or refund.trpay_next_inquiry)
        keeper = new_test_user(self.env, "keeper", "base.group_user")
        with self.assertRaises(AccessError):
            refund.with_user(keeper).action_refund_given_back()
        keeper.group_ids += self.env.ref("payment_trpay.group_desk")
        refund.with_user(keeper).action_refund_given_back()
        refund._post_process()
        self.assertEqual((booking.deposit_state, booking.deposit_paid), ("refunded", 0))
        self.assertFalse(refund.trpay_activity_id)
        with self.assertRaises(UserError):
            refund.with_user(keeper).action_refund_given_back()

    def test_no_answer_to_a_refund_is_not_sent_blindly_again(self):
        booking = self._booked_and_paid()
        tx = booking.deposit_transaction_ids
        booking.action_cancel()
        with (
            patch.object(type(tx), "_send_refund_request", side_effect=TimeoutError("no answer")),
            mute_logger("odoo.addons.payment_trpay.models.payment_deposit"),
        ):
            booking._deposit_give_back()
        self.assertFalse(booking.deposit_refund_due)
        self.assertIn("before you send it again", tx.trpay_activity_id.note)
        self.assertEqual(len(tx.child_transaction_ids), 1)

    def test_a_provider_that_was_switched_off_leaves_it_to_staff(self):
        booking = self._booked_and_paid()
        tx = booking.deposit_transaction_ids
        booking.action_cancel()
        tx.provider_id.sudo().state = "disabled"
        booking._deposit_give_back()
        self.assertTrue(tx.child_transaction_ids.refund_by_hand)

    def test_what_is_only_reserved_is_no_refund(self):
        booking = self._book()
        self.dummy_provider.support_manual_capture = "full_only"
        tx = self._start_elsewhere(booking)
        tx._set_authorized()
        tx._post_process()
        self.assertEqual(booking.deposit_stage, "confirmed")
        booking.action_cancel()
        booking._deposit_give_back()
        self.assertFalse(tx.child_transaction_ids)
        self.assertIn("reserved", tx.trpay_activity_id.note)

    def test_staff_who_cancel_for_a_reason_of_their_own_give_all_back(self):
        booking = self._booked_and_paid()
        with freeze_time(booking.start - timedelta(hours=1)):
            booking.action_cancel_and_refund()
        self.assertEqual((booking.deposit_stage, booking.deposit_refund_due), ("canceled", 300))

    # === THE BOOKS === #

    def test_the_invoice_offers_the_deposit_as_a_credit(self):
        outstanding = self.env["account.account"].create(
            {
                "name": "Outstanding Receipts",
                "code": "BOOKING1",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        lines = self.provider.sudo().journal_id.inbound_payment_method_line_ids
        lines.payment_account_id = outstanding
        booking = self._booked_and_paid()
        payment = booking.deposit_transaction_ids.payment_id
        self.assertEqual((payment.amount, payment.payment_type), (300, "inbound"))
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": booking.partner_id.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Check-up", "price_unit": 1000, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        offered = invoice.invoice_outstanding_credits_debits_widget["content"]
        self.assertEqual([credit["amount"] for credit in offered], [300])
        invoice.js_assign_outstanding_line(offered[0]["id"])
        self.assertEqual(invoice.amount_residual, 700)
