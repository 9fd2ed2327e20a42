import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from lxml import html

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..controllers.customer_form import BAIT
from .common import BookingCommon

WILD = (
    "",
    "x",
    "2030-01-11",
    "2030-01-11T09:00:00",
    "2030-01-11T09:00:00 03:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2030-02-30T09:00:00+03:00",
    "1" * 5000,
    "\x00",
    "ğ",
    "{{7*7}}",
    "'; DROP TABLE resource_booking; --",
    "<script>alert(1)</script>",
)


class PageCommon(BookingCommon, HttpCase):
    """Pages as a visitor without an account sees them."""

    clock_ticks = True  # A server whose clock stands still waits for ever.

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.phone = "+90 232 555 00 42"
        cls.service.location = "Kıbrıs Şehitleri Cad. 42"

    def _get(self, url, status=200, **query):
        self.env.flush_all()
        response = self.url_open(f"{url}?{urlencode(query)}" if query else url)
        self.env.invalidate_all()
        self.assertEqual(response.status_code, status, url)
        return response

    def _post(self, page, url=None, **values):
        """Send the form of a page, with what a browser would send along."""
        form = html.fromstring(page.text).xpath("//form[contains(@class, 'o_book_form')]")[0]
        data = dict(form.fields) | values
        self.env.flush_all()
        response = self.url_open(url or form.action, data=data, method="POST")
        self.env.invalidate_all()
        return response

    def _text(self, page):
        """What people read."""
        return re.sub(r"\s+", " ", self._content(page).text_content())

    def _content(self, page):
        """The page without the frame around it."""
        tree = html.fromstring(page.text)
        (content,) = tree.xpath("//div[contains(@class, 'o_book container')]")
        return content

    def _links(self, page, part):
        return [url for url in self._content(page).xpath(".//a/@href") if part in url]

    def _count_records(self):
        self.env.flush_all()
        names = ("resource.booking", "calendar.event", "res.partner", "payment.transaction")
        return [self.env[name].with_context(active_test=False).search_count([]) for name in names]


@tagged("post_install", "-at_install")
class TestBookPage(PageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.url = f"/book/check-up-{cls.service.id}"

    def _details(self, slot=None, **query):
        return self._get(f"{self.url}/details", start=(slot or self._slot()).isoformat(), **query)

    def _fill(self, page, **values):
        return self._post(
            page,
            **{
                "name": "Ayşe Yılmaz",
                "phone": "0555 111 22 33",
                "email": "ayse@example.com",
                "agree": "1",
            }
            | values,
        )

    def _newest(self):
        return self.env["resource.booking"].search([], order="id desc", limit=1)

    # === SERVICES === #

    def test_services_say_what_they_cost_and_what_is_paid_now(self):
        self.service.public_description = "Twenty teeth or more."
        text = self._text(self._get("/book"))
        for expected in ("Check-up", "30 min", "1,000.00", "300.00", "to pay now", "Twenty teeth"):
            self.assertIn(expected, text)

    def test_only_published_services_of_this_company_are_offered(self):
        company = self.env["res.company"].create({"name": "Another"})
        hidden = self._create_service("Hidden", self.combinations[0], is_published=False)
        archived = self._create_service("Archived", self.combinations[0], active=False)
        foreign = self._create_service("Foreign", self.combinations[0], company_id=False)
        foreign.resource_calendar_id = foreign.resource_calendar_id.copy({"company_id": False})
        foreign.company_id = company
        shared = self._create_service("Shared", self.combinations[0], company_id=False)
        text = self._text(self._get("/book"))
        self.assertIn("Shared", text)
        for service in (hidden, archived, foreign):
            self.assertNotIn(service.name, text)
            self._get(f"/book/{service.id}", status=404)
            start = self._slot().isoformat()
            self._get(f"/book/{service.id}/details", status=404, start=start)
        self._get(f"/book/{shared.id}")

    def test_nothing_to_book(self):
        self.env["resource.booking.type"].search([]).is_published = False
        self.assertIn("Nothing can be booked", self._text(self._get("/book")))

    def test_a_service_without_a_price(self):
        self.service.price = 0
        text = self._text(self._get("/book"))
        self.assertIn("Free of charge", text)
        self.assertNotIn("to pay now", text)

    def test_its_picture_is_public_once_it_is_published(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
            "AABJRU5ErkJggg=="
        )
        self.service.image_1920 = pixel
        (url,) = html.fromstring(self._get("/book").text).xpath(
            "//img[contains(@class, 'o_book_picture')]/@src"
        )
        self.assertEqual(self._get(url).headers["Content-Type"], "image/png")
        picture = self.url_open(url).content
        self.service.is_published = False
        self.assertNotEqual(self._get(url.split("?")[0]).content, picture)  # a placeholder

    def test_the_list_does_not_grow_slower_with_the_bookings(self):
        counts = []
        for many in (10, 990):
            self._create_bookings(many)
            self._get("/book")  # warm
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.url_open("/book")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def _create_bookings(self, many):
        self.env["resource.booking"].create(
            [{"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}] * many
        )

    # === A MONTH === #

    def test_a_month_of_free_times(self):
        page = self._get(self.url)
        text = self._text(page)
        self.assertIn("January 2030", text)
        self.assertIn("Türkiye", text)
        self.assertTrue(self._links(page, "start=2030-01-07T"))
        self.assertTrue(self._links(page, "month=2030-02"))
        self.assertFalse(self._links(page, "month=2029-12"))

    def test_the_times_of_the_chosen_day(self):
        page = self._get(self.url, month="2030-01", day="2030-01-09")
        self.assertIn("Wednesday, January 9, 2030", self._text(page))
        times = self._links(page, "/details")
        self.assertTrue(times)
        self.assertTrue(all("start=2030-01-09T" in time for time in times))

    def test_a_taken_time_is_not_offered(self):
        slot = self._slot()
        day = slot.date().isoformat()
        before = self._links(self._get(self.url, month=day[:7], day=day), "/details")
        self._book(slot)
        after = self._links(self._get(self.url, month=day[:7], day=day), "/details")
        self.assertEqual(len(before), len(after) + 1)

    def test_times_are_those_of_the_visitor(self):
        for zone, words, hour in (
            ("Europe/Istanbul", "Türkiye Time", "08:00:00+03:00"),
            ("Europe/Berlin", "Germany (Berlin) Time", "06:00:00+01:00"),
            ("Asia/Tokyo", "Japan Time", "14:00:00+09:00"),
            ("America/New_York", "United States (New York) Time", "00:00:00-05:00"),
            ("UTC", "UTC", "05:00:00+00:00"),
        ):
            page = self._get(self.url, month="2030-01", day="2030-01-09", tz=zone)
            self.assertIn(words, self._text(page))
            start = datetime.fromisoformat(f"2030-01-09T{hour}")
            self.assertIn(start, self._offered(zone, "2030-01-09"))
            self.assertTrue(all("tz=" in link for link in self._links(page, "month=")))

    def test_the_same_times_are_offered_in_every_time_zone(self):
        """A working day begins where the service is, also for who looks at it from afar."""
        self.service.slot_duration = 0.75
        expected = self._offered("Europe/Istanbul", "2030-01-16")
        self.assertTrue(expected)
        for zone in ("Pacific/Auckland", "America/Los_Angeles"):
            days = ("2030-01-15", "2030-01-16", "2030-01-17")
            offered = set().union(*(self._offered(zone, day) for day in days))
            self.assertLessEqual(expected, offered, zone)

    def _offered(self, zone, day):
        page = self._get(self.url, month="2030-01", day=day, tz=zone)
        starts = (
            parse_qs(urlsplit(url).query)["start"][0] for url in self._links(page, "/details")
        )
        return {datetime.fromisoformat(start) for start in starts}

    def test_the_cookie_remembers_the_time_zone(self):
        self.opener.cookies.set("tz", "Asia/Tokyo")
        self.assertIn("Japan Time", self._text(self._get(self.url)))

    def test_a_wild_month_or_zone_is_as_good_as_none(self):
        expected = self._text(self._get(self.url))
        for wild in (
            *(set(WILD) - {"2030-01-11"}),
            "2030-13",
            "0000-01",
            "2030-1",
            "٢٠٣٠-٠١",
            "../../etc/passwd",
            "GMT+99",
        ):
            for name in ("month", "tz", "day"):
                self.assertEqual(self._text(self._get(self.url, **{name: wild})), expected, wild)

    def test_neither_the_past_nor_the_far_future_can_be_seen(self):
        self.assertIn("January 2030", self._text(self._get(self.url, month="1999-01")))
        last = self._get(self.url, month="2099-01")
        self.assertIn("January 2031", self._text(last))
        self.assertFalse(self._links(last, "month=2031-02"))

    def test_a_month_without_times_leads_to_the_next_that_has_some(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "calendar_id": self.calendar.id,
                "date_from": "2030-01-01 00:00:00",
                "date_to": "2030-03-10 00:00:00",
            }
        )
        page = self._get(self.url)
        self.assertIn("There is no free time in this month.", self._text(page))
        self.assertIn("next free times are in March 2030", self._text(page))
        self.assertTrue(self._links(page, "month=2030-03"))

    def test_a_service_that_is_never_free_says_to_call(self):
        self.service.combination_rel_ids.unlink()
        text = self._text(self._get(self.url))
        self.assertIn("There is no free time in this month.", text)
        self.assertIn(self.company.phone, text)

    def test_an_unknown_service(self):
        for wild in ("x", "0", "-1", "999999999", f"a-{10**30}", "x-0", "%F0%9F%98%80"):
            self._get(f"/book/{wild}", status=404)
            self._get(f"/book/{wild}/details", status=404)

    # === WHO IS BOOKING === #

    def test_the_terms_are_said_before(self):
        text = self._text(self._details())
        for expected in (
            "You pay 300.00",
            "now, and the time is yours.",
            "You pay the other 700.00",
            "later: at the appointment, or online.",
            "You can move or cancel it until",
            "Canceled at least 2 days before: 100% of the deposit is given back.",
            "Canceled later: the deposit is not given back.",
        ):
            self.assertIn(expected, text)

    def test_a_phone_s_keyboard_and_memory_help(self):
        form = html.fromstring(self._details().text).xpath("//form[@method='post']")[0]
        for name, autocomplete, inputmode in (
            ("name", "name", None),
            ("phone", "tel", "tel"),
            ("email", "email", "email"),
        ):
            (field,) = form.xpath(f".//input[@name='{name}']")
            self.assertEqual(field.get("autocomplete"), autocomplete)
            self.assertEqual(field.get("inputmode"), inputmode)
            self.assertTrue(form.xpath(f".//label[@for='{field.get('id')}']"))

    def test_a_booking(self):
        slot = self._slot()
        response = self._fill(self._details(slot))
        booking = self._newest()
        self.assertIn(f"/book/appointment/{booking.id}?access_token=", response.url)
        self.assertEqual(booking.deposit_stage, "held")
        self.assertEqual(booking.start, slot.astimezone(UTC).replace(tzinfo=None))
        partner = booking.partner_id
        self.assertEqual(
            (partner.name, partner.phone, partner.email),
            ("Ayşe Yılmaz", "0555 111 22 33", "ayse@example.com"),
        )

    def test_the_website_is_remembered(self):
        if "website" not in self.env:
            self.skipTest("no websites")
        self._fill(self._details())
        website = self.env["website"].get_current_website()
        self.assertEqual(self._newest()._deposit_site(), website)

    def test_an_address_may_have_a_domain_of_many_parts(self):
        self._fill(self._details(), email="ayse@posta.klinik.com.tr")
        self.assertEqual(self._newest().partner_id.email, "ayse@posta.klinik.com.tr")

    def test_a_booking_from_another_time_zone(self):
        slot = self._slot()
        url = f"{self.url}/details"
        start = fields.Datetime.to_string(slot.replace(tzinfo=None) - slot.utcoffset())
        page = self._get(url, start=start.replace(" ", "T") + "+00:00", tz="Asia/Tokyo")
        self.assertIn("Japan Time", self._text(page))
        self._fill(page)
        self.assertEqual(fields.Datetime.to_string(self._newest().start), start)

    def test_a_service_without_a_price_is_booked_at_once(self):
        self.service.price = 0
        page = self._details()
        self.assertIn("Book now", self._text(page))
        response = self._fill(page)
        self.assertIn("Your appointment is confirmed", self._text(response))

    def test_a_visit_creates_nothing(self):
        slot = self._slot()
        before = self._count_records()
        self._get("/book")
        self._get(self.url)
        self._details(slot)
        self._details(slot, name="Ayşe", phone="05551112233", email="a@example.com", agree="1")
        self.assertEqual(self._count_records(), before)

    def test_each_field_says_what_is_wrong_with_it_and_keeps_what_was_typed(self):
        before = self._count_records()
        for name, value, sentence in (
            ("name", "", "Please write your name."),
            ("name", " A ", "Please write your name."),
            ("name", "A" * 101, "This is too long."),
            ("phone", "", "Please write a phone number"),
            ("phone", "12345", "Please write a phone number"),
            ("phone", "1" * 33, "This is too long."),
            ("email", "", "Please write a valid e-mail address."),
            ("email", "ayse", "Please write a valid e-mail address."),
            ("email", "a@x.com b@x.com", "Please write a valid e-mail address."),
            ("email", "a@example.com, b@example.com", "Please write a valid e-mail address."),
            ("email", "john@x", "Please write a valid e-mail address."),
            ("email", "john@x.", "Please write a valid e-mail address."),
            ("email", "a" * 250 + "@example.com", "This is too long."),
        ):
            with self.subTest(name=name, value=value):
                page = self._fill(self._details(), **{name: value})
                self.assertEqual(page.status_code, 200)
                tree = html.fromstring(page.text)
                (error,) = tree.xpath(f"//div[@id='{name}_error']")
                self.assertIn(sentence, error.text_content())
                fields_ = dict(tree.xpath("//form[contains(@class, 'o_book_form')]")[0].fields)
                typed = {"name": "Ayşe Yılmaz", "email": "ayse@example.com"} | {name: value}
                for key, text in typed.items():
                    self.assertEqual(fields_[key] or "", text.strip())
                self.assertEqual(fields_["agree"], "1")
        self.assertEqual(self._count_records(), before)

    def test_nothing_is_booked_by_who_does_not_agree(self):
        before = self._count_records()
        page = self._fill(self._details(), agree="")
        self.assertIn("Please agree to the terms", self._text(page))
        self.assertEqual(self._count_records(), before)

    def test_a_form_from_elsewhere_is_refused(self):
        before = self._count_records()
        page = self._details()
        response = self._fill(page, csrf_token="x")
        self.assertEqual(response.status_code, 400)
        self.assertEqual(self._count_records(), before)

    def test_a_program_that_fills_in_everything_books_nothing(self):
        before = self._count_records()
        response = self._fill(self._details(), **{BAIT: "https://example.com"})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self._count_records(), before)

    def test_wild_values_are_no_error_of_ours(self):
        page = self._details()
        before = self._count_records()
        for wild in WILD:
            self._get(f"{self.url}/details", start=wild)
            response = self._fill(page, start=wild)
            self.assertEqual(response.status_code, 200, wild)
            self.assertIn("not free any more", self._text(response))
        self._get(f"{self.url}/details")
        self.assertEqual(self._count_records(), before)
        for name in ("name", "phone", "email", "agree"):
            for wild in WILD:
                self.assertEqual(self._fill(page, **{name: wild}).status_code, 200, (name, wild))

    def test_a_file_instead_of_a_name(self):
        page = self._details()
        form = html.fromstring(page.text).xpath("//form[contains(@class, 'o_book_form')]")[0]
        data = dict(form.fields)
        del data["name"]
        self.env.flush_all()
        response = self.url_open(
            form.action, data=data, files={"name": b"x"}, method="POST", timeout=60
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("Please write your name.", self._text(response))

    def test_a_time_that_is_not_offered(self):
        slot = self._slot()
        self._book(slot)
        for start in (
            slot,  # taken
            slot - timedelta(days=30),  # past
            slot + timedelta(minutes=37),  # between
            self._slot(2) + timedelta(seconds=30),
            self._slot(2) - timedelta(seconds=30),
            slot.replace(hour=3),  # at night
        ):
            page = self._details(start)
            self.assertIn("not free any more", self._text(page))
            self.assertIn("January 2030", self._text(page))

    def test_a_time_that_somebody_else_took_meanwhile(self):
        slot = self._slot()
        page = self._details(slot)
        self._book(slot)
        before = self._count_records()
        response = self._fill(page)
        self.assertEqual(response.status_code, 200)
        self.assertIn("not free any more", self._text(response))
        self.assertEqual(self._count_records(), before)

    def test_what_was_typed_for_a_lost_time_is_there_for_the_next(self):
        page = self._details(self._slot(0))
        self._book(self._slot(0))
        self._fill(page, name="Zeynep Ak", phone="0532 000 11 22")
        inputs = html.fromstring(self._details(self._slot(1)).text).xpath("//input")
        values = {field.name: field.value for field in inputs}
        self.assertEqual((values["name"], values["phone"]), ("Zeynep Ak", "0532 000 11 22"))
        self._fill(self._details(self._slot(1)))
        self.assertNotIn("Zeynep", self._details(self._slot(4)).text)

    def test_terms_that_no_longer_apply_are_not_said(self):
        far = self._text(self._details(self._slot(days=4)))
        near = self._text(self._details(self._slot(days=1)))
        self.assertIn("Canceled at least 2 days before", far)
        self.assertNotIn("Canceled at least 2 days before", near)
        self.assertIn("Canceled at least a day before: 50%", near)

    def test_the_website_s_menu_leads_here(self):
        menu = self.env.ref("payment_trpay_booking.menu_book")
        self.assertEqual(menu.url, "/book")
        self.assertIn("Book an Appointment", self._get("/").text)
        self.assertEqual(menu.with_context(lang="tr_TR").name, "Randevu Al")

    def test_a_form_that_is_sent_twice_leads_to_the_same_appointment(self):
        page = self._details()
        first = self._fill(page)
        before = self._count_records()
        second = self._fill(page)
        self.assertEqual(first.url, second.url)
        self.assertEqual(self._count_records(), before)

    def test_a_name_is_text(self):
        name = "<script>alert(1)</script>"
        slot = self._slot()
        for page in (
            self._fill(self._details(slot), name=name, phone=""),
            self._fill(self._details(slot), name=name),
        ):
            self.assertNotIn(name, page.text)
        self.assertEqual(self._newest().partner_id.name, name)

    def test_a_typed_address_does_not_lead_to_somebody_s_record(self):
        self.partner.email = "ayse@example.com"
        self._fill(self._details())
        self.assertNotEqual(self._newest().partner_id, self.partner)

    def test_who_is_logged_in_books_for_themselves(self):
        user = self._create_portal_user()
        self.authenticate(user.login, user.login)
        page = self._details()
        self.assertIn("You book as Fatma Kaya", self._text(page))
        self.assertNotIn('name="email"', page.text)
        self._fill(page, name="Somebody Else", email="else@example.com", phone="0555 999 88 77")
        self.assertEqual(self._newest().partner_id, user.partner_id)
        self.assertEqual(user.partner_id.name, "Fatma Kaya")
        self.assertEqual(user.partner_id.email, "fatma@example.com")
        self.assertEqual(user.partner_id.phone, "0555 999 88 77")

    def _create_portal_user(self):
        return self.env["res.users"].create(
            {
                "name": "Fatma Kaya",
                "login": "fatma@example.com",
                "email": "fatma@example.com",
                "password": "fatma@example.com",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )

    # === TURKISH === #

    def test_all_of_it_in_turkish(self):
        self.opener.cookies.set("frontend_lang", "tr_TR")
        for url, query, words in (
            ("/book", {}, ("Randevu alın", "Şimdi ödenecek: 300,00")),
            (
                self.url,
                {"day": "2030-01-09"},
                ("Ocak 2030", "9 Ocak 2030 Çarşamba", "Türkiye Saati"),
            ),
            (
                f"{self.url}/details",
                {"start": self._slot().isoformat()},
                (
                    "Ad soyad",
                    "Telefon",
                    "E-posta",
                    "Ödemeye geç",
                    "Şimdi 300,00",
                    "En az bir gün önce iptal: Kaporanın iade oranı %50.",
                ),
            ),
        ):
            text = self._text(self._get(url, **query))
            for word in words:
                self.assertIn(word, text)
        page = self._details()
        self._fill(page)
        self.assertEqual(self._newest().partner_id.lang, "tr_TR")
