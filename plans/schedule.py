"""When a plan's questionnaires are due: pure, no database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DANISH_TIME = ZoneInfo("Europe/Copenhagen")

CALLED_OFF_AFTER = timedelta(days=28)
"""How long past its time a task can still be answered: an answer to last month's question says nothing of today."""


class Repeat(StrEnum):
    ONCE = "once"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Occurrence:
    """A task's window: it opens at the start of one Danish day and is due at the end of another."""

    opens_at: datetime
    due_at: datetime


def occurrences(
    *, repeat: Repeat, count: int, starts_on: date, answer_days: int, zone: ZoneInfo = DANISH_TIME
) -> tuple[Occurrence, ...]:
    """The windows of an activity that starts on `starts_on`.

    `answer_days` counts days: 1 is due the same day at midnight. The wall clock rules, so a window
    over a change to or from summer time is an hour shorter or longer, not shifted.
    """
    step = timedelta(weeks=1) if repeat == Repeat.WEEKLY else timedelta(0)
    times = count if repeat == Repeat.WEEKLY else 1
    return tuple(
        Occurrence(
            opens_at=_midnight(starts_on + step * n, zone),
            due_at=_midnight(starts_on + step * n + timedelta(days=answer_days), zone),
        )
        for n in range(times)
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
