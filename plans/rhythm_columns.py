"""A rhythm as an activity's columns keep it, and back. Pure; which go with which kind the database checks."""

from enum import StrEnum
from typing import Any, Protocol

from plans.schedule import (
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    End,
    Every,
    ImpossibleRhythm,
    Length,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
)


class Kind(StrEnum):
    ONCE = "once"
    OFFSETS = "offsets"
    EVERY = "every"
    WEEKDAYS = "weekdays"
    APPOINTMENT = "appointment"
    ANSWER = "answer"


class Columns(Protocol):
    """What an activity has of its rhythm."""

    kind: str
    offsets: list[int] | None
    every: int | None
    every_unit: str
    weekdays: list[int] | None
    times: int | None
    lasts: int | None
    lasts_unit: str
    days: int | None


def rhythm_of(columns: Columns) -> Rhythm:
    """The rhythm that the columns hold. Raises ImpossibleRhythm, which the checks of the database rule out."""
    match Kind(columns.kind):
        case Kind.ONCE:
            return Once()
        case Kind.OFFSETS:
            return AtOffsets(tuple(columns.offsets or ()))
        case Kind.EVERY:
            return Every(Length(columns.every or 0, Unit(columns.every_unit)), _end(columns))
        case Kind.WEEKDAYS:
            return OnWeekdays(tuple(columns.weekdays or ()), columns.every or 0, _end(columns))
        case Kind.APPOINTMENT:
            return BeforeAppointment(columns.days or 0)
        case Kind.ANSWER:
            return AfterAnswer(columns.days or 0)


def columns_of(rhythm: Rhythm) -> dict[str, Any]:
    """The columns for a rhythm; those that its kind has not are empty."""
    columns: dict[str, Any] = {
        "offsets": None,
        "every": None,
        "every_unit": "",
        "weekdays": None,
        "times": None,
        "lasts": None,
        "lasts_unit": "",
        "days": None,
    }
    match rhythm:
        case Once():
            return {**columns, "kind": Kind.ONCE.value}
        case AtOffsets():
            return {**columns, "kind": Kind.OFFSETS.value, "offsets": list(rhythm.days)}
        case Every():
            step = {"every": rhythm.step.number, "every_unit": rhythm.step.unit.value}
            return {**columns, "kind": Kind.EVERY.value, **step, **_columns_of_end(rhythm.end)}
        case OnWeekdays():
            days = {"weekdays": list(rhythm.weekdays), "every": rhythm.every_weeks, "every_unit": "weeks"}
            return {**columns, "kind": Kind.WEEKDAYS.value, **days, **_columns_of_end(rhythm.end)}
        case BeforeAppointment():
            return {**columns, "kind": Kind.APPOINTMENT.value, "days": rhythm.days}
        case AfterAnswer():
            return {**columns, "kind": Kind.ANSWER.value, "days": rhythm.days}


def _end(columns: Columns) -> End:
    if columns.times is not None:
        return Times(columns.times)
    if columns.lasts is None:
        raise ImpossibleRhythm("nothing says when it ends")
    return Length(columns.lasts, Unit(columns.lasts_unit))


def _columns_of_end(end: End) -> dict[str, Any]:
    if isinstance(end, Times):
        return {"times": end.number}
    return {"lasts": end.number, "lasts_unit": end.unit.value}
