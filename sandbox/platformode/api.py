"""The services around a payment: token, branded page, status, and what instalments cost."""

from datetime import datetime, timedelta

from werkzeug.wrappers import Request, Response

from .. import cards
from ..cards import Card
from ..money import to_major, to_minor
from ..web import Routes, answer
from . import orders, wire
from .gate import (
    Refused,
    admit,
    check_hash,
    merchant_of,
    parse_object,
    read_form,
    read_json,
    refuse,
    require,
    service,
)
from .store import Merchant, Payment, offers, program

routes = Routes()

BRANDED = 4
_TIME = "%Y-%m-%d %H:%M:%S"
_BIN = 6
# Of agricultural cards; the sample has (1, 1), the others are invented.
AGRICULTURAL_TERMS = ((1, 1), (6, 1), (6, 3))


# --- token


@routes.post("/api/token", service="token", refusal=refuse)
def token(psp, request: Request) -> Response:
    """A token for two hours. The sample prints expires_at beside `data`, not inside."""
    fields = read_json(request)
    merchant = psp.store.merchant(app_id=fields.get("app_id", ""))
    if not merchant or merchant.app_secret != fields.get("app_secret"):
        psp.store.count(merchant, "token")
        return refuse("2")
    admit(psp, merchant, "token", request, fields)
    text, expires = psp.store.open_session(merchant, psp.now())
    data = {"token": text, "is_3d": merchant.is_3d}
    until = {"expires_at": expires.strftime(_TIME)}
    body = {"status_code": 100, "status_description": "Successfully Generated token"}
    if merchant.expires_inside:
        return answer(body | {"data": data | until})
    return answer(body | {"data": data} | until)


# --- the branded page


def _refuse_link(code: str) -> Response:
    return _no_link(Refused(code))


def _no_link(refusal: Refused, merchant: Merchant | None = None) -> Response:
    status = False if merchant and merchant.status_is_boolean else "false"
    return answer(
        {"status": status, "success_message": refusal.text, "link": ""} | refusal.as_json()
    )


@routes.post("/purchase/link", service="link", refusal=_refuse_link)
def purchase_link(psp, request: Request) -> Response:
    """An address where one invoice can be paid.

    The request carries neither a token nor a hash_key: it is the merchant_key that counts.
    """
    form, merchant = read_form(request), None
    try:
        merchant = merchant_of(psp, form)
        require(form, "currency_code", "invoice", "name", "surname")
        fields = _merged(form)
        admit(psp, merchant, "link", request, form | fields)
        payment = _branded(psp, merchant, fields)
    except Refused as refusal:
        return _no_link(refusal, merchant)
    psp.store.add(payment)
    return answer(
        {
            "status": True if merchant.status_is_boolean else "true",
            "status_code": 100,
            "success_message": "Payment link has been created successfully",
            "link": f"{request.root_url}checkout/{payment.token}",
            "order_id": payment.order_id,
        }
    )


def _merged(form: dict[str, str]) -> dict:
    """Most fields may stand inside the invoice or beside it; beside it wins."""
    invoice = parse_object(form["invoice"])
    if invoice is None:
        raise Refused("1", "The invoice must be a valid JSON string.")
    return invoice | {name: value for name, value in form.items() if value and name != "invoice"}


def _branded(psp, merchant: Merchant, fields: dict) -> Payment:
    if merchant.is_3d != BRANDED:
        raise Refused("34")
    if fields.get("is_cvv_less", "0") not in ("0", "1"):
        raise Refused("1", "The is_cvv_less must be 0 or 1.")
    check_insurance(merchant, fields)
    return orders.read(psp, merchant, "branded", fields, fields.get("items"))


def check_insurance(merchant: Merchant, fields: dict) -> bool:
    """Whether this is an insurance payment, which only some merchants may make."""
    if not fields.get("vpos_type"):
        return False
    if fields["vpos_type"] != "insurance":
        raise Refused("1", "The vpos_type must be insurance.")
    if not merchant.insurance:
        raise Refused("106")
    identity = fields.get("identity_number", "")
    if not (identity.isdecimal() and len(identity) in (10, 11)):
        raise Refused("1", "The identity_number must be between 10 and 11 digits.")
    return True


# --- order status


@service(routes, "/api/checkstatus", "checkstatus", amounts=("product_price", "transaction_amount"))
def check_status(psp, merchant: Merchant, fields: dict) -> dict:
    """How an invoice stands; what the document does not show is an invoice nobody has paid yet."""
    require(fields, "invoice_id")
    check_hash(fields, merchant.app_secret, wire.STATUS_HASH)
    payment = psp.store.invoice(merchant, fields["invoice_id"])
    if not payment:
        raise Refused("31", invoice_id=fields["invoice_id"])
    code, text = _verdict(payment)
    body = {
        "status_code": code,
        "status_description": text,
        "transaction_status": payment.status,
        "order_id": payment.order_id,
        "transaction_id": payment.transaction_id,
        "message": text,
        "reason": "",
        "bank_status_code": "",
        "bank_status_description": "",
        "invoice_id": payment.invoice_id,
        "total_refunded_amount": wire.number(psp.refunded(payment)),
        "product_price": to_major(payment.amount),
        "transaction_amount": wire.number(payment.charged),
        "ref_number": payment.reference,
        "transaction_type": payment.transaction_type,
        "merchant_commission": to_major(payment.merchant_commission),
        "user_commission": to_major(payment.user_commission),
        "md_status": payment.md_status,
        "original_bank_error_code": payment.bank[0],
        "original_bank_error_description": payment.bank[1],
    }
    if payment.state == "failed":
        reason = payment.bank[1] or payment.failure[1]
        body["reason"] = body["bank_status_code"] = f"Failed # {reason}"
        body["bank_status_description"] = reason
    if payment.sale:
        body["settlement_date"] = settlement(payment).strftime("%Y-%m-%d")
    if plan := payment.plan:
        body |= {
            "recurring_id": plan.id,
            "recurring_plan_code": plan.code,
            "next_action_date": plan.next_at.strftime(_TIME),
            "recurring_status": plan.status,
        }
    return body


def _verdict(payment: Payment) -> tuple[int, str]:
    if payment.state == "failed":
        return 41, "Order Failed"
    if payment.state == "completed" or (
        payment.state == "held" and payment.merchant.held_status == 100
    ):
        return 100, f"An order has been taken place for this invoice id: {payment.invoice_id}"
    return 69, wire.CODES["69"]


def settlement(payment: Payment) -> datetime:
    return payment.changed + timedelta(days=1)


# --- instalments and commissions


@service(routes, "/api/getpos", "getpos", unknown=("3", "Merchant not found"))
def get_pos(psp, merchant: Merchant, fields: dict) -> dict:
    """The instalments a card may pay in. A BIN no Turkish bank owns pays at once."""
    require(fields, "credit_card", "amount", "currency_code")
    digits = fields["credit_card"].replace(" ", "")
    if not digits.isdecimal() or len(digits) < _BIN:
        raise Refused("108")
    amount, currency = to_minor(fields["amount"]), fields["currency_code"]
    if not amount:
        raise Refused("1", "The amount must be a number.")
    if currency not in merchant.currencies:
        raise Refused("12", "Invalid Currency code")
    if merchant.is_3d == 0 and fields.get("is_2d") != "1":
        raise Refused("34")
    card = cards.by_bin(digits[:8]) or cards.by_bin(digits[:_BIN])
    in_parts = fields.get("is_recurring") != "1"
    return {
        "status_code": 100,
        "status_description": "Successful",
        "data": [
            {
                "pos_id": count,
                "campaign_id": 0,
                "allocation_id": 0,
                "installments_number": count,
                "card_program": program(card) if card else "",
                "amount_to_be_paid": wire.number(total),
                "currency_code": currency,
                "currency_id": int(wire.CURRENCY_IDS[currency]),
                "title": "Single payment" if count == 1 else f"{count} Installments",
                "hash_key": wire.pack(
                    merchant.app_secret, str(count), to_major(amount), str(count), currency
                ),
            }
            | terms
            for count, total in offers(merchant, card, amount, currency, in_parts)
            for terms in agricultural_terms(card)
        ],
    }


def agricultural_terms(card: Card | None) -> list[dict[str, int]]:
    """What an agricultural card's holder chooses from; one empty choice for any other card."""
    if not (card and card.agricultural):
        return [{}]
    return [
        {"maturity_period": period, "payment_frequency": frequency}
        for period, frequency in AGRICULTURAL_TERMS
    ]


@service(routes, "/api/installments", "installments")
def installments(_psp, merchant: Merchant, _fields: dict) -> dict:
    if not merchant.installments:
        raise Refused("62")
    return {
        "status_code": 100,
        "status_description": "Successful",
        "installments": sorted(merchant.installments),
    }


@service(routes, "/api/commissions", "commissions", unknown=None)
def commissions(_psp, merchant: Merchant, fields: dict) -> dict:
    """The whole table; "x" stands for what is not switched on."""
    currency = fields.get("currency_code", "")
    if currency not in merchant.currencies:
        return {"status_code": 0, "status_description": "Invalid Currency code"}
    return {
        "status_code": 100,
        "status_description": "Successful",
        "data": {
            str(count): [
                _commission(merchant, name, count, currency) for name in wire.PROGRAMS.values()
            ]
            for count in range(1, 13)
        },
    }


def _commission(merchant: Merchant, name: str, count: int, currency: str) -> dict:
    rate = merchant.rate(name, count) if currency == "TRY" or count == 1 else None
    of_merchant, of_buyer = (to_major(part) for part in rate) if rate else ("x", "x")
    fixed = to_major(0) if rate else "x"
    return {
        "card_program": name,
        "merchant_commission_percentage": of_merchant,
        "merchant_commission_fixed": fixed,
        "user_commission_percentage": of_buyer,
        "user_commission_fixed": fixed,
        "currency_code": currency,
        "installment": count,
    }
