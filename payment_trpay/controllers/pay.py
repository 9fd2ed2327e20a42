"""The customer's way: to the PSP's page, back from it, and to the result."""

import re
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

from .. import const
from ..gateways.card_number import is_card_number
from .private import private

PAGE = {"type": "http", "auth": "public", "website": True, "sitemap": False}
RETURN = {
    "type": "http",
    "auth": "public",
    "methods": ["GET", "POST"],
    "csrf": False,
    "save_session": False,
}


class PayController(http.Controller):
    @http.route(const.START_ROUTE, **PAGE)
    @private
    def trpay_start(self, code, tx_id, access_token):
        """Show the PSP's payment page, or send the browser there."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        if not tx_sudo.trpay_page_url and tx_sudo.state == "draft":
            check_offered(tx_sudo)
            tx_sudo.tokenize = tx_sudo.tokenize and is_own(tx_sudo.partner_id)
            tx_sudo.trpay_back_route = _referring_page()
            tx_sudo._trpay_start()
        elif tx_sudo._trpay_is_waiting():
            tx_sudo._trpay_end_if_not_owed()
        page, resizer = tx_sudo.trpay_page_url, tx_sudo.trpay_resizer_url
        is_open = tx_sudo.state in ("draft", "pending") and page
        if not is_open or not tx_sudo._trpay_may_show(page, resizer):
            return request.redirect(tx_sudo._trpay_route("status"))
        if not resizer:
            return request.redirect(page, local=False)
        values = {"tx": tx_sudo, "status_url": tx_sudo._trpay_route("status")}
        return request.render("payment_trpay.payment_page", values)

    @http.route(const.BARE_RETURN_ROUTE, **RETURN)
    @private
    def trpay_return_unnamed(self, code, **_message):
        """Take a customer back who is not told to which payment."""
        return request.redirect("/payment/status", code=303)

    @http.route(const.RETURN_ROUTE, **RETURN)
    @private
    def trpay_return(self, code, tx_id, access_token, **message):
        """Take the customer back from the PSP. What the browser says is not trusted.

        A POST from the PSP's site comes without the customer's session cookie (SameSite). No
        session is saved here, so that theirs is not replaced; the page they are sent to has it.
        """
        tx_sudo = get_transaction(code, tx_id, access_token)
        tx_sudo._trpay_resume(message)
        tx_sudo._trpay_came_back()
        return request.redirect(tx_sudo._trpay_route("status"), code=303)

    @http.route(const.STATUS_ROUTE, **PAGE)
    @private
    def trpay_status(self, code, tx_id, access_token):
        """Show the result: why it failed and how to try again, or else core's status page.

        The link itself proves who may see it: the bank's app may open another browser.
        """
        tx_sudo = get_transaction(code, tx_id, access_token)
        PaymentPostProcessing.monitor_transaction(tx_sudo)
        if tx_sudo.state in ("error", "cancel"):
            values = {
                "tx": tx_sudo,
                "again_url": tx_sudo._trpay_link_to_pay() or tx_sudo.trpay_back_route or "/my",
                "is_barred": bool(tx_sudo._trpay_find_obstacle()),
            }
            return request.render("payment_trpay.payment_failed", values)
        return request.redirect("/payment/status")


class PostProcessingController(PaymentPostProcessing):
    @http.route()
    def display_status(self, **kwargs):
        """Override of `payment` to let a customer who chose a stored card go on to pay with it."""
        tx_sudo = self._get_monitored_transaction()
        if tx_sudo and tx_sudo._trpay_has_to_go_on():
            return request.redirect(tx_sudo._trpay_route("start"))
        return super().display_status(**kwargs)

    @http.route()
    def poll_status(self, **kwargs):
        """Override of `payment` to leave post-processing to the worker that the settlement woke,
        and to show a customer whose payment failed the way to try again.
        """
        tx_sudo = self._get_monitored_transaction()
        if not tx_sudo._is_trpay():
            return super().poll_status(**kwargs)
        if tx_sudo._trpay_is_being_post_processed():
            return {"provider_code": tx_sudo.provider_code, "state": "pending"}
        values = super().poll_status(**kwargs)
        if tx_sudo.state in ("error", "cancel"):
            values["landing_route"] = tx_sudo._trpay_route("status")
        return values


def get_transaction(code, tx_id, access_token):
    tx_sudo = request.env["payment.transaction"].sudo().browse(tx_id).exists()
    if (
        not tx_sudo
        or tx_sudo.provider_code != code
        or not access_token.isascii()
        or not payment_utils.check_access_token(access_token, tx_id, tx_sudo.reference)
    ):
        raise NotFound()
    return tx_sudo


def check_offered(tx_sudo):
    """Refuse a provider, method or card that is not offered to the visitor.

    A provider in test state takes test cards: only staff may use it before it is published.
    """
    provider_sudo = tx_sudo.provider_id
    is_offered = provider_sudo.is_published or request.env.user._is_internal()
    if provider_sudo.state == "disabled" or not is_offered or not tx_sudo.payment_method_id.active:
        raise NotFound()
    uses_own_card = tx_sudo.operation in ("online_token", "validation")
    if uses_own_card and not is_own((tx_sudo.token_id or tx_sudo).partner_id):
        raise NotFound()


def is_own(partner):
    """Whether the visitor is that partner: nobody else may use or save their cards.

    Whoever has a link may pay. So may a colleague, with whom core shares documents but no cards.
    """
    user = request.env.user
    return not user._is_public() and user.partner_id == partner


def _referring_page():
    """The page of this site that the customer came from, as a path.

    It is stored: if somebody typed a card into its address, only the page itself counts.
    """
    referrer = urlsplit(request.httprequest.referrer or "")
    if referrer.netloc != request.httprequest.host:
        return False
    path = "/" + referrer.path.lstrip("/\\")  # Two slashes would begin another site's address.
    if not referrer.query or _has_card(referrer.query):
        return path
    return f"{path}?{referrer.query}"


def _has_card(query):
    values = (re.sub(r"[ .-]", "", value) for _name, value in parse_qsl(query))
    return any(map(is_card_number, values))
