from odoo.tests import tagged

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import CaptureCommon


@tagged("post_install", "-at_install")
class TestPortal(CaptureCommon, PaymentHttpCommon):
    def _page(self):
        response = self.url_open(self.order.get_portal_url())
        self.assertEqual(response.status_code, 200)
        return response.text

    def test_the_portal_names_what_was_captured(self):
        self._end(self._reserved()._capture(1000))
        page = self._page()
        self.assertIn("Amount paid", page)
        paid = page.split("Amount paid")[1][:300]
        self.assertIn("1,000.00", paid)
        self.assertNotIn("2,290.00", paid)
