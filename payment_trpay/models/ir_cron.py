"""Waking a cron from a request that has no time to lose."""

import threading

from odoo import fields, models

from .. import const

_being_woken = set()  # The databases whose cron workers will be told in a moment.


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _trpay_wake(self):
        """Run the cron at once, as `_trigger` does, but let nobody wait for the waking.

        Core opens a connection to another database after each commit, which takes longer than the
        rest of a notification's queries together. Here a thread does it, once for whatever happens
        within a moment. Should the process die in that moment, the trigger is on record, and the
        cron workers find it when they next look, within a minute.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        self.env["ir.cron.trigger"].sudo().create({"cron_id": self.id, "call_at": now})
        self.env.cr.postcommit.add(self._trpay_wake_workers)

    def _trpay_wake_workers(self):
        database = self.env.cr.dbname
        if database in _being_woken:
            return

        def wake():
            _being_woken.discard(database)  # First: what comes from now on needs another one.
            self._notifydb()

        _being_woken.add(database)
        timer = threading.Timer(const.WAKING_DELAY.total_seconds(), wake)
        timer.daemon = True
        timer.start()
