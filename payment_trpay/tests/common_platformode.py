"""A shop at Platformode, whose answers are those of the test."""

import json
from contextlib import contextmanager
from unittest.mock import patch
from urllib.parse import parse_qsl

import responses

from ..gateways.base import Card
from ..gateways.platformode.hash import seal
from ..models.trpay_access import SharedKeyring
from .common import PayTRCommon

BASE = "http://127.0.0.1:9/platformode"  # Nothing listens there.
SECRET = "5ecre75ecre75ecre75ecre75ecre750"
KEYS = {
    "platformode_app_id": "0badc0de0badc0de0badc0de0badc0de",
    "platformode_app_secret": SECRET,
    "platformode_merchant_key": "$2y$10$Merchant.Key/ForTests",
    "platformode_sale_hook": "odoo_sale",
    "platformode_refund_hook": "odoo_refund",
}
TOKEN = {"status_code": 100, "data": {"token": "eyJ0eXAi.handed.out", "is_3d": 4}}
PATHS = {"link": "purchase/link", "complete": "payment/complete"}


class PlatformodeCommon(PayTRCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls._prepare_provider(
            "platformode", update_values=KEYS | {"is_published": True}
        )
        cls.env["ir.config_parameter"].set_param("payment_trpay.endpoint.platformode", BASE)

    def setUp(self):
        super().setUp()
        # No failure of another test keeps this one from asking.
        self.enterContext(patch.dict(SharedKeyring._failed, clear=True))

    def _reference(self):
        return self.env["payment.transaction"]._compute_reference("platformode", prefix="S00042")

    def _recurring(self, **values):
        return self.env["trpay.recurring"].create(
            {
                "name": "S00042",
                "company_id": self.env.company.id,
                "partner_id": self.partner.id,
                "currency_id": self.lira.id,
                "amount": 49.0,
                "payments": 3,
            }
            | values
        )

    # === PLATFORMODE'S SIDE === #

    @contextmanager
    def _platformode(self, **answers):
        """Let Platformode's services answer; requests to Odoo itself go through.

        :param answers: By service; those of a list in their order, then the last again and again.
            A pair has another HTTP status than 200 before the answer.
        :return: What was sent, as pairs of a service and a body; complete at the end only.
        """
        sent = []
        with responses.RequestsMock(assert_all_requests_are_fired=False) as psp:
            if hasattr(self, "base_url"):
                psp.add_passthru(self.base_url())
            for service, given in ({"token": TOKEN} | answers).items():
                path = PATHS.get(service, f"api/{service}")
                for each in given if isinstance(given, list) else [given]:
                    status, answer = each if isinstance(each, tuple) else (200, each)
                    kind = "body" if isinstance(answer, Exception) else "json"
                    psp.post(f"{BASE}/{path}", status=status, **{kind: answer})
            yield sent
            sent.extend(
                (call.request.url.split("/")[-1], _parse(call.request.body))
                for call in psp.calls
                if call.request.url.startswith(BASE)
            )

    def _answering(self, act, **answers):
        """Let Platformode's services answer while something is done in a cursor of its own.

        :param act: What is done, given an environment.
        :return: What was sent, as pairs of a service and a body.
        """
        self.env.flush_all()
        with (
            self._platformode(**answers) as sent,
            self.enter_registry_test_mode(),
            self.env.registry.cursor() as cr,
        ):
            act(self.env(cr=cr))
        self.env.invalidate_all()
        return sent

    def _find_out(self, *transactions, **answers):
        def act(env):
            for tx in transactions:
                tx.with_env(env)._trpay_find_out()

        return self._answering(act, **answers)

    def _test_connection(self, **answers):
        self._answering(
            lambda env: self.provider.with_env(env).action_trpay_test_connection(), **answers
        )
        return self.provider.trpay_connection

    def _status(self, tx, **changes):
        return {
            "status_code": 100,
            "transaction_status": "Completed",
            "transaction_type": "Auth",
            "invoice_id": tx.reference,
            "order_id": "162435932934307",
            "product_price": "49.00",
            "transaction_amount": 50.1,
            "merchant_commission": "1.18",
            "settlement_date": "2026-12-01",
            "total_refunded_amount": 0,
        } | changes

    def _hook(self, tx, status="Completed", total="49.00", secret=SECRET, **changes):
        order_id = "162435932934307"
        return {
            "invoice_id": tx.reference,
            "order_id": order_id,
            "status": status,
            "payment_status": "1" if status == "Completed" else "0",
            "Hash_key": seal(secret, status, total, tx.reference, order_id, "TRY"),
        } | changes

    # === CARDS === #

    def _back(self, tx, secret=SECRET, **changes):
        order_id = "162435932934307"
        return {
            "payment_status": "1",
            "order_no": order_id,
            "invoice_id": tx.reference,
            "md_status": "1",
            "hash_key": seal(secret, "1", "49.00", tx.reference, order_id, "TRY"),
        } | changes

    def _resume(self, tx, message, **answers):
        complete = {"complete": {"status_code": 100, "data": {"invoice_id": tx.reference}}}
        return self._answering(
            lambda env: tx.with_env(env)._trpay_resume(message), **complete | answers
        )

    def _resumed(self, **values):
        return self._pay(trpay_refs={"resumed": True, "flow": "card_3d"}, **values)

    def _charge(self, tx, **answers):
        card = Card(number="4111111111111111", holder="A B", month="12", year="2030", code="000")
        return self._answering(lambda env: tx.with_env(env)._trpay_charge(card, 1), **answers)


def _parse(body):
    text = body.decode() if isinstance(body, bytes) else body
    return json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
