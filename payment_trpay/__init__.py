from odoo.exceptions import UserError

from odoo.addons.payment import reset_payment_provider, setup_provider

from . import controllers, models
from .gateways import GATEWAYS

MOST_SHOWN = 30


def post_init_hook(env):
    for code in GATEWAYS:
        setup_provider(env, code)


def uninstall_hook(env):
    """Forget the providers, unless a PSP would go on with what nobody here would know of."""
    if open_money := env["payment.provider"]._trpay_describe_open_money():
        shown = open_money[:MOST_SHOWN]
        raise UserError(
            env._(
                "There are open payments (%(count)s). Wait until they are final, capture or void"
                " reservations, and end recurring payments:\n%(open_money)s",
                count=len(open_money),
                open_money="\n".join(shown + ["…"] * (len(open_money) > len(shown))),
            )
        )
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
