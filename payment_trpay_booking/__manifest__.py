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
    "data": [
        "data/mail_template_data.xml",
        "views/resource_booking_type_views.xml",
        "views/resource_booking_views.xml",
    ],
}
