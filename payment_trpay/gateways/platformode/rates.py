"""What splitting a payment costs."""

import json
import re
from collections.abc import Mapping

from ..base import Money, Plan
from ..notation import words
from .answers import SUCCESS, code_of, money, refusal, rows, whole
from .api import MOST_INSTALLMENTS, Api, as_text

CARD_OPTIONS_PATH = "/api/getpos"
COMMISSIONS_PATH = "/api/commissions"
TABLE_SECONDS = 24 * 60 * 60


class Rates(Api):
    """Totals for one card or for all."""

    def installments(self, amount: Money, card_bin: str = "") -> tuple[Plan, ...]:
        """Totals for one card ("4. Get Installments") or for all ("7.7. Merchant Commission API").

        What a single payment costs is told for one card only: families differ. What the merchant
        pays is told for all only.
        """
        plans = self._card_plans(amount, card_bin) if card_bin else self._all_plans(amount)
        single = next((plan for plan in plans if plan.installments == 1), Plan(1, amount))
        return single, *sorted(
            dict.fromkeys(plan for plan in plans if plan.installments > 1),
            key=lambda plan: (plan.card_family, plan.installments),
        )

    def _card_plans(self, amount: Money, card_bin: str) -> list[Plan]:
        body = {
            "credit_card": card_bin,
            "amount": as_text(amount),
            "currency_code": amount.currency,
            "merchant_key": self._key,
        }
        if self._flows() == ("card_2d",):
            body["is_2d"] = "1"
        answer = self._call(CARD_OPTIONS_PATH, "card options", body)
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        return [
            Plan(count, total)
            for row in rows(answer.get("data"))
            if (count := whole(row.get("installments_number"), MOST_INSTALLMENTS))
            and (total := money(row, "amount_to_be_paid", amount.currency))
        ]

    def _all_plans(self, amount: Money) -> list[Plan]:
        return [
            plan
            for count, programs in self._commissions(amount.currency).items()
            if re.fullmatch(r"[2-9]|1[0-2]", count)
            for row in rows(programs)
            if (plan := _with_commissions(amount, int(count), row))
        ]

    def _commissions(self, currency: str) -> dict:
        """The table of all card programs. It seldom changes, and is asked for once a day."""
        table = self._keep(
            f"commissions {currency}",
            lambda: json.dumps(self._fetch_commissions(currency)),
            seconds=TABLE_SECONDS,
        )
        return json.loads(table)

    def _fetch_commissions(self, currency: str) -> dict:
        """Some of the vendor's documents post for it, and others get it."""
        fields = {"currency_code": currency}
        reply = self._exchange("POST", COMMISSIONS_PATH, "commissions", json=fields)
        if reply.status in (404, 405):
            reply = self._exchange("GET", COMMISSIONS_PATH, "commissions", query=fields)
        answer = self._answer(reply)
        table = answer.get("data")
        if code_of(answer) != SUCCESS or not isinstance(table, dict):
            raise refusal(answer)
        return table


def _with_commissions(amount: Money, count: int, row: Mapping) -> Plan | None:
    """What the buyer pays, and of that the merchant; `x` marks what the merchant does not offer.

    The sample of "7.15. Get Transactions" takes the merchant's share from all that is charged.
    """
    surcharge = _commission(amount, row, "user_commission_percentage", "user_commission_fixed")
    if surcharge is None:
        return None
    total = Money(amount.minor + surcharge.minor, amount.currency)
    fee = _commission(total, row, "merchant_commission_percentage", "merchant_commission_fixed")
    return Plan(count, total, words(row, "card_program"), fee)


def _commission(amount: Money, row: Mapping, share: str, fixed: str) -> Money | None:
    """A share of an amount, rounded up, and a fixed part."""
    percent, rest = money(row, share, "%"), money(row, fixed, amount.currency)
    if percent is None or rest is None:
        return None
    return Money(-(-amount.minor * percent.minor // 10000) + rest.minor, amount.currency)
