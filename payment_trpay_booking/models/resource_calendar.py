"""When a chair, a room or a machine is busy, found without a look into everybody's calendar."""

from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.date_utils import localized, to_timezone
from odoo.tools.intervals import Intervals


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    @api.model
    def _calendar_event_busy_intervals(self, start_dt, end_dt, resource, analyzed_booking_id):
        """Override of `resource_booking`, which reads every meeting of that time in Python.

        For whoever looks for a free time, the database tells when a resource that is nobody has
        bookings. A booking that is being written is left to the original, for a search would write
        it half-done.
        """
        is_written = analyzed_booking_id > 0
        if not resource or resource.resource_type == "user" or is_written:
            return super()._calendar_event_busy_intervals(
                start_dt, end_dt, resource, analyzed_booking_id
            )
        in_utc, in_zone = to_timezone(None), to_timezone(start_dt.tzinfo)
        start, end = in_utc(start_dt), in_utc(end_dt)
        at_this_time = Domain("start", "<=", end) & Domain("stop", ">=", start)
        on_these_days = (
            Domain("allday", "=", True)
            & Domain("start_date", "<=", end_dt.date())
            & Domain("stop_date", ">=", start_dt.date())
        )
        meetings = (
            self.env["calendar.event"]
            .sudo()
            .search_fetch(
                Domain("resource_booking_ids.combination_id.resource_ids", "in", resource.ids)
                & (at_this_time | on_these_days),
                ["start", "stop", "allday", "start_date", "stop_date"],
                order="id",
            )
        )
        no_leave = self.env["resource.calendar.leaves"]
        # Merged before they are converted: one appointment after the other is one long time.
        busy = Intervals((*_bounds(meeting, start_dt.tzinfo), no_leave) for meeting in meetings)
        return Intervals(
            (in_zone(localized(begin)), in_zone(localized(finish)), leaves)
            for begin, finish, leaves in busy
        )


def _bounds(meeting, zone):
    """When a meeting begins and ends, in UTC without a time zone."""
    if not (meeting.allday and meeting.start_date and meeting.stop_date):
        return meeting.start, meeting.stop
    days = (meeting.start_date, meeting.stop_date + timedelta(days=1))
    return [to_timezone(None)(zone.localize(datetime.combine(day, time.min))) for day in days]
