from odoo.exceptions import UserError

from odoo.addons.payment import reset_payment_provider, setup_provider

from . import controllers, models
from .gateways import GATEWAYS


def post_init_hook(env):
    for code in GATEWAYS:
        setup_provider(env, code)


def uninstall_hook(env):
    """Forget the providers, unless a PSP would go on with what nobody here would know of."""
    if env["trpay.recurring"].search_count([("state", "in", ("active", "paused"))], limit=1):
        raise UserError(env._("Recurring payments are running. End them first."))
    if env["payment.token"].search_count([("provider_code", "in", list(GATEWAYS))], limit=1):
        raise UserError(env._("Providers keep cards of your customers. Archive these first."))
    for code in GATEWAYS:
        reset_payment_provider(env, code)
