"""The card form in the shop's own page, for PSPs that take the card from there."""

import logging
import re

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from .. import const
from ..gateways import GATEWAYS, contact
from ..gateways.base import Card, GatewayError, Refused
from ..gateways.card_number import is_card_number
from ..gateways.transport import TransportError
from .pay import PAGE, check_offered, get_transaction
from .private import private

_logger = logging.getLogger(__name__)

CARD_FIELDS = ("number", "holder", "month", "year", "code")
PLAN_FIELDS = ("maturity", "frequency")  # Of the chosen plan, for some cards only.
PATTERNS = {
    "month": r"0[1-9]|1[0-2]",
    "year": r"\d{4}",
    "code": r"\d{3,4}",
    **dict.fromkeys(PLAN_FIELDS, r"\d{1,3}"),
}


class CardController(http.Controller):
    @http.route(const.CARD_ROUTE, methods=["GET"], **PAGE)
    @private
    def trpay_card(self, code, tx_id, access_token):
        """Show the form. Where its action is the PSP's address, no card comes near this server."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        return _show_form(tx_sudo)

    @http.route(
        const.CARD_ROUTE,
        methods=["POST"],
        csrf=False,  # The address is as secret as a token, and outlives the session.
        **PAGE,
    )
    @private
    def trpay_card_sent(self, code, tx_id, access_token, **typed):
        """Charge a card without 3D Secure, or let the PSP keep it.

        It lives as long as this request, and nowhere else.
        """
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        entry = tx_sudo._trpay_card_entry()
        if not entry:
            return request.redirect(tx_sudo._trpay_route("status"))
        is_stored_first = tx_sudo._trpay_stores_first()
        if entry.url and not is_stored_first:
            if tx_sudo._trpay_stored_card():  # Sent twice: it is stored, and pays there.
                return request.redirect(tx_sudo._trpay_route("card"), code=303)
            raise NotFound()
        optional = _optional(tx_sudo, entry)
        card = tx_sudo._trpay_stored_card() or _read_card(typed, _test_cards(tx_sudo), optional)
        count = {str(number): number for number in entry.choices}.get(typed.get("plan", "1"))
        if not card or not count:
            return _show_form(tx_sudo, request.env._("Please check the card's details."))
        if not is_stored_first:
            if not tx_sudo._trpay_may_try(request.httprequest.remote_addr):
                error = request.env._("Too many cards were refused. Please try again in an hour.")
                return _show_form(tx_sudo, error)
            tx_sudo._trpay_charge(card, count)
        elif error := _store_first(tx_sudo, card):
            return _show_form(tx_sudo, error)
        elif tx_sudo.state == "draft":
            tx_sudo.trpay_installments = count
            return request.redirect(tx_sudo._trpay_route("card"), code=303)
        return request.redirect(tx_sudo._trpay_route("status"), code=303)

    @http.route(
        const.FLOW_ROUTE, type="http", auth="public", sitemap=False, methods=["POST"], csrf=False
    )
    @private
    def trpay_card_flow(self, code, tx_id, access_token, flow="", **_kwargs):
        """Show the form with 3D Secure, or without, where the customer has the choice."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        check_offered(tx_sudo)
        tx_sudo._trpay_switch_flow(flow)
        return request.redirect(tx_sudo._trpay_route("card"), code=303)

    @http.route(
        const.LEFT_ROUTE, type="http", auth="public", sitemap=False, methods=["POST"], csrf=False
    )
    @private
    def trpay_card_left(self, code, tx_id, access_token):
        """Tell the browser whether it may send the card to the PSP: once, and while it is owed."""
        tx_sudo = get_transaction(code, tx_id, access_token)
        return request.make_response("", status=204 if tx_sudo._trpay_leave() else 409)

    @http.route(const.PLANS_ROUTE, type="jsonrpc", auth="public", website=True, sitemap=False)
    @private
    def trpay_plans(self, code, tx_id, access_token, card_bin):
        """In how many instalments a card can pay, and what each way costs.

        :param str card_bin: The first digits of the card; more than eight are not looked at.
        :return: As `_trpay_describe_plan` words them, the single payment first.
        :rtype: list[dict]
        """
        tx_sudo = get_transaction(code, tx_id, access_token)
        digits = card_bin if isinstance(card_bin, str) and card_bin.isascii() else ""
        return tx_sudo._trpay_describe_plans(digits[:8] if digits.isdigit() else "")


def _show_form(tx_sudo, error=None):
    entry = tx_sudo._trpay_card_entry()
    if not entry or not tx_sudo._trpay_may_show(entry.url):
        return request.redirect(tx_sudo._trpay_route("status"))
    if (tx_sudo.trpay_refs or {}).get("left"):
        values = {"tx": tx_sudo, "result_url": tx_sudo._trpay_route("return")}
        return request.render("payment_trpay.card_left", values)
    is_ours = not entry.url or tx_sudo._trpay_stores_first()
    names = {} if is_ours else entry.names
    stored = tx_sudo._trpay_stored_card()
    plans = tx_sudo._trpay_describe_plans(stored.number[:6] if stored else "")
    chosen = next((plan for plan in plans if plan["count"] == tx_sudo.trpay_installments), None)
    values = {
        "tx": tx_sudo,
        "action": tx_sudo._trpay_route("card") if is_ours else entry.url,
        "fields": {} if is_ours else entry.fields,
        "names": {name: names.get(name, f"card_{name}") for name in CARD_FIELDS},
        "choices": {count: {"plan": count} for count in entry.choices}
        if is_ours
        else entry.choices,
        "stored": stored,
        "plans": plans,
        "chosen": chosen or plans[0],
        "goes_on": bool(stored and (chosen or len(entry.choices) == 1)),
        "plans_url": tx_sudo._trpay_route("plans"),
        "left_url": "" if is_ours else tx_sudo._trpay_route("left"),
        "page_url": tx_sudo._trpay_route("card"),
        "promise": _promise(tx_sudo, is_ours, stored),
        "other_flow": tx_sudo._trpay_other_flow(),
        "flow_url": tx_sudo._trpay_route("flow"),
        "error": error,
        "test_cards": sorted(_test_cards(tx_sudo)),
        "optional": _optional(tx_sudo, entry),
    }
    return request.render("payment_trpay.card_page", values)


def _promise(tx_sudo, is_ours, stored):
    """What becomes of the card."""
    env, psp = request.env, tx_sudo.provider_id.name
    if not is_ours and not stored:
        return env._(
            "Your card goes from your browser straight to %s, and your bank asks you to confirm. We"
            " never see its number.",
            psp,
        )
    if tx_sudo.operation == "validation" or (tx_sudo.tokenize and not stored):
        return env._(
            "%s keeps your card for you. We keep only its last four digits, and you can delete it"
            " at any time under My Account.",
            psp,
        )
    return ""


def _store_first(tx_sudo, card):
    """Let the PSP keep the card. Returns what to tell its holder if that is not possible."""
    if not tx_sudo._trpay_may_store():
        return request.env._("Too many cards were refused. Please try again in an hour.")
    try:
        tx_sudo._trpay_store_first(card)
    except Refused as error:
        tx_sudo._trpay_tell_of_contact(error)
        return tx_sudo._trpay_sentence(error)
    except (GatewayError, TransportError):
        _logger.exception("%s: the card is not stored", tx_sudo.reference)
        return request.env._("Your card could not be saved. Nothing was charged. Please try again.")
    return ""


def _test_cards(tx_sudo):
    """The PSP's test cards, which may pay this whatever their check digits are."""
    return frozenset() if tx_sudo.is_live else GATEWAYS[tx_sudo.provider_code].test_cards


def _optional(tx_sudo, entry):
    """The card fields that may stay empty. A card that is to be saved needs all of them."""
    return frozenset() if tx_sudo.tokenize else entry.optional


def _read_card(typed, test_cards, optional):
    """The card as its holder typed it; None if it cannot be one."""
    card = Card(**{name: _read_digits(typed, name) for name in CARD_FIELDS + PLAN_FIELDS})
    return card if _is_complete(card, test_cards, optional) else None


def _read_digits(typed, name):
    text = typed.get(f"card_{name}")
    text = text.strip() if isinstance(text, str) else ""
    return text[:100] if name == "holder" else "".join(text.split())


def _is_complete(card, test_cards, optional):
    is_number = is_card_number(card.number) or card.number in test_cards
    is_dated = bool(card.month) == bool(card.year)
    return (
        is_number
        and len(contact.text(card.holder)) > 1
        and is_dated
        and all(_fits(getattr(card, name), name, optional) for name in PATTERNS)
    )


def _fits(text, name, optional):
    is_left_out = not text and (name in optional or name in PLAN_FIELDS)
    return is_left_out or bool(re.fullmatch(PATTERNS[name], text, re.ASCII))
