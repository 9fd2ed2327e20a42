import json
from datetime import timedelta

import requests
from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import const
from ..gateways.base import Outcome, State
from .common import NO_SUCCESSFUL_PAYMENT, STATUS_URL, PayTRCommon

TRANSPORT = "odoo.addons.payment_trpay.gateways.transport"


@tagged("post_install", "-at_install")
class TestReconcile(PayTRCommon):
    def _due(self, **values):
        return self._pay(trpay_next_inquiry=fields.Datetime.now(), **values)

    def _run(self, *answers):
        self.env.flush_all()
        with self._answers(*answers) as psp, self.enter_registry_test_mode():
            with self.env.registry.cursor() as cr:
                self.env(cr=cr)["payment.transaction"]._cron_trpay_reconcile()
            return [call.request for call in psp.calls]

    def test_who_comes_back_just_after_an_inquiry_is_asked_about_soon(self):
        tx = self._pay()
        now = fields.Datetime.now()
        tx.write({"trpay_last_inquiry": now, "trpay_next_inquiry": now + timedelta(minutes=2)})
        with self._woken() as woken:
            for _time in range(3):
                tx._trpay_came_back()
        self.assertLessEqual(tx.trpay_next_inquiry, now + const.INQUIRY_PAUSE)
        self.assertEqual(woken, ["payment_trpay.cron_reconcile"])

    def test_a_lost_notification_is_made_up_for(self):
        tx = self._due()
        self._run((STATUS_URL, self._status()))
        self.assertEqual(tx.state, "done")
        self.assertEqual(tx.trpay_card_number, "455359******6747")
        self.assertFalse(tx.trpay_next_inquiry)

    def test_a_surcharge_is_found_too(self):
        tx = self._due()
        self._run((STATUS_URL, self._status(payment_total="51,45", taksit="3")))
        self.assertEqual(tx.state, "done")
        self.assertAlmostEqual(tx.trpay_surcharge, 2.45)

    def test_nothing_found_is_no_failure(self):
        draft, pending = self._due(), self._due(state="pending")
        self._run((STATUS_URL, NO_SUCCESSFUL_PAYMENT))
        self.assertEqual((draft.state, pending.state), ("draft", "pending"))
        self.assertGreater(draft.trpay_next_inquiry, fields.Datetime.now())

    @mute_logger(TRANSPORT)
    def test_no_answer_is_no_failure(self):
        for answer in (requests.ReadTimeout(), requests.ConnectionError(), "<html>", "null", "{}"):
            tx = self._due()
            self._run((STATUS_URL, answer))
            self.assertEqual(tx.state, "draft")
            self.assertGreater(tx.trpay_next_inquiry, fields.Datetime.now())
            self.assertTrue(tx.trpay_provider_message)

    def test_another_amount_is_parked(self):
        tx = self._due()
        self._run((STATUS_URL, self._status(payment_amount="48.00", payment_total="48.00")))
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_review_reason)

    def test_a_failed_payment_that_was_repeated_on_the_page_is_found(self):
        tx = self._due(state="error")
        self._run((STATUS_URL, self._status()))
        self.assertEqual(tx.state, "done")

    def test_only_what_is_due_is_asked_about(self):
        self._pay(trpay_next_inquiry=fields.Datetime.now() + timedelta(minutes=5))
        self._pay()
        self.assertFalse(self._run((STATUS_URL, self._status())))

    def test_a_settled_payment_is_not_asked_about(self):
        self._paid().trpay_next_inquiry = fields.Datetime.now()
        self.assertFalse(self._run((STATUS_URL, self._status())))

    @mute_logger("odoo.addons.payment_trpay.models.ir_cron", TRANSPORT)
    def test_one_that_breaks_does_not_stop_the_others(self):
        broken, good = self._due(), self._due()
        names = ("paytr_merchant_id", "paytr_merchant_key", "paytr_merchant_salt")
        other = self.provider.copy({"state": "test", **dict.fromkeys(names, "x")})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET provider_id = %s WHERE id = %s", [other.id, broken.id]
        )
        self.env.cr.execute(
            "UPDATE payment_provider SET paytr_merchant_key = NULL WHERE id = %s", [other.id]
        )
        self.env.invalidate_all()
        self._run((STATUS_URL, self._status()))
        self.assertEqual((broken.state, good.state), ("draft", "done"))

    def test_the_schedule_gets_slower_and_ends_with_a_person(self):
        tx = self._due(state="pending")
        asked = 0
        while tx.trpay_next_inquiry:
            with freeze_time(tx.trpay_next_inquiry):
                self._run((STATUS_URL, NO_SUCCESSFUL_PAYMENT))
                last = fields.Datetime.now()
            asked += 1
            self.assertLess(asked, 100)
        self.assertGreater(asked, 20)
        self.assertGreaterEqual(last - tx.create_date, const.INQUIRY_END)
        self.assertEqual(tx.state, "pending")
        self.assertIn("no final answer", tx.trpay_activity_id.note)

    def _until_it_ends(self, tx, answer):
        while tx.trpay_next_inquiry:
            with freeze_time(tx.trpay_next_inquiry):
                self._run((STATUS_URL, answer))

    @mute_logger(TRANSPORT)
    def test_a_draft_of_which_nobody_understood_anything_ends_with_a_person(self):
        for answer in (requests.ReadTimeout(), "<html>", {"status": "error", "err_no": "003"}):
            tx = self._due()
            self._until_it_ends(tx, answer)
            self.assertEqual(tx.state, "draft")
            self.assertIn("49.00", tx.trpay_activity_id.note)
            self.assertIn("PayTR", tx.trpay_activity_id.note)

    @mute_logger(TRANSPORT)
    def test_who_was_told_and_asks_is_not_told_again(self):
        tx = self._due()
        self._until_it_ends(tx, "<html>")
        note = tx.trpay_activity_id.note
        with freeze_time(fields.Datetime.now() + const.INQUIRY_END + timedelta(days=1)):
            self.assertIn("did not answer", self._ask(tx, (STATUS_URL, "<html>")))
        self.assertEqual((tx.trpay_activity_id.note, tx.trpay_next_inquiry), (note, False))

    def test_who_just_left_is_told_to_nobody(self):
        tx = self._due()
        self._until_it_ends(tx, NO_SUCCESSFUL_PAYMENT)
        self.assertEqual(tx.state, "cancel")
        self.assertFalse(tx.trpay_activity_id)

    def test_money_that_comes_after_all_is_believed(self):
        tx = self._due()
        self._until_it_ends(tx, NO_SUCCESSFUL_PAYMENT)
        tx._trpay_settle(Outcome(state=State.PAID))
        self.assertEqual(tx.state, "done")

    def test_a_byte_order_mark_is_no_garbage(self):
        tx = self._due()
        self._run((STATUS_URL, "\ufeff" + json.dumps(self._status())))
        self.assertEqual(tx.state, "done")

    def test_a_failed_payment_is_asked_about_until_its_page_is_surely_closed(self):
        self.provider.trpay_minutes = 1440  # The most that the provider's form takes.
        tx = self._due(state="error")
        while tx.trpay_next_inquiry:
            with freeze_time(tx.trpay_next_inquiry):
                self._run((STATUS_URL, NO_SUCCESSFUL_PAYMENT))
        page_closed = tx.create_date + timedelta(minutes=self.provider.trpay_minutes)
        self.assertGreater(tx.trpay_last_inquiry, page_closed)

    def test_a_customer_who_is_back_is_asked_about_at_once(self):
        tx = self._pay()
        with self._woken() as woken:
            tx._trpay_came_back()
        self.assertLessEqual(tx.trpay_next_inquiry, fields.Datetime.now())
        self.assertEqual(woken, ["payment_trpay.cron_reconcile"])

    def test_however_often_a_customer_comes_back_the_schedule_stays(self):
        tx = self._due()
        requests_made = []
        for _back in range(40):
            tx._trpay_came_back()
            requests_made += self._run((STATUS_URL, NO_SUCCESSFUL_PAYMENT))
        self.assertEqual(len(requests_made), 1)
        self.assertGreater(tx.trpay_next_inquiry, fields.Datetime.now())

    def test_nobody_asks_about_a_payment_that_waits_for_a_person(self):
        tx = self._due()
        tx._trpay_park("why")
        tx._trpay_came_back()
        self.assertFalse(tx.trpay_next_inquiry)
        self.assertFalse(self._run((STATUS_URL, self._status())))

    def _ask(self, tx, *answers):
        self.env.flush_all()
        with (
            self._answers(*answers),
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            return tx.with_env(self.env(cr=cr)).action_trpay_inquire()["params"]["message"]

    def test_the_button_says_what_the_provider_said(self):
        self.assertIn("Confirmed", self._ask(self._pay(), (STATUS_URL, self._status())))
        self.assertIn("(yet)", self._ask(self._pay(), (STATUS_URL, NO_SUCCESSFUL_PAYMENT)))

    @mute_logger(TRANSPORT)
    def test_the_button_says_that_there_was_no_answer(self):
        message = self._ask(self._pay(), (STATUS_URL, requests.ReadTimeout()))
        self.assertIn("did not answer", message)

    def test_asking_changes_nothing_that_was_decided(self):
        tx = self._paid()
        message = self._ask(tx, (STATUS_URL, NO_SUCCESSFUL_PAYMENT))
        self.assertIn("The books say that it is paid", message)
        self.assertEqual(tx.state, "done")
        self.assertIn("the same as the books", self._ask(tx, (STATUS_URL, self._status())))
        self.assertFalse(tx._trpay_settle(Outcome(state=State.UNKNOWN)))
