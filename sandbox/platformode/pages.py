"""The pages a buyer sees: Platformode's card form, the bank's 3D Secure, and the way back.

What came with a card is forgotten with the request that brought it: a payment only knows which of
the test cards it was.
"""

import re
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from .. import cards
from ..clock import now
from ..money import to_price
from ..notifier import Delivery
from ..web import Held, Routes, page
from ..web import answer as json_answer
from .messages import redirect_fields
from .store import Payment, masked

routes = Routes()

SECURE_PASSWORD = "a"
_LANG = "tr"
_BAD_CARD = "Kart bilgilerini kontrol edin."
_UNKNOWN_CARD = "Sandbox yalnızca test kartlarını kabul eder."
_BAD_INSTALMENTS = "Bu taksit seçeneği sunulmuyor."
_UNKNOWN_PAGE = "Ödeme sayfası bulunamadı."
_OVER = "Bu ödeme sonuçlandı."


# --- the branded page


@routes.get("/checkout/<token>", service="page")
def card_page(psp, _request: Request, token: str):
    payment, problem = _open_payment(psp, token)
    return problem or _card_form(payment)


@routes.get("/checkout/<token>/offers")
def offers(psp, request: Request, token: str):
    """What the card form's script asks when the first digits of the card are known."""
    payment = psp.store.by_token(token)
    digits = request.args.get("bin", "")[:8]
    if not payment or payment.installments:
        return json_answer([])
    card = cards.by_bin(digits) or cards.by_bin(digits[:6])
    return json_answer(
        [{"count": count, "total": to_price(total, _LANG)} for count, total in payment.offers(card)]
    )


@routes.post("/checkout/<token>", service="pay")
def pay(psp, request: Request, token: str):
    payment, problem = _open_payment(psp, token)
    if problem:
        return problem
    form = request.form
    if form.get("action") == "cancel":
        return after(payment, psp.cancel(payment))
    if not is_card_complete(form, payment.form.get("is_cvv_less") == "1"):
        return _card_form(payment, _BAD_CARD)
    card = cards.find(form.get("cc_no", ""))
    if not card:
        return _card_form(payment, _UNKNOWN_CARD)
    count = payment.installments or int(form.get("installments_number") or 1)
    if count not in dict(payment.offers(card)):
        return _card_form(payment, _BAD_INSTALMENTS)
    psp.begin(payment, card, count)
    if not payment.merchant.branded_3d:
        return after(payment, psp.charge(payment))
    return redirect(f"{token}/3d", 303)


def is_card_complete(form, cvv_less: bool = False) -> bool:
    month, year = form.get("expiry_month", ""), form.get("expiry_year", "")
    if not (re.fullmatch(r"0?[1-9]|1[0-2]", month) and re.fullmatch(r"(20)?\d\d", year)):
        return False
    cvv = form.get("cvv", "")
    return (
        bool(form.get("cc_holder_name", "").strip())
        and re.fullmatch(r"\d{3,4}" if cvv or not cvv_less else "", cvv) is not None
        and re.fullmatch(r"\d?\d?", form.get("installments_number") or "") is not None
        and (int(year) % 100 + 2000, int(month)) >= (now().year, now().month)
    )


def _card_form(payment: Payment, notice: str = "") -> Response:
    return _page("card.html", payment=payment, notice=notice)


# --- 3D Secure


@routes.get("/checkout/<token>/3d", service="page")
def secure_page(psp, _request: Request, token: str):
    payment, problem = _open_payment(psp, token, "challenge")
    return problem or _page(
        "secure.html", payment=payment, card=masked(payment.card), password=SECURE_PASSWORD
    )


@routes.post("/checkout/<token>/3d", service="pay")
def secure(psp, request: Request, token: str):
    payment, problem = _open_payment(psp, token, "challenge")
    if problem:
        return problem
    if request.form.get("action") == "cancel":
        return after(payment, psp.cancel(payment))
    passed = request.form.get("password", "") == SECURE_PASSWORD
    return after(payment, psp.authenticate(payment, passed))


# --- the way back


def after(payment: Payment, delivery: Delivery | None):
    """Where the browser goes when the payment is over, and when."""
    if not delivery or payment.merchant.browser_first:
        return _back(payment)
    return Held(delivery.answered, lambda: _back(payment))


def way_back(payment: Payment) -> tuple[str, dict[str, str]]:
    """The shop's address and the parameters it gets."""
    url = payment.cancel_url if payment.state == "failed" else payment.return_url
    return url, redirect_fields(payment)


def with_query(url: str, fields: dict[str, str], raw_plus: bool = False) -> str:
    query = urlencode(fields, safe="+" if raw_plus else "")
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _back(payment: Payment) -> Response:
    url, fields = way_back(payment)
    if payment.method == "POST":
        return _page("post.html", url=url, fields=fields)
    return redirect(with_query(url, fields, payment.merchant.raw_plus), 303)


def _open_payment(psp, token: str, state: str = "") -> tuple[Payment | None, Response | None]:
    """The payment behind a token, or the page that says why it cannot be paid."""
    payment = psp.store.by_token(token)
    if not payment or not payment.cancel_url:
        return None, _message(_UNKNOWN_PAGE, 404)
    if payment.is_over or payment.state == "authenticated":
        return payment, _message(_OVER)
    if state and payment.state != state:
        return payment, redirect(f"../{token}", 303)
    return payment, None


def _message(text: str, status: int = 200) -> Response:
    return _page("message.html", status, message=text)


def _page(template: str, status: int = 200, **values) -> Response:
    return page(f"platformode/{template}", status, lang=_LANG, dark=False, **values)
