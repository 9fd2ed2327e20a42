"""What a shop may ask to be paid: the checks that every way to pay has in common."""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from ..money import to_minor
from .gate import Refused, require
from .store import Merchant, Payment, Terms

_INVOICE_ID = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_PRICE = re.compile(r"\d+(\.\d+)?", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_ITEM = {"name", "price", "quantity", "description"}
_SECRETS = {"merchant_key", "hash_key", "cc_no", "cvv", "expiry_month", "expiry_year", "card_token"}
_EMAIL = re.compile(r"[!-?A-~]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}", re.ASCII)
_PHONE = re.compile(r"\+?[0-9]{7,20}", re.ASCII)
_BILL = ("address1", "address2", "city", "postcode", "state", "country", "email", "phone")
_OF_THE_BUYER = (
    *("name", "surname", "cc_holder_name", "card_holder_name"),
    *("customer_name", "customer_email", "customer_phone"),
    *(f"bill_{name}" for name in _BILL),
)
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "So", "Zl", "Zp"}
_LONGEST = {"bill_address1": 100, "bill_address2": 100, "cc_holder_name": 100}
_HOLDS = {"transaction_type": "PreAuth", "trasaction_type": "Pre-Authorization"}
_FROM_A_BROWSER = ("branded", "3d", "token_3d")


def read(psp, merchant: Merchant, kind: str, fields: Mapping, items) -> Payment:
    """The payment that the fields describe; `items` is what came as their list."""
    require(fields, "invoice_id", "invoice_description", "total", "currency_code")
    for name, longest in _LONGEST.items():
        if len(fields.get(name, "")) > longest:
            raise Refused("1", f"The {name} may not be greater than {longest} characters.")
    check_buyer(fields)
    if not _INVOICE_ID.fullmatch(fields["invoice_id"]):
        raise Refused("85")
    if fields["currency_code"] not in merchant.currencies:
        raise Refused("12", "Invalid Currency code")
    amount = to_minor(fields["total"])
    if not amount:
        raise Refused("1", "The total must be a number.")
    _check_items(items, Decimal(fields["total"]))
    _check_discount(fields)
    if kind in _FROM_A_BROWSER:
        _check_urls(fields)
    hook = fields.get("sale_web_hook_key", "")
    if hook and hook not in merchant.hooks:
        raise Refused("56")
    pre_auth, terms = _is_hold(merchant, fields), _terms(merchant, fields)
    if pre_auth and terms:
        raise Refused("55", "Recurring payment can not be a pre authorization")
    installments = _installments(merchant, fields)
    _check_unused(psp.store.invoice(merchant, fields["invoice_id"]))
    return Payment(
        merchant=merchant,
        kind=kind,
        invoice_id=fields["invoice_id"],
        amount=amount,
        currency=fields["currency_code"],
        form={name: value for name, value in fields.items() if name not in _SECRETS},
        pre_auth=pre_auth,
        installments=installments,
        hook=hook,
        return_url=fields.get("return_url", ""),
        cancel_url=fields.get("cancel_url", ""),
        method=_method(fields),
        completed_by_merchant=_is_completed_by_merchant(fields),
        terms=terms,
        created=psp.now(),
    )


def check_buyer(fields: Mapping):
    """What code 85 ("invalid character") means is not said: here it is what no form should bring.

    Nor is the form of a phone number: the samples have digits, with and without a plus.
    """
    for name in filter(fields.get, _OF_THE_BUYER):
        text = fields[name]
        if _UNPRINTABLE & set(map(unicodedata.category, text)) or set("<>") & set(text):
            raise Refused("85")
        if name.endswith("_email") and not _EMAIL.fullmatch(text):
            raise Refused("1", f"The {name} must be a valid email address.")
        if name.endswith("_phone") and not _PHONE.fullmatch(text):
            raise Refused("1", f"The {name} format is invalid.")
    if fields.get("ip") and not _is_ip(fields["ip"]):
        raise Refused("1", "The ip must be a valid IP address.")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _check_items(items, total: Decimal):
    """Price times quantity must add up to the total; what a discount does to it is undocumented."""
    if not isinstance(items, list):
        raise Refused("12", "Items must be an array")
    if not items or not all(isinstance(item, dict) and item.keys() >= _ITEM for item in items):
        raise Refused("12")
    if not all(item["name"] and _PRICE.fullmatch(str(item["price"])) for item in items):
        raise Refused("12")
    if not all(_COUNT.fullmatch(str(item["quantity"])) for item in items):
        raise Refused("33")
    if sum(Decimal(item["price"]) * int(item["quantity"]) for item in items) != total:
        raise Refused("13")


def _check_discount(fields: Mapping):
    """An amount beside the items, which add up to the total without it."""
    if fields.get("discount") and to_minor(fields["discount"]) is None:
        raise Refused("1", "The discount must be a number.")


def _check_urls(fields: Mapping):
    if not fields.get("cancel_url"):
        raise Refused("404")
    for name in ("return_url", "cancel_url"):
        parts = urlsplit(fields.get(name, ""))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("1", f"The {name} format is invalid.")


def _is_hold(merchant: Merchant, fields: Mapping) -> bool:
    """The sample spells key and value of an authorisation differently from the tables: both do."""
    holds = {name: fields[name] for name in _HOLDS if fields.get(name)}
    for name, value in holds.items():
        if value not in ("Auth", _HOLDS[name]):
            raise Refused("1", f"The {name} is invalid.")
    wanted = any(value == _HOLDS[name] for name, value in holds.items())
    if wanted and not merchant.pre_auth:
        raise Refused("34")
    return wanted


def _installments(merchant: Merchant, fields: Mapping) -> int:
    text = fields.get("installments_number") or "0"
    if not _WHOLE.fullmatch(text):
        raise Refused("1", "The installments_number must be an integer.")
    if int(text) > 1 and int(text) not in merchant.installments:
        raise Refused("40")
    return int(text)


def _is_completed_by_merchant(fields: Mapping) -> bool:
    by = fields.get("payment_completed_by", "app")
    if by not in ("app", "merchant"):
        raise Refused("1", "The payment_completed_by is invalid.")
    return by == "merchant"


def _method(fields: Mapping) -> str:
    method = fields.get("response_method") or "GET"
    if method not in ("GET", "POST"):
        raise Refused("1", "The response_method is invalid.")
    return method


def _check_unused(payment: Payment | None):
    """An invoice id serves once, whatever became of it."""
    if payment and payment.is_over:
        raise Refused("3")
    if payment:
        raise Refused(
            "3",
            f"The order with this invoice id {payment.invoice_id} is in the process,"
            " please wait or create order with new invoice id",
        )


def _terms(merchant: Merchant, fields: Mapping) -> Terms | None:
    """What code 55 asks of a recurring payment."""
    if fields.get("order_type") != "1":
        return None
    if fields.get("installments_number") not in (None, "", "0", "1"):
        raise Refused("55")
    number = fields.get("recurring_payment_number", "")
    cycle = fields.get("recurring_payment_cycle", "")
    interval = fields.get("recurring_payment_interval", "")
    _check_count(number, "Recurring number", 2, 121)
    if not cycle:
        raise Refused("55", "The recurring cycle can not be empty")
    if cycle not in ("D", "M", "Y"):
        raise Refused("55", "The recurring cycle unit is not valid. It should be 'D', 'M' or 'Y'")
    _check_count(interval, "Recurring interval", 1, 99)
    hook = fields.get("recurring_web_hook_key", "")
    if not hook:
        raise Refused(
            "55",
            "Recurring web hook key can not be empty."
            " Please assign your web hook key on Platformode",
        )
    if hook not in merchant.hooks:
        raise Refused("55", "Invalid recurring web hook key! Please check key name on Platformode")
    return Terms(int(number), cycle, int(interval), hook)


def _check_count(text: str, name: str, lowest: int, highest: int):
    if not text:
        raise Refused("55", f"{name} can not be empty")
    if not _WHOLE.fullmatch(text):
        raise Refused("55", f"{name} must be an integer")
    if int(text) < lowest:
        raise Refused("55", f"{name} must be greater than {lowest - 1}")
    if int(text) > highest:
        raise Refused("55", f"{name} should not be greater than {highest}")
