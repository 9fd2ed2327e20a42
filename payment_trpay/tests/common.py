import base64
import hmac
import json
from contextlib import contextmanager
from unittest.mock import patch

import responses

from odoo.fields import Command

from odoo.addons.payment.tests.common import PaymentCommon

from ..gateways.base import Money, Outcome, State

PAYTR = "http://127.0.0.1:9/paytr"  # Nothing listens there: every answer is one of the test's.
TOKEN_URL = f"{PAYTR}/odeme/api/get-token"
STATUS_URL = f"{PAYTR}/odeme/durum-sorgu"
RATES_URL = f"{PAYTR}/odeme/taksit-oranlari"
REFUND_URL = f"{PAYTR}/odeme/iade"

MERCHANT_ID = "123456"
MERCHANT_KEY = "TESTKEYabcdef123"
MERCHANT_SALT = "TESTSALTghijk456"

NO_SUCCESSFUL_PAYMENT = {
    "status": "error",
    "err_no": "004",
    "err_msg": "merchant_oid ile basarili odeme bulunamadi",
}


class PayTRCommon(PaymentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lira = cls._enable_currency("TRY")
        cls.provider = cls._prepare_provider(
            "paytr",
            update_values={
                "paytr_merchant_id": MERCHANT_ID,
                "paytr_merchant_key": MERCHANT_KEY,
                "paytr_merchant_salt": MERCHANT_SALT,
                "is_published": True,
            },
        )
        cls.env["ir.config_parameter"].set_param("payment_trpay.endpoint.paytr", PAYTR)
        cls.card = cls.env.ref("payment.payment_method_card")
        cls.bank_transfer = cls.env.ref("payment.payment_method_bank_transfer")
        (cls.card + cls.bank_transfer).active = True
        cls.payment_method = cls.card
        cls.payment_method_id = cls.card.id
        cls.payment_method_code = "card"
        cls.currency = cls.lira
        cls.amount = 49.00

    def url_open(self, *args, timeout=60, **kwargs):
        """Wait longer than by default, for the first page of all is made while others run."""
        return super().url_open(*args, timeout=timeout, **kwargs)

    # === PAYMENTS === #

    def _pay(self, **values):
        """A transaction whose customer is on the payment page."""
        return self._create_transaction("redirect", **{"reference": self._reference()} | values)

    def _paid(self, **values):
        tx = self._pay(**values)
        tx._trpay_settle(Outcome(state=State.PAID, charged=Money(4900, "TRY")))
        self.assertEqual(tx.state, "done")
        return tx

    def _reference(self):
        return self.env["payment.transaction"]._compute_reference("paytr", prefix="S00042")

    def _order(self, amount, **values):
        """A quotation over this amount, in lira."""
        if "sale.order" not in self.env:
            self.skipTest("no sales")
        product = self.env["product.product"].create({"name": "Whitening", "taxes_id": False})
        lists = self.env["product.pricelist"]
        return self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "pricelist_id": lists.create({"name": "Lira", "currency_id": self.lira.id}).id,
                "order_line": [Command.create({"product_id": product.id, "price_unit": amount})],
                **values,
            }
        )

    @contextmanager
    def _woken(self):
        """The crons that are woken meanwhile, once for each waking."""
        woken = []
        model = self.env.registry["ir.cron"]
        remember = lambda _crons, xmlid, *_delay: woken.append(xmlid)  # noqa: E731
        with patch.object(model, "_trpay_wake", autospec=True, side_effect=remember):
            yield woken

    # === PAYTR'S SIDE === #

    def _sign(self, *parts, key=MERCHANT_KEY):
        digest = hmac.digest(key.encode(), "".join(parts).encode(), "sha256")
        return base64.b64encode(digest).decode()

    def _notification(self, tx, status="success", total="4900", key=MERCHANT_KEY, **changes):
        """A notification as PayTR sends it, signed for what it says before the changes.

        A change to `None` leaves the field out.
        """
        message = {
            "merchant_oid": tx.reference,
            "status": status,
            "total_amount": total,
            "hash": self._sign(tx.reference, MERCHANT_SALT, status, total, key=key),
            "test_mode": "1",
            "payment_type": "card",
        }
        if status == "success":
            message |= {
                "currency": "TL",
                "payment_amount": "4900",
                "installment_count": "1",
                "merchant_id": MERCHANT_ID,
            }
        else:
            message |= {
                "failed_reason_code": "0",
                "failed_reason_msg": "Kartın limiti / bakiyesi yetersiz",
            }
        message |= changes
        return {name: text for name, text in message.items() if text is not None}

    @contextmanager
    def _answers(self, *answers):
        """Let PayTR give these answers, each a pair of an address and a JSON value or an error.

        An address answers its last answer from then on. Requests to Odoo itself go through, and
        without any answer so do those to PayTR: into the void.
        """
        with responses.RequestsMock(assert_all_requests_are_fired=False) as psp:
            if not answers:
                psp.add_passthru(PAYTR)
            if hasattr(self, "base_url"):
                psp.add_passthru(self.base_url())
            for url, answer in answers:
                if isinstance(answer, Exception | str):
                    psp.post(url, body=answer)
                else:
                    psp.post(url, body=json.dumps(answer))
            yield psp

    def _status(self, returns=(), **changes):
        """The answer of the status inquiry for a payment of 49.00 TL."""
        return {
            "status": "success",
            "payment_amount": "49.00",
            "payment_total": "49.00",
            "currency": "TL",
            "taksit": "0",
            "kart_marka": "",
            "masked_pan": "455359******6747",
            "odeme_tipi": "KART",
            "test_mode": "1",
            "returns": list(returns),
        } | changes
