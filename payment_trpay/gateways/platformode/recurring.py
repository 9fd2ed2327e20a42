"""Payments that Platformode takes again and again by itself."""

from collections.abc import Mapping

from ..base import Charge, Money, RecurrenceStatus, State
from ..notation import rows, words
from ..transport import NoAnswer
from .answers import (
    NO_RECURRENCE,
    NOT_DELETED,
    SUCCESS,
    code_of,
    date_in,
    money,
    refusal,
    whole,
)
from .api import Api, as_text
from .messages import MOST_PAYMENTS

QUERY_PATH = "/api/recurringPlan/query"
UPDATE_PATH = "/api/recurringPlan/update"
DELETE_PATH = "/api/recurringPlan/delete"

ACTIVITIES = {"active": True, "inactive": False}
STATES = {"Success": State.PAID, "Completed": State.PAID, "Failed": State.FAILED}


class Recurring(Api):
    """Recurrences, each under a `plan_code` that Platformode gave it with its first payment."""

    def inquire_recurrence(self, name: str, number: int) -> RecurrenceStatus:
        """Ask for a recurrence ("7.2. Query Recurring Information").

        :param number: Which of its payments to ask for, too (step 2 of "7.Recurring WebHook").
        :raise Refused: With code 70 if there is no such recurrence any more.
        """
        answer = self._query(name, {"recurring_number": number})
        if code_of(answer) != SUCCESS:
            raise refusal(answer)
        if words(answer, "plan_code") != name:
            raise NoAnswer("recurringPlan: of another plan")
        currency, state = words(answer, "currency"), words(answer, "recurring_status")
        is_ours = currency in self.currencies
        return RecurrenceStatus(
            active=ACTIVITIES.get(state.lower()),
            amount=money(answer, "recurring_amount", currency) if is_ours else None,
            payments=whole(answer.get("payment_number"), MOST_PAYMENTS),
            next_on=date_in(answer, "next_action_date"),
            charges=tuple(filter(None, map(_charge, rows(answer.get("transactionHistories"))))),
            text=state,
        )

    def change_recurrence(self, name: str, *, payments: int, amount: Money, active: bool) -> None:
        """Change what is still to be paid, or let it rest ("7.1. Update Recurring").

        :param payments: How many in all, the first one included.
        :param amount: Strictly positive, of each further payment.
        """
        if amount.minor <= 0:
            raise ValueError(f"not an amount to pay: {amount}")
        fields = {
            "recurring_payment_number": payments,
            "recurring_amount": as_text(amount),
            "recurring_status": "ACTIVE" if active else "INACTIVE",
        }
        answer = self._call(UPDATE_PATH, f"change {name}", self._of_plan(name) | fields)
        if code_of(answer) != SUCCESS:
            raise refusal(answer)

    def end_recurrence(self, name: str) -> None:
        """Take no further payment ("7.3. Delete Recurring").

        Whether what cannot be deleted is there at all, only a query tells.
        """
        answer = self._call(DELETE_PATH, f"end {name}", self._of_plan(name))
        code = code_of(answer)
        if code == SUCCESS:
            return
        may_be_gone = code in (NOT_DELETED, NO_RECURRENCE)
        if not may_be_gone or code_of(self._query(name, {})) != NO_RECURRENCE:
            raise refusal(answer)

    def _query(self, name: str, fields: Mapping) -> dict:
        return self._call(QUERY_PATH, f"inquire {name}", self._of_plan(name) | fields)

    def _of_plan(self, name: str) -> dict[str, str]:
        return {"merchant_key": self._key, "plan_code": name}


def _charge(row: Mapping) -> Charge | None:
    number = whole(row.get("recurring_number"), MOST_PAYMENTS)
    return number and Charge(
        number=number,
        state=STATES.get(words(row, "status"), State.PENDING),
        on=date_in(row, "action_date"),
        psp_reference=words(row, "sale_id"),
    )
