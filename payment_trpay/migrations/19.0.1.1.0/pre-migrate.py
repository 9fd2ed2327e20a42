from odoo.tools.sql import column_exists, rename_column


def migrate(cr, version):
    """Not only refunds are handed to a provider any more."""
    if column_exists(cr, "payment_transaction", "trpay_refund_sent"):
        rename_column(cr, "payment_transaction", "trpay_refund_sent", "trpay_sent")
