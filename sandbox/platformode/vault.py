"""Saved cards: a token for a card that its owner lets the merchant use again."""

from collections.abc import Mapping

from .. import cards
from ..web import Routes
from . import wire
from .gate import Refused, check_hash, require, service
from .orders import check_buyer
from .pages import is_card_complete
from .store import Merchant, SavedCard

routes = Routes()

_STAMP = "%Y-%m-%dT%H:%M:%S.000000Z"


@service(routes, "/api/saveCard", "cards")
def save(psp, merchant: Merchant, fields: dict) -> dict:
    """One customer may save several cards; the same card again gets a token of its own."""
    require(fields, *wire.SAVE_HASH)
    check_hash(fields, merchant.app_secret, wire.SAVE_HASH, wire.CARD_MISMATCHES)
    check_buyer(fields)
    if not fields["customer_number"].isdecimal() or len(fields["card_holder_name"]) > 100:
        raise Refused("86")
    if not _is_valid(fields):
        raise Refused("86")
    card = cards.find(fields["card_number"])
    if not card:
        raise Refused("108")
    saved = SavedCard(
        id=len(psp.store.cards) + 1,
        merchant=merchant,
        card=card,
        customer_number=fields["customer_number"],
        expiry=(fields["expiry_month"], fields["expiry_year"]),
        holder=fields["card_holder_name"],
        customer_name=fields.get("customer_name", ""),
        customer_phone=fields.get("customer_phone", ""),
        at=psp.now(),
    )
    psp.store.cards[saved.token] = saved
    return _done("The card token saved successfully", card_token=saved.token)


@service(routes, "/api/editCard", "cards")
def edit(psp, merchant: Merchant, fields: dict) -> dict:
    """A new expiry date, and another holder's name when one is sent."""
    require(fields, *wire.TOKEN_HASH, "expiry_month", "expiry_year")
    saved = _saved(psp, merchant, fields, "89")
    changed = fields | {"card_holder_name": fields.get("card_holder_name") or saved.holder}
    if not _is_valid(changed):
        raise Refused("89")
    saved.expiry = (fields["expiry_month"], fields["expiry_year"])
    saved.holder = changed["card_holder_name"]
    return _done("The card token updated successfully", card_token=saved.token)


@service(routes, "/api/deleteCard", "cards", unknown=("41", "Invalid merchant Key"))
def delete(psp, merchant: Merchant, fields: dict) -> dict:
    require(fields, *wire.TOKEN_HASH)
    saved = _saved(psp, merchant, fields, "88")
    del psp.store.cards[saved.token]
    return _done("Card deleted successfully")


@service(routes, "/api/getCardTokens", "cards", get=True)
def list_tokens(psp, merchant: Merchant, fields: dict) -> dict:
    """Shown with POST in one place and with GET in others: both are answered."""
    require(fields, "customer_number")
    rows = [
        _row(saved)
        for saved in psp.store.cards.values()
        if saved.merchant.id == merchant.id and saved.customer_number == fields["customer_number"]
    ]
    return _done("Data fetched successfully", data=rows)


def _row(saved: SavedCard) -> dict:
    at = saved.at.strftime(_STAMP)
    return {
        "id": saved.id,
        "pos_id": 0,
        "card_token": saved.token,
        "merchant_id": int(saved.merchant.id),
        "customer_number": f"{saved.customer_number}-{saved.merchant.id}",
        "customer_name": saved.customer_name,
        "customer_email": "",
        "customer_phone": saved.customer_phone,
        "bin": saved.card.bin,
        "created_at": at,
        "updated_at": at,
    }


def _saved(psp, merchant: Merchant, fields: Mapping, code: str) -> SavedCard:
    check_hash(fields, merchant.app_secret, wire.TOKEN_HASH, wire.CARD_MISMATCHES)
    saved = psp.store.cards.get(fields["card_token"])
    known = saved and saved.merchant.id == merchant.id
    if not known or saved.customer_number != fields["customer_number"]:
        raise Refused(code)
    return saved


def _is_valid(fields: Mapping) -> bool:
    """A saved card has no security code: the form's check takes any."""
    return is_card_complete(
        {
            "cc_holder_name": fields["card_holder_name"],
            "expiry_month": fields["expiry_month"],
            "expiry_year": fields["expiry_year"],
        },
        cvv_less=True,
    )


def _done(text: str, **more) -> dict:
    return {"status_code": 100, "status_description": text} | more
