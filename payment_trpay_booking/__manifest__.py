{
    "name": "Appointments with Deposits",
    "version": "19.0.1.0.0",
    "category": "Appointments",
    "summary": "Customers book on your website and pay a deposit, which confirms the appointment.",
    "author": "payment_trpay contributors",
    "license": "AGPL-3",
    "development_status": "Alpha",
    "depends": ["payment_trpay", "resource_booking"],
    "auto_install": True,
    "post_init_hook": "_post_init",
    "uninstall_hook": "_uninstall",
    "data": [
        "data/mail_template_data.xml",
        "views/appointment_templates.xml",
        "views/book_templates.xml",
        "views/resource_booking_type_views.xml",
        "views/resource_booking_views.xml",
    ],
    "assets": {
        "web.assets_frontend": [
            "payment_trpay_booking/static/src/interactions/countdown.js",
            "payment_trpay_booking/static/src/interactions/post_link.js",
            "payment_trpay_booking/static/src/interactions/send_once.js",
            "payment_trpay_booking/static/src/interactions/visitor_zone.js",
            "payment_trpay_booking/static/src/scss/book.scss",
        ],
    },
}
