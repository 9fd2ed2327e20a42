"""Whatever a provider answers, nothing ends in silence."""

import json
import re
from datetime import timedelta

import requests
import responses
from freezegun import freeze_time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import const
from ..gateways.base import Outcome, State
from .common import MERCHANT_SALT, PAYTR, PayTRCommon
from .common_platformode import BASE, TOKEN, PlatformodeCommon

NAMES = st.sampled_from(
    [
        *("status", "status_code", "status_description", "message", "err_no", "err_msg"),
        *("invoice_id", "transaction_status", "transaction_type", "product_price", "md_status"),
        *("payment_amount", "payment_total", "returns", "return_amount", "reference_no"),
        *("total_refunded_amount", "token", "link", "reason", "data", "order_id", "currency"),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 120),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(["success", "error", "failed", "004", "TL", "49.00", "Completed", "Auth"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
LIKELY = st.sampled_from(
    [
        {},
        {"status": "success", "payment_amount": "49.00", "payment_total": "49.00"},
        {"status": "success", "return_amount": "10.00"},
        {"status": "error", "err_no": "010", "err_msg": "net bakiye yetersiz"},
        {"status_code": 100, "transaction_status": "Completed", "transaction_type": "Auth"},
        {"status_code": 49, "status_description": "Yetersiz bakiye"},
        {"status_code": 104},
        {"status_code": 112, "status_description": "Partially Successful"},
        {"message": "Forbidden"},
    ]
)
BODIES = st.one_of(
    st.builds(lambda odd, likely: odd | likely, st.dictionaries(NAMES, VALUES, max_size=4), LIKELY),
    VALUES,
).map(json.dumps) | st.sampled_from(["", "OK", "<h1>404</h1>", "{"])
STATUSES = st.sampled_from(
    [200, 200, 200, 400, 401, 403, 404, 405, 408, 409, 413, 422, 425, 429, 302, 500, 503]
)
each_answer = given(status=STATUSES, body=BODIES)
few = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # The same for everybody: a failure is never a matter of luck.
    database=None,
    suppress_health_check=list(HealthCheck),
)
QUIET = (
    "odoo.addons.payment_trpay.gateways.transport",
    "odoo.addons.payment_trpay.gateways.platformode.page",
    "odoo.addons.payment_trpay.models.payment_resume",
)


class NoSilence:
    """What each provider's payments have in common; a mixin of a test case."""

    def _assert_not_silent(self, tx):
        """It is over, or will be asked about, or somebody was told."""
        is_over = tx.state in ("done", "cancel", "error")
        self.assertTrue(is_over or tx.trpay_next_inquiry or tx.trpay_activity_id, tx.state)
        if tx.operation == "refund" and tx.state == "error":
            self.assertTrue(tx.trpay_activity_id)
        if tx.state == "error":
            self.assertTrue(tx.state_message)

    def _answer(self, tx, act, status, body):
        """Do something while each service answers so, and leave no trace in the database."""
        self.env.flush_all()
        with (
            mute_logger(*QUIET),
            responses.RequestsMock(assert_all_requests_are_fired=False) as psp,
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            psp.post(f"{BASE}/api/token", json=TOKEN)
            for method in (responses.POST, responses.GET):
                psp.add(method, self.any_service, body=body, status=status)
            act(tx.with_env(self.env(cr=cr)))
        self.env.invalidate_all()

    def _assert_no_answer_is_silent(self, make, act):
        @few
        @each_answer
        def check(status, body):
            tx = make()
            self._answer(tx, act, status, body)
            self._assert_not_silent(tx)

        check()

    def test_no_answer_to_a_question_ends_in_silence(self):
        self._assert_no_answer_is_silent(self._begun, lambda tx: tx._trpay_find_out())

    def test_no_answer_to_the_last_question_ends_in_silence(self):
        def ask_late(tx):
            with freeze_time(fields.Datetime.now() + const.INQUIRY_END + timedelta(hours=1)):
                tx._trpay_find_out()

        self._assert_no_answer_is_silent(self._begun, ask_late)

    def test_no_answer_to_a_refund_ends_in_silence(self):
        paid = self._settled()

        def make():
            paid.child_transaction_ids.filtered(lambda tx: tx.state == "pending")._set_canceled()
            refund = paid._refund(0.01)
            self.assertEqual(refund.state, "pending")
            return refund

        self._assert_no_answer_is_silent(make, lambda tx: tx._trpay_find_out())

    def test_no_answer_to_the_start_ends_in_silence(self):
        def start(tx):
            tx._trpay_start()
            if tx.state == "draft":
                self.assertTrue(tx.trpay_page_url)

        self._assert_no_answer_is_silent(self._pay, start)

    def _begun(self):
        now = fields.Datetime.now()
        return self._pay(trpay_next_inquiry=now, trpay_page_url="https://psp.example/page")

    def _settled(self):
        tx = self._pay()
        tx._trpay_settle(Outcome(state=State.PAID))
        return tx


@tagged("post_install", "-at_install")
class TestAnswersOfPayTR(NoSilence, PayTRCommon):
    any_service = re.compile(f"{PAYTR}/.*")

    def test_no_signed_notification_ends_in_silence(self):
        """Any value of any field: refused as incomplete, or acted on, asked about, or told."""
        texts = st.sampled_from(["", "0", "1", "4900", "4900.00", "49.00", "TL", "x", "eft", "ş"])
        gateway = self.provider._trpay_gateway()

        @few
        @given(
            status=st.sampled_from(["success", "failed", "waiting", "SUCCESS"]),
            total=texts.filter(bool),
            others=st.dictionaries(
                st.sampled_from(
                    ["payment_amount", "currency", "payment_type", "installment_count", "test_mode"]
                ),
                texts,
            ),
        )
        def check(status, total, others):
            tx = self._pay()
            message = {
                "merchant_oid": tx.reference,
                "status": status,
                "total_amount": total,
                "hash": self._sign(tx.reference, MERCHANT_SALT, status, total),
                **others,
            }
            claim = gateway.read(message, tx._trpay_order())
            self.assertTrue(self.env["trpay.notification"]._receive(tx, claim, message))
            self._assert_not_silent(tx)

        check()


@tagged("post_install", "-at_install")
class TestAnswersOfPlatformode(NoSilence, PlatformodeCommon):
    any_service = re.compile(f"{BASE}/(?!api/token).*")

    def _refund(self):
        return self._settled()._refund(10)

    # === A REFUND === #

    def test_a_refusal_is_told_once_with_the_words_of_the_provider(self):
        said = {"status_code": 49, "status_description": "Geri ödeme başarısız"}
        for status in (200, 400, 403, 404, 409, 413):
            refund = self._refund()
            sent = self._find_out(refund, refund=(status, said))
            self.assertEqual((refund.state, refund.trpay_next_inquiry), ("error", False))
            self.assertEqual(refund.trpay_activity_id.note.count("Geri ödeme başarısız"), 1)
            self.assertEqual([service for service, _body in sent].count("refund"), 1)

    def test_what_is_told_names_the_document_and_the_amount(self):
        order = self._order(49.0)
        tx = self._pay(sale_order_ids=[(6, 0, order.ids)])
        tx._trpay_settle(Outcome(state=State.PAID))
        refund = tx._refund(10)
        self._find_out(refund, refund=(403, {"message": "Yasak"}))
        note = refund.trpay_activity_id.note
        self.assertIn(order.name, note)
        self.assertIn("10.00", note)
        self.assertIn(refund.reference, note)

    def test_mere_words_are_told_too(self):
        refund = self._refund()
        self._find_out(refund, refund=(403, {"message": "Yasak"}))
        self.assertEqual(refund.state, "error")
        self.assertIn("Yasak", refund.trpay_activity_id.note)

    def test_what_was_not_looked_at_is_sent_again_later(self):
        for status in (408, 425, 429):
            refund = self._refund()
            self._find_out(refund, refund=(status, {}))
            self.assertEqual((refund.state, refund.trpay_sent), ("pending", False))
            self.assertGreater(refund.trpay_next_inquiry, fields.Datetime.now())
            self._find_out(refund, refund={"status_code": 100})
            self.assertEqual(refund.state, "done")

    def test_shortage_and_haste_are_put_off(self):
        for text, is_told in (
            ("Yetersiz bakiye", True),
            ("Insufficient balance", True),
            ("Başka bir geri ödeme için lütfen en az 30 saniye bekleyin", False),
        ):
            refund = self._refund()
            answer = {"status_code": 49, "status_description": text}
            for _time in range(3):
                self._find_out(refund, refund=answer)
                self.assertEqual((refund.state, refund.trpay_sent), ("pending", False))
            self.assertEqual(bool(refund.trpay_activity_id), is_told)
            if is_told:
                self.assertEqual(refund.trpay_activity_id.note.count(text), 1)
            self._find_out(refund, refund={"status_code": 100})
            self.assertEqual(refund.state, "done")

    def test_a_number_that_is_known_was_received(self):
        refund = self._refund()
        self._find_out(refund, refund={"status_code": 104})
        self.assertEqual((refund.state, refund.trpay_is_taken), ("pending", True))
        given_back = self._status(refund.source_transaction_id, total_refunded_amount="10.00")
        self._find_out(refund, checkstatus=given_back)
        self.assertEqual(refund.state, "done")

    def test_after_a_conflict_the_number_tells(self):
        refund = self._refund()
        self._find_out(refund, refund=(409, {"message": "Conflict"}))
        self.assertEqual((refund.state, bool(refund.trpay_sent)), ("pending", True))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            self._find_out(refund)
            self._find_out(refund, refund={"status_code": 104})
        self.assertTrue(refund.trpay_is_taken)

    def test_what_the_provider_has_is_not_sent_again(self):
        refund = self._refund()
        tx = refund.source_transaction_id
        self._find_out(refund, refund={"status_code": 104, "status_description": "not unique"})
        self.assertIn("has this refund already", refund.trpay_provider_message)
        for _time in range(3):
            refund.trpay_sent -= timedelta(hours=1)
            sent = self._find_out(refund, checkstatus=self._status(tx))
            self.assertNotIn("refund", [service for service, _body in sent])
        self.assertEqual(refund.state, "pending")
        with freeze_time(fields.Datetime.now() + const.INQUIRY_END + timedelta(hours=1)):
            self._find_out(refund, checkstatus=self._status(tx))
        self.assertFalse(refund.trpay_next_inquiry)
        self.assertTrue(refund.trpay_activity_id)

    def test_a_part_is_told_at_once_and_stays_open(self):
        part = {"status_code": 112, "status_description": "Partially Successful"}
        for total, words in (("4.00", "4.00"), (0, "does not tell how much")):
            refund = self._refund()
            tx = refund.source_transaction_id
            status = self._status(tx, total_refunded_amount=total)
            self._find_out(refund, refund=part, checkstatus=status)
            self.assertEqual(refund.state, "pending")
            note = refund.trpay_activity_id.note
            self.assertIn(words, note)
            self.assertIn("10.00", note)
            self._find_out(refund, checkstatus=status)
            self.assertEqual((refund.state, refund.trpay_activity_id.note), ("pending", note))
            done = self._status(tx, total_refunded_amount="10.00")
            self._find_out(refund, checkstatus=done)
            self.assertEqual(refund.state, "done")

    def test_each_code_has_a_sentence_of_its_own(self):
        sentences = set()
        for code in (31, 32, 68, 69, 99, 104, 112):
            refund = self._refund()
            answer = {"status_code": code, "status_description": "X"}
            status = self._status(refund.source_transaction_id)
            self._find_out(refund, refund=answer, checkstatus=status)
            self.assertNotEqual(refund.trpay_provider_message[:2], "X")
            sentences.add(refund.trpay_provider_message.split("(")[0])
            self.assertEqual(refund.state, "error" if code in (31, 32, 68) else "pending", code)
        self.assertEqual(len(sentences), 7)

    # === 3D SECURE THAT COMES BACK WITHOUT A HASH === #

    def _back(self, tx, **changes):
        return {"invoice_id": tx.reference, "payment_status": "1", "md_status": "1", **changes}

    def _resumed(self):
        return self._pay(trpay_refs={"resumed": True, "flow": "card_3d"})

    def _authenticated(self, tx, **changes):
        return self._status(
            tx, status_code=69, transaction_status="Pending", md_status=1, **changes
        )

    def test_a_bare_return_is_asked_about_and_completed(self):
        tx = self._resumed()
        sent = self._answering(
            lambda env: tx.with_env(env)._trpay_resume(self._back(tx)),
            checkstatus=[self._authenticated(tx), self._status(tx)],
            complete={"status_code": 100, "data": {"invoice_id": tx.reference}},
        )
        self.assertIn("complete", [service for service, _body in sent])
        self.assertEqual(tx.state, "done")

    @mute_logger("odoo.addons.payment_trpay.models.payment_resume")
    def test_a_bare_return_of_who_did_not_confirm_completes_nothing(self):
        tx = self._resumed()
        status = self._authenticated(tx) | {"md_status": 0}
        sent = self._answering(
            lambda env: tx.with_env(env)._trpay_resume(self._back(tx)), checkstatus=status
        )
        self.assertEqual([service for service, _body in sent], ["token", "checkstatus"])
        self.assertEqual((tx.state, tx.trpay_sent), ("draft", False))

    def test_who_was_not_completed_does_not_read_that_the_bank_refused(self):
        tx = self._resumed()
        failed = self._status(tx, status_code=41, transaction_status="Failed", md_status=1)
        self._find_out(tx, checkstatus=failed)
        self.assertEqual(tx.state, "error")
        self.assertNotIn("bank", tx.state_message)
        self.assertIn("not completed", tx.state_message)

    def test_a_completion_that_is_put_off_is_no_failure(self):
        tx = self._resumed()
        unknown = {"status_code": 69}
        self._answering(
            lambda env: tx.with_env(env)._trpay_resume(self._back(tx)),
            checkstatus=[self._authenticated(tx), unknown],
            complete=(429, {}),
        )
        self.assertEqual(tx.state, "pending")
        tx.trpay_sent -= const.SETTLING + timedelta(seconds=1)
        self._find_out(
            tx,
            checkstatus=[unknown, self._authenticated(tx), self._status(tx)],
            complete={"status_code": 100},
        )
        self.assertEqual(tx.state, "done")

    # === A RESERVATION === #

    def test_a_reservation_that_nobody_ends_is_told(self):
        now = fields.Datetime.now()
        tx = self._pay(state="authorized", trpay_refs={"hold": True}, trpay_next_inquiry=now)
        held = {"transaction_status": "Pending", "transaction_type": "Pre-Authorization"}
        with freeze_time(now + const.INQUIRY_ENDS["authorized"] + timedelta(hours=1)):
            self._find_out(tx, checkstatus=self._status(tx, **held))
        self.assertEqual((tx.state, tx.trpay_next_inquiry), ("authorized", False))
        self.assertIn("still reserved", tx.trpay_activity_id.note)

    # === RATES === #

    def test_the_connection_test_shows_rates_that_cannot_be_read(self):
        row = {
            "card_program": "WORLD",
            "user_commission_percentage": "1,061.00%",
            "user_commission_fixed": "0",
            "merchant_commission_percentage": "1",
            "merchant_commission_fixed": "0",
        }
        good = row | {"card_program": "BONUS", "user_commission_percentage": "2.505"}
        table = {"status_code": 100, "data": {"2": [row, good]}}
        installments = {"status_code": 100, "installments": [1, 2]}
        connection = self._test_connection(installments=installments, commissions=table)
        self.assertEqual(connection, "ok")
        message = self.provider.trpay_connection_message
        self.assertIn("WORLD", message)
        self.assertIn("1,061.00%", message)
        self.assertNotIn("BONUS", message)

    @mute_logger("odoo.addons.payment_trpay.gateways.transport")
    def test_no_rates_are_no_fault_of_the_keys(self):
        self.provider.platformode_app_id = "another"  # What fails is not asked for again at once.
        installments = {"status_code": 62}
        refused = requests.ReadTimeout()
        self.assertEqual(
            self._test_connection(installments=installments, commissions=refused), "ok"
        )
