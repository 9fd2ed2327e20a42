from datetime import timedelta

import requests

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import uninstall_hook
from ..gateways.platformode.hash import seal
from .common_platformode import KEYS, SECRET, PlatformodeCommon

CODE = "15978357430kZFft"
QUERY, UPDATE, DELETE = "recurringPlan/query", "recurringPlan/update", "recurringPlan/delete"


class RecurringCommon(PlatformodeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.platformode_recurring_hook = "odoo_recurring"

    def _first(self, recurring):
        return self._pay(trpay_recurring_id=recurring.id, trpay_recurring_number=1)

    def _running(self, **values):
        """Recurring payments, the first of which is made."""
        recurring = self._recurring(**values)
        tx = self._first(recurring)
        self._find_out(tx, checkstatus=self._status(tx, recurring_plan_code=CODE))
        tx._post_process()
        self.assertEqual((recurring.state, recurring.code), ("active", CODE))
        return recurring

    def _look(self, recurring, *answers, **more):
        """Look the payments up; Platformode lists these, one answer after the other."""
        return self._answering(
            lambda env: recurring.with_env(env)._find_out(), **{QUERY: list(answers)}, **more
        )

    def _list(self, *charges, number=2, **changes):
        rows = [
            {
                "id": place,
                "sale_id": 16000 + place,
                "action_date": "2026-12-28 14:15:45",
                "status": status,
                "recurring_number": number,
            }
            for place, status in enumerate(charges, 1)
        ]
        return {
            "status_code": 100,
            "plan_code": CODE,
            "currency": "TRY",
            "recurring_amount": 49,
            "payment_number": 3,
            "next_action_date": "2027-01-28",
            "recurring_status": "Active",
            "transactionHistories": rows,
        } | changes

    def _hook(self, number=2, status="Completed", invoice="inv2", secret=SECRET, **changes):
        order_id = f"16243593293430{number}"
        return {
            "merchant_key": KEYS["platformode_merchant_key"],
            "invoice_id": invoice,
            "order_id": order_id,
            "product_price": "49.00",
            "plan_code": CODE,
            "recurring_number": str(number),
            "status": status,
            "attempts": "1",
            "action_date": "26-12-28 14:15:48",
            "hash_key": seal(secret, status, "49.00", invoice, order_id, "TRY"),
        } | changes

    def _payments(self, recurring):
        payments = recurring.transaction_ids.sorted("trpay_recurring_number")
        return [(tx.trpay_recurring_number, tx.state) for tx in payments]


@tagged("post_install", "-at_install")
class TestRecurring(RecurringCommon):
    def test_the_first_payment_says_what_follows(self):
        recurring = self._recurring(payments=6, every=2, unit="month")
        tx = self._first(recurring)
        link = {"status": True, "link": "https://app.platformode.com.tr/x"}
        sent = self._answering(lambda env: tx.with_env(env)._trpay_start(), link=link)
        _service, form = sent[-1]
        self.assertIn('"recurring_payment_number": "6"', form["invoice"].replace(": 6", ': "6"'))
        self.assertIn("odoo_recurring", form["invoice"])
        self.assertFalse(tx._trpay_order().hold)

    def test_the_first_payment_begins_them(self):
        recurring = self._running()
        self.assertEqual(self._payments(recurring), [(1, "done")])
        self.assertFalse(recurring._is_payable())

    def test_each_later_payment_is_a_transaction(self):
        recurring = self._running()
        third = self._list("Success", number=3)
        self._look(recurring, self._list("Success"), third)
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "done"), (3, "done")])
        self._look(recurring, self._list(number=4))
        self.assertEqual((recurring.state, recurring.next_on), ("done", False))

    def test_looking_again_books_nothing_twice(self):
        recurring = self._running()
        for _time in range(2):
            self._look(recurring, self._list("Success"), self._list(number=3))
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "done")])
        self.assertEqual(recurring.next_on, fields.Date.to_date("2027-01-28"))
        self.assertGreater(recurring.trpay_next_inquiry, fields.Datetime.now() + timedelta(hours=1))

    def test_a_failure_is_told_once_and_a_later_success_counts(self):
        recurring = self._running()
        for _time in range(2):
            self._look(recurring, self._list("Failed"))
        (tx,) = recurring.transaction_ids.filtered(lambda tx: tx.state == "error")
        self.assertEqual(tx.trpay_activity_id.note.count("recurring payment failed"), 1)
        self._look(recurring, self._list("Failed", "Success"), self._list(number=3))
        self.assertEqual(tx.state, "done")

    def test_a_failed_payment_hides_no_later_one(self):
        recurring = self._running()
        third = self._list("Success", number=3)
        self._look(recurring, self._list("Failed"), third)
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "error"), (3, "done")])
        self.assertEqual(recurring.state, "active")
        self._look(recurring, self._list("Failed", "Success"))
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "done"), (3, "done")])
        self.assertEqual(recurring.state, "done")

    def test_a_payment_that_succeeds_on_new_terms_is_booked_on_them(self):
        recurring = self._running()
        self._look(recurring, self._list("Failed"), self._list(number=3))
        answers = {QUERY: self._list("Failed"), UPDATE: {"status_code": 100}}
        self._answering(lambda env: recurring.with_env(env)._agree_on(60, 3), **answers)
        paid = self._list("Failed", "Success", recurring_amount=60)
        self._look(recurring, paid, self._list(number=3, recurring_amount=60))
        tx = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertEqual((tx.state, tx.amount), ("done", 60))

    def test_no_hook_makes_it_ask_for_all_the_numbers_before(self):
        recurring = self._running(payments=12)
        recurring.invoice_numbers = {"121": "inv121"}
        sent = self._look(recurring, self._list(payment_number=12))
        asked = [body["recurring_number"] for service, body in sent if service == "query"]
        self.assertEqual(asked, [2, 121])

    def test_no_new_terms_while_the_customer_has_the_page_open(self):
        recurring = self._recurring()
        recurring._agree_on(60, 4)
        self.assertEqual((recurring.amount, recurring.payments), (60, 4))
        self._first(recurring).trpay_page_url = "https://app.platformode.com.tr/x"
        with self.assertRaisesRegex(UserError, "begun to pay"):
            recurring._agree_on(50, 4)

    def test_a_hook_tells_of_a_payment_behind_one_that_is_not_listed(self):
        recurring = self._running()
        recurring.invoice_numbers = {"3": "inv3"}
        proof = self._status(recurring._first(), invoice_id="inv3", recurring_plan_code=CODE)
        third = self._list("Success", number=3)
        self._look(recurring, self._list(), third, checkstatus=proof)
        self.assertEqual(self._payments(recurring), [(1, "done"), (3, "done")])

    @mute_logger("odoo.addons.payment_trpay.models.trpay_recurring_inquiry")
    def test_without_an_amount_only_proof_counts(self):
        recurring = self._running()
        listed = self._list("Success", recurring_amount="")
        self._look(recurring, listed, self._list(number=3))
        self.assertEqual(self._payments(recurring), [(1, "done")])
        self.assertIn("not its amount", recurring.warning)
        recurring.action_seen()
        self.assertFalse(recurring.warning)
        recurring.invoice_numbers = {"2": "inv2"}
        proof = self._status(recurring._first(), invoice_id="inv2", recurring_plan_code=CODE)
        self._look(recurring, listed, self._list(number=3), checkstatus=proof)
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "done")])

    def test_another_amount_is_for_a_person(self):
        recurring = self._running()
        self._look(recurring, self._list("Success", recurring_amount=4.9))
        tx = recurring.transaction_ids.filtered("trpay_review_reason")
        self.assertEqual((len(tx), tx.state), (1, "pending"))

    def test_no_answer_changes_nothing_and_is_asked_again(self):
        recurring = self._running()
        for trouble in (requests.ReadTimeout(), {"status_code": 70, "message": "Not Found"}, {}):
            with mute_logger("odoo.addons.payment_trpay.models.trpay_recurring"):
                self._look(recurring, trouble)
            self.assertEqual(self._payments(recurring), [(1, "done")])
            self.assertEqual(recurring.state, "active")
            self.assertGreater(recurring.trpay_next_inquiry, fields.Datetime.now())

    @mute_logger("odoo.addons.payment_trpay.models.trpay_recurring_inquiry")
    def test_no_answer_is_made_up_for_sooner_than_a_refusal(self):
        recurring = self._running()
        busy, refused = (
            (429, {"message": "Too Many Attempts."}),
            {"status_code": 70, "message": "-"},
        )
        for trouble, planned in (
            (busy, "soon"),
            (requests.ReadTimeout(), "soon"),
            (refused, "late"),
        ):
            self._look(recurring, trouble)
            until = recurring.trpay_next_inquiry - fields.Datetime.now()
            with self.subTest(trouble=trouble):
                self.assertEqual("soon" if until < timedelta(hours=1) else "late", planned)
        recurring.state = "ended"
        self._look(recurring, refused)
        self.assertFalse(recurring.trpay_next_inquiry)

    def test_staff_are_told_what_the_provider_said(self):
        recurring = self._running()
        for state, words in (("draft", "nothing to ask"), ("active", "again in a moment")):
            now = fields.Datetime.now()
            recurring.write(
                {
                    "state": state,
                    "trpay_last_inquiry": now,
                    "trpay_next_inquiry": now + timedelta(hours=9),
                }
            )
            with self._woken() as woken:
                action = recurring.action_find_out()
            self.assertIn(words, action["params"]["message"])
        self.assertEqual(woken, ["payment_trpay.cron_reconcile"])
        for answers, words in (
            ([self._list("Success"), self._list(number=3)], "2 of 3 payments are made"),
            ([requests.ReadTimeout()], "did not answer properly"),
        ):
            recurring.trpay_last_inquiry = False
            told = []
            with mute_logger("odoo.addons.payment_trpay.models.trpay_recurring_inquiry"):
                self._answering(
                    lambda env, told=told: told.append(
                        recurring.with_env(env).action_find_out()["params"]["message"]
                    ),
                    **{QUERY: answers},
                )
            self.assertIn(words, told[0])

    def test_a_number_that_the_first_answer_did_not_tell(self):
        recurring = self._recurring()
        tx = self._first(recurring)
        self._find_out(tx, checkstatus=self._status(tx))
        tx._post_process()
        self.assertEqual((recurring.state, recurring.code), ("active", False))
        told = self._status(tx, recurring_plan_code=CODE)
        self._look(recurring, self._list(), checkstatus=told)
        self.assertEqual(recurring.code, CODE)

    def _ended_there(self, act):
        """What Platformode was told to end once something is done and committed."""

        def act_and_commit(env):
            act(env)
            env.cr.postcommit.run()

        with self._woken():
            sent = self._answering(act_and_commit, **{DELETE: {"status_code": 100}})
        return [body["plan_code"] for service, body in sent if service == "delete"]

    def test_begun_twice_is_for_a_person(self):
        recurring = self._running()
        tx = self._first(recurring)
        self._find_out(tx, checkstatus=self._status(tx, recurring_plan_code="another"))
        ended = self._ended_there(lambda env: tx.with_env(env)._post_process())
        self.assertEqual(ended, ["another"])
        self.assertIn("another", tx.trpay_activity_id.note)
        self.assertEqual(recurring.code, CODE)

    def test_what_a_refused_payment_began_is_ended(self):
        recurring = self._recurring()
        tx = self._first(recurring)
        told = self._status(tx, product_price="4900.00", recurring_plan_code=CODE)
        self._find_out(tx, checkstatus=told)
        self.assertTrue(tx.trpay_review_reason)
        tx.action_trpay_reject()
        ended = self._ended_there(lambda env: tx.with_env(env)._post_process())
        self.assertEqual(ended, [CODE])
        self.assertEqual((tx.state, recurring.state), ("cancel", "draft"))
        self.assertIn(CODE, tx.trpay_activity_id.note)

    def test_what_an_accepted_payment_began_goes_on(self):
        recurring = self._recurring()
        tx = self._first(recurring)
        told = self._status(tx, product_price="4900.00", recurring_plan_code=CODE)
        self._find_out(tx, checkstatus=told)
        tx.action_trpay_accept()
        tx._post_process()
        self.assertEqual((recurring.state, recurring.code), ("active", CODE))

    def test_the_cron_looks_them_up(self):
        recurring = self._running()
        with self._woken():
            self._answering(
                lambda env: env["payment.transaction"]._cron_trpay_reconcile(),
                **{QUERY: [self._list("Success"), self._list(number=3)]},
            )
        self.assertEqual(recurring.paid_count, 2)

    # === REFUNDS === #

    def test_a_payment_is_refunded_by_the_provider_s_number(self):
        recurring = self._running()
        recurring.invoice_numbers = {"2": "inv2"}
        proof = self._status(recurring._first(), invoice_id="inv2", recurring_plan_code=CODE)
        self._look(recurring, self._list("Success"), self._list(number=3), checkstatus=proof)
        tx = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertEqual((tx.state, tx.trpay_fee), ("done", 1.18))
        refund = tx._refund(10)
        sent = self._find_out(refund, refund={"status_code": 100})
        self.assertEqual(sent[-1][1]["invoice_id"], "inv2")
        self.assertEqual(refund.state, "done")

    def test_a_number_that_is_another_payment_s_is_not_believed(self):
        recurring = self._running()
        recurring.invoice_numbers = {"2": "inv2"}
        other = self._status(recurring._first(), invoice_id="inv2", product_price="4900.00")
        self._look(recurring, self._list("Success"), self._list(number=3), checkstatus=other)
        tx = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertEqual((tx.state, tx.trpay_refs), ("done", False))
        self.assertEqual(tx._refund(10).state, "error")

    def test_the_first_payment_s_number_is_no_other_s(self):
        recurring = self._running()
        first = recurring._first()
        recurring.invoice_numbers = {"2": first.reference}
        proof = self._status(first, recurring_plan_code=CODE)
        self._look(recurring, self._list("Success"), self._list(number=3), checkstatus=proof)
        tx = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertEqual((tx.state, tx.trpay_refs), ("done", False))

    def test_a_number_that_comes_late_is_kept(self):
        recurring = self._running()
        self._look(recurring, self._list("Success"), self._list(number=3))
        tx = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertTrue(tx._trpay_is_nameless())
        recurring.invoice_numbers = {"2": "inv2"}
        proof = self._status(tx, invoice_id="inv2", recurring_plan_code=CODE)
        self._look(recurring, self._list(number=3), checkstatus=proof)
        self.assertEqual(tx.trpay_refs, {"invoice": "inv2"})

    # === WHAT WAS NOT AGREED === #

    def test_other_terms_are_told_once(self):
        for changed, said in (
            ({"payment_number": 2}, "2 payments of 49.00"),
            ({"recurring_amount": 4.9}, "3 payments of 4.90"),
            ({"next_action_date": "2125-11-04"}, "later than agreed"),
        ):
            recurring = self._running()
            for _time in range(2):
                self._look(recurring, self._list(**changed))
            note = recurring._first().trpay_activity_id.note
            self.assertEqual(note.count(said), 1, note)
            recurring.code = False

    def test_terms_that_were_removed_are_told(self):
        recurring = self._recurring()
        tx = self._first(recurring)
        self._find_out(tx, checkstatus=self._status(tx))
        tx._post_process()
        self._look(recurring, self._list(), checkstatus=self._status(tx))
        self.assertIn("tells of no further payments", recurring.warning)
        self.assertTrue(tx.trpay_activity_id)

    def test_what_ended_meanwhile_is_not_begun(self):
        recurring = self._recurring()
        tx = self._first(recurring)
        recurring.action_end()
        self._answering(lambda env: tx.with_env(env)._trpay_start())
        self.assertEqual(tx.state, "cancel")
        late = self._first(recurring)
        self._find_out(late, checkstatus=self._status(late, recurring_plan_code=CODE))
        late._post_process()
        self.assertEqual(recurring.state, "ended")
        self.assertIn(CODE, late.trpay_activity_id.note)

    def test_what_a_person_refused_is_not_looked_up_again(self):
        recurring = self._running()
        self._look(recurring, self._list("Success", recurring_amount=4.9))
        tx = recurring.transaction_ids.filtered("trpay_review_reason")
        tx.action_trpay_reject()
        self.assertEqual(recurring._open_numbers(), [3])
        self._look(recurring, self._list("Success", number=3))
        self.assertEqual(self._payments(recurring), [(1, "done"), (2, "cancel"), (3, "done")])

    def test_payments_for_what_was_canceled_are_told(self):
        order, recurring = self._agreed_and_begun()
        order.state = "cancel"
        sent = self._look(
            recurring, self._list(recurring_amount=33.33), **{UPDATE: {"status_code": 100}}
        )
        self.assertEqual(sent[-1][1]["recurring_status"], "INACTIVE")
        self.assertEqual(recurring.state, "paused")
        self.assertIn("is canceled", recurring.warning)

    def test_no_more_is_taken_than_is_owed(self):
        _order, recurring = self._agreed_and_begun()
        answers = {QUERY: self._list(recurring_amount=33.33), UPDATE: {"status_code": 100}}
        with self.assertRaises(UserError):
            self._answering(lambda env: recurring.with_env(env)._agree_on(9000, 3), **answers)
        self.assertEqual(recurring.amount, 33.33)

    def test_an_order_that_is_canceled_is_not_begun(self):
        order, recurring = self._agreed()
        self.assertTrue(recurring._is_payable())
        order.state = "cancel"
        self.assertFalse(recurring._is_payable())

    def test_of_two_links_for_an_order_one_is_begun(self):
        order, recurring = self._agreed()
        other = recurring.copy()
        self.assertTrue(other._is_payable())
        self._begin(order, recurring)
        self.assertFalse(other._is_payable())
        late = self._first(other)
        self._answering(lambda env: late.with_env(env)._trpay_start())
        self.assertEqual(late.state, "cancel")

    def test_what_is_paid_in_cash_is_not_taken_from_the_card(self):
        order, recurring = self._agreed_and_begun()
        order.order_line.product_id.invoice_policy = "order"
        order.filtered(lambda order: order.state != "sale").action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertFalse(recurring._is_too_much())
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        self._look(recurring, self._list("Success", recurring_amount=33.33), self._list(number=3))
        second = recurring.transaction_ids.filtered(lambda tx: tx.trpay_recurring_number == 2)
        self.assertEqual(second.invoice_ids, invoice)
        self.assertAlmostEqual(recurring._owed(), 33.34)
        self.assertFalse(recurring._is_too_much())
        register.create({"amount": 33.34})._create_payments()
        self.assertTrue(recurring._is_too_much())
        answers = {UPDATE: {"status_code": 100}}
        self._look(recurring, self._list(recurring_amount=33.33), **answers)
        self.assertEqual(recurring.state, "paused")
        with self.assertRaises(UserError):
            recurring.action_go_on()

    def test_wild_terms_are_refused_in_words(self):
        for wild in ({"trpay_payments": 1}, {"trpay_payments": 500}, {"trpay_every": 0}):
            _order, wizard = self._wizard(**wild)
            with self.assertRaisesRegex(UserError, "2 to 121"):
                wizard.action_trpay_recur()

    # === WHAT STAFF DO === #

    def test_who_may_only_look_stops_nothing(self):
        recurring = self._running()
        desk = self.env["res.users"].create(
            {
                "name": "Desk",
                "login": "desk",
                "group_ids": [(6, 0, [self.env.ref("payment_trpay.group_desk").id])],
            }
        )
        with self._platformode() as sent:
            for action in ("action_pause", "action_end", "action_find_out"):
                with self.assertRaises(AccessError):
                    getattr(recurring.with_user(desk), action)()
        self.assertEqual(sent, [])
        self.assertEqual(recurring.state, "active")

    def test_the_addon_stays_while_payments_run(self):
        self._running()
        with self.assertRaises(UserError):
            uninstall_hook(self.env)

    def test_paused_changed_and_ended(self):
        recurring = self._running()
        done = {"status_code": 100}
        act = lambda name: self._answering(  # noqa: E731
            lambda env: getattr(recurring.with_env(env), name)(), **{UPDATE: done, DELETE: done}
        )[-1]
        service, body = act("action_pause")
        self.assertEqual((service, body["recurring_status"]), ("update", "INACTIVE"))
        self.assertEqual(recurring.state, "paused")
        act("action_go_on")
        action = recurring.action_change_terms()
        wizards = self.env[action["res_model"]].with_context(**action["context"])
        wizard = wizards.create({"payments": 5, "amount": 60})
        answers = {UPDATE: done, QUERY: self._list()}
        *_looked, (_service, body) = self._answering(
            lambda env: wizard.with_env(env).action_confirm(), **answers
        )
        self.assertEqual((body["recurring_payment_number"], body["recurring_amount"]), (5, "60.00"))
        self.assertEqual(recurring.state, "active")
        service, body = act("action_end")
        self.assertEqual((service, body["plan_code"], recurring.state), ("delete", CODE, "ended"))
        with self.assertRaisesRegex(UserError, "No further payment"):
            recurring._agree_on(60, 9)
        self.assertFalse(recurring.trpay_next_inquiry)

    def test_what_platformode_refuses_is_told(self):
        recurring = self._running()
        with self.assertRaises(UserError):
            self._answering(
                lambda env: recurring.with_env(env).action_pause(),
                **{UPDATE: {"status_code": 71, "message": "failed"}},
            )
        with self.assertRaises(UserError):
            self._answering(
                lambda env: recurring.with_env(env)._agree_on(60, 3),
                **{QUERY: self._list(), UPDATE: requests.ReadTimeout()},
            )
        self.assertEqual(recurring.amount, 49)
        with self.assertRaises(UserError):
            self._recurring().action_pause()

    @mute_logger("odoo.addons.payment_trpay.models.trpay_recurring_inquiry")
    def test_no_new_terms_while_it_is_not_known_what_was_paid_on_the_old_ones(self):
        recurring = self._running()
        answers = {QUERY: requests.ReadTimeout(), UPDATE: {"status_code": 100}}
        with self.assertRaisesRegex(UserError, "did not answer"):
            self._answering(lambda env: recurring.with_env(env)._agree_on(60, 3), **answers)
        self.assertEqual(recurring.amount, 49)

    def test_a_test_ends_even_if_its_keys_are_good_no_more(self):
        wrong = {"status_code": 30, "status_description": "Invalid credentials"}
        recurring = self._running()
        recurring._first().is_live = True
        with self.assertRaises(UserError):
            self._answering(lambda env: recurring.with_env(env).action_end(), token=wrong)
        recurring._first().is_live = False
        self._answering(lambda env: recurring.with_env(env).action_end(), token=wrong)
        self.assertEqual(recurring.state, "ended")

    def test_the_terms_have_bounds(self):
        for wrong in ({"payments": 1}, {"payments": 122}, {"every": 0}, {"amount": 0}):
            with self.assertRaises(ValidationError):
                self._recurring(**wrong)

    # === A LINK === #

    def _wizard(self, **values):
        order = self._order(100)
        context = {"active_model": "sale.order", "active_id": order.id}
        return order, self.env["payment.link.wizard"].with_context(**context).create(values)

    def _agreed(self):
        """An order that is to be paid in three parts."""
        order, wizard = self._wizard(trpay_payments=3)
        wizard.action_trpay_recur()
        return order, self.env["trpay.recurring"].search([("res_id", "=", order.id)])

    def _agreed_and_begun(self):
        order, recurring = self._agreed()
        self._begin(order, recurring)
        return order, recurring

    def _begin(self, order, recurring):
        tx = self._first(recurring)
        tx.write({"amount": recurring.amount, "sale_order_ids": [(6, 0, order.ids)]})
        price = {"product_price": "33.33", "recurring_plan_code": CODE}
        self._find_out(tx, checkstatus=self._status(tx, **price))
        tx._post_process()

    def test_an_order_is_paid_in_parts(self):
        order, wizard = self._wizard(trpay_payments=3)
        self.assertTrue(wizard.trpay_can_recur)
        self.assertEqual((wizard.trpay_part, wizard.trpay_rest), (33.33, 0.01))
        action = wizard.action_trpay_recur()
        recurring = self.env["trpay.recurring"].search([("res_id", "=", order.id)])
        self.assertEqual((recurring.amount, recurring.payments), (33.33, 3))
        link = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn(f"/my/recurring/{recurring.id}?access_token=", link.url)
        self.assertIn(f'data-oe-id="{recurring.id}"', order.message_ids[0].body)

    def test_nothing_is_offered_that_no_provider_does(self):
        self.provider.platformode_recurring_hook = False
        _order, wizard = self._wizard()
        self.assertFalse(wizard.trpay_can_recur)

    def test_a_provider_of_another_website_is_not_offered(self):
        if "website_id" not in self.provider._fields:
            self.skipTest("no websites")
        recurring = self._recurring()
        here, there = self.env["website"].create([{"name": "Here"}, {"name": "There"}])
        self.provider.website_id = there
        for website, is_offered in ((here, False), (there, True)):
            options = recurring.with_context(website_id=website.id)._payment_options()
            self.assertEqual(self.provider in options["providers_sudo"], is_offered)

    def test_a_branch_sees_the_payments_that_its_parent_s_provider_took(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.env.company.id}
        )
        recurring = self._running(company_id=branch.id)
        self._look(recurring, self._list("Success"), self._list(number=3))
        clerk = self.env["res.users"].create(
            {
                "name": "Clerk",
                "login": "branch_clerk",
                "company_id": branch.id,
                "company_ids": [(6, 0, branch.ids)],
                "group_ids": [(4, self.env.ref("base.group_system").id)],
            }
        )
        seen = recurring.with_user(clerk).with_company(branch)
        self.assertEqual((seen.paid_count, seen._to_come()), (2, 49.0))
        self.assertEqual(seen._first().trpay_recurring_number, 1)

    def test_no_more_than_is_owed(self):
        _order, wizard = self._wizard(amount=1000)
        with self.assertRaises(UserError):
            wizard.action_trpay_recur()

    def test_nothing_but_orders_and_invoices_is_paid_in_parts(self):
        values = {"res_model": "res.partner", "res_id": self.partner.id, "amount": 500}
        wizard = self.env["payment.link.wizard"].create(
            values | {"partner_id": self.partner.id, "currency_id": self.lira.id, "amount_max": 500}
        )
        self.assertFalse(wizard.trpay_can_recur)
        with self.assertRaises(UserError):
            wizard.action_trpay_recur()

    def test_who_reads_them(self):
        recurring = self._recurring()
        with self.assertRaises(AccessError):
            recurring.with_user(self.portal_user).read(["amount"])


@tagged("post_install", "-at_install")
class TestRecurringPage(RecurringCommon, PaymentHttpCommon):
    def _page(self, recurring, token=None):
        token = token or recurring._portal_ensure_token()
        self.env.flush_all()
        return self.url_open(
            self._build_url(f"/my/recurring/{recurring.id}?access_token={token}"),
        )

    def _choose(self, recurring, **changes):
        url = self._build_url(f"/my/recurring/{recurring.id}/transaction")
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.card.id,
            "token_id": None,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/evil",
            "amount": 0.01,
            "is_validation": False,
            "csrf_token": "x",
            "access_token": recurring._portal_ensure_token(),
        } | changes
        self.env.flush_all()
        return self.make_jsonrpc_request(url, params)

    def test_the_page_says_what_is_agreed(self):
        recurring = self._recurring()
        page = self._page(recurring).text
        self.assertIn("49.00", page)
        self.assertIn("147.00", page)
        self.assertIn("o_payment_form", page)
        running = self._running()
        self.assertNotIn("o_payment_form", self._page(running).text)

    def test_strangers_see_nothing(self):
        recurring = self._recurring()
        for token in ("x", "ğ"):
            self.assertEqual(self._page(recurring, token).status_code, 404)

    def test_the_terms_come_from_the_server(self):
        recurring = self._recurring()
        values = self._choose(recurring)
        tx = self._get_tx(values["reference"])
        self.assertEqual((tx.amount, tx.trpay_recurring_id), (49.0, recurring))
        self.assertIn(f"/my/recurring/{recurring.id}", tx.landing_route)

    def test_no_other_provider_takes_them(self):
        recurring = self._recurring()
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._choose(
                recurring, provider_id=self.env.ref("payment.payment_provider_transfer").id
            )
        tx = self._first(recurring)
        tx._set_pending()
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._choose(recurring)

    # === WEB HOOKS === #

    def _notify(self, message):
        self.env.flush_all()
        url = self._build_url("/payment/platformode/notify/recurring")
        response = self.url_open(url, data=message, method="POST")
        self.env.invalidate_all()
        return response

    def test_a_hook_has_the_payments_looked_up(self):
        recurring = self._running()
        recurring.write({"trpay_next_inquiry": "2099-01-01", "trpay_last_inquiry": False})
        for _copy in range(2):
            response = self._notify(self._hook())
            self.assertEqual((response.status_code, response.text), (200, "OK"))
        self.assertEqual(recurring.invoice_numbers, {"2": "inv2"})
        self.assertLessEqual(recurring.trpay_next_inquiry, fields.Datetime.now())
        (stored,) = recurring._first().trpay_notification_ids
        self.assertNotIn(KEYS["platformode_merchant_key"], stored.payload)
        stored.action_replay()
        self.assertEqual(stored.state, "processed")
        self.assertEqual(self._payments(recurring), [(1, "done")])

    @mute_logger("odoo.addons.payment_trpay.controllers.notify")
    def test_a_forged_hook_changes_nothing(self):
        recurring = self._running()
        for message, status in (
            (self._hook(secret="x" * 32), 403),
            (self._hook(plan_code="unknown"), 404),
            (self._hook(merchant_key="another"), 403),
            (self._hook(hash_key=""), 400),
            (self._hook(invoice_id="other"), 403),
        ):
            self.assertEqual(self._notify(message).status_code, status, message)
        self.assertFalse(recurring.invoice_numbers)
