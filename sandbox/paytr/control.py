"""What a test or a demo may ask of this PayTR beyond what PayTR offers: /_control/paytr/…"""

from datetime import timedelta
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from .. import cards
from ..notifier import Delivery
from ..web import Held, Routes, answer
from . import checkout
from .checkout import is_ok, notification_hash
from .store import Merchant, Payment
from .wire import CARD_FAILURES, EFT_FAILURES

routes = Routes()

_AUTHENTICATION = {"wrong_code": checkout.WRONG_CODE, "no_phone": checkout.NO_PHONE}
_AUTHENTICATION["cancel"] = checkout.ABANDONED


# --- merchants


@routes.get("/merchants")
def list_merchants(paytr, _request):
    return answer([vars(merchant) for merchant in paytr.store.merchants.values()])


@routes.post("/merchants")
def create_merchant(paytr, request: Request):
    settings = request.get_json()
    try:
        merchant = Merchant(**{name: settings.pop(name) for name in ("id", "key", "salt")})
        merchant.update(settings)
    except (KeyError, ValueError) as error:
        raise BadRequest(str(error)) from error
    paytr.store.merchants[merchant.id] = merchant
    return answer(vars(merchant), 201)


@routes.get("/merchants/<merchant_id>")
def show_merchant(paytr, _request, merchant_id: str):
    return answer(vars(_merchant(paytr, merchant_id)))


@routes.patch("/merchants/<merchant_id>")
def change_merchant(paytr, request: Request, merchant_id: str):
    merchant = _merchant(paytr, merchant_id)
    try:
        merchant.update(request.get_json())
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return answer(vars(merchant))


def _merchant(paytr, merchant_id: str) -> Merchant:
    try:
        return paytr.store.merchants[merchant_id]
    except KeyError:
        raise NotFound(f"no merchant {merchant_id}") from None


# --- payments


@routes.get("/payments")
def list_payments(paytr, request: Request):
    oid = request.args.get("merchant_oid")
    payments = paytr.store.payments(**({"oid": oid} if oid else {}))
    return answer([payment.as_json() for payment in payments])


@routes.get("/tokens/<token>")
def show_payment(paytr, _request, token: str):
    return answer(_payment(paytr, token).as_json())


@routes.post("/tokens/<token>/pay")
def pay(paytr, request: Request, token: str):
    """The buyer pays, without a browser; answers when the shop has answered."""
    wish = _body(request)
    payment = _open_payment(paytr, token, "card")
    card = cards.find(wish.get("card", "visa"))
    if not card:
        raise BadRequest("no such test card")
    count = int(wish.get("installments", 1))
    if not 1 <= count <= payment.installments_allowed:
        raise BadRequest(f"the page offers up to {payment.installments_allowed} instalments")
    outcome, message = wish.get("outcome", ""), wish.get("message", "")
    code = _AUTHENTICATION.get(outcome, outcome)
    if code and not (code in CARD_FAILURES or message):
        raise BadRequest(f"outcome {outcome} needs a message")
    paytr.begin(payment, card, count)
    delivery = paytr.fail(payment, code, message) if code else paytr.conclude(payment)
    return _told(payment, delivery, wish)


@routes.post("/tokens/<token>/expire")
def expire(paytr, request: Request, token: str):
    """The time is up now: the buyer has closed the page."""
    payment = _open_payment(paytr, token)
    return _told(payment, paytr.fail(payment, checkout.ABANDONED), _body(request))


@routes.post("/tokens/<token>/claim")
def claim(paytr, request: Request, token: str):
    """The EFT buyer says that the transfer is sent."""
    payment = _open_payment(paytr, token, "eft")
    declared = {
        "bank": "isbank",
        "payment_sent_date": "2026-01-02",
        "user_name": "Ali Veli",
        "user_phone": "05551234567",
        "tc_no_last5": "12345",
    }
    wish = _body(request)
    declared |= {name: wish[name] for name in declared.keys() & wish.keys()}
    return _told(payment, paytr.claim(payment, declared), wish)


@routes.post("/tokens/<token>/settle")
def settle(paytr, request: Request, token: str):
    """PayTR has found the transfer, or, with a `code`, has not."""
    payment = _open_payment(paytr, token, "eft")
    wish = _body(request)
    code = wish.get("code")
    if code and code not in EFT_FAILURES:
        raise BadRequest(f"no EFT code {code}")
    delivery = paytr.fail(payment, code) if code else paytr.succeed(payment, payment.amount)
    return _told(payment, delivery, wish)


@routes.post("/tokens/<token>/age")
def age(paytr, request: Request, token: str):
    """Pretend the payment was made some days earlier than it was."""
    payment = _payment(paytr, token)
    if not payment.paid_at:
        raise BadRequest("not paid yet")
    payment.paid_at -= timedelta(days=_body(request).get("days", 366))
    return answer(payment.as_json())


@routes.post("/tokens/<token>/panel/refund")
def refund_in_the_panel(paytr, request: Request, token: str):
    """Staff give back an amount in minor units: such a refund has no number of the shop's."""
    payment = _payment(paytr, token)
    if not payment.sale:
        raise BadRequest("not paid yet")
    try:
        entry = paytr.world.ledger.refund(payment.sale, int(_body(request).get("amount", 0)))
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return answer({"id": entry.id, "amount": entry.amount})


def _body(request: Request) -> dict:
    return request.get_json(silent=True) or {}


def _payment(paytr, token: str) -> Payment:
    payment = paytr.store.latest(token)
    if not payment:
        raise NotFound(f"no payment {token}")
    return payment


def _open_payment(paytr, token: str, *kinds: str) -> Payment:
    payment = _payment(paytr, token)
    if payment.is_over or paytr.store.paid(payment.merchant, payment.oid):
        raise BadRequest(f"the payment is {payment.state}, its order may be paid")
    if kinds and payment.kind not in kinds:
        raise BadRequest(f"this is a payment by {payment.kind}")
    return payment


def _told(payment: Payment, delivery: Delivery | None, wish: dict):
    """The payment and what the shop answered, once it has; `wait: 0` does not wait for it."""

    def result():
        notification = delivery.as_json() if delivery else None
        return answer({"payment": payment.as_json(), "notification": notification})

    if not delivery or wish.get("wait") == 0:
        return result()
    return Held(delivery.answered, result, float(wish.get("wait", 10)))


@routes.get("/links")
def list_links(paytr, _request):
    return answer(
        [
            {"id": link.id, "paid": link.paid, "sent_to": link.sent_to, "form": link.form}
            for link in paytr.store.links.values()
        ]
    )


# --- notifications


@routes.post("/notifications")
def send_notification(paytr, request: Request):
    """Send any message to the shop: the last one again, a changed one, or a forged one.

    `fields` are set before signing (PayTR itself says so), `tamper` and `drop` after it.
    """
    order = _body(request)
    payment = _payment(paytr, order.get("merchant_oid", ""))
    fields = _fields(payment, paytr, order)
    merchant = payment.merchant
    key, salt = order.get("key", merchant.key), order.get("salt", merchant.salt)
    fields["hash"] = notification_hash(fields, key, salt)
    fields |= order.get("tamper", {})
    for name in order.get("drop", []):
        fields.pop(name, None)
    delivery = _message(paytr, payment, fields, order)
    paytr.world.notifier.send(delivery, float(order.get("delay", 0)))
    return Held(delivery.answered, lambda: answer(delivery.as_json()), float(order.get("wait", 10)))


def _fields(payment: Payment, paytr, order: dict) -> dict[str, str]:
    last = next(
        (
            delivery.fields
            for delivery in reversed(paytr.world.notifier.log(order=payment.oid))
            if delivery.fields.get("status") != "info"
        ),
        None,
    )
    wanted = order.get("status") or (last and last["status"]) or "success"
    if last and last["status"] == wanted:
        fields = dict(last)
    elif wanted == "failed":
        fields = paytr.failure_fields(payment, "0", CARD_FAILURES["0"])
    else:
        fields = paytr.success_fields(payment, payment.amount)
    return fields | {name: str(value) for name, value in order.get("fields", {}).items()}


def _message(paytr, payment: Payment, fields: dict[str, str], order: dict) -> Delivery:
    """A message that is sent once; only a true repetition counts as the shop's acknowledgement."""
    is_forged = order.keys() & {"fields", "tamper", "drop", "key", "salt", "url", "status"}
    url = order.get("url", "")
    return Delivery(
        psp=paytr.code,
        merchant=payment.merchant.id,
        order=payment.oid,
        url=lambda: url or payment.notify_url,
        body=urlencode(fields, encoding=order.get("charset", "utf-8"), errors="replace").encode(),
        content_type=order.get("content_type", "application/x-www-form-urlencoded"),
        fields=fields,
        is_accepted=is_ok,
        copies=int(order.get("times", 1)),
        on_accepted=lambda: is_forged or paytr.acknowledge(payment, fields),
    )
