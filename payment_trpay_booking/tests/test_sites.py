"""Two companies with a website each, which offer the same service."""

import vobject

from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import file_path

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestSites(BookingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.env["res.company"].create(
            {
                "name": "Klinik Ege",
                "email": "ege@example.com",
                "phone": "+902321112233",
                "currency_id": cls.lira.id,
            }
        )
        cls.policy.copy({"company_id": cls.there.id})
        cls.service.company_id = False

    def setUp(self):
        super().setUp()
        if "website" not in self.env:
            self.skipTest("no websites")
        turkish = self.env["res.lang"]._activate_lang("tr_TR")
        self.env["ir.module.module"]._load_module_terms(
            ["payment_trpay", "payment_trpay_booking"], ["tr_TR"]
        )
        own = {"company_id": self.there.id, "default_lang_id": turkish.id}
        own["language_ids"] = turkish.ids
        self.other_site, self.site = self.env["website"].create(
            [
                {"name": "Ege", "domain": "https://ege.example.com", **own},
                {"name": "Çocuk", "domain": "https://cocuk.example.com", **own},
            ]
        )
        self.known = self.env["mail.mail"].search([])

    def _book_there(self, **customer):
        slot = self._slot()
        env = self.env(
            user=self.env.ref("base.user_root"),
            context={"website_id": self.site.id, "allowed_company_ids": self.there.ids},
        )
        customer = {"name": "Ayşe", "email": "ayse@example.com", "phone": "1"} | customer
        service = self.service.with_env(env)
        booking = env["resource.booking"]._book(service, slot, customer)
        return booking.with_env(env(context={}))  # As a cron sees it.

    def _mail(self):
        return self.env["mail.mail"].search([], order="id desc", limit=1)

    def test_a_mail_is_from_the_company_and_leads_to_the_website(self):
        booking = self._book_there()
        address = self.env["ir.config_parameter"].get_param("web.base.url")
        for event in ("held", "confirmed", "canceled", "balance_due"):
            booking._deposit_notify(event, 300)
            mail = self._mail()
            self.assertIn("ege@example.com", mail.email_from)
            self.assertIn("https://cocuk.example.com/book/appointment", mail.body_html)
            self.assertNotIn(address, mail.body_html, "not even in the layout")
            self.assertIn("Klinik Ege", mail.body_html)

    def test_the_language_is_one_that_the_website_speaks(self):
        partner = self.env["res.partner"].create({"name": "Joe", "lang": "en_US"})
        self._book_there(partner_id=partner.id)
        self.assertIn("Merhaba", self._mail().body_html)
        self.site.language_ids |= self.env["res.lang"].search([("code", "=", "en_US")])
        partner = partner.copy()
        self._book_there(partner_id=partner.id)
        self.assertIn("Hello", self._mail().body_html)

    def test_the_link_and_its_qr_code(self):
        action = self._book_there().action_deposit_link()
        link = self.env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(link.url.startswith("https://cocuk.example.com/book/"), link.url)

    def test_the_calendar_file(self):
        booking = self._book_there()
        event = vobject.readOne(booking._calendar_file().raw.decode()).vevent
        self.assertEqual(event.organizer.value, "MAILTO:ege@example.com")
        self.assertEqual(event.organizer.params["CN"], ["Klinik Ege"])
        self.assertEqual(event.url.value, "https://cocuk.example.com" + booking.get_portal_url())

    def test_a_reminder_of_the_calendar(self):
        booking = self._book_there()
        booking._deposit_waive()
        address = self.env["ir.config_parameter"].get_param("web.base.url")
        booking.meeting_id.attendee_ids._notify_attendees(
            self.env.ref("calendar.calendar_template_meeting_reminder"), notify_author=True
        )
        mail = self._mail()
        self.assertIn("ege@example.com", mail.email_from)
        self.assertEqual(mail.author_id, self.there.partner_id)
        self.assertIn("https://cocuk.example.com", mail.body_html)
        self.assertNotIn(address, mail.body_html)
        event = vobject.readOne(mail.attachment_ids.raw.decode()).vevent
        self.assertEqual(event.organizer.value, "MAILTO:ege@example.com")
        self.assertNotIn("url", event.contents, "others attend, too")

    def test_what_a_provider_is_told(self):
        tx = self._start_payment(self._book_there())
        self.assertTrue(tx._trpay_site().startswith("https://cocuk.example.com"))
        tx.company_id.email = False
        self.assertIn("@cocuk.example.com", tx._trpay_shop().email)
        checkout = tx._trpay_checkout()
        self.assertTrue(checkout.return_url.startswith("https://cocuk.example.com/payment/paytr/"))

    def test_what_staff_book_leads_to_a_website_of_its_company(self):
        self.other_site.sequence = -1
        booking = self._book_there()
        booking.deposit_website = 0
        self.assertEqual(booking.get_base_url(), self.there.website_id.domain)

    def test_a_website_that_is_gone(self):
        booking = self._book_there()
        self.site.unlink()
        self.assertEqual(booking.get_base_url(), "https://ege.example.com")


@tagged("post_install", "-at_install")
class TestUpdate(BookingCommon):
    def test_templates_that_nobody_changed_have_the_new_sender(self):
        held = self.env.ref("payment_trpay_booking.mail_held")
        paid = self.env.ref("payment_trpay_booking.mail_paid")
        shipped = held.email_from, held.lang
        held.email_from = "{{ object.type_id.company_id.email_formatted or user.email_formatted }}"
        held.lang = "{{ object.partner_id.lang }}"
        paid.email_from = "own@example.com"
        self.env.flush_all()
        path = "payment_trpay_booking/migrations/19.0.1.1.0/post-mail_from_the_company.py"
        load_script(file_path(path), "mail_from_the_company").migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual((held.email_from, held.lang), shipped)
        self.assertEqual(paid.email_from, "own@example.com")
