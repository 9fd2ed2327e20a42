"""Meetings that staff move in their calendar, and what their attendees are sent of them."""

import vobject

from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def write(self, vals):
        """Override of `calendar` to keep off whoever books the same time at this moment."""
        result = super().write(vals)
        is_by_booking = self.env.context.get("syncing_booking_ids")  # Which does it itself.
        if not is_by_booking and {"start", "stop", "duration", "allday", "active"} & vals.keys():
            bookings_sudo = self.sudo().resource_booking_ids
            for booking_sudo in bookings_sudo:
                booking_sudo._lock_resources()
            bookings_sudo._follow_meeting()
        return result

    # === WHAT ATTENDEES ARE SENT === #

    def _deposit_booking(self):
        """The booking that this is the meeting of, if it is one that a deposit holds."""
        return self.sudo().resource_booking_ids.filtered("deposit_stage")[:1]

    def get_base_url(self):
        """Override of `base`: where it was booked."""
        booking_sudo = self._deposit_booking()
        return booking_sudo.get_base_url() if booking_sudo else super().get_base_url()

    def _get_ics_file(self):
        """Override of `calendar`: the company invites, and not whoever made the booking.

        Where its customer did, that is nobody.
        """
        files = super()._get_ics_file()
        for meeting in self:
            if meeting.id in files and (booking_sudo := meeting._deposit_booking()):
                company_sudo = booking_sudo._deposit_company()
                calendar = vobject.readOne(files[meeting.id].decode())
                calendar.vevent.contents.pop("organizer", None)
                if company_sudo.email:
                    organizer = calendar.vevent.add("organizer")
                    organizer.value = f"MAILTO:{company_sudo.email}"
                    organizer.params["CN"] = [company_sudo.name.replace('"', "'")]
                files[meeting.id] = calendar.serialize().encode()
        return files

    def message_notify(self, **kwargs):
        """Override of `mail`: reminders and the like come from the company, likewise."""
        booking_sudo = self._deposit_booking()
        if not booking_sudo or self.user_id != self.env.ref("base.user_root"):
            return super().message_notify(**kwargs)
        company_sudo = booking_sudo._deposit_company()
        kwargs["author_id"] = company_sudo.partner_id.id
        kwargs["email_from"] = company_sudo.email_formatted or kwargs.get("email_from")
        there = self.with_context(deposit_site=booking_sudo.get_base_url())
        return super(CalendarEvent, there).message_notify(**kwargs)


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def get_base_url(self):
        """Override of `base`: where the meeting was booked."""
        return self.event_id.get_base_url() if self else super().get_base_url()
