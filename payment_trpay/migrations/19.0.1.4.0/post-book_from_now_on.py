"""Refunds made in a provider's panel were booked by hand so far: do not book them once more."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE payment_provider
           SET trpay_books_since = now() AT TIME ZONE 'UTC'
         WHERE id IN (SELECT provider_id FROM payment_transaction)
        """
    )
