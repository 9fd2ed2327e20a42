"""Waking a cron from a request that has no time to lose."""

import logging
import threading
from functools import partial

import psycopg2

from odoo import api, models, sql_db

from .. import const

_logger = logging.getLogger(__name__)

_being_woken = set()  # Databases and crons that a thread will see to in a moment.


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _trpay_wake(self):
        """Run the cron as soon as what happens now is committed, at no cost to the request.

        Core's `_trigger` takes a notification longer than all the rest: a row to write, and after
        the commit a connection to another database to open. Here a thread calls it, once for
        whatever happens within a moment. Should the process be killed in that moment, the cron
        still runs at its own time.
        """
        self.ensure_one()
        self.env.cr.postcommit.add(partial(_wake_in_a_moment, self.env.cr.dbname, self.id))


def _wake_in_a_moment(database, cron_id):
    if (database, cron_id) not in _being_woken:
        _being_woken.add((database, cron_id))
        threading.Timer(const.WAKING_DELAY.total_seconds(), _wake, (database, cron_id)).start()


def _wake(database, cron_id):
    _being_woken.discard((database, cron_id))  # First: what is committed from now on comes again.
    try:
        with sql_db.db_connect(database).cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})["ir.cron"].browse(cron_id)._trigger()
    except psycopg2.Error as error:
        _logger.warning("Could not wake cron %s, which runs at its own time: %s", cron_id, error)
