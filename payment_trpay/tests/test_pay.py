from urllib.parse import parse_qs

import requests

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from ..gateways.base import Outcome, Reason, State
from .common import TOKEN_URL, PayTRCommon

TOKEN = {"status": "success", "token": "28cc613c3d7633cfa4ed0956fdf901e05cf9d9cc0c2ef8db54fa"}


@tagged("post_install", "-at_install")
class TestPay(PayTRCommon, PaymentHttpCommon):
    def _open(self, tx, page, *answers, allow_redirects=True, **kwargs):
        self.env.flush_all()
        with self._answers(*answers or [(TOKEN_URL, TOKEN)]) as psp:
            response = self.url_open(
                tx._trpay_route(page), allow_redirects=allow_redirects, **kwargs
            )
            calls = [call for call in psp.calls if call.request.url == TOKEN_URL]
        self.env.invalidate_all()
        return response, [
            {name: value for name, (value,) in parse_qs(call.request.body).items()}
            for call in calls
        ]

    # === TO THE PROVIDER === #

    def test_the_checkout_sends_the_browser_to_our_start_page(self):
        tx = self._pay()
        values = tx._get_processing_values()
        form = self._extract_values_from_html_form(values["redirect_form_html"])
        self.assertEqual(form["action"], tx._trpay_route("start"))
        self.assertEqual(form["method"], "get")

    def test_the_page_inside_our_own(self):
        tx = self._pay()
        response, (posted,) = self._open(tx, "start")
        self.assertIn("o_trpay_frame", response.text)
        self.assertIn(f"/odeme/guvenli/{TOKEN['token']}", response.text)
        self.assertEqual(posted["merchant_oid"], tx.reference)
        self.assertEqual(posted["payment_amount"], "4900")
        self.assertTrue(tx.trpay_next_inquiry)

    def test_the_full_page(self):
        self.provider.trpay_page = "full"
        response, _posted = self._open(self._pay(), "start", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith(TOKEN["token"]))

    def test_a_reload_opens_no_second_payment(self):
        tx = self._pay()
        self._open(tx, "start")
        _response, posted = self._open(tx, "start")
        self.assertFalse(posted)

    def test_bank_transfer(self):
        tx = self._pay(payment_method_id=self.bank_transfer.id)
        response, (posted,) = self._open(tx, "start")
        self.assertEqual(posted["payment_type"], "eft")
        self.assertIn(f"/odeme/api/{TOKEN['token']}", response.text)

    def test_instalment_limits(self):
        for limit, no_installment, max_installment in (
            ("0", "0", "0"),
            ("1", "1", "0"),
            ("2", "0", "2"),
            ("12", "0", "12"),
        ):
            self.provider.trpay_max_installments = limit
            _response, (posted,) = self._open(self._pay(), "start")
            self.assertEqual(
                (posted["no_installment"], posted["max_installment"]),
                (no_installment, max_installment),
            )

    def test_a_customer_without_address_or_phone(self):
        partner = self.env["res.partner"].create({"name": "Ayşe", "email": "ayşe@example.com"})
        self.env.company.email = "klinik@example.com"
        _response, (posted,) = self._open(self._pay(partner_id=partner.id), "start")
        for field in ("user_name", "user_address", "user_phone", "email"):
            self.assertTrue(posted[field].strip(), field)
        self.assertEqual(posted["email"], "klinik@example.com")

    def test_a_refusal_says_that_nothing_was_charged(self):
        tx = self._pay()
        refusal = {"status": "failed", "reason": "paytr_token gonderilmedi veya gecersiz"}
        response, _posted = self._open(tx, "start", (TOKEN_URL, refusal))
        self.assertEqual(tx.state, "error")
        self.assertIn("Nothing was charged", response.text)
        self.assertIn("merchant key or the merchant salt", tx.trpay_provider_message)
        self.assertNotIn("merchant key", response.text)

    @mute_logger("odoo.addons.payment_trpay.gateways.transport")
    def test_no_answer_ends_the_attempt(self):
        tx = self._pay()
        response, _posted = self._open(tx, "start", (TOKEN_URL, requests.ReadTimeout()))
        self.assertEqual(tx.state, "error")
        self.assertIn("Try again", response.text)

    def test_a_currency_that_the_provider_does_not_take(self):
        yen = self._enable_currency("JPY")
        tx = self._pay(currency_id=yen.id)
        response, posted = self._open(tx, "start")
        self.assertFalse(posted)
        self.assertEqual((response.status_code, tx.state), (200, "error"))

    # === WHO MAY SEE IT === #

    def test_nobody_without_the_link(self):
        tx, other = self._pay(), self._pay()
        token = other._trpay_route("start").rsplit("/", 1)[1]
        for page in ("start", "return", "status"):
            for url in (
                f"/payment/paytr/{page}/{tx.id}/{token}",
                f"/payment/paytr/{page}/{tx.id}/x",
                f"/payment/paytr/{page}/999999999/{token}",
            ):
                self.assertEqual(self.url_open(url).status_code, 404, url)
        self.assertEqual(tx.state, "draft")

    def test_a_stranger_cannot_pay_by_what_the_shop_does_not_offer(self):
        """A provider in test state takes test cards."""
        for record, field in ((self.provider, "is_published"), (self.card, "active")):
            record[field] = False
            tx = self._pay()
            response, posted = self._open(tx, "start")
            self.assertEqual((response.status_code, posted, tx.state), (404, [], "draft"))
            record[field] = True

    def test_staff_can_try_a_provider_before_they_publish_it(self):
        self.provider.is_published = False
        self.authenticate("admin", "admin")
        response, _posted = self._open(self._pay(), "start")
        self.assertIn("o_trpay_frame", response.text)

    def test_a_link_of_strange_letters_is_no_error_of_ours(self):
        tx = self._pay()
        self.env.flush_all()
        self.assertEqual(self.url_open(f"/payment/paytr/status/{tx.id}/ğ").status_code, 404)

    # === BACK FROM THE PROVIDER === #

    def test_coming_back_proves_nothing(self):
        tx = self._pay()
        response, _posted = self._open(tx, "return")
        self.assertEqual(tx.state, "draft")
        self.assertTrue(response.url.endswith("/payment/status"))
        self.assertTrue(tx.trpay_next_inquiry)

    def test_coming_back_by_post_from_another_site_keeps_the_session(self):
        tx = self._pay()
        self.env.flush_all()
        response = self.url_open(
            tx._trpay_route("return"), data={"x": "y"}, method="POST", allow_redirects=False
        )
        self.assertEqual(response.status_code, 303)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_coming_back_without_a_link_leads_to_the_status_page(self):
        response = self.url_open("/payment/paytr/return", allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith("/payment/status"))

    def test_a_failure_has_its_reason_and_a_way_to_try_again(self):
        tx = self._pay(trpay_back_route="/shop/payment")
        tx._trpay_settle(Outcome(state=State.FAILED, reason=Reason.INSTALLMENT_REFUSED))
        response, _posted = self._open(tx, "return")
        self.assertIn("cannot be used with instalments", response.text)
        self.assertIn('href="/shop/payment"', response.text)

    def test_the_way_back_is_one_of_this_site(self):
        for referrer, route in (
            (f"{self.base_url()}/shop/payment?x=1", "/shop/payment?x=1"),
            ("https://evil.example/shop", False),
            (f"{self.base_url()}//evil.example/pay", "/evil.example/pay"),
            ("", False),
        ):
            tx = self._pay()
            self._open(tx, "start", headers={"Referer": referrer})
            self.assertEqual(tx.trpay_back_route, route)

    def test_a_customer_who_is_back_too_early_reads_that_we_are_verifying(self):
        response, _posted = self._open(self._pay(), "return")
        self.assertIn("We are verifying your payment", response.text)
        self.assertNotIn("has not been processed yet", response.text)

    def test_a_customer_who_transfers_reads_that_we_wait_for_the_transfer(self):
        tx = self._pay(payment_method_id=self.bank_transfer.id)
        response, _posted = self._open(tx, "return")
        self.assertIn("We are waiting for your bank transfer", response.text)
        self.assertNotIn("We are verifying your payment", response.text)

    # === THE STATUS PAGE === #

    def _poll(self, tx):
        self._open(tx, "status")
        self.env.flush_all()
        values = self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        return values

    def test_a_failure_while_the_customer_waits_leads_to_its_reason(self):
        tx = self._pay(landing_route="/my")
        self.assertEqual(self._poll(tx)["state"], "draft")
        tx._trpay_settle(Outcome(state=State.FAILED, reason=Reason.TECHNICAL))
        tx.last_state_change = "2026-01-01"  # The cron did not come.
        self.assertEqual(self._poll(tx)["landing_route"], tx._trpay_route("status"))

    def test_the_page_waits_for_the_worker_and_then_helps_itself(self):
        tx = self._paid(landing_route="/my")
        self.assertEqual(self._poll(tx)["state"], "pending")
        tx.last_state_change = "2026-01-01"
        values = self._poll(tx)
        self.assertEqual((values["state"], values["landing_route"]), ("done", "/my"))

    def test_other_providers_payments_are_left_to_core(self):
        tx = self._pay(landing_route="/my")
        self._open(tx, "status")
        tx.provider_id = self.dummy_provider
        tx._set_done()
        self.env.flush_all()
        values = self.make_jsonrpc_request("/payment/status/poll", {})
        self.assertEqual((values["provider_code"], values["state"]), ("none", "done"))
