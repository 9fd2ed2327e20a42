from odoo.addons.payment import reset_payment_provider, setup_provider

from . import controllers, models
from .gateways import GATEWAYS


def post_init_hook(env):
    for code in GATEWAYS:
        setup_provider(env, code)


def uninstall_hook(env):
    for code in GATEWAYS:
        reset_payment_provider(env, code)
