from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tests import tagged

from .test_book_page import PageCommon


@tagged("post_install", "-at_install")
class TestQueryCount(PageCommon):
    """What the pages cost the database does not grow with the clinic's calendar."""

    def _fill_calendar(self, count):
        """Half-hours, one after the other, for a good part of the day."""
        start = fields.Datetime.now() + timedelta(days=1)
        meetings = self.env["calendar.event"].create(
            [
                {
                    "name": f"Appointment {number}",
                    "start": start + timedelta(days=number // 30, minutes=30 * (number % 30)),
                    "stop": start + timedelta(days=number // 30, minutes=30 * (number % 30) + 30),
                }
                for number in range(count)
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO resource_booking
                        (type_id, combination_id, meeting_id, start, stop, duration, state, active,
                         deposit_stage, deposit_state)
            SELECT %s, %s, id, start, stop, 0.5, 'confirmed', true, 'confirmed', 'paid'
              FROM calendar_event WHERE id IN %s
            """,
            (self.service.id, self.combinations[0].id, meetings._ids),
        )
        self.env.invalidate_all()

    def _count(self, url, **query):
        self._get(url, **query)  # What is read only once is no matter of bookings.
        before = self.env.cr.sql_log_count
        self._get(url, **query)
        return self.env.cr.sql_log_count - before

    def _count_pages(self):
        return self._count("/book"), self._count(f"/book/{self.service.id}", month="2030-02")

    def test_a_thousand_appointments_cost_as_many_queries_as_ten(self):
        self._fill_calendar(10)
        few = self._count_pages()
        self._fill_calendar(990)
        self.assertEqual(self._count_pages(), few)
        self.assertLess(max(few), 60)

    def test_what_is_busy_is_not_offered_for_free(self):
        """The pages find what is busy in another way than the booking itself."""
        day = self._slot().replace(hour=0, minute=0)
        free = self.service._get_free_slots(day, day + timedelta(days=1))
        self._book(free[3])
        self._book(free[4])
        self.assertEqual(
            self.service._get_free_slots(day, day + timedelta(days=1)), free[:3] + free[5:]
        )

    def test_a_whole_day_is_busy_from_midnight_to_midnight(self):
        self.calendar.attendance_ids = [(5, 0, 0)] + [
            (0, 0, {"name": "Day", "dayofweek": str(day), "hour_from": 0, "hour_to": 24})
            for day in range(7)
        ]
        slot = self._slot().astimezone(ZoneInfo(self.calendar.tz))
        day = slot.replace(hour=0, minute=0)
        meeting = self._book(slot).meeting_id
        meeting.write({"allday": True, "start_date": slot.date(), "stop_date": slot.date()})
        self.assertFalse(self.service._get_free_slots(day, day + timedelta(days=1)))
        self.assertTrue(self.service._get_free_slots(day + timedelta(days=1), day + timedelta(2)))

    def test_a_dentist_with_a_user_is_busy_with_meetings_of_all_kinds(self):
        resource = self.combinations[0].resource_ids
        user = self.env.ref("base.user_admin")
        resource.write({"resource_type": "user", "user_id": user.id})
        slot = self._slot()
        self.env["calendar.event"].create(
            {
                "name": "Conference",
                "start": slot.astimezone(UTC).replace(tzinfo=None),
                "stop": slot.astimezone(UTC).replace(tzinfo=None) + timedelta(minutes=30),
                "user_id": user.id,
                "partner_ids": [(6, 0, user.partner_id.ids)],
            }
        )
        self.assertNotIn(slot, self.service._get_free_slots(slot, slot + timedelta(hours=1)))
