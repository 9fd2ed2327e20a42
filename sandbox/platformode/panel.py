"""What a merchant does in Platformode's panel, and a cardholder's bank: no service is asked."""

import secrets

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from ..web import Routes, answer
from .store import Payment, Refund

routes = Routes()


@routes.post("/payments/<reference>/panel/refund")
def refund(psp, request: Request, reference: str):
    """Give back an amount in minor units, or all that is left; `hook` names a web hook to call."""
    return _given_back(psp, request, _payment(psp, reference, "completed"))


@routes.post("/payments/<reference>/panel/chargeback")
def charge_back(psp, request: Request, reference: str):
    """The cardholder's bank takes back what is left."""
    payment = _payment(psp, reference, "completed")
    payment.is_charged_back = True
    return _given_back(psp, request, payment)


@routes.post("/payments/<reference>/panel/capture")
def capture(psp, request: Request, reference: str):
    """Collect an amount in minor units of a hold, or all of it."""
    payment = _payment(psp, reference, "held")
    amount = _amount(request, payment.amount)
    psp.capture(payment, amount)
    return answer(payment.as_json())


@routes.post("/payments/<reference>/panel/void")
def void(psp, _request, reference: str):
    payment = _payment(psp, reference, "held")
    psp.release(payment)
    return answer(payment.as_json())


def _given_back(psp, request: Request, payment: Payment):
    wish = request.get_json(silent=True) or {}
    given = Refund(
        payment,
        f"PANEL{secrets.token_hex(6)}",
        _amount(request, psp.refundable(payment)),
        wish.get("hook", ""),
    )
    psp.store.refunds[payment.merchant.id, given.id] = given
    payment.changed = payment.refunded_at = psp.now()
    psp.approve(given)
    return answer(given.as_json())


def _amount(request: Request, most: int) -> int:
    amount = (request.get_json(silent=True) or {}).get("amount", most)
    if not 0 < amount <= most:
        raise BadRequest(f"between 1 and {most}")
    return amount


def _payment(psp, reference: str, state: str) -> Payment:
    payment = psp.store.find(reference)
    if not payment:
        raise NotFound(f"no payment {reference}")
    if payment.state != state:
        raise BadRequest(f"the payment is {payment.state}")
    return payment
