"""The services a shop's server calls: get-token, refund, status inquiry, rates, BIN detail."""

import base64
import binascii
import ipaddress
import json
import re
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from .. import cards
from ..clock import now
from ..money import to_major, to_minor
from ..web import Routes, answer
from . import wire
from .store import Merchant, Payment, rates

routes = Routes()

_CURRENCIES = {"": "TL", "TL": "TL", "TRY": "TL", "EUR": "EUR", "USD": "USD"}
_CURRENCIES |= {"GBP": "GBP", "RUB": "RUB"}
_INSTALLMENTS = {"0", *(str(count) for count in range(2, 13))}
_OID = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_EMAIL = re.compile(r"[\x21-\x3f\x41-\x7e]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_DIGITS = re.compile(r"[0-9]{1,12}")
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fc00::/7",
        "fe80::/10",
    )
]
_LONGEST_ADDRESS = 39
_YEAR = 365


class Refused(Exception):
    """Said to the shop in PayTR's words."""


# --- step 1


def _refuse_token(reason: str) -> Response:
    return answer({"status": "failed", "reason": reason})


@routes.post("/odeme/api/get-token", service="get-token", refusal=_refuse_token)
def get_token(paytr, request: Request):
    """iFrame API step 1, and Havale/EFT iFrame API step 1 when payment_type is eft."""
    form = request.form.to_dict()
    try:
        check = _checked_eft if form.get("payment_type") == "eft" else _checked_card
        payment = check(paytr, form)
    except Refused as refusal:
        return _refuse_token(str(refusal))
    paytr.open(payment)
    return answer({"status": "success", "token": payment.token})


def _checked_card(paytr, form: dict[str, str]) -> Payment:
    merchant = _merchant(paytr, form)
    _check_buyer(merchant, form)
    _require(form, "user_basket", _is_basket)
    _require(form, "no_installment", lambda value: value in ("0", "1"))
    _require(form, "max_installment", lambda value: value in _INSTALLMENTS)
    _allow(form, "currency", lambda value: value in _CURRENCIES)
    _require(form, "user_name", lambda value: len(value) <= 60)
    _require(form, "user_address", lambda value: len(value) <= 400)
    _require(form, "user_phone", lambda value: len(value) <= 20)
    _require(form, "merchant_ok_url", _is_url)
    _require(form, "merchant_fail_url", _is_url)
    _allow(form, "lang", lambda value: value in ("tr", "en"))
    for flag in ("debug_on", "iframe_v2", "iframe_v2_dark"):
        _allow(form, flag, lambda value: value in ("0", "1"))
    _check_signature(merchant, form, wire.CARD_TOKEN)
    return _payment(paytr, merchant, form, "card", _CURRENCIES[form.get("currency", "")])


def _checked_eft(paytr, form: dict[str, str]) -> Payment:
    merchant = _merchant(paytr, form)
    _check_buyer(merchant, form)
    _allow(form, "user_name", lambda value: len(value) <= 30)
    _allow(form, "user_phone", lambda value: re.fullmatch(r"[0-9]{11}", value))
    _allow(form, "tc_no_last5", lambda value: re.fullmatch(r"[0-9]{5}", value))
    _allow(form, "bank", lambda value: value in wire.EFT_BANKS)
    _allow(form, "debug_on", lambda value: value in ("0", "1"))
    _check_signature(merchant, form, wire.EFT_TOKEN)
    if not merchant.eft:
        raise Refused(wire.NO_PERMISSION)
    return _payment(paytr, merchant, form, "eft", "TL")


def _merchant(paytr, form: dict[str, str]) -> Merchant:
    if not form.get("merchant_id"):
        raise Refused("Zorunlu alan degeri gecersiz: merchant_id")
    merchant = paytr.store.active_merchant(form["merchant_id"])
    if not merchant:
        raise Refused(wire.UNKNOWN_MERCHANT)
    return merchant


def _check_buyer(merchant: Merchant, form: dict[str, str]):
    """The fields that both kinds of token have in common."""
    _require(form, "user_ip", lambda value: _is_address(value, merchant.accept_private_ip))
    _require(form, "merchant_oid", bool)
    if not _OID.fullmatch(form["merchant_oid"]):
        raise Refused(wire.BAD_OID)
    _require(form, "email", lambda value: len(value) <= 100 and _EMAIL.fullmatch(value))
    _require(form, "payment_amount", bool)
    if not _DIGITS.fullmatch(form["payment_amount"]):
        raise Refused(wire.BAD_AMOUNT)
    _require(form, "payment_amount", lambda value: int(value) > 0)
    _allow(form, "test_mode", lambda value: value in ("0", "1"))
    _allow(form, "timeout_limit", lambda value: _DIGITS.fullmatch(value) and int(value) > 0)


def _check_signature(merchant: Merchant, form: dict[str, str], names: tuple[str, ...]):
    """Every field counts with the value as sent; one that was left out counts as empty."""
    values = [form.get(name, "") for name in names]
    if not wire.is_signed(form.get("paytr_token", ""), merchant.key, *values, merchant.salt):
        raise Refused(wire.BAD_TOKEN)


def _payment(paytr, merchant: Merchant, form: dict[str, str], kind: str, currency: str) -> Payment:
    if paytr.store.paid(merchant, form["merchant_oid"]):
        raise Refused(wire.USED_OID)
    return Payment(
        merchant=merchant,
        kind=kind,
        oid=form["merchant_oid"],
        amount=int(form["payment_amount"]),
        currency=currency,
        test=not merchant.live or form.get("test_mode") == "1",
        form=form,
        minutes=int(form.get("timeout_limit") or 30),
    )


def _require(form: dict[str, str], name: str, is_valid):
    if not form.get(name) or not is_valid(form[name]):
        raise Refused(wire.invalid_field(name))


def _allow(form: dict[str, str], name: str, is_valid):
    if form.get(name) and not is_valid(form[name]):
        raise Refused(wire.invalid_field(name))


def _is_address(text: str, private_too: bool) -> bool:
    """A buyer's public address; documentation networks count as public here.

    The text says IPv4 and the field has room for IPv6: both are taken, but no mixture of them.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if len(text) > _LONGEST_ADDRESS or getattr(address, "ipv4_mapped", None):
        return False
    return private_too or not any(address in network for network in _NOT_PUBLIC)


def _is_url(text: str) -> bool:
    parts = urlsplit(text)
    return len(text) <= 400 and parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_basket(text: str) -> bool:
    """Base64 of a JSON list of [name, unit price, quantity]; its sum is not compared."""
    try:
        rows = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False
    return isinstance(rows, list) and bool(rows) and all(map(_is_basket_row, rows))


def _is_basket_row(row) -> bool:
    if not isinstance(row, list) or len(row) != 3:
        return False
    name, price, quantity = row
    return (
        isinstance(name, str)
        and bool(name)
        and re.fullmatch(r"-?\d+(\.\d+)?", str(price)) is not None
        and re.fullmatch(r"[1-9]\d*", str(quantity)) is not None
    )


# --- refund


def _refuse_refund(number: str) -> Response:
    return answer(
        {"status": "error", "err_no": number, "err_msg": wire.REFUND_ERRORS.get(number, number)}
    )


@routes.post("/odeme/iade", service="refund", amounts=("return_amount",), refusal=_refuse_refund)
def refund(paytr, request: Request):
    """Refund API. Not idempotent: the same request twice gives the money back twice."""
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse_refund("001")
    oid, posted = form.get("merchant_oid", ""), form.get("return_amount", "")
    if not _OID.fullmatch(oid):
        return _refuse_refund("002")
    amount = to_minor(posted)
    if not amount:
        return _refuse_refund("003")
    token = form.get("paytr_token", "")
    if not wire.is_signed(token, merchant.key, merchant.id, oid, posted, merchant.salt):
        return _refuse_refund("004")
    reference = form.get("reference_no", "")
    payment = paytr.store.paid(merchant, oid)
    if number := _refund_objection(paytr, payment, amount):
        return _refuse_refund(number)
    paytr.world.ledger.refund(payment.sale, amount, reference)
    if merchant.balance is not None:
        merchant.balance -= amount
    return answer(
        {
            "status": "success",
            "is_test": str(int(payment.test)),
            "merchant_oid": oid,
            "return_amount": to_major(amount),
            "reference_no": reference or None,
        }
    )


def _refund_objection(paytr, payment: Payment | None, amount: int) -> str | None:
    if not payment:
        return "005"
    if not payment.acknowledged:
        return "007"
    if not payment.merchant.refunds:
        return "008"
    if (now() - payment.paid_at).days > _YEAR:
        return "011"
    if amount > paytr.world.ledger.remaining(payment.sale):
        return "009"
    if payment.merchant.balance is not None and amount > payment.merchant.balance:
        return "010"
    return None


# --- status inquiry


def _refuse_status(number: str, message: str = "") -> Response:
    message = message or wire.STATUS_ERRORS.get(number, number)
    return answer({"status": "error", "err_no": number, "err_msg": message})


@routes.post(
    "/odeme/durum-sorgu",
    service="status",
    amounts=("payment_amount", "payment_total"),
    refusal=_refuse_status,
)
def status(paytr, request: Request):
    """Status inquiry. 004 does not tell an unknown order from a pending or failed one by code."""
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse_status("001")
    oid = form.get("merchant_oid", "")
    if not _OID.fullmatch(oid):
        return _refuse_status("002")
    token = form.get("paytr_token", "")
    if not wire.is_signed(token, merchant.key, merchant.id, oid, merchant.salt):
        return _refuse_status("003")
    if not paytr.store.order(merchant, oid):
        return _refuse_status("004", wire.STATUS_UNKNOWN_OID)
    payment = paytr.store.paid(merchant, oid)
    if not payment or not (payment.acknowledged or merchant.status_before_ok):
        return _refuse_status("004")
    return answer(_status_body(paytr, payment))


def _status_body(paytr, payment: Payment) -> dict:
    def money(minor: int) -> str:
        text = to_major(minor)
        return text.replace(".", ",") if payment.merchant.decimal_comma else text

    card = payment.tries[-1].card if payment.tries else None
    count = payment.tries[-1].installments if payment.tries else 1
    return {
        "status": "success",
        "payment_amount": money(payment.amount),
        "payment_total": money(payment.sale.amount),
        "payment_date": payment.paid_at.strftime("%d.%m.%Y"),
        "currency": payment.currency,
        "net_tutar": money(payment.sale.amount),
        "kesinti_tutari": money(0),
        "kesinti_orani": money(0),
        "taksit": str(count) if count > 1 else "0",
        "kart_marka": card.family if card else "",
        "masked_pan": card.masked if card else "",
        "auth_code": f"{payment.sale.id:06d}",
        "auth_date": payment.paid_at.strftime("%d.%m.%Y %H:%M:%S"),
        "odeme_tipi": "EFT" if payment.kind == "eft" else "KART",
        "test_mode": str(int(payment.test)),
        "returns": [
            {
                "return_amount": money(entry.amount),
                "return_date": entry.at.strftime("%Y-%m-%d %H:%M:%S"),
                "return_type": "iade",
                "date_completed": entry.at.strftime("%Y-%m-%d %H:%M:%S"),
                "return_auth_code": f"{entry.id:06d}",
                "return_ref_num": f"{entry.id:012d}",
                "reference_no": entry.reference or None,
                "return_source": "api",
            }
            for entry in paytr.world.ledger.refunds(payment.sale)
        ],
    }


# --- instalment rates and BIN detail


def _refuse_query(message: str) -> Response:
    return answer({"status": "error", "err_msg": message or wire.UNKNOWN_MERCHANT})


@routes.post("/odeme/taksit-oranlari", service="rates", refusal=_refuse_query)
def installment_rates(paytr, request: Request):
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse_query(wire.UNKNOWN_MERCHANT)
    request_id = form.get("request_id", "")
    if not 0 < len(request_id) <= 32:
        return _refuse_query("Zorunlu alan degeri gecersiz veya gonderilmedi: request_id")
    token = form.get("paytr_token", "")
    if not wire.is_signed(token, merchant.key, merchant.id, request_id, merchant.salt):
        return _refuse_query(wire.BAD_TOKEN)
    table = {}
    for family in cards.FAMILIES:
        table[family] = {
            f"taksit_{count}": rate / 100
            for count, rate in rates(family).items()
            if count <= merchant.max_installment
        }
    return answer(
        {
            "status": "success",
            "request_id": request_id,
            "max_inst_non_bus": str(merchant.max_installment),
            "oranlar": table,
        }
    )


@routes.post("/odeme/api/bin-detail", service="bin", refusal=_refuse_query)
def bin_detail(paytr, request: Request):
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse_query(wire.UNKNOWN_MERCHANT)
    number = form.get("bin_number", "")
    if not re.fullmatch(r"[0-9]{6}([0-9]{2})?", number):
        return _refuse_query("Zorunlu alan degeri gecersiz veya gonderilmedi: bin_number")
    token = form.get("paytr_token", "")
    if not wire.is_signed(token, merchant.key, number, merchant.id, merchant.salt):
        return _refuse_query(wire.BAD_TOKEN)
    card = cards.by_bin(number)
    if not card:
        return answer({"status": "failed"})
    return answer(
        {
            "status": "success",
            "cardType": "debit" if card.debit else "credit",
            "businessCard": "n",
            "bank": card.bank,
            "bankCode": "0000",
            "brand": card.family or "none",
            "schema": card.scheme,
            "allow_non3d": "Y" if merchant.non_3d else "N",
        }
    )
