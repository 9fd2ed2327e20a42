"""The mail about an order that nobody sold comes from its company, unless somebody chose."""

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(
        SQL(
            """
            UPDATE mail_template AS template
               SET email_from = %s
              FROM ir_model_data AS data
             WHERE data.model = 'mail.template' AND data.res_id = template.id
               AND data.module = 'payment_trpay_sale' AND template.email_from = %s
            """,
            "{{ object.user_id.email_formatted or object.company_id.email_formatted"
            " or user.email_formatted }}",
            "{{ object.user_id.email_formatted or user.email_formatted }}",
        )
    )
