"""The booking portal of `resource_booking`: nothing happens by merely opening a link."""

from urllib.parse import quote

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.payment_trpay.controllers.private import private
from odoo.addons.resource_booking.controllers.portal import CustomerPortal

from .clock import Clock, read_moment

LAST_YEAR = 2999


class BookingPortal(CustomerPortal):
    @route()
    @private
    def portal_booking_page(self, booking_id, access_token=None, **kwargs):
        """Override of `resource_booking`: appointments with a deposit have a page of their own."""
        return self._lead_away(booking_id, access_token) or super().portal_booking_page(
            booking_id, access_token, **kwargs
        )

    @route()
    @private
    def portal_booking_schedule(self, booking_id, access_token=None, **kwargs):
        """Override of `resource_booking`: likewise. And no month that does not exist."""
        year, month = kwargs.get("year") or 2000, kwargs.get("month") or 1
        if not (2000 <= year <= LAST_YEAR and 1 <= month <= 12):
            raise NotFound()
        return self._lead_away(booking_id, access_token) or super().portal_booking_schedule(
            booking_id, access_token, **kwargs
        )

    @route(methods=["GET", "POST"])
    @private
    def portal_booking_cancel(self, booking_id, access_token=None, **kwargs):
        """Override of `resource_booking`: say first what comes back. And no GET cancels."""
        if response := self._lead_away(booking_id, access_token, suffix="/cancel"):
            return response
        if request.httprequest.method != "POST":
            return request.redirect("/my")
        return super().portal_booking_cancel(booking_id, access_token, **kwargs)

    @route(methods=["POST"])
    @private
    def portal_booking_confirm(self, booking_id, access_token=None, when=None, **kwargs):
        """Override of `resource_booking` to take only a time that is offered."""
        if response := self._lead_away(booking_id, access_token):
            return response
        booking_sudo = self._get_booking_sudo(booking_id, access_token)
        if not Clock(booking_sudo.type_id).find_slot(booking_sudo.type_id, when):
            error = request.env._("This time is not free any more. Please choose another.")
            moment = read_moment(when)
            return request.redirect(
                booking_sudo.get_portal_url(
                    suffix=f"/schedule/{moment:%Y/%m}" if moment else "/schedule",
                    query_string=f"&error={quote(error)}",
                )
            )
        return super().portal_booking_confirm(booking_id, access_token, when, **kwargs)

    def _get_booking_sudo(self, booking_id, access_token):
        """Override of `resource_booking`: strange letters are no token, and no error of ours."""
        if not isinstance(access_token, str) or not access_token.isascii():
            access_token = None
        return super()._get_booking_sudo(booking_id, access_token)

    def _lead_away(self, booking_id, access_token, suffix=None):
        try:
            booking_sudo = self._get_booking_sudo(booking_id, access_token)
        except (AccessError, MissingError):
            return None
        if not booking_sudo.deposit_stage:
            return None
        return request.redirect(booking_sudo.get_portal_url(suffix=suffix))
