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
    kept = [("provider_code", "in", list(GATEWAYS)), ("trpay_deletion", "!=", "done")]
    if env["payment.token"].with_context(active_test=False).search_count(kept, limit=1):
        raise UserError(
            env._(
                "Providers keep cards of your customers. Archive these, and wait until they are"
                " deleted there, too."
            )
        )
    for code in GATEWAYS:
        reset_payment_provider(env, code)
