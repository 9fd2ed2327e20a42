"""What splitting a payment costs."""

import json
import logging
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING

from ..base import Money, Plan
from ..notation import percent, rows, words
from .answers import SUCCESS, code_of, money, refusal, whole
from .api import MOST_INSTALLMENTS, Api, as_text

_logger = logging.getLogger(__name__)

CARD_OPTIONS_PATH = "/api/getpos"
COMMISSIONS_PATH = "/api/commissions"
TABLE_SECONDS = 24 * 60 * 60
NOT_OFFERED = ("x", "")
TOTALS = ("amount_to_be_paid", "payable_amount")
TERMS, MOST_TERM = (("maturity", "maturity_period"), ("frequency", "payment_frequency")), 999
SURCHARGE = ("user_commission_percentage", "user_commission_fixed")
SHARE = ("merchant_commission_percentage", "merchant_commission_fixed")


class Rates(Api):
    """Totals for one card or for all."""

    def installments(self, amount: Money, card_bin: str = "") -> tuple[Plan, ...]:
        """Totals for one card ("4. Get Installments") or for all ("7.7. Merchant Commission API").

        What the merchant pays is told for all only. There each family has a single payment of its
        own, for they differ, behind the bare one.
        """
        plans = self._card_plans(amount, card_bin) if card_bin else self._all_plans(amount)
        bare = [plan for plan in plans if plan.installments == 1 and not plan.card_family]
        single = bare[0] if bare else Plan(1, amount)
        further = (plan for plan in plans if plan not in bare or plan.maturity)
        return single, *sorted(
            dict.fromkeys(plan for plan in further if plan != single),
            key=lambda plan: (plan.card_family, plan.installments, plan.maturity, plan.frequency),
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
        plans = []
        for row in rows(answer.get("data")):
            count = whole(row.get("installments_number"), MOST_INSTALLMENTS)
            total = _total(row, amount.currency)
            if count and total:
                terms = {name: whole(row.get(theirs), MOST_TERM) or 0 for name, theirs in TERMS}
                plans.append(Plan(count, total, **terms))
            else:
                shown = {name: words(row, name) for name in (*TOTALS, "installments_number")}
                _logger.warning("platformode: card option left out: %s", shown)
        return plans

    def _all_plans(self, amount: Money) -> list[Plan]:
        plans = []
        for count, row in self._offers(amount.currency):
            if plan := _with_commissions(amount, count, row):
                plans.append(plan)
            else:
                _logger.warning("platformode: commission left out: %s", _described(count, row))
        return plans

    def unread_rates(self) -> tuple[str, ...]:
        sample = Money(100_00, "TRY")
        return tuple(
            _described(count, row)
            for count, row in self._offers(sample.currency)
            if not _with_commissions(sample, count, row)
        )

    def _offers(self, currency: str) -> Iterator[tuple[int, Mapping]]:
        """The numbers of instalments that the merchant offers, each with a row of the table."""
        for key, programs in self._commissions(currency).items():
            count = whole(key, MOST_INSTALLMENTS)
            for row in rows(programs) if count else ():
                if not any(words(row, name).lower() in NOT_OFFERED for name in SURCHARGE):
                    yield count, row

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
        table = _table(answer.get("data"))
        if code_of(answer) != SUCCESS or table is None:
            raise refusal(answer)
        return table


def _with_commissions(amount: Money, count: int, row: Mapping) -> Plan | None:
    """What the buyer pays, and of that the merchant; None if that cannot be read.

    The sample of "7.15. Get Transactions" takes the merchant's share from all that is charged.
    """
    surcharge = _commission(amount, row, *SURCHARGE)
    if surcharge is None:
        return None
    total = Money(amount.minor + surcharge.minor, amount.currency)
    fee = _commission(total, row, *SHARE)
    return Plan(count, total, words(row, "card_program"), fee)


def _commission(amount: Money, row: Mapping, share: str, fixed: str) -> Money | None:
    """A share of an amount, rounded up, and a fixed part."""
    rate, rest = percent(row.get(share)), money(row, fixed, amount.currency)
    if rate is None or rest is None:
        return None
    part = (amount.minor * rate / 100).to_integral_value(ROUND_CEILING)
    return Money(int(part) + rest.minor, amount.currency)


def _table(data: object) -> dict | None:
    """The rows by number of instalments; None if it is no table. An empty one is a list to PHP."""
    if isinstance(data, dict):
        return data
    if data == []:
        return {}
    table = {}
    for row in rows(data):
        table.setdefault(str(whole(row.get("installment"), MOST_INSTALLMENTS)), []).append(row)
    return table if table and "None" not in table else None


def _total(row: Mapping, currency: str) -> Money | None:
    """What a card is charged in all: some rows have it under another name."""
    found = (money(row, name, currency) for name in TOTALS)
    return next((total for total in found if total), None)


def _described(count: int, row: Mapping) -> str:
    shown = ", ".join(f"{name} {words(row, name)}" for name in SURCHARGE)
    return f"{count} x {words(row, 'card_program')}: {shown}"
