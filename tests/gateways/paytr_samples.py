"""A shop at PayTR: its keys, an order, and PayTR's side of the signatures, written once more."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import forms
import samples

from gateways.base import Money, Order, Refund

VECTORS = json.loads((Path(__file__).parent / "vectors" / "paytr.json").read_text())
TOKENS = {vector["case"]: vector["token"] for vector in VECTORS["vectors"]}
CREDENTIALS = {name: VECTORS[name] for name in ("merchant_id", "merchant_key", "merchant_salt")}
SALT = CREDENTIALS["merchant_salt"]

OID = "SO0001x7f3a"
ORDER = Order(reference=OID, amount=Money(4900, "TRY"), test=True)
TRANSFER = Order(reference=OID, amount=Money(4900, "TRY"), method="bank_transfer", test=True)
LIVE_ORDER = Order(reference=OID, amount=Money(4900, "TRY"))
CHECKOUT = replace(
    samples.CHECKOUT,
    return_url="https://shop.example/payment/paytr/return",
    cancel_url="https://shop.example/payment/paytr/cancel",
)

# What step 1 documents of the customer.
FORMS = {
    "user_ip": forms.is_public_ip,
    "email": forms.email(100),
    "user_name": forms.words(60),
    "user_address": forms.words(400),
    "user_phone": forms.matching(r"\+?[0-9]{7,19}"),
}


REFUND = Refund(reference="RSO0001a", amount=Money(1197, "TRY"), refunded_before=Money(500, "TRY"))

HOST = "https://www.paytr.com"
GET_TOKEN = f"{HOST}/odeme/api/get-token"
STATUS = f"{HOST}/odeme/durum-sorgu"
REFUNDING = f"{HOST}/odeme/iade"
RATES = f"{HOST}/odeme/taksit-oranlari"
BIN = f"{HOST}/odeme/api/bin-detail"

PAID = {
    "status": "success",
    "payment_amount": "49.00",
    "payment_total": "51.45",
    "currency": "TL",
    "taksit": "3",
    "kart_marka": "VISA",
    "masked_pan": "435508***4358",
    "auth_code": "123456",
    "odeme_tipi": "KART",
    "test_mode": "1",
    "returns": [],
}
NOT_PAID = {
    "status": "error",
    "err_no": "004",
    "err_msg": "merchant_oid ile basarili odeme bulunamadi",
}


def sign(*fields: str, key: str = CREDENTIALS["merchant_key"]) -> str:
    digest = hmac.new(key.encode(), "".join(fields).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def notification(status: str = "success", total: str = "4900", **fields: str) -> dict[str, str]:
    """A genuine result notification; `fields` are those that PayTR does not sign."""
    unsigned = {"merchant_id": CREDENTIALS["merchant_id"], "test_mode": "1", "payment_type": "card"}
    if status == "success":
        unsigned |= {"payment_amount": "4900", "currency": "TL", "installment_count": "1"}
    else:
        unsigned |= {"failed_reason_code": "0", "failed_reason_msg": "Kartın limiti yetersiz"}
    signed = {
        "merchant_oid": OID,
        "status": status,
        "total_amount": total,
        "hash": sign(OID, SALT, status, total),
    }
    return unsigned | fields | signed


def interim(bank: str = "isbank") -> dict[str, str]:
    """A genuine interim notification: the buyer says that the bank transfer was sent."""
    return {
        "status": "info",
        "merchant_oid": OID,
        "bank": bank,
        "payment_sent_date": "2026-06-24",
        "user_name": "Ali Veli",
        "user_phone": "05551234567",
        "tc_no_last5": "12345",
        "hash": sign(OID, bank, SALT),
    }


GENUINE = [
    (ORDER, notification()),
    (ORDER, notification("failed", "0")),
    (TRANSFER, notification(payment_type="eft")),
    (TRANSFER, interim()),
]


def posted(call) -> dict[str, str]:
    """The form of a request that `responses` has recorded."""
    return dict(parse_qsl(call.request.body, keep_blank_values=True))
