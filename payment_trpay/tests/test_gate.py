import requests

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from ..gateways.base import Money, Outcome, Reason, State
from .common import TOKEN_URL, PayTRCommon
from .common_platformode import PlatformodeCommon

TOKEN = {"status": "success", "token": "28cc613c3d7633cfa4ed0956fdf901e05cf9d9cc0c2ef8db54fa"}


class GateCommon:
    """Orders of 49 lira, and what happens to them before or while their customer pays."""

    def _happen(self, what, tx):
        """Let something happen to the order of a payment.

        :return: The reason for which nothing is asked of its customer any more.
        """
        order = tx.sale_order_ids
        match what:
            case "paid in another tab":
                self._settle(self._pay(sale_order_ids=[Command.set(order.ids)]))
                return Reason.ALREADY_PAID
            case "reserved in another tab":
                other = self._pay(sale_order_ids=[Command.set(order.ids)])
                other._set_authorized()
                return Reason.ALREADY_PAID
            case "sent in another tab":
                other = self._pay(sale_order_ids=[Command.set(order.ids)])
                other.trpay_sent = other.create_date
                return Reason.PAYMENT_ON_THE_WAY
            case "under review in another tab":
                other = self._pay(sale_order_ids=[Command.set(order.ids)])
                other._trpay_park("another amount")
                return Reason.PAYMENT_ON_THE_WAY
            case "canceled":
                order._action_cancel()
                return Reason.NOT_AVAILABLE
            case "deleted":
                order.unlink()
                return Reason.NOT_AVAILABLE
            case "cheaper":
                order.order_line.price_unit = 48.99
                return Reason.AMOUNT_CHANGED
            case "in another currency":
                dollars = self.env["product.pricelist"].create(
                    {"name": "$", "currency_id": self._enable_currency("USD").id}
                )
                order.pricelist_id = dollars
                return Reason.AMOUNT_CHANGED
            case "free":
                order.order_line.price_unit = 0
                return Reason.ALREADY_PAID
        raise ValueError(what)

    HAPPENINGS = (
        "paid in another tab",
        "reserved in another tab",
        "sent in another tab",
        "under review in another tab",
        "canceled",
        "deleted",
        "cheaper",
        "in another currency",
        "free",
    )

    def _settle(self, tx):
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(round(tx.amount * 100), "TRY")))
        self.assertEqual(tx.state, "done")

    def _assert_ended(self, tx, reason):
        self.assertEqual((tx.state, tx.state_message), ("cancel", str(const.REASONS[reason])))


@tagged("post_install", "-at_install")
class TestGateOfPages(GateCommon, PayTRCommon, PaymentHttpCommon):
    # PayTR reserves nothing.
    HAPPENINGS_OF_PAGES = tuple(what for what in GateCommon.HAPPENINGS if "reserved" not in what)

    def _show(self, tx):
        """Open the page of a payment, or reload it. Returns the response, and what was posted."""
        self.env.flush_all()
        with self._answers((TOKEN_URL, TOKEN)) as psp:
            response = self.url_open(tx._trpay_route("start"))
            posted = [call for call in psp.calls if call.request.url == TOKEN_URL]
        self.env.invalidate_all()
        self.assertEqual(response.status_code, 200)
        return response, len(posted)

    def test_what_is_not_owed_opens_no_page(self):
        for what in self.HAPPENINGS_OF_PAGES:
            with self.subTest(what):
                tx = self._pay(sale_order_ids=[Command.set(self._order(49).ids)])
                reason = self._happen(what, tx)
                response, posted = self._show(tx)
                self.assertEqual(posted, 0)
                self._assert_ended(tx, reason)
                self.assertIn(str(const.REASONS[reason]), response.text)
                self.assertIn("Go back", response.text)

    def test_an_open_page_is_not_shown_again(self):
        for what in self.HAPPENINGS_OF_PAGES:
            with self.subTest(what):
                tx = self._pay(sale_order_ids=[Command.set(self._order(49).ids)])
                response, posted = self._show(tx)
                self.assertEqual((posted, "o_trpay_frame" in response.text), (1, True))
                reason = self._happen(what, tx)
                response, posted = self._show(tx)
                self.assertEqual((posted, "o_trpay_frame" in response.text), (0, False))
                self._assert_ended(tx, reason)

    def test_money_that_comes_all_the_same_is_believed(self):
        tx = self._pay(sale_order_ids=[Command.set(self._order(49).ids)])
        self._show(tx)
        self._happen("paid in another tab", tx)
        self._show(tx)
        self._settle(tx)

    def test_what_is_owed_opens_a_page(self):
        order = self._order(98)
        values = {"sale_order_ids": [Command.set(order.ids)]}
        self._settle(self._pay(**values))
        self._pay(**values)._set_error("no")
        self._pay(**values)  # A draft in another tab is no money yet.
        _response, posted = self._show(self._pay(**values))
        self.assertEqual(posted, 1)

    def test_nothing_is_no_amount_to_pay(self):
        for amount in (0, -5, 0.001):
            with self.subTest(amount):
                tx = self._pay(amount=amount)
                _response, posted = self._show(tx)
                self.assertEqual(posted, 0)
                self._assert_ended(tx, Reason.NOTHING_TO_PAY)

    def test_nothing_of_an_invoice_is_no_amount_to_pay(self):
        invoice = self._invoice()
        for amount in (0, -5, 0.001, 49.01, 1e12):
            with self.subTest(amount):
                tx = self._choose(invoice, amount)
                _response, posted = self._show(tx)
                self.assertEqual((posted, tx.state), (0, "cancel"))
        tx = self._choose(invoice, 10)
        self.assertEqual(self._show(tx)[1], 1)

    def _choose(self, invoice, amount):
        """Choose to pay an amount of an invoice, as its page does."""
        self.env.flush_all()
        route = self._build_url(f"/invoice/transaction/{invoice.id}")
        self.make_jsonrpc_request(
            route,
            {
                "access_token": invoice._portal_ensure_token(),
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "token_id": None,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "/my",
                "amount": amount,
            },
        )
        self.env.invalidate_all()
        return invoice.transaction_ids.sorted("id")[-1]

    def _invoice(self):
        if "account.move" not in self.env:
            self.skipTest("no accounting")
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "currency_id": self.lira.id,
                "invoice_line_ids": [
                    Command.create({"name": "Whitening", "price_unit": 49, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_three_invoices_of_which_one_was_paid_are_not_nothing(self):
        invoices = self._invoice() | self._invoice() | self._invoice()
        tx = self._pay(amount=147, invoice_ids=[Command.set(invoices.ids)])
        self._settle(self._pay(invoice_ids=[Command.set(invoices[1].ids)]))
        _response, posted = self._show(tx)
        self.assertEqual(posted, 0)
        self._assert_ended(tx, Reason.AMOUNT_CHANGED)
        self._settle(self._pay(amount=98, invoice_ids=[Command.set((invoices - invoices[1]).ids)]))
        tx = self._pay(amount=147, invoice_ids=[Command.set(invoices.ids)])
        self._show(tx)
        self._assert_ended(tx, Reason.ALREADY_PAID)


@tagged("post_install", "-at_install")
class TestGateOfCards(GateCommon, PlatformodeCommon):
    def _paying(self, **values):
        return {"sale_order_ids": [Command.set(self._order(49).ids)]} | values

    def test_no_card_is_charged_for_what_is_not_owed(self):
        self.provider.trpay_flow = "card_2d"
        for what in self.HAPPENINGS:
            with self.subTest(what):
                tx = self._pay(**self._paying())
                self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start())
                self.assertEqual(tx.trpay_page_url, tx._trpay_route("card"))
                reason = self._happen(what, tx)
                self.assertEqual(self._charge(tx), [])
                self._assert_ended(tx, reason)
                self.assertFalse(tx.trpay_sent)

    def test_no_stored_card_is_charged_for_what_is_not_owed(self):
        token = self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "partner_id": self.partner.id,
                "provider_ref": "KELUUKPQBCGYLV7F",
                "trpay_customer": str(self.partner.id),
            }
        )
        for what in self.HAPPENINGS:
            with self.subTest(what):
                tx = self._pay(**self._paying(operation="offline", token_id=token.id))
                reason = self._happen(what, tx)
                charge = lambda env, tx=tx: tx.with_env(env)._send_payment_request()  # noqa: E731
                self.assertEqual(self._answering(charge), [])
                self._assert_ended(tx, reason)

    def test_nothing_is_collected_that_is_not_owed(self):
        for what in self.HAPPENINGS:
            with self.subTest(what):
                tx = self._resumed(**self._paying())
                reason = self._happen(what, tx)
                sent = self._resume(tx, self._back(tx))
                self.assertEqual(sent[-1][1]["status"], "cancel")
                self._assert_ended(tx, reason)

    def test_of_two_tabs_one_is_collected(self):
        values = self._paying()
        first, second = (self._resumed(**values) for _tab in range(2))
        sent = self._resume(first, self._back(first), complete=requests.ReadTimeout())
        self.assertEqual((sent[-1][1]["status"], first.state), ("complete", "pending"))
        sent = self._resume(second, self._back(second))
        self.assertEqual(sent[-1][1]["status"], "cancel")
        self._assert_ended(second, Reason.PAYMENT_ON_THE_WAY)

    def test_of_two_tabs_one_is_charged(self):
        self.provider.trpay_flow = "card_2d"
        values = self._paying()
        first, second = (self._pay(**values) for _tab in range(2))
        for tx in (first, second):
            self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start())
        self._charge(first, paySmart2D=requests.ReadTimeout())
        self.assertEqual(first.state, "pending")
        self.assertEqual(self._charge(second), [])
        self._assert_ended(second, Reason.PAYMENT_ON_THE_WAY)

    def test_two_parts_are_both_charged(self):
        self.provider.trpay_flow = "card_2d"
        values = {"sale_order_ids": [Command.set(self._order(98).ids)]}
        for tx in (self._pay(**values), self._pay(**values)):
            self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start())
            self._charge(tx, paySmart2D=requests.ReadTimeout())
            self.assertEqual(tx.state, "pending")
