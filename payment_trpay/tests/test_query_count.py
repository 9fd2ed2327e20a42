import base64
import json

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_notify import NotifyCommon


@tagged("post_install", "-at_install")
class TestQueryCount(NotifyCommon):
    """What a notification costs the database, measured next to core's leanest webhook."""

    def _count(self, url, message):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        response = self.url_open(url, data=message, method="POST")
        self.assertEqual(response.status_code, 200)
        return self.cr.sql_log_count - before

    def _prepare_redsys(self):
        return self._prepare_provider(
            "redsys",
            update_values={
                "redsys_merchant_code": "1",
                "redsys_merchant_terminal": "1",
                "redsys_secret_key": "c3ELLyNkp8d/fgvyMjbcaPBAZcFuVWJE",
            },
        )

    def _count_redsys(self):
        provider = self._prepare_redsys()
        counts = []
        for _warm_up_then_measure in range(3):
            tx = self._create_transaction(
                "redirect",
                provider_id=provider.id,
                reference=None,
                currency_id=self.currency_euro.id,
            )
            parameters = base64.b64encode(
                json.dumps(
                    {
                        "Ds_Order": tx.reference,
                        "Ds_Amount": "4900",
                        "Ds_Currency": "978",
                        "Ds_Response": "0000",
                        "Ds_Card_Brand": "1",
                    }
                ).encode()
            ).decode()
            counts.append(
                self._count(
                    "/payment/redsys/webhook",
                    {
                        "Ds_MerchantParameters": parameters,
                        "Ds_Signature": provider._redsys_calculate_signature(
                            parameters, tx.reference, provider.redsys_secret_key
                        ),
                    },
                )
            )
            self.env.invalidate_all()
            self.assertEqual(tx.state, "done")
        return counts[-1]

    def _count_ours(self):
        counts = []
        for _warm_up_then_measure in range(3):
            tx = self._pay()
            counts.append(self._count("/payment/paytr/notify", self._notification(tx)))
            self.env.invalidate_all()
            self.assertEqual(tx.state, "done")
        return counts[-1]

    @mute_logger("odoo.addons.payment_redsys.controllers.main")
    def test_a_notification_costs_no_more_than_core_s_plus_the_inbox_row(self):
        self.assertLessEqual(self._count_ours(), self._count_redsys() + 1)

    def test_a_repetition_costs_next_to_nothing(self):
        tx = self._pay()
        message = self._notification(tx)
        first = self._count("/payment/paytr/notify", message)
        repetition = self._count("/payment/paytr/notify", message)
        self.assertLess(repetition, first / 2)

    def test_noise_costs_next_to_nothing(self):
        self.env.flush_all()
        with mute_logger("odoo.addons.payment_trpay.controllers.notify"):
            self.url_open("/payment/paytr/notify", data={"merchant_oid": "x"}, method="POST")
            before = self.cr.sql_log_count
            self.url_open("/payment/paytr/notify", data={"merchant_oid": "x"}, method="POST")
        self.assertLessEqual(self.cr.sql_log_count - before, 6)

    def test_a_checkout_page_costs_no_more_with_ours_than_with_a_provider_of_core(self):
        redsys = self._prepare_redsys()
        counts = {}
        for shown, hidden in ((redsys, self.provider), (self.provider, redsys)):
            hidden.is_published = False
            shown.is_published = True
            values = self._prepare_pay_values(currency=self.currency_euro)
            for _warm_up_then_measure in range(3):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                page = self._portal_pay(**values)
                counts[shown.code] = self.cr.sql_log_count - before
            self.assertIn(f'data-provider-id="{shown.id}"', page.text)
        self.assertLessEqual(counts["paytr"], counts["redsys"])
