"""PayTR's reports: transactions (three days at most) and payouts (31 days at most)."""

from collections import defaultdict
from datetime import datetime, timedelta

from werkzeug.wrappers import Request, Response

from ..clock import day, moment
from ..ledger import Entry
from ..money import to_major
from ..web import Routes, answer
from . import wire
from .store import Payment

routes = Routes()

_ERRORS = {
    "001": wire.UNKNOWN_MERCHANT,
    "002": "Gecersiz tarih",
    "003": wire.BAD_TOKEN,
    "204": "Tarih araligi izin verilenden fazla olamaz",
}
_IBAN = "TR000000000000000000000001"


def _refuse(number: str) -> Response:
    return answer({"status": "error", "err_no": number, "err_msg": _ERRORS.get(number, number)})


@routes.post("/rapor/islem-dokumu", service="report", refusal=_refuse)
def transactions(paytr, request: Request):
    """Every sale and refund of a few days; `failed` means that there is none."""
    merchant_id, start, end, objection = _period(paytr, request, moment, timedelta(days=3))
    if objection:
        return _refuse(objection)
    rows = [
        _row(paytr, entry)
        for entry in paytr.world.ledger.entries(psp=paytr.code, merchant=merchant_id)
        if start <= entry.at <= end
    ]
    return answer({"status": "success", "list": rows} if rows else {"status": "failed"})


def _row(paytr, entry: Entry) -> dict[str, str]:
    payment: Payment = paytr.store.paid(paytr.store.merchants[entry.merchant], entry.order)
    attempt = payment.tries[-1] if payment.tries else None
    return {
        "islem_tipi": "S" if entry.kind == "sale" else "I",
        "islem_tutari": to_major(entry.amount - entry.surcharge),
        "odeme_tutari": to_major(entry.amount),
        "net_tutar": to_major(entry.amount),
        "kesinti_tutari": to_major(0),
        "kesinti_orani": to_major(0),
        "islem_tarihi": entry.at.strftime("%d.%m.%Y"),
        "para_birimi": entry.currency,
        "taksit": str(attempt.installments) if attempt and attempt.installments > 1 else "0",
        "kart_marka": attempt.card.family if attempt else "",
        "kart_no": attempt.card.masked if attempt else "",
        "siparis_no": entry.order,
        "odeme_tipi": "EFT" if payment.kind == "eft" else "KART",
    }


@routes.post("/rapor/odeme-dokumu", service="report", refusal=_refuse)
def payouts(paytr, request: Request):
    """What PayTR pays out: every day's settled money on the day after."""
    merchant_id, start, end, objection = _period(paytr, request, day, timedelta(days=31))
    if objection:
        return _refuse(objection)
    sums = defaultdict(lambda: {"sale": 0, "refund": 0})
    for entry in paytr.world.ledger.entries(psp=paytr.code, merchant=merchant_id, state="settled"):
        paid = entry.at.date() + timedelta(days=1)
        if start.date() <= paid <= end.date():
            sums[paid, entry.currency][entry.kind] += entry.amount
    rows = [
        {
            "date_paid": paid.isoformat(),
            "currency": currency,
            "sales": to_major(money["sale"]),
            "return": to_major(money["refund"]),
            "net": to_major(money["sale"] - money["refund"]),
            "merchant_iban": _IBAN,
        }
        for (paid, currency), money in sorted(sums.items())
    ]
    return answer({"status": "success", "list": rows} if rows else {"status": "failed"})


def _period(
    paytr, request: Request, parse, longest: timedelta
) -> tuple[str, datetime | None, datetime | None, str]:
    """The merchant and the period asked for, or the error number that refuses them."""
    form = request.form.to_dict()
    merchant = paytr.store.active_merchant(form.get("merchant_id", ""))
    if not merchant:
        return "", None, None, "001"
    texts = form.get("start_date", ""), form.get("end_date", "")
    start, end = map(parse, texts)
    if not start or not end or end < start:
        return merchant.id, None, None, "002"
    token = form.get("paytr_token", "")
    if not wire.is_signed(token, merchant.key, merchant.id, *texts, merchant.salt):
        return merchant.id, None, None, "003"
    return merchant.id, start, end, "204" if end - start > longest else ""
