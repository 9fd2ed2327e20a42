"""The branded page ("2. Güvenli İşlem Tipi 2D/3D Kullanımı")."""

import json
import logging
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..base import Checkout, Order, Redirect
from ..transport import NoAnswer
from .answers import SUCCESS, code_of, refusal
from .invoice import Invoice, counts, split_name

_logger = logging.getLogger(__name__)

PAGE_PATH = "/purchase/link"
LINK = re.compile(r"[!-\[\]-~]{1,4096}")  # Visible ASCII but the backslash, a slash to browsers.


class Page(Invoice):
    """Platformode asks for the card."""

    def _open_page(self, order: Order, checkout: Checkout) -> Redirect:
        """Get the page's address. The terms may stand beside the invoice or in it: both are shown.

        :raise Refused: With Platformode's reason.
        """
        name, surname = split_name(checkout.name)
        terms = self._terms(order) | self._insurance(checkout)
        form = {
            "merchant_key": self._key,
            "currency_code": order.amount.currency,
            "invoice": json.dumps(self._invoice(order, checkout) | terms, ensure_ascii=False),
            "name": name,
            "surname": surname,
            "ip": checkout.ip,
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
        """The address of the page, if a browser may be sent there."""
        link = str(answer.get("link", ""))
        ours = urlsplit(self._base_url)
        try:
            theirs = urlsplit(link)
            is_plain = LINK.fullmatch(link) and theirs.hostname and theirs.username is None
        except ValueError:
            is_plain = False
        if not is_plain or (theirs.scheme != "https" and theirs[:2] != ours[:2]):
            raise NoAnswer("no usable link in the answer")
        if theirs.hostname != ours.hostname:
            _logger.warning("platformode: its payment page is at %s", theirs.hostname)
        return link
