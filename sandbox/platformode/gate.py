"""Whom Platformode lets in: bearer tokens, media types, the rate limiter, and how it says no."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import wraps

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from ..web import Routes, answer
from . import wire
from .store import Merchant

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


class Refused(Exception):
    """Said to the shop with a code of section 9, and with fields of the service's own."""

    def __init__(self, code: str, text: str = "", **more):
        super().__init__(code, text)
        self.code = code
        self.text = text or wire.CODES.get(code, wire.CODES["99"])
        self.more = more

    def as_json(self) -> dict:
        return {"status_code": int(self.code), "status_description": self.text} | self.more


def refuse(code: str) -> Response:
    return answer(Refused(code).as_json())


def _reject(status: int, message: str) -> HTTPException:
    """An answer that is no answer of the service: it did not get that far."""
    return HTTPException(response=answer({"message": message}, status))


# --- services for a shop's server


def service(
    routes: Routes,
    rule: str,
    name: str,
    unknown: tuple[str, ...] | None = ("14",),
    get: bool = False,
    **options,
):
    """Register a JSON service that wants a token; its handler gets the merchant and the fields.

    `unknown` is how it refuses a merchant_key that is not the token's; None when none is sent.
    """

    def register(handler: Callable):
        @wraps(handler)
        def serve(psp, request: Request) -> Response:
            merchant = _bearer(psp, request)
            in_query = request.method == "GET" and request.args
            fields = request.args.to_dict() if in_query else read_json(request)
            admit(psp, merchant, name, request, fields)
            try:
                if unknown:
                    _check_key(merchant, fields, unknown)
                return answer(handler(psp, merchant, fields))
            except Refused as refusal:
                return answer(refusal.as_json())

        routes.post(rule, service=name, refusal=refuse, **options)(serve)
        if get:
            routes.get(rule, service=name, refusal=refuse, **options)(serve)
        return handler

    return register


def _bearer(psp, request: Request) -> Merchant:
    """The merchant whose token this is; clients must also say that they want JSON."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    merchant = psp.store.bearer(token, psp.now()) if scheme == "Bearer" else None
    if not merchant:
        raise _reject(401, "Unauthenticated.")
    if JSON not in request.headers.get("Accept", ""):
        raise _reject(400, f"Accept must be {JSON}")
    return merchant


def _check_key(merchant: Merchant, fields: Mapping, refusal: tuple[str, ...]):
    require(fields, "merchant_key")
    if fields["merchant_key"] != merchant.merchant_key:
        raise Refused(*refusal)


def read_json(request: Request) -> dict:
    """A JSON object whose numbers are kept as they were written."""
    if request.mimetype != JSON:
        raise _reject(400, f"Content-Type must be {JSON}")
    fields = parse_object(request.get_data(as_text=True))
    if fields is None:
        raise _reject(400, "The body is no JSON object")
    return fields


def read_form(request: Request) -> dict[str, str]:
    if request.mimetype != FORM:
        raise _reject(400, f"Content-Type must be {FORM}")
    return request.form.to_dict()


def parse_object(text: str) -> dict | None:
    """A JSON object with text for every value but `items`; nulls count as left out."""
    value = parse(text)
    if not isinstance(value, dict):
        return None
    return {
        name: item if isinstance(item, str) or name == "items" else json.dumps(item)
        for name, item in value.items()
        if item is not None
    }


def parse(text: str):
    """JSON with numbers as text; None when it is none."""
    try:
        return json.loads(text, parse_int=str, parse_float=str)
    except ValueError:
        return None


def admit(psp, merchant: Merchant, name: str, request: Request, fields: Mapping):
    """Count the call, and refuse one that repeats another too soon.

    The document says that the same request within two seconds causes an exception, and not what
    one looks like: here it is HTTP 429 with a message. Only a call that was let in starts the
    two seconds.
    """
    psp.store.count(merchant, name, str(fields.get("invoice_id", "")))
    seen = dict(fields)
    if not merchant.limiter_sees_hash:
        seen.pop("hash_key", None)
    body = hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
    pause = timedelta(seconds=merchant.limiter_seconds)
    if not psp.store.is_new((merchant.id, request.path, body), psp.now(), pause):
        raise _reject(429, "Too Many Attempts.")


# --- checks that many services share


def merchant_of(psp, fields: Mapping) -> Merchant:
    """The merchant of a request that carries no token."""
    require(fields, "merchant_key")
    merchant = psp.store.merchant(merchant_key=fields["merchant_key"])
    if not merchant:
        raise Refused("14")
    return merchant


def require(fields: Mapping, *names: str):
    for name in names:
        if not fields.get(name):
            raise Refused("1", f"The {name} field is required.")


def check_hash(
    fields: Mapping,
    secret: str,
    names: Iterable[str],
    words: Mapping[str, tuple[str, str]] = wire.PAYMENT_MISMATCHES,
):
    """Every field counts with its value in the request; one that was left out counts as empty."""
    require(fields, "hash_key")
    wanted = {name: str(fields.get(name, "")) for name in names}
    differs = wire.mismatch(secret, str(fields["hash_key"]), wanted)
    if differs is not None:
        raise Refused(*words.get(differs, ("90", "")))
