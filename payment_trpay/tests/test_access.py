from odoo.tests import tagged

from odoo.addons.base.tests.common import new_test_user

from .common import PayTRCommon


@tagged("post_install", "-at_install")
class TestAccess(PayTRCommon):
    """What we add to core's views must not keep anybody out of them."""

    def _open_form(self, groups):
        tx = self._paid()
        user = new_test_user(self.env, f"user_{len(groups)}", groups=groups)
        form = self.env["payment.transaction"].with_user(user).get_views([(False, "form")])
        names = form["models"]["payment.transaction"]["fields"]
        return tx.with_user(user).web_read({name: {} for name in names})

    def test_accountants_open_the_form_of_a_transaction(self):
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        (values,) = self._open_form("account.group_account_invoice")
        self.assertEqual(values["state"], "done")
        self.assertNotIn("trpay_notification_ids", values)

    def test_administrators_see_the_messages_too(self):
        if not self.account_payment_installed:
            self.skipTest("no accounting")
        (values,) = self._open_form("base.group_system,account.group_account_invoice")
        self.assertIn("trpay_notification_ids", values)
