{
    "name": "Turkish Payment Providers: Sales",
    "version": "19.0.1.2.0",
    "category": "Accounting/Payment Providers",
    "summary": "Orders count what was really paid: what was captured, in their own currency.",
    "author": "payment_trpay contributors",
    "license": "LGPL-3",
    "development_status": "Beta",
    "depends": ["sale", "payment_trpay"],
    "auto_install": True,
    "data": [
        "data/mail_template_data.xml",
        "views/payment_transaction_views.xml",
    ],
}
