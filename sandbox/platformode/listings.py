"""Lists of transactions: by day, hour or range, and in pages."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from ..clock import day, moment
from ..money import to_minor
from ..web import Routes
from . import wire
from .api import settlement
from .gate import Refused, check_hash, service
from .store import Merchant, Payment

routes = Routes()

_CHARGED_BACK = "Chargebacked"
# transaction_state_id; the document names 1 and 3, and shows 11.
_STATES = {"Completed": 1, "Failed": 2, "Pending": 3, _CHARGED_BACK: 11}
_SYMBOLS = {"TRY": "₺", "USD": "$", "EUR": "€"}
_STAMP = "%Y-%m-%dT%H:%M:%S.000000Z"
_PAGE = 10
_RANGE = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d) - (\d{4})[-/](\d\d)[-/](\d\d)")


@service(routes, "/api/getTransactions", "listing")
def get_transactions(psp, merchant: Merchant, fields: dict) -> dict:
    """The merchant's transactions of a day, an hour or any range.

    This one hash_key is made with the merchant_key instead of the app_secret.
    """
    check_hash(fields, merchant.merchant_key, wire.TRANSACTIONS_HASH, words={})
    start, end = _period(fields)
    date_of = (lambda item: item.changed) if fields.get("order_by_option") == "2" else _created
    rows = [
        _row(psp, payment)
        for payment in _own(psp, merchant)
        if start <= date_of(payment).replace(microsecond=0) <= end and _matches(payment, fields)
    ]
    return {"status_code": 100, "status_description": "Success", "data": rows}


def _created(payment: Payment) -> datetime:
    return payment.created


def _period(fields: Mapping) -> tuple[datetime, datetime]:
    """The first and the last second."""
    kind = fields.get("type") or "daily"
    if kind == "daily":
        start, length = day(fields.get("date", "")), timedelta(hours=24)
    elif kind == "hourly":
        start, length = moment(fields.get("date", "")), timedelta(hours=1)
    elif kind == "range":
        start, end = moment(fields.get("from_date", "")), moment(fields.get("to_date", ""))
        if start and end:
            return start, end
        raise Refused("1", "The from_date and to_date must be Y-m-d H:i:s.")
    else:
        raise Refused("1", "The type must be daily, hourly or range.")
    if not start:
        raise Refused("1", "The date does not match the format.")
    return start, start + (length - timedelta(seconds=1))


def _matches(payment: Payment, fields: Mapping) -> bool:
    lowest, highest = to_minor(fields.get("minamount", "")), to_minor(fields.get("maxamount", ""))
    wanted = {
        "invoiceid": payment.invoice_id,
        "currency_id": wire.CURRENCY_IDS[payment.currency],
        "paymentmethodid": "1",
        "transactionState": str(_STATES[_state(payment)]),
    }
    return (
        all(fields.get(name, "") in ("", value) for name, value in wanted.items())
        and (lowest is None or payment.amount >= lowest)
        and (highest is None or payment.amount <= highest)
    )


@service(routes, "/api/alltransaction", "listing", unknown=None)
def all_transactions(psp, merchant: Merchant, fields: dict) -> dict:
    """Transactions in pages: `page_limit` rows each, `page` counts from 1."""
    limit, at = fields.get("page_limit") or str(_PAGE), fields.get("page") or "1"
    order = fields.get("order") or "desc"
    dates = _dates(fields.get("date_range", ""))
    is_page = limit.isdecimal() and at.isdecimal() and int(limit) and int(at)
    if not is_page or order not in ("asc", "desc") or dates is None:
        raise Refused("99", "failed", data=[])
    rows = [item for item in _own(psp, merchant) if _is_found(item, fields, dates)]
    rows.sort(key=_created, reverse=order == "desc")
    return {
        "status_code": 100,
        "status_description": "data fetched successfully",
        "data": _page(psp, rows, int(at), int(limit)),
    }


def _page(psp, rows: list[Payment], at: int, limit: int) -> dict:
    last = max(1, -(-len(rows) // limit))
    shown = rows[(at - 1) * limit : at * limit]
    path = "api/alltransaction"

    def url(number: int) -> str:
        return f"{path}?page={number}" if 1 <= number <= last else ""

    return {
        "current_page": at,
        "data": [_long_row(psp, payment) for payment in shown],
        "first_page_url": url(1),
        "from": (at - 1) * limit + 1 if shown else None,
        "last_page": last,
        "last_page_url": url(last),
        "next_page_url": url(at + 1),
        "path": path,
        "per_page": str(limit),
        "prev_page_url": url(at - 1),
        "to": (at - 1) * limit + len(shown) if shown else None,
        "total": len(rows),
    }


def _dates(text: str) -> tuple[date, date] | tuple[()] | None:
    """The first and the last day of "2021/12/23 - 2022/01/23"; dashes will do as well."""
    if not text:
        return ()
    match = _RANGE.fullmatch(text)
    if not match:
        return None
    start, end = day("-".join(match.groups()[:3])), day("-".join(match.groups()[3:]))
    return (start.date(), end.date()) if start and end else None


def _is_found(payment: Payment, fields: Mapping, dates: tuple) -> bool:
    form = payment.form
    wanted = {
        "transaction_id": payment.transaction_id,
        "invoice_id": payment.invoice_id,
        "order_id": payment.order_id,
        "payment_method": "1",
        "transactionState": str(_STATES[_state(payment)]),
        "billing_phone": form.get("bill_phone", ""),
        "billing_email": form.get("bill_email", ""),
    }
    exact = to_minor(fields.get("amount", ""))
    key = fields.get("search_key", "")
    return (
        payment.currency == (fields.get("currency_code") or "TRY")
        and all(fields.get(name, "") in ("", value) for name, value in wanted.items())
        and exact in (None, payment.amount)
        and _matches(payment, {name: fields.get(name, "") for name in ("minamount", "maxamount")})
        and (not dates or dates[0] <= payment.created.date() <= dates[1])
        and (not key or key in (payment.transaction_id, payment.invoice_id, payment.order_id))
    )


def _own(psp, merchant: Merchant) -> Iterable[Payment]:
    """What has reached a bank; a page nobody used is no transaction."""
    for payment in psp.store.payments.values():
        if payment.merchant.id == merchant.id and payment.card:
            yield payment


def _state(payment: Payment) -> str:
    return _CHARGED_BACK if payment.is_charged_back else payment.status


def _row(psp, payment: Payment) -> dict:
    merchant, at = payment.merchant, settlement(payment)
    return {
        "id": int(payment.sale_id),
        "merchant_id": int(merchant.id),
        "payment_id": payment.transaction_id,
        "transaction_state_id": _STATES[_state(payment)],
        "transaction_state_label": _state(payment),
        "merchant_commission": wire.number(payment.merchant_commission),
        "user_commission": wire.number(payment.user_commission),
        "gross": wire.number(payment.charged),
        "net": wire.number(payment.amount - payment.merchant_commission),
        "payment_type_id": 1,
        "payment_type_label": "Credit Card",
        "product_price": wire.number(payment.amount),
        "total_refunded_amount": wire.number(psp.refunded(payment)),
        "card_holder_bank": payment.card.bank,
        "currency_id": int(wire.CURRENCY_IDS[payment.currency]),
        "currency_code": payment.currency,
        "invoice_id": payment.invoice_id,
        "order_id": payment.order_id,
        "credit_card_no": payment.masked,
        "installment": payment.count,
        "card_program": payment.program,
        "result": payment.bank[1],
        "settlement_date_merchant": f"{at:%Y-%m-%d} 14:00:00" if payment.sale else "",
        "created_at": payment.created.strftime(_STAMP),
        "updated_at": payment.changed.strftime(_STAMP),
        "recurring_id": payment.plan.id if payment.plan else 0,
        "auth_code": f"{payment.sale.id:06d}" if payment.sale else "",
        "refund_history": [
            {"amount": wire.number(item.amount), "refund_transaction_id": item.id}
            for item in psp.store.refunds.values()
            if item.payment is payment and item.state == "completed"
        ],
    }


def _long_row(psp, payment: Payment) -> dict:
    return _row(psp, payment) | {
        "merchant_name": f"Sandbox {payment.merchant.id}",
        "fee": wire.number(payment.merchant_commission),
        "issuer_name": payment.card.bank,
        "currency_symbol": _SYMBOLS[payment.currency],
        "sale_web_hook_key": payment.hook,
        "maturity_period": int(payment.form.get("maturity_period") or 0),
        "payment_frequency": int(payment.form.get("payment_frequency") or 0),
        "paymenttype": {"id": 1, "name": "Credit Card"},
    }
