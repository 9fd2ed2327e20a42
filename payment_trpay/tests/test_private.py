"""Pages whose address is a key, and the addresses that a browser is sent to."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from ..controllers.private import HEADERS
from .common import TOKEN_URL, PayTRCommon
from .common_platformode import BASE, PlatformodeCommon
from .test_pay import TOKEN

# Core's, which we override, and that of bookings, which need an addon to be tried.
OTHERS = {"/payment/status", "/payment/status/poll", const.DEPOSIT_ROUTE}


class PrivateCommon:
    def _call_of(self, **params):
        """A call with the choices of core's payment form."""
        params |= {
            "provider_id": self.provider.id,
            "payment_method_id": self.card.id,
            "token_id": None,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": "/my",
            "amount": 1,
        }
        return {"json": {"jsonrpc": "2.0", "params": params}}

    def _routes_of(self, answers):
        """The routes that were asked, as the controllers declare them."""
        router = self.env["ir.http"].routing_map().bind("")
        return {
            router.match(
                url.partition("?")[0],
                method=how.get("method") or ("POST" if {"data", "json"} & how.keys() else "GET"),
                return_rule=True,
            )[0].rule
            for _status, url, how in answers
        }

    def _own_routes(self, addon):
        """The routes that a controller of an addon answers, whoever declared them first."""
        return {
            rule.rule
            for rule in self.env["ir.http"].routing_map().iter_rules()
            if rule.endpoint.func.__func__.original_endpoint.__module__.startswith(
                f"odoo.addons.{addon}."
            )
        }

    def _assert_private(self, response):
        for name, value in HEADERS.items():
            self.assertEqual(response.raw.headers.getlist(name), [value], response.url)


@tagged("post_install", "-at_install")
class TestPrivate(PlatformodeCommon, PaymentHttpCommon, PrivateCommon):
    def _ask(self, url, **how):
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.payment_trpay.controllers.notify"):
            response = self.url_open(url, allow_redirects=False, **how)
        self.env.invalidate_all()
        return response

    def _on_page(self):
        return self._pay(trpay_page_url=f"{BASE}/page")

    def _at_card_form(self):
        tx = self._pay()
        tx.write({"trpay_page_url": tx._trpay_route("card"), "trpay_refs": {"flow": "card_2d"}})
        return tx

    def _at_choice(self):
        tx = self._pay()
        url = tx._trpay_route("installments")
        tx.write({"trpay_page_url": url, "trpay_refs": {"choices": [1, 2, 3]}})
        return tx

    def _failed(self):
        tx = self._pay()
        tx._set_error("no")
        return tx

    def _answers_of(self):
        """Each of our routes, and requests with all kinds of answers."""
        bin_ = {"jsonrpc": "2.0", "params": {"card_bin": "435508"}}
        pay, card = "/payment/platformode", self._at_card_form()
        self.provider.write({"trpay_flow": "card_2d", "platformode_recurring_hook": "x"})
        recurring = self._recurring()
        link = f"/my/recurring/{recurring.id}"
        token = {"access_token": recurring._portal_ensure_token()}
        yield 303, self._on_page()._trpay_route("start"), {}
        yield 303, self._failed()._trpay_route("start"), {}
        yield 404, f"{pay}/start/{card.id}/x", {}
        yield 303, self._pay()._trpay_route("return"), {"data": {"x": "y"}}
        yield 303, f"{pay}/return", {}
        yield 303, self._pay()._trpay_route("status"), {}
        yield 200, self._failed()._trpay_route("status"), {}
        yield 404, f"{pay}/status/{card.id}/x", {}
        yield 200, card._trpay_route("card"), {}
        yield 200, card._trpay_route("card"), {"data": {"card_number": "1"}}
        yield 303, self._failed()._trpay_route("card"), {}
        yield 303, card._trpay_route("flow"), {"data": {"flow": "card_3d"}}
        choice = self._at_choice()
        yield 200, choice._trpay_route("installments"), {}
        yield 303, self._failed()._trpay_route("installments"), {}
        yield 303, choice._trpay_route("installments"), {"data": {"count": "99"}}
        yield 409, card._trpay_route("left"), {"method": "POST"}
        yield 200, card._trpay_route("plans"), {"json": bin_}
        yield 405, f"{pay}/notify", {}
        yield 400, f"{pay}/notify", {"data": {"x": "y"}}
        yield 404, f"{pay}/notify/refund", {"data": {"invoice_id": "x"}}
        yield 200, link, {"params": token}
        yield 404, link, {}
        yield 200, f"{link}/transaction", self._call_of(**token)

    def test_no_page_with_a_key_in_its_address_tells_it_or_is_kept_or_framed(self):
        answers = list(self._answers_of())
        with self._platformode():
            for status, url, how in answers:
                with self.subTest(url=url, status=status):
                    response = self._ask(url, **how)
                    self.assertEqual(response.status_code, status)
                    self._assert_private(response)
        self.assertEqual(self._own_routes("payment_trpay") - OTHERS, self._routes_of(answers))


@tagged("post_install", "-at_install")
class TestAddresses(PayTRCommon, PaymentHttpCommon, PrivateCommon):
    def _open(self, tx, page="start"):
        self.env.flush_all()
        with self._answers((TOKEN_URL, TOKEN)):
            response = self.url_open(tx._trpay_route(page), allow_redirects=False)
        self.env.invalidate_all()
        return response

    def _assert_refused(self, tx, page="start"):
        response = self._open(tx, page)
        self.assertTrue(response.headers["Location"].endswith(tx._trpay_route("status")))
        self.assertEqual(tx.state, "error")
        self.assertIn("cannot be shown", tx.state_message)
        self.assertIn("no known address", tx.trpay_activity_id.note)
        page = self._open(tx, "status")
        self.assertIn("cannot be shown", page.text)
        self.assertNotIn("evil", page.text)

    def test_the_page_inside_our_own_is_private_and_may_be_framed_by_us(self):
        response = self._open(self._pay())
        self.assertIn("o_trpay_frame", response.text)
        self._assert_private(response)

    def test_the_provider_s_pages(self):
        for url in ("https://www.paytr.com/odeme/guvenli/x", "https://pay.paytr.com/x"):
            tx = self._pay(trpay_page_url=url)
            self.assertEqual(self._open(tx).headers["Location"], url)
            self.assertEqual((tx.state, bool(tx.trpay_activity_id)), ("draft", False))

    def test_nobody_is_sent_anywhere_else(self):
        for url in (
            "https://evil.example/odeme",
            "https://www.paytr.com.evil.example/x",
            "https://evilpaytr.com/x",
            "http://www.paytr.com/x",
            "https://www.paytr.com@evil.example/x",
            "javascript:alert('evil')",
            "//evil.example/x",
            "/web",
        ):
            with self.subTest(url=url):
                self._assert_refused(self._pay(trpay_page_url=url))

    def test_no_script_comes_from_anywhere_else(self):
        page = "https://www.paytr.com/odeme/guvenli/x"
        script = "https://evil.example/iframeResizer.min.js"
        self._assert_refused(self._pay(trpay_page_url=page, trpay_resizer_url=script))

    def test_a_sandbox_is_for_tests_only(self):
        tx = self._pay()
        self._open(tx)
        tx.trpay_resizer_url = False
        self.assertEqual(self._open(tx).headers["Location"], tx.trpay_page_url)
        self.provider.state = "enabled"
        self._assert_refused(tx)

    def test_staff_are_told_once(self):
        tx = self._pay(trpay_page_url="https://evil.example/x")
        self._assert_refused(tx)
        note = tx.trpay_activity_id.note
        self._open(tx)
        self.assertEqual(tx.trpay_activity_id.note, note)

    def test_a_payment_whose_keys_are_gone_is_not_shown(self):
        tx = self._pay(trpay_page_url="https://www.paytr.com/x")
        self.provider.write({"state": "disabled", "paytr_merchant_key": False})
        response = self._open(tx)
        self.assertTrue(response.headers["Location"].endswith(tx._trpay_route("status")))
        self.assertEqual(tx.state, "error")


@tagged("post_install", "-at_install")
class TestFormAddress(PlatformodeCommon, PaymentHttpCommon):
    def test_a_card_is_sent_to_the_provider_only(self):
        self.provider.trpay_flow = "card_3d"
        tx = self._pay(trpay_refs={"flow": "card_3d"})
        tx.trpay_page_url = tx._trpay_route("card")
        self.env.flush_all()
        with self._platformode():
            page = self.url_open(tx._trpay_route("card"))
        self.assertIn(f'action="{BASE}/api/paySmart3D"', page.text)

    def test_a_page_that_has_moved_is_told(self):
        tx = self._pay()
        link = "https://pay.newbrand.example/page/abc"
        self.env.flush_all()
        with self._platformode(link={"status": True, "status_code": 100, "link": link}):
            response = self.url_open(tx._trpay_route("start"), allow_redirects=False)
        self.env.invalidate_all()
        self.assertTrue(response.headers["Location"].endswith(tx._trpay_route("status")))
        self.assertEqual(tx.state, "error")
        self.assertIn("pay.newbrand.example", tx.trpay_activity_id.note)
