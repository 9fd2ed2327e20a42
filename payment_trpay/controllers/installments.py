"""The page where the number of instalments is chosen, before the PSP asks for the card."""

from odoo import http
from odoo.http import request

from .. import const
from .pay import PAGE, check_offered, get_transaction
from .private import private


class InstallmentsController(http.Controller):
    @http.route(const.INSTALLMENTS_ROUTE, methods=["GET"], **PAGE)
    @private
    def trpay_installments(self, code, tx_id, access_token):
        """Show the numbers to choose from; what each costs, only the card tells."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        choices = tx_sudo._trpay_choices()
        if not choices:
            return request.redirect(tx_sudo._trpay_route("start"))
        env = request.env
        values = {
            "tx": tx_sudo,
            "choices": {
                count: env._("%s instalments", count) if count > 1 else env._("Single payment")
                for count in choices
            },
            "notice": env._(
                "On the next page you enter your card at %s. Not every card can be used with"
                " instalments, and they may cost more.",
                tx_sudo.provider_id.name,
            ),
        }
        return request.render("payment_trpay.installments_page", values)

    @http.route(
        const.INSTALLMENTS_ROUTE,
        methods=["POST"],
        csrf=False,  # The address is as secret as a token, and outlives the session.
        **PAGE,
    )
    @private
    def trpay_installments_chosen(self, code, tx_id, access_token, count="", **_kwargs):
        """Go on to the PSP's page with the chosen number."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        tx_sudo._trpay_choose({str(each): each for each in range(1, 13)}.get(count))
        return request.redirect(tx_sudo._trpay_route("start"), code=303)
