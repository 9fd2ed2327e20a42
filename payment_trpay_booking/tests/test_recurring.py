from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.payment_trpay.models import documents
from odoo.addons.payment_trpay.tests.common_platformode import PlatformodeCommon

from .common import BookingCommon

CODE = "15978357430kZFft"
QUERY, UPDATE = "recurringPlan/query", "recurringPlan/update"


@tagged("post_install", "-at_install")
class TestRecurring(BookingCommon, PlatformodeCommon, PaymentHttpCommon):
    """The balance of an appointment in equal payments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.platformode_recurring_hook = "odoo_recurring"

    def _agree(self, booking, payments=7):
        action = booking.action_deposit_recur()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.trpay_payments = payments
        wizard.action_recur()
        return self.env["trpay.recurring"].search([("res_id", "=", booking.id)])

    def _pay_first(self, recurring):
        tx = self._create_transaction(
            "redirect",
            reference=self._reference(),
            amount=recurring.amount,
            currency_id=self.lira.id,
            partner_id=recurring.partner_id.id,
            trpay_recurring_id=recurring.id,
            trpay_recurring_number=1,
            **documents.link(recurring._document()),
        )
        self._find_out(tx, checkstatus=self._status(tx, recurring_plan_code=CODE))
        tx._post_process()
        return tx

    def _status(self, tx, **changes):
        price = f"{tx.amount:.2f}"
        return super()._status(
            tx, **{"product_price": price, "transaction_amount": price} | changes
        )

    def _look(self, recurring, number, *, paid=True, **answers):
        """Look up what Platformode took; it lists the payment of that number."""
        row = {"id": 1, "sale_id": 16001, "status": "Success", "recurring_number": number}
        answer = {
            "status_code": 100,
            "plan_code": CODE,
            "currency": "TRY",
            "recurring_amount": recurring.amount,
            "payment_number": recurring.payments,
            "next_action_date": "2030-02-07",
            "recurring_status": "Active",
            "transactionHistories": [row] if paid else [],
        }
        nothing = answer | {"transactionHistories": []}
        answers = {QUERY: [answer, nothing], UPDATE: {"status_code": 100}} | answers
        return self._answering(lambda env: recurring.with_env(env)._find_out(), **answers)

    def test_the_balance_is_taken_in_parts(self):
        booking = self._booked_and_paid()
        recurring = self._agree(booking)
        self.assertEqual((recurring.amount, recurring.payments), (100, 7))
        self.assertEqual(booking._deposit_payable(), {"balance": 700})  # It may still be paid so.
        self._pay_first(recurring)
        self.assertEqual((recurring.state, booking.deposit_paid), ("active", 400))
        self._look(recurring, 2)
        self.assertEqual((booking.deposit_paid, booking.deposit_balance), (500, 500))
        self.assertEqual(recurring.paid_count, 2)

    def test_nobody_is_asked_for_what_is_taken_by_itself(self):
        booking = self._booked_and_paid()
        self._pay_first(self._agree(booking, 6))
        self.assertEqual(booking.deposit_balance, 583.34)
        self.assertEqual(booking._deposit_payable(), {"balance": 0.04})  # Of seven hundred by six.

    def test_a_canceled_appointment_pays_nothing_more(self):
        booking = self._booked_and_paid()
        recurring = self._agree(booking)
        self._pay_first(recurring)
        recurring.trpay_last_inquiry = False
        booking._deposit_cancel()
        self.assertLessEqual(recurring.trpay_next_inquiry, fields.Datetime.now())  # Looked at now.
        sent = self._look(recurring, 2, paid=False)
        self.assertEqual(recurring.state, "paused")
        self.assertIn(booking.display_name, recurring.warning)
        (body,) = (body for service, body in sent if service == "update")
        self.assertEqual(body["recurring_status"], "INACTIVE")

    def test_who_has_the_link_makes_the_first_payment(self):
        booking = self._booked_and_paid()
        recurring = self._agree(booking)
        url = self._build_url(f"/my/recurring/{recurring.id}/transaction")
        self.authenticate(None, None)
        values = self.make_jsonrpc_request(
            url,
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "token_id": None,
                "flow": "redirect",
                "tokenization_requested": False,
                "access_token": recurring._portal_ensure_token(),
            },
        )
        tx = self.env["payment.transaction"].search([("reference", "=", values["reference"])])
        self.assertEqual((tx._deposit_document(), tx.deposit_purpose), (booking, "balance"))
        self.assertIsNone(tx._trpay_find_obstacle())

    def test_the_deposit_itself_is_not_divided(self):
        with self.assertRaises(UserError):
            self._book().action_deposit_recur()

    def test_without_a_provider_that_recurs_there_is_no_dialog(self):
        booking = self._booked_and_paid()
        self.provider.platformode_recurring_hook = False
        with self.assertRaises(UserError):
            booking.action_deposit_recur()

    def test_no_more_than_is_owed_is_agreed_on(self):
        booking = self._booked_and_paid()
        action = booking.action_deposit_recur()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.amount = 800
        with self.assertRaises(UserError):
            wizard.action_recur()
