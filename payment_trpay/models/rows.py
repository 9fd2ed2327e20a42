"""Rows of the database that nobody else may touch meanwhile."""

from odoo.tools import SQL


def take(record):
    """Take a record's row until the end of the database transaction.

    An UPDATE and not only a SELECT FOR UPDATE: under REPEATABLE READ, whoever waited for a row
    that did not change goes on with a stale view of everything else. This way they get a
    serialization failure, and Odoo lets them start over with a fresh one.

    :param record: One record of any model that is stored.
    """
    record.ensure_one()
    record.env.cr.execute(
        SQL(
            "UPDATE %s SET write_date = write_date WHERE id = %s",
            SQL.identifier(record._table),
            record.id,
        ),
        log_exceptions=False,  # To come second is no error.
    )
