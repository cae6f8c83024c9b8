"""Days on a horizontal line, in percent of its width: what KAM's plans and a citizen's courses are drawn by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from plans.schedule import Length, Unit

MOST_MARKS = 6
NARROWEST = 0.6
"""In percent: a window of a day is still seen in a plan of years."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that is written under the line; `is_late` where its words would not fit to the right of it."""

    x: str
    text: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from the day `start` to the day `end`, which is later."""

    start: date
    end: date

    def x(self, day: date) -> str:
        """Where the day begins; one outside the line lies at its end."""
        return f"{min(max(self._percent(day), 0), 100):.2f}%"

    def span(self, first: date, end: date) -> tuple[str, str]:
        """Where a stretch from `first` up to `end` lies, and how wide it is; what is outside the line is cut off."""
        x = max(self._percent(first), 0)
        width = max(min(self._percent(end), 100) - x, NARROWEST)
        return f"{min(x, 100 - width):.2f}%", f"{width:.2f}%"

    def marks(self, form: str = "") -> Iterator[Mark]:
        """At most `MOST_MARKS` days, evenly apart; `form` is how they are written (Django's date format)."""
        for day in self._marked_days():
            percent = self._percent(day)
            yield Mark(
                x=f"{percent:.2f}%",
                text=date_format(day, form or ("j. b Y" if self._days > 366 else "j. b")),
                is_late=percent > 100 - 100 / MOST_MARKS,
            )

    @property
    def _days(self) -> int:
        return (self.end - self.start).days

    def _marked_days(self) -> Iterator[date]:
        steps = [Length(1, Unit.DAYS), Length(7, Unit.DAYS), Length(14, Unit.DAYS)]
        steps += [Length(number, Unit.MONTHS) for number in (1, 2, 3, 6, 12, 24)]
        for step in steps:
            days: list[date] = []
            while (day := step.after(self.start, len(days))) < self.end and len(days) <= MOST_MARKS:
                days.append(day)
            if len(days) <= MOST_MARKS:
                break
        return iter(days)

    def _percent(self, day: date) -> float:
        return 100 * (day - self.start).days / self._days
