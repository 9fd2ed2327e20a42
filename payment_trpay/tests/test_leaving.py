"""What becomes of the rest when the addon goes, or when a database is copied."""

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .. import uninstall_hook
from ..gateways import GATEWAYS
from .common_platformode import PlatformodeCommon


@tagged("post_install", "-at_install")
class TestLeaving(PlatformodeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.card.id,
                "partner_id": cls.partner.id,
                "provider_ref": "KELUUKPQBCGYLV7F",
                "trpay_customer": str(cls.partner.id),
                "trpay_card_number": "411111******1111",
            }
        )

    def test_the_addon_stays_while_providers_keep_cards(self):
        with self.assertRaises(UserError):
            uninstall_hook(self.env)
        self.token.active = False
        self.assertEqual(self.token.trpay_deletion, "due")
        with self.assertRaises(UserError):
            uninstall_hook(self.env)
        self.token.trpay_deletion = "done"
        uninstall_hook(self.env)
        self.assertEqual((self.provider.code, self.provider.state), ("none", "disabled"))

    def test_a_copy_of_the_database_asks_no_provider_for_anything(self):
        tx = self._pay(trpay_next_inquiry="2026-01-01")
        recurring = self._recurring(trpay_next_inquiry="2026-01-01")
        self.env["trpay.access"].create({"name": "digest", "value": "token"})
        other = self.token.copy({"provider_id": self.dummy_provider.id})
        providers = self.env["payment.provider"].search([("code", "in", list(GATEWAYS))])
        keys = [
            f"{code}_{name}" for code, gateway in GATEWAYS.items() for name in gateway.credentials
        ]
        self.assertTrue(all(any(providers.mapped(key)) for key in keys))
        self.env.flush_all()
        with file_open("payment_trpay/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertEqual([key for key in keys if any(providers.mapped(key))], [])
        self.assertFalse(self.env["trpay.access"].search([]))
        self.assertFalse(tx.trpay_next_inquiry or recurring.trpay_next_inquiry)
        self.assertEqual((self.token.active, self.token.trpay_deletion), (False, "done"))
        self.assertEqual((other.active, other.trpay_deletion), (True, False))
