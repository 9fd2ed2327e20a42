"""Moments as the visitor's clock shows them, in the visitor's language."""

from datetime import UTC, datetime, time, timedelta

import pytz
from babel.dates import get_day_names, get_timezone_location

from odoo import fields
from odoo.http import request
from odoo.tools.misc import babel_locale_parse, format_date, format_time, get_lang

MINUTE = timedelta(minutes=1)
FARTHEST = timedelta(days=400)


class Clock:
    """The time zone of a visitor: as the address says, or the cookie, or else the service's own.

    :param resource.booking.type service: What the visitor is looking at.
    """

    def __init__(self, service):
        self.env = request.env
        self.home = pytz.timezone(service.resource_calendar_id.tz or "UTC")
        asked = _find_zone(request.params.get("tz"))
        self.zone = asked or _find_zone(request.cookies.get("tz")) or self.home
        self.query = {"tz": self.zone.zone} if asked or self.zone != self.home else {}
        self._lang = get_lang(self.env)
        self._locale = babel_locale_parse(self._lang.code)

    # === FREE TIMES === #

    def free_slots(self, service, start, stop):
        """The free times between two moments.

        The service is asked in its own time zone, where its working days begin.
        """
        slots = service._get_free_slots(start.astimezone(self.home), stop.astimezone(self.home))
        return [slot.astimezone(self.zone) for slot in slots]

    def find_slot(self, service, text):
        """The free time that a link of ours names, in the service's time zone.

        :param str text: ISO 8601 with an offset, or whatever a visitor made of it.
        :return: Nothing if it is not one of the free times.
        """
        start = read_moment(text)
        if not start or start not in self.free_slots(service, start, start + MINUTE):
            return None
        return start.astimezone(self.home)

    def is_free(self, service, moment):
        """Whether a time of ours, in UTC without a time zone, can be booked."""
        return bool(self.find_slot(service, pytz.utc.localize(moment).isoformat()))

    # === IN WORDS === #

    def today(self):
        return self._local(fields.Datetime.now()).date()

    def is_today(self, moment):
        return self._local(moment).date() == self.today()

    def first_moment(self, date):
        return self.zone.localize(datetime.combine(date, time.min))

    def month_key(self, moment):
        return f"{self._local(moment):%Y-%m}"

    def day_key(self, moment):
        return self._local(moment).date().isoformat()

    def day(self, moment):
        return self.date(self._local(moment).date())

    def date(self, date):
        return format_date(self.env, date, date_format="full")

    def month(self, date):
        return format_date(self.env, date, date_format="LLLL y")

    def time(self, moment):
        return self._format_time(self._local(moment))

    def moment(self, moment):
        return f"{self.day(moment)}, {self.time(moment)}"

    def at_home(self, moment):
        """The time where the service is."""
        return self._format_time(self._local(moment).astimezone(self.home))

    def zone_name(self, zone=None):
        zone = zone or self.zone
        if "/" not in zone.zone or zone.zone.startswith("Etc/"):
            return zone.zone
        return get_timezone_location(zone, locale=self._locale)

    def week(self):
        """The weekdays in the order of the language: their numbers and short names."""
        names = get_day_names("abbreviated", context="stand-alone", locale=self._locale)
        first = int(self._lang.week_start) - 1
        return [((first + i) % 7, names[(first + i) % 7]) for i in range(7)]

    def _format_time(self, local):
        return format_time(self.env, local.time(), time_format="short")

    def _local(self, moment):
        aware = moment if moment.tzinfo else pytz.utc.localize(moment)
        return aware.astimezone(self.zone)


def _find_zone(name):
    return pytz.timezone(name) if name in pytz.all_timezones_set else None


def read_moment(text):
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    now = datetime.now(UTC)
    return moment if now < moment < now + FARTHEST else None
