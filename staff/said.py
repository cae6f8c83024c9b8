"""Moments and days as a page of staff's says them.

say = Sayer(now)
[say.moment(answer.answered_at) for answer in answers]
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.dates import strftime_pattern


class Sayer:
    """Says them as of `now`, in the language and the zone of whoever looks: what all have in common is found once."""

    def __init__(self, now: datetime) -> None:
        self._zone = timezone.get_current_timezone()
        self._today = now.astimezone(self._zone).date()
        language = get_language()
        self._day = strftime_pattern("SHORT_DATE_FORMAT", language)
        clock = strftime_pattern("TIME_FORMAT", language)
        sentence = _("%(date)s kl. %(time)s")
        self._of_day = {
            0: sentence % {"date": _("i dag").replace("%", "%%"), "time": clock},
            1: sentence % {"date": _("i går").replace("%", "%%"), "time": clock},
        }
        self._earlier = sentence % {"date": self._day, "time": clock}

    def moment(self, moment: datetime) -> str:
        """A past one as people say it: “i dag kl. 10.12”, “i går kl. 10.12”, “20-11-2026 kl. 10.12”."""
        there = moment.astimezone(self._zone)
        return there.strftime(self._of_day.get((self._today - there.date()).days, self._earlier))

    def day(self, day: date) -> str:
        """In figures: “20-11-2026”."""
        return day.strftime(self._day)

    def day_of(self, moment: datetime) -> date:
        """The day that a moment is in, there."""
        return moment.astimezone(self._zone).date()

    def days_since(self, day: date) -> int:
        """How many days ago it was; negative where it is still to come."""
        return (self._today - day).days
