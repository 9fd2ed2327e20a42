"""What became of a payment, and whether the keys are right."""

from collections.abc import Mapping
from dataclasses import replace

from ..base import Agreement, GivenBack, Money, Order, Outcome, Reason, Refused, State, Statement
from ..notation import listed, words
from ..transport import NoAnswer
from .answers import (
    FAILED,
    GIVEN_BACK,
    NO_INSTALLMENTS,
    NOT_FOUND,
    PROCESSED,
    SUCCESS,
    UNKNOWN,
    code_of,
    date_in,
    failure,
    money,
    refusal,
    whole,
)
from .api import LIRA, MOST_INSTALLMENTS, flows_of
from .lists import Lists

STATUS_PATH = "/api/checkstatus"
# How `checkstatus` calls a reservation: by "7.16." Pending until it is collected, even in the
# panel, which may leave its type as it is; elsewhere Completed from the beginning.
HELD_AS = "held_as"
INSTALLMENTS_PATH = "/api/installments"


class Status(Lists):
    """The only answers that make a payment true."""

    def inquire(self, order: Order) -> Outcome:
        """Ask for the payment ("2.1. Check Order Status").

        :return: `UNKNOWN` if Platformode has none of that number, or has not processed it yet;
            `PENDING` also while nothing tells in which currency it was paid.
        """
        return self._outcome(self._status(order), order)

    def _outcome(self, answer: Mapping, order: Order) -> Outcome:
        """What an answer of `checkstatus` says of a payment."""
        code, status = code_of(answer), words(answer, "transaction_status")
        if code in NOT_FOUND:
            return Outcome(state=State.UNKNOWN, code=code, text=words(answer, "status_description"))
        if code not in (SUCCESS, FAILED):
            raise refusal(answer)
        if words(answer, "invoice_id") != order.reference:
            raise NoAnswer("checkstatus: of another invoice")
        if code == FAILED or status == "Failed":
            return failure(answer, order)
        kind = words(answer, "transaction_type")
        if GIVEN_BACK.search(status):
            return replace(self._success(answer, order, State.PAID), is_given_back=True)
        is_captured = kind == "Auth" or order.refs.get(HELD_AS) == "Pending"
        if status == "Completed" and is_captured:
            return self._success(answer, order, State.PAID)
        # A payment that the shop has to complete is Pending, too, and nothing is reserved yet.
        waits = status == "Pending" and kind == "Auth" and order.hold and not order.resumed
        is_hold = kind == "Pre-Authorization" or waits
        if status in ("Completed", "Pending") and is_hold:
            held = self._success(answer, order, State.AUTHORIZED)
            return replace(held, refs={**held.refs, HELD_AS: status})
        return Outcome(state=State.PENDING, text=status)

    def statement(self, order: Order) -> Statement:
        """Ask for the payment, and for its row in the list, which alone tells of a chargeback.

        ("2.1. Check Order Status", "7.18. All Transaction API")
        """
        answer = self._status(order)
        outcome = self._outcome(answer, order)
        if outcome.reason is Reason.CURRENCY_UNKNOWN:
            # That was proven when it was booked, and the list may not go back so far.
            price = money(answer, "product_price", order.amount.currency)
            outcome = Outcome(state=State.PAID, amount=price)
        if outcome.state is not State.PAID:
            return Statement(outcome=outcome)
        total = money(answer, "total_refunded_amount", order.amount.currency)
        if not total:
            raise NoAnswer("checkstatus: no total_refunded_amount")
        return Statement(
            outcome=outcome,
            given_back=(GivenBack(amount=total),) if total.minor else (),
            is_charged_back=self._is_charged_back(order),
        )

    def _is_charged_back(self, order: Order) -> bool:
        """Whether the list says so; what it does not tell keeps nobody from the refunds."""
        try:
            return any(row.is_charged_back for row in self.find_payments(order.reference))
        except (Refused, NoAnswer):
            return False

    def _truth(self, order: Order, answer: Mapping) -> Outcome:
        """What became of a payment after a service that may have charged the card.

        :param answer: What that service said; it counts only if there is no such payment.
        :raise Refused: If it surely did not.
        """
        try:
            outcome = self.inquire(order)
        except Refused as error:  # That was about the question; the card may be charged.
            raise NoAnswer(f"charged or not: {error.text}") from None
        if outcome.state is State.UNKNOWN and code_of(answer) not in (SUCCESS, *PROCESSED):
            raise refusal(answer)
        return outcome

    def _success(self, answer: Mapping, order: Order, state: State) -> Outcome:
        plan = words(answer, "recurring_plan_code")
        refs = {"recurrence": plan} if plan else {}
        amount = self._amount(answer, order)
        if not amount:
            text = words(answer, "transaction_status")
            reason = Reason.CURRENCY_UNKNOWN
            return Outcome(state=State.PENDING, reason=reason, text=text, refs=refs)
        return Outcome(
            state=state,
            amount=amount,
            charged=money(answer, "transaction_amount", amount.currency),
            fee=money(answer, "merchant_commission", amount.currency),
            settles_on=date_in(answer, "settlement_date"),
            psp_reference=words(answer, "order_id"),
            refs=refs,
        )

    def _amount(self, answer: Mapping, order: Order) -> Money | None:
        """The price of a payment, in the currency that it was paid in.

        `checkstatus` does not name that, and what the browser carried can be altered: whoever owes
        dollars could pay as many liras. So the list must have it, at the same price. Who owes liras
        gains nothing by paying as much of another currency.

        :return: None if the list does not show it, or more than one.
        """
        try:
            price = Money.parse(answer.get("product_price"), order.amount.currency)
        except ValueError as error:
            raise NoAnswer(f"checkstatus: {error}") from None
        if price.currency == LIRA:
            return price
        listed = {payment.amount for payment in self._recent_payments(order.reference)}
        amount = listed.pop() if len(listed) == 1 else None
        return amount if amount and amount.minor == price.minor else None

    def _status(self, order: Order) -> dict:
        return self._call(
            STATUS_PATH,
            f"inquire {order.reference}",
            {
                "invoice_id": order.reference,
                "merchant_key": self._key,
                "hash_key": self._seal(order.reference, self._key),
            },
            missing={"status_code": UNKNOWN},
        )

    def probe(self) -> Agreement:
        """Get a new token, which takes app ID and secret, then what the merchant key may do.

        ("3. Get Token", "7.5. Merchant Active Installments")
        """
        access = self._renewed_access()
        answer = self._call(INSTALLMENTS_PATH, "probe", {"merchant_key": self._key}, access)
        counts = answer.get("installments")
        if not counts and code_of(answer) not in (SUCCESS, NO_INSTALLMENTS):
            raise refusal(answer)
        return Agreement(flows=flows_of(access), installments=_numbers(counts))


def _numbers(counts: object) -> tuple[int, ...]:
    found = {whole(count, MOST_INSTALLMENTS) for count in listed(counts) or ()}
    return tuple(sorted(found - {None}))
