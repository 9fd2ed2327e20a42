"""What Platformode's document fixes to the letter: the hash_key, names, codes and their words."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from decimal import Decimal

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

_BLOCK = 16
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_COMPARED_AS_NUMBERS = {"total", "amount", "installments_number", "minamount", "maxamount"}


def pack(secret: str, *fields: str, iv: str = "", salt: str = "") -> str:
    """Encrypt fields into a hash_key: `iv:salt:ciphertext`, every slash as two underscores."""
    iv, salt = iv or secrets.token_hex(8), salt or secrets.token_hex(2)
    padder = PKCS7(8 * _BLOCK).padder()
    padded = padder.update("|".join(fields).encode()) + padder.finalize()
    encryptor = _cipher(secret, salt, iv.encode()).encryptor()
    text = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    return f"{iv}:{salt}:{text}".replace("/", "__")


def unpack(secret: str, bundle: str) -> list[str] | None:
    """The fields of a hash_key; None when it is none, or was made with another secret."""
    unpadder = PKCS7(8 * _BLOCK).unpadder()
    try:
        iv, salt, text = bundle.replace("__", "/").split(":")
        decryptor = _cipher(secret, salt, iv.encode()).decryptor()
        padded = decryptor.update(base64.b64decode(text, validate=True)) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode().split("|")
    except ValueError:
        return None


def _cipher(secret: str, salt: str, iv: bytes) -> Cipher:
    """PHP cuts the hexadecimal digest to the 32 bytes the cipher takes, and so do we."""
    password = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
    key = hashlib.sha256((password + salt).encode()).hexdigest()[:32]
    return Cipher(AES(key.encode()), CBC(iv))


def mismatch(secret: str, bundle: str, wanted: Mapping[str, str]) -> str | None:
    """The first field a hash_key disagrees about; "" when it is none at all, None when it fits."""
    found = unpack(secret, bundle)
    if found is None or len(found) != len(wanted):
        return ""
    for (name, value), other in zip(wanted.items(), found, strict=True):
        if not _same(name, value, other):
            return name
    return None


def _same(name: str, one: str, other: str) -> bool:
    if name in _COMPARED_AS_NUMBERS and _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return Decimal(one) == Decimal(other)
    return one == other


def number(minor: int) -> int | float:
    """An amount as a JSON number, without the decimals it does not need."""
    return minor // 100 if minor % 100 == 0 else minor / 100


# The fields of each hash_key, in this order.
PAYMENT_HASH = ("total", "installments_number", "currency_code", "merchant_key", "invoice_id")
STATUS_HASH = ("invoice_id", "merchant_key")
REFUND_HASH = ("amount", "invoice_id", "merchant_key")
CONFIRM_HASH = ("merchant_key", "invoice_id", "status")
COMPLETE_HASH = ("merchant_key", "invoice_id", "order_id", "status")
TOKEN_HASH = ("merchant_key", "customer_number", "card_token")
SAVE_HASH = ("merchant_key", "customer_number", "card_holder_name", "card_number")
SAVE_HASH += ("expiry_month", "expiry_year")
TRANSACTIONS_HASH = ("date", "invoiceid", "currency_id", "paymentmethodid", "minamount")
TRANSACTIONS_HASH += ("maxamount", "transactionState")

# Section 9, code 68; the words for a status and an order id are the sandbox's own.
PAYMENT_MISMATCHES = {
    "total": ("68", "Total Amount mismatch with hash key"),
    "amount": ("68", "Total Amount mismatch with hash key"),
    "currency_code": ("68", "Currency mismatch with hash_key"),
    "merchant_key": ("68", "Merchant key mismatch with hash key"),
    "installments_number": ("68", "Installment number mismatch with hash key"),
    "invoice_id": ("68", "Invoice id mismatch with hash key"),
    "order_id": ("68", "Order id mismatch with hash key"),
    "status": ("68", "Status mismatch with hash key"),
}
# Section 9, codes 91 to 97.
CARD_MISMATCHES = {
    "merchant_key": ("91", "Hash key mismatched with merchant key"),
    "customer_number": ("92", "Hash key mismatched with customer number"),
    "card_holder_name": ("93", "Hash key mismatched with card holder name"),
    "card_number": ("94", "Hash key mismatched with card number"),
    "expiry_month": ("95", "Hash key mismatched with expiry month"),
    "expiry_year": ("96", "Hash key mismatched with expiry year"),
    "card_token": ("97", "Hash key mismatched with card token"),
}

# The number of a currency; only that of the lira is in the document.
CURRENCY_IDS = {"TRY": "1", "USD": "2", "EUR": "3"}
# What Platformode calls the cards' loyalty programmes.
PROGRAMS = {
    "world": "WORLD",
    "bonus": "BONUS",
    "maximum": "MAXIMUM",
    "combo": "BANKKART_COMBO",
    "paraf": "PARAF",
    "axess": "AXESS",
    "advantage": "ADVANT",
    "cardfinans": "CARD_FNS",
}

# Section 9, as far as the sandbox says it; 2 and 62 are in samples only, 101 in none.
CODES = {
    "1": "Basic Validation",
    "2": "Invalid credentials",
    "3": "The invoice id already processed",
    "12": "Invalid format of items",
    "13": "The total of your item's price is not equal to the invoice total.",
    "14": "Merchant Not Found !",
    "30": "Invalid credentials",
    "31": "Transaction Not Found",
    "33": "Quantity must be integer value",
    "34": "The payment integration method is not allowed. Please contact support.",
    "40": "Installment not found",
    "41": "Payment Failed",
    "49": "Refund Failed",
    "55": "Recurring payment can not be installment sale",
    "56": "Invalid sale web hook key! Please check key name on Platformode",
    "60": "The merchant is not allowed to perform transactions using this card.",
    "62": "No installment found",
    "69": "Order is not processed yet",
    "70": "Recurring Not Found",
    "71": "Recurring plan update failed",
    "72": "Failed to delete",
    "76": "Foreign Cards are not Allowed for this Merchant.",
    "79": "Merchant is not allowed to pay with card token",
    "85": "invalid character",
    "86": "Save Card Token failed",
    "87": "Invalid Token or customer number",
    "88": "The card token deletion failed",
    "89": "The card token update failed",
    "90": "Invalid Hash key",
    "99": "Unknown Error",
    "100": "Success",
    "101": "Refund request has been registered and will be completed later",
    "104": "Refund transaction id must be unique",
    "105": "The transaction is not Approved",
    "106": "Invalid Merchant Type",
    "108": "Invalid Card Number",
    "110": "Partial Refund is not allowed for this transaction",
    "112": "Partially Successful",
    "113": "There is no pre auth transaction found for this operation",
    "404": "Cancel Url should not be empty",
}
