from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.payment_trpay.models import documents

from .common import CaptureCommon


@tagged("post_install", "-at_install")
class TestCapture(CaptureCommon):
    # === WHAT IS PAID === #

    def test_what_is_reserved_counts_as_in_core(self):
        tx = self._reserved()
        self.assertEqual(tx.state, "authorized")
        self.assertEqual((self.order.state, self.order.amount_paid), ("sale", 2290))

    def test_of_a_part_only_the_part_is_paid(self):
        tx = self._reserved()
        capture = tx._capture(1000)
        self.assertEqual(self.order.amount_paid, 2290)  # Platformode has not answered yet.
        self._end(capture)
        self.assertEqual((capture.state, tx.state), ("done", "done"))
        self.assertEqual(self.order.amount_paid, 1000)
        self.assertFalse(self.order._is_paid())

    def test_the_rest_can_be_asked_for_and_paid(self):
        self._end(self._reserved()._capture(1000))
        link = self.order._get_default_payment_link_values()
        self.assertEqual((link["amount"], link["amount_max"]), (1290, 1290))
        rest = self._reserved(amount=1290)
        self._end(rest._capture())
        self.assertEqual(self.order.amount_paid, 2290)
        self.assertTrue(self.order._is_paid())
        self.assertFalse(rest.trpay_activity_id)

    def test_all_of_it(self):
        tx = self._end(self._reserved()._capture())
        self.assertEqual(tx.child_transaction_ids.mapped("state"), ["done"])
        self.assertEqual(self.order.amount_paid, 2290)
        self.assertTrue(self.order._is_paid())

    def test_nothing_of_it(self):
        tx = self._end(self._reserved()._void())
        self.assertEqual((tx.state, self.order.amount_paid), ("cancel", 0))

    def test_a_capture_that_is_refused_leaves_it_reserved(self):
        tx = self._reserved()
        refused = {"status_code": 105, "status_description": "no"}
        self._find_out(tx._capture(1000), confirmPayment=refused)
        self.assertEqual((tx.state, self.order.amount_paid), ("authorized", 2290))

    def test_a_refund_is_not_asked_for_again(self):
        """As in core: what was given back was given back for a reason."""
        tx = self._end(self._reserved()._capture(1000))
        capture = tx.child_transaction_ids.filtered(lambda tx: tx.state == "done")
        refund = capture._refund(400)
        self._find_out(refund, refund={"status_code": 100, "ref_no": "r1"})
        self.assertEqual(refund.state, "done")
        self.assertEqual(self.order.amount_paid, 1000)

    def test_a_quotation_is_confirmed_by_what_was_captured_only(self):
        """Say, one who captures is quicker than the cron that would have confirmed it."""
        tx = self._pay(
            amount=2290,
            sale_order_ids=[Command.set(self.order.ids)],
            trpay_refs={"hold": True},
        )
        tx._set_authorized()
        self._end(tx._capture(1000))
        self.assertEqual(self.order.state, "draft")
        self.assertTrue(self.order._has_to_be_paid())
        self.assertFalse(tx.trpay_activity_id)

    def test_an_invoice_is_made_of_what_was_captured(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", True)
        self._end(self._reserved()._capture(1000))
        self.assertEqual(self.order.invoice_ids.mapped("amount_total"), [1000])

    def _invoice(self):
        self.order.action_confirm()
        invoice = self.order._create_invoices()
        invoice.action_post()
        return invoice

    def test_two_captures_of_one_invoice_are_one_too_many(self):
        invoice = self._invoice()
        values = {"invoice_ids": [Command.set(invoice.ids)], "sale_order_ids": False}
        first, second = self._reserved(**values), self._reserved(**values)
        self._end(first._capture())
        self.assertEqual(documents.owed(invoice), -2290)
        self.assertIn(invoice.name, self._end(second._capture()).trpay_activity_id.note)

    def test_a_reservation_whose_payment_core_canceled_is_on_its_way(self):
        """Core cancels the payment of a stored card that is only reserved."""
        invoice = self._invoice()
        tx = self._reserved(invoice_ids=[Command.set(invoice.ids)], sale_order_ids=False)
        tx.payment_id = self.env["account.payment"].create(
            {"amount": 2290, "payment_type": "inbound", "partner_id": self.partner.id}
        )
        tx.payment_id.action_cancel()
        self.assertEqual(documents.owed(invoice), 0)

    # === OTHER PROVIDERS === #

    def _elsewhere(self, amount=2290, state="authorized"):
        """A payment by a provider that is not ours, and may capture as often as it likes."""
        self.startPatcher(patch.object(type(self.env["payment.transaction"]), "_create_payment"))
        self.dummy_provider.support_manual_capture = "partial"
        tx = self._create_transaction(
            "redirect",
            provider_id=self.dummy_provider.id,
            payment_method_id=self.dummy_provider.payment_method_ids[:1].id,
            reference=f"elsewhere {amount}",
            amount=amount,
            sale_order_ids=[Command.set(self.order.ids)],
        )
        tx._set_authorized()
        if state == "done":
            tx._set_done()
        return tx

    def test_who_captures_several_times(self):
        tx = self._elsewhere()
        tx._capture(1000)._set_done()
        self.assertEqual((tx.state, self.order.amount_paid), ("authorized", 2290))
        tx._capture(500)._set_done()
        self.assertEqual(self.order.amount_paid, 2290)
        tx._void(790)._set_canceled()
        self.assertEqual((tx.state, self.order.amount_paid), ("done", 1500))

    def test_who_lets_go_of_a_part_first(self):
        tx = self._elsewhere()
        tx._void(290)._set_canceled()
        self.assertEqual((tx.state, self.order.amount_paid), ("authorized", 2000))
        tx._capture(2000)._set_done()
        self.assertEqual((tx.state, self.order.amount_paid), ("done", 2000))

    def test_what_expires_after_a_capture_was_captured(self):
        tx = self._elsewhere()
        self.order.action_confirm()
        tx._capture(1000)._set_done()
        tx._set_canceled()
        self.assertEqual(self.order.amount_paid, 1000)
        self._book(tx)
        self.assertIn("1,290.00", tx.trpay_activity_id.note)

    def test_plain_payments_count_as_in_core(self):
        first, second = self._elsewhere(1000.10), self._elsewhere(290.20, state="done")
        self._elsewhere(400)._set_error("no")
        self.assertAlmostEqual(self.order.amount_paid, 1290.30)
        second._refund(90.20)._set_done()
        self.assertAlmostEqual(self.order.amount_paid, 1290.30)
        first._void()._set_canceled()
        self.assertAlmostEqual(self.order.amount_paid, 290.20)

    # === WHAT THE CUSTOMER IS WRITTEN === #

    def _last_mail(self):
        return self.order.message_ids.filtered(lambda mail: "(Ref" in (mail.subject or ""))[:1].body

    def test_the_mail_names_what_was_captured(self):
        tx = self._end(self._reserved()._capture(1000))
        mail = self._last_mail()
        for words in (tx.reference, "2,290.00", "1,000.00", "1,290.00"):
            self.assertIn(words, mail)
        self.assertIn("only", mail)
        self.assertNotIn("2,290.00", mail.split("only")[1])

    def test_the_mail_is_about_the_payment_that_was_captured(self):
        tx = self._reserved()
        self._reserved(amount=100)
        self._pay(amount=90, sale_order_ids=[Command.set(self.order.ids)])._set_error("no")
        self._end(tx._capture(1000))
        self.assertIn(tx.reference, self._last_mail())
        self.assertIn("1,000.00", self._last_mail())

    def test_the_mail_about_another_payment_is_core_s(self):
        self._end(self._reserved()._capture(1000))
        other = self._book(self._elsewhere(50, state="done"))
        self.assertIn(other.reference, self._last_mail())
        self.assertIn("has been confirmed", self._last_mail())

    def test_the_mail_in_turkish(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        self.partner.lang = "tr_TR"
        self._end(self._reserved()._capture(1000))
        self.assertIn("1.290,00", self._last_mail())
        self.assertIn("tahsil", self._last_mail())

    def test_the_mail_of_an_order_that_nobody_sold_is_from_its_company(self):
        self.order.user_id = False
        self.order.company_id.email = "shop@example.com"
        self._end(self._reserved()._capture(1000))
        mail = self.order.message_ids.filtered("subject")[:1]
        self.assertIn("shop@example.com", mail.email_from)

    def test_the_mail_that_waits_for_its_cron(self):
        self.env["ir.config_parameter"].set_param("sale.async_emails", True)
        self._end(self._reserved()._capture(1000))
        template = self.env.ref("payment_trpay_sale.mail_template_captured_in_part")
        self.assertEqual(self.order.pending_email_template_id, template)

    def test_no_mail_where_none_is_wanted(self):
        self.env.ref("sale.mail_template_sale_payment_executed").unlink()
        tx = self._reserved()
        before = len(self.order.message_ids.filtered("subject"))
        self._end(tx._capture(1000))
        self.assertEqual(len(self.order.message_ids.filtered("subject")), before)

    def test_the_mail_of_what_was_captured_in_full_is_core_s(self):
        self._end(self._reserved()._capture())
        self.assertIn("has been confirmed", self._last_mail())
        self.assertIn("2,290.00", self._last_mail())

    # === WHAT STAFF ARE TOLD === #

    def test_staff_are_told_what_is_missing(self):
        tx = self._end(self._reserved()._capture(1000))
        note = tx.trpay_activity_id.note
        self.assertEqual(note.count(self.order.name), 1)
        for words in ("1,000.00", "2,290.00", "1,290.00 "):
            self.assertIn(words.strip(), note)
        self.assertEqual(tx.trpay_activity_id.user_id, tx._trpay_responsible())
        self.assertFalse(tx.child_transaction_ids.trpay_activity_id)

    def test_staff_are_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        tx = self._reserved()
        tx._trpay_responsible().lang = "tr_TR"
        self._end(tx._capture(1000))
        self.assertIn("eksik", tx.trpay_activity_id.note)

    def test_staff_are_told_that_all_was_let_go(self):
        tx = self._end(self._reserved()._void())
        self.assertEqual(self.order.state, "sale")
        self.assertIn("2,290.00", tx.trpay_activity_id.note)

    def test_nothing_is_missing_of_what_was_captured_in_full(self):
        self.assertFalse(self._end(self._reserved()._capture()).trpay_activity_id)

    def test_what_was_given_back_is_not_missing(self):
        paid = self._end(self._reserved()._capture())
        twin = self._reserved()
        capture = paid.child_transaction_ids
        self._find_out(capture._refund(400), refund={"status_code": 100, "ref_no": "r1"})
        self.assertFalse(self._end(twin._void()).trpay_activity_id)

    def test_nothing_is_missing_of_a_canceled_order(self):
        tx = self._reserved()
        self.order._action_cancel()
        self.assertFalse(self._end(tx._void()).trpay_activity_id)

    def test_nothing_is_missing_of_an_order_that_became_cheaper(self):
        tx = self._reserved()
        self.order.order_line.price_unit = 1000
        self._end(tx._capture(1000))
        self.assertFalse(tx.trpay_activity_id)
        self.assertEqual(documents.owed(self.order), 0)

    def test_nothing_is_missing_that_was_paid_in_another_way(self):
        tx = self._reserved()
        self._end(self._reserved(amount=2290)._capture())
        self._end(tx._void())
        self.assertFalse(tx.trpay_activity_id)

    def test_of_other_providers_staff_are_told_too(self):
        tx = self._book(self._elsewhere())
        self.assertEqual(self.order.state, "sale")
        tx._capture(1000)._set_done()
        tx._void(1290)._set_canceled()
        self._book(tx)
        self.assertIn("1,290.00", tx.trpay_activity_id.note)
        self.assertEqual(tx.trpay_activity_id.date_deadline, fields.Date.today())
