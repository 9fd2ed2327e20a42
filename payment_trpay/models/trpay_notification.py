"""The inbox: every authentic message of a PSP, stored once before it is acted on."""

import json
import logging

import psycopg2
from odoo import fields, models

from ..gateways.base import Claim, GatewayError

_logger = logging.getLogger(__name__)

# Personal data that PSPs repeat to us and that nothing here needs.
UNNEEDED_FIELDS = {"user_name", "user_phone", "tc_no_last5"}


class TrpayNotification(models.Model):
    _name = "trpay.notification"
    _description = "Payment Notification"
    _order = "id desc"
    _rec_name = "key"

    transaction_id = fields.Many2one(
        string="Transaction",
        comodel_name="payment.transaction",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    provider_id = fields.Many2one(related="transaction_id.provider_id", store=True, index=True)
    company_id = fields.Many2one(related="transaction_id.company_id", store=True)
    key = fields.Char(
        help="Tells the first copy of a message from its repetitions.",
        required=True,
        readonly=True,
    )
    payload = fields.Text(string="Message", required=True, readonly=True)
    state = fields.Selection(
        string="Status",
        selection=[
            ("received", "Received"),
            ("processed", "Processed"),
            ("failed", "Failed"),
        ],
        default="received",
        required=True,
        readonly=True,
        index=True,
    )
    error = fields.Text(readonly=True)

    _key_uniq = models.Constraint("unique(provider_id, key)", "This message was received before.")

    def _receive(self, tx, claim, message):
        """Store a proven message, then act on it. A repetition is neither.

        The caller's database transaction must end before the PSP is answered. An error of ours
        while acting leaves the message in the inbox for staff; the PSP need not repeat it.

        :param payment.transaction tx: The transaction that the message is about.
        :param Claim claim: What the message says.
        :param dict message: The message as received.
        :return: The stored message, empty for a repetition.
        :rtype: trpay.notification
        """
        if self.search_count([("provider_id", "=", tx.provider_id.id), ("key", "=", claim.key)]):
            return self
        tx._trpay_lock()
        notification = self.create(
            {
                "transaction_id": tx.id,
                "key": claim.key,
                "payload": json.dumps(
                    {name: text for name, text in message.items() if name not in UNNEEDED_FIELDS},
                    ensure_ascii=False,
                ),
            }
        )
        notification._act(claim)
        return notification

    def _act(self, claim: Claim):
        try:
            with self.env.cr.savepoint():
                self.transaction_id._trpay_settle(claim.outcome)
        except psycopg2.OperationalError:
            raise  # Odoo tries the whole request again.
        except Exception as error:
            _logger.exception("Could not act on notification %s", self.key)
            self.write({"state": "failed", "error": repr(error)})
            self.transaction_id._trpay_alert(
                self.env._("A notification could not be processed: %s", error)
            )
        else:
            self.write({"state": "processed", "error": False})

    # === ACTION METHODS === #

    def action_replay(self):
        """Read and act on the messages again, as if they had just arrived."""
        for notification in self.sudo():
            tx = notification.transaction_id
            try:
                claim = tx.provider_id._trpay_gateway().read(
                    json.loads(notification.payload), tx._trpay_order()
                )
            except GatewayError as error:
                notification.write(
                    {"state": "failed", "error": tx.provider_id._trpay_explain(error)}
                )
            else:
                notification._act(claim)
