"""When a service request is to be carried out: its `occurrence[x]` resolved to slots.

A time of day and a weekday are Denmark's. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Json = Mapping[str, Any]

DENMARK = ZoneInfo("Europe/Copenhagen")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 7 * 86400}
MOST_SLOTS = 1000


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at which something is to be done, and how often in it."""

    start: datetime
    end: datetime
    requested: int


def kind_of(request: Json) -> str:
    """By the codes of resolved-timing-type: Resolved, Adhoc (whenever it suits) or Unresolved (without bounds)."""
    if "occurrenceDateTime" in request:
        return "Resolved"
    repeat = request.get("occurrenceTiming", {}).get("repeat", {})
    if "period" not in repeat and "dayOfWeek" not in repeat:
        return "Adhoc"
    return "Resolved" if "start" in repeat.get("boundsPeriod", {}) else "Unresolved"


def slots(request: Json, *, after: datetime, before: datetime) -> list[Slot]:
    """The slots that touch the time from `after` to `before` (aware), at most a thousand; none unless Resolved."""
    if kind_of(request) != "Resolved":
        return []
    if "occurrenceDateTime" in request:
        moment = datetime.fromisoformat(request["occurrenceDateTime"])
        found: Iterator[Slot] = iter([Slot(moment, moment, 1)])
    else:
        found = _recurring(request["occurrenceTiming"]["repeat"], before)
    return [slot for slot, _ in zip(_touching(found, after, before), range(MOST_SLOTS), strict=False)]


def _touching(found: Iterator[Slot], after: datetime, before: datetime) -> Iterator[Slot]:
    for slot in found:
        if slot.start > before:
            return
        if slot.end >= after:
            yield slot


def _recurring(repeat: Json, before: datetime) -> Iterator[Slot]:
    first = datetime.fromisoformat(repeat["boundsPeriod"]["start"])
    end = repeat["boundsPeriod"].get("end")
    last = min(datetime.fromisoformat(end), before) if end else before
    length = timedelta(
        seconds=repeat.get("duration", 0) * SECONDS.get(repeat.get("durationUnit", "s"), 86400 * 365)
    )
    requested = 1 if "timeOfDay" in repeat else repeat.get("frequency", 1)
    for start in _starts(repeat, first, last):
        if first <= start and (end is None or start < datetime.fromisoformat(end)):
            yield Slot(start, start + length, requested)


def _starts(repeat: Json, first: datetime, last: datetime) -> Iterator[datetime]:
    unit, every = repeat.get("periodUnit", "d"), int(repeat.get("period", 1))
    if unit in {"s", "min", "h"}:
        at = first
        while at <= last:
            yield at
            at += timedelta(seconds=every * SECONDS[unit])
        return
    local = first.astimezone(DENMARK)
    times = sorted(time.fromisoformat(one) for one in repeat.get("timeOfDay", ())) or [local.time()]
    for day in _days(repeat, unit, every, local.date(), last.astimezone(DENMARK).date()):
        for clock in times:
            yield datetime.combine(day, clock, tzinfo=DENMARK)


def _days(repeat: Json, unit: str, every: int, first: date, last: date) -> Iterator[date]:
    if weekdays := {WEEKDAYS.index(one) for one in repeat.get("dayOfWeek", ())}:
        weeks = every if unit == "wk" else 1
        monday = first - timedelta(days=first.weekday())
        while monday <= last:
            yield from (monday + timedelta(days=number) for number in sorted(weekdays))
            monday += timedelta(weeks=weeks)
        return
    step, day = 0, first
    while day <= last:
        yield day
        step += every
        day = _later(first, unit, step)


def _later(first: date, unit: str, steps: int) -> date:
    if unit in {"d", "wk"}:
        return first + timedelta(days=steps * (7 if unit == "wk" else 1))
    months = first.month - 1 + steps * (12 if unit == "a" else 1)
    year, month = first.year + months // 12, months % 12 + 1
    for day in range(first.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, min(first.day, 28))
