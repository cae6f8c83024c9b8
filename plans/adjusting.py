"""Tasks that staff move or leave out before a plan is given: which the plan can have. Pure, no database, no clock."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from plans.schedule import DANISH_TIME, MOST_ANSWER_DAYS, Occurrence

Key = TypeVar("Key", bound=Hashable)


class Fault(StrEnum):
    """Why an activity cannot have these windows."""

    BEFORE_START = "before_start"
    ENDS_FIRST = "ends_first"
    TOO_LONG = "too_long"
    TWICE = "twice"


def window(first: date, last: date, *, zone: ZoneInfo = DANISH_TIME) -> Occurrence:
    """Open from the start of `first` to the end of `last`, on the clock of the zone."""
    return Occurrence(
        opens_at=datetime.combine(first, time.min, tzinfo=zone),
        due_at=datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
    )


def days_of(one: Occurrence, *, zone: ZoneInfo = DANISH_TIME) -> tuple[date, date]:
    """The first and the last day of a window."""
    return one.opens_at.astimezone(zone).date(), (one.due_at.astimezone(zone) - timedelta(seconds=1)).date()


def moved(one: Occurrence, first: date, *, zone: ZoneInfo = DANISH_TIME) -> Occurrence:
    """The window as many days long, opening on another day; it stays whole days also over a change of the clocks."""
    opened, last = days_of(one, zone=zone)
    return window(first, first + (last - opened), zone=zone)


def fault_in(windows: Collection[Occurrence], *, start: date, zone: ZoneInfo = DANISH_TIME) -> Fault | None:
    """What is wrong with the windows of one activity in a plan that begins on `start`; None where nothing is."""
    opening = [days_of(one, zone=zone)[0] for one in windows]
    for one in windows:
        first, last = days_of(one, zone=zone)
        if first < start:
            return Fault.BEFORE_START
        if last < first:
            return Fault.ENDS_FIRST
        if (last - first).days >= MOST_ANSWER_DAYS:
            return Fault.TOO_LONG
    return Fault.TWICE if len(set(opening)) < len(opening) else None


@dataclass(frozen=True, slots=True)
class Asked(Generic[Key]):
    """A questionnaire that a plan asks in a window."""

    plan: Key
    questionnaire: Hashable
    window: Occurrence


def asked_twice(asked: Iterable[Asked[Key]]) -> Iterator[tuple[Asked[Key], Asked[Key]]]:
    """Two plans that ask the same in the same days: each pair of plans and questionnaire once, the earliest."""
    seen: set[tuple[frozenset[Key], Hashable]] = set()
    for one, other in combinations(sorted(asked, key=lambda each: each.window.opens_at), 2):
        pair = (frozenset({one.plan, other.plan}), one.questionnaire)
        if one.plan == other.plan or one.questionnaire != other.questionnaire or pair in seen:
            continue
        if one.window.overlaps(other.window):
            seen.add(pair)
            yield one, other
