"""What only the server writes, and that what users may decide works for them."""

import inspect

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import new_test_user

from ..gateways.base import Outcome, State
from .common import PayTRCommon
from .common_platformode import PlatformodeCommon
from .test_recurring import RecurringCommon
from .test_stored_card import StoredCardCommon

ACCOUNTANT = "account.group_account_invoice"
# Core's fields of a transaction that decide about money, or about where a customer is sent.
CORE = {
    "state": "done",
    "amount": 1.0,
    "currency_id": 1,
    "provider_id": 1,
    "payment_method_id": 1,
    "reference": "x",
    "provider_reference": "x",
    "operation": "refund",
    "partner_id": 1,
    "source_transaction_id": 1,
    "token_id": 1,
    "is_live": True,
    "is_post_processed": True,
    "tokenize": True,
    "landing_route": "https://evil.example",
    "state_message": "x",
    "last_state_change": "2026-01-01",
}
OURS = {
    "trpay_page_url": "https://evil.example",
    "trpay_resizer_url": "https://evil.example/x.js",
    "trpay_refs": {"hold": True},
    "trpay_new_token": {"provider_ref": "x"},
    "trpay_review_reason": False,
    "trpay_sent": False,
    "trpay_hold_end": "void",
    "trpay_back_route": "https://evil.example",
    "trpay_next_inquiry": False,
    "trpay_recurring_number": 2,
    "deposit_res_model": "res.partner",
    "deposit_res_id": 1,
    "deposit_purpose": "full",
    "refund_by_hand": True,
}
# They open a window, and read and change nothing.
HARMLESS = {"action_trpay_view_payments", "action_trpay_view_notifications", "action_trpay_renew"}


class GuardCommon:
    def _user(self, *groups):
        return new_test_user(self.env, f"user_{len(groups)}_{groups[0]}", groups=",".join(groups))

    def _writers(self):
        """Who may write payments at all."""
        admin = self._user("base.group_system")
        return (admin, self._user(ACCOUNTANT)) if self.account_payment_installed else (admin,)

    def _assert_refused(self, record, values, why="This follows from the payments"):
        self.env.flush_all()
        with self.assertRaisesRegex(AccessError, why), self.env.cr.savepoint():
            record.write(values)
        self.env.invalidate_all()


def own_actions(model):
    """The methods of a model that a button of ours calls, and so anybody by RPC."""
    return {
        name
        for name, method in inspect.getmembers(type(model), inspect.isfunction)
        if name.startswith("action_")
        and any(
            name in vars(base) and base.__module__.startswith("odoo.addons.payment_trpay")
            for base in type(model).mro()
        )
    }


@tagged("post_install", "-at_install")
class TestGuard(PayTRCommon, GuardCommon):
    def test_nobody_writes_what_follows_from_the_payment(self):
        tx = self._pay()
        links = [name for name in ("invoice_ids", "sale_order_ids", "payment_id") if name in tx]
        for user in self._writers():
            for name, value in (CORE | OURS | dict.fromkeys(links, False)).items():
                with self.subTest(field=name, user=user.login):
                    self._assert_refused(tx.with_user(user), {name: value})
        self.assertEqual((tx.state, tx.amount, tx.trpay_page_url), ("draft", 49.0, False))

    def test_what_no_form_lets_anybody_write_no_call_does(self):
        tx = self._pay().with_user(self._user("base.group_system"))
        guarded = [name for name, field in tx._fields.items() if field.readonly]
        self.assertIn("trpay_card_number", guarded)
        for name in set(guarded) - {"id", "display_name", "create_date", "write_date"}:
            with self.subTest(field=name):
                self._assert_refused(tx, {name: False})

    def test_how_a_customer_is_reached_is_no_secret_of_the_server_s(self):
        tx = self._pay()
        for user in self._writers():
            tx.with_user(user).write({"partner_email": "new@example.com"})
        self.assertEqual(tx.partner_email, "new@example.com")

    def test_nobody_makes_a_payment_or_turns_another_s_into_ours(self):
        ours = self._pay()
        other = self._pay(
            provider_id=self.dummy_provider.id,
            payment_method_id=self.dummy_provider.payment_method_ids[:1].id,
        )
        for user in self._writers():
            values = {name: ours[name].id for name in ("provider_id", "payment_method_id")}
            values |= {"amount": 1, "currency_id": self.lira.id, "partner_id": self.partner.id}
            # Core's own rights keep those away who may not read the providers.
            why = "follows from the payments|Payment Provider"
            with self.assertRaisesRegex(AccessError, why), self.env.cr.savepoint():
                self.env["payment.transaction"].with_user(user).create(values)
            self._assert_refused(other.with_user(user), {"provider_id": ours.provider_id.id})

    def test_a_default_of_the_context_is_a_value_too(self):
        payments = self.env["payment.transaction"].with_user(self._user("base.group_system"))
        values = {
            "provider_id": self.dummy_provider.id,
            "payment_method_id": self.dummy_provider.payment_method_ids[:1].id,
            "amount": 1,
            "currency_id": self.lira.id,
            "partner_id": self.partner.id,
            "reference": "by default",
        }
        for name, value in (("deposit_res_id", 1), ("deposit_purpose", "deposit")):
            with self.subTest(name), self.assertRaisesRegex(AccessError, "follows from the"):
                payments.with_context(**{f"default_{name}": value}).create(values)

    def test_another_provider_s_payment_is_core_s_but_its_booking_is_ours(self):
        tx = self._pay(
            provider_id=self.dummy_provider.id,
            payment_method_id=self.dummy_provider.payment_method_ids[:1].id,
        )
        for user in self._writers():
            tx.with_user(user).write({"state": "pending", "landing_route": "/my"})
            for name in ("deposit_res_id", "deposit_res_model", "refund_by_hand"):
                self._assert_refused(tx.with_user(user), {name: OURS[name]})
        self.assertEqual(tx.state, "pending")

    def test_no_other_record_leads_around_it(self):
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        tx = self._pay()
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 49})],
            }
        )
        invoice.transaction_ids = tx
        command = [Command.update(tx.id, {"state": "done"})]
        self._assert_refused(
            invoice.with_user(self._user(ACCOUNTANT)), {"transaction_ids": command}
        )
        self.assertEqual(tx.state, "draft")

    def test_the_front_desk_does_not_read_what_the_provider_told(self):
        tx = self._pay(trpay_refs={"unanswered": {"hash": "c0ffee"}})
        self.env.flush_all()
        self.env.invalidate_all()
        for groups in (["payment_trpay.group_desk"], ["base.group_system"]):
            user = self._user(*groups)
            names = tx.with_user(user).fields_get()
            self.assertEqual("trpay_refs" in names, groups == ["base.group_system"])

    def test_nobody_writes_the_inbox_or_what_providers_hand_out(self):
        tx = self._pay()
        self.env.flush_all()
        values = {"transaction_id": tx.id, "provider_id": self.provider.id, "key": "k"}
        message = self.env["trpay.notification"].create(
            values | {"payload": "{}", "state": "processed"}
        )
        access = self.env["trpay.access"].create({"name": "x", "value": "y"})
        admin = self._user("base.group_system")
        self._assert_refused(message.with_user(admin), {"payload": "[]"}, "not allowed to modify")
        self._assert_refused(access.with_user(admin), {"value": "z"}, "not allowed to modify")
        for model in ("trpay.notification", "trpay.access"):
            for operation in ("write", "create"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(admin).check_access(operation)

    # === WHO MAY PRESS WHAT === #

    def test_no_customer_and_no_stranger_presses_a_button_of_staff(self):
        tx = self._pay()
        tx._trpay_park("odd")
        message = {"transaction_id": tx.id, "provider_id": self.provider.id, "key": "k"}
        records = (
            tx,
            self.provider,
            self.env["trpay.notification"].create(
                message | {"payload": "{}", "state": "processed"}
            ),
        )
        self.env.flush_all()
        for record in records:
            actions = own_actions(record) - HARMLESS
            self.assertTrue(actions)
            for user in (self.portal_user, self.internal_user, self.public_user):
                for name in actions:
                    self.env.invalidate_all()
                    with (
                        self.subTest(action=name, user=user.login),
                        self.assertRaises(AccessError),
                        self.env.cr.savepoint(),
                    ):
                        getattr(record.with_user(user), name)()
        self.assertEqual((tx.state, tx.trpay_review_reason), ("pending", "odd"))


@tagged("post_install", "-at_install")
class TestAccountant(PlatformodeCommon, GuardCommon):
    """Whatever an accountant may decide about a payment has a button."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False  # What is paid is booked, as in real life.
        cls.env.company.currency_id = cls.lira

    def setUp(self):
        super().setUp()
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        self.accountant = self._user(ACCOUNTANT)

    def _as_accountant(self, record, act, **answers):
        """Let the accountant do something, in an environment as a click has it."""
        self.env.flush_all()

        def click(env):
            env.invalidate_all()
            act(record.with_env(env(user=self.accountant.id)))

        return self._answering(click, **answers)

    def _held(self):
        tx = self._pay(trpay_refs={"hold": True})
        tx._trpay_settle(Outcome(state=State.AUTHORIZED, amount=tx._trpay_money(49.0)))
        return tx

    def test_asks_the_provider(self):
        tx = self._pay()
        self._as_accountant(tx, lambda tx: tx.action_trpay_inquire(), checkstatus=self._status(tx))
        self.assertEqual(tx.state, "done")

    def test_accepts_and_rejects_what_is_under_review(self):
        for action, state in (("action_trpay_accept", "done"), ("action_trpay_reject", "cancel")):
            tx = self._pay()
            tx._trpay_park("odd")
            self._as_accountant(tx, lambda tx, action=action: getattr(tx, action)())
            self.assertEqual((tx.state, tx.trpay_review_reason), (state, False))

    def test_gives_back(self):
        tx = self._paid()
        self._as_accountant(tx, lambda tx: tx.action_refund(10))
        refund = tx.child_transaction_ids
        self.assertEqual((refund.state, refund.amount), ("pending", -10))

    def test_captures_a_part(self):
        tx = self._held()
        action = tx.with_user(self.accountant).action_capture()
        self.assertEqual(action["res_model"], "payment.capture.wizard")
        self._as_accountant(
            tx,
            lambda tx: (
                tx.env["payment.capture.wizard"]
                .with_context(**action["context"])
                .create({"amount_to_capture": 20, "void_remaining_amount": False})
                .action_capture()
            ),
        )
        capture = tx.child_transaction_ids
        self.assertEqual((capture.trpay_hold_end, capture.amount), ("capture", 20))

    def test_lets_go(self):
        tx = self._held()
        self._as_accountant(tx, lambda tx: tx.action_void())
        void = tx.child_transaction_ids
        self.assertEqual((void.trpay_hold_end, void.state), ("void", "pending"))

    def test_processes_a_payment_anew(self):
        tx = self._paid()
        tx.is_post_processed = False
        self._as_accountant(tx, lambda tx: tx.action_post_process())
        self.assertTrue(tx.is_post_processed)

    def test_says_that_money_was_given_back_by_hand_if_also_at_the_desk(self):
        tx = self._paid()
        refund = tx._refund_by_hand(10)
        with self.assertRaises(AccessError):
            refund.with_user(self.accountant).action_refund_given_back()
        self.accountant.group_ids += self.env.ref("payment_trpay.group_desk")
        self._as_accountant(refund, lambda tx: tx.action_refund_given_back())
        self.assertEqual(refund.state, "done")


@tagged("post_install", "-at_install")
class TestGuardedCards(StoredCardCommon, GuardCommon):
    def test_nobody_makes_a_card_another_customer_s(self):
        admin = self._user("base.group_system")
        token = self._kept(partner_id=admin.partner_id.id)  # Of others there is no rule to write.
        for name, value in (
            ("partner_id", self.partner.id),
            ("provider_id", self.dummy_provider.id),
            ("payment_method_id", 1),
            ("provider_ref", "x"),
            ("payment_details", "1234"),
            ("trpay_customer", "1"),
            ("trpay_card_number", "x"),
            ("trpay_expires", "2040-01-01"),
            ("trpay_deletion", False),
            ("trpay_is_live", True),
        ):
            with self.subTest(field=name):
                self._assert_refused(token.with_user(admin), {name: value})
        values = {
            "provider_id": self.provider.id,
            "payment_method_id": self.card.id,
            "partner_id": admin.partner_id.id,
            "provider_ref": "x",
        }
        with self.assertRaisesRegex(AccessError, "follows from the payments"):
            self.env["payment.token"].with_user(admin).create(values)

    def test_an_administrator_archives_a_card_and_the_provider_deletes_it(self):
        admin = self._user("base.group_system")
        token = self._kept(partner_id=admin.partner_id.id)
        token.with_user(admin).active = False
        self.assertEqual(token.trpay_deletion, "due")


@tagged("post_install", "-at_install")
class TestGuardedRecurring(RecurringCommon, GuardCommon):
    def test_nobody_writes_what_was_agreed(self):
        recurring = self._recurring().with_user(self._user("base.group_system"))
        for name, value in (
            ("amount", 1),
            ("payments", 100),
            ("state", "active"),
            ("code", "x"),
            ("partner_id", 1),
            ("res_id", 1),
            ("invoice_numbers", {"2": "x"}),
            ("trpay_next_inquiry", False),
        ):
            with self.subTest(field=name):
                self._assert_refused(recurring, {name: value})

    def test_an_administrator_s_buttons(self):
        recurring, admin = self._running(), self._user("base.group_system")
        done = {"status_code": 100}
        for action, state in (
            ("action_pause", "paused"),
            ("action_go_on", "active"),
            ("action_end", "ended"),
        ):
            self._answering(
                lambda env, action=action: getattr(
                    recurring.with_env(env(user=admin.id)), action
                )(),
                **{"recurringPlan/update": done, "recurringPlan/delete": done},
            )
            self.assertEqual(recurring.state, state)
        recurring.warning = "odd"
        recurring.with_user(admin).action_seen()
        self.assertFalse(recurring.warning)

    @mute_logger("odoo.addons.payment_trpay.models.trpay_recurring")
    def test_new_terms_by_an_administrator(self):
        recurring, admin = self._recurring(), self._user("base.group_system")
        recurring.with_user(admin)._agree_on(60, 5)
        self.assertEqual((recurring.amount, recurring.payments), (60, 5))

    def test_no_customer_and_no_desk_presses_a_button_of_administrators(self):
        recurring = self._running()
        self.env.flush_all()
        desk = self._user("payment_trpay.group_desk")
        for user, shown in ((self.portal_user, set()), (desk, {"action_link"})):
            for name in own_actions(recurring) - shown - {"action_change_terms"}:
                self.env.invalidate_all()
                with (
                    self.subTest(action=name, user=user.login),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    getattr(recurring.with_user(user), name)()
