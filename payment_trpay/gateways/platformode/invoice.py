"""What is paid for, and on which terms: what the services that begin a payment have in common."""

import re

from ..base import Checkout, Order, Reason, Refused
from .api import LIRA, MOST_INSTALLMENTS, Api, as_text
from .buyer import bill, person
from .items import lines

# `currency_id`: asked for, left out by all samples, and documented for one currency only.
CURRENCY_IDS = {LIRA: {"currency_id": "1"}}
CYCLES = {"day": "D", "month": "M", "year": "Y"}


class Invoice(Api):
    """The fields of a payment, as JSON has them."""

    def _sale(self, order: Order, checkout: Checkout) -> dict:
        """What a card pays for, whether it is typed or stored, with 3D Secure or without."""
        return {
            "merchant_key": self._key,
            "currency_code": order.amount.currency,
            **CURRENCY_IDS.get(order.amount.currency, {}),
            **person(checkout),
            **self._invoice(order, checkout),
            **self._terms(order),
        }

    def _choice(self, order: Order, count: int) -> dict[str, str]:
        """A number of instalments, and the hash that covers it and what the payment is for."""
        amount = order.amount
        return {
            "installments_number": str(count),
            "hash_key": self._seal(
                as_text(amount), str(count), amount.currency, self._key, order.reference
            ),
        }

    def _invoice(self, order: Order, checkout: Checkout) -> dict:
        return {
            "invoice_id": order.reference,
            "invoice_description": checkout.description,
            "total": as_text(order.amount),
            "return_url": checkout.return_url,
            "cancel_url": checkout.cancel_url,
            "items": lines(order, checkout),
            **bill(checkout),
        }

    def _terms(self, order: Order) -> dict:
        """A reservation, further payments, and where to tell of the first one."""
        terms = {"transaction_type": "PreAuth"} if order.hold else {}
        if hook := self._options["sale_hook"]:
            terms["sale_web_hook_key"] = hook
        return terms | self._repetition(order)

    def _repetition(self, order: Order) -> dict:
        """What makes Platformode take further payments ("Request for Recurring").

        :raise Refused: If it could not tell of them, or the first one is only a reservation.
        """
        plan, hook = order.recurrence, self._options["recurring_hook"]
        if not plan:
            return {}
        if not hook:
            raise Refused("no recurring_web_hook_key", reason=Reason.WRONG_HOOK)
        if order.hold:
            raise Refused("no reservation can recur", reason=Reason.RECURRENCE_REFUSED)
        return {
            "order_type": 1,
            "recurring_payment_number": plan.payments,
            "recurring_payment_cycle": CYCLES[plan.unit],
            "recurring_payment_interval": plan.every,
            "recurring_web_hook_key": hook,
        }

    def _insurance(self, checkout: Checkout) -> dict[str, str]:
        """What an insurer says of its customer ("Insurance payment", below 7.9).

        It is documented for the page and for cards without 3D Secure only. An insurer's payment is
        one wherever it is made, so it is said there, too.

        :raise Refused: If the customer's number is missing.
        """
        kind = self._options["vpos_type"]
        if not kind:
            return {}
        if not re.fullmatch(r"\d{10,11}", checkout.identity, re.ASCII):
            raise Refused("no identity_number", reason=Reason.IDENTITY_MISSING)
        return {"vpos_type": kind, "identity_number": checkout.identity}


def counts(order: Order, checkout: Checkout) -> range:
    """Numbers of instalments that may be chosen; what is reserved or recurs is paid at once."""
    is_single = order.hold or order.recurrence
    return range(1, 1 + (1 if is_single else checkout.max_installments or MOST_INSTALLMENTS))
