"""FHIR values as they stand in JSON: reading, comparing and measuring them without trusting their shape.

Equality and order follow the outcomes written down in docs/engine.md (enableWhen).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .definition import AnswerValue
from .quantities import measure

Comparable = tuple[str, Decimal | Fraction | date | datetime | time]
"""What may be ordered: a kind (only equal kinds compare) and the thing itself."""

LARGEST_NUMBER = Decimal(10) ** 18
MAX_INTEGER = 2**31 - 1

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6})\d*)?)?", re.ASCII)
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T([0-9:.]+)(Z|[+-]\d{2}:\d{2})?", re.ASCII)


def decimal_of(number: object) -> Decimal | None:
    """A JSON number as Decimal with the digits it was written with; None if it is none or beyond 10^18."""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return None
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    return exact if exact.is_finite() and abs(exact) <= LARGEST_NUMBER else None


def json_number(number: Decimal) -> int | float:
    """A Decimal as a JSON number: whole numbers without a fraction."""
    return int(number) if number == number.to_integral_value() else float(number)


def value_of(answer: object) -> tuple[str, Any] | None:
    """The `value[x]` of an answer as (name, value); None if there is none or it says nothing.

    Nothing is said by an empty string or an empty Coding, Quantity or Reference; `false` is an answer (EW-42).
    """
    if not isinstance(answer, Mapping):
        return None
    for name, value in answer.items():
        if isinstance(name, str) and name.startswith("value") and not _says_nothing(name, value):
            return name, value
    return None


def _says_nothing(name: str, value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        match name:
            case "valueCoding":
                return not (value.get("code") or value.get("display"))
            case "valueQuantity":
                return value.get("value") is None
            case _:
                return not value
    return isinstance(value, Sequence) and not value


def only_value(answer: object) -> AnswerValue | None:
    """The answer without its children and extensions: `{"valueInteger": 3}`."""
    if type(answer) is dict and len(answer) == 1:
        # By far the commonest: it is nothing but its value already.
        ((name, value),) = answer.items()
        kind = type(value)
        if kind is dict:
            says = name == "valueCoding" and value.get("code")
        else:
            says = kind is int or kind is bool or kind is float or (kind is str and value.strip())
        if says and type(name) is str and name.startswith("value"):
            return answer
    found = value_of(answer)
    return None if found is None else {found[0]: found[1]}


def date_of(text: object) -> date | tuple[int, ...] | None:
    """A FHIR date: a date, or (year,) or (year, month) where it says no more; None if it is none."""
    match = _DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return first
    return (first.year,) if month is None else (first.year, first.month)


def time_of(text: object) -> time | None:
    """A FHIR time; seconds may be missing (real forms leave them out)."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    hour, minute, second, fraction = match.groups()
    return time(int(hour), int(minute), int(second or 0), int((fraction or "0").ljust(6, "0")))


def date_time_of(text: object) -> datetime | date | tuple[int, ...] | None:
    """A FHIR dateTime; a date or its parts where it has no time of day; None if it is none."""
    match = _DATE_TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return date_of(text)
    day, clock = date_of(match[1]), time_of(match[2])
    if not isinstance(day, date) or clock is None:
        return None
    moment = datetime.combine(day, clock)
    if match[3] is None:
        return moment
    try:
        return datetime.fromisoformat(f"{moment.isoformat()}{match[3]}").astimezone(UTC)
    except (ValueError, OverflowError):  # an offset beyond 24 hours, or a year beyond the calendar
        return None


def comparable(name: str, value: object) -> Comparable | None:
    """What orders this value; None where order has no meaning (texts, codes, yes and no; EW-44).

    Dates and times compare only with the same precision, and times of day only if both or neither know
    their zone (EW-43); quantities only where their units measure the same (EW-20).
    """
    match name.removeprefix("value"):
        case "Integer" | "Decimal":
            number = decimal_of(value)
            return None if number is None else (name, number)
        case "Quantity" if isinstance(value, Mapping):
            number = decimal_of(value.get("value"))
            if number is None:
                return None
            measures, amount = measure(
                number, system=value.get("system"), code=value.get("code"), unit=value.get("unit")
            )
            return f"{name} {measures}", amount
        case "Date" | "DateTime":
            return _comparable_moment(name, date_of(value) if name == "valueDate" else date_time_of(value))
        case "Time":
            clock = time_of(value)
            return None if clock is None else (name, clock)
    return None


def _comparable_moment(name: str, moment: datetime | date | tuple[int, ...] | None) -> Comparable | None:
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return f"{name} {'zoned' if moment.tzinfo else 'local'}", moment
    if isinstance(moment, date):
        return f"{name} day", moment
    return f"{name} {len(moment)}", date(*(*moment, 1, 1)[:3])


def order_of(left: tuple[str, Any], right: tuple[str, Any]) -> int | None:
    """-1, 0 or 1 as `left` is less than, equal to or greater than `right`; None if they do not compare."""
    a, b = comparable(*left), comparable(*right)
    if a is None or b is None or a[0] != b[0]:
        return None
    # Equal kinds hold equal types, which mypy cannot see.
    smaller: bool = a[1] < b[1]  # type: ignore[operator]
    return 0 if a[1] == b[1] else -1 if smaller else 1


def are_equal(left: tuple[str, Any], right: tuple[str, Any]) -> bool:
    """Are two values the same answer?

    Codings by system and code, whatever they display (EW-15, EW-16); references by what they refer to.
    """
    (left_name, a), (right_name, b) = left, right
    if {left_name, right_name} <= {"valueString", "valueUri"}:
        return bool(a == b)
    if left_name != right_name:
        return False
    if left_name == "valueCoding":
        return isinstance(a, Mapping) and isinstance(b, Mapping) and _same_coding(a, b)
    if left_name == "valueReference":
        return (
            isinstance(a, Mapping)
            and isinstance(b, Mapping)
            and a.get("reference") is not None
            and a.get("reference") == b.get("reference")
        )
    if left_name == "valueBoolean":
        return isinstance(a, bool) and a is b
    if comparable(left_name, a) is not None:
        return order_of(left, right) == 0
    return bool(a == b)


def _same_coding(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    if (a.get("system") or None) != (b.get("system") or None):
        return False
    if a.get("code") or b.get("code"):
        return bool(a.get("code") == b.get("code"))
    return bool(a.get("display") == b.get("display"))
