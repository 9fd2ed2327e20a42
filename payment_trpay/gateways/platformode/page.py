"""The branded page ("2. Güvenli İşlem Tipi 2D/3D Kullanımı")."""

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..base import Checkout, Order, Redirect
from ..transport import NoAnswer
from .answers import SUCCESS, code_of, refusal
from .buyer import person
from .invoice import Invoice, counts

_logger = logging.getLogger(__name__)

PAGE_PATH = "/purchase/link"


class Page(Invoice):
    """Platformode asks for the card."""

    def _open_page(self, order: Order, checkout: Checkout) -> Redirect:
        """Get the page's address. The terms may stand beside the invoice or in it: both are shown.

        :raise Refused: With Platformode's reason.
        """
        terms = self._terms(order) | self._insurance(checkout)
        form = {
            "merchant_key": self._key,
            "currency_code": order.amount.currency,
            "invoice": json.dumps(self._invoice(order, checkout) | terms, ensure_ascii=False),
            **person(checkout),
            **terms,
        }
        if len(counts(order, checkout)) == 1:
            form["installments_number"] = "1"
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
