from datetime import timedelta

import requests
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import const
from .common import REFUND_URL, STATUS_URL, PayTRCommon

TRANSPORT = "odoo.addons.payment_trpay.gateways.transport"


@tagged("post_install", "-at_install")
class TestRefund(PayTRCommon):
    def _returned(self, refund, **changes):
        amount = f"{-refund.amount:.2f}"
        return {"reference_no": refund.reference, "return_amount": amount, **changes}

    def _accepted(self, amount):
        return {"status": "success", "return_amount": amount, "is_test": "1"}

    def _work(self, tx, *answers, later=timedelta()):
        """Let a worker find out about a refund, as after the commit or in the cron."""
        self.env.flush_all()
        with (
            freeze_time(fields.Datetime.now() + later),
            self._answers(*answers) as psp,
            self.enter_registry_test_mode(),
        ):
            tx._trpay_find_out_now()
            return [call.request for call in psp.calls]

    # === ASKING FOR A REFUND === #

    def test_it_is_pending_until_the_provider_confirms(self):
        refund = self._paid()._refund(10)
        self.assertEqual((refund.state, refund.amount), ("pending", -10))
        self._work(refund, (REFUND_URL, self._accepted("10.00")))
        self.assertEqual(refund.state, "done")

    def test_it_is_planned_before_it_is_sent_so_that_a_crash_does_not_lose_it(self):
        refund = self._paid()._refund(10)
        self.assertTrue(refund.trpay_next_inquiry)
        self.assertFalse(refund.trpay_sent)

    def test_staff_are_told_that_it_is_on_its_way_not_that_it_succeeded(self):
        params = self._paid().action_refund(10)["params"]
        self.assertEqual(params["type"], "info")
        self.assertIn("on its way", params["message"])

    def test_it_is_sent_after_the_commit_only(self):
        self.env.cr.postcommit.clear()
        refund = self._paid()._refund(10)
        callbacks = list(self.env.cr.postcommit._funcs)
        self.env.cr.postcommit.clear()
        self.assertIn(refund._trpay_find_out_now, callbacks)

    def test_in_parts_and_then_the_rest(self):
        tx = self._paid()
        for amount, rest in ((10, "39.00"), (None, "0.00")):
            refund = tx._refund(amount)
            text = f"{-refund.amount:.2f}"
            (request,) = self._work(refund, (REFUND_URL, self._accepted(text)))
            self.assertIn(f"return_amount={text}", request.body)
            self.assertEqual(refund.state, "done")
            self.assertEqual(f"{tx._trpay_amount_left():.2f}", rest)

    def test_never_more_than_what_is_left(self):
        tx = self._paid()
        self.assertEqual(tx._refund(40).state, "pending")
        refund = tx._refund(9.01)
        self.assertEqual(refund.state, "error")
        self.assertIn("9", refund.state_message)
        self.assertFalse(refund.trpay_next_inquiry)

    def test_a_running_refund_counts_and_a_failed_one_does_not(self):
        tx = self._paid()
        first = tx._refund(40)
        self.assertEqual(tx._trpay_amount_left(), 9)
        first._set_error("no")
        self.assertEqual(tx._trpay_amount_left(), 49)

    def test_nothing_and_less_is_refused(self):
        tx = self._paid()
        for amount in (0, -1, 0.001):
            with self.assertRaises(UserError):
                tx._refund(amount)
        tx._refund(49)
        with self.assertRaises(UserError):
            tx._refund()

    def test_only_what_was_paid(self):
        refund = self._pay()._refund(10)
        self.assertEqual(refund.state, "error")

    # === REFUSED === #

    def test_a_refused_refund_has_a_reason_and_a_person(self):
        tx = self._paid()
        refund = tx._refund(10)
        self._work(
            refund,
            (REFUND_URL, {"status": "error", "err_no": "009", "err_msg": "kalan tutar yetersiz"}),
        )
        self.assertEqual(refund.state, "error")
        self.assertIn("larger than what is left", refund.state_message)
        self.assertIn("kalan tutar yetersiz", refund.state_message)
        self.assertTrue(refund.trpay_activity_id)
        self.assertFalse(refund.trpay_next_inquiry)
        self.assertEqual(tx._trpay_amount_left(), 49)

    def test_try_later_is_tried_later(self):
        refund = self._paid()._refund(10)
        self._work(refund, (REFUND_URL, {"status": "error", "err_no": "000", "err_msg": "kilit"}))
        self.assertEqual(refund.state, "pending")
        self.assertTrue(refund.trpay_next_inquiry)
        (request,) = self._work(refund, (REFUND_URL, self._accepted("10.00")))
        self.assertIn("iade", request.url)
        self.assertEqual(refund.state, "done")

    def test_a_shortage_of_balance_is_told_once_and_tried_again(self):
        refund = self._paid()._refund(10)
        short = {"status": "error", "err_no": "010", "err_msg": "net bakiye yetersiz"}
        for _day in range(3):
            self._work(refund, (REFUND_URL, short))
            self.assertEqual((refund.state, refund.trpay_sent), ("pending", False))
            self.assertGreater(refund.trpay_next_inquiry, fields.Datetime.now())
        self.assertEqual(refund.trpay_activity_id.note.count("net bakiye yetersiz"), 1)
        self._work(refund, (REFUND_URL, self._accepted("10.00")))
        self.assertEqual(refund.state, "done")

    def _until_it_ends(self, refund, *answers):
        """The times at which it was sent, in ten days of the reconciliation."""
        sent = []
        for _time in range(200):
            if not refund.trpay_next_inquiry:
                return sent
            with freeze_time(refund.trpay_next_inquiry):
                made = self._work(refund, *answers)
                sent += [fields.Datetime.now() for request in made if request.url == REFUND_URL]
        self.fail("it never ends")

    def test_what_is_put_off_for_ever_ends_with_a_person(self):
        refund = self._paid()._refund(10)
        later = {"status": "error", "err_no": "000", "err_msg": "kilit"}
        sent = self._until_it_ends(refund, (REFUND_URL, later))
        self.assertGreaterEqual(sent[-1] - refund.create_date, const.INQUIRY_END)
        self.assertEqual(refund.state, "pending")
        self.assertIn("kilit", refund.trpay_activity_id.note)
        self.assertIn("10.00", refund.trpay_activity_id.note)

    @mute_logger(TRANSPORT)
    def test_what_gets_no_answer_is_not_sent_over_and_over(self):
        refund = self._paid()._refund(10)
        answers = (REFUND_URL, "<html>"), (STATUS_URL, self._status())
        self.assertEqual(len(self._until_it_ends(refund, *answers)), const.MOST_TIMES_SENT)
        self.assertEqual(refund.state, "error")
        self.assertIn("10.00", refund.trpay_activity_id.note)

    # === NO ANSWER === #

    def _timed_out(self, amount=10):
        refund = self._paid()._refund(amount)
        with mute_logger(TRANSPORT):
            self._work(refund, (REFUND_URL, requests.ReadTimeout()))
        self.assertEqual(refund.state, "pending")
        return refund

    def test_no_answer_is_followed_by_a_question_not_by_a_repetition(self):
        refund = self._timed_out()
        requests_made = self._work(
            refund, (STATUS_URL, self._status([self._returned(refund)])), (REFUND_URL, {})
        )
        self.assertEqual([request.url for request in requests_made], [STATUS_URL])
        self.assertEqual(refund.state, "done")

    def test_it_is_not_repeated_while_it_may_be_on_its_way(self):
        refund = self._timed_out()
        self._work(refund, (STATUS_URL, self._status()))
        self.assertEqual(refund.state, "pending")
        self.assertTrue(refund.trpay_sent)

    def test_it_is_repeated_once_it_surely_did_not_arrive(self):
        refund = self._timed_out()
        self._work(refund, (STATUS_URL, self._status()), later=timedelta(minutes=5))
        self.assertFalse(refund.trpay_sent)
        (request,) = self._work(
            refund, (REFUND_URL, self._accepted("10.00")), later=timedelta(minutes=5)
        )
        self.assertIn(refund.reference, request.body)
        self.assertEqual(refund.state, "done")

    def test_it_is_never_repeated_when_someone_refunded_in_the_panel(self):
        refund = self._timed_out()
        by_hand = {"return_amount": "10.00", "reference_no": None}
        self._work(refund, (STATUS_URL, self._status([by_hand])), later=timedelta(minutes=5))
        self.assertEqual(refund.state, "pending")
        self.assertTrue(refund.trpay_sent)

    @mute_logger(TRANSPORT)
    def test_an_unreachable_provider_has_not_got_it(self):
        refund = self._paid()._refund(10)
        self._work(refund)  # Nothing listens there.
        self.assertEqual(refund.state, "pending")
        self.assertFalse(refund.trpay_sent)

    def test_another_amount_than_asked_is_parked(self):
        refund = self._paid()._refund(10)
        self._work(refund, (REFUND_URL, self._accepted("49.00")))
        self.assertEqual(refund.state, "pending")
        self.assertIn("49.00 TRY", refund.trpay_review_reason)
