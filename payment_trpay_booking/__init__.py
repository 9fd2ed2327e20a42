from odoo.exceptions import UserError

from . import controllers, models


def _post_init(env):
    """Let visitors find the page, and translate what bookings inherit.

    The terms of the deposits were loaded before there was a booking model.
    """
    if "website.menu" in env:
        values = {
            "name": "Book an Appointment",
            "url": "/book",
            "parent_id": env.ref("website.main_menu").id,
            "sequence": 25,
        }
        xml_id = "payment_trpay_booking.menu_book"
        env["website.menu"]._load_records([{"xml_id": xml_id, "values": values, "noupdate": True}])
    languages = [code for code, _name in env["res.lang"].get_installed()]
    modules = ["payment_trpay", "payment_trpay_booking"]
    env["ir.module.module"]._load_module_terms(modules, languages)


def _uninstall(env):
    """Nobody would free what waits for a deposit any more, nor give back what is due."""
    bookings = env["resource.booking"].with_context(active_test=False)
    if due := bookings.search([("deposit_refund_due", ">", 0)]):
        lines = [
            f"{booking.display_name}: {booking._deposit_tell_amount(booking.deposit_refund_due)}"
            for booking in due
        ]
        raise UserError(
            env._("Money is still to be given back. Wait for it:\n%s", "\n".join(lines))
        )
    env["resource.booking"].search([("deposit_stage", "=", "held")])._deposit_release()
