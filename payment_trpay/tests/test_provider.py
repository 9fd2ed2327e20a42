import requests

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..gateways.base import GatewayError
from .common import NO_SUCCESSFUL_PAYMENT, PAYTR, RATES_URL, STATUS_URL, PayTRCommon

LIVE = "https://www.paytr.com"
WRONG_TOKEN = {"status": "error", "err_no": "003", "err_msg": "paytr_token gecersiz"}
WRONG_MERCHANT = {"status": "error", "err_no": "001", "err_msg": "merchant_id gecersiz"}


@tagged("post_install", "-at_install")
class TestProvider(PayTRCommon):
    # === CREDENTIALS === #

    def test_pasted_credentials_lose_the_blanks_around_them(self):
        self.provider.paytr_merchant_key = " \tTESTKEYabcdef123\n"
        self.assertEqual(self.provider.paytr_merchant_key, "TESTKEYabcdef123")

    def test_credentials_are_required_to_enable(self):
        with self.assertRaises(ValidationError):
            self.provider.paytr_merchant_salt = False

    def test_only_administrators_read_the_keys(self):
        provider = self.provider.with_user(self.internal_user)
        with self.assertRaises(AccessError):
            provider.read(["paytr_merchant_key"])

    def test_a_copy_has_no_credentials(self):
        copy = self.provider.copy()
        self.assertFalse(copy.paytr_merchant_id or copy.paytr_merchant_key)

    def test_an_empty_key_signs_nothing(self):
        self.provider.state = "disabled"
        self.provider.paytr_merchant_key = ""
        with self.assertRaises(GatewayError):
            self.provider._trpay_gateway()

    # === CONNECTION TEST === #

    def _test_connection(self, *answers):
        with self._answers(*((STATUS_URL, answer) for answer in answers)):
            action = self.provider.action_trpay_test_connection()
        return action["params"]

    def test_right_keys(self):
        self.assertEqual(self._test_connection(NO_SUCCESSFUL_PAYMENT)["type"], "success")
        self.assertEqual(self.provider.trpay_connection, "ok")

    def test_wrong_merchant(self):
        self.assertIn("merchant ID is wrong", self._test_connection(WRONG_MERCHANT)["message"])
        self.assertEqual(self.provider.trpay_connection, "failed")

    def test_wrong_key_or_salt(self):
        message = self._test_connection(WRONG_TOKEN, WRONG_TOKEN)["message"]
        self.assertIn("merchant key or the merchant salt", message)

    def test_swapped_key_and_salt(self):
        message = self._test_connection(WRONG_TOKEN, NO_SUCCESSFUL_PAYMENT)["message"]
        self.assertIn("each other's place", message)

    @mute_logger("odoo.addons.payment_trpay.gateways.transport")
    def test_no_answer_and_garbage(self):
        message = self._test_connection(requests.ReadTimeout())["message"]
        self.assertIn("did not answer properly", message)
        self.assertIn("did not answer properly", self._test_connection("<html>")["message"])

    def test_new_credentials_are_untested(self):
        self._test_connection(NO_SUCCESSFUL_PAYMENT)
        self.provider.paytr_merchant_key = "another"
        self.assertEqual(self.provider.trpay_connection, "untested")

    # === WHAT THE GATEWAY OFFERS === #

    def test_currencies(self):
        self.assertEqual(
            set(self.provider._get_supported_currencies().mapped("name")),
            {"TRY", "USD", "EUR", "GBP", "RUB"},
        )

    def test_features(self):
        self.assertEqual(self.provider.support_refund, "partial")
        self.assertFalse(self.provider.support_manual_capture)
        self.assertFalse(self.provider.support_tokenization)

    def test_settings_that_mean_nothing_to_a_provider_are_not_shown(self):
        embeds = ("trpay_embeds", "trpay_limits_time")
        resumes = ("trpay_has_flows", "trpay_resumes")
        platformode = self.env.ref("payment_trpay.payment_provider_platformode")
        for provider, shown in (
            (self.provider, embeds),
            (platformode, resumes),
            (self.dummy_provider, ()),
        ):
            self.assertEqual([name for name in embeds + resumes if provider[name]], list(shown))

    def test_bank_transfer_is_for_the_owner_to_switch_on(self):
        codes = self.provider._get_default_payment_method_codes()
        self.assertEqual(codes, {"card", "visa", "mastercard", "troy", "amex"})

    def test_what_instalments_cost(self):
        rates = {
            "status": "success",
            "max_inst_non_bus": "3",
            "oranlar": {"world": {"taksit_2": 2.5, "taksit_3": 5, "taksit_4": 7}},
        }
        with self._answers((RATES_URL, rates)):
            action = self.provider.action_trpay_view_installments()
        rows = self.env["trpay.installment"].search(action["domain"])
        self.assertEqual(
            rows.mapped(lambda row: (row.card_family, row.installments, row.total)),
            [("world", "02", 102.5), ("world", "03", 105.0)],
        )

    @mute_logger("odoo.addons.payment_trpay.gateways.transport")
    def test_what_instalments_cost_is_not_always_known(self):
        with self.assertRaises(UserError), self._answers((RATES_URL, requests.ReadTimeout())):
            self.provider.action_trpay_view_installments()

    # === WHERE PAYMENTS GO === #

    def test_the_sandbox_is_for_tests_only(self):
        self.assertEqual(self.provider._trpay_gateway()._base_url, PAYTR)
        self.provider.state = "enabled"
        self.assertEqual(self.provider._trpay_gateway()._base_url, LIVE)

    def test_a_live_payment_never_meets_the_sandbox(self):
        tx = self._paid()
        refund = tx._create_child_transaction(1, is_refund=True)
        self.assertEqual(refund._trpay_gateway()._base_url, PAYTR)
        tx.is_live = True
        self.assertEqual(refund._trpay_gateway()._base_url, LIVE)
        self.assertEqual(tx._trpay_gateway()._base_url, LIVE)

    def test_notification_url(self):
        self.assertEqual(
            self.provider.trpay_notify_url,
            f"{self.provider.get_base_url()}/payment/paytr/notify",
        )

    def test_last_notification_is_the_newest(self):
        self.assertFalse(self.provider.trpay_last_notification)
        tx = self._pay()
        message = self._notification(tx)
        claim = self.provider._trpay_gateway().read(message, tx._trpay_order())
        notification = self.env["trpay.notification"]._receive(tx, claim, message)
        self.provider.invalidate_recordset()
        self.assertEqual(self.provider.trpay_last_notification, notification.create_date)

    # === WARNINGS === #

    def _warnings(self, base_url, sandbox=""):
        self.env["ir.config_parameter"].set_param("web.base.url", base_url)
        self.env["ir.config_parameter"].set_param("payment_trpay.endpoint.paytr", sandbox)
        self.provider.invalidate_recordset()
        return self.provider.trpay_warnings or ""

    def test_unreachable_site(self):
        for url in ("http://localhost:8069", "http://192.168.1.5", "http://[::1]:8069"):
            self.assertIn("cannot reach", self._warnings(url))
        self.assertNotIn("cannot reach", self._warnings("https://shop.example.com"))

    def test_site_without_https(self):
        self.assertIn("no https", self._warnings("http://shop.example.com"))
        self.assertNotIn("no https", self._warnings("https://shop.example.com"))

    def test_payments_that_were_never_notified(self):
        self.assertNotIn("never notified", self._warnings("https://shop.example.com"))
        self._paid()
        self.assertIn("1 payments", self._warnings("https://shop.example.com"))

    def test_sandbox_in_use(self):
        self.assertIn(PAYTR, self._warnings("http://localhost", sandbox=PAYTR))
        self.provider.state = "enabled"
        self.assertNotIn(PAYTR, self._warnings("http://localhost", sandbox=PAYTR))

    # === WHO IS TOLD === #

    def test_to_dos_of_an_installation_go_to_a_person(self):
        installed = self.env.ref("payment_trpay.payment_provider_paytr")
        self.assertEqual(installed.trpay_responsible_id, self.env.ref("base.user_admin"))

    def test_to_dos_of_a_copy_go_to_who_made_it(self):
        self.internal_user.group_ids += self.env.ref("base.group_system")
        values = {"name": "x", "code": "paytr"}
        provider = self.env["payment.provider"].with_user(self.internal_user).create(values)
        self.assertEqual(provider.trpay_responsible_id, self.internal_user)

    # === COMPANIES AND MODULES === #

    def test_each_company_has_its_own_provider(self):
        company = self.env["res.company"].create({"name": "Second Clinic"})
        self.env["payment.provider"]._setup_provider("paytr")
        second = self.env["payment.provider"].search(
            [("code", "=", "paytr"), ("company_id", "=", company.id)]
        )
        self.assertEqual(len(second), 1)
        self.assertFalse(second.paytr_merchant_id)
        self.assertEqual(second.payment_method_ids, self.provider.payment_method_ids)

    def test_removal_leaves_a_provider_of_no_kind(self):
        self.env["payment.provider"]._remove_provider("paytr")
        self.assertEqual(self.provider.code, "none")
        self.assertEqual(self.provider.state, "disabled")

    def test_other_providers_know_nothing_of_ours(self):
        self.assertFalse(self.dummy_provider.is_trpay)
        self.assertFalse(self.dummy_provider.trpay_warnings)
        self.assertFalse(self.dummy_provider.trpay_notify_url)
