"""Whatever happens, and in whatever order: the two books never drift apart for long."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from parties import PSPS, RpcError, wait_for

AMOUNT = 100.00


class Trade(RuleBasedStateMachine):
    """Some payments, and all that may happen to them."""

    odoo = psp = buyer = None  # Set by the test.

    def __init__(self):
        super().__init__()
        self.psp.recover()
        self.open, self.paid = [], []

    # --- paying

    @precondition(lambda self: len(self.open) + len(self.paid) < 3)
    @rule()
    def start(self):
        self.open.append(self.buyer.start(AMOUNT))

    @precondition(lambda self: self.open)
    @rule(
        data=st.data(),
        how=st.sampled_from([("visa", 1), ("family_world", 3), ("insufficient_funds", 1)]),
        notification=st.sampled_from(["", "", "lost", "repeat"]),
    )
    def pay(self, data, how, notification):
        payment = data.draw(st.sampled_from(self.open))
        if notification:
            self.psp.suffer("notification", notification, payment, count=3)
        card, installments = how
        wait = {"wait": 0} if notification == "lost" else {}
        self.psp.pay(payment, card=card, installments=installments, **wait)
        self.open.remove(payment)
        if card != "insufficient_funds":
            self.paid.append(payment)

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), status=st.sampled_from(["success", "failed"]))
    def notify(self, data, status):
        self.psp.notify(data.draw(st.sampled_from(self.paid)), status=status)

    @precondition(lambda self: self.open or self.paid)
    @rule(data=st.data())
    def come_back(self, data):
        self.buyer.visit(data.draw(st.sampled_from(self.open + self.paid)), "return")

    # --- giving back

    @precondition(lambda self: self.paid)
    @rule(
        data=st.data(),
        amount=st.sampled_from([10.00, 60.00, AMOUNT]),
        answer=st.sampled_from(["", "", "timeout_before", "timeout_after"]),
    )
    def refund(self, data, amount, answer):
        payment = data.draw(st.sampled_from(self.paid))
        if self.odoo.state(payment) != "done":
            return  # Nobody can refund what nobody has heard of.
        payment_id = self.odoo.wait_until_booked(payment)
        self.psp.catch_up(payment)
        if answer:
            self.psp.suffer("refund", answer, payment, seconds=0.1)
        try:
            self.odoo.refund(payment_id, amount)
        except RpcError:
            left = self.psp.book(payment)["collected"] - self.psp.book(payment)["refunded"]
            pending = [r for r in self.odoo.refunds(payment) if r["state"] == "pending"]
            assert left < amount * 100 or pending, "a refund was refused that was possible"
        self.psp.recover()

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), share=st.sampled_from([2, 1]))
    def refund_in_the_panel(self, data, share):
        payment = data.draw(st.sampled_from(self.paid))
        book = self.psp.book(payment)
        if left := book["collected"] - book["surcharge"] - book["refunded"]:
            self.psp.panel(payment, "refund", amount=max(left, 0) // share)

    # --- the time

    @rule()
    def reconcile(self):
        self.odoo.reconcile()

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def some_time_passes(self, data):
        self.odoo.later(data.draw(st.sampled_from(self.paid)))
        self.odoo.reconcile()

    # --- what is always true

    @invariant()
    def nothing_is_believed_that_is_not_so(self):
        for payment in self.paid:
            ours, theirs = self.odoo.book(payment), self.psp.book(payment)
            assert ours["collected"] <= theirs["collected"]
            assert ours["refunded"] <= theirs["refunded"] <= theirs["collected"]

    def teardown(self):
        """Let the cron catch up: then both books say the same."""
        for payment in self.open + self.paid:
            wait_for(lambda payment=payment: self._is_settled(payment))
        self.odoo.compare(self.psp)
        for payment in self.open + self.paid:
            assert self.odoo.book(payment) == self.psp.book(payment)

    def _is_settled(self, payment):
        is_paid = payment in self.paid
        done = (not is_paid) or self.odoo.state(payment) == "done"
        if done and not any(r["state"] == "pending" for r in self.odoo.refunds(payment)):
            return True
        self.psp.catch_up(payment)
        self.odoo.later(payment)
        self.odoo.reconcile()
        return False


@pytest.fixture(params=PSPS)
def code(request):
    """Return each payment provider in turn."""
    return request.param


@pytest.fixture
def trade(odoo, psp, buyer, configure, code):
    """Return the machine, with those who take part."""
    if code == "platformode":
        configure(trpay_flow="page")
    return type("Trade", (Trade,), {"odoo": odoo, "psp": psp, "buyer": buyer})


def test_the_books_agree_in_the_end(trade):
    run(
        trade,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # A smaller example would take minutes to find.
            suppress_health_check=list(HealthCheck),
        ),
    )
