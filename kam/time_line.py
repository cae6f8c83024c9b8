"""A plan on a time line for example dates: where each activity's windows lie, in percent, and the same as a list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from plans.describing import describe_activity
from plans.models import Activity
from plans.schedule import DANISH_TIME, AfterAnswer, Dates, Occurrence, occurrences
from plans.time_scale import Mark, Scale


@dataclass(frozen=True, slots=True)
class Bar:
    """One window: where it is drawn, and its days; `last` is the last day to answer on."""

    x: str
    width: str
    opens: date
    last: date


@dataclass(frozen=True, slots=True)
class Row:
    """An activity and its windows. `is_example`: it comes only if the citizen answers as described."""

    title: str
    language: str
    sentence: str
    bars: tuple[Bar, ...]
    is_example: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    start: date
    rows: tuple[Row, ...]
    marks: tuple[Mark, ...]

    @property
    def tasks(self) -> list[tuple[Row, Bar]]:
        """All windows in the order in which they open."""
        return sorted(
            ((row, bar) for row in self.rows for bar in row.bars),
            key=lambda pair: (pair[1].opens, pair[0].title),
        )


def time_line(activities: Iterable[Activity], *, start: date, appointment: date) -> TimeLine:
    """The time line of activities (each with its version and `after`) for these dates.

    What follows an answer is drawn as if the citizen answered the first time on the day it opens.
    """
    found = list(activities)
    windows: dict[UUID, tuple[Occurrence, ...]] = {}
    for activity in _in_order_of_answers(found):
        answered = None
        if isinstance(activity.rhythm, AfterAnswer) and (
            first := windows.get(activity.after_id or UUID(int=0))
        ):
            answered = _day(first[0].opens_at)
        dates = Dates(start=start, appointment=appointment, answered=answered)
        windows[activity.pk] = occurrences(activity.rhythm, activity.window, dates)
    lasts = [_day(one.due_at) for row in windows.values() for one in row]
    end = max([*lasts, start + timedelta(days=7)])
    scale = Scale(start, end)
    return TimeLine(
        start=start,
        rows=tuple(
            Row(
                title=activity.shown_title,
                language=activity.title_language,
                sentence=describe_activity(activity),
                bars=tuple(_bar(one, scale) for one in windows.get(activity.pk, ())),
                is_example=isinstance(activity.rhythm, AfterAnswer),
            )
            for activity in found
        ),
        marks=tuple(scale.marks()),
    )


def _in_order_of_answers(activities: list[Activity]) -> Iterator[Activity]:
    """Each after the one it follows; what waits in a ring is left out."""
    waiting, done = list(activities), set[UUID]()
    while ready := [one for one in waiting if one.after_id is None or one.after_id in done]:
        yield from ready
        done |= {one.pk for one in ready}
        waiting = [one for one in waiting if one.pk not in done]


def _bar(window: Occurrence, scale: Scale) -> Bar:
    opens, due = _day(window.opens_at), _day(window.due_at)
    x, width = scale.span(opens, due)
    return Bar(x=x, width=width, opens=opens, last=due - timedelta(days=1))


def _day(moment: datetime) -> date:
    return moment.astimezone(DANISH_TIME).date()
