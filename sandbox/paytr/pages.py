"""The pages a buyer sees: the card form, 3D Secure, and the bank transfer form.

Inside an iframe the browser goes back to the shop in the top window; a page finds out that it is
framed by script and says so in the field `framed`.
"""

import re

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from .. import cards
from ..clock import now
from ..money import to_price
from ..notifier import Delivery
from ..web import Held, Routes, page, static
from ..web import answer as json_answer
from . import checkout, wire
from .store import Payment
from .texts import FAILURES_EN, TEXTS

routes = Routes()

SECURE_CODE = "123456"
_IBAN = "TR00 0000 0000 0000 0000 0000 01"
_TEST_CARD = cards.find("visa")
_CLAIM_FIELDS = ("bank", "user_name", "user_phone", "tc_no_last5", "payment_sent_date")


@routes.get("/js/iframeResizer.min.js")
def resizer(_paytr, _request):
    return static("iframeResizer.js", "text/javascript; charset=utf-8")


# --- card


@routes.get("/odeme/guvenli/<token>", service="page")
def card_page(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "card")
    return problem or _card_form(payment)


@routes.get("/odeme/guvenli/<token>/taksit")
def offers(paytr, request: Request, token: str):
    """What the card form's script asks when the first digits of the card are known."""
    payment = paytr.store.by_token(token)
    number = request.args.get("bin", "")[:8]
    card = cards.by_bin(number) or cards.by_bin(number[:6])
    if not payment or not card:
        return json_answer([])
    lang = _lang(payment)
    return json_answer(
        [
            {
                "count": count,
                "total": to_price(total, lang),
                "each": to_price((total + count // 2) // count, lang),
            }
            for count, total in payment.offers(card)
        ]
    )


@routes.post("/odeme/guvenli/<token>", service="pay")
def pay(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "card")
    if problem:
        return problem
    form = request.form
    if form.get("action") == "cancel":
        return _after(payment, paytr.fail(payment, checkout.ABANDONED), request)
    card = cards.find(form.get("card_number", ""))
    if not _is_card_form_complete(form):
        return _card_form(payment, "bad_card")
    if not card:
        return _card_form(payment, "unknown_card")
    count = int(form.get("installment_count") or 1)
    if not 1 <= count <= payment.installments_allowed:
        return _card_form(payment, "bad_installments")
    paytr.begin(payment, card, count)
    if payment.merchant.non_3d:
        return _after(payment, paytr.conclude(payment), request)
    framed = "?framed=1" if form.get("framed") else ""
    return redirect(f"{token}/3d{framed}", 303)


@routes.get("/odeme/guvenli/<token>/3d", service="page")
def secure_page(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "card")
    if problem or payment.state != "challenge":
        return problem or _card_form(payment)
    return _page(payment, "secure.html", attempt=payment.tries[-1])


@routes.post("/odeme/guvenli/<token>/3d", service="pay")
def secure(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "card")
    if problem or payment.state != "challenge":
        return problem or _card_form(payment)
    action = request.form.get("action")
    if action == "cancel":
        delivery = paytr.fail(payment, checkout.ABANDONED)
    elif action == "no_phone":
        delivery = paytr.fail(payment, checkout.NO_PHONE)
    elif request.form.get("code", "").strip() != SECURE_CODE:
        delivery = paytr.fail(payment, checkout.WRONG_CODE)
    else:
        delivery = paytr.conclude(payment)
    return _after(payment, delivery, request)


def _is_card_form_complete(form) -> bool:
    month, year = form.get("expiry_month", ""), form.get("expiry_year", "")
    if not (re.fullmatch(r"0?[1-9]|1[0-2]", month) and re.fullmatch(r"(20)?\d\d", year)):
        return False
    valid_until = (int(year) % 100 + 2000, int(month))
    return (
        bool(form.get("cc_owner", "").strip())
        and re.fullmatch(r"\d{3,4}", form.get("cvv", "")) is not None
        and re.fullmatch(r"\d?\d?", form.get("installment_count", "")) is not None
        and valid_until >= (now().year, now().month)
    )


def _card_form(payment: Payment, problem: str = "") -> Response:
    """The form, with what went wrong above it."""
    texts = _texts(payment)
    attempt = payment.tries[-1] if payment.tries else None
    if problem:
        notice = texts[problem]
    elif attempt and attempt.outcome:
        notice = _failure_text(payment, attempt.outcome, attempt.message)
    else:
        notice = ""
    return _page(payment, "card.html", notice=notice, prefill=_TEST_CARD if payment.test else None)


# --- Havale/EFT


@routes.get("/odeme/api/<token>", service="page")
def eft_page(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "eft")
    return problem or _eft_form(payment)


@routes.post("/odeme/api/<token>", service="pay")
def eft_claim(paytr, request: Request, token: str):
    payment, problem = _open_payment(paytr, token, "eft")
    if problem:
        return problem
    if request.form.get("action") == "cancel":
        paytr.fail(payment, checkout.ABANDONED)
        return _message(payment, "over")
    locked = {name: payment.form[name] for name in _CLAIM_FIELDS if payment.form.get(name)}
    claim = {name: request.form.get(name, "").strip() for name in _CLAIM_FIELDS} | locked
    if not all(claim.values()) or claim["bank"] not in wire.EFT_BANKS:
        return _eft_form(payment, "bad_claim")
    paytr.claim(payment, claim)
    return _message(payment, "eft_thanks")


def _eft_form(payment: Payment, problem: str = "") -> Response:
    if payment.state == "claimed":
        return _message(payment, "eft_thanks")
    return _page(
        payment,
        "eft.html",
        notice=_texts(payment)[problem] if problem else "",
        banks=wire.EFT_BANKS,
        iban=_IBAN,
        today=now().date().isoformat(),
    )


# --- what both have in common


def _open_payment(paytr, token: str, kind: str) -> tuple[Payment | None, Response | None]:
    """The payment behind a token, or the page that says why it cannot be paid."""
    payment = paytr.store.by_token(token)
    if not payment or payment.kind != kind:
        return None, not_found()
    if payment.is_over:
        return payment, _message(payment, "already_paid" if payment.sale else "over")
    if paytr.store.paid(payment.merchant, payment.oid):
        return payment, _message(payment, "already_paid")
    return payment, None


def not_found() -> Response:
    texts = TEXTS["tr"]
    values = {"t": texts, "lang": "tr", "dark": False, "link": ""}
    return page("paytr/message.html", 404, message=texts["unknown_token"], **values)


def _after(payment: Payment, delivery: Delivery | None, request: Request):
    """Where the browser goes when an attempt is over, and when."""
    if not payment.is_over:
        return _card_form(payment)
    if not delivery or payment.merchant.browser_first:
        return _back(payment, request)
    return Held(delivery.answered, lambda: _back(payment, request))


def _back(payment: Payment, request: Request) -> Response:
    url = _shop_url(payment)
    if not url:  # paid through a link: there is no shop to go back to
        return _message(payment, "thanks" if payment.sale else "over")
    if request.values.get("framed"):
        return _page(payment, "leave.html", url=url)
    return redirect(url, 303)


def _shop_url(payment: Payment) -> str:
    return payment.form.get("merchant_ok_url" if payment.sale else "merchant_fail_url", "")


def _message(payment: Payment, text: str) -> Response:
    link = _shop_url(payment) if payment.is_over else ""
    return _page(payment, "message.html", message=_texts(payment)[text], link=link)


def _page(payment: Payment, template: str, **values) -> Response:
    return page(
        f"paytr/{template}",
        t=_texts(payment),
        lang=_lang(payment),
        dark=payment.form.get("iframe_v2_dark") == "1",
        payment=payment,
        **values,
    )


def _texts(payment: Payment) -> dict[str, str]:
    return TEXTS[_lang(payment)]


def _lang(payment: Payment) -> str:
    return payment.form.get("lang") or "tr"


def _failure_text(payment: Payment, code: str, message: str) -> str:
    if _lang(payment) == "en":
        message = FAILURES_EN.get(code, message)
    if code == "99":
        return f"{_texts(payment)['integration_error']} {message}"
    return message
