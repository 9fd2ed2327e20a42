"""Paying with the shop's own card form or with a saved card, with 3D Secure and without."""

import re
from collections.abc import Mapping

from werkzeug.utils import redirect
from werkzeug.wrappers import Request

from .. import cards
from ..cards import Card
from ..money import to_major
from ..web import Routes, answer
from . import orders, wire
from .api import AGRICULTURAL_TERMS, check_insurance, settlement
from .gate import (
    Refused,
    admit,
    check_hash,
    merchant_of,
    parse,
    read_form,
    refuse,
    require,
    service,
)
from .messages import OK, outcome_hash
from .pages import is_card_complete
from .store import Merchant, Payment, SavedCard, program

routes = Routes()

_WITH_3D, _WITHOUT_3D = (1, 2), (0, 1)
_CARD = ("cc_holder_name", "cc_no", "expiry_month", "expiry_year", "cvv")
_CUSTOMER = ("card_token", "customer_number", "customer_email", "customer_phone", "customer_name")
_BUYER = ("name", "surname", "installments_number", "items")
_MASKED = re.compile(r"(\d{6})\*{6}(\d{4})|(\d{8})\*{4}(\d{4})", re.ASCII)


# --- with 3D Secure: forms that the buyer's browser submits


@routes.post("/api/paySmart3D", service="pay3d", refusal=refuse)
def pay_smart_3d(psp, request: Request):
    return _with_3d(psp, request, "3d", _smart)


@routes.post("/api/payByCardToken", service="pay3d", refusal=refuse)
def pay_by_card_token(psp, request: Request):
    return _with_3d(psp, request, "token_3d", _by_token)


def _with_3d(psp, request: Request, kind: str, read):
    """To the bank's page, or, in a form the document does not show, a refusal as JSON."""
    fields = read_form(request)
    try:
        merchant = merchant_of(psp, fields)
        admit(psp, merchant, "pay3d", request, fields)
        _check_integration(merchant, _WITH_3D)
        payment, card = read(psp, merchant, kind, fields, parse(fields.get("items", "")))
    except Refused as refusal:
        return answer(refusal.as_json())
    psp.store.add(payment)
    psp.begin(payment, card, payment.installments)
    return redirect(f"{request.root_url}checkout/{payment.token}/3d", 303)


# --- without: services that answer at once


@service(routes, "/api/paySmart2D", "pay2d")
def pay_smart_2d(psp, merchant: Merchant, fields: dict) -> dict:
    return _without_3d(psp, merchant, "2d", fields, _smart)


@service(routes, "/api/payByCardTokenNonSecure", "pay2d")
def pay_by_card_token_2d(psp, merchant: Merchant, fields: dict) -> dict:
    return _without_3d(psp, merchant, "token_2d", fields, _by_token)


def _without_3d(psp, merchant: Merchant, kind: str, fields: dict, read) -> dict:
    """The sample shows the whole card number in the answer; nobody may: it is masked here."""
    _check_integration(merchant, _WITHOUT_3D)
    payment, card = read(psp, merchant, kind, fields, fields.get("items"))
    psp.store.add(payment)
    psp.begin(payment, card, payment.installments)
    psp.charge(payment)
    failed = payment.state == "failed"
    code, text = payment.failure if failed else OK
    data = {
        "order_no": payment.order_id,
        "invoice_id": payment.invoice_id,
        "credit_card_no": payment.masked,
        "transaction_type": payment.transaction_type,
        "payment_status": int(not failed),
        "payment_method": 1,
        "error_code": payment.bank[0] if failed else 100,
        "error": payment.bank[1] or text,
        "hash_key": outcome_hash(payment, "0" if failed else "1"),
        "merchant_commission": to_major(payment.merchant_commission),
        "user_commission": to_major(payment.user_commission),
    }
    if payment.sale:
        data["settlement_date"] = f"{settlement(payment):%Y-%m-%d}"
    return {"status_code": int(code), "status_description": text, "data": data}


# --- what was posted


def _check_integration(merchant: Merchant, allowed: tuple[int, ...]):
    if merchant.is_3d not in allowed:
        raise Refused("34")


def _smart(psp, merchant: Merchant, kind: str, fields: Mapping, items) -> tuple[Payment, Card]:
    require(fields, *_BUYER)
    insured = check_insurance(merchant, fields)
    in_parts = insured and kind == "2d"
    require(fields, *(_CARD[:2] if in_parts else _CARD))
    _check_currency(merchant, fields)
    check_hash(fields, merchant.app_secret, wire.PAYMENT_HASH)
    payment = orders.read(psp, merchant, kind, fields, items)
    if in_parts:
        card = _masked_card(fields["cc_no"])
    else:
        if not is_card_complete(fields):
            raise Refused("1", "The card data are invalid.")
        card = cards.find(fields["cc_no"])
    if not card:
        raise Refused("108")
    _check_terms(card, fields)
    wanted = fields.get("card_program")
    if wanted and wanted not in wire.PROGRAMS.values():
        raise Refused("1", "The card_program is invalid.")
    if wanted and wanted != program(card):
        raise Refused("70", "Card Program Mismatch")
    return _payable(payment, card)


def _check_terms(card: Card, fields: Mapping):
    """Required of agricultural cards, as getpos told them; of others there are none."""
    terms = tuple(fields.get(name) or "0" for name in ("maturity_period", "payment_frequency"))
    allowed = AGRICULTURAL_TERMS if card.agricultural else ((0, 0),)
    if terms not in {tuple(map(str, pair)) for pair in allowed}:
        raise Refused("1", "The maturity period and payment frequency do not fit the card.")


def _by_token(psp, merchant: Merchant, kind: str, fields: Mapping, items) -> tuple[Payment, Card]:
    if not merchant.token_pay:
        raise Refused("79")
    require(fields, *_CUSTOMER, *_BUYER[2:])
    check_insurance(merchant, fields)
    check_hash(fields, merchant.app_secret, wire.PAYMENT_HASH)
    saved: SavedCard | None = psp.store.cards.get(fields["card_token"])
    known = saved and saved.merchant.id == merchant.id
    if not known or saved.customer_number != fields["customer_number"]:
        raise Refused("87")
    return _payable(orders.read(psp, merchant, kind, fields, items), saved.card)


def _payable(payment: Payment, card: Card) -> tuple[Payment, Card]:
    if payment.installments == 0:
        raise Refused("1", "The installments_number must be at least 1.")
    if payment.installments not in dict(payment.offers(card)):
        raise Refused("40")
    return payment, card


def _check_currency(merchant: Merchant, fields: Mapping):
    """The tables require the currency's number, of which they tell only that of the lira.

    The samples leave it out.
    """
    number = fields.get("currency_id")
    if not number and (merchant.currency_id_optional or fields.get("currency_code") != "TRY"):
        return
    require(fields, "currency_id")
    if number != wire.CURRENCY_IDS.get(fields.get("currency_code", "")):
        raise Refused("12", "Invalid Currency code")


def _masked_card(text: str) -> Card | None:
    """The card whose number an insurer knows in parts: 6 + ****** + 4 or 8 + **** + 4."""
    match = _MASKED.fullmatch(text)
    if not match:
        return None
    start, end = match[1] or match[3], match[2] or match[4]
    return next(
        (
            card
            for card in cards.CARDS
            if card.number.startswith(start) and card.number.endswith(end)
        ),
        None,
    )
