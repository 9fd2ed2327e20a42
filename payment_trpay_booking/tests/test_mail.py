from odoo.tests import freeze_time, tagged

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestMail(BookingCommon):
    """What the customer reads, and that it is nothing else."""

    def setUp(self):
        super().setUp()
        self.known = self.env["mail.mail"].search([])

    def _mails(self):
        """The subjects of the mails since the last time."""
        mails = self.env["mail.mail"].search([], order="id") - self.known
        self.known |= mails
        for mail in mails:
            self.assertNotIn("object.", mail.body_html)
        return mails

    def _subjects(self):
        return [mail.subject.split(": ")[1] for mail in self._mails()]

    def test_a_booking_that_is_paid(self):
        booking = self._book()
        self.assertEqual(self._subjects(), ["your time is held"])
        self._clear(self._start_payment(booking))
        mail = self._mails()
        self.assertIn("your appointment is confirmed", mail.subject)
        self.assertIn("300.00", mail.body_html)
        self.assertIn(booking.access_token, mail.body_html)
        self.assertEqual(mail.attachment_ids.name, "invite.ics")
        self.assertIn(b"BEGIN:VCALENDAR", mail.attachment_ids.raw)
        self.assertEqual(mail.recipient_ids, booking.partner_id)

    def test_a_booking_that_is_not_paid(self):
        booking = self._book()
        self._subjects()
        self._expire(booking)
        self.assertEqual(self._subjects(), ["your time is free again"])

    def test_a_cancellation_with_its_refund(self):
        booking = self._booked_and_paid()
        self._subjects()
        booking.action_cancel()
        mail = self._mails()
        self.assertIn("your appointment is canceled", mail.subject)
        self.assertIn("300.00", mail.body_html)
        booking._deposit_give_back()
        self.assertEqual(self._subjects(), ["your refund is on its way"])
        refund = booking.deposit_transaction_ids.filtered(lambda tx: tx.operation == "refund")
        refund._set_done()
        refund._post_process()
        self.assertEqual(self._subjects(), ["your refund is done"])

    def test_money_that_came_too_late(self):
        slot = self._slot()
        booking = self._book(slot)
        tx = self._start_payment(booking)
        self._expire(booking)
        self._book(slot, email="other@example.com")
        self._subjects()
        self._clear(tx)
        self.assertEqual(self._subjects(), ["your payment came too late"])

    def test_the_balance(self):
        booking = self._booked_and_paid()
        self._subjects()
        booking.action_ask_for_balance()
        mail = self._mails()
        self.assertIn("what is left to pay", mail.subject)
        self.assertIn("700.00", mail.body_html)
        self._clear(self._start_payment(booking, "balance"))
        self.assertEqual(self._subjects(), ["we received your payment"])

    def test_moving_an_appointment_sends_the_new_time_and_nothing_of_odoo_s_own(self):
        booking = self._booked_and_paid()
        self._subjects()
        booking._reschedule(self._slot(5))
        mail = self._mails()
        self.assertIn("your appointment is confirmed", mail.subject)
        self.assertIn(booking._deposit_tell(booking.start), mail.body_html)

    def test_bookkeeping_sends_nothing(self):
        booking = self._booked_and_paid()
        self._subjects()
        booking._deposit_write({"deposit_refund_due": 0})
        self.assertFalse(self._mails())

    def test_times_are_those_of_the_clinic(self):
        with freeze_time("2030-01-07 04:00:00"):
            booking = self._book()
        mail = self._mails()
        self.assertIn(f"{self._slot().astimezone().year}", mail.body_html)
        self.assertIn(booking._deposit_tell(booking.start), mail.body_html)
        self.assertIn("08:00", booking._deposit_tell(booking.start))
