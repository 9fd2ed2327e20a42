"""What the merchant does with a payment later: refund it, capture or drop it, complete it."""

from datetime import timedelta

from ..money import to_major, to_minor
from ..web import Routes
from . import checkout, wire
from .gate import Refused, check_hash, require, service
from .store import Merchant, Payment, Refund

routes = Routes()

_PAUSE = timedelta(seconds=30)
_REFUNDED = "Refund completed successfully"


# --- refund


@service(routes, "/api/refund", "refund")
def refund(psp, merchant: Merchant, fields: dict) -> dict:
    """Give back an amount, or with "" or 0 all that is left.

    The ceiling is the merchant's total: the buyer's commission stays where it is.
    """
    require(fields, "invoice_id", "app_id", "app_secret", "refund_transaction_id")
    if "amount" not in fields:
        raise Refused("1", "The amount field is required.")
    if (fields["app_id"], fields["app_secret"]) != (merchant.app_id, merchant.app_secret):
        raise Refused("30")
    check_hash(fields, merchant.app_secret, wire.REFUND_HASH)
    hook = fields.get("refund_web_hook_key", "")
    if hook and hook not in merchant.hooks:
        raise Refused("56", "Invalid refund web hook key! Please check key name on Platformode")
    payment = psp.store.invoice(merchant, fields["invoice_id"])
    names = {
        "order_no": payment.order_id if payment else "",
        "invoice_id": fields["invoice_id"],
        "ref_no": "",
        "ref_number": "",
    }
    if (merchant.id, fields["refund_transaction_id"]) in psp.store.refunds:
        raise Refused("104", **names)
    amount = _wish(psp, payment, fields["amount"])
    if objection := _objection(psp, payment, amount):
        raise Refused(*objection, **names)
    given = Refund(payment, fields["refund_transaction_id"], amount, hook)
    code = psp.give_back(given)
    text = _REFUNDED if code == checkout.DONE else wire.CODES[code]
    names |= {"ref_no": given.reference, "ref_number": given.reference}
    return {"status_code": int(code), "status_description": text} | names


def _wish(psp, payment: Payment | None, text: str) -> int:
    """The amount asked for; -1 when it is none."""
    amount = to_minor(text or "0")
    if amount is None:
        return -1
    return amount or (psp.refundable(payment) if payment else 0)


def _objection(psp, payment: Payment | None, amount: int) -> tuple[str, str] | None:
    if amount < 0:
        return "1", "The amount must be a number."
    if not payment:
        return "49", "Sale Transaction not found"
    if payment.state != "completed":
        return "49", "Non refund Transaction State"
    if payment.refunded_at and psp.now() - payment.refunded_at < _PAUSE:
        return "49", "Please wait at least 30 seconds for another refund"
    if not 0 < amount <= psp.refundable(payment):
        return "49", "Total refund amount should not cross net amount"
    if payment.merchant.balance is not None and amount > payment.merchant.balance:
        return "49", "Insufficient balance"
    if amount < payment.amount and not payment.merchant.partial_refunds:
        return "110", ""
    return None


# --- pre-authorisation


@service(routes, "/api/confirmPayment", "confirm")
def confirm(psp, merchant: Merchant, fields: dict) -> dict:
    """Capture a hold (1), or a part of it, or drop it (2)."""
    require(fields, "invoice_id", "status")
    if fields["status"] not in ("1", "2"):
        raise Refused("1", "The status must be 1 or 2.")
    check_hash(fields, merchant.app_secret, wire.CONFIRM_HASH)
    payment = psp.store.invoice(merchant, fields["invoice_id"])
    if not payment or payment.state != "held":
        raise Refused("113", invoice_id=fields["invoice_id"])
    total = to_minor(fields.get("total") or "0")
    if total is None or total > payment.amount:
        raise Refused("1", "The total may not be greater than the pre authorization.")
    names = {"order_id": payment.order_id, "invoice_id": payment.invoice_id}
    if payment.preset:
        payment.bank, payment.preset = payment.preset, None
        raise Refused("105", transaction_status=payment.status, **names)
    if fields["status"] == "2":
        psp.release(payment)
        text = f"The order has been cancelled for this invoice id: {payment.invoice_id}"
    else:
        psp.capture(payment, total or payment.amount)
        text = f"An order has been taken place for this invoice id: {payment.invoice_id}"
    state = {"status_code": 100, "status_description": text, "transaction_status": payment.status}
    return state | names


# --- 3D Secure that the merchant completes


@service(routes, "/payment/complete", "complete")
def complete(psp, merchant: Merchant, fields: dict) -> dict:
    """Ask the bank for the money of an authenticated payment, or let it go."""
    require(fields, "invoice_id", "order_id", "status")
    if fields["status"] not in ("complete", "cancel"):
        raise Refused("1", "The status must be complete or cancel.")
    check_hash(fields, merchant.app_secret, wire.COMPLETE_HASH)
    psp.tick()
    payment = psp.store.invoice(merchant, fields["invoice_id"])
    if not payment or payment.state != "authenticated" or payment.order_id != fields["order_id"]:
        text = f"Pending sale not found against order_id {fields['order_id']}"
        names = {"invoice_id": fields["invoice_id"], "order_id": fields["order_id"]}
        raise Refused("31", text, data=names)
    if fields["status"] == "cancel":
        psp.cancel(payment)
        code, text = 100, "Payment Successfully Cancelled"
    else:
        psp.charge(payment)
        code, text = 100, "Payment Successfully Completed"
        if payment.state == "failed":
            code, text = int(payment.failure[0]), payment.failure[1]
    return {
        "status_code": code,
        "status_description": text,
        "data": {
            "order_no": payment.order_id,
            "order_id": payment.order_id,
            "invoice_id": payment.invoice_id,
            "status_code": code,
            "status_description": text,
            "credit_card_no": payment.masked,
            "transaction_type": payment.transaction_type,
            "payment_status": payment.state != "failed",
            "payment_method": 1,
            "error_code": code,
            "error": text,
            "auth_code": f"{payment.sale.id:06d}" if payment.sale else "",
            "status": payment.status,
            "hash_key": _completion_hash(payment),
        },
    }


def _completion_hash(payment: Payment) -> str:
    """This one answer writes its total without the zeros at the end, as a genuine one shows."""
    total = to_major(payment.amount).rstrip("0").rstrip(".")
    secret, order = payment.merchant.app_secret, (payment.invoice_id, payment.order_id)
    return wire.pack(secret, payment.status, total, *order, payment.currency)
