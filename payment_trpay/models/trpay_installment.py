from odoo import fields, models


class TrpayInstallment(models.TransientModel):
    _name = "trpay.installment"
    _description = "Instalment Rate"
    _order = "card_family, installments"

    card_family = fields.Char()
    installments = fields.Integer(string="Instalments", aggregator="max")
    total = fields.Float(digits=(12, 2), aggregator="max")
