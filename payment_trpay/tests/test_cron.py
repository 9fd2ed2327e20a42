import select
import time

from odoo import fields, sql_db
from odoo.tests import TransactionCase, tagged

from .. import const

LONG_ENOUGH = 5 * const.WAKING_DELAY.total_seconds()
TOO_LONG = 10  # Seconds


@tagged("post_install", "-at_install")
class TestWaking(TransactionCase):
    """What PostgreSQL tells the cron workers, listened to as they do."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("payment_trpay.cron_reconcile")
        self.listener = self.enterContext(sql_db.db_connect("postgres").cursor())
        self.listener.execute("LISTEN cron_trigger")
        self.listener.commit()

    def _heard(self, seconds):
        """How often the workers of this database were woken within the seconds to come."""
        connection = self.listener._cnx
        end = time.monotonic() + seconds
        heard = 0
        while (left := end - time.monotonic()) > 0 and not heard:
            select.select([connection], [], [], left)
            connection.poll()
            heard += sum(notify.payload == self.env.cr.dbname for notify in connection.notifies)
            connection.notifies.clear()
        return heard

    def _wake(self):
        self.cron._trpay_wake()
        self.env.cr.postcommit.run()

    def test_a_trigger_is_on_record_before_anybody_is_woken(self):
        before = self.env["ir.cron.trigger"].search([])
        self.cron._trpay_wake()
        trigger = self.env["ir.cron.trigger"].search([]) - before
        self.assertEqual(trigger.cron_id, self.cron)
        self.assertLessEqual(trigger.call_at, fields.Datetime.now())

    def test_nobody_is_woken_for_what_is_not_committed(self):
        self.cron._trpay_wake()
        self.env.cr.postcommit.clear()
        self.assertEqual(self._heard(LONG_ENOUGH), 0)

    def test_the_workers_are_woken_once_for_several_payments(self):
        for _payment in range(5):
            self._wake()
        self.assertEqual(self._heard(TOO_LONG), 1)
        self.assertEqual(self._heard(LONG_ENOUGH), 0)

    def test_they_are_woken_again_for_the_next_payment(self):
        for _payment in range(2):
            self._wake()
            self.assertEqual(self._heard(TOO_LONG), 1)
