from odoo import fields, models


class TrpayInstallment(models.TransientModel):
    _name = "trpay.installment"
    _description = "Instalment Rate"
    _order = "card_family, installments"

    card_family = fields.Char()
    installments = fields.Selection(
        string="Instalments", selection=[(f"{count:02}", str(count)) for count in range(1, 13)]
    )
    total = fields.Float(string="The Buyer Pays", digits=(12, 2), aggregator="max")
    fee = fields.Float(string="The Provider Keeps", digits=(12, 2), aggregator="max")
