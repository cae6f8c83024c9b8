"""When a plan's questionnaires are due: pure, no database, no clock.

A `Rhythm` says on which days an activity opens, `occurrences` gives the windows of it: from the start of one Danish
day to the end of another. The wall clock rules, so a window over a change to or from summer time is an hour shorter or
longer, not shifted, and what comes out is the same whatever the machine's own time zone is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice, takewhile, zip_longest
from zoneinfo import ZoneInfo

from plans.working_days import is_working_day, working_day_from, working_day_until

DANISH_TIME = ZoneInfo("Europe/Copenhagen")

CALLED_OFF_AFTER = timedelta(days=28)
"""How long past its time a task can still be answered: an answer to last month's question says nothing of today."""

MOST_TIMES = 366
MOST_OFFSET_DAYS = 1830
MOST_ANSWER_DAYS = 90


class ImpossibleRhythm(ValueError):
    """No plan can have such a rhythm."""


class Unit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


MOST_OF: dict[Unit, int] = {Unit.DAYS: 366, Unit.WEEKS: 156, Unit.MONTHS: 36}
"""The longest step and the longest time of a rhythm, in each unit."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length of calendar time: 2 weeks, 3 months."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST_OF[self.unit]:
            raise ImpossibleRhythm(f"{self.number} {self.unit} is no length of a rhythm")

    def after(self, day: date, times: int = 1) -> date:
        """The day `times` lengths after `day`. A month from 31 January is the last day of February."""
        number = self.number * times
        if self.unit is Unit.MONTHS:
            return _months_after(day, number)
        return day + timedelta(days=number * (7 if self.unit is Unit.WEEKS else 1))


@dataclass(frozen=True, slots=True)
class Times:
    """It ends after so many."""

    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MOST_TIMES:
            raise ImpossibleRhythm(f"{self.number} times is not possible")


End = Times | Length
"""How long a rhythm goes on. A length is counted from the start of the plan, and its last day is not part of it."""


@dataclass(frozen=True, slots=True)
class Once:
    """Once, when the plan begins."""


@dataclass(frozen=True, slots=True)
class AtOffsets:
    """So many days after the start each: 0, 30, 90."""

    days: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.days or list(self.days) != sorted(set(self.days)):
            raise ImpossibleRhythm("the days are not in order, or there are none")
        if self.days[0] < 0 or self.days[-1] > MOST_OFFSET_DAYS or len(self.days) > MOST_TIMES:
            raise ImpossibleRhythm("the days are too many, too far off, or before the start")


@dataclass(frozen=True, slots=True)
class Every:
    """From the start, a step apart."""

    step: Length
    end: End


@dataclass(frozen=True, slots=True)
class OnWeekdays:
    """On these days of the week (0 is Monday), every so many weeks.

    The weeks are counted from the first of these days on or after the start.
    """

    weekdays: tuple[int, ...]
    every_weeks: int
    end: End

    def __post_init__(self) -> None:
        if not self.weekdays or list(self.weekdays) != sorted(set(self.weekdays) & set(range(7))):
            raise ImpossibleRhythm("the weekdays are not in order, or there are none")
        if not 1 <= self.every_weeks <= MOST_OF[Unit.WEEKS]:
            raise ImpossibleRhythm(f"every {self.every_weeks} weeks is not possible")
        if isinstance(self.end, Length) and self.end.unit is Unit.DAYS and self.end.number < 7:
            raise ImpossibleRhythm("in less than a week the day may never come")


@dataclass(frozen=True, slots=True)
class BeforeAppointment:
    """So many days before an appointment that staff give when they assign the plan."""

    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_OF[Unit.DAYS]:
            raise ImpossibleRhythm(f"{self.days} days before an appointment is not possible")


@dataclass(frozen=True, slots=True)
class AfterAnswer:
    """So many days after the answer to another activity of the plan; which one, and what answer, stands there."""

    days: int

    def __post_init__(self) -> None:
        if not 0 <= self.days <= MOST_OF[Unit.DAYS]:
            raise ImpossibleRhythm(f"{self.days} days after an answer is not possible")


Rhythm = Once | AtOffsets | Every | OnWeekdays | BeforeAppointment | AfterAnswer


class Moves(StrEnum):
    """Where a task goes that would open on a weekend, a holiday or another day on which the municipality is closed."""

    STAYS = "stays"
    LATER = "later"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Window:
    """How long each occurrence is open, and how it lies in the calendar.

    `answer_days` counts days: 1 is due the same day at midnight. `overlaps`: may the next open before one is due? If
    not, the earlier is due when the next opens.
    """

    answer_days: int
    moves: Moves = Moves.STAYS
    overlaps: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.answer_days <= MOST_ANSWER_DAYS:
            raise ImpossibleRhythm(f"{self.answer_days} days to answer are not possible")


@dataclass(frozen=True, slots=True)
class Dates:
    """What a rhythm is counted from. `appointment` and `answered` where the rhythm asks for them."""

    start: date
    appointment: date | None = None
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A task's window: it opens at the start of one Danish day and is due at the end of another."""

    opens_at: datetime
    due_at: datetime

    def overlaps(self, other: "Occurrence") -> bool:
        """Whether there is a moment at which both are open."""
        return self.opens_at < other.due_at and other.opens_at < self.due_at


def occurrences(
    rhythm: Rhythm, window: Window, dates: Dates, *, zone: ZoneInfo = DANISH_TIME
) -> tuple[Occurrence, ...]:
    """The windows of an activity, in order; none for what waits for an answer that is not given yet.

    Raises ImpossibleRhythm where the rhythm counts from an appointment and none is given, or one before the start.
    """
    opening = sorted({_moved(day, window.moves, rhythm, dates) for day in _days(rhythm, dates)})
    due = [day + timedelta(days=window.answer_days) for day in opening]
    if not window.overlaps:
        due = [min(this, following) for this, following in zip_longest(due, opening[1:], fillvalue=date.max)]
    if isinstance(rhythm, BeforeAppointment):
        appointment = _appointment(dates)
        # In time for it; what opens on the very day is open that day.
        due = [
            max(day + timedelta(days=1), min(last, appointment))
            for day, last in zip(opening, due, strict=True)
        ]
    return tuple(
        Occurrence(opens_at=_midnight(day, zone), due_at=_midnight(last, zone))
        for day, last in zip(opening, due, strict=True)
    )


def _days(rhythm: Rhythm, dates: Dates) -> Iterator[date]:
    """The days on which it opens, before any is moved."""
    match rhythm:
        case Once():
            return iter([dates.start])
        case AtOffsets():
            return (dates.start + timedelta(days=number) for number in rhythm.days)
        case Every():
            return _until(rhythm.end, dates.start, _every(rhythm, dates.start))
        case OnWeekdays():
            return _until(rhythm.end, dates.start, _weekdays(rhythm, dates.start))
        case BeforeAppointment():
            return iter([max(dates.start, _appointment(dates) - timedelta(days=rhythm.days))])
        case AfterAnswer():
            return iter([] if dates.answered is None else [dates.answered + timedelta(days=rhythm.days)])


def day_after(rhythm: Every | OnWeekdays, dates: Dates, number: int) -> date:
    """The day on which it would open next, had it not ended after `number` times; before any is moved."""
    days = _every(rhythm, dates.start) if isinstance(rhythm, Every) else _weekdays(rhythm, dates.start)
    return next(islice(days, number, None))


def _every(rhythm: Every, start: date) -> Iterator[date]:
    return (rhythm.step.after(start, number) for number in count())


def _until(end: End, start: date, days: Iterator[date]) -> Iterator[date]:
    if isinstance(end, Times):
        return islice(days, end.number)
    last = end.after(start)
    return takewhile(lambda day: day < last, days)


def _weekdays(rhythm: OnWeekdays, start: date) -> Iterator[date]:
    first = next(day for n in range(7) if (day := start + timedelta(days=n)).weekday() in rhythm.weekdays)
    monday = first - timedelta(days=first.weekday())
    for week in count():
        for weekday in rhythm.weekdays:
            day = monday + timedelta(weeks=week * rhythm.every_weeks, days=weekday)
            if day >= first:
                yield day


def _appointment(dates: Dates) -> date:
    if dates.appointment is None or dates.appointment < dates.start:
        raise ImpossibleRhythm("the rhythm is counted from an appointment on or after the start")
    return dates.appointment


def _moved(day: date, moves: Moves, rhythm: Rhythm, dates: Dates) -> date:
    """The day itself, or the working day next to it; never before the plan begins, never past an appointment."""
    if moves is Moves.STAYS or is_working_day(day):
        return day
    earlier, later = working_day_until(day), working_day_from(day)
    first = (dates.answered if isinstance(rhythm, AfterAnswer) else None) or dates.start
    last = _appointment(dates) if isinstance(rhythm, BeforeAppointment) else date.max
    wished = (earlier, later) if moves is Moves.EARLIER else (later, earlier)
    return next((found for found in wished if first <= found <= last), day)


def _months_after(day: date, number: int) -> date:
    """The same day of a later month, or the last of that month where it is shorter."""
    months = day.month - 1 + number
    year, month = day.year + months // 12, months % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
