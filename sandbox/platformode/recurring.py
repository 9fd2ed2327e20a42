"""Recurring payments: what the first one starts, and the services to look at and change it."""

from collections.abc import Mapping

from ..money import to_minor
from ..notifier import Delivery
from ..web import Routes
from . import wire
from .gate import Refused, require, service
from .store import Merchant, Payment, Plan

routes = Routes()

_CYCLES = {"D": "DAY", "M": "MONTH", "Y": "YEAR"}
_SYMBOLS = {"TRY": "₺", "USD": "$", "EUR": "€"}
_STATES = {"ACTIVE": "Active", "INACTIVE": "Inactive"}
_STAMP = "%Y-%m-%dT%H:%M:%S.000000Z"
_TIME = "%Y-%m-%d %H:%M:%S"


class Recurring:
    """Repeats payments; mixed into the PSP."""

    def start_plan(self, payment: Payment):
        plan = Plan(
            id=len(self.store.plans) + 1,
            first=payment,
            number=payment.terms.number,
            amount=payment.amount,
            next_at=self.after(payment.terms),
        )
        self.store.plans[plan.code] = plan

    def repeat(self, plan: Plan, bank: tuple[str, str] | None) -> tuple[Payment, Delivery | None]:
        """Charge the card again: a sale of its own, which the recurring web hook announces.

        A number that failed is attempted again before the next one.
        """
        first = plan.first
        payment = Payment(
            merchant=first.merchant,
            kind="recurring",
            invoice_id=f"{plan.code}-{len(plan.payments) + 1}",
            amount=plan.amount,
            currency=first.currency,
            form={},
            created=self.now(),
            preset=bank,
        )
        payment.choose(first.card, 1)
        self.store.add(payment)
        plan.add(payment, plan.paid + 1)
        self.charge(payment)
        plan.next_at = self.after(first.terms)
        if plan.paid >= plan.number:
            plan.status = "Completed"
        return payment, self.tell_recurring(plan, payment)


@service(routes, "/api/recurringPlan/query", "recurring")
def query(psp, merchant: Merchant, fields: dict) -> dict:
    """A plan with its card, or when a number is asked for, with its payments of that number."""
    plan = _plan(psp, merchant, fields, "70")
    body = {
        "status_code": 100,
        "message": "Recurring card Found",
        "recurring_id": plan.id,
        "plan_code": plan.code,
        "currency": plan.first.currency,
        "currency_symbol": _SYMBOLS[plan.first.currency],
        "first_amount": wire.number(plan.first.charged),
        "recurring_amount": wire.number(plan.amount),
        "total_amount": wire.number(plan.first.charged + plan.amount * (plan.number - 1)),
        "payment_number": plan.number,
        "payment_interval": plan.first.terms.interval,
        "payment_cycle": _CYCLES[plan.first.terms.cycle],
        "first_order_id": plan.first.order_id,
        "merchant_id": int(merchant.id),
        "card_no": plan.first.masked,
        "next_action_date": f"{plan.next_at:%Y-%m-%d}",
        "recurring_status": plan.status,
        "transaction_date": plan.first.created.strftime(_TIME),
    }
    if number := fields.get("recurring_number"):
        return body | {"transactionHistories": _histories(plan, number)}
    return body | {"recurringCardList": [_card(plan)]}


def _histories(plan: Plan, wanted: str) -> list[dict]:
    return [
        {
            "id": at,
            "sale_recurring_id": plan.id,
            "sale_id": payment.sale_id,
            "merchant_id": int(payment.merchant.id),
            "action_date": payment.created.strftime(_TIME),
            "status": "Success" if payment.sale else "Failed",
            "recurring_number": number,
        }
        for at, (payment, number) in enumerate(zip(plan.payments, plan.numbers, strict=True), 1)
        if str(number) == wanted
    ]


def _card(plan: Plan) -> dict:
    created = plan.first.created.strftime(_STAMP)
    return {
        "sale_recurring_id": plan.id,
        "card_token": plan.first.token,
        "card_user_key": plan.first.transaction_id,
        "status": "Active",
        "created_at": created,
        "updated_at": created,
    }


@service(routes, "/api/recurringPlan/update", "recurring")
def update(psp, merchant: Merchant, fields: dict) -> dict:
    """Change how often the plan repeats, its amount, or whether it does at all."""
    plan = _plan(psp, merchant, fields, "71")
    number = fields.get("recurring_payment_number", "")
    state = _STATES.get(fields.get("recurring_status") or "ACTIVE")
    amount = to_minor(fields.get("recurring_amount") or str(wire.number(plan.amount)))
    if not number.isdecimal() or not max(plan.paid, 2) <= int(number) <= 121:
        raise _not("71", plan)
    if not state or not amount:
        raise _not("71", plan)
    plan.number, plan.amount, plan.status = int(number), amount, state
    return {
        "status_code": 100,
        "message": "Recurring plan updated successfully",
        "plan_code": plan.code,
    }


@service(routes, "/api/recurringPlan/delete", "recurring")
def delete(psp, merchant: Merchant, fields: dict) -> dict:
    plan = _plan(psp, merchant, fields, "72")
    del psp.store.plans[plan.code]
    plan.status = "Deleted"
    return {"status_code": 100, "message": "Recurring plan Deleted successfully"}


def _plan(psp, merchant: Merchant, fields: Mapping, code: str) -> Plan:
    require(fields, "plan_code")
    plan = psp.store.plans.get(fields["plan_code"])
    if not plan or plan.first.merchant.id != merchant.id:
        raise Refused(code, message=wire.CODES[code], plan_code=fields["plan_code"])
    return plan


def _not(code: str, plan: Plan) -> Refused:
    return Refused(code, message=wire.CODES[code], plan_code=plan.code)
