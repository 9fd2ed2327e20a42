"""What PSPs hand out for a while, access tokens above all, for all workers of this database."""

import hashlib
import time
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..gateways.keyring import Keyring
from ..gateways.transport import NoAnswer, TransportError

# How long a customer waits while another worker gets access, and how long nobody tries again.
WAIT_SECONDS, PAUSE_SECONDS = 8, 10


class TrpayAccess(models.Model):
    _name = "trpay.access"
    _description = "Access to a Payment Provider"
    _log_access = False

    name = fields.Char(help="A digest of what it opens", required=True, readonly=True)
    value = fields.Char(readonly=True, groups="base.group_system")
    expires = fields.Datetime(readonly=True)

    _name_uniq = models.Constraint("unique(name)", "There is one already.")

    @api.autovacuum
    def _gc_expired(self):
        self.search([("expires", "<", fields.Datetime.now())]).unlink()


class SharedKeyring(Keyring):
    """Keeps values in the database, and lets only one worker at a time fetch a new one.

    It does so in database transactions of its own: a request that fails must not lose a value that
    others can use, and none may stay locked while the request goes on.
    """

    _failed = {}  # When a fetch of this process failed: who comes soon after fails at once.

    def __init__(self, env):
        self._registry = env.registry

    def obtain(self, name, fetch, *, seconds, stale=""):
        digest = hashlib.sha256(name.encode()).hexdigest()
        while True:
            with self._registry.cursor() as cr:
                kept = self._find(cr, digest)
            if kept and kept != stale:
                return kept
            self._refuse_soon_after_failure(digest)
            try:
                with self._registry.cursor() as cr:
                    return self._replace(cr, digest, fetch, seconds, stale)
            except psycopg2.errors.SerializationFailure:
                continue  # Somebody else fetched it meanwhile.
            except psycopg2.errors.LockNotAvailable:
                raise NoAnswer("access is being asked for, and takes too long") from None

    def _refuse_soon_after_failure(self, digest):
        if time.monotonic() - self._failed.get(digest, -PAUSE_SECONDS) < PAUSE_SECONDS:
            raise NoAnswer("there was no access a moment ago")

    @staticmethod
    def _find(cr, digest):
        cr.execute(
            SQL(
                "SELECT value FROM trpay_access WHERE name = %s AND expires > %s",
                digest,
                fields.Datetime.now(),
            )
        )
        row = cr.fetchone()
        return row and row[0]

    def _replace(self, cr, digest, fetch, seconds, stale):
        """Take the row, fetch, and keep what came. Who waited for the row does not get it."""
        cr.execute(SQL("SET LOCAL lock_timeout = %s", f"{WAIT_SECONDS}s"))
        cr.execute(
            SQL(
                """
                INSERT INTO trpay_access (name) VALUES (%s)
                ON CONFLICT (name) DO UPDATE SET name = excluded.name
                """,
                digest,
            ),
            log_exceptions=False,
        )
        kept = self._find(cr, digest)
        if kept and kept != stale:
            return kept
        self._refuse_soon_after_failure(digest)
        try:
            value = fetch()
        except TransportError:
            self._failed[digest] = time.monotonic()
            raise
        cr.execute(
            SQL(
                "UPDATE trpay_access SET value = %s, expires = %s WHERE name = %s",
                value,
                fields.Datetime.now() + timedelta(seconds=seconds),
                digest,
            )
        )
        return value
