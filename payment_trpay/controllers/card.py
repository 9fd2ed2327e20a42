"""The card form in the shop's own page, for PSPs that take the card from there."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from .. import const
from ..gateways.base import Card
from ..gateways.card_number import is_card_number
from .pay import check_offered, get_transaction

CARD_FIELDS = ("number", "holder", "month", "year", "code")


class CardController(http.Controller):
    @http.route(
        const.CARD_ROUTE, type="http", auth="public", website=True, sitemap=False, methods=["GET"]
    )
    def trpay_card(self, code, tx_id, access_token):
        """Show the form. Where its action is the PSP's address, no card comes near this server."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        return _show_form(tx_sudo)

    @http.route(
        const.CARD_ROUTE, type="http", auth="public", website=True, sitemap=False, methods=["POST"]
    )
    def trpay_card_charge(self, code, tx_id, access_token, **typed):
        """Charge a card without 3-D Secure. It lives as long as this request, and nowhere else."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        entry = tx_sudo._trpay_card_entry()
        if not entry:
            return request.redirect(tx_sudo._trpay_route("status"))
        if entry.url:
            raise NotFound()
        card = Card(**{name: _read_digits(typed, name) for name in CARD_FIELDS})
        count = typed.get("installments", "1")
        known = {str(number): number for number in entry.choices}
        if not _is_complete(card, is_test=not tx_sudo.is_live) or count not in known:
            error = request.env._("Please check the card's details.")
            return _show_form(tx_sudo, error)
        tx_sudo._trpay_charge(card, known[count])
        return request.redirect(tx_sudo._trpay_route("status"), code=303)

    @http.route(const.PLANS_ROUTE, type="jsonrpc", auth="public", website=True, sitemap=False)
    def trpay_plans(self, code, tx_id, access_token, card_bin):
        """In how many instalments a card can pay, and what each way costs.

        :param str card_bin: The first digits of the card; more than eight are not looked at.
        :return: Dicts with `count` and `label`, the single payment first.
        :rtype: list[dict]
        """
        tx_sudo = get_transaction(code, tx_id, access_token)
        digits = card_bin if isinstance(card_bin, str) and card_bin.isascii() else ""
        return tx_sudo._trpay_describe_plans(digits[:8] if digits.isdigit() else "")


def _show_form(tx_sudo, error=None):
    entry = tx_sudo._trpay_card_entry()
    if not entry:
        return request.redirect(tx_sudo._trpay_route("status"))
    values = {
        "tx": tx_sudo,
        "entry": entry,
        "names": {name: entry.names.get(name, f"card_{name}") for name in CARD_FIELDS},
        "single": tx_sudo._trpay_describe_plan(1, tx_sudo.amount),
        "plans_url": tx_sudo._trpay_route("plans"),
        "promise": request.env._(
            "Your card goes from your browser straight to %s, and your bank asks you to confirm. We"
            " never see its number.",
            tx_sudo.provider_id.name,
        ),
        "error": error,
    }
    response = request.render("payment_trpay.card_page", values)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _read_digits(typed, name):
    text = typed.get(f"card_{name}")
    text = text.strip() if isinstance(text, str) else ""
    return text[:100] if name == "holder" else "".join(text.split())


def _is_complete(card, is_test):
    is_number = is_card_number(card.number) or (is_test and card.number.isdigit())
    lengths = len(card.month), len(card.year), len(card.code)
    return (
        is_number
        and len(card.holder) > 1
        and lengths in ((2, 4, 3), (2, 4, 4))
        and (card.month + card.year + card.code).isascii()
        and (card.month + card.year + card.code).isdigit()
        and 1 <= int(card.month) <= 12
    )
