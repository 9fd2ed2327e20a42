import base64
import io

import qrcode

from odoo import api, fields, models


class DepositLinkWizard(models.TransientModel):
    _name = "deposit.link.wizard"
    _description = "Payment Link"

    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    amount = fields.Monetary(readonly=True)
    url = fields.Char(string="Link", readonly=True)
    qr_code = fields.Binary(
        string="QR Code",
        help="For a customer who stands before you, with a phone at hand",
        compute="_compute_qr_code",
    )

    @api.depends("url")
    def _compute_qr_code(self):
        for link in self:
            file = io.BytesIO()
            qrcode.make(link.url or "").save(file, format="PNG")
            link.qr_code = base64.b64encode(file.getvalue())
