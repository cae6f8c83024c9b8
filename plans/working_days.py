"""Danish working days: pure, from the calendar alone.

No working days are weekends, public holidays, and the days on which municipalities are closed by custom: Constitution
Day (5 June), Christmas Eve and New Year's Eve.
"""

from datetime import date, timedelta

import holidays

CLOSED = frozenset({(6, 5), (12, 24), (12, 31)})
"""(month, day) that are no public holidays and yet nobody is at work."""

_HOLIDAYS = holidays.country_holidays("DK")


def is_working_day(day: date) -> bool:
    """Whether a municipality is open on a day."""
    return day.weekday() < 5 and (day.month, day.day) not in CLOSED and day not in _HOLIDAYS


def working_day_from(day: date) -> date:
    """The first working day on or after a day."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_until(day: date) -> date:
    """The last working day on or before a day."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
