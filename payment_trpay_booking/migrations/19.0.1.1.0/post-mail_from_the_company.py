"""Mails come from the booking's company, in a language of its website, unless somebody chose."""

from odoo.tools import SQL

SHIPPED = {
    "email_from": (
        "{{ object.type_id.company_id.email_formatted or user.email_formatted }}",
        "{{ object._deposit_company().email_formatted or user.email_formatted }}",
    ),
    "lang": ("{{ object.partner_id.lang }}", "{{ object._deposit_lang() }}"),
}


def migrate(cr, version):
    for column, (before, now) in SHIPPED.items():
        name = SQL.identifier(column)
        cr.execute(
            SQL(
                """
                UPDATE mail_template AS template
                   SET %s = %s
                  FROM ir_model_data AS data
                 WHERE data.model = 'mail.template' AND data.res_id = template.id
                   AND data.module = 'payment_trpay_booking' AND template.%s = %s
                """,
                name,
                now,
                name,
                before,
            )
        )
