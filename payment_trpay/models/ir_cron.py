"""Waking a cron from a request that has no time to lose, and what one does with many records."""

import logging
import threading
import time
from functools import partial

import psycopg2

from odoo import api, models, sql_db

from .. import const

_logger = logging.getLogger(__name__)

_being_woken = set()  # Databases and crons that a thread will see to in a moment.


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _trpay_wake(self, xmlid, delay=const.WAKING_DELAY):
        """Run a cron as soon as what happens now is committed, at no cost to the request.

        Core's `_trigger` takes a notification longer than all the rest: a row to write, and after
        the commit a connection to another database to open. Here a thread calls it, once for
        whatever happens within a moment. Should the process be killed in that moment, the cron
        still runs at its own time; so it does, up to a minute late, where `_trigger` is given a
        later time.

        :param str xmlid: Of the cron.
        :param timedelta delay: Counted from the commit.
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        self.env.cr.postcommit.add(partial(_wake_once, self.env.cr.dbname, cron_id, delay))

    @api.model
    def _trpay_each(self, records, act):
        """Act on each record in a database transaction of its own, for as long as a cron may.

        :param records: Records of any model.
        :param act: What is done to one of them.
        """
        self._commit_progress(remaining=len(records))
        for record in records:
            try:
                act(record)
                self.env.flush_all()  # What the database refuses is about this record only.
            except psycopg2.OperationalError:  # Somebody else is at it: the next run comes back.
                self.env.cr.rollback()
            except Exception:
                _logger.exception("%s is left to the next run", record)
                self.env.cr.rollback()
            if not self._commit_progress(1):
                break


def _wake_once(database, cron_id, delay):
    seconds = delay.total_seconds()
    moment = int(time.monotonic() + seconds) if delay > const.WAKING_DELAY else None
    key = database, cron_id, moment
    if key not in _being_woken:
        _being_woken.add(key)
        timer = threading.Timer(seconds, _wake, key)
        timer.daemon = True  # A server that stops need not wait for it.
        timer.start()


def _wake(database, cron_id, moment=None):
    # First: what is committed from now on comes again.
    _being_woken.discard((database, cron_id, moment))
    try:
        with sql_db.db_connect(database).cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["ir.cron"].browse(cron_id)._trigger()
    except psycopg2.Error as error:
        _logger.warning("Could not wake cron %s, which runs at its own time: %s", cron_id, error)
