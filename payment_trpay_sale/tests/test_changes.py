"""What becomes of money when an order or an invoice changes between the page and the money.

The tables have a row for each change: what becomes of the document, and what staff are told.
"""

import re

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.payment_trpay.gateways.base import Outcome, Reason, State
from odoo.addons.payment_trpay.tests.common_platformode import PlatformodeCommon

# change: whether the order is confirmed in the end, and what staff are told, None for nothing.
ORDERS = {
    "nothing": (True, None),
    "raised": (False, "{order} became more expensive while its customer paid: 60.00 are missing."),
    "delivery added": (False, "{order} became more expensive while its customer paid: 20.00"),
    "cheaper": (True, "{order} was paid more than once, or too much: 60.00 are to be refunded."),
    "in another currency": (False, "100.00 came for {order}, whose currency is another one by now"),
    "canceled": (False, "100.00 came for {order}, which is canceled."),
    "deleted": (False, "100.00 came for {order}, which was deleted."),
    "customer merged": (True, None),
    "customer archived": (True, None),
    "confirmed": (True, None),
    "invoiced": (True, None),
    "part paid by hand": (True, "{order} was paid more than once, or too much: 30.00"),
    "paid by hand": (True, "{order} was paid more than once, or too much: 100.00"),
    "paid in another tab": (True, "{order} was paid more than once, or too much: 100.00"),
}
# change: what is open of the invoice in the end, and what staff are told.
INVOICES = {
    "nothing": (0, None),
    "raised": (60, "{order} became more expensive while its customer paid: 60.00 are missing."),
    "cheaper": (0, "{order} was paid more than once, or too much: 60.00 are to be refunded."),
    "in another currency": (100, "100.00 came for {order}, whose currency is another one by now"),
    "canceled": (0, "100.00 came for {order}, which is canceled."),
    "deleted": (None, "100.00 came for {order}, which was deleted."),
    "customer merged": (0, None),
    "customer archived": (0, None),
    "part paid by hand": (0, "{order} was paid more than once, or too much: 30.00"),
    "paid by hand": (0, "{order} was paid more than once, or too much: 100.00"),
    "paid in another tab": (0, "{order} was paid more than once, or too much: 100.00"),
}
# In these the shop collects by itself, and takes no money that is not owed.
PREVENTED = {
    "cheaper",
    "in another currency",
    "canceled",
    "deleted",
    "part paid by hand",
    "paid by hand",
    "paid in another tab",
}


class ChangesCommon(PlatformodeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False  # What is paid is booked, as in real life.
        cls.env.company.currency_id = cls.lira
        cls.dollar = cls._enable_currency("USD")
        cls.wire = cls.env["payment.provider"].search(
            [("custom_mode", "=", "wire_transfer"), ("company_id", "=", cls.env.company.id)],
            limit=1,
        )
        cls.wire.state = "enabled"

    # === WHAT CHANGES === #

    def _change(self, what, document):
        partner = document.partner_id
        match what:
            case "customer merged":
                other = self.env["res.partner"].create({"name": "Ayşe", "email": partner.email})
                merge = self.env["base.partner.merge.automatic.wizard"].create({})
                merge._merge((partner | other).ids, other)
            case "customer archived":
                partner.active = False
            case "nothing":
                pass
            case _ if document._name == "sale.order":
                self._change_order(what, document)
            case _:
                self._change_invoice(what, document)

    def _change_order(self, what, order):
        match what:
            case "raised":
                order.order_line.price_unit = 160
            case "delivery added":
                values = {"product_id": order.order_line.product_id.id, "price_unit": 20}
                order.order_line = [Command.create(values)]
            case "cheaper":
                order.order_line.price_unit = 40
            case "in another currency":
                lists = self.env["product.pricelist"]
                order.pricelist_id = lists.create({"name": "$", "currency_id": self.dollar.id})
                order.order_line.price_unit = 100
                self.assertEqual((order.currency_id, order.amount_total), (self.dollar, 100))
            case "canceled":
                order._action_cancel()
            case "deleted":
                order._action_cancel()
                order.unlink()
            case "confirmed":
                self._confirm(order)
            case "invoiced":
                self._invoice_of(order)
            case "part paid by hand":
                self._pay_by_hand(self._invoice_of(order), 30)
            case "paid by hand":
                self._pay_by_hand(self._invoice_of(order), 100)
            case "paid in another tab":
                self._book(self._by_page(self._begin(order)))

    def _change_invoice(self, what, invoice):
        match what:
            case "part paid by hand":
                self._pay_by_hand(invoice, 30)
            case "paid by hand":
                self._pay_by_hand(invoice, 100)
            case "paid in another tab":
                self._book(self._by_page(self._begin(invoice)))
            case _:
                invoice.button_draft()
                match what:
                    case "raised":
                        invoice.invoice_line_ids.price_unit = 160
                    case "cheaper":
                        invoice.invoice_line_ids.price_unit = 40
                    case "in another currency":
                        invoice.currency_id = self.dollar
                        invoice.invoice_line_ids.price_unit = 100
                    case "canceled":
                        return invoice.button_cancel()
                    case "deleted":
                        return invoice.with_context(force_delete=True).unlink()
                invoice.action_post()
        return None

    def _confirm(self, order):
        if order.state != "sale":
            order.action_confirm()

    def _invoice_of(self, order):
        order.order_line.product_id.invoice_policy = "order"
        self._confirm(order)
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _pay_by_hand(self, invoice, amount):
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        register = self.env["account.payment.register"].with_context(**context)
        register.create(
            {"amount": amount, "payment_difference_handling": "open"}
        )._create_payments()

    # === WHAT IS PAID === #

    def _new_order(self):
        partner = self.env["res.partner"].create({"name": "Ayşe", "email": "ayse@example.com"})
        return self._order(100, partner_id=partner.id, require_payment=True, prepayment_percent=1)

    def _new_invoice(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.env["res.partner"].create({"name": "Ayşe Yılmaz"}).id,
                "currency_id": self.lira.id,
                "invoice_line_ids": [
                    Command.create({"name": "Whitening", "price_unit": 100, "tax_ids": False})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _begin(self, document, amount=100, **values):
        link = "sale_order_ids" if document._name == "sale.order" else "invoice_ids"
        return self._pay(
            amount=amount,
            partner_id=document[:1].partner_id.id,
            **{link: [Command.set(document.ids)]} | values,
        )

    # === FLOWS: how the money comes === #

    FLOWS = ("page", "transfer", "reserved and captured", "asked again")

    def _start(self, flow, document):
        """Begin to pay."""
        match flow:
            case "transfer":
                tx = self._begin(
                    document,
                    provider_id=self.wire.id,
                    payment_method_id=self.wire.payment_method_ids[:1].id,
                )
                tx._set_pending()
            case "reserved and captured":
                tx = self._begin(document, trpay_refs={"hold": True})
                tx._trpay_settle(Outcome(state=State.AUTHORIZED, amount=tx._trpay_money(100)))
                self._book(tx)
            case "asked again":
                tx = self._begin(document, trpay_refs={"resumed": True, "flow": "card_3d"})
            case _:
                tx = self._begin(document)
        return tx

    def _end(self, flow, tx):
        """Let the money come, if anybody takes it. Returns what it came with."""
        answers = {"checkstatus": self._status(tx, product_price="100.00", transaction_amount=100)}
        match flow:
            case "page":
                self._by_page(tx)
            case "transfer":
                tx.with_user(self.env.ref("base.user_admin"))._transfer_receive(100)
            case "reserved and captured":
                capture = tx._capture()
                self._find_out(capture, confirmPayment={"status_code": 100})
                self._book(capture)
            case "asked again":
                self._resume(tx, self._back(tx), **answers)
        return self._book(tx)

    def _by_page(self, tx):
        tx._trpay_settle(Outcome(state=State.PAID, amount=tx._trpay_money(tx.amount)))
        return tx

    def _book(self, tx):
        if not tx.is_post_processed:
            tx._post_process()
        return tx

    def _told(self, *transactions):
        """What staff were told, without no-break spaces and currencies."""
        notes = [html2plaintext(tx.trpay_activity_id.note or "") for tx in transactions]
        return " ".join(" ".join(notes).replace("\xa0₺", "").split())

    def _assert_told(self, tx, name, sentence):
        told = self._told(tx, *tx.child_transaction_ids)
        if sentence is None:
            self.assertEqual(told, "")
        else:
            self.assertIn(sentence.format(order=name), told)
            # The payment is named, too, and its reference may begin as the order's does.
            self.assertEqual(len(re.findall(rf"{re.escape(name)}\b", told)), 1, told)


@tagged("post_install", "-at_install")
class TestChanges(ChangesCommon):
    def test_orders(self):
        for flow in self.FLOWS:
            for what, (is_confirmed, sentence) in ORDERS.items():
                is_reserved = flow == "reserved and captured"
                if is_reserved and what == "in another currency":
                    continue  # The order is confirmed, and Odoo refuses.
                with self.subTest(f"{flow}, {what}"):
                    order = self._new_order()
                    name = order.name
                    tx = self._start(flow, order)
                    self._change(what, order)
                    self._end(flow, tx)
                    if flow == "asked again" and what in PREVENTED:
                        self.assertEqual(tx.state, "cancel")
                        self.assertEqual(self._told(tx), "")
                        continue
                    self.assertEqual(tx.state, "done")
                    self._assert_told(tx, name, sentence)
                    if what != "deleted":
                        was_confirmed = is_reserved and what in ("raised", "delivery added")
                        self.assertEqual(order.state == "sale", is_confirmed or was_confirmed)

    def test_invoices(self):
        for flow in self.FLOWS:
            for what, (residual, sentence) in INVOICES.items():
                with self.subTest(f"{flow}, {what}"):
                    invoice = self._new_invoice()
                    name = invoice.name
                    tx = self._start(flow, invoice)
                    self._change(what, invoice)
                    self._end(flow, tx)
                    if flow == "asked again" and what in PREVENTED:
                        self.assertEqual(tx.state, "cancel")
                        self.assertEqual(self._told(tx), "")
                        continue
                    self.assertEqual(tx.state, "done")
                    self._assert_told(tx, name, sentence)
                    if what not in ("deleted", "canceled"):
                        self.assertEqual(invoice.amount_residual, residual)

    def test_of_three_invoices_the_one_is_named_that_was_settled(self):
        invoices = self._new_invoice() | self._new_invoice() | self._new_invoice()
        tx = self._begin(invoices, amount=300)
        self._pay_by_hand(invoices[1], 100)
        self._book(self._by_page(tx))
        self._assert_told(tx, invoices[1].name, "{order} was paid more than once, or too much: 100")
        for other in invoices[0] | invoices[2]:
            self.assertNotIn(other.name, self._told(tx))
        self.assertEqual(invoices.mapped("amount_residual"), [0, 0, 0])

    def test_of_three_invoices_the_one_is_named_that_was_raised(self):
        invoices = self._new_invoice() | self._new_invoice() | self._new_invoice()
        tx = self._begin(invoices, amount=300)
        self._change_invoice("raised", invoices[2])
        self._book(self._by_page(tx))
        self.assertEqual(sum(invoices.mapped("amount_residual")), 60)
        (open_one,) = invoices.filtered("amount_residual")
        self._assert_told(tx, open_one.name, "{order} became more expensive")

    def test_who_pays_a_part_on_purpose_alarms_nobody(self):
        for document in (self._new_order(), self._new_invoice()):
            tx = self._begin(document, amount=40)
            self._book(self._by_page(tx))
            self.assertEqual(self._told(tx), "")
            rest = self._begin(document, amount=60)
            self._book(self._by_page(rest))
            self.assertEqual(self._told(rest), "")

    def test_a_transfer_that_is_short_is_no_change_of_the_document(self):
        order = self._new_order()
        tx = self._start("transfer", order)
        tx.with_user(self.env.ref("base.user_admin"))._transfer_receive(60)
        self._book(tx)
        self.assertEqual(self._told(tx), "")
        ((sentence, _url),) = tx._trpay_tell_customer()
        self.assertIn("40.00", sentence)

    def test_what_was_given_back_is_not_asked_for(self):
        order = self._new_order()
        tx = self._start("page", order)
        self._change("raised", order)
        self._end("page", tx)
        self.assertEqual(len(tx._trpay_tell_customer()), 1)
        tx._create_child_transaction(30, is_refund=True)
        self.assertEqual(tx._trpay_tell_customer(), [])

    def test_a_document_that_changes_later_is_no_misfit(self):
        order = self._new_order()
        tx = self._start("page", order)
        self._end("page", tx)
        order.order_line.price_unit = 500
        self.assertEqual(tx._trpay_tell_customer(), [])

    def test_what_was_paid_meanwhile_is_not_asked_for(self):
        order = self._new_order()
        tx = self._start("page", order)
        self._change("raised", order)
        self._end("page", tx)
        self._book(self._by_page(self._begin(order, amount=60)))
        self.assertEqual(tx._trpay_tell_customer(), [])
        self.assertEqual(order.state, "sale")

    def test_staff_register_a_stored_card_s_payment_as_they_like(self):
        """In another currency, or of more than is open: Odoo books that."""
        token = self.env["payment.token"].create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "partner_id": self.partner.id,
                "provider_ref": "KELUUKPQBCGYLV7F",
                "trpay_customer": str(self.partner.id),
            }
        )
        for what, amount in (("nothing", 150), ("in another currency", 100)):
            with self.subTest(what):
                invoice = self._new_invoice()
                self._change(what, invoice)
                payment = self.env["account.payment"].create(
                    {"amount": amount, "payment_type": "inbound", "partner_id": self.partner.id}
                )
                tx = self._begin(
                    invoice,
                    amount=amount,
                    operation="offline",
                    token_id=token.id,
                    payment_id=payment.id,
                )
                self.assertIsNone(tx._trpay_find_obstacle())
                self._pay_by_hand(invoice, 100)
                self.assertIs(tx._trpay_find_obstacle(), Reason.ALREADY_PAID)

    def test_a_prepayment_that_no_longer_confirms_is_told(self):
        order = self._new_order()
        order.prepayment_percent = 0.3
        tx = self._begin(order, amount=30)
        order.order_line.price_unit = 200
        self._book(self._by_page(tx))
        self.assertEqual(order.state, "sent" if order.state == "sent" else "draft")
        self._assert_told(
            tx, order.name, "{order} became more expensive while its customer paid: 30"
        )


@tagged("post_install", "-at_install")
class TestWhatIsMissing(ChangesCommon, PaymentHttpCommon):
    def test_the_page_of_an_order_asks_for_what_its_confirmation_lacks(self):
        self.provider.is_published = True
        order = self._new_order()
        order.prepayment_percent = 0.5
        tx = self._begin(order, amount=50)
        order.order_line.price_unit = 300
        self._end("page", tx)
        self.env.flush_all()
        ((sentence, url),) = tx._trpay_tell_customer()
        self.assertIn("100.00", sentence)
        form = self.url_open(url).text
        self.assertIn('data-amount="100.0"', form)

    def test_whose_amount_changed_is_led_to_the_new_one(self):
        self.provider.is_published = True
        order = self._new_order()
        tx = self._begin(order)
        self._change("cheaper", order)
        self.env.flush_all()
        page = self.url_open(tx._trpay_route("start")).text
        self.assertIn("Go back", page)
        self.assertIn(f"/my/orders/{order.id}", page)

    def test_the_customer_sees_what_is_missing_and_a_link_to_pay_it(self):
        order = self._new_order()
        tx = self._start("page", order)
        self._change("raised", order)
        self._end("page", tx)
        self.env.flush_all()
        self.provider.is_published = True
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("still to be paid", page)
        ((sentence, url),) = tx._trpay_tell_customer()
        self.assertIn("60.00", sentence)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("60.00", response.text)
        self.assertIn("o_payment_form", response.text)
