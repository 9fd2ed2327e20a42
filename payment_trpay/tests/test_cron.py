import select
import time

from odoo import sql_db
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .. import const
from ..models.ir_cron import _wake

LONG_ENOUGH = 2 * const.WAKING_DELAY.total_seconds()
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
        self.addCleanup(self._forget)

    def _forget(self):
        """What a thread commits is not undone with the test."""
        self.listener.commit()
        with sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("DELETE FROM ir_cron_trigger WHERE cron_id = %s", [self.cron.id])

    def _count_triggers(self):
        with sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM ir_cron_trigger"
                " WHERE cron_id = %s AND call_at <= now() AT TIME ZONE 'UTC'",
                [self.cron.id],
            )
            return cr.fetchone()[0]

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
        self.env["ir.cron"]._trpay_wake("payment_trpay.cron_reconcile")
        self.env.cr.postcommit.run()

    def test_nobody_is_woken_for_what_is_not_committed(self):
        self.env["ir.cron"]._trpay_wake("payment_trpay.cron_reconcile")
        self.env.cr.postcommit.clear()
        self.assertEqual(self._heard(LONG_ENOUGH), 0)

    def test_the_workers_are_woken_once_for_several_payments(self):
        for _payment in range(5):
            self._wake()
        self.assertEqual(self._heard(TOO_LONG), 1)
        self.assertEqual(self._heard(LONG_ENOUGH), 0)
        self.assertEqual(self._count_triggers(), 1)

    def test_they_are_woken_again_for_the_next_payment(self):
        for _payment in range(2):
            self._wake()
            self.assertEqual(self._heard(TOO_LONG), 1)

    def test_a_database_that_is_gone_is_logged_and_nothing_else(self):
        with (
            self.assertLogs("odoo.addons.payment_trpay.models.ir_cron", "WARNING"),
            mute_logger("odoo.sql_db"),
        ):
            _wake("no_such_database", self.cron.id)
