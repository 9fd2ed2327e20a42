"""Meetings that staff move in their calendar."""

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
