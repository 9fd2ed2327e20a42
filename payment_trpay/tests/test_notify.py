import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import STATUS_URL, PayTRCommon

CONTROLLER = "odoo.addons.payment_trpay.controllers.notify"


class NotifyCommon(PayTRCommon, PaymentHttpCommon):
    def _post(self, message, **kwargs):
        self.env.flush_all()
        response = self.url_open("/payment/paytr/notify", data=message, method="POST", **kwargs)
        self.env.invalidate_all()
        return response

    def _inbox(self, tx):
        return self.env["trpay.notification"].search([("transaction_id", "=", tx.id)])


@tagged("post_install", "-at_install")
class TestNotify(NotifyCommon):
    def _assert_ok(self, response):
        self.assertEqual(response.content, b"OK")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertNotIn("Set-Cookie", response.headers)

    def _assert_refused(self, tx, message, status, **kwargs):
        with mute_logger(CONTROLLER, "odoo.http"):
            response = self._post(message, **kwargs)
        self.assertEqual(response.status_code, status, response.text)
        self.assertNotEqual(response.content.strip(), b"OK")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(tx.state, "draft")
        self.assertFalse(self._inbox(tx))

    # === ACCEPTED === #

    def test_success(self):
        tx = self._pay()
        self._assert_ok(self._post(self._notification(tx)))
        self.assertEqual(tx.state, "done")
        self.assertEqual(self._inbox(tx).state, "processed")

    def test_success_with_surcharge(self):
        tx = self._pay()
        message = self._notification(tx, total="5145", installment_count="3")
        self._assert_ok(self._post(message))
        self.assertEqual((tx.state, tx.amount, tx.trpay_installments), ("done", 49.00, 3))
        self.assertAlmostEqual(tx.trpay_surcharge, 2.45)

    def test_failure(self):
        tx = self._pay()
        self._assert_ok(self._post(self._notification(tx, "failed", "0")))
        self.assertEqual(tx.state, "error")
        self.assertIn("bakiyesi yetersiz", tx.state_message)

    def test_abandoned(self):
        tx = self._pay()
        message = self._notification(tx, "failed", "0", failed_reason_code="6")
        self._assert_ok(self._post(message))
        self.assertEqual(tx.state, "cancel")

    def test_success_after_failure(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0"))
        self._assert_ok(self._post(self._notification(tx)))
        self.assertEqual(tx.state, "done")
        self.assertEqual(len(self._inbox(tx)), 2)

    def test_failure_after_success(self):
        tx = self._pay()
        self._post(self._notification(tx))
        self._assert_ok(self._post(self._notification(tx, "failed", "0")))
        self.assertEqual(tx.state, "done")

    def test_repetition(self):
        tx = self._pay()
        self._post(self._notification(tx))
        changed = tx.last_state_change
        for _again in range(3):
            self._assert_ok(self._post(self._notification(tx)))
        self.assertEqual(len(self._inbox(tx)), 1)
        self.assertEqual(tx.last_state_change, changed)

    def test_bank_transfer_in_two_messages(self):
        tx = self._pay(payment_method_id=self.bank_transfer.id)
        interim = {
            "status": "info",
            "merchant_oid": tx.reference,
            "bank": "isbank",
            "payment_sent_date": "2026-11-22",
            "user_name": "Ali Veli",
            "user_phone": "05551112233",
            "tc_no_last5": "54321",
            "hash": self._sign(tx.reference, "isbank", "TESTSALTghijk456"),
        }
        self._assert_ok(self._post(interim))
        self.assertEqual(tx.state, "pending")
        payload = self._inbox(tx).payload
        for personal in ("Ali Veli", "05551112233", "54321"):
            self.assertNotIn(personal, payload)
        self._assert_ok(self._post(self._notification(tx, payment_type="eft")))
        self.assertEqual(tx.state, "done")

    def test_too_little_money_is_acknowledged_and_parked(self):
        tx = self._pay()
        self._assert_ok(self._post(self._notification(tx, total="4899", payment_amount="4900")))
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_review_reason)

    def test_a_live_payment_in_a_disabled_provider_still_counts(self):
        tx = self._pay()
        self.provider.state = "disabled"
        self._assert_ok(self._post(self._notification(tx)))
        self.assertEqual(tx.state, "done")

    # === ODD === #

    def test_each_unsigned_field_altered(self):
        """They confirm nothing: one that is off is stored, acknowledged and asked about."""
        for field, value in (
            ("payment_amount", "4800"),
            ("payment_amount", "49.00"),
            ("currency", "USD"),
            ("payment_type", "eft"),
            ("installment_count", "99"),
            ("test_mode", "x"),
        ):
            with self.subTest(field=field, value=value), mute_logger(CONTROLLER):
                tx = self._pay()
                for _again in range(2):
                    self._assert_ok(self._post(self._notification(tx, **{field: value})))
                self.assertEqual(tx.state, "pending")
                self.assertLessEqual(tx.trpay_next_inquiry, fields.Datetime.now())
                self.assertEqual(len(self._inbox(tx)), 1)

    def test_each_unsigned_field_empty(self):
        for field in ("payment_amount", "currency", "payment_type", "installment_count"):
            with self.subTest(field=field):
                tx = self._pay()
                self._assert_ok(self._post(self._notification(tx, **{field: ""})))
                self.assertEqual(tx.state, "done")

    @mute_logger(CONTROLLER)
    def test_a_doubtful_success_is_settled_by_the_answer_of_the_provider(self):
        tx = self._pay()
        self._post(self._notification(tx, payment_amount="49.00"))
        self.env.flush_all()
        with self._answers((STATUS_URL, self._status())), self.enter_registry_test_mode():
            tx._trpay_find_out_now()
        self.assertEqual((tx.state, tx.trpay_next_inquiry), ("done", False))

    @mute_logger(CONTROLLER)
    def test_a_doubtful_success_is_asked_about_after_a_failure_too(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0"))
        self._assert_ok(self._post(self._notification(tx, currency="USD")))
        self.assertEqual(tx.state, "pending")
        self.assertTrue(tx.trpay_next_inquiry)

    @mute_logger(CONTROLLER)
    def test_what_is_genuine_and_not_understood_is_for_a_person(self):
        for status, total in (("success", "4900.00"), ("success", "49,00"), ("waiting", "4900")):
            for before in ("draft", "error", "done"):
                with self.subTest(status=status, total=total, before=before):
                    tx = self._pay(state=before)
                    for _again in range(2):
                        self._assert_ok(self._post(self._notification(tx, status, total)))
                    self.assertEqual(tx.state, "done" if before == "done" else "pending")
                    self.assertEqual(bool(tx.trpay_review_reason), before != "done")
                    self.assertIn(total, tx.trpay_activity_id.note)
                    self.assertEqual(len(self._inbox(tx)), 1)

    @mute_logger(CONTROLLER)
    def test_what_is_forged_and_odd_changes_nothing(self):
        tx = self._pay()
        message = self._notification(tx, total="4900.00", key="another")
        self._assert_refused(tx, message, 403)
        self.assertFalse(tx.trpay_activity_id)

    # === REFUSED === #

    def test_each_signed_field_altered(self):
        tx, other = self._pay(), self._pay()
        for field, value, status in (
            ("merchant_oid", other.reference, 403),
            ("status", "failed", 403),
            ("total_amount", "4901", 403),
            ("hash", "x" * 44, 403),
            ("hash", "ğ", 403),
        ):
            with self.subTest(field=field):
                self._assert_refused(tx, self._notification(tx) | {field: value}, status)
        self.assertEqual(other.state, "draft")

    def test_each_field_missing(self):
        tx = self._pay()
        for field in ("merchant_oid", "status", "total_amount", "hash"):
            with self.subTest(field=field):
                message = self._notification(tx)
                del message[field]
                self._assert_refused(tx, message, 400)

    def test_another_key(self):
        tx = self._pay()
        self._assert_refused(tx, self._notification(tx, key="another"), 403)

    def test_no_key_at_all(self):
        """Anybody can sign with an empty key."""
        tx = self._pay()
        self.provider.state = "disabled"
        self.provider.write(
            dict.fromkeys(("paytr_merchant_id", "paytr_merchant_key", "paytr_merchant_salt"), "")
        )
        message = self._notification(tx) | {
            "hash": self._sign(tx.reference, "success", "4900", key="")
        }
        self._assert_refused(tx, message, 403)

    def test_unknown_order(self):
        tx = self._pay()
        self._assert_refused(tx, self._notification(tx) | {"merchant_oid": "S0004299"}, 404)

    def test_an_order_of_another_provider(self):
        tx = self._create_transaction(
            "redirect", provider_id=self.dummy_provider.id, reference="S00042foreign"
        )
        self._assert_refused(tx, self._notification(tx), 404)

    def test_a_get_is_told_what_this_is(self):
        response = self.url_open("/payment/paytr/notify")
        self.assertEqual(response.status_code, 405)
        self.assertIn("notifications", response.text)

    def test_a_megabyte(self):
        tx = self._pay()
        self._assert_refused(tx, self._notification(tx, failed_reason_msg="x" * 2**20), 413)

    def test_wrong_charset(self):
        tx = self._pay()
        message = self._notification(tx, failed_reason_msg="şifre")
        body = "&".join(f"{name}={text}" for name, text in message.items()).encode("iso-8859-9")
        content_type = "application/x-www-form-urlencoded"
        self._assert_refused(tx, body, 400, headers={"Content-Type": content_type})
        self._assert_refused(
            tx, body, 400, headers={"Content-Type": f"{content_type}; charset=iso-8859-9"}
        )

    def test_not_a_form(self):
        tx = self._pay()
        body = json.dumps(self._notification(tx))
        self._assert_refused(tx, body, 400, headers={"Content-Type": "text/plain"})

    def test_repeated_field(self):
        tx = self._pay()
        message = list(self._notification(tx).items())
        self._assert_refused(tx, [*message, ("total_amount", "1")], 400)

    # === OUR OWN ERRORS === #

    def _break_settlement(self):
        return patch.object(
            self.registry["payment.transaction"],
            "_trpay_record",
            lambda *args: 1 / 0,  # What another addon's override may do to us.
        )

    @mute_logger("odoo.addons.payment_trpay.models.trpay_notification")
    def test_a_message_that_we_cannot_process_is_kept_for_a_person(self):
        tx = self._pay()
        with self._break_settlement():
            self._assert_ok(self._post(self._notification(tx)))
        self.assertEqual(tx.state, "draft")
        self.assertEqual(self._inbox(tx).state, "failed")
        self.assertIn("ZeroDivisionError", self._inbox(tx).error)
        self.assertTrue(tx.trpay_activity_id)

    @mute_logger("odoo.addons.payment_trpay.models.trpay_notification")
    def test_staff_process_it_again(self):
        tx = self._pay()
        with self._break_settlement():
            self._post(self._notification(tx))
        self._inbox(tx).action_replay()
        self.assertEqual(tx.state, "done")
        self.assertEqual(self._inbox(tx).state, "processed")
        self.assertFalse(self._inbox(tx).error)

    def test_only_administrators_process_it_again(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0"))
        for user in (self.internal_user, self.portal_user):
            with self.assertRaises(AccessError):
                self._inbox(tx).with_user(user).action_replay()

    def test_a_refund_is_no_order(self):
        refund = self._paid()._refund(10)
        with mute_logger(CONTROLLER):
            response = self._post(self._notification(refund, "failed", "0"))
        self.assertEqual((response.status_code, refund.state), (404, "pending"))

    def test_a_message_of_old_keys_cannot_be_processed_again(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0"))
        self.provider.paytr_merchant_key = "another"
        self._inbox(tx).action_replay()
        self.assertEqual(self._inbox(tx).state, "failed")
