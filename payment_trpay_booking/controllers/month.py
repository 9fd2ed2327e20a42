"""A month of free times, to choose one from."""

import re
from calendar import Calendar
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
MONTHS_AHEAD = 12
ONE = relativedelta(months=1)


def show_month(service, clock, month_url, time_url, month=None, day=None):
    """The values of the template `month`.

    :param resource.booking.type service: What is to be booked.
    :param Clock clock: The visitor's.
    :param str month_url: The page that shows a month.
    :param str time_url: Where the choice of a time leads to.
    :param str month: Which month, as `YYYY-MM`; anything else is the current one.
    :param str day: The day whose times are shown, as `YYYY-MM-DD`, or the first that has any.
    """
    current = clock.today().replace(day=1)
    last = current + MONTHS_AHEAD * ONE
    first = min(max(_read_month(month) or current, current), last)
    by_day = _find_days(service, clock, first)
    chosen = next((date for date in by_day if date.isoformat() == day), next(iter(by_day), None))

    def link_month(date, **query):
        return link(month_url, month=f"{date:%Y-%m}", **query, **clock.query)

    weekdays = clock.week()
    return {
        "clock": clock,
        "title": clock.month(first),
        "previous_url": link_month(first - ONE) if first > current else None,
        "next_url": link_month(first + ONE) if first < last else None,
        "weekday_names": [name for _number, name in weekdays],
        "weeks": [
            [
                {
                    "number": date.day,
                    "label": clock.date(date),
                    "free": len(by_day.get(date, ())),
                    "url": link_month(date, day=date.isoformat()) + "#times",
                    "is_chosen": date == chosen,
                    "is_outside": date.month != first.month,
                }
                for date in week
            ]
            for week in Calendar(weekdays[0][0]).monthdatescalendar(first.year, first.month)
        ],
        "chosen_day": clock.date(chosen) if chosen else None,
        "times": [
            {
                "label": clock.time(slot),
                "url": link(time_url, start=slot.isoformat(), **clock.query),
            }
            for slot in by_day.get(chosen, ())
        ],
        "next_free": None if by_day else _find_next(service, clock, first, last, link_month),
    }


def link(url, **query):
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


def _read_month(text):
    match = MONTH.fullmatch(text) if isinstance(text, str) else None
    year, month = map(int, match.groups()) if match else (0, 0)
    return date(year, month, 1) if year else None


def _find_days(service, clock, first):
    slots = clock.free_slots(service, clock.first_moment(first), clock.first_moment(first + ONE))
    return {day: list(times) for day, times in groupby(slots, lambda slot: slot.date())}


def _find_next(service, clock, first, last, link_month):
    """The next month that has a free time."""
    while first < last:
        first += ONE
        if _find_days(service, clock, first):
            return {
                "sentence": clock.env._("The next free times are in %s.", clock.month(first)),
                "url": link_month(first),
            }
    return None
