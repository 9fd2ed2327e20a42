"""A shop at Platformode: its keys, an order, and Platformode's side of `hash_key`, written anew."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import forms
import samples
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from gateways.base import Card, Money, Order, Refund, StoredCard
from gateways.keyring import Keyring
from gateways.platformode import Platformode

VECTORS = json.loads(
    (Path(__file__).parent / "vectors" / "platformode.json").read_text(encoding="utf-8")
)
SEALED = {vector["case"]: vector for vector in VECTORS["vectors"] + VECTORS["extra"]}
HASHES = {case: vector["hash_key"] for case, vector in SEALED.items()}
SECRET, MERCHANT_KEY = VECTORS["app_secret"], VECTORS["merchant_key"]
IV, SALT = VECTORS["iv"], VECTORS["salt"]
CREDENTIALS = {"app_id": "a1b2c3d4e5f6", "app_secret": SECRET, "merchant_key": MERCHANT_KEY}
HOOKS = {
    "sale_hook": "shop-sale",
    "refund_hook": "shop-refund",
    "recurring_hook": "shop-recurring",
}
TOKEN = "eyJ0eXAiOiJKV1QifQ.invented.handed-out_1"

INVOICE = "SO0001-1"
ORDER_ID = "162616268649431"
ORDER = Order(reference=INVOICE, amount=Money(10000, "TRY"), test=True)
CHECKOUT = replace(
    samples.CHECKOUT,
    return_url="https://shop.example/payment/platformode/return",
    cancel_url="https://shop.example/payment/platformode/cancel",
)

# What the document and its samples have of the customer.
FORMS = {
    "ip": forms.is_public_ip,
    **dict.fromkeys(["name", "surname"], forms.words(100)),
    **dict.fromkeys(["bill_email", "customer_email"], forms.email(254)),
    **dict.fromkeys(["bill_phone", "customer_phone"], forms.matching(r"\+[0-9]{7,15}")),
    **dict.fromkeys(
        [
            *["bill_address1", "bill_address2", "bill_city", "bill_state", "bill_postcode"],
            *["bill_country", "customer_name", "cc_holder_name", "card_holder_name"],
        ],
        forms.words(100),
    ),
}


CARD = Card(number="4111111111111111", holder="ALI VELI", month="12", year="2030", code="123")
STORED = StoredCard(token="WNPDZDQNMVNRQO23TESTTOKEN", customer="1001", number="411111******1111")
REFUND = Refund(reference="RSO0001a", amount=Money(1050, "TRY"), refunded_before=Money(500, "TRY"))
TAKEN = replace(REFUND, is_taken=True)

HOST = "https://app.platformode.com.tr/ccpayment"
TOKENS = f"{HOST}/api/token"
PAGE = f"{HOST}/purchase/link"
STATUS = f"{HOST}/api/checkstatus"
REFUNDING = f"{HOST}/api/refund"
CONFIRMING = f"{HOST}/api/confirmPayment"
CARD_OPTIONS = f"{HOST}/api/getpos"
INSTALLMENTS = f"{HOST}/api/installments"
COMMISSIONS = f"{HOST}/api/commissions"
PAY_2D = f"{HOST}/api/paySmart2D"
TOKEN_3D = f"{HOST}/api/payByCardToken"
TOKEN_2D = f"{HOST}/api/payByCardTokenNonSecure"
COMPLETING = f"{HOST}/payment/complete"
STORING = f"{HOST}/api/saveCard"
RENEWING = f"{HOST}/api/editCard"
FORGETTING = f"{HOST}/api/deleteCard"
STORED_CARDS = f"{HOST}/api/getCardTokens"
PLAN_QUERY = f"{HOST}/api/recurringPlan/query"
PLAN_UPDATE = f"{HOST}/api/recurringPlan/update"
PLAN_DELETE = f"{HOST}/api/recurringPlan/delete"
DAY_LIST = f"{HOST}/api/getTransactions"
ALL_LIST = f"{HOST}/api/alltransaction"

LINK = f"{HOST}/purchase/link/c0ffee"
OPENED = {"status": "true", "success_message": "Link oluşturuldu", "link": LINK}
PAID = {
    "status_code": 100,
    "status_description": f"An order has been taken place for this invoice id: {INVOICE}",
    "transaction_status": "Completed",
    "order_id": ORDER_ID,
    "transaction_id": "SXY0m-o3kb-TC10-12345-220621",
    "message": f"An order has been taken place for this invoice id: {INVOICE}",
    "reason": "",
    "bank_status_code": "",
    "bank_status_description": "",
    "invoice_id": INVOICE,
    "total_refunded_amount": 0,
    "product_price": "100.00",
    "transaction_amount": 106.1,
    "ref_number": "",
    "transaction_type": "Auth",
    "merchant_commission": "2.68",
    "user_commission": "6.10",
    "md_status": 1,
    "settlement_date": "2026-07-22",
    "original_bank_error_code": "",
    "original_bank_error_description": "",
}
NOT_PAID = PAID | {
    "status_code": 41,
    "status_description": "Order Failed",
    "transaction_status": "Failed",
    "message": "Order Failed",
    "reason": "Failed # transaction failed",
    "bank_status_code": "Failed # transaction failed",
    "bank_status_description": "transaction failed",
    "original_bank_error_code": "51",
    "original_bank_error_description": "Limit yetersiz",
}
HELD = PAID | {"transaction_status": "Pending", "transaction_type": "Pre-Authorization"}
REFUNDED = {
    "status_code": 100,
    "status_description": "Refund completed successfully",
    "order_no": ORDER_ID,
    "invoice_id": INVOICE,
    "ref_no": "5454545dgdgd545545",
}
CONFIRMED = {
    "status_code": 100,
    "status_description": f"An order has been taken place for this invoice id: {INVOICE}",
    "transaction_status": "Completed",
    "order_id": ORDER_ID,
    "invoice_id": INVOICE,
}
RELEASED = CONFIRMED | {"transaction_status": "Failed"}


class HandedOut(Keyring):
    """Has a token already, for what the merchant may do: how one is got is tested with access."""

    def __init__(self, is_3d: str = "4"):
        super().__init__()
        self._access = json.dumps({"token": TOKEN, "is_3d": is_3d})

    def obtain(self, name, fetch, *, seconds, stale=""):
        if ":token:" in name:
            return self._access
        return super().obtain(name, fetch, seconds=seconds, stale=stale)


def allowed(is_3d: str, **options: str) -> Platformode:
    """A shop whose agreement has certain flows, and perhaps some settings."""
    return Platformode(CREDENTIALS | options, keyring=HandedOut(is_3d))


def token_answer(token: object = TOKEN, **fields) -> dict:
    return {
        "status_code": 100,
        "status_description": "Successfully Generated token",
        "data": {"token": token, "is_3d": 4},
        "expires_at": "2026-01-18 20:20:10",
    } | fields


def pack(*fields: str, secret: str = SECRET, iv: str = IV, salt: str = SALT) -> str:
    password = hashlib.sha1(secret.encode()).hexdigest()
    key = hashlib.sha256(f"{password}{salt}".encode()).hexdigest()[:32]
    plain = "|".join(fields).encode()
    missing = 16 - len(plain) % 16
    encryptor = Cipher(AES(key.encode()), CBC(iv.encode())).encryptor()
    encrypted = encryptor.update(plain + bytes([missing] * missing))
    return f"{iv}:{salt}:{base64.b64encode(encrypted).decode().replace('/', '__')}"


def sale_hook(status: str = "Completed", total: str = "100.00", **fields: str) -> dict[str, str]:
    """A genuine sale web hook; `fields` are those outside of its hash."""
    return {
        "invoice_id": INVOICE,
        "order_id": ORDER_ID,
        "status": status,
        "payment_status": "1" if status == "Completed" else "0",
        "status_description": "Ödeme alındı",
        "payment_method": "1",
        "transaction_type": "Auth",
        "Hash_key": pack(status, total, INVOICE, ORDER_ID, "TRY"),
    } | fields


def refund_hook(amount: str = "10.50", **fields: str) -> dict[str, str]:
    """A genuine refund web hook, with a hash of four fields."""
    return {
        "invoice_id": INVOICE,
        "order_id": ORDER_ID,
        "amount": amount,
        "status": "Completed",
        "hash_key": pack("Completed", amount, INVOICE, ORDER_ID),
    } | fields


def browser_return(status: str = "1", total: str = "100.00", **fields: str) -> dict[str, str]:
    """What the browser of the buyer brings back, under other names than the hooks have."""
    return {
        "payment_status": status,
        "order_no": ORDER_ID,
        "invoice_id": INVOICE,
        "status_code": "100" if status == "1" else "41",
        "status_description": "Sonuç",
        "payment_method": "1",
        "transaction_type": "Auth",
        "hash_key": pack(status, total, INVOICE, ORDER_ID, "TRY"),
    } | fields


def recurring_hook(number: str = "2", **fields: str) -> dict[str, str]:
    """A genuine web hook of a recurrence's later payment, as the document's sample has it."""
    return {
        "merchant_key": MERCHANT_KEY,
        "invoice_id": "1649229007",
        "order_id": ORDER_ID,
        "product_price": "100.00",
        "plan_code": "1649229007oFOkJ8",
        "recurring_number": number,
        "status": "Completed",
        "attempts": "1",
        "action_date": "2026-06-24 14:15:48",
        "hash_key": pack("Completed", "100.00", "1649229007", ORDER_ID, "TRY"),
    } | fields


GENUINE = [
    (ORDER, sale_hook()),
    (ORDER, sale_hook("Failed")),
    (ORDER, refund_hook()),
    (ORDER, recurring_hook()),
    (ORDER, browser_return()),
    (ORDER, browser_return("0", order_id=ORDER_ID)),
]


def posted(call) -> dict[str, str]:
    """The form of a request that `responses` has recorded."""
    return dict(parse_qsl(call.request.body, keep_blank_values=True))


def sent(call) -> dict:
    """The JSON of a request that `responses` has recorded."""
    return json.loads(call.request.body)
