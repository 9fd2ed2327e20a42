"""Of the messages that were stored whole, keep what is kept of new ones."""

import json

from odoo.tools import SQL

from odoo.addons.payment_trpay.gateways import GATEWAYS
from odoo.addons.payment_trpay.gateways.transport import mask_card_numbers

LIKE_A_CARD = "[0-9]([ .-]{0,2}[0-9]){12}"
WORDS = (
    ("trpay_notification", "error"),
    ("payment_transaction", "state_message"),
    ("payment_transaction", "trpay_provider_message"),
)


def migrate(cr, version):
    """Clean what PSPs sent, what browsers brought back, and what was said of either."""
    clean_payloads(cr)
    clean_unanswered(cr)
    for table, column in WORDS:
        mask_words(cr, table, column)


def clean_payloads(cr):
    cr.execute(
        SQL(
            """
            SELECT notification.id, provider.code, notification.payload
              FROM trpay_notification AS notification
              JOIN payment_provider AS provider ON provider.id = notification.provider_id
             WHERE provider.code = ANY(%s)
            """,
            list(GATEWAYS),
        )
    )
    for notification_id, code, payload in cr.fetchall():
        kept = json.dumps(GATEWAYS[code].keep(json.loads(payload)), ensure_ascii=False)
        if kept != payload:
            update(cr, "trpay_notification", "payload", notification_id, kept)


def clean_unanswered(cr):
    cr.execute(
        SQL(
            """
            SELECT tx.id, provider.code, tx.trpay_refs
              FROM payment_transaction AS tx
              JOIN payment_provider AS provider ON provider.id = tx.provider_id
             WHERE provider.code = ANY(%s) AND tx.trpay_refs->'unanswered' IS NOT NULL
            """,
            list(GATEWAYS),
        )
    )
    for tx_id, code, refs in cr.fetchall():
        refs["unanswered"] = GATEWAYS[code].keep(refs["unanswered"])
        update(cr, "payment_transaction", "trpay_refs", tx_id, json.dumps(refs))


def mask_words(cr, table, column):
    name = SQL.identifier(column)
    cr.execute(
        SQL("SELECT id, %s FROM %s WHERE %s ~ %s", name, SQL.identifier(table), name, LIKE_A_CARD)
    )
    for row_id, text in cr.fetchall():
        update(cr, table, column, row_id, mask_card_numbers(text))


def update(cr, table, column, row_id, value):
    cr.execute(
        SQL(
            "UPDATE %s SET %s = %s WHERE id = %s",
            SQL.identifier(table),
            SQL.identifier(column),
            value,
            row_id,
        )
    )
