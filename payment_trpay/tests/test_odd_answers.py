"""Odd answers and messages, from the first to the last of them."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import const
from ..gateways.base import Reason, Refused
from .common_platformode import PlatformodeCommon
from .test_notify import CONTROLLER, NotifyCommon

UNKNOWN = {"status_code": 31, "status_description": "Transaction not found"}


@tagged("post_install", "-at_install")
class TestOddNotifications(NotifyCommon):
    @mute_logger(CONTROLLER)
    def test_a_signed_text_of_any_length_is_acknowledged_and_told(self):
        """PostgreSQL indexes no key of that length, and PayTR would repeat it for ever."""
        tx = self._pay()
        message = self._notification(tx, total="9" * 5000)
        for _copy in range(2):
            response = self._post(message)
            self.assertEqual((response.status_code, response.content), (200, b"OK"))
        self.assertEqual(len(self._inbox(tx)), 1)
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_review_reason)
        self.assertTrue(tx.trpay_activity_id)

    def test_a_refusal_without_words_is_a_sentence(self):
        self.assertIn("did not say why", self.provider._trpay_explain(Refused(" ")))
        sentence = self.provider._trpay_explain(Refused("", reason=Reason.REFUND_TOO_LARGE))
        self.assertNotIn("said", sentence)


@tagged("post_install", "-at_install")
class TestLastAnswers(PlatformodeCommon):
    def _ask_last(self, tx):
        with freeze_time(fields.Datetime.now() + const.INQUIRY_END + timedelta(hours=1)):
            self._find_out(tx, checkstatus=UNKNOWN)
        self.assertFalse(tx.trpay_next_inquiry)

    def _left(self):
        return self._pay(trpay_next_inquiry=fields.Datetime.now())

    def test_who_left_without_paying_bothers_nobody(self):
        tx = self._left()
        self._ask_last(tx)
        self.assertEqual(tx.state, "cancel")
        self.assertFalse(tx.trpay_activity_id)

    def test_what_a_message_called_paid_is_told_if_the_provider_never_knows_it(self):
        tx = self._left()
        message = self._hook(tx)
        claim = tx._trpay_gateway().read(message, tx._trpay_order())
        self.env["trpay.notification"]._receive(tx, claim, message)
        self._ask_last(tx)
        self.assertEqual(tx.state, "draft")
        self.assertTrue(tx.trpay_activity_id)
