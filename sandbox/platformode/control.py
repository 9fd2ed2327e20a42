"""What a test or a demo may ask beyond what Platformode offers: /_control/platformode/…"""

import string
from datetime import timedelta
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from .. import cards
from ..money import to_major
from ..notifier import Delivery
from ..web import Held, Routes, answer
from . import wire
from .gate import FORM
from .messages import OK, recurring_fields, redirect_fields, refund_fields, sale_fields
from .pages import way_back, with_query
from .store import Merchant, Payment, Plan, Refund

routes = Routes()

_OUTCOMES = ("", "wrong_password", "cancel")


# --- merchants, clock, calls


@routes.get("/merchants")
def list_merchants(psp, _request):
    return answer([vars(merchant) for merchant in psp.store.merchants.values()])


@routes.post("/merchants")
def create_merchant(psp, request: Request):
    """A new merchant, or another one in the place of an old one with its id."""
    settings = request.get_json()
    names = ("app_id", "app_secret", "merchant_key", "id")
    try:
        merchant = Merchant(**{name: settings.pop(name) for name in names})
        merchant.update(settings)
    except (KeyError, ValueError) as error:
        raise BadRequest(str(error)) from error
    psp.store.merchants[merchant.id] = merchant
    return answer(vars(merchant), 201)


@routes.get("/merchants/<merchant_id>")
def show_merchant(psp, _request, merchant_id: str):
    return answer(vars(_merchant(psp, merchant_id)))


@routes.patch("/merchants/<merchant_id>")
def change_merchant(psp, request: Request, merchant_id: str):
    merchant = _merchant(psp, merchant_id)
    try:
        merchant.update(request.get_json())
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return answer(vars(merchant))


def _merchant(psp, merchant_id: str) -> Merchant:
    try:
        return psp.store.merchants[merchant_id]
    except KeyError:
        raise NotFound(f"no merchant {merchant_id}") from None


@routes.post("/clock")
def turn_clock(psp, request: Request):
    """Let time pass: tokens, the limiter, the pause between refunds and holds go by this clock."""
    psp.ahead += timedelta(seconds=float(_body(request).get("seconds", 0)))
    psp.tick()
    return answer({"now": psp.now().isoformat()})


@routes.post("/tokens/revoke")
def revoke_tokens(psp, _request):
    """No token is valid any more, as after a change of secrets in the panel."""
    psp.store.revoke_tokens()
    return answer({"status": "ok"})


@routes.get("/calls")
def count_calls(psp, request: Request):
    """How often services were called; refused calls count too."""
    rows = [
        {"merchant": merchant, "service": service, "invoice_id": invoice_id, "count": count}
        for (merchant, service, invoice_id), count in psp.store.calls.items()
    ]
    names = {"merchant", "service", "invoice_id"} & request.args.keys()
    rows = [row for row in rows if all(row[name] == request.args[name] for name in names)]
    return answer({"total": sum(row["count"] for row in rows), "calls": rows})


# --- payments


@routes.get("/payments")
def list_payments(psp, request: Request):
    wanted = request.args.get("invoice_id")
    payments = psp.store.payments.values()
    return answer([item.as_json() for item in payments if wanted in (None, item.invoice_id)])


@routes.get("/payments/<reference>")
def show_payment(psp, _request, reference: str):
    return answer(_payment(psp, reference).as_json())


@routes.post("/payments/<reference>/pay")
def pay(psp, request: Request, reference: str):
    """The buyer pays, without a browser; answers when the shop has answered.

    A payment whose card is known already (3D Secure is on) only needs the outcome.
    """
    payment, wish = _unfinished(psp, reference), _body(request)
    outcome = wish.get("outcome", "")
    if outcome not in _OUTCOMES:
        raise BadRequest(f"outcome is one of {', '.join(_OUTCOMES)}")
    if outcome == "cancel":
        return _told(payment, psp.cancel(payment), wish)
    if payment.state == "open":
        _begin(psp, payment, wish)
    payment.preset = _bank(wish)
    if payment.merchant.branded_3d or payment.kind != "branded":
        delivery = psp.authenticate(payment, outcome != "wrong_password")
    else:
        delivery = psp.charge(payment)
    return _told(payment, delivery, wish)


def _begin(psp, payment: Payment, wish: dict):
    card = cards.find(wish.get("card", "visa"))
    if not card:
        raise BadRequest("no such test card")
    count = int(wish.get("installments") or payment.installments or 1)
    if count not in dict(payment.offers(card)):
        raise BadRequest(f"the page does not offer {count} instalments")
    psp.begin(payment, card, count)


@routes.post("/payments/<reference>/outcome")
def set_outcome(psp, request: Request, reference: str):
    """What the bank will say when it is asked next, to the card or to a capture."""
    payment = _payment(psp, reference)
    payment.preset = _bank(_body(request))
    return answer(payment.as_json())


@routes.post("/payments/<reference>/expire")
def expire(psp, request: Request, reference: str):
    """The time is up now: a page nobody used, an uncompleted payment, or a hold."""
    payment = _payment(psp, reference)
    if payment.state in ("completed", "failed"):
        raise BadRequest(f"the payment is {payment.state}")
    return _told(payment, psp.expire(payment), _body(request))


@routes.get("/payments/<reference>/redirect")
def show_redirect(psp, _request, reference: str):
    """Where the browser goes when the payment is over."""
    return answer(_redirect(_payment(psp, reference)))


@routes.post("/payments/<reference>/forge")
def forge(psp, request: Request, reference: str):
    """A redirect that claims success and was not sent by Platformode.

    `how` is "iv": a genuine hash_key whose first byte was turned from 0 into 1, possible because
    the encryption has no authentication; "replay": the hash_key of the payment `of`; or "secret":
    made with another secret. `fields` replace parameters at the end.
    """
    payment, wish = _payment(psp, reference), _body(request)
    how = wish.get("how", "iv")
    if how == "iv":
        bundle = _flipped(payment)
    elif how == "replay":
        bundle = redirect_fields(_payment(psp, wish.get("of", "")))["hash_key"]
    else:
        order = (payment.invoice_id, payment.order_id)
        bundle = wire.pack("x" * 32, "1", to_major(payment.amount), *order, payment.currency)
    code, text = OK
    fields = redirect_fields(payment) | {
        "payment_status": "1",
        "status_code": code,
        "status_description": text,
        "error_code": code,
        "error": text,
        "md_status": "1",
        "hash_key": bundle,
    }
    fields |= wish.get("fields", {})
    return answer({"url": with_query(payment.return_url, fields), "fields": fields})


def _flipped(payment: Payment) -> str:
    """The vector must stay one: only a digit's neighbour is a hexadecimal digit for sure."""
    bundle = ""
    while bundle[:1] not in tuple(string.digits):
        bundle = redirect_fields(payment)["hash_key"]
    return chr(ord(bundle[0]) ^ ord("0") ^ ord("1")) + bundle[1:]


def _redirect(payment: Payment) -> dict:
    url, fields = way_back(payment)
    address = with_query(url, fields, payment.merchant.raw_plus)
    return {"url": address, "fields": fields, "method": payment.method}


def _body(request: Request) -> dict:
    return request.get_json(silent=True) or {}


def _bank(wish: dict) -> tuple[str, str] | None:
    bank = wish.get("bank")
    return (str(bank[0]), str(bank[1])) if bank else None


def _payment(psp, reference: str) -> Payment:
    payment = psp.store.find(reference)
    if not payment:
        raise NotFound(f"no payment {reference}")
    return payment


def _unfinished(psp, reference: str) -> Payment:
    payment = _payment(psp, reference)
    if payment.state not in ("open", "challenge"):
        raise BadRequest(f"the payment is {payment.state}")
    return payment


def _told(payment: Payment, delivery: Delivery | None, wish: dict):
    """The payment, the way back, and what the shop answered, once it has."""

    def result():
        return answer(
            {
                "payment": payment.as_json(),
                "redirect": _redirect(payment),
                "notification": delivery.as_json() if delivery else None,
            }
        )

    if not delivery or wish.get("wait") == 0:
        return result()
    return Held(delivery.answered, result, float(wish.get("wait", 10)))


# --- refunds and recurring payments


@routes.get("/refunds")
def list_refunds(psp, request: Request):
    wanted = request.args.get("invoice_id")
    refunds = psp.store.refunds.values()
    return answer([item.as_json() for item in refunds if wanted in (None, item.payment.invoice_id)])


@routes.post("/refunds/<refund_id>/approve")
def approve(psp, request: Request, refund_id: str):
    refund = _pending(psp, refund_id)
    delivery = psp.approve(refund)
    return _told(refund.payment, delivery, _body(request))


@routes.post("/refunds/<refund_id>/reject")
def reject(psp, _request, refund_id: str):
    refund = _pending(psp, refund_id)
    refund.state = "rejected"
    return answer(refund.as_json())


@routes.post("/refunds/<refund_id>/hook")
def call_refund_hook(psp, request: Request, refund_id: str):
    """Call the refund's web hook, again if need be."""
    refund = _refund(psp, refund_id)
    return _told(refund.payment, psp.tell_refund(refund), _body(request))


def _refund(psp, refund_id: str) -> Refund:
    refund = psp.store.refund(refund_id)
    if not refund:
        raise NotFound(f"no refund {refund_id}")
    return refund


def _pending(psp, refund_id: str) -> Refund:
    refund = _refund(psp, refund_id)
    if refund.state != "pending":
        raise BadRequest(f"the refund is {refund.state}")
    return refund


@routes.get("/stored-cards")
def list_stored_cards(psp, _request):
    return answer(
        [
            {"token": card.token, "customer": card.customer_number, "expiry": card.expiry}
            for card in psp.store.cards.values()
        ]
    )


@routes.get("/plans")
def list_plans(psp, _request):
    return answer([plan.as_json() for plan in psp.store.plans.values()])


@routes.post("/plans/<code>/run")
def run_plan(psp, request: Request, code: str):
    """The next recurring payment is due now; a failed one is attempted again by the next run."""
    plan, wish = _plan(psp, code), _body(request)
    if plan.status != "Active":
        raise BadRequest(f"the plan is {plan.status}")
    bank = _bank(wish) or (None if wish.get("success", True) else ("05", "Genel red"))
    payment, delivery = psp.repeat(plan, bank)
    return _told(payment, delivery, wish)


def _plan(psp, code: str) -> Plan:
    plan = psp.store.plans.get(code)
    if not plan:
        raise NotFound(f"no plan {code}")
    return plan


# --- web hooks


@routes.post("/notifications")
def send_notification(psp, request: Request):
    """Call a web hook with any message: the invoice's last one again, a changed or a forged one.

    With `kind` (sale, recurring, or refund with its `refund`) a new one is made: `fields`, `total`
    and `currency` are set before hashing with `secret`, `tamper` and `drop` after it.
    """
    order = _body(request)
    payment = _payment(psp, order.get("invoice_id", ""))
    hook, fields = _message(psp, payment, order)
    fields |= order.get("tamper", {})
    for name in order.get("drop", []):
        fields.pop(name, None)
    delivery = psp.delivery(payment, hook, fields)
    delivery.body = urlencode(fields, encoding=order.get("charset", "utf-8")).encode()
    delivery.content_type = order.get("content_type", FORM)
    delivery.copies = int(order.get("times", 1))
    if "url" in order:
        delivery.url = lambda: order["url"]
    psp.world.notifier.send(delivery, float(order.get("delay", 0)))
    return Held(delivery.answered, lambda: answer(delivery.as_json()), float(order.get("wait", 10)))


def _message(psp, payment: Payment, order: dict) -> tuple[str, dict[str, str]]:
    kind = order.get("kind")
    if not kind:
        log = psp.world.notifier.log(psp=psp.code, order=payment.invoice_id)
        if not log:
            raise BadRequest("nothing was sent yet: a kind is needed")
        return order.get("hook", payment.hook), dict(log[-1].fields)
    changes = {name: str(value) for name, value in order.get("fields", {}).items()}
    if kind == "refund":
        refund = _refund(psp, order.get("refund", ""))
        hook, fields, total = refund.hook, refund_fields(refund) | changes, None
    elif kind == "recurring":
        hook = payment.plan.first.terms.hook
        fields, total = recurring_fields(payment.plan, payment) | changes, payment.amount
    else:
        status = "Failed" if payment.state == "failed" else "Completed"
        hook, fields, total = payment.hook, sale_fields(payment, status) | changes, payment.amount
    secret = order.get("secret", payment.merchant.app_secret)
    names = (fields["invoice_id"], fields["order_id"])
    if total is None:
        fields["hash_key"] = wire.pack(secret, fields["status"], fields["amount"], *names)
        return order.get("hook", hook), fields
    name = "Hash_key" if kind == "sale" else "hash_key"
    text = str(order.get("total", to_major(total)))
    currency = order.get("currency", payment.currency)
    fields[name] = wire.pack(secret, fields["status"], text, *names, currency)
    return order.get("hook", hook), fields
