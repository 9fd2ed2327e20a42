"""The reminder of a bank transfer asks for what is left, if a part was paid in another way."""

from odoo.tools import SQL

ALL, DUE = (
    "object.currency_id.format(object.amount)",
    "object.currency_id.format(object._transfer_due())",
)


def migrate(cr, version):
    cr.execute(
        SQL(
            """
            UPDATE mail_template AS template
               SET body_html = replace(template.body_html::text, %s, %s)::jsonb
              FROM ir_model_data AS data
             WHERE data.model = 'mail.template' AND data.res_id = template.id
               AND data.module = 'payment_trpay'
               AND data.name = 'mail_template_transfer_reminder'
            """,
            ALL,
            DUE,
        )
    )
