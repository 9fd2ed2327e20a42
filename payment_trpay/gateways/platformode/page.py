"""The branded page ("2. Güvenli İşlem Tipi 2D/3D Kullanımı")."""

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..base import Checkout, Choice, Order, Reason, Redirect, Refused
from ..transport import NoAnswer
from .answers import SUCCESS, code_of, refusal
from .api import MOST_INSTALLMENTS, as_text
from .buyer import person
from .invoice import Invoice, counts
from .items import discount

_logger = logging.getLogger(__name__)

PAGE_PATH = "/purchase/link"


class Page(Invoice):
    """Platformode asks for the card."""

    def _open_page(self, order: Order, checkout: Checkout) -> Redirect | Choice:
        """Get the page's address. The terms may stand beside the invoice or in it: both are shown.

        The page knows no largest number of instalments: where the shop has one, the number is
        chosen there, and the page shows no other.

        :raise Refused: With Platformode's reason, or if the payment cannot be split so.
        """
        allowed = counts(order, checkout)
        number = checkout.installments if len(allowed) > 1 else 1
        if not number and len(allowed) < MOST_INSTALLMENTS:
            return Choice(tuple(allowed))
        if number and number not in allowed:
            raise Refused(f"{number} instalments", reason=Reason.INSTALLMENT_REFUSED)
        terms = self._terms(order) | self._insurance(checkout)
        invoice = self._invoice(order, checkout) | terms
        if reduction := discount(order, checkout):
            invoice["discount"] = as_text(reduction)
        form = {
            "merchant_key": self._key,
            "currency_code": order.amount.currency,
            "invoice": json.dumps(invoice, ensure_ascii=False),
            **person(checkout),
            **terms,
        }
        if self._options["cvv_less"]:
            form["is_cvv_less"] = "1"
        if number:
            form["installments_number"] = str(number)
        reply = self._client.post(
            self._base_url + PAGE_PATH,
            form=form,
            scrub=self.scrub,
            label=f"platformode open {order.reference}",
        )
        answer = self._answer(reply)
        is_made = str(answer.get("status")).lower() in ("true", "1")
        if not is_made or code_of(answer) not in (SUCCESS, ""):
            raise refusal(answer)
        return Redirect(url=self._page(answer))

    def _page(self, answer: Mapping) -> str:
        """The address of the page. Where it is, `may_show` judges."""
        link = str(answer.get("link", ""))
        if not self.is_safe(link):
            raise NoAnswer("no usable link in the answer")
        host = urlsplit(link).hostname
        if host != urlsplit(self._base_url).hostname:
            _logger.warning("platformode: its payment page is at %s", host)
        return link
