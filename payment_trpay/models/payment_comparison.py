"""How the books are held against what the PSP says of a payment that is made.

Nobody tells of what staff do in the PSP's panel, or of what a cardholder's bank takes back: the
PSP's lists and its messages give reason to ask, and what is found there is booked here.
"""

from collections import Counter
from dataclasses import replace
from functools import partial

from odoo import fields, models
from odoo.service.model import retrying

from .. import const
from ..gateways.base import LATER, GatewayError, Outcome, Refused, State
from ..gateways.transport import TransportError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    trpay_next_comparison = fields.Datetime(
        string="Next Comparison",
        help="When the provider will be asked whether anything happened in its panel",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    trpay_last_comparison = fields.Datetime(readonly=True, copy=False)
    trpay_compared_since = fields.Datetime(
        help="Since when it is to be compared, and could not be yet", readonly=True, copy=False
    )
    trpay_found = fields.Selection(
        string="Made Elsewhere",
        selection=[
            ("panel", "In the provider's panel"),
            ("chargeback", "Charged back by the cardholder's bank"),
        ],
        help="It was not made here, but found at the provider",
        readonly=True,
        copy=False,
    )
    trpay_difference = fields.Char(
        string="Difference",
        help="What the provider says that the books cannot explain",
        readonly=True,
        copy=False,
    )

    # === WHEN === #

    def _trpay_compare_soon(self):
        """Ask how it stands, but not over and over: strangers may send any number of messages."""
        if self.trpay_next_comparison:
            return
        now, last = fields.Datetime.now(), self.trpay_last_comparison
        rested = max(now, last + const.COMPARISON_PAUSE) if last else now
        self.trpay_next_comparison = rested + const.INQUIRY_PAUSE
        self.trpay_compared_since = now
        if rested == now:
            delay = const.WAKING_DELAY + const.INQUIRY_PAUSE
            self.env["ir.cron"]._trpay_wake("payment_trpay.cron_reconcile", delay)

    def _trpay_ask_for_statement(self):
        """Ask the PSP how a payment stands, and book what the books do not have."""
        self._trpay_lock()
        now = fields.Datetime.now()
        self.trpay_last_comparison, self.trpay_next_comparison = now, now + const.COMPARISON_PAUSE
        self._trpay_commit()
        if self._trpay_is_nameless():
            self._trpay_end_comparison("")
            return
        self._trpay_find_out()  # Whether it is paid, or still reserved, decides everything else.
        try:
            statement = self._trpay_gateway().statement(self._trpay_order())
        except (GatewayError, TransportError) as error:
            conclude = partial(self._trpay_note_no_statement, error)
        else:
            conclude = partial(self._trpay_take_in, statement)
        retrying(conclude, self.env)

    def _trpay_note_no_statement(self, error):
        """Ask again in a while; of what is refused, or never answered properly, tell a person."""
        is_refused = isinstance(error, Refused) and error.reason not in LATER
        if is_refused or self._trpay_waited_long_enough():
            tx = self._trpay_for_staff()
            said = tx.provider_id._trpay_explain(error)
            self._trpay_end_comparison(
                tx.env._("It could not be compared with the provider: %s", said)
            )

    def _trpay_waited_long_enough(self):
        since = self.trpay_compared_since or fields.Datetime.now()
        return fields.Datetime.now() - since > const.COMPARISON_PATIENCE

    def _trpay_end_comparison(self, problem):
        """Ask no more until something gives reason to, and tell a person what is not clear.

        :param str problem: In the language of that person; empty if there is none.
        """
        self.write({"trpay_next_comparison": False, "trpay_compared_since": False})
        self._trpay_tell_difference(problem)

    # === WHAT === #

    def _trpay_agrees_with(self, listed, refunded_then):
        """Whether the PSP's list says nothing of a payment that the books do not know.

        :param ListedPayment listed: The payment in the list.
        :param float refunded_then: What the books have given back of it in the days of the list.
        :rtype: bool
        """
        if self.trpay_review_reason:  # A person is at it.
            return True
        paid = self._trpay_paid()
        if listed.state is not State.PAID:
            is_held = self.state == "authorized" and listed.state is State.FAILED
            return not paid and not is_held
        amount, refunded = listed.amount, listed.refunded
        then = listed.refunded_then
        if then and then != self._trpay_money(refunded_then):
            return False
        if listed.is_charged_back and not self._trpay_is_charged_back():
            return False
        return bool(paid) and (
            (not amount or amount == self._trpay_money(self._trpay_settled_amount()))
            and (refunded is None or refunded == self._trpay_money(self._trpay_given_back()))
        )

    def _trpay_fill_in(self, listed):
        """Note what only the list says of a payment that is paid."""
        if self.state != "done":
            return
        if self._trpay_is_nameless():
            self.trpay_recurring_id._call_it(self, listed.reference)
        values = {
            "trpay_card_number": listed.card.number,
            "trpay_installments": listed.installments,
            "trpay_settles_on": listed.settles_on,
            "trpay_fee": listed.fee and float(listed.fee.major),
        }
        missing = {name: value for name, value in values.items() if value and not self[name]}
        if missing:
            self.write(missing)

    def _trpay_take_in(self, statement):
        """Book what the PSP says happened to a payment, and tell of what cannot be explained.

        :param Statement statement: How the PSP says that it stands.
        """
        for tx in self | self._trpay_parts():
            tx._trpay_lock()
        if self.trpay_review_reason or not self._trpay_paid():
            self._trpay_end_comparison("")
            return
        problem = self._trpay_for_staff()._trpay_find_difference(statement.outcome)
        if not problem:
            self._trpay_take_in_ours(statement)
            if self._trpay_waits_for_ours(statement) and not self._trpay_waited_long_enough():
                if statement.is_charged_back and not self._trpay_is_charged_back():
                    tx = self._trpay_for_staff()
                    self._trpay_tell_difference(tx._trpay_describe_chargeback(self.amount))
                return  # Until it is known what became of it.
            problem = self._trpay_for_staff()._trpay_take_in_others(statement)
        self._trpay_end_comparison(problem)

    def _trpay_find_difference(self, outcome):
        """What the PSP denies of a payment that is in the books; empty if nothing.

        :rtype: str
        """
        if outcome.state is not State.PAID:
            return self.env._(
                "The books say that it is paid, and %(provider)s does not: %(answer)s. Look it up"
                " in its panel.",
                provider=self.provider_id.name,
                answer=outcome.text or outcome.state,
            )
        booked = self._trpay_money(self._trpay_settled_amount())
        if outcome.amount and outcome.amount != booked:
            return self.env._(
                "%(provider)s says it is a payment of %(amount)s, and the books say %(booked)s.",
                provider=self.provider_id.name,
                amount=outcome.amount,
                booked=booked,
            )
        return ""

    # === REFUNDS === #

    def _trpay_root(self):
        """The payment that a refund or a capture goes back to."""
        source = self.source_transaction_id
        return source._trpay_root() if source else self

    def _trpay_paid(self):
        """The payment, or what was captured of it: that is what can be given back."""
        return self._trpay_parts().filtered(lambda tx: tx.state == "done") or self.filtered(
            lambda tx: tx.state == "done"
        )

    def _trpay_refunds(self):
        """All refunds that the PSP was to make, whatever became of them."""
        children = (self | self._trpay_parts()).child_transaction_ids
        return children.filtered(lambda tx: tx.operation == "refund" and not tx.refund_by_hand)

    def _trpay_given_back(self):
        """What the PSP gave back, as the books have it; in major units."""
        return -sum(self._trpay_refunds().filtered(lambda tx: tx.state == "done").mapped("amount"))

    def _trpay_take_in_ours(self, statement):
        """Make true of our own refunds what the PSP names, even if they seemed to fail."""
        by_reference = {each.reference: each for each in statement.given_back if each.reference}
        for refund in self._trpay_refunds():
            if refund.state != "done" and (found := by_reference.get(refund.reference)):
                refund._trpay_settle(_given_back(found.amount))

    def _trpay_waits_for_ours(self, statement):
        """Whether what was given back could be a refund of ours whose answer is not known.

        What was made a moment ago may not be told yet.
        """
        refunds = self._trpay_refunds()
        on_the_way = refunds.filtered(lambda tx: tx.state == "pending" and not tx._trpay_is_stuck())
        total = sum(each.amount.minor for each in statement.given_back)
        if total < self._trpay_money(self._trpay_given_back()).minor:
            made = max(refunds.filtered(lambda tx: tx.state == "done").mapped("last_state_change"))
            return fields.Datetime.now() - made < const.NOT_LISTED_YET
        if not self._trpay_gateway().names_refunds:
            return bool(on_the_way)
        amounts = {tx._trpay_money(-tx.amount) for tx in on_the_way}
        references = set(refunds.mapped("reference"))
        return any(
            each.amount in amounts
            for each in statement.given_back
            if each.reference not in references
        )

    def _trpay_take_in_others(self, statement):
        """Book what was given back by others than us.

        Nothing is booked of a sum that cannot be right, or that a person may have booked before
        these comparisons began.

        :return: What of it cannot be booked; empty if all is explained.
        :rtype: str
        """
        total = sum(each.amount.minor for each in statement.given_back)
        extra = total - self._trpay_minor(self._trpay_given_back() + self._trpay_by_hand())
        most = self._trpay_minor(self._trpay_settled_amount() + self.trpay_surcharge)
        may_book = total <= most and not self._trpay_refunds().filtered("trpay_review_reason")
        begun = self.provider_id.trpay_books_since
        if may_book and not (begun and self.create_date < begun):
            for amount in self._trpay_split(statement, extra):
                extra -= self._trpay_book_refund(amount, statement.is_charged_back)
        if statement.is_charged_back and not self._trpay_is_charged_back():
            return self._trpay_describe_chargeback(self.amount)
        if extra == 0 or 0 < extra <= self._trpay_minor(self.trpay_surcharge):
            return ""
        if -self._trpay_minor(self._trpay_by_hand()) <= extra < 0:
            return ""  # What is given back by hand need not be known there.
        return self.env._(
            "%(provider)s says %(amount)s was given back of it in all, and the books say"
            " %(booked)s. Look it up in its panel.",
            provider=self.provider_id.name,
            amount=replace(self._trpay_money(0), minor=total),
            booked=self._trpay_money(self._trpay_given_back()),
        )

    def _trpay_minor(self, amount):
        return self._trpay_money(amount).minor

    def _trpay_by_hand(self):
        """What staff gave back by hand, perhaps in the panel; in major units."""
        return -sum(self._trpay_refunds_by_hand().mapped("amount"))

    def _trpay_refunds_by_hand(self):
        children = (self | self._trpay_parts()).child_transaction_ids
        return children.filtered(lambda tx: tx.refund_by_hand and tx.state == "done")

    def _trpay_split(self, statement, extra):
        """The amounts, in minor units, of the refunds that are not in the books.

        They are booked one by one. A PSP that tells only their sum does not say how many they are.
        """
        if extra <= 0:
            return []
        if not self._trpay_gateway().names_refunds:
            return [extra]
        done = self._trpay_refunds().filtered(lambda tx: tx.state == "done")
        named = {each.reference for each in statement.given_back} & set(done.mapped("reference"))
        known = done.filtered(lambda tx: tx.reference not in named) | self._trpay_refunds_by_hand()
        unknown = Counter(
            each.amount.minor for each in statement.given_back if each.reference not in named
        ) - Counter(self._trpay_minor(-tx.amount) for tx in known)
        amounts = sorted(unknown.elements())
        return amounts if sum(amounts) == extra else []

    def _trpay_book_refund(self, minor, is_charged_back):
        """Book money that went back, or find the refund that it is.

        :param int minor: The amount, in minor units.
        :return: How much of it is booked: not more than was paid.
        :rtype: int
        """
        amount = replace(self._trpay_money(0), minor=minor)
        lost = self._trpay_find_lost_refund(amount)
        if lost:
            lost.refund_by_hand = False
            lost._trpay_settle(_given_back(amount))
            lost.trpay_activity_id.action_feedback(
                feedback=lost._trpay_for_staff().env._("It was given back at the provider.")
            )
            return minor
        paid = max(self._trpay_paid(), key=lambda tx: tx._trpay_amount_left())
        amount = min(amount, self._trpay_money(paid._trpay_amount_left()))
        if amount.minor <= 0:
            return 0
        refund = paid._create_child_transaction(
            float(amount.major),
            is_refund=True,
            trpay_found="chargeback" if is_charged_back else "panel",
        )
        refund.is_live = paid.is_live  # Whatever the provider's state is by now.
        refund._trpay_settle(_given_back(amount))
        if is_charged_back:
            tx = self._trpay_for_staff()
            tx._trpay_alert_of_answer(tx._trpay_describe_chargeback(-refund.amount))
        return amount.minor

    def _trpay_is_charged_back(self):
        return "chargeback" in self._trpay_refunds().mapped("trpay_found")

    def _trpay_describe_chargeback(self, amount):
        return self.env._(
            "The cardholder's bank took %(amount)s back. Look in the panel of %(provider)s until"
            " when you can object.",
            amount=self.currency_id.format(amount),
            provider=self.provider_id.name,
        )

    def _trpay_find_lost_refund(self, amount):
        """A refund of this amount that failed here after it was sent, or waits for somebody."""
        children = (self | self._trpay_parts()).child_transaction_ids
        return children.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx._trpay_money(-tx.amount) == amount
                and (
                    (tx.state == "error" and tx.trpay_sent)
                    or (tx.state == "pending" and (tx.refund_by_hand or tx._trpay_is_stuck()))
                )
            )
        )[:1]

    def _trpay_is_stuck(self):
        """Whether a refund is not on its way: it was put off, or nobody asks about it any more."""
        is_old = fields.Datetime.now() - self.create_date > const.SETTLING
        return is_old and not (self.trpay_sent and self.trpay_next_inquiry)

    # === CAPTURES === #

    def _trpay_take_in_capture(self, outcome):
        """Book that what was reserved was collected, though nobody here asked for it.

        :param Outcome outcome: What the PSP says, of all that was reserved or of a part.
        """
        amount = outcome.amount or self._trpay_money(self.amount)
        capture = self._create_child_transaction(
            float(amount.major), trpay_hold_end="capture", trpay_found="panel"
        )
        capture.is_live = self.is_live
        capture._trpay_settle(replace(outcome, refs={}))
        if capture.state == "done":
            capture._trpay_let_go_of_the_rest()

    # === TELLING === #

    def _trpay_tell_difference(self, problem):
        """Tell a person what cannot be explained, once; forget it when it is.

        :param str problem: In the language of that person; empty if there is none.
        """
        if problem and problem != self.trpay_difference:
            self._trpay_alert_of_answer(problem)
        if problem != (self.trpay_difference or ""):
            self.trpay_difference = problem


def _given_back(amount):
    return Outcome(state=State.PAID, amount=amount)
