"""What is kept of what a PSP posts and a browser brings back: no card, whoever posts one."""

import importlib.util
import json
import logging

import requests

from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_platformode import PlatformodeCommon
from .test_notify import NotifyCommon

PAN = "4355084355084358"
GROUPS = "4355 0843 5508 4358"
PLANTED = {
    "card_number": PAN,
    "cc_no": GROUPS,
    "card_code": "987",
    "cvv": "987",
    "access_token": "of our own address",
    "tx_id": "1",
    "note": "x" * 10_000,
}


class KeptCommon:
    def _shown(self, *records):
        """All that the database has of records, whoever may read it."""
        self.env.flush_all()
        rows = []
        for record in records:
            self.env.cr.execute(f"SELECT to_jsonb(r)::text FROM {record._table} r")  # pylint: disable=sql-injection
            rows += [row for (row,) in self.env.cr.fetchall()]
        return "\n".join(rows)

    def _assert_no_card(self, text):
        for secret in (PAN, GROUPS, "43550843", '"987"', "=987", "x" * 600):
            self.assertNotIn(secret, text)


@tagged("post_install", "-at_install")
class TestKept(NotifyCommon, KeptCommon):
    def _inbox_and_payments(self):
        models = ("trpay.notification", "payment.transaction", "mail.activity", "mail.message")
        return self._shown(*(self.env[name] for name in models))

    def test_a_genuine_message_with_a_card_beside_its_fields(self):
        tx = self._pay()
        with self.assertLogs("odoo", logging.INFO) as log:
            self._post(self._notification(tx) | PLANTED)
        self.assertEqual(tx.state, "done")
        payload = json.loads(self._inbox(tx).payload)
        self.assertEqual(payload, self._notification(tx))
        self._assert_no_card(self._inbox_and_payments())
        self._assert_no_card("\n".join(log.output))

    def test_a_card_in_the_words_of_a_failure(self):
        tx = self._pay()
        said = f"Kart {GROUPS} reddedildi"
        fields = {"failed_reason_msg": said, "failed_reason_code": f"0{PAN}"}
        self._post(self._notification(tx, "failed", "0", **fields))
        self.assertEqual(tx.state, "error")
        self.assertIn("4355 08** **** 4358", tx.state_message)
        self.assertIn("4355 08** **** 4358", tx.trpay_provider_message)
        self._assert_no_card(self._inbox_and_payments())

    def test_what_is_kept_is_enough_to_process_it_again(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0") | PLANTED)
        self._inbox(tx).action_replay()
        self.assertEqual((self._inbox(tx).state, self._inbox(tx).error), ("processed", False))

    @mute_logger("odoo.addons.payment_trpay.models.trpay_notification")
    def test_a_card_in_the_words_of_an_error_of_ours(self):
        tx = self._pay()
        self._post(self._notification(tx))
        self._inbox(tx)._fail(repr(ValueError(f"bad value {GROUPS}")))
        self.assertIn("4355 08** **** 4358", self._inbox(tx).error)
        self._assert_no_card(self._inbox_and_payments())

    def test_no_log_shows_what_a_stranger_posts(self):
        tx = self._pay()
        forged = self._notification(tx, key="another")
        with self.assertLogs("odoo", logging.INFO) as log:
            for message in (
                {"merchant_oid": PAN},
                {"merchant_oid": GROUPS, **PLANTED},
                forged | {"status": GROUPS} | PLANTED,
                {"cvv": "987"},
            ):
                self.assertIn(self._post(message).status_code, (400, 403, 404))
        self._assert_no_card("\n".join(log.output))
        self.assertTrue(any("unknown order" in line for line in log.output))

    def test_the_server_s_own_log_has_no_query_of_ours(self):
        log = logging.getLogger("werkzeug")
        for line, shown in (
            (f"GET /payment/paytr/return?cc_no={PAN}&cvv=987 HTTP/1.1", "return?[…] HTTP/1.1"),
            (f"POST /payment/platformode/notify/refund?a b={PAN} HTTP/1.1", "?[…] HTTP/1.1"),
            (f"GET /payment/paytr/start/1/{PAN} HTTP/1.1", "start/1/435508******4358 HTTP/1.1"),
            (f"\x1b[33mGET /payment/paytr/card/1/x?n={PAN} HTTP/1.0\x1b[0m", "?[…] HTTP/1.0\x1b"),
            ("GET /payment/paytr/status/1/c0ffee HTTP/1.1", "/payment/paytr/status/1/c0ffee HTTP"),
            ("GET /shop?search=teeth HTTP/1.1", "GET /shop?search=teeth HTTP/1.1"),
        ):
            with self.assertLogs(log, logging.INFO) as caught:
                log.info('127.0.0.1 - - "%s" %s %s', line, "200", "-")
            self.assertIn(shown, caught.records[0].getMessage())
            self._assert_no_card(caught.records[0].getMessage())

    def test_the_way_back_of_who_typed_a_card_into_an_address(self):
        for query, kept in (
            ("order=5&access_token=4111111111111111c0ffee", True),
            (f"card_number={PAN}&cvv=987", False),
            (f"n={GROUPS.replace(' ', '+')}&cvv=987", False),
            (f"n={GROUPS.replace(' ', '-')}", False),
        ):
            tx = self._pay()
            self.env.flush_all()
            with self._answers(), mute_logger("odoo.addons.payment_trpay.gateways.transport"):
                self.url_open(
                    tx._trpay_route("start"),
                    headers={"Referer": f"{self.base_url()}/shop/payment?{query}"},
                )
            self.env.invalidate_all()
            path = "/shop/payment"
            self.assertEqual(tx.trpay_back_route, f"{path}?{query}" if kept else path)

    def test_an_update_cleans_what_earlier_versions_stored(self):
        tx = self._pay()
        self._post(self._notification(tx, "failed", "0"))
        kept = self._inbox(tx).payload
        whole = self._notification(tx, "failed", "0") | PLANTED
        self._inbox(tx).write({"payload": json.dumps(whole), "error": f"bad value {GROUPS}"})
        tx.write({"state_message": GROUPS, "trpay_provider_message": f"[0{PAN}] x"})
        tx.trpay_refs = {"flow": "page", "unanswered": {"merchant_oid": tx.reference, **PLANTED}}
        self.env.flush_all()
        _migration().migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(json.loads(self._inbox(tx).payload), json.loads(kept))
        self.assertEqual(
            tx.trpay_refs, {"flow": "page", "unanswered": {"merchant_oid": tx.reference}}
        )
        self._assert_no_card(self._inbox_and_payments())


@tagged("post_install", "-at_install")
class TestBroughtBack(PlatformodeCommon, NotifyCommon, KeptCommon):
    """A payment that the shop completes itself, by what the customer's browser brings back."""

    def _bring_back(self, tx, message, **how):
        self.env.flush_all()
        unanswered = requests.ReadTimeout()
        with (
            mute_logger("odoo.addons.payment_trpay.gateways.transport"),
            self._platformode(complete=unanswered) as sent,
            self.assertLogs("odoo", logging.INFO) as log,
        ):
            logging.getLogger("odoo").info("Nothing else may be said.")
            response = self.url_open(
                tx._trpay_route("return"), allow_redirects=False, **{"data": message} | how
            )
        self.env.invalidate_all()
        self.assertEqual(response.status_code, 303)
        self._assert_no_card("\n".join(log.output))
        self._assert_no_card(self._shown(tx))
        return [service for service, _body in sent]

    def _resumed(self):
        return self._pay(trpay_refs={"resumed": True, "flow": "card_3d"})

    def _back(self, tx, **changes):
        return self._hook(tx, "1", payment_status="1", md_status="1") | changes

    def test_a_card_beside_what_is_needed_to_complete(self):
        tx = self._resumed()
        message = self._back(tx, status_description=f"Kart {GROUPS}")
        self.assertIn("complete", self._bring_back(tx, message | PLANTED))
        self.assertEqual(tx.state, "pending")
        kept = tx.trpay_refs["unanswered"]
        self.assertEqual(kept.pop("hash_key"), message["Hash_key"])
        self.assertEqual(kept.pop("status_description"), "Kart 4355 08** **** 4358")
        self.assertEqual(
            kept,
            {
                name: message[name]
                for name in ("invoice_id", "order_id", "status", "payment_status", "md_status")
            },
        )

    def test_a_file_and_a_body_of_json_are_nothing_of_the_psp_s(self):
        tx = self._resumed()
        upload = {"hash_key": ("x.txt", PAN), "cc_no": ("y.txt", PAN)}
        self.assertEqual(self._bring_back(tx, {}, files=upload), [])
        self.assertEqual(self._bring_back(tx, {}, data=None, json=self._back(tx) | PLANTED), [])
        self.assertEqual(tx.state, "draft")

    def test_a_query_is_read_like_a_form(self):
        tx = self._resumed()
        sent = self._bring_back(tx, None, params=self._back(tx) | PLANTED, method="GET")
        self.assertIn("complete", sent)

    def test_whatever_is_brought_back_without_a_link_leads_to_the_status_page(self):
        for message in ({"tx_id": "x", "access_token": "ğ"}, {"tx_id": "1"}, PLANTED):
            response = self.url_open(
                "/payment/platformode/return", data=message, allow_redirects=False
            )
            self.assertEqual(response.status_code, 303)
            self.assertTrue(response.headers["Location"].endswith("/payment/status"))

    def test_a_web_hook_with_a_card_beside_its_fields(self):
        tx = self._pay()
        message = self._hook(tx)
        self.env.flush_all()
        response = self.url_open("/payment/platformode/notify", data=message | PLANTED)
        self.env.invalidate_all()
        self.assertEqual(response.text, "OK")
        kept = json.loads(self._inbox(tx).payload)
        self.assertEqual(kept, {name.lower(): text for name, text in message.items()})
        self._assert_no_card(self._shown(self._inbox(tx), tx))


def _migration():
    path = f"{get_module_path('payment_trpay')}/migrations/19.0.1.3.0/post-clean_messages.py"
    spec = importlib.util.spec_from_file_location("clean_messages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
