"""Moments and days as a page of staff's says them.

say = Sayer(now)
[say.moment(answer.answered_at) for answer in answers]
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.dates import strftime_pattern


class Sayer:
    """Says them as of `now`, in the language and the zone of whoever looks: what all have in common is found once."""

    def __init__(self, now: datetime) -> None:
        self._zone = timezone.get_current_timezone()
        self._today = now.astimezone(self._zone).date()
        self._day, self._earlier, self._of_day = _patterns(get_language())

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


@lru_cache(maxsize=20)
def _patterns(language: str | None) -> tuple[str, str, Mapping[int, str]]:
    """For `strftime`: a day, a moment, and one of today and yesterday by how many days ago that is."""
    day, clock = (strftime_pattern(name, language) for name in ("SHORT_DATE_FORMAT", "TIME_FORMAT"))
    sentence = _("%(date)s kl. %(time)s")
    named = {0: _("i dag").replace("%", "%%"), 1: _("i går").replace("%", "%%")}
    of_day = {ago: sentence % {"date": name, "time": clock} for ago, name in named.items()}
    return day, sentence % {"date": day, "time": clock}, of_day
