"""Of cards that the provider has deleted, nothing is kept but what their payments show."""


def migrate(cr, version):
    cr.execute(
        "UPDATE payment_token SET trpay_customer = NULL, trpay_expires = NULL"
        " WHERE trpay_deletion = 'done'"
    )
