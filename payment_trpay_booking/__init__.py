from . import controllers, models


def _load_selections(env):
    """Translate what bookings inherit: its terms were loaded before there was a booking model."""
    languages = [code for code, _name in env["res.lang"].get_installed()]
    env["ir.module.module"]._load_module_terms(["payment_trpay"], languages)
