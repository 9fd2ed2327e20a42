"""The inbox: every authentic message of a PSP, stored once before it is acted on."""

import json
import logging

import psycopg2

from odoo import fields, models
from odoo.tools import SQL

from ..gateways import GATEWAYS
from ..gateways.base import GatewayError
from ..gateways.transport import mask_card_numbers

_logger = logging.getLogger(__name__)

# How many messages that prove nothing are kept of a payment: strangers could make up any number.
MOST_HINTS = 20


class TrpayNotification(models.Model):
    _name = "trpay.notification"
    _description = "Payment Notification"
    _order = "id desc"
    _rec_name = "key"

    transaction_id = fields.Many2one(
        comodel_name="payment.transaction",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    provider_id = fields.Many2one(comodel_name="payment.provider", required=True, readonly=True)
    company_id = fields.Many2one(related="provider_id.company_id")
    key = fields.Char(
        help="Tells the first copy of a message from its repetitions.",
        required=True,
        readonly=True,
    )
    payload = fields.Text(string="Message", required=True, readonly=True)
    state = fields.Selection(
        string="Status",
        selection=[("processed", "Processed"), ("failed", "Failed")],
        required=True,
        readonly=True,
    )
    error = fields.Text(readonly=True)

    _key_uniq = models.Constraint("unique(provider_id, key)", "This message was received before.")

    def _receive(self, tx, claim, message):
        """Store a message that is no noise, then act on it. A repetition is neither.

        The PSP may be answered once the database transaction is committed. If we fail to act, for
        a reason of our own, the message stays in the inbox for a person, and the PSP need not
        repeat it.

        :param payment.transaction tx: The transaction that the message is about.
        :param Claim claim: What the message says.
        :param dict message: The message as received.
        :return: The stored message, empty for a repetition.
        :rtype: trpay.notification
        """
        most = MOST_HINTS + 2 * tx.trpay_recurring_id.payments  # Those of the later ones, too.
        if not claim.proven and len(tx.trpay_notification_ids) >= most:
            tx._trpay_handle_claim(claim)
            return self.browse()
        notification = self._store(tx, claim, message)
        if not notification:
            return notification
        try:
            tx._trpay_handle_claim(claim)
            self.env.flush_all()
        except psycopg2.OperationalError:
            raise  # Odoo tries the whole request again.
        except Exception as error:
            _logger.exception("Could not act on notification %s", claim.key)
            self.env.cr.rollback()  # Cheaper than a savepoint for each message that goes well.
            notification = self._store(tx, claim, message)
            if notification:
                notification._fail(repr(error))
        return notification

    def _store(self, tx, claim, message):
        """Insert the message unless it is there. Returns it, or nothing for a repetition.

        A copy that arrives at the same moment waits for this one to be committed, then gets a
        serialization failure, is tried again by Odoo and finds this one.
        """
        payload = GATEWAYS[tx.provider_code].keep(message)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO trpay_notification (
                    transaction_id, provider_id, key, payload, state,
                    create_uid, create_date, write_uid, write_date
                )
                VALUES (
                    %(tx)s, %(provider)s, %(key)s, %(payload)s, 'processed',
                    %(uid)s, %(now)s, %(uid)s, %(now)s
                )
                ON CONFLICT (provider_id, key) DO NOTHING
                RETURNING id
                """,
                tx=tx.id,
                provider=tx.provider_id.id,
                key=claim.key,
                payload=json.dumps(payload, ensure_ascii=False),
                uid=self.env.uid,
                now=self.env.cr.now(),
            ),
            log_exceptions=False,  # To be a copy is no error.
        )
        return self.browse(row_id for (row_id,) in self.env.cr.fetchall())

    def _fail(self, error):
        error = mask_card_numbers(error)  # Any exception may repeat what was posted.
        self.write({"state": "failed", "error": error})
        tx = self.transaction_id._trpay_for_staff()
        tx._trpay_alert(tx.env._("A notification could not be processed: %s", error))

    # === ACTION METHODS === #

    def action_replay(self):
        """Read and act on the messages again, as if they had just arrived."""
        self.check_access("read")
        for notification in self.sudo():
            tx = notification.transaction_id
            try:
                with self.env.cr.savepoint():
                    gateway = tx._trpay_gateway()
                    claim = gateway.read(json.loads(notification.payload), tx._trpay_order())
                    tx._trpay_handle_claim(claim)
            except GatewayError as error:
                notification._fail(tx.provider_id._trpay_explain(error))
            else:
                notification.write({"state": "processed", "error": False})
