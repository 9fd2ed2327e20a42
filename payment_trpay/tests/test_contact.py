from urllib.parse import parse_qs

from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from ..gateways import GATEWAYS
from ..gateways.base import Reason
from .common import PAYTR, TOKEN_URL, PayTRCommon
from .common_platformode import PlatformodeCommon

TOKEN = {"status": "success", "token": "28cc613c3d7633cfa4ed0956fdf901e05cf9d9cc0c2ef8db54fa"}
INVALID = "Zorunlu alan degeri gecersiz veya gonderilmedi. (get-token)"


class ContactCommon(PayTRCommon):
    def _assert_told(self, tx, reason):
        self.assertEqual(tx.state, "error")
        self.assertEqual(tx.state_message, str(const.CUSTOMER_REASONS[reason]))
        self.assertIn(str(const.CONTACT_REASONS[reason]), tx.trpay_activity_id.note)


@tagged("post_install", "-at_install")
class TestContact(ContactCommon, PaymentHttpCommon):
    """What a PSP is told of a customer, and what becomes of a payment if it takes none of that."""

    def _start(self, tx, answer=TOKEN, **headers):
        """Open a payment and return what PayTR got, if anything."""
        self.env.flush_all()
        with self._answers((TOKEN_URL, answer)) as psp:
            self.url_open(tx._trpay_route("start"), headers=headers)
            posted = [
                parse_qs(call.request.body) for call in psp.calls if call.request.url == TOKEN_URL
            ]
        self.env.invalidate_all()
        return [{name: value for name, (value,) in form.items()} for form in posted]

    def _warnings(self):
        self.provider.invalidate_recordset()
        return self.provider.trpay_warnings or ""

    def test_a_customer_is_told_in_the_providers_form(self):
        self.partner.write(
            {
                "name": "<b>Ayşe</b>\n🌸",
                "email": "şule@example.com",
                "phone": "0532 123 45 67 (anne 0533 765 43 21)",
                "street": "Kordon 5",
                "street2": "Kat 2\n🏠",
                "city": "İzmir",
                "country_id": self.env.ref("base.tr").id,
            }
        )
        self.env.company.email = "Klinik <klinik@örnek.com.tr>"
        (posted,) = self._start(self._pay())
        self.assertEqual(posted["user_name"], "b Ayşe /b")
        self.assertEqual(posted["email"], "klinik@xn--rnek-4qa.com.tr")
        self.assertEqual(posted["user_phone"], "05321234567")
        self.assertTrue(posted["user_address"].startswith("Kordon 5, Kat 2, "))
        self.assertEqual(posted["user_ip"], const.TEST_CUSTOMER_IP)

    def test_a_shop_without_an_e_mail_address_has_one_of_its_domain(self):
        self.partner.email = "a@b"
        self.env.company.email = "info@localhost"
        self.env["ir.config_parameter"].set_param("web.base.url", "https://klinik.example.com")
        self.assertEqual(self._pay()._trpay_shop().email, "noreply@klinik.example.com")

    def test_without_any_e_mail_address_customer_and_owner_are_told(self):
        self.partner.email = "李雷@example.com"
        self.env.company.email = False
        tx = self._pay()
        self.assertFalse(self._start(tx))
        self._assert_told(tx, Reason.EMAIL_REFUSED)

    def test_a_field_that_is_refused_is_named_to_customer_and_owner(self):
        for name, reason in (
            ("user_phone", Reason.PHONE_REFUSED),
            ("user_name", Reason.NAME_REFUSED),
            ("user_address", Reason.ADDRESS_REFUSED),
            ("user_ip", Reason.IP_REFUSED),
        ):
            with self.subTest(name):
                tx = self._pay()
                self._start(tx, {"status": "failed", "reason": f"{INVALID}: {name}"})
                self._assert_told(tx, reason)

    # === WHERE THE CUSTOMER IS === #

    def test_a_live_payment_never_has_an_invented_ip_address(self):
        self.patch(GATEWAYS["paytr"], "live_url", PAYTR)
        self.provider.state = "enabled"
        self.env["ir.config_parameter"].set_param("web.base.url", "https://klinik.example.com")
        self.assertNotIn("proxy_mode", self._warnings())
        tx = self._pay()
        self.assertFalse(self._start(tx))
        self._assert_told(tx, Reason.IP_REFUSED)
        self.assertIn("proxy_mode", self._warnings())
        another = self._pay()
        self._start(another)
        self.assertEqual(another.state, "error")
        self.assertFalse(another.trpay_activity_id)  # One to-do is enough.

        self.addCleanup(config.__setitem__, "proxy_mode", config["proxy_mode"])
        config["proxy_mode"] = True
        seen = {"X-Forwarded-For": "::ffff:198.51.100.9", "X-Forwarded-Host": self._host()}
        (posted,) = self._start(self._pay(), **seen)
        self.assertEqual(posted["user_ip"], "198.51.100.9")
        self.assertNotIn("proxy_mode", self._warnings())

    def _host(self):
        return self.base_url().split("/")[2]


@tagged("post_install", "-at_install")
class TestContactAtPlatformode(ContactCommon, PlatformodeCommon):
    def test_each_part_of_an_address_is_told(self):
        turkey = self.env.ref("base.tr")
        self.partner.write(
            {
                "street": "Kordon 5",
                "street2": "Kat 2",
                "city": "Konak",
                "zip": "35250",
                "country_id": turkey.id,
                "state_id": turkey.state_ids[:1].id,
            }
        )
        customer = self._pay()._trpay_checkout().customer
        self.assertEqual(
            (customer.street, customer.street2, customer.city, customer.postcode),
            ("Kordon 5", "Kat 2", "Konak", "35250"),
        )
        self.assertEqual((customer.state, customer.country), (turkey.state_ids[:1].name, "TR"))

    def test_an_invalid_character_is_for_customer_and_owner_to_mend(self):
        answer = {"status": "false", "status_code": 85, "success_message": "invalid character"}
        tx = self._pay()
        self._answering(lambda env: tx.with_env(env)._trpay_start(), link=answer)
        self._assert_told(tx, Reason.CHARACTER_REFUSED)

    def test_so_it_is_when_a_card_is_charged(self):
        refused = {"status_code": 85, "status_description": "invalid character: bill_address1"}
        tx = self._pay(trpay_refs={"flow": "card_2d"})
        self._charge(tx, paySmart2D=refused, checkstatus={"status_code": 31})
        self._assert_told(tx, Reason.ADDRESS_REFUSED)

    def test_a_text_of_http_422_names_the_field(self):
        tx = self._pay()
        answer = (422, {"message": "The bill phone format is invalid."})
        self._answering(lambda env: tx.with_env(env)._trpay_start(), link=answer)
        self._assert_told(tx, Reason.PHONE_REFUSED)
