from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..gateways.base import MaskedCard, Money, Outcome, Reason, State
from .common import PayTRCommon

PAID = Outcome(state=State.PAID, charged=Money(4900, "TRY"))
FAILED = Outcome(state=State.FAILED, reason=Reason.AUTHENTICATION_FAILED)
CANCELED = Outcome(state=State.CANCELED, reason=Reason.ABANDONED)
PENDING = Outcome(state=State.PENDING)
UNKNOWN = Outcome(state=State.UNKNOWN)
TOO_LITTLE = Outcome(state=State.PAID, charged=Money(4899, "TRY"))


@tagged("post_install", "-at_install")
class TestSettlement(PayTRCommon):
    def _settle(self, *outcomes, **values):
        tx = self._pay(**values)
        for outcome in outcomes:
            tx._trpay_settle(outcome)
        return tx

    # === TRUTH ONLY MOVES FORWARD === #

    def test_every_order_of_outcomes(self):
        expected = {
            (PAID,): "done",
            (PENDING,): "pending",
            (FAILED,): "error",
            (CANCELED,): "cancel",
            (UNKNOWN,): "draft",
            (PENDING, PAID): "done",
            (PENDING, FAILED): "error",
            (PENDING, UNKNOWN): "pending",
            (FAILED, PAID): "done",
            (CANCELED, PAID): "done",
            (FAILED, PENDING): "error",
            (FAILED, CANCELED): "error",
            (PAID, FAILED): "done",
            (PAID, CANCELED): "done",
            (PAID, PENDING): "done",
            (PAID, UNKNOWN): "done",
            (PAID, TOO_LITTLE): "done",
            (FAILED, PAID, FAILED): "done",
        }
        for outcomes, state in expected.items():
            with self.subTest(outcomes=[outcome.state for outcome in outcomes]):
                self.assertEqual(self._settle(*outcomes).state, state)

    def test_a_repetition_changes_nothing(self):
        tx = self._settle(PAID)
        changed = tx.last_state_change
        self.assertFalse(tx._trpay_settle(PAID))
        self.assertEqual(tx.last_state_change, changed)

    def test_a_change_wakes_the_post_processing_at_once(self):
        with self._woken() as woken:
            self._settle(PAID)
        self.assertEqual(woken, ["payment.cron_post_process_payment_tx"])

    def test_a_repetition_does_not_wake_it(self):
        tx = self._settle(PAID)
        with self._woken() as woken:
            tx._trpay_settle(PAID)
        self.assertFalse(woken)

    def test_a_success_ends_the_questions(self):
        tx = self._settle(PAID, trpay_next_inquiry="2026-01-01")
        self.assertFalse(tx.trpay_next_inquiry)

    def test_a_failure_does_not_for_the_customer_may_try_again_on_the_same_page(self):
        tx = self._settle(FAILED, trpay_next_inquiry="2026-01-01")
        self.assertTrue(tx.trpay_next_inquiry)

    # === WHAT IS REMEMBERED === #

    def _status(self, tx):
        return str(self.env["ir.qweb"]._render("payment.state_header", {"tx": tx}))

    def test_the_customer_reads_what_the_card_was_charged(self):
        tx, plain = self._pay(), self._pay()
        charged = Outcome(state=State.PAID, charged=Money(5145, "TRY"), installments=3)
        tx._trpay_settle(charged)
        self.assertIn("51.45", self._status(tx))
        self.assertIn("in 3 instalments", self._status(tx))
        tx.trpay_installments = 1
        self.assertIn("51.45", self._status(tx))
        self.assertNotIn("instalments", self._status(tx))
        plain._trpay_settle(Outcome(state=State.PAID, charged=Money(4900, "TRY")))
        reserved = self._pay()
        reserved._trpay_settle(Outcome(state=State.AUTHORIZED, charged=Money(5145, "TRY")))
        for other in (plain, reserved):
            self.assertNotIn("Your card was charged", self._status(other))

    def test_the_surcharge_is_kept_apart(self):
        tx = self._settle(Outcome(state=State.PAID, charged=Money(5145, "TRY"), installments=3))
        self.assertEqual((tx.state, tx.amount), ("done", 49.00))
        self.assertAlmostEqual(tx.trpay_surcharge, 2.45)
        self.assertEqual(tx.trpay_installments, 3)

    def test_card_and_brand(self):
        self.env.ref("payment.payment_method_troy").active = True
        tx = self._settle(
            Outcome(
                state=State.PAID,
                charged=Money(4900, "TRY"),
                card=MaskedCard("979203******0796", "troy"),
            )
        )
        self.assertEqual(tx.trpay_card_number, "979203******0796")
        self.assertEqual(tx.payment_method_code, "troy")

    def test_a_brand_that_odoo_does_not_know_changes_no_payment_method(self):
        tx = self._settle(
            Outcome(state=State.PAID, charged=Money(4900, "TRY"), card=MaskedCard("1234", "bonus"))
        )
        self.assertEqual(tx.payment_method_id, self.card)

    # === SENTENCES === #

    def test_the_bank_s_words_are_shown(self):
        tx = self._settle(
            Outcome(
                state=State.FAILED,
                reason=Reason.BANK_REFUSED,
                code="0",
                text="Kartın limiti yetersiz",
            )
        )
        self.assertIn("Kartın limiti yetersiz", tx.state_message)
        self.assertEqual(tx.trpay_provider_message, "[0] Kartın limiti yetersiz")

    def test_every_reason_has_a_sentence(self):
        for reason in Reason:
            tx = self._settle(Outcome(state=State.FAILED, reason=reason))
            self.assertGreater(len(tx.state_message), 20)

    def test_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        self.env["ir.module.module"]._load_module_terms(["payment_trpay"], ["tr_TR"])
        tx = self._settle(CANCELED, partner_id=self.partner.copy({"lang": "tr_TR"}).id)
        self.assertIn("tahsil edilmedi", tx.state_message)

    # === PARKED === #

    def _assert_parked(self, tx, text):
        self.assertEqual(tx.state, "pending")
        self.assertIn(text, tx.trpay_review_reason)
        self.assertEqual(tx.trpay_activity_id.user_id, self.provider.trpay_responsible_id)

    def test_too_little_money_is_parked(self):
        self._assert_parked(self._settle(TOO_LITTLE), "48.99 TRY")

    def test_another_order_amount_is_parked(self):
        outcome = Outcome(state=State.PAID, amount=Money(4800, "TRY"), charged=Money(4900, "TRY"))
        self._assert_parked(self._settle(outcome), "48.00 TRY")

    def test_another_currency_is_parked(self):
        outcome = Outcome(state=State.PAID, charged=Money(4900, "USD"))
        self._assert_parked(self._settle(outcome), "49.00 USD")

    def test_too_little_after_a_failure_is_parked(self):
        self._assert_parked(self._settle(FAILED, TOO_LITTLE), "48.99 TRY")

    def test_test_money_for_a_live_payment_is_parked(self):
        tx = self._pay()
        tx.is_live = True
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(4900, "TRY"), test=True))
        self._assert_parked(tx, "test payment")

    def test_the_person_is_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        self.env["ir.module.module"]._load_module_terms(["payment_trpay"], ["tr_TR"])
        self.provider.trpay_responsible_id.lang = "tr_TR"
        tx = self._settle(TOO_LITTLE)
        self.assertIn("48.99 TRY", tx.trpay_review_reason)
        self.assertNotIn("says", tx.trpay_review_reason)
        self.assertNotIn("needs", tx.trpay_activity_id.summary)

    def test_a_parked_payment_waits_for_a_person(self):
        self.assertEqual(self._settle(TOO_LITTLE, PAID).state, "pending")
        self.assertEqual(self._settle(TOO_LITTLE, FAILED).state, "pending")

    def test_accepted(self):
        tx = self._settle(TOO_LITTLE)
        tx.action_trpay_accept()
        self.assertEqual(tx.state, "done")
        self.assertFalse(tx.trpay_review_reason or tx.trpay_activity_id)

    def test_not_accepted(self):
        tx = self._settle(TOO_LITTLE)
        tx.action_trpay_reject()
        self.assertEqual(tx.state, "cancel")
        self.assertFalse(tx.trpay_review_reason or tx.trpay_activity_id)

    def test_nothing_else_can_be_accepted(self):
        with self.assertRaises(UserError):
            self._pay().action_trpay_accept()

    def test_a_second_to_do_is_seen_even_if_the_first_was_done(self):
        tx = self._pay()
        tx._trpay_alert("first")
        first = tx.trpay_activity_id
        tx._trpay_alert("second")
        self.assertEqual(tx.trpay_activity_id, first)
        self.assertIn("first", first.note)
        first.action_feedback()
        tx._trpay_alert("third")
        self.assertNotEqual(tx.trpay_activity_id, first)
        self.assertTrue(tx.trpay_activity_id.active)

    def test_a_person_who_left_gets_no_to_dos(self):
        leaver = self.internal_user
        self.provider.trpay_responsible_id = leaver
        leaver.active = False
        tx = self._pay()
        tx._trpay_alert("why")
        self.assertEqual(tx.trpay_activity_id.user_id, self.env.ref("base.user_admin"))

    # === PAID TWICE, OR FOR NOTHING === #

    def _pay_order(self, order):
        tx = self._settle(PAID, sale_order_ids=[Command.set(order.ids)])
        tx._post_process()
        return tx

    def test_a_person_is_told_of_an_order_that_was_paid_twice(self):
        order = self._order(49.00)
        first, second = self._pay_order(order), self._pay_order(order)
        self.assertFalse(first.trpay_activity_id)
        self.assertIn(order.name, second.trpay_activity_id.note)

    def test_a_person_is_told_of_an_order_that_was_canceled_meanwhile(self):
        order = self._order(49.00)
        order._action_cancel()
        self.assertIn("canceled", self._pay_order(order).trpay_activity_id.note)

    def test_a_deposit_and_its_balance_are_not_paid_twice(self):
        order = self._order(98.00)
        self.assertFalse((self._pay_order(order) + self._pay_order(order)).trpay_activity_id)

    def test_what_was_given_back_does_not_count(self):
        order = self._order(49.00)
        self._pay_order(order)._create_child_transaction(49, is_refund=True)._set_done()
        self.assertFalse(self._pay_order(order).trpay_activity_id)

    def test_nobody_without_rights_can_accept(self):
        tx = self._settle(TOO_LITTLE)
        with self.assertRaises(AccessError):
            tx.with_user(self.internal_user).sudo(False).action_trpay_accept()
        self.assertEqual(tx.state, "pending")
