"""What becomes of the rest when the addon goes, or when a database is copied."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from odoo.addons.base.tests.common import new_test_user
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import uninstall_hook
from ..gateways import GATEWAYS
from .common_platformode import PlatformodeCommon


class LeavingCommon(PlatformodeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.card.id,
                "partner_id": cls.partner.id,
                "provider_ref": "KELUUKPQBCGYLV7F",
                "trpay_customer": str(cls.partner.id),
                "trpay_card_number": "411111******1111",
            }
        )

    def _running(self, **values):
        """Recurring payments, the first of which is made."""
        recurring = self._recurring(state="active", code="PLAN1", **values)
        self._paid(trpay_recurring_id=recurring.id, trpay_recurring_number=1)
        return recurring

    def _account(self):
        """A customer with an account, and with the card."""
        user = new_test_user(self.env, "ayse", groups="base.group_portal")
        user.partner_id.write({"email": "ayse@example.com", "phone": "+905551112233"})
        self.token.partner_id = user.partner_id
        return user


@tagged("post_install", "-at_install")
class TestLeavingAddon(LeavingCommon):
    def _refusal(self):
        with self.assertRaises(UserError) as refused:
            uninstall_hook(self.env)
        return str(refused.exception)

    def test_the_addon_stays_while_money_is_open(self):
        reserved = self._pay()
        reserved._set_authorized()
        refund = self._paid()._create_child_transaction(10, is_refund=True)
        refund._set_pending()
        parked = self._pay()
        parked._trpay_park("Look at it.")
        waiting, page, sent = self._pay(), self._pay(), self._pay()
        waiting._set_pending()
        page.trpay_next_inquiry = sent.trpay_sent = fields.Datetime.now()
        recurring = self._running()
        over = self._paid()
        left = self._pay(trpay_next_inquiry=fields.Datetime.now())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=2), left.id],
        )
        self.env.invalidate_all()
        refusal = self._refusal()
        for tx in (reserved, refund, parked, waiting, page, sent):
            self.assertIn(tx.reference, refusal)
        self.assertIn("10.00", refusal)
        self.assertIn(f"{recurring.name}: ", refusal)
        for tx in (over, left):
            self.assertNotIn(tx.reference, refusal)

    def test_the_list_of_open_money_has_an_end(self):
        for _number in range(32):
            self._pay()._set_pending()
        refusal = self._refusal()
        self.assertIn("32", refusal)
        self.assertEqual(refusal.count("TRY") + refusal.count("₺"), 30)

    def test_the_addon_stays_while_providers_keep_cards(self):
        with self.assertRaises(UserError):
            uninstall_hook(self.env)
        self.token.active = False
        self.assertEqual(self.token.trpay_deletion, "due")
        with self.assertRaises(UserError):
            uninstall_hook(self.env)
        self.token.trpay_deletion = "done"
        uninstall_hook(self.env)
        self.assertEqual((self.provider.code, self.provider.state), ("none", "disabled"))

    def test_a_copy_of_the_database_asks_no_provider_for_anything(self):
        tx = self._pay(trpay_next_inquiry="2026-01-01")
        recurring = self._recurring(trpay_next_inquiry="2026-01-01")
        self.env["trpay.access"].create({"name": "digest", "value": "token"})
        other = self.token.copy({"provider_id": self.dummy_provider.id})
        providers = self.env["payment.provider"].search([("code", "in", list(GATEWAYS))])
        keys = [
            f"{code}_{name}" for code, gateway in GATEWAYS.items() for name in gateway.credentials
        ]
        self.assertTrue(all(any(providers.mapped(key)) for key in keys))
        self.env.flush_all()
        with file_open("payment_trpay/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual([key for key in keys if any(providers.mapped(key))], [])
        self.assertFalse(self.env["trpay.access"].search([]))
        self.assertFalse(tx.trpay_next_inquiry or recurring.trpay_next_inquiry)
        self.assertEqual((self.token.active, self.token.trpay_deletion), (False, "done"))
        self.assertEqual((other.active, other.trpay_deletion), (True, False))


@tagged("post_install", "-at_install")
class TestLeavingCustomer(LeavingCommon):
    """Whoever deletes the account is forgotten; whoever is archived may come back."""

    def _forget(self, **answers):
        return self._answering(
            lambda env: env["payment.transaction"]._cron_trpay_reconcile(), **answers
        )

    def test_an_account_that_is_deleted(self):
        user = self._account()
        tx = self._paid(partner_id=user.partner_id.id)
        with self._woken() as woken:
            user._deactivate_portal_user()
        self.assertEqual((self.token.active, self.token.trpay_deletion), (False, "due"))
        self.assertIn("payment_trpay.cron_reconcile", woken)
        sent = self._forget(deleteCard={"status_code": 100})
        self.assertEqual(sent[-1][1]["card_token"], self.token.provider_ref)
        self.assertEqual(self.token.trpay_deletion, "done")
        self.assertFalse(self.token.trpay_customer or self.token.trpay_expires)
        self.assertEqual((tx.partner_name, tx.amount), (user.partner_id.name, 49))
        self.assertFalse(tx.partner_email or tx.partner_phone or tx.partner_address)

    def test_nothing_is_left_of_who_never_paid(self):
        user = self._account()
        partner, token = user.partner_id, self.token
        user._deactivate_portal_user()
        self._forget(deleteCard={"status_code": 100})
        user.unlink()
        partner.unlink()
        self.assertFalse(token.exists())
        self.assertFalse(partner.exists())

    def test_what_runs_is_told(self):
        user = self._account()
        recurring = self._running(partner_id=user.partner_id.id)
        user._deactivate_portal_user()
        self.assertEqual(recurring.warning.count("98.00"), 1, "the payments to come, told once")
        self.assertIn(recurring.name, recurring._first().trpay_activity_id.note)
        self.assertEqual(recurring.state, "active")

    def test_who_is_archived_keeps_the_card_and_staff_are_told_what_runs(self):
        recurring = self._running()
        self.partner.active = False
        self.assertEqual((self.token.active, self.token.trpay_deletion), (True, False))
        self.assertIn(self.partner.name, recurring.warning)
        recurring.warning = False
        self.partner.active = True
        self.assertFalse(recurring.warning)

    def test_the_card_of_who_is_archived_is_not_charged(self):
        tx = self._create_transaction("token", token_id=self.token.id, operation="offline")
        self.partner.active = False
        sent = self._answering(lambda env: tx.with_env(env)._charge_with_token())
        self.assertEqual((sent, tx.state), ([], "error"))
        self.assertIn("archived", tx.state_message)
        tokens = self.env["payment.token"]
        self.assertNotIn(
            self.token, tokens._get_available_tokens(self.provider.ids, self.partner.id)
        )
        chosen = self._create_transaction(
            "token",
            reference=self._reference(),
            token_id=self.token.id,
            operation="online_token",
        )
        sent = self._answering(lambda env: chosen.with_env(env)._trpay_start())
        self.assertEqual((sent, chosen.state), ([], "error"))

    def test_contacts_that_are_merged_keep_their_cards(self):
        other = self.partner.copy()
        self.token.partner_id = other
        self.token.trpay_customer = str(other.id)
        recurring = self._running(partner_id=other.id)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner + other).ids, self.partner
        )
        self.env.invalidate_all()
        self.assertFalse(other.exists())
        self.assertEqual((self.token.partner_id, recurring.partner_id), (self.partner,) * 2)
        self.assertEqual(self.token.trpay_customer, str(other.id), "so the provider knows it")
        self.assertEqual((self.token.active, self.token.trpay_deletion), (True, False))
        self.assertFalse(recurring.warning)

    def test_who_has_no_account_is_forgotten_by_an_administrator(self):
        tx = self._paid()
        clerk = new_test_user(self.env, "clerk", groups="base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.partner.with_user(clerk).action_trpay_forget()
        action = self.env.ref("payment_trpay.action_forget_customer")
        context = {"active_model": "res.partner", "active_ids": self.partner.ids}
        action.with_context(**context, active_id=self.partner.id).run()
        self.assertEqual(self.token.trpay_deletion, "due")
        self.assertFalse(tx.partner_email)

    def test_a_lookup_for_privacy_finds_all_that_is_a_person_s(self):
        if "privacy.lookup.wizard" not in self.env:
            self.skipTest("no privacy lookup")
        tx, recurring = self._paid(), self._recurring()
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": self.partner.name, "email": self.partner.email}
        )
        wizard.action_lookup()
        found = {(line.res_model, line.res_id) for line in wizard.line_ids}
        for record in (tx, recurring, self.token):
            self.assertIn((record._name, record.id), found)


@tagged("post_install", "-at_install")
class TestLeavingPage(LeavingCommon, PaymentHttpCommon):
    @mute_logger("odoo.http")
    def test_the_button_of_the_portal(self):
        user = self._account()
        user.password = "a password that nobody guesses"
        self.authenticate("ayse", "a password that nobody guesses")
        page = self.url_open("/my/security")
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open(
            "/my/deactivate_account",
            {
                "csrf_token": token,
                "validation": "ayse",
                "password": "a password that nobody guesses",
            },
        )
        self.env.invalidate_all()
        self.assertFalse(user.active)
        self.assertEqual((self.token.active, self.token.trpay_deletion), (False, "due"))
