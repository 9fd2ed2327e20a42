import json
from datetime import timedelta
from unittest.mock import patch

import requests
from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from ..gateways.base import Outcome, State
from ..gateways.platformode.hash import seal
from ..models import documents
from ..models.trpay_access import SharedKeyring
from .common_platformode import BASE, SECRET, PlatformodeCommon

NOTIFY_LOGGER = "odoo.addons.payment_trpay.controllers.notify"


@tagged("post_install", "-at_install")
class TestPlatformode(PlatformodeCommon):
    """What Platformode needs of the Odoo side, and PayTR does not."""

    def _service(self, name):
        return self.env["product.product"].create({"name": name, "taxes_id": False})

    def _held(self, amount=49.0):
        tx = self._pay(amount=amount, trpay_refs={"hold": True})
        tx._trpay_settle(Outcome(state=State.AUTHORIZED, amount=tx._trpay_money(amount)))
        self.assertEqual(tx.state, "authorized")
        return tx

    # === STARTING === #

    def test_the_branded_page(self):
        tx = self._pay()
        link = f"{BASE}/page/abc"
        _token, (service, form) = self._answering(
            lambda env: tx.with_env(env)._trpay_start(),
            link={"status": True, "status_code": 100, "link": link},
        )
        self.assertEqual((tx.state, tx.trpay_page_url), ("draft", link))
        self.assertEqual((service, form["sale_web_hook_key"]), ("link", "odoo_sale"))

    def test_what_it_is_for(self):
        if "sale.order" not in self.env:
            self.skipTest("no sales")
        tax = self.env["account.tax"].create(
            {"name": "KDV", "amount": 20, "company_id": self.env.company.id}
        )
        product = self.env["product.product"].create({"name": "Fırça", "taxes_id": False})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "currency_id": self.lira.id,
                "order_line": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "product_uom_qty": 3,
                            "price_unit": 10,
                            "tax_ids": [(6, 0, tax.ids)],
                        },
                    )
                ],
            }
        )
        tx = self._pay(amount=order.amount_total, sale_order_ids=[(6, 0, order.ids)])
        items = [(item.kind, item.amount.minor, item.quantity) for item in tx._trpay_items()]
        self.assertEqual(items, [("product", 3000, 3), ("tax", 600, 1)])
        part = self._pay(amount=10, sale_order_ids=[(6, 0, order.ids)])
        self.assertEqual(part._trpay_items(), ())

    def test_a_discount_and_quantities_reach_the_page(self):
        order = self._order(
            10,
            order_line=[
                Command.create({"product_id": self._service(name).id, **values})
                for name, values in (
                    ("Fırça", {"product_uom_qty": 3, "price_unit": 10}),
                    ("Muayene", {"product_uom_qty": 1, "price_unit": 24}),
                    ("Kupon", {"product_uom_qty": 1, "price_unit": -5}),
                )
            ],
        )
        tx = self._pay(amount=49, sale_order_ids=[Command.set(order.ids)])
        _token, (_service, form) = self._answering(
            lambda env: tx.with_env(env)._trpay_start(),
            link={"status": True, "status_code": 100, "link": f"{BASE}/page/abc"},
        )
        invoice = json.loads(form["invoice"])
        lines = [(line["name"], line["price"], line["quantity"]) for line in invoice["items"]]
        self.assertEqual(lines, [("3 x Fırça", "27.23", 1), ("Muayene", "21.77", 1)])
        self.assertEqual((invoice["total"], invoice["discount"]), ("49.00", "5.00"))

    def test_an_invoice_has_discounts_too(self):
        if "account.move" not in self.env:
            self.skipTest("no invoices")
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "currency_id": self.lira.id,
                "invoice_line_ids": [
                    Command.create({"name": name, "price_unit": price, "tax_ids": False})
                    for name, price in (("Muayene\nRoom 2", 60), ("Kapora", -11))
                ],
            }
        )
        tx = self._pay(amount=49, invoice_ids=[Command.set(invoice.ids)])
        items = [(item.kind, item.name, item.amount.minor) for item in tx._trpay_items()]
        self.assertEqual(items, [("product", "Muayene", 6000), ("discount", "Kapora", -1100)])

    def test_what_a_single_payment_costs(self):
        row = {
            "card_program": "WORLD",
            "merchant_commission_percentage": "2.50",
            "merchant_commission_fixed": "0.10",
            "user_commission_percentage": "1.00",
            "user_commission_fixed": "0.00",
        }
        action = {}
        self._answering(
            lambda env: action.update(self.provider.with_env(env).action_trpay_view_installments()),
            commissions={"status_code": 100, "data": {"1": [row]}},
        )
        costs = self.env["trpay.installment"].search(action["domain"])
        self.assertEqual((costs.installments, costs.total, costs.fee), ("01", 101, 2.63))

    def test_the_number_of_instalments_is_chosen_before_the_page_opens(self):
        self.provider.trpay_max_installments = "3"
        tx = self._pay()
        sent = self._answering(lambda env: tx.with_env(env)._trpay_start())
        self.assertEqual([service for service, _body in sent], ["token"])
        self.assertEqual(tx.trpay_page_url, tx._trpay_route("installments"))
        self.assertEqual(tx._trpay_choices(), [1, 2, 3])
        link = {"status": True, "status_code": 100, "link": f"{BASE}/page/abc"}
        for count, opened in ((4, []), (None, []), (3, ["3"]), (2, [])):
            sent = self._answering(lambda env: tx.with_env(env)._trpay_choose(count), link=link)  # noqa: B023
            forms = [form for service, form in sent if service == "link"]
            self.assertEqual([form["installments_number"] for form in forms], opened)
        self.assertEqual((tx.trpay_installments, tx.trpay_page_url), (3, link["link"]))
        self.assertEqual(tx._trpay_choices(), [])

    # === TRUTH === #

    def test_only_what_platformode_answers_makes_it_paid(self):
        tx = self._pay()
        sent = self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual((tx.state, tx.trpay_surcharge, tx.trpay_fee), ("done", 1.1, 1.18))
        self.assertEqual(tx.trpay_settles_on, fields.Date.to_date("2026-12-01"))
        self.assertEqual([service for service, _body in sent], ["token", "checkstatus"])

    def test_another_amount_is_parked(self):
        tx = self._pay()
        self._find_out(tx, checkstatus=self._status(tx, product_price="4.90"))
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_review_reason)

    def test_what_was_never_paid_stays_a_draft(self):
        tx = self._pay()
        for code in (31, 69):
            self._find_out(tx, checkstatus={"status_code": code})
            self.assertEqual(tx.state, "draft")

    # === IN ANOTHER CURRENCY === #

    def _listed(self, tx, currency="USD", price=49):
        row = {"invoice_id": tx.reference, "product_price": price, "currency_code": currency}
        return {"status_code": 100, "data": [row]}

    def _pay_in_dollars(self, **values):
        dollar = self._enable_currency("USD")
        return self._pay(currency_id=dollar.id, **values)

    def test_dollars_are_offered(self):
        dollar = self._enable_currency("USD")
        self.assertIn(dollar, self.provider._get_supported_currencies())

    def test_dollars_are_paid_when_the_list_shows_them(self):
        tx = self._pay_in_dollars()
        none = {"status_code": 100, "data": []}
        answers = {"checkstatus": self._status(tx), "getTransactions": none}
        self._find_out(tx, **answers)
        self.assertEqual(tx.state, "pending")
        self.assertIn("currency", tx.trpay_provider_message)
        self.assertFalse(tx.trpay_review_reason)
        self.assertTrue(tx.trpay_next_inquiry)
        self._find_out(tx, **answers | {"getTransactions": self._listed(tx)})
        self.assertEqual((tx.state, tx.trpay_surcharge, tx.trpay_fee), ("done", 1.1, 1.18))

    def test_who_paid_as_many_liras_is_parked(self):
        tx = self._pay_in_dollars()
        listed = self._listed(tx, "TRY")
        self._find_out(tx, checkstatus=self._status(tx), getTransactions=listed)
        self.assertEqual(tx.state, "pending")
        self.assertIn("49.00 TRY", tx.trpay_review_reason)
        self.assertFalse(tx.trpay_surcharge)

    def test_dollars_without_a_row_are_told_in_the_end(self):
        tx = self._pay_in_dollars()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '11 days'"
            " WHERE id = %s",
            [tx.id],
        )
        tx.invalidate_recordset()
        tx.trpay_next_inquiry = fields.Datetime.now()
        none = {"status_code": 100, "data": []}
        self._find_out(tx, checkstatus=self._status(tx), getTransactions=none)
        self.assertIn("in which currency", tx.trpay_activity_id.note)

    def test_dollars_are_reserved_captured_and_given_back(self):
        tx = self._pay_in_dollars(trpay_refs={"hold": True})
        held = self._status(tx, transaction_status="Pending", transaction_type="Pre-Authorization")
        self._find_out(tx, checkstatus=held, getTransactions=self._listed(tx))
        self.assertEqual(tx.state, "authorized")
        capture = tx._capture(20)
        self._find_out(capture, confirmPayment={"status_code": 100})
        refund = capture._refund(5)
        self._find_out(refund, refund={"status_code": 100, "ref_no": "r1"})
        self.assertEqual((capture.state, refund.state), ("done", "done"))
        self.assertEqual(refund.currency_id.name, "USD")

    # === RESERVED === #

    def test_a_part_is_captured_and_the_rest_let_go(self):
        tx = self._held()
        capture = tx._capture(20)
        self.assertEqual(capture.state, "pending")
        answer = {"status_code": 100, "transaction_status": "Completed", "order_id": "1"}
        _token, (_service, body) = self._find_out(capture, confirmPayment=answer)
        self.assertEqual((body["invoice_id"], body["total"]), (tx.reference, "20.00"))
        self.assertEqual((capture.state, tx.state), ("done", "done"))
        rest = tx.child_transaction_ids - capture
        self.assertEqual((rest.state, rest.amount), ("cancel", 29))
        self.assertEqual(capture._trpay_amount_left(), 20)
        self.assertEqual(tx._trpay_amount_left(), 0)

    def test_what_was_captured_in_part_is_owed_no_more(self):
        tx = self._held()
        order = self._order(49)
        tx.sale_order_ids = order
        self.assertEqual(documents.owed(order), 0)
        capture = tx._capture(20)
        self._find_out(capture, confirmPayment={"status_code": 100})
        self.assertEqual(documents.owed(order), 29)
        refund = capture._refund(5)
        self._find_out(refund, refund={"status_code": 100, "ref_no": "r1"})
        self.assertEqual(documents.owed(order), 34)

    def test_the_rest_of_what_was_captured_in_part_is_not_paid_twice(self):
        tx = self._held()
        order = self._order(49)
        tx.sale_order_ids = order
        self._find_out(tx._capture(20), confirmPayment={"status_code": 100})
        for amount, excess in ((29, 0), (1, 1)):
            rest = self._held(amount)
            rest.sale_order_ids = order
            self.assertEqual(documents.excess(order, rest), excess)

    def test_a_captured_payment_is_refunded_by_its_own_name(self):
        tx = self._held()
        capture = tx._capture()
        self._find_out(capture, confirmPayment={"status_code": 100})
        refund = capture._refund(10)
        ((_service, body),) = self._find_out(refund, refund={"status_code": 100, "ref_no": "r1"})
        self.assertEqual((body["invoice_id"], body["amount"]), (tx.reference, "10.00"))
        self.assertEqual(refund.state, "done")

    def test_all_is_let_go(self):
        tx = self._held()
        void = tx._void()
        _token, (_service, body) = self._find_out(void, confirmPayment={"status_code": 100})
        self.assertEqual(body["status"], "2")
        self.assertEqual((void.state, tx.state), ("cancel", "cancel"))

    def test_what_is_reserved_is_ended_once(self):
        tx = self._held()
        tx._capture(20)
        self.assertEqual(tx._capture(20).state, "error")
        self.assertEqual(tx._void().state, "error")

    def test_no_part_is_let_go(self):
        tx = self._held()
        self.assertEqual(tx._void(20).state, "error")
        self.assertEqual(tx.state, "authorized")

    def test_no_more_than_is_reserved_is_captured(self):
        capture = self._held()._create_child_transaction(50)
        with self.assertRaises(ValidationError):
            capture._send_capture_request()

    def test_a_capture_without_an_answer_is_asked_about_before_it_is_sent_again(self):
        tx = self._held()
        capture = tx._capture()
        self._find_out(capture, confirmPayment=requests.ReadTimeout())
        self.assertEqual(capture.state, "pending")
        held = self._status(tx, transaction_type="Pre-Authorization")
        sent = self._find_out(capture, checkstatus=held)
        self.assertEqual([service for service, _body in sent], ["checkstatus"])
        capture.trpay_sent -= timedelta(minutes=10)
        done = {"status_code": 100}
        sent = self._find_out(capture, capture, checkstatus=held, confirmPayment=done)
        self.assertEqual([service for service, _body in sent], ["checkstatus", "confirmPayment"])
        self.assertEqual(capture.state, "done")

    def test_a_capture_that_got_through_without_an_answer(self):
        tx = self._held()
        capture = tx._capture()
        lost = {"confirmPayment": requests.ReadTimeout(), "checkstatus": self._status(tx)}
        self._find_out(capture, capture, **lost)
        self.assertEqual((capture.state, tx.state), ("done", "done"))

    def test_a_refused_capture_leaves_it_reserved(self):
        tx = self._held()
        capture = tx._capture()
        self._find_out(capture, confirmPayment={"status_code": 105, "status_description": "no"})
        self.assertEqual((capture.state, tx.state), ("error", "authorized"))
        self.assertTrue(capture.trpay_activity_id)

    def test_a_reservation_that_nobody_asked_for_is_parked(self):
        """The browser carries the form: who adds a wish to it must not get anything for nothing."""
        tx = self._pay()
        held = self._status(tx, transaction_status="Pending", transaction_type="Pre-Authorization")
        self._find_out(tx, checkstatus=held)
        self.assertEqual(tx.state, "pending")
        self.assertIn("reserved", tx.trpay_review_reason)

    def test_what_is_reserved_is_asked_about_every_day(self):
        tx = self._held()
        self.assertGreater(tx.trpay_next_inquiry, fields.Datetime.now() + timedelta(hours=11))
        held = self._status(tx, transaction_type="Pre-Authorization")
        self._find_out(tx, checkstatus=held)
        self.assertEqual(tx.state, "authorized")
        self.assertTrue(tx.trpay_next_inquiry)

    def test_what_expired_is_told_to_staff(self):
        tx = self._held()
        self._find_out(tx, checkstatus=self._status(tx, status_code=41))
        self.assertEqual(tx.state, "cancel")
        self.assertIn("before it was captured", tx.trpay_activity_id.note)

    def test_what_was_captured_in_the_panel_is_paid(self):
        tx = self._held()
        self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual((tx.state, tx.trpay_next_inquiry), ("done", False))

    def test_what_is_being_captured_is_asked_about_by_the_capture(self):
        tx = self._held()
        tx._capture(20)
        self.assertEqual(self._find_out(tx), [])
        self.assertFalse(tx.trpay_next_inquiry)

    # === COLLECTED AFTER THE SHOP WAS ASKED === #

    def test_only_a_card_form_with_3d_secure_is_resumed(self):
        link = {"status": True, "link": "https://app.platformode.com.tr/x"}
        self.provider.trpay_asks_again = True
        for flow, is_resumed in (("page", False), ("card_2d", False), ("card_3d", True)):
            self.provider.trpay_flow = flow
            tx = self._pay()
            self._answering(lambda env, tx=tx: tx.with_env(env)._trpay_start(), link=link)
            self.assertEqual(tx._trpay_order().resumed, is_resumed, flow)

    def test_the_money_is_collected_once(self):
        tx = self._resumed()
        message = self._back(tx)
        sent = self._resume(tx, message, checkstatus=self._status(tx))
        sent += self._resume(tx, message, checkstatus=self._status(tx))
        completed = [body for service, body in sent if service == "complete"]
        self.assertEqual([body["status"] for body in completed], ["complete"])
        self.assertEqual(tx.state, "done")

    def test_a_completion_that_got_lost_is_sent_again(self):
        tx = self._resumed()
        self._resume(tx, self._back(tx), complete=requests.ReadTimeout())
        unknown = {"status_code": 69, "status_description": "not processed yet"}
        done = {"status_code": 100, "data": {"invoice_id": tx.reference}}
        self.assertNotIn("complete", dict(self._find_out(tx, checkstatus=unknown, complete=done)))
        tx.trpay_sent -= const.SETTLING + timedelta(seconds=1)
        sent = self._find_out(tx, checkstatus=[unknown, self._status(tx)], complete=done)
        self.assertEqual([service for service, _body in sent if service != "token"][1], "complete")
        self.assertEqual(tx.state, "done")
        self.assertEqual(self._find_out(tx, checkstatus=unknown), [])

    def test_a_completion_is_sent_again_once(self):
        tx = self._resumed()
        self._resume(tx, self._back(tx), complete=requests.ReadTimeout())
        unknown = {"status_code": 69, "status_description": "not processed yet"}
        again = []
        for _time in range(3):
            tx.trpay_sent -= const.SETTLING + timedelta(seconds=1)
            sent = self._find_out(tx, checkstatus=unknown, complete=requests.ReadTimeout())
            again += [service for service, _body in sent if service == "complete"]
        self.assertEqual(len(again), 1)

    def test_no_answer_to_the_completion_is_no_failure(self):
        tx = self._resumed()
        self._resume(tx, self._back(tx), complete=requests.ReadTimeout())
        self.assertEqual(tx.state, "pending")
        self._find_out(tx, checkstatus=self._status(tx))
        self.assertEqual(tx.state, "done")

    @mute_logger("odoo.addons.payment_trpay.models.payment_resume")
    def test_who_did_not_confirm_may_still_do_so(self):
        tx = self._resumed()
        for message in (
            {},
            {"x": "y"},
            self._back(tx, secret="x" * 32),
            self._back(tx, payment_status="0"),
            self._back(tx, md_status="0"),
        ):
            self.assertEqual(self._resume(tx, message), [])
            self.assertEqual((tx.state, tx.trpay_sent), ("draft", False))

    def test_whose_payment_the_psp_ends_is_not_asked(self):
        tx = self._pay()
        self.assertEqual(self._resume(tx, self._back(tx)), [])

    # === CARDS WITHOUT 3D SECURE === #

    def _card_form(self):
        self.provider.trpay_flow = "card_2d"
        tx = self._pay()
        self._answering(lambda env: tx.with_env(env)._trpay_start())
        self.assertEqual(tx.trpay_page_url, tx._trpay_route("card"))
        return tx

    def test_a_card_is_charged_once(self):
        tx = self._card_form()
        charged = {"paySmart2D": {"status_code": 100}, "checkstatus": self._status(tx)}
        sent = self._charge(tx, **charged) + self._charge(tx, **charged)
        self.assertEqual([service for service, _body in sent].count("paySmart2D"), 1)
        self.assertEqual(tx.state, "done")
        self.assertIsNone(tx._trpay_card_entry())

    def test_a_charge_that_may_have_been_made_is_no_failure(self):
        tx = self._card_form()
        refused = {"status_code": 3, "status_description": "in process"}
        self._charge(tx, paySmart2D={"status_code": 100}, checkstatus=refused)
        self.assertEqual(tx.state, "pending")

    def test_what_is_wrong_with_the_settings_is_told_to_staff_only(self):
        tx = self._card_form()
        answer = {"status_code": 14, "status_description": "Merchant Not Found"}
        self._charge(tx, paySmart2D=answer, checkstatus={"status_code": 31})
        self.assertEqual(tx.state, "error")
        self.assertNotIn("merchant key", tx.state_message)
        self.assertIn("merchant key", tx.trpay_activity_id.note)

    def test_the_flow_stays_the_one_that_was_begun(self):
        tx = self._card_form()
        self.provider.trpay_flow = "page"
        self.assertEqual(tx._trpay_card_entry().url, "")

    def test_who_tries_many_cards_is_stopped(self):
        for _number in range(const.MOST_REFUSED_CARDS):
            tx = self._pay()
            self.assertTrue(tx._trpay_may_try("203.0.113.9"))
            tx._set_error("no")
        tx = self._pay()
        self.assertFalse(tx._trpay_may_try("203.0.113.9"))
        self.assertTrue(tx._trpay_may_try("203.0.113.10"))
        self.assertNotIn("203.0.113", str(tx.trpay_refs))

    def test_a_card_that_was_sent_is_not_sent_again(self):
        self.provider.trpay_flow = "card_3d"
        tx = self._pay()
        self._answering(lambda env: tx.with_env(env)._trpay_start())
        self._answering(lambda env: tx.with_env(env)._trpay_leave())
        self.assertTrue(tx.trpay_refs["left"])
        self.assertEqual(tx.state, "draft")

    def test_strangers_look_up_few_cards(self):
        tx = self._card_form()
        plans = {"status_code": 100, "data": []}

        def look_up(env):
            for number in range(15):
                tx.with_env(env)._trpay_describe_plans(f"4111{number:02}")

        sent = self._answering(look_up, getpos=plans)
        self.assertEqual([service for service, _body in sent].count("getpos"), const.MOST_LOOKUPS)

    # === REFUNDS === #

    def test_two_refunds_are_not_taken_for_each_other(self):
        tx = self._paid()
        first, second = tx._refund(10), tx._refund(10)
        self._find_out(first, refund=requests.ReadTimeout())
        self.assertEqual((first.state, bool(first.trpay_sent)), ("pending", True))
        self.assertEqual(self._find_out(second, refund={"status_code": 100}), [])
        for _unknown_then_sent_again in range(2):
            with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
                self._find_out(first, refund={"status_code": 100})
        self._find_out(second, refund={"status_code": 100})
        self.assertEqual((first.state, second.state), ("done", "done"))

    def test_a_refund_that_is_only_registered_stays_pending_until_it_is_made(self):
        tx = self._paid()
        refund = tx._refund(10)
        self._find_out(refund, refund={"status_code": 101})
        self.assertEqual(refund.state, "pending")
        self._find_out(refund, checkstatus=self._status(tx, total_refunded_amount=10))
        self.assertEqual(refund.state, "done")

    def test_a_refund_that_is_too_soon_after_another_is_sent_again_with_its_number(self):
        tx = self._paid()
        refund = tx._refund(10)
        later = {"status_code": 49, "status_description": "Please wait at least 30 seconds"}
        _token, first = self._find_out(refund, refund=later)
        self.assertEqual(refund.state, "pending")
        (second,) = self._find_out(refund, refund={"status_code": 100})
        numbers = {body["refund_transaction_id"] for _service, body in (first, second)}
        self.assertEqual((refund.state, numbers), ("done", {refund.reference}))

    # === ACCESS === #

    def test_one_token_for_every_call(self):
        first, second = self._pay(), self._pay()
        sent = self._find_out(first, second, checkstatus={"status_code": 69})
        self.assertEqual([service for service, _body in sent].count("token"), 1)

    def test_a_token_is_kept_until_it_ends(self):
        keyring = SharedKeyring(self.env)
        names = iter("abc")

        def obtain(**how):
            return keyring.obtain("x", lambda: next(names), seconds=60, **how)

        self.assertEqual((obtain(), obtain()), ("a", "a"))
        self.assertEqual((obtain(stale="a"), obtain(stale="a")), ("b", "b"))
        later = fields.Datetime.now() + timedelta(minutes=2)
        with patch.object(fields.Datetime, "now", return_value=later):
            self.assertEqual(obtain(), "c")
            self.env["trpay.access"]._gc_expired()

    def test_who_comes_after_a_failure_does_not_wait(self):
        first, second = self._pay(), self._pay()
        dead = {"token": requests.ReadTimeout()}
        with patch.dict(SharedKeyring._failed, clear=True):
            sent = self._answering(
                lambda env: [
                    (first | second)[number].with_env(env)._trpay_start() for number in (0, 1)
                ],
                **dead,
            )
        self.assertEqual([service for service, _body in sent], ["token"])
        self.assertEqual((first.state, second.state), ("error", "error"))

    def test_nothing_of_it_can_be_read_without_rights(self):
        self.assertTrue(self.env["trpay.access"]._fields["value"].groups)

    def test_the_connection(self):
        self.assertEqual(self._test_connection(installments={"installments": [1, 2, 3]}), "ok")
        for answers, said in (
            ({"token": {"status_code": 30, "status_description": "Invalid"}}, "app secret"),
            ({"installments": {"status_code": 14, "status_description": "?"}}, "merchant key"),
        ):
            self.assertEqual(self._test_connection(**answers), "failed")
            self.assertIn(said, self.provider.trpay_connection_message)

    def test_who_does_not_notify_is_told_of(self):
        self.env["ir.config_parameter"].set_param("payment_trpay.endpoint.platformode", "")
        self.env["ir.config_parameter"].set_param("web.base.url", "https://klinik.example.com")
        self.provider.platformode_sale_hook = False
        self.provider.invalidate_recordset()
        self.assertIn("key name", self.provider.trpay_warnings)


@tagged("post_install", "-at_install")
class TestPlatformodeHooks(PlatformodeCommon, PaymentHttpCommon):
    def _notify(self, message, kind=""):
        self.env.flush_all()
        url = self._build_url(f"/payment/platformode/notify{kind}")
        response = self.url_open(url, data=message, method="POST")
        self.env.invalidate_all()
        return response

    def test_a_hook_is_acknowledged_and_asked_about(self):
        tx = self._pay()
        message = self._hook(tx)
        for _copy in range(2):
            response = self._notify(message)
            self.assertEqual((response.status_code, response.text), (200, "OK"))
        self.assertEqual(len(tx.trpay_notification_ids), 1)
        self.assertEqual(tx.state, "draft")
        self.assertLessEqual(tx.trpay_next_inquiry, fields.Datetime.now())

    @mute_logger(NOTIFY_LOGGER)
    def test_a_forged_hook_changes_nothing(self):
        tx, other = self._pay(), self._pay()
        failure = self._hook(tx, status="0")
        iv, rest = failure["Hash_key"].split(":", 1)
        flipped = chr(ord(iv[0]) ^ 1) + iv[1:]
        for message, status in (
            (self._hook(tx, secret="x" * 32), 403),
            (self._hook(other) | {"invoice_id": tx.reference}, 403),
            (self._hook(tx) | {"Hash_key": "x"}, 403),
            (self._hook(tx) | {"Hash_key": ""}, 400),
            (self._hook(tx, invoice_id="unknown"), 404),
            (failure | {"Hash_key": f"{flipped}:{rest}", "status": "1"}, 200),
        ):
            self.assertEqual(self._notify(message).status_code, status, message)
        self.assertEqual((tx.state, other.state), ("draft", "draft"))
        self._find_out(tx, checkstatus=self._status(tx, status_code=41))
        self.assertEqual(tx.state, "error")

    def test_a_refund_s_hook_asks_about_the_refund(self):
        tx = self._paid()
        refund = tx._refund(10)
        self._find_out(refund, refund={"status_code": 101})
        refund.trpay_last_inquiry -= timedelta(minutes=5)
        hook = self._hook(tx, amount="10.00")
        hook["hash_key"] = seal(SECRET, "Completed", "10.00", tx.reference, hook["order_id"])
        del hook["Hash_key"]
        self.assertEqual(self._notify(hook, "/refund").status_code, 200)
        self.assertLessEqual(refund.trpay_next_inquiry, fields.Datetime.now())
        self.assertEqual(tx.state, "done")

    def test_a_hook_of_a_success_after_a_failure_is_asked_about(self):
        tx = self._pay()
        tx._set_error("no")
        tx.trpay_next_inquiry = False
        self._notify(self._hook(tx, status="Failed"))
        self.assertFalse(tx.trpay_next_inquiry)
        self._notify(self._hook(tx))
        self.assertTrue(tx.trpay_next_inquiry)

    def test_a_stored_hook_can_be_read_again(self):
        tx = self._pay()
        self._notify(self._hook(tx))
        tx.trpay_next_inquiry = False
        tx.trpay_notification_ids.action_replay()
        self.assertTrue(tx.trpay_next_inquiry)
