"""Whose link it is, and who may press what: money and appointments hang on both."""

import inspect

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import new_test_user
from odoo.addons.payment_trpay import const
from odoo.addons.payment_trpay.tests.test_private import PrivateCommon

from .test_book_page import PageCommon

# Before anything is chosen by anybody.
PUBLIC = {"/book", "/book/<string:service>"}
REFUSED = {"action_ask_for_deposit"}


@tagged("post_install", "-at_install")
class TestPrivate(PageCommon, PrivateCommon):
    def _answers_of(self):
        """Each of our routes, and requests with all kinds of answers."""
        booking, other = self._booked_and_paid(), self._book(self._slot(3))
        held = self._book(self._slot(5))
        plain = self.env["resource.booking"].create(
            {"type_id": self.service.id, "partner_ids": [(6, 0, self.partner.ids)]}
        )
        url = f"/book/appointment/{booking.id}"
        key = {"params": {"access_token": booking._portal_ensure_token()}}
        theirs = {"params": {"access_token": other._portal_ensure_token()}}
        yield 200, url, key
        yield 404, url, theirs
        yield 200, f"{url}/cancel", key
        yield 200, f"{url}/move", key
        yield 200, f"{url}/calendar", key
        yield 404, f"/book/appointment/{other.id}/calendar", theirs
        yield 400, f"{url}/pay-otherwise", {"data": {"x": "y"}}
        deposit = f"/deposit/resource.booking/{held.id}/deposit/transaction"
        yield 200, deposit, self._call_of(access_token=held._portal_ensure_token())
        slug = self.env["ir.http"]._slug(self.service)
        slot = {"params": {"start": self._slot(7).isoformat()}}
        yield 200, f"/book/{slug}/details", slot
        old = f"/my/bookings/{booking.id}"
        for suffix in ("", "/schedule", "/schedule/2030/1", "/cancel"):
            yield 303, f"{old}{suffix}", key
        plain_key = {"params": {"access_token": plain._portal_ensure_token()}}
        yield 200, f"/my/bookings/{plain.id}", plain_key
        yield 400, f"{old}/confirm", {"data": {"x": "y"}}

    @mute_logger("odoo.http")
    def test_no_page_with_a_key_in_its_address_tells_it_or_is_kept_or_framed(self):
        answers = list(self._answers_of())
        self.env.flush_all()
        for status, url, how in answers:
            with self.subTest(url=url, status=status):
                response = self.url_open(url, allow_redirects=False, **how)
                self.assertEqual(response.status_code, status)
                if status != 400:  # No form of ours was sent, and nothing was looked at.
                    self._assert_private(response)
        own = self._own_routes("payment_trpay_booking") | {const.DEPOSIT_ROUTE}
        self.assertEqual(own - PUBLIC, self._routes_of(answers))

    def test_no_customer_presses_a_button_of_staff(self):
        """A portal user may read an appointment, and can call whatever has no underscore."""
        user = new_test_user(self.env, "patient", groups="base.group_portal")
        booking = self._book(email="patient@example.com")
        held = self._book(self._slot(3))
        (booking + held).partner_ids = user.partner_id
        self._clear(self._start_payment(booking))
        bookings = (booking + held).with_user(user)
        own = {
            name
            for name, method in inspect.getmembers(type(booking), inspect.isfunction)
            if name.startswith("action_")
            and any(
                name in vars(base) and base.__module__.startswith("odoo.addons.payment_trpay")
                for base in type(booking).mro()
            )
        }
        self.assertIn("action_no_show", own)
        for record in bookings:
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertTrue(record.deposit_stage)  # It may be read.
            for name in own:
                with (
                    self.subTest(action=name, stage=record.deposit_stage),
                    # Some are refused at this stage to anybody.
                    self.assertRaises(UserError if name in REFUSED else AccessError),
                    self.env.cr.savepoint(),
                ):
                    getattr(record, name)()
        self.assertEqual(bookings.mapped("deposit_stage"), ["confirmed", "held"])
