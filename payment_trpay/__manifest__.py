{
    "name": "Turkish Payment Providers",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment Providers",
    "sequence": 350,
    "summary": "Take payments in Türkiye through PayTR, by card in instalments or by Havale/EFT.",
    "author": "payment_trpay contributors",
    "license": "LGPL-3",
    "development_status": "Beta",
    "depends": ["payment", "payment_custom", "portal"],
    "data": [
        "security/ir.model.access.csv",
        "security/payment_trpay_security.xml",
        "views/payment_trpay_templates.xml",
        "views/payment_provider_views.xml",
        "views/payment_transaction_views.xml",
        "views/trpay_notification_views.xml",
        "data/payment_provider_data.xml",
        "data/ir_cron_data.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "payment_trpay/static/src/interactions/payment_page.js",
            "payment_trpay/static/src/scss/payment_page.scss",
        ],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
