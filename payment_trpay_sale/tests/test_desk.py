from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.base.tests.common import new_test_user
from odoo.addons.payment_trpay.tests.common import PayTRCommon


@tagged("post_install", "-at_install")
class TestDesk(PayTRCommon):
    """Sales adds the count of orders to the form of a payment, which not everybody may read."""

    def _open(self, name, groups):
        tx = self._paid(sale_order_ids=[Command.set(self._order(49).ids)])
        self.env.flush_all()
        self.env.invalidate_all()  # The form must not find what the superuser has read.
        user = new_test_user(self.env, name, groups=groups)
        return Form(tx.with_user(user))

    def test_the_front_desk_opens_a_payment(self):
        form = self._open("desk", "payment_trpay.group_desk")
        self.assertEqual(form.state, "done")
        self.assertNotIn("sale_order_ids_nbr", form._view["fields"])

    def test_an_administrator_without_sales_opens_a_payment(self):
        form = self._open("admin2", "base.group_system")
        self.assertEqual(form.state, "done")

    def test_who_may_read_orders_finds_them_from_the_payment(self):
        for groups in (
            "sales_team.group_sale_salesman_all_leads,payment_trpay.group_desk",
            "account.group_account_invoice",
        ):
            with self.subTest(groups):
                form = self._open(f"reader_{len(groups)}", groups)
                self.assertEqual(form.sale_order_ids_nbr, 1)
