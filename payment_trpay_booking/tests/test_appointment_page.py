import re
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_trpay.gateways.base import Outcome, Reason, State

from .test_book_page import WILD, PageCommon


@tagged("post_install", "-at_install")
class TestAppointmentPage(PageCommon):
    def _open(self, booking, suffix="", status=200, **query):
        token = query.pop("access_token", None) or booking._portal_ensure_token()
        url = f"/book/appointment/{booking.id}{suffix}"
        return self._get(url, status=status, access_token=token, **query)

    def _stage(self, page):
        (element,) = html.fromstring(page.text).xpath("//div[@data-stage]")
        return element.get("data-stage")

    def _fail(self, tx):
        tx._trpay_settle(Outcome(state=State.FAILED, reason=Reason.BANK_REFUSED))

    def _has_payment_form(self, page):
        return 'id="o_payment_form"' in page.text

    def _soon(self, booking):
        """A moment at which it is too late to change anything."""
        return freeze_time(booking.start - timedelta(hours=1))

    # === WHOSE IT IS === #

    def test_the_link_leads_here(self):
        booking = self._book()
        self.assertTrue(
            booking.get_portal_url().startswith(f"/book/appointment/{booking.id}?access_token=")
        )
        plain = self.env["resource.booking"].create(
            {"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}
        )
        self.assertTrue(plain.get_portal_url().startswith(f"/my/bookings/{plain.id}?"))

    def test_a_link_is_made_without_moving_anything(self):
        booking = self._booked_and_paid()
        with patch.object(self.env.registry["calendar.event"], "write", side_effect=AssertionError):
            booking.get_portal_url()

    def test_nobody_without_the_link(self):
        booking, other = self._book(self._slot(0)), self._book(self._slot(3))
        plain = self.env["resource.booking"].create(
            {"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}
        )
        for suffix in ("", "/cancel", "/move", "/calendar"):
            url = f"/book/appointment/{booking.id}{suffix}"
            self._get(url, status=404)
            for wrong in (other._portal_ensure_token(), *WILD):
                self._get(url, status=404, access_token=wrong)
            token = plain._portal_ensure_token()
            self._get(f"/book/appointment/{plain.id}{suffix}", 404, access_token=token)
            for number in ("0", "-1", "999999999", 10**30, "x"):
                self._get(f"/book/appointment/{number}{suffix}", 404, access_token=token)

    def test_nobody_cancels_or_moves_without_the_link(self):
        booking, other = self._booked_and_paid(), self._book(self._slot(3))
        start = booking.start
        token = other._portal_ensure_token()
        for suffix in ("/cancel", "/move"):
            page = self._open(other, suffix, start=self._slot(5).isoformat())
            url = f"/book/appointment/{booking.id}{suffix}"
            for address in (url, f"{url}?access_token={token}", f"{url}?access_token=x"):
                self.assertEqual(self._post(page, address).status_code, 404)
        self.assertEqual((booking.deposit_stage, booking.start), ("confirmed", start))

    # === EACH STAGE === #

    def test_held(self):
        booking = self._book()
        page = self._open(booking)
        text = self._text(page)
        self.assertEqual(self._stage(page), "held")
        deadline = booking.deposit_deadline + timedelta(hours=3)  # In Istanbul.
        self.assertIn(f"This time is yours until {deadline:%-I:%M %p}", text)
        self.assertIn("15 min", text)
        self.assertRegex(page.text, 'data-seconds="(8[5-9][0-9]|900)"')  # Some have gone by.
        self.assertTrue(self._has_payment_form(page))
        self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_the_deposit_or_all_of_it(self):
        booking = self._book()
        page = self._open(booking)
        self.assertIn(f"/deposit/resource.booking/{booking.id}/deposit/transaction", page.text)
        self.assertIn('data-amount="300.0"', page.text)
        self.assertTrue(self._links(page, "pay=full"))
        full = self._open(booking, pay="full")
        self.assertIn(f"/deposit/resource.booking/{booking.id}/full/transaction", full.text)
        self.assertIn('data-amount="1000.0"', full.text)
        for wild in ("balance", "no_show", *WILD):
            self.assertIn('data-amount="300.0"', self._open(booking, pay=wild).text)

    def test_only_published_providers_are_offered(self):
        booking = self._book()
        mark = f'data-provider-id="{self.provider.id}"'
        self.assertTrue(mark in self._open(booking).text)
        self.provider.is_published = False
        self.assertFalse(mark in self._open(booking).text)

    def test_no_choice_where_the_terms_give_none(self):
        self.policy.may_pay_in_full = False
        page = self._open(self._book())
        self.assertFalse(self._links(page, "pay=full"))
        self.assertTrue(self._has_payment_form(page))

    def test_a_payment_through_the_form_s_own_route(self):
        booking = self._book()
        page = self._open(booking)
        (form,) = html.fromstring(page.text).xpath("//form[@id='o_payment_form']")
        self.env.flush_all()
        answer = self.make_jsonrpc_request(
            form.get("data-transaction-route"),
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.card.id,
                "token_id": None,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "https://example.com",
                "amount": 1,
                "is_validation": False,
                "access_token": form.get("data-access-token"),
            },
        )
        self.env.invalidate_all()
        tx = booking.deposit_transaction_ids
        self.assertEqual(answer["reference"], tx.reference)
        self.assertEqual((tx.amount, tx.deposit_purpose), (300, "deposit"))
        self.assertEqual(tx.landing_route, booking.get_portal_url())

    def test_a_failed_payment_says_why_and_can_be_made_again(self):
        booking = self._book()
        self._fail(self._start_payment(booking))
        page = self._open(booking)
        text = self._text(page)
        self.assertEqual(self._stage(page), "held")
        self.assertIn("The payment was not made", text)
        self.assertIn(booking.deposit_transaction_ids.state_message, text)
        self.assertTrue(self._has_payment_form(page))

    def test_a_payment_that_is_on_its_way(self):
        booking = self._book()
        self._start_payment(booking)._set_pending()
        page = self._open(booking)
        self.assertEqual(self._stage(page), "pending")
        self.assertIn("Your payment is on its way", self._text(page))
        self.assertFalse(self._has_payment_form(page))

    def test_a_transfer_that_was_not_sent_can_become_another_payment(self):
        booking = self._book()
        tx = self._start_payment(
            booking,
            provider_id=self.env.ref("payment.payment_provider_transfer").id,
            payment_method_id=self.env.ref("payment_custom.payment_method_wire_transfer").id,
        )
        tx._set_pending()
        page = self._open(booking)
        self.assertEqual((self._stage(page), self._has_payment_form(page)), ("pending", False))
        page = self._post(page)
        self.assertEqual((tx.state, self._stage(page)), ("cancel", "held"))
        self.assertTrue(self._has_payment_form(page))
        self.assertNotIn("The payment was not made", self._text(page))
        tx._transfer_receive(300)  # It was sent nevertheless.
        tx._post_process()
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_a_card_payment_on_its_way_is_not_given_up(self):
        booking = self._book()
        tx = self._start_payment(booking)
        tx._set_pending()
        page = self._open(booking)
        self.assertNotIn("pay in another way", self._text(page))
        other = self._open(self._book(self._slot(3)), "/cancel")
        url = booking.get_portal_url(suffix="/pay-otherwise")
        self.assertEqual(self._post(other, url).status_code, 200)
        self.assertEqual(tx.state, "pending")

    def test_confirmed(self):
        booking = self._booked_and_paid()
        page = self._open(booking)
        text = self._text(page)
        self.assertEqual(self._stage(page), "confirmed")
        for expected in (
            "Your appointment is confirmed",
            self.service.location,
            booking.deposit_transaction_ids.reference,
            "300.00",
            "Left to pay",
            "700.00",
            "Choose another time",
            "Cancel the appointment",
        ):
            self.assertIn(expected, text)
        self.assertFalse(self._has_payment_form(page))

    def test_the_rest_can_be_paid(self):
        booking = self._booked_and_paid()
        self.assertTrue(self._links(self._open(booking), "pay=balance"))
        page = self._open(booking, pay="balance")
        self.assertIn('data-amount="700.0"', page.text)

    def test_the_rest_is_not_paid_twice(self):
        booking = self._booked_and_paid()
        self._start_payment(booking, "balance")._set_pending()
        page = self._open(booking, pay="balance")
        self.assertFalse(self._has_payment_form(page))
        self.assertFalse(self._links(page, "pay=balance"))

    def test_all_is_paid(self):
        booking = self._book()
        self._clear(self._start_payment(booking, "full"))
        page = self._open(booking)
        self.assertIn("Left to pay", self._text(page))
        self.assertFalse(self._links(page, "pay="))

    def test_the_time_ran_out_but_it_is_still_free(self):
        booking = self._book()
        self._expire(booking)
        page = self._open(booking)
        self.assertEqual(self._stage(page), "released")
        self.assertIn("The time is still free. Pay now, and it is yours.", self._text(page))
        self.assertTrue(self._has_payment_form(page))
        self._clear(self._start_payment(booking))
        self.assertEqual(self._stage(self._open(booking)), "confirmed")

    def test_the_time_ran_out_and_it_is_gone(self):
        slot = self._slot()
        booking = self._book(slot)
        self._expire(booking)
        self._book(slot)
        page = self._open(booking)
        self.assertIn("it is not free any more", self._text(page))
        self.assertFalse(self._has_payment_form(page))
        self.assertTrue(self._links(page, f"-{self.service.id}"))

    def test_the_time_ran_out_and_nobody_has_freed_it_yet(self):
        booking = self._book()
        with freeze_time(booking.deposit_deadline + timedelta(seconds=30)):
            page = self._open(booking)
        self.assertEqual(booking.deposit_stage, "held")
        self.assertEqual(self._stage(page), "released")
        self.assertTrue(self._has_payment_form(page))

    def test_the_appointment_that_was_not_paid_is_past(self):
        booking = self._book()
        self._expire(booking)
        with freeze_time(booking.deposit_slot + timedelta(days=1)):
            page = self._open(booking)
        self.assertFalse(self._has_payment_form(page))

    def test_money_came_too_late(self):
        for late_money, expected in (("refund", "We will give back"), ("credit", "as your credit")):
            with self.subTest(late_money):
                self.policy.late_money = late_money
                slot = self._slot()
                booking = self._book(slot)
                tx = self._start_payment(booking)
                self._expire(booking)
                other = self._book(slot)
                self._clear(tx)
                text = self._text(self._open(booking))
                self.assertIn("The whole deposit was not there in time", text)
                self.assertIn(expected, text)
                other.action_cancel()

    def test_canceled_and_given_back(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        page = self._open(booking)
        self.assertEqual(self._stage(page), "canceled")
        self.assertIn("We will give back", self._text(page))
        self.assertIn("300.00", self._text(page))
        booking._deposit_give_back()
        self.assertIn("On its way back to you", self._text(self._open(booking)))
        refund = booking.deposit_transaction_ids.filtered(lambda tx: tx.operation == "refund")
        refund._set_done()
        text = self._text(self._open(booking))
        self.assertIn("Given back", text)
        self.assertNotIn("On its way back", text)
        self.assertFalse(self._has_payment_form(self._open(booking)))

    def test_no_show(self):
        self.policy.no_show_percent = 50
        booking = self._booked_and_paid()
        booking.action_no_show()
        page = self._open(booking)
        self.assertEqual(self._stage(page), "no_show")
        self.assertIn("200.00", self._text(page))
        self.assertIn('data-amount="200.0"', page.text)

    def test_no_show_with_nothing_due(self):
        booking = self._booked_and_paid()
        booking.action_no_show()
        page = self._open(booking)
        self.assertIn("the deposit is not given back", self._text(page))
        self.assertFalse(self._has_payment_form(page))

    def test_times_are_those_of_the_visitor(self):
        booking = self._booked_and_paid()
        home = self._text(self._open(booking))
        away = self._text(self._open(booking, tz="America/New_York"))
        self.assertIn("8:00 AM", home)
        self.assertIn("12:00 AM", away)
        self.assertIn("8:00 AM Türkiye Time", away)
        for wild in WILD:
            self.assertEqual(self._text(self._open(booking, tz=wild)), home)

    def test_a_look_changes_nothing(self):
        for stage in ("held", "confirmed", "released", "canceled", "no_show"):
            booking = self._book() if stage in ("held", "released") else self._booked_and_paid()
            match stage:
                case "released":
                    self._expire(booking)
                case "canceled":
                    booking.action_cancel()
                case "no_show":
                    booking.action_no_show()
            booking._portal_ensure_token()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self._count_records(), booking.read(), booking.meeting_id.read(["start"])
            for suffix in ("", "/cancel", "/move"):
                self._open(booking, suffix, start=self._slot(7).isoformat())
            self.assertEqual(booking.deposit_stage, stage)
            after = self._count_records(), booking.read(), booking.meeting_id.read(["start"])
            self.assertEqual(before, after)
            if stage in ("held", "confirmed"):
                booking.action_cancel()

    def test_a_name_is_text(self):
        name = "<img src=x onerror=alert(1)>"
        booking = self._book(name=name)
        self.service.location = name
        booking.location = name
        self.assertNotIn(name, self._open(booking).text)

    # === CALENDAR FILE === #

    def test_a_file_for_the_calendar(self):
        booking = self._booked_and_paid()
        response = self._open(booking, "/calendar")
        self.assertIn("text/calendar", response.headers["Content-Type"])
        self.assertIn("BEGIN:VEVENT", response.text)
        self.assertIn(f"DTSTART:{booking.start:%Y%m%dT%H%M%S}Z", response.text)

    def test_no_file_of_what_is_not_confirmed(self):
        held = self._book()
        self._open(held, "/calendar", status=404)
        self._expire(held)
        self._open(held, "/calendar", status=404)

    # === CANCELING === #

    def test_what_comes_back_is_said_before(self):
        for days, sentence, amount in (
            (4, "You get back all that you have paid", "300.00"),
            (1.5, "You get back", "150.00"),
            (0.5, "You get nothing back any more", "300.00"),
        ):
            booking = self._booked_and_paid()
            with freeze_time(booking.start - timedelta(days=days)):
                text = self._text(self._open(booking, "/cancel"))
            self.assertIn(sentence, text)
            self.assertIn(amount, text)
            booking.action_cancel()

    def test_cancel(self):
        booking = self._booked_and_paid()
        response = self._post(self._open(booking, "/cancel"))
        self.assertEqual(self._stage(response), "canceled")
        self.assertEqual((booking.deposit_stage, booking.state), ("canceled", "canceled"))
        self.assertEqual(booking.deposit_refund_due, 300)

    def test_cancel_twice(self):
        booking = self._booked_and_paid()
        page = self._open(booking, "/cancel")
        self._post(page)
        self.assertEqual(self._stage(self._post(page)), "canceled")
        self.assertEqual(booking.deposit_refund_due, 300)

    def test_cancel_what_is_not_paid_yet(self):
        booking = self._book()
        page = self._open(booking, "/cancel")
        self.assertIn("You have not paid anything yet", self._text(page))
        self._post(page)
        self.assertEqual(booking.deposit_stage, "canceled")
        self.assertFalse(booking.deposit_refund_due)

    def test_a_form_from_elsewhere_cancels_nothing(self):
        booking = self._booked_and_paid()
        for suffix, query in (("/cancel", {}), ("/move", {"start": self._slot(5).isoformat()})):
            page = self._open(booking, suffix, **query)
            self.assertEqual(self._post(page, csrf_token="x").status_code, 400)
        self.assertEqual(booking.deposit_stage, "confirmed")

    def test_too_late_to_cancel_or_to_move(self):
        booking = self._booked_and_paid()
        cancel = self._open(booking, "/cancel")
        move = self._open(booking, "/move", start=self._slot(5).isoformat())
        start = booking.start
        with self._soon(booking):
            for page in (
                self._open(booking),
                self._open(booking, "/cancel"),
                self._open(booking, "/move"),
                self._post(cancel),
                self._post(move),
            ):
                self.assertEqual(page.status_code, 200)
                text = self._text(page)
                self.assertIn("It is too late to move or cancel it here.", text)
                self.assertIn(self.company.phone, text)
            self.assertFalse(self._links(self._open(booking), "/cancel"))
        self.assertEqual((booking.deposit_stage, booking.start), ("confirmed", start))

    # === MOVING === #

    def test_move(self):
        booking = self._booked_and_paid()
        old, new = booking.start, self._slot(5)
        month = self._open(booking, "/move", month="2030-01", day=new.date().isoformat())
        link = next(url for url in self._links(month, "start=") if re.search(r"T\d\d%3A", url))
        self.assertIn("access_token=", link)
        page = self._open(booking, "/move", start=new.isoformat())
        self.assertIn("Nothing is paid again", self._text(page))
        response = self._post(page)
        self.assertEqual(self._stage(response), "confirmed")
        self.assertNotEqual(booking.start, old)
        self.assertEqual((booking.deposit_paid, booking.deposit_balance), (300, 700))
        self.assertEqual(len(booking.deposit_transaction_ids), 1)

    def test_move_what_is_only_held(self):
        booking = self._book()
        deadline = booking.deposit_deadline
        page = self._open(booking, "/move", start=self._slot(5).isoformat())
        self.assertNotIn("stays paid", self._text(page))
        response = self._post(page)
        self.assertEqual(self._stage(response), "held")
        self.assertEqual(booking.deposit_deadline, deadline)

    def test_moving_what_is_free_of_charge_speaks_of_no_payment(self):
        self.service.price = 0
        booking = self._book()
        page = self._open(booking, "/move", start=self._slot(5).isoformat())
        self.assertNotIn("paid", self._text(page))
        self.assertEqual(self._stage(self._post(page)), "confirmed")

    def test_move_to_a_time_that_somebody_took_meanwhile(self):
        booking, new = self._booked_and_paid(), self._slot(5)
        start = booking.start
        page = self._open(booking, "/move", start=new.isoformat())
        self._book(new)
        response = self._post(page)
        self.assertIn("not free any more", self._text(response))
        self.assertEqual((booking.deposit_stage, booking.start), ("confirmed", start))

    def test_a_refusal_of_the_engine_leaves_everything_as_it_was(self):
        booking = self._booked_and_paid()
        start = self._slot(5).isoformat()
        self._open(booking)
        before = booking.read()
        for suffix, method in (("/move", "_reschedule"), ("/cancel", "action_cancel")):
            page = self._open(booking, suffix, start=start)
            with patch.object(
                self.env.registry["resource.booking"], method, side_effect=UserError("Sorry.")
            ):
                response = self._post(page)
            self.assertEqual(response.status_code, 200)
            self.assertIn("Sorry.", self._text(response))
            self.assertEqual(booking.read(), before)

    def test_move_to_nowhere(self):
        booking = self._booked_and_paid()
        start = booking.start
        page = self._open(booking, "/move", start=self._slot(5).isoformat())
        for wild in WILD[1:]:
            self._open(booking, "/move", start=wild, month=wild, day=wild)
            self.assertEqual(self._post(page, start=wild).status_code, 200, wild)
        self.assertEqual(booking.start, start)

    def test_what_is_over_is_neither_moved_nor_canceled(self):
        booking = self._booked_and_paid()
        booking.action_cancel()
        for suffix in ("/cancel", "/move"):
            self.assertEqual(self._stage(self._open(booking, suffix)), "canceled")

    # === THE PORTAL OF RESOURCE_BOOKING === #

    def test_its_pages_lead_here(self):
        booking = self._booked_and_paid()
        token = booking._portal_ensure_token()
        for suffix in ("", "/schedule", "/schedule/2030/1"):
            page = self._get(f"/my/bookings/{booking.id}{suffix}", access_token=token)
            self.assertIn(f"/book/appointment/{booking.id}", page.url)

    @mute_logger("odoo.http")
    def test_its_links_cancel_and_confirm_nothing(self):
        booking = self._booked_and_paid()
        plain = self.env["resource.booking"].create(
            {"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}
        )
        when = self._slot(5).isoformat()
        for record in (booking, plain):
            token = record._portal_ensure_token()
            before = record.state, record.start
            for suffix, status in (("/cancel", 200), ("/confirm", 405)):
                url = f"/my/bookings/{record.id}{suffix}"
                self._get(url, status=status, access_token=token, when=when)
            self.assertEqual((record.state, record.start), before)

    def test_its_forms_do_nothing_to_a_booking_with_a_deposit(self):
        booking = self._booked_and_paid()
        start = booking.start
        page = self._open(booking, "/cancel")
        token = booking._portal_ensure_token()
        for suffix in ("/cancel", "/confirm"):
            response = self._post(
                page,
                f"/my/bookings/{booking.id}{suffix}?access_token={token}",
                when=self._slot(5).isoformat(),
            )
            self.assertIn(f"/book/appointment/{booking.id}", response.url)
        self.assertEqual((booking.deposit_stage, booking.start), ("confirmed", start))

    def _portal_form(self, plain, suffix, **values):
        """Send a form of the portal, which has another class than ours."""
        token = plain._portal_ensure_token()
        page = self._get(f"/my/bookings/{plain.id}", access_token=token)
        csrf = html.fromstring(page.text).xpath("//input[@name='csrf_token']/@value")[0]
        self.env.flush_all()
        response = self.url_open(
            f"/my/bookings/{plain.id}{suffix}?access_token={token}",
            data={"csrf_token": csrf, **values},
            method="POST",
            allow_redirects=False,
        )
        self.env.invalidate_all()
        return response

    def _plain(self):
        return self.env["resource.booking"].create(
            {"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}
        )

    def test_what_staff_invite_to_is_held_when_a_time_is_chosen(self):
        plain = self._plain()
        response = self._portal_form(plain, "/confirm", when=self._slot().isoformat())
        self.assertEqual(response.status_code, 303)
        self.assertEqual(plain.deposit_stage, "held")
        self.assertIn(f"/book/appointment/{plain.id}", response.headers["Location"])
        self.assertEqual(self._stage(self._open(plain)), "held")

    def test_what_staff_invite_to_takes_only_a_time_that_is_offered(self):
        plain = self._plain()
        for wild in (
            *WILD,
            (self._slot() + timedelta(minutes=7)).isoformat(),
            (self._slot() - timedelta(days=30)).isoformat(),
        ):
            response = self._portal_form(plain, "/confirm", when=wild)
            self.assertEqual(response.status_code, 303, wild)
            self.assertRegex(response.headers["Location"], "/schedule.*error=")
        self.assertFalse(plain.start)

    def test_what_staff_invite_to_can_be_canceled_by_a_form(self):
        plain = self._plain()
        token = plain._portal_ensure_token()
        page = self._get(f"/my/bookings/{plain.id}", access_token=token)
        links = html.fromstring(page.text).xpath("//div[@id='modal_cancel']//a/@class")
        self.assertIn("o_book_post", links[0].split())
        self._get(f"/my/bookings/{plain.id}/cancel", access_token=token)
        self.env.invalidate_all()
        self.assertEqual(plain.state, "pending", "a link cancels nothing")
        self._portal_form(plain, "/cancel")
        self.assertEqual(plain.state, "canceled")

    def test_strange_letters_are_no_token(self):
        plain = self._plain()
        for wild in WILD[1:]:
            page = self._get(f"/my/bookings/{plain.id}", access_token=wild)
            self.assertNotIn(f"/my/bookings/{plain.id}", page.url)

    # === TURKISH === #

    def test_each_stage_in_turkish(self):
        self.opener.cookies.set("frontend_lang", "tr_TR")
        slot = self._slot()
        booking = self._book(slot)
        self.assertIn("saatine kadar sizin", self._text(self._open(booking)))
        tx = self._start_payment(booking)
        self._clear(tx)
        text = self._text(self._open(booking))
        self.assertIn("Randevunuz onaylandı", text)
        self.assertIn("Ocak 2030", text)
        self.assertIn("tamamı iade edilir", self._text(self._open(booking, "/cancel")))
        self.assertIn("Başka bir saat", self._text(self._open(booking, "/move")))
        booking.action_cancel()
        self.assertIn("Bu randevu iptal edildi", self._text(self._open(booking)))

    # === WORDS AND DAYS === #

    def test_a_deadline_of_another_day_has_its_date(self):
        booking = self._book()
        tx = self._start_payment(booking)
        tx.amount = 100
        self._clear(tx)
        text = self._text(self._open(booking))
        self.assertIn("We received 100.00", text)
        self.assertIn("200.00 ₺ are missing", text)
        self.assertIn("yours until Wednesday, January 9, 2030", text)

    def test_moving_begins_on_the_day_of_the_appointment(self):
        booking = self._booked_and_paid(slot=self._slot(days=40))
        page = self._open(booking, "/move")
        self.assertIn("February 2030", self._text(page))

    def test_the_states_are_in_turkish(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        turkish = self.env["resource.booking"].with_context(lang="tr_TR")
        stages = dict(turkish._fields["deposit_stage"]._description_selection(turkish.env))
        self.assertEqual(stages["held"], "Tutuluyor")
        label = turkish.fields_get(["combination_id"])["combination_id"]["string"]
        self.assertEqual(label, "Kaynak Kombinasyonu")  # Not ours: its addon has no Turkish.
