from datetime import timedelta

from freezegun import freeze_time
from requests import ReadTimeout

from odoo import fields
from odoo.tests import tagged

from ..gateways.base import Money, Outcome, State
from ..gateways.platformode.hash import seal
from .common import NO_SUCCESSFUL_PAYMENT, PAYTR, REFUND_URL, STATUS_URL, PayTRCommon
from .common_platformode import SECRET, PlatformodeCommon

LIST_URL = f"{PAYTR}/rapor/islem-dokumu"


class ComparisonCommon(PayTRCommon):
    def _alerts(self):
        """The to-dos, as texts."""
        return (
            self.env["mail.activity"].search([]).mapped(lambda todo: f"{todo.summary} {todo.note}")
        )

    def _refunds(self, tx):
        return sorted(
            (each.amount, each.state, each.trpay_found or "") for each in tx._trpay_refunds()
        )


@tagged("post_install", "-at_install")
class TestStatement(ComparisonCommon):
    """One payment, held against PayTR, which names our refunds."""

    def _compare(self, tx, *returns, later=timedelta(), **status):
        self.env.flush_all()
        answer = status.pop("answer", None) or self._status(returns=returns, **status)
        with (
            freeze_time(fields.Datetime.now() + later),
            self._answers((STATUS_URL, answer)),
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            tx.with_env(self.env(cr=cr))._trpay_ask_for_statement()
        self.env.invalidate_all()

    def _returned(self, amount, refund=None):
        return {"reference_no": refund and refund.reference, "return_amount": amount}

    def test_a_refund_of_the_panel_is_booked_once(self):
        tx = self._paid()
        for _day in range(2):
            self._compare(tx, self._returned("10.00"))
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")])
        self.assertEqual(tx._trpay_amount_left(), 39)
        self.assertFalse(self._alerts())
        self.assertFalse(tx.trpay_next_comparison)

    def test_several_are_booked_one_by_one(self):
        tx = self._paid()
        self._compare(tx, self._returned("10.00"))
        self._compare(tx, *[self._returned("10.00")] * 2, self._returned("5.00"))
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")] * 2 + [(-5, "done", "panel")])

    def test_ours_is_no_other_s(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund._trpay_settle(Outcome(state=State.PAID, amount=Money(1000, "TRY")))
        self._compare(tx, self._returned("10.00", refund))
        self.assertEqual(self._refunds(tx), [(-10, "done", "")])

    def test_ours_that_seemed_to_fail_was_made(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund._set_error("no")
        self._compare(tx, self._returned("10.00", refund))
        self.assertEqual(self._refunds(tx), [(-10, "done", "")])

    def test_one_like_ours_that_is_on_its_way_is_waited_for(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund.trpay_sent = fields.Datetime.now()
        self._compare(tx, self._returned("10.00"))
        self.assertEqual(self._refunds(tx), [(-10, "pending", "")])
        self.assertTrue(tx.trpay_next_comparison)

    def test_another_one_is_booked_while_ours_is_on_its_way(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund.trpay_sent = fields.Datetime.now()
        self._compare(tx, self._returned("7.00"))
        self.assertEqual(self._refunds(tx), [(-10, "pending", ""), (-7, "done", "panel")])

    def test_what_staff_were_to_give_back_by_hand_they_gave_back_in_the_panel(self):
        tx = self._paid()
        by_hand = tx._refund_by_hand(10)
        todo = by_hand.trpay_activity_id
        self._compare(tx, self._returned("10.00"))
        self.assertEqual(by_hand.state, "done")
        self.assertFalse(todo.active)
        self.assertEqual(self._refunds(tx), [(-10, "done", "")])

    def test_the_surcharge_goes_back_with_all_of_it(self):
        tx = self._pay()
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(5145, "TRY")))
        self._compare(tx, self._returned("51.45"), payment_total="51.45")
        self.assertEqual(self._refunds(tx), [(-49, "done", "panel")])
        self.assertFalse(self._alerts())

    def test_what_cannot_be_explained_is_told_once_and_forgotten_when_it_can(self):
        tx = self._paid()
        denied = "The books say that it is paid"
        for _day in range(2):
            self._compare(tx, answer=NO_SUCCESSFUL_PAYMENT)
        (alert,) = self._alerts()
        self.assertEqual(alert.count(denied), 1)
        self.assertIn("49", alert)
        self.assertIn(denied, tx.trpay_difference)
        self._compare(tx)
        self.assertFalse(tx.trpay_difference)

    def test_another_amount_is_told(self):
        tx = self._paid()
        self._compare(tx, payment_amount="40.00", payment_total="49.00")
        (alert,) = self._alerts()
        self.assertIn("40.00 TRY", alert)

    def test_a_refund_that_the_provider_does_not_have_is_told_after_a_while(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund._trpay_settle(Outcome(state=State.PAID, amount=Money(1000, "TRY")))
        self._compare(tx)
        self.assertFalse(self._alerts())
        self.assertTrue(tx.trpay_next_comparison)
        self._compare(tx, later=timedelta(days=2))
        (alert,) = self._alerts()
        self.assertIn("0.00 TRY was given back", alert)

    def test_of_a_sum_that_cannot_be_right_nothing_is_booked(self):
        tx = self._paid()
        self._compare(tx, self._returned("500"))  # As if it were kuruş.
        self.assertFalse(self._refunds(tx))
        (alert,) = self._alerts()
        self.assertIn("500.00 TRY", alert)

    def test_ours_with_another_amount_is_for_a_person(self):
        tx = self._paid()
        refund = tx._refund(10)
        self._compare(tx, self._returned("7.00", refund))
        self.assertTrue(refund.trpay_review_reason)
        self.assertEqual(self._refunds(tx), [(-10, "pending", "")])

    def test_what_was_given_back_by_hand_may_be_in_the_panel(self):
        tx = self._paid()
        tx._refund_by_hand(10).action_refund_given_back()
        self._compare(tx, self._returned("10.00"))
        self.assertFalse(self._refunds(tx))
        self._compare(tx, self._returned("10.00"), self._returned("5.00"))
        self.assertEqual(self._refunds(tx), [(-5, "done", "panel")])
        self.assertFalse(self._alerts())

    def test_one_that_is_put_off_was_made_in_the_panel_meanwhile(self):
        tx = self._paid()
        refund = tx._refund(10)
        self._compare(tx, self._returned("10.00"))
        self.assertEqual(refund.state, "pending")  # It was asked for a moment ago.
        self._compare(tx, self._returned("10.00"), later=timedelta(hours=2))
        self.assertEqual(self._refunds(tx), [(-10, "done", "")])

    def test_one_that_is_not_asked_about_any_more_is_found(self):
        tx = self._paid()
        refund = tx._refund(10)
        refund.write({"trpay_sent": fields.Datetime.now(), "trpay_next_inquiry": False})
        self._compare(tx, self._returned("10.00"), later=timedelta(hours=2))
        self.assertEqual(self._refunds(tx), [(-10, "done", "")])

    def test_payments_from_before_are_told_only(self):
        """Whoever used an earlier version booked these refunds by hand."""
        tx = self._paid()
        self.provider.trpay_books_since = fields.Datetime.now() + timedelta(hours=1)
        self._compare(tx, self._returned("10.00"))
        self.assertFalse(self._refunds(tx))
        self.assertEqual(len(self._alerts()), 1)

    def test_what_never_answers_is_told_after_some_days(self):
        tx = self._paid()
        tx._trpay_compare_soon()
        odd = [{"return_amount": "çok"}]
        self._compare(tx, *odd)
        self.assertFalse(self._alerts())
        self._compare(tx, *odd, later=timedelta(days=4))
        (alert,) = self._alerts()
        self.assertIn("could not be compared", alert)
        self.assertFalse(tx.trpay_next_comparison)

    def test_messages_of_strangers_cause_one_question_an_hour(self):
        tx = self._paid()
        self._compare(tx)
        tx._trpay_compare_soon()
        self.assertGreater(tx.trpay_next_comparison, fields.Datetime.now() + timedelta(minutes=59))

    def test_no_answer_is_asked_for_again(self):
        tx = self._paid()
        self._compare(tx, answer=ReadTimeout())
        self.assertTrue(tx.trpay_next_comparison)
        self.assertFalse(self._alerts())

    def test_a_refusal_is_told(self):
        tx = self._paid()
        self._compare(tx, answer={"status": "error", "err_no": "003", "err_msg": "Hash"})
        (alert,) = self._alerts()
        self.assertIn("could not be compared", alert)
        self.assertFalse(tx.trpay_next_comparison)

    def test_what_was_paid_and_never_told_becomes_paid(self):
        tx = self._pay()
        tx._set_canceled("late")
        self._compare(tx, self._returned("10.00"))
        self.assertEqual(tx.state, "done")
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")])

    def test_a_payment_that_a_person_decides_about_is_left_alone(self):
        tx = self._pay()
        tx._trpay_park("Odd")
        self._compare(tx, self._returned("10.00"))
        self.assertFalse(self._refunds(tx))

    def test_a_lost_refund_is_not_sent_again_because_of_the_panel_s(self):
        """The panel gave back 40, and our 40 got no answer: they are two."""
        tx = self._paid()
        refund = tx._refund(20)
        refund.trpay_sent = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        with (
            self._answers((STATUS_URL, self._status(returns=[self._returned("7.00")]))),
            self.enter_registry_test_mode(),
        ):
            refund._trpay_find_out_now()
        self.assertFalse(refund.trpay_sent)  # It surely is not among them: it is sent again.


@tagged("post_install", "-at_install")
class TestSum(ComparisonCommon, PlatformodeCommon):
    """One payment, held against Platformode, which tells only the sum of its refunds."""

    def _row(self, tx, **changes):
        return {
            "invoice_id": tx.reference,
            "order_id": "162435932934307",
            "transaction_state_id": 1,
            "transaction_state_label": "Completed",
            "product_price": 49,
            "total_refunded_amount": 0,
            "currency_code": "TRY",
            "credit_card_no": "411111****1111",
            "installment": 3,
            **changes,
        }

    def _compare(self, tx, total=0, row=None, **changes):
        row = self._row(tx, **(row or {}))
        return self._answering(
            lambda env: tx.with_env(env)._trpay_ask_for_statement(),
            checkstatus=self._status(tx, total_refunded_amount=total, **changes),
            alltransaction={"status_code": 100, "data": {"data": [row], "last_page": 1}},
        )

    def _refund(self, tx, amount, *answers):
        refund = tx._refund(amount)
        self._find_out(refund, refund=list(answers), checkstatus=self._status(tx))
        return refund

    def _reserved(self):
        tx = self._pay(trpay_refs={"hold": True})
        held = {"transaction_status": "Pending", "transaction_type": "Pre-Authorization"}
        self._find_out(tx, checkstatus=self._status(tx, **held))
        self.assertEqual(tx.state, "authorized")
        return tx

    def test_a_refund_of_the_panel_is_booked_once(self):
        tx = self._paid()
        for _day in range(2):
            self._compare(tx, 10)
        self._compare(tx, 15)
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel"), (-5, "done", "panel")])
        self.assertFalse(self._alerts())

    def test_while_ours_is_on_its_way_nothing_is_booked(self):
        tx = self._paid()
        refund = self._refund(tx, 40, ReadTimeout())
        self._compare(tx, 40)
        self.assertEqual(self._refunds(tx), [(-40, "pending", "")])
        self.assertTrue(refund.trpay_sent)

    def test_ours_is_told_from_the_panel_s_by_its_number(self):
        """The panel gave back 20, and the answer to our 20 got lost on its way to the provider."""
        tx = self._paid()
        refund = self._refund(tx, 20, ReadTimeout())
        for later, answer in ((5, None), (10, {"status_code": 100, "ref_no": "1"})):
            with freeze_time(fields.Datetime.now() + timedelta(minutes=later)):
                self._find_out(
                    refund,
                    checkstatus=self._status(tx, total_refunded_amount=20),
                    refund=answer or {},
                )
        self.assertEqual(refund.state, "done")
        self._compare(tx, 40)
        self.assertEqual(self._refunds(tx), [(-20, "done", ""), (-20, "done", "panel")])

    def test_a_repeated_number_was_received(self):
        tx = self._paid()
        refund = self._refund(tx, 40, ReadTimeout())
        taken = {"status_code": 104, "status_description": "not unique"}
        for later in (5, 10, 40):
            with freeze_time(fields.Datetime.now() + timedelta(minutes=later)):
                self._find_out(
                    refund, checkstatus=self._status(tx, total_refunded_amount=40), refund=taken
                )
        self.assertEqual(refund.state, "done")
        self._compare(tx, 40)
        self.assertEqual(self._refunds(tx), [(-40, "done", "")])

    def test_one_that_was_refused_when_repeated_but_made_is_found(self):
        tx = self._paid()
        refund = self._refund(tx, 49, ReadTimeout())
        no = {"status_code": 49, "status_description": "should not cross net amount"}
        for later in (5, 10):
            with freeze_time(fields.Datetime.now() + timedelta(minutes=later)):
                self._find_out(refund, checkstatus=self._status(tx), refund=no)
        self.assertEqual(refund.state, "error")
        self.assertTrue(tx.trpay_next_comparison)
        self._compare(tx, 49)
        self.assertEqual(self._refunds(tx), [(-49, "done", "")])

    def test_a_chargeback_is_booked_and_told(self):
        tx = self._paid()
        label = {"transaction_state_id": 11, "transaction_state_label": "Chargebacked"}
        for _day in range(2):
            self._compare(tx, 49, row=label)
        self.assertEqual(self._refunds(tx), [(-49, "done", "chargeback")])
        (alert,) = self._alerts()
        self.assertEqual(alert.count("object"), 1)

    def test_a_chargeback_is_told_even_while_a_refund_is_on_its_way(self):
        tx = self._paid()
        self._refund(tx, 10, ReadTimeout())
        self._compare(tx, 49, row={"transaction_state_label": "Chargebacked"})
        self.assertIn("cardholder's bank", tx.trpay_difference)

    def test_a_chargeback_without_its_amount_is_told(self):
        tx = self._paid()
        self._compare(tx, 0, row={"transaction_state_label": "Chargebacked"})
        self.assertFalse(self._refunds(tx))
        self.assertIn("cardholder's bank", tx.trpay_difference)

    def test_what_was_given_back_before_it_was_known_is_booked(self):
        tx = self._pay()
        tx._set_canceled("late")
        refunded = {"transaction_status": "Partial Refunded"}
        self._find_out(tx, checkstatus=self._status(tx, total_refunded_amount=9, **refunded))
        self.assertEqual(tx.state, "done")
        self.assertIn("gave back some or all of it", self._alerts()[0])
        self.assertTrue(tx.trpay_next_comparison)
        self._compare(tx, 9, **refunded)
        self.assertEqual(self._refunds(tx), [(-9, "done", "panel")])

    def test_dollars_that_the_list_does_not_show_any_more_were_proven_before(self):
        dollar = self._enable_currency("USD")
        tx = self._pay(currency_id=dollar.id)
        tx._trpay_settle(Outcome(state=State.PAID, amount=Money(4900, "USD")))
        self._answering(
            lambda env: tx.with_env(env)._trpay_ask_for_statement(),
            checkstatus=self._status(tx, total_refunded_amount=10),
            getTransactions={"status_code": 100, "data": []},
            alltransaction={"status_code": 99, "data": []},
        )
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")])

    # === CAPTURES === #

    def test_a_capture_that_is_asked_for_meanwhile_is_booked_once(self):
        tx = self._reserved()
        capture = tx._capture()
        tx._trpay_settle(Outcome(state=State.PAID, amount=Money(4900, "TRY")))
        self.assertEqual(tx.child_transaction_ids, capture)
        self.assertEqual((tx.state, capture.state), ("authorized", "pending"))

    def test_a_capture_that_does_not_fit_lets_go_of_nothing(self):
        tx = self._reserved()
        self._compare(tx, transaction_amount=30)
        self.assertEqual(tx.state, "authorized")
        self.assertTrue(tx.child_transaction_ids.trpay_review_reason)

    def test_a_capture_of_the_panel_is_booked(self):
        """Its type stays that of a reservation."""
        tx = self._reserved()
        self._compare(tx, transaction_type="Pre-Authorization")
        (capture,) = tx.child_transaction_ids
        self.assertEqual((capture.amount, capture.state), (49, "done"))
        self.assertEqual((capture.trpay_hold_end, capture.trpay_found), ("capture", "panel"))
        self.assertEqual(tx.state, "done")
        self.assertFalse(self._alerts())

    def test_of_a_capture_in_part_the_rest_is_let_go(self):
        tx = self._reserved()
        self._compare(tx, product_price="30.00", transaction_amount=30)
        capture, rest = tx.child_transaction_ids.sorted("id")
        self.assertEqual((capture.amount, capture.state), (30, "done"))
        self.assertEqual((rest.amount, rest.state), (19, "cancel"))
        self._compare(tx, 10, product_price="30.00", transaction_amount=30)
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")])
        self.assertEqual(self._refunds(capture), [(-10, "done", "panel")])
        self.assertFalse(self._alerts())

    def test_a_void_of_the_panel_cancels(self):
        tx = self._reserved()
        self._compare(tx, status_code=41, transaction_status="Failed")
        self.assertEqual(tx.state, "cancel")
        self.assertEqual(len(self._alerts()), 1)

    def test_what_was_to_be_reserved_and_came_as_a_sale_is_told(self):
        tx = self._pay(trpay_refs={"hold": True})
        self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual(tx.state, "done")
        (alert,) = self._alerts()
        self.assertIn("reserved only", alert)

    # === MESSAGES === #

    def test_a_message_about_money_that_we_did_not_give_back_is_a_reason_to_ask(self):
        tx = self._paid()
        gateway = tx._trpay_gateway()
        message = self._refund_hook(tx)
        self.env["trpay.notification"]._receive(
            tx, gateway.read(message, tx._trpay_order()), message
        )
        self.assertTrue(tx.trpay_next_comparison)
        self._compare(tx, 10)
        self.assertEqual(self._refunds(tx), [(-10, "done", "panel")])

    def _refund_hook(self, tx):
        return {
            "invoice_id": tx.reference,
            "order_id": "162435932934307",
            "amount": "10.00",
            "status": "Completed",
            "hash_key": seal(SECRET, "Completed", "10.00", tx.reference, "162435932934307"),
        }


@tagged("post_install", "-at_install")
class TestLists(ComparisonCommon):
    """The lists of some days, held against the books."""

    def setUp(self):
        super().setUp()
        self.tx = self._paid()
        self.now = fields.Datetime.now()
        self._made(self.now - timedelta(days=80))

    def _made(self, when, tx=None):
        """Let the first payment here have been made then."""
        self.env.flush_all()
        update = "UPDATE payment_transaction SET create_date = %s WHERE id = %s"
        self.cr.execute(update, (when, (tx or self.tx).id))
        self.env.invalidate_all()

    def _row(self, tx=None, **changes):
        return {
            "islem_tipi": "S",
            "islem_tutari": "49.00",
            "odeme_tutari": "49.00",
            "para_birimi": "TL",
            "taksit": "3",
            "kart_no": "455359******6747",
            "siparis_no": tx.reference if tx else "SO9",
        } | changes

    def _compare(self, *rows, days=0, answer=None):
        """A round; all its lists are the same."""
        listed = answer or {"status": "success", "list": list(rows)}
        self.env.flush_all()
        with (
            freeze_time(self.now + timedelta(days=days)),
            self._answers((LIST_URL, listed)) as psp,
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            self.provider.with_env(self.env(cr=cr))._trpay_compare_lists()
            calls = [call.request.body for call in psp.calls]
        self.env.invalidate_all()
        return calls

    def test_what_agrees_is_not_asked_about(self):
        self._compare(self._row(self.tx))
        self.assertFalse(self.tx.trpay_next_comparison)
        self.assertTrue(self.provider.trpay_last_comparison)

    def test_what_only_the_list_tells_is_filled_in(self):
        self._compare(self._row(self.tx))
        self.assertEqual(self.tx.trpay_card_number, "455359******6747")
        self.assertEqual(self.tx.trpay_installments, 3)

    def test_what_differs_is_asked_about(self):
        refund = self._row(self.tx, islem_tipi="I", odeme_tutari="10.00")
        for rows in (
            [self._row(self.tx, islem_tutari="40.00")],
            [self._row(self.tx), refund],
            [refund],
        ):
            self.tx.trpay_next_comparison = False
            self._compare(*rows)
            self.assertTrue(self.tx.trpay_next_comparison)

    def test_a_refund_in_the_panel_like_an_earlier_one_is_noticed(self):
        refund = self.tx._refund(10)
        refund._trpay_settle(Outcome(state=State.PAID, amount=Money(1000, "TRY")))
        listed = self._row(self.tx, islem_tipi="I", odeme_tutari="10.00")
        days = [fields.Date.today()] * 2
        agrees = self.tx._trpay_agrees_with
        (payment,) = self._listed(listed)
        self.assertTrue(agrees(payment, 10))
        self.assertFalse(agrees(payment, 0), days)

    def _listed(self, *rows):
        with self._answers((LIST_URL, {"status": "success", "list": list(rows)})):
            today = fields.Date.today()
            return self.provider._trpay_gateway().list_payments(today, today)

    def test_a_difference_is_looked_at_until_it_is_gone(self):
        self.tx.trpay_difference = "Odd"
        self._compare(self._row(self.tx))
        self.assertTrue(self.tx.trpay_next_comparison)

    def test_two_providers_with_one_account(self):
        other = self.provider.copy({"name": "Second", "company_id": self.env.company.id})
        self.tx.provider_id = other
        mine = self._paid()
        self._made(self.now - timedelta(days=2), mine)
        self._compare(self._row(self.tx), self._row(mine))
        self.assertFalse(self._alerts())

    def test_what_is_not_paid_here_is_asked_about(self):
        late = self._pay()
        late._set_canceled("late")
        self._compare(self._row(self.tx), self._row(late))
        self.assertFalse(self.tx.trpay_next_comparison)
        self.assertTrue(late.trpay_next_comparison)

    def test_what_is_paid_here_and_not_listed_is_asked_about(self):
        self._compare(days=1)
        self.assertFalse(self.tx.trpay_next_comparison)  # It may be listed later.
        self._compare(days=3)
        self.assertTrue(self.tx.trpay_next_comparison)

    def test_the_last_ten_days_daily_and_the_last_ninety_weekly(self):
        row = self._row(self.tx)
        calls = [len(self._compare(row, days=day)) for day in range(8)]
        self.assertEqual(calls, [27, 4, 4, 4, 4, 4, 4, 30])

    def test_a_round_that_was_interrupted_goes_on(self):
        self._compare(self._row(self.tx))
        answer = {"status": "error", "err_no": "003", "err_msg": "Hash"}
        self.assertEqual(len(self._compare(days=1, answer=answer)), 1)
        self.assertTrue(self.provider.trpay_compared_to)
        self.assertLess(self.provider.trpay_next_comparison, self.now + timedelta(days=1, hours=2))
        self.assertEqual(len(self._compare(self._row(self.tx), days=1)), 4)
        self.assertFalse(self.provider.trpay_compared_to)

    def test_lists_that_cannot_be_read_become_a_warning(self):
        answer = {"status": "error", "err_no": "003", "err_msg": "Hash"}
        self._compare(answer=answer)
        self.env["ir.config_parameter"].set_param("payment_trpay.endpoint.paytr", "")
        self.assertIn("list of payments cannot be read", self.provider.trpay_warnings)

    def test_what_is_not_in_the_books_is_told_once(self):
        stray = self._row()
        for day in range(3):
            self._compare(self._row(self.tx), stray, days=day)
        (alert,) = self._alerts()
        self.assertIn("SO9", alert)
        self._compare(self._row(self.tx), stray, self._row(siparis_no="SO10"), days=4)
        self.assertEqual(len(self._alerts()), 2)

    def test_of_a_refund_that_is_not_in_the_books_the_amount_is_told(self):
        self._compare(self._row(self.tx), self._row(islem_tipi="I", odeme_tutari="10.00"))
        (alert,) = self._alerts()
        self.assertIn("10.00 TRY", alert)

    def test_what_another_shop_takes_is_not_told(self):
        self.provider.trpay_other_shops = True
        self._compare(self._row())
        self.assertFalse(self._alerts())

    def test_days_before_the_first_payment_are_another_shop_s(self):
        self._made(self.now)
        self.assertEqual(len(self._compare(self._row(self.tx))), 1)

    def test_without_a_payment_here_nothing_is_listed(self):
        self._made(self.now - timedelta(days=91))
        self.assertFalse(self.provider._trpay_first_payment())

    def test_the_cron_compares_what_is_due(self):
        listed = {"status": "success", "list": [self._row(self.tx)]}
        cron = self.env.ref("payment_trpay.cron_comparison")
        with self._answers((LIST_URL, listed)) as psp, self.enter_registry_test_mode():
            cron.method_direct_trigger()
            asked = len(psp.calls)
            cron.method_direct_trigger()
            self.assertEqual(len(psp.calls), asked)
        self.assertEqual(asked, 27)

    def test_the_reconciliation_compares_what_is_due(self):
        self.tx._trpay_compare_soon()
        returns = [{"reference_no": None, "return_amount": "10.00"}]
        self.env.flush_all()
        with (
            freeze_time(self.now + timedelta(minutes=1)),
            self._answers((STATUS_URL, self._status(returns=returns)), (REFUND_URL, {})),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("payment_trpay.cron_reconcile").method_direct_trigger()
        self.assertEqual(self._refunds(self.tx), [(-10, "done", "panel")])
