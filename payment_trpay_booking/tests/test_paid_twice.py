"""A deposit, or what comes after it, is paid once, however many tabs are open."""

from datetime import UTC

import requests

from odoo.tests import freeze_time, tagged
from odoo.tools import html2plaintext

from odoo.addons.payment_trpay import const
from odoo.addons.payment_trpay.gateways.base import Reason
from odoo.addons.payment_trpay.tests.common_platformode import PlatformodeCommon

from .common import BookingCommon


class TabsCommon(BookingCommon, PlatformodeCommon):
    """Appointments, each at a time and of a customer of its own."""

    HAPPENINGS = {
        "paid in another tab": Reason.ALREADY_PAID,
        "paid in full in another tab": Reason.ALREADY_PAID,
        "pending in another tab": Reason.PAYMENT_ON_THE_WAY,
        "sent in another tab": Reason.PAYMENT_ON_THE_WAY,
        "paid in part in another tab": Reason.AMOUNT_CHANGED,
        "canceled": Reason.NOT_AVAILABLE,
        "taken by somebody else": Reason.NOT_AVAILABLE,
    }

    def setUp(self):
        super().setUp()
        self.numbers = iter(range(10**6))

    def _new_booking(self):
        number = next(self.numbers)
        return self._book(email=f"{number}@example.com")

    def _happen(self, what, booking):
        match what:
            case "paid in another tab":
                self._clear(self._start_payment(booking))
            case "paid in full in another tab":
                booking.deposit_terms = booking.deposit_terms | {"may_pay_in_full": True}
                self._clear(self._start_payment(booking, "full"))
            case "pending in another tab":
                self._start_payment(booking)._set_pending()
            case "sent in another tab":
                other = self._start_payment(booking)
                other.trpay_sent = other.create_date
            case "paid in part in another tab":
                other = self._start_payment(booking)
                other.amount = 100
                self._clear(other)
            case "canceled":
                booking.action_cancel()
            case "taken by somebody else":
                start = booking.start
                self._release(booking)
                self._book(start.replace(tzinfo=UTC), email="baska@example.com")

    def _release(self, booking):
        booking._deposit_release()
        booking._deposit_write({"deposit_stage": "released", "deposit_deadline": False})

    def _assert_ended(self, tx, reason):
        self.assertEqual((tx.state, tx.state_message), ("cancel", str(const.REASONS[reason])))

    def _start_resumed(self, booking, purpose="deposit"):
        return self._start_payment(
            booking, purpose, trpay_refs={"resumed": True, "flow": "card_3d"}
        )

    def _come_back(self, tx, **answers):
        """Come back from the bank. Returns what Platformode was asked to do with the money."""
        truth = self._status(tx, product_price=f"{tx.amount:.2f}", transaction_amount=tx.amount)
        sent = self._resume(tx, self._back(tx), **{"checkstatus": truth} | answers)
        if not tx.is_post_processed:
            tx._post_process()
        return next(body["status"] for service, body in sent if service == "complete")


@tagged("post_install", "-at_install")
class TestPaidTwice(TabsCommon):
    def test_nothing_opens_for_what_is_not_owed(self):
        for what, reason in self.HAPPENINGS.items():
            with self.subTest(what):
                booking = self._new_booking()
                tx = self._start_payment(booking)
                self._happen(what, booking)
                self.assertEqual(
                    self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start()), []
                )
                self._assert_ended(tx, reason)

    def test_nothing_is_charged_that_is_not_owed(self):
        self.provider.trpay_flow = "card_2d"
        for what, reason in self.HAPPENINGS.items():
            with self.subTest(what):
                booking = self._new_booking()
                tx = self._start_payment(booking)
                self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start())
                self._happen(what, booking)
                self.assertEqual(self._charge(tx), [])
                self._assert_ended(tx, reason)

    def test_nothing_is_collected_that_is_not_owed(self):
        for what, reason in self.HAPPENINGS.items():
            with self.subTest(what):
                booking = self._new_booking()
                tx = self._start_resumed(booking)
                self._happen(what, booking)
                self.assertEqual(self._come_back(tx), "cancel")
                self._assert_ended(tx, reason)

    def test_of_two_tabs_one_deposit_is_collected(self):
        booking = self._new_booking()
        first, second = (self._start_resumed(booking) for _tab in range(2))
        self.assertEqual((self._come_back(first), self._come_back(second)), ("complete", "cancel"))
        self.assertEqual(booking.deposit_paid, booking.deposit_amount)

    def test_of_two_tabs_one_deposit_is_collected_though_it_got_no_answer(self):
        booking = self._new_booking()
        first, second = (self._start_resumed(booking) for _tab in range(2))
        self._come_back(first, complete=requests.ReadTimeout())
        self.assertEqual(self._come_back(second), "cancel")
        self._assert_ended(second, Reason.PAYMENT_ON_THE_WAY)

    def test_of_two_tabs_one_balance_is_collected(self):
        booking = self._booked_and_paid()
        first, second = (self._start_resumed(booking, "balance") for _tab in range(2))
        self.assertEqual((self._come_back(first), self._come_back(second)), ("complete", "cancel"))
        self.assertEqual(booking.deposit_paid, booking.deposit_price)

    def test_to_look_at_a_payment_takes_no_time(self):
        booking = self._new_booking()
        tx = self._start_payment(booking)
        self._release(booking)
        self.assertIsNone(tx._trpay_find_obstacle())
        self.assertFalse(tx._trpay_end_if_not_owed())
        self.assertEqual((booking.deposit_stage, booking.start), ("released", False))

    def test_a_time_that_is_free_again_is_taken_again_by_paying(self):
        booking = self._new_booking()
        tx = self._start_resumed(booking)
        self._release(booking)
        self.assertEqual(self._come_back(tx), "complete")
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_a_deposit_that_came_twice_is_told_though_it_is_below_the_price(self):
        booking = self._new_booking()
        first, second = (self._start_payment(booking) for _tab in range(2))
        self._clear(first)
        self.assertFalse(first.trpay_activity_id)
        self._clear(second)
        self.assertIn(booking.display_name, second.trpay_activity_id.note)
        self.assertIn("300.00", second.trpay_activity_id.note)
        self.assertIn("more than once", second.trpay_activity_id.note)

    def test_a_deposit_in_two_parts_is_told_to_nobody(self):
        booking = self._new_booking()
        first = self._start_payment(booking)
        first.amount = 100
        self._clear(first)
        second = self._start_payment(booking)
        self.assertEqual(second.amount, 200)
        self._clear(second)
        self.assertFalse((first | second).trpay_activity_id)

    def test_what_is_above_the_price_is_named(self):
        booking = self._booked_and_paid()
        first, second = (self._start_payment(booking, "balance") for _tab in range(2))
        self._clear(first)
        self._clear(second)
        self.assertFalse(first.trpay_activity_id)
        self.assertIn("700.00", second.trpay_activity_id.note)


# change: how the appointment stands in the end, and what staff are told, None for nothing.
APPOINTMENTS = {
    "nothing": ("confirmed", None),
    "price raised": ("confirmed", None),
    "service archived": ("confirmed", None),
    "moved": ("confirmed", None),
    "customer merged": ("confirmed", None),
    "customer archived": ("confirmed", None),
    "released": ("confirmed", None),
    "confirmed without the deposit": ("confirmed", None),
    "canceled": ("canceled", "300.00 came too late for {name}."),
    "taken by somebody else": ("released", "300.00 came too late for {name}."),
    "paid in another tab": ("confirmed", "{name} was paid more than once: 300.00 were too much."),
}


@tagged("post_install", "-at_install")
class TestChanges(TabsCommon):
    """What becomes of money when an appointment changes between the page and the money."""

    def _happen(self, what, booking):
        partner = booking.partner_id
        match what:
            case "price raised":
                self.service.price = 5000
            case "service archived":
                self.service.active = False
            case "moved":
                booking._reschedule(self._slot(-1))
            case "customer merged":
                other = self.env["res.partner"].create({"name": "Ayşe", "email": partner.email})
                merge = self.env["base.partner.merge.automatic.wizard"].create({})
                merge._merge((partner | other).ids, other)
            case "customer archived":
                partner.active = False
            case "released":
                self._release(booking)
            case "confirmed without the deposit":
                booking.action_confirm()
            case _:
                return super()._happen(what, booking)
        return None

    def test_each_change(self):
        for what, (stage, sentence) in APPOINTMENTS.items():
            with self.subTest(what):
                self.service.write({"price": 1000, "active": True})
                booking = self._new_booking()
                tx = self._start_payment(booking)
                self._happen(what, booking)
                self._clear(tx)
                self.assertEqual((tx.state, booking.deposit_stage), ("done", stage))
                told = html2plaintext(tx.trpay_activity_id.note or "").replace("\xa0₺", "")
                if sentence is None:
                    self.assertEqual(told, "")
                else:
                    self.assertIn(sentence.format(name=booking.display_name), told)
                    self.assertEqual(told.count(booking.display_name), 1)


@tagged("post_install", "-at_install")
class TestTransferOvertaken(BookingCommon):
    """A bank transfer that nobody need send any more."""

    def _transfer(self, booking):
        tx = self._start_payment(
            booking,
            provider_id=self.env.ref("payment.payment_provider_transfer").id,
            payment_method_id=self.env.ref("payment_custom.payment_method_wire_transfer").id,
        )
        tx._set_pending()
        return tx

    def test_by_another_payment(self):
        booking = self._book()
        card = self._start_payment(booking)
        tx = self._transfer(booking)
        self._clear(card)
        tx._transfer_look_after()
        self.assertEqual((tx.state, booking.deposit_stage), ("cancel", "confirmed"))
        self.assertIn("in another way", booking.message_ids[0].body)

    def test_by_a_cancellation(self):
        booking = self._book()
        tx = self._transfer(booking)
        booking.action_cancel()
        tx._transfer_look_after()
        self.assertEqual(tx.state, "cancel")

    def test_not_by_the_release_of_its_time(self):
        booking = self._book()
        tx = self._transfer(booking)
        self._expire(booking, days=3)
        self.assertEqual(booking.deposit_stage, "released")
        with freeze_time(tx.transfer_deadline):
            tx._transfer_look_after()
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_activity_id)
