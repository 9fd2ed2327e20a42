"""PayTR Link API: a price at an address of its own, for anybody who has the address."""

import re
import secrets
from urllib.parse import urlsplit

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from ..clock import moment, now
from ..web import Routes, answer
from . import wire
from .pages import not_found
from .store import Link, Merchant, Payment

routes = Routes()

_CURRENCIES = ("TL", "EUR", "USD", "GBP")
_DELETED_AT_ONCE = 10
_MINUTES = 30


def _refuse(reason: str) -> Response:
    return answer({"status": "error", "reason": reason})


def _invalid(name: str) -> str:
    return f"Zorunlu alan degeri gecersiz veya gonderilmedi (Link API - create): {name}"


@routes.post("/odeme/api/link/create", service="link", refusal=_refuse)
def create(paytr, request: Request):
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse(wire.UNKNOWN_MERCHANT)
    last = "email" if form.get("link_type") == "collection" else "min_count"
    checks = _CHECKS | {last: _LAST_CHECKS[last]}
    for name, is_valid in checks.items():
        if not is_valid(form.get(name, "")):
            return _refuse(_invalid(name))
    if form.get("callback_link") and not _is_callback(form, merchant):
        return _refuse(_invalid("callback_link"))
    names = ("name", "price", "currency", "max_installment", "link_type", "lang", last)
    if not _is_signed(form, merchant, *(form[name] for name in names)):
        return _refuse(wire.BAD_TOKEN)
    if not merchant.links:
        return _refuse(wire.NO_PERMISSION)
    link = Link(merchant, form)
    paytr.store.links[link.id] = link
    return answer({"status": "success", "id": link.id, "link": f"{request.root_url}link/{link.id}"})


@routes.post("/odeme/api/link/delete", service="link", refusal=_refuse)
def delete(paytr, request: Request):
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse(wire.UNKNOWN_MERCHANT)
    if not _is_signed(form, merchant, form.get("id", ""), merchant.id):
        return _refuse(wire.BAD_TOKEN)
    ids = form["id"].split(",")
    if len(ids) > _DELETED_AT_ONCE:
        return _refuse("id")
    deleted = [link_id for link_id in ids if _own_link(paytr, merchant, link_id)]
    for link_id in deleted:
        del paytr.store.links[link_id]
    failed = [link_id for link_id in ids if link_id not in deleted]
    return answer({"status": "success", "success": deleted, "failed": failed})


@routes.post("/odeme/api/link/send-sms", service="link", refusal=_refuse)
def send_sms(paytr, request: Request):
    return _send(paytr, request, "cell_phone", r"05\d{9}")


@routes.post("/odeme/api/link/send-email", service="link", refusal=_refuse)
def send_email(paytr, request: Request):
    return _send(paytr, request, "email", r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _send(paytr, request: Request, field: str, pattern: str) -> Response:
    """Nothing is sent: the address is noted on the link."""
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return _refuse(wire.UNKNOWN_MERCHANT)
    address = form.get(field, "")
    if not _is_signed(form, merchant, form.get("id", ""), merchant.id, address):
        return _refuse(wire.BAD_TOKEN)
    link = _own_link(paytr, merchant, form["id"])
    if not link or not re.fullmatch(pattern, address):
        return _refuse(_invalid(field if link else "id"))
    link.sent_to.append(address)
    return answer({"status": "success"})


@routes.get("/link/<link_id>", service="page")
def show(paytr, _request: Request, link_id: str):
    """Everybody who comes gets a payment of their own, with a merchant_oid made by PayTR."""
    link = paytr.store.links.get(link_id)
    if not link or not link.is_open(now()):
        return not_found()
    payment = Payment(
        merchant=link.merchant,
        kind="card",
        oid=f"PTR{secrets.token_hex(8)}",
        amount=link.amount,
        currency=link.form["currency"],
        test=not link.merchant.live,
        form=link.form,
        minutes=_MINUTES,
        link=link,
    )
    paytr.open(payment)
    return redirect(f"../odeme/guvenli/{payment.token}", 303)


def _own_link(paytr, merchant: Merchant, link_id: str) -> Link | None:
    link = paytr.store.links.get(link_id)
    return link if link and link.merchant.id == merchant.id else None


def _is_signed(form: dict[str, str], merchant: Merchant, *fields: str) -> bool:
    return wire.is_signed(form.get("paytr_token", ""), merchant.key, *fields, merchant.salt)


def _is_callback(form: dict[str, str], merchant: Merchant) -> bool:
    """http or https, no localhost, no port, and an id to go with it."""
    url = urlsplit(form["callback_link"])
    is_public = url.port is None and url.hostname not in ("localhost", "127.0.0.1", "::1")
    return (
        len(form["callback_link"]) <= 400
        and url.scheme in ("http", "https")
        and (is_public or merchant.accept_local_callback)
        and re.fullmatch(r"[A-Za-z0-9]{1,64}", form.get("callback_id", "")) is not None
    )


def _optional(is_valid):
    return lambda value: not value or is_valid(value)


def _count(value: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,8}", value) is not None


_CHECKS = {
    "name": lambda value: 4 <= len(value) <= 200,
    "price": _count,
    "currency": lambda value: value in _CURRENCIES,
    "max_installment": lambda value: value in map(str, range(1, 13)),
    "link_type": lambda value: value in ("product", "collection"),
    "lang": lambda value: value in ("tr", "en"),
    "max_count": _optional(_count),
    "expiry_date": _optional(lambda value: moment(value) is not None),
}
_LAST_CHECKS = {
    "min_count": _count,
    "email": lambda value: re.fullmatch(r"[^@\s]{1,60}@[^@\s]{1,39}", value) is not None,
}
