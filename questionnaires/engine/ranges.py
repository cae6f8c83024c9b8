"""Is an answer within the bounds its question sets: numbers, quantities in any unit, dates and times."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .definition import AnswerValue, Item, ItemType
from .display import COPENHAGEN
from .quantities import in_unit, is_same_unit, measure
from .values import date_time_of, decimal_of, json_number, order_of

Span = tuple[datetime, datetime]
"""The first and the last moment that a date or dateTime may mean, in UTC."""


def is_outside(item: Item, name: str, value: Any) -> bool:
    """Is the answer `value` (`name` is its value[x]) below the item's least or above its greatest value?

    A date that says less than the bound is outside only if all of it is: 2022-06-30 is not after 2022-06, and
    2026 is not before 2026-05-01. Where only one of the two knows its time zone, the other is in Danish time.
    """
    match item.type:
        case ItemType.QUANTITY:
            return _quantity_is_outside(item, value)
        case ItemType.INTEGER | ItemType.DECIMAL:
            return _number_is_outside(item, decimal_of(value))
        case ItemType.DATE | ItemType.DATE_TIME:
            return _moment_is_outside(item, value)
    low = None if item.min_value is None else order_of((name, value), (name, item.min_value))
    high = None if item.max_value is None else order_of((name, value), (name, item.max_value))
    return (low is not None and low < 0) or (high is not None and high > 0)


def _number_is_outside(item: Item, number: Decimal | None) -> bool:
    if number is None:
        return False
    too_small = isinstance(item.min_value, Decimal) and number < item.min_value
    return too_small or (isinstance(item.max_value, Decimal) and number > item.max_value)


def _quantity_is_outside(item: Item, value: Mapping[str, Any]) -> bool:
    own = in_own_unit(item, {"valueQuantity": value})
    if own is not None and _number_is_outside(item, decimal_of(own["valueQuantity"].get("value"))):
        return True
    low = item.min_quantity and order_of_quantities(value, item.min_quantity, item)
    high = item.max_quantity and order_of_quantities(value, item.max_quantity, item)
    return (isinstance(low, int) and low < 0) or (isinstance(high, int) and high > 0)


def in_own_unit(item: Item, answer: AnswerValue) -> AnswerValue | None:
    """The answer in the item's own unit, where people choose among several; None where it cannot be converted.

    Bounds, colours and feedback are numbers in the item's own unit: 150 pounds are not 150 kilograms.
    """
    quantity = answer.get("valueQuantity")
    if not item.unit_choices or not isinstance(quantity, Mapping):
        return answer
    own, number = item.unit_choices[0], decimal_of(quantity.get("value"))
    if number is None or not (quantity.get("code") or quantity.get("unit")) or is_same_unit(quantity, own):
        return answer
    amount = in_unit(_measured(number, quantity), system=own.get("system"), code=own.get("code"))
    if amount is None:
        return None
    named = {"unit": own.get("display"), "system": own.get("system"), "code": own.get("code")}
    return {
        "valueQuantity": {
            "value": json_number(amount),
            **{name: part for name, part in named.items() if part},
        }
    }


def is_comparable(item: Item, value: Mapping[str, Any]) -> bool:
    """Can the quantity be held against the item's bounds, or is it of another kind (metres for kilograms)?"""
    bounds = [bound for bound in (item.min_quantity, item.max_quantity) if bound]
    return all(order_of_quantities(value, bound, item) is not None for bound in bounds)


def order_of_quantities(left: Mapping[str, Any], right: Mapping[str, Any], item: Item) -> int | None:
    """-1, 0 or 1 as `left` is less than, as much as or more than `right`; None if they do not compare.

    A quantity that names no unit is in the item's unit. Where one of two has a code and the other only a name,
    the name counts.
    """
    first, second = decimal_of(left.get("value")), decimal_of(right.get("value"))
    if first is None or second is None:
        return None
    one, other = _with_unit(left, item), _with_unit(right, item)
    (kind, amount), (other_kind, other_amount) = _measured(first, one), _measured(second, other)
    if kind == other_kind:
        return (amount > other_amount) - (amount < other_amount)
    if not (one.get("code") and other.get("code")) and _names(one) & _names(other):
        return (first > second) - (first < second)
    return None


def _measured(number: Decimal, quantity: Mapping[str, Any]) -> tuple[str, Fraction]:
    return measure(
        number, system=quantity.get("system"), code=quantity.get("code"), unit=quantity.get("unit")
    )


def _with_unit(quantity: Mapping[str, Any], item: Item) -> Mapping[str, Any]:
    if quantity.get("code") or quantity.get("unit"):
        return quantity
    return {"unit": item.unit, **(item.unit_coding or {})}


def _names(quantity: Mapping[str, Any]) -> set[str]:
    named = (quantity.get("unit"), quantity.get("code"))
    return {name.strip().casefold() for name in named if isinstance(name, str) and name.strip()}


def _moment_is_outside(item: Item, value: object) -> bool:
    given = span_of(value)
    if given is None:
        return False
    low, high = span_of(item.min_value), span_of(item.max_value)
    return (low is not None and given[1] < low[0]) or (high is not None and given[0] > high[1])


def span_of(text: object) -> Span | None:
    """All that a FHIR date or dateTime may mean: a day from midnight to midnight, a month, a year, a moment."""
    moment = date_time_of(text)
    if moment is None:
        return None
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            moment = _utc(moment)
        return moment, moment
    first = moment if isinstance(moment, date) else date(*(*moment, 1, 1)[:3])
    return _utc(datetime.combine(first, time.min)), _utc(datetime.combine(_last_day(moment), time.max))


def _last_day(moment: date | tuple[int, ...]) -> date:
    if isinstance(moment, date):
        return moment
    if len(moment) == 1 or moment[1] == 12:
        return date(moment[0], 12, 31)
    return date(moment[0], moment[1] + 1, 1) - timedelta(days=1)


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=COPENHAGEN).astimezone(UTC)
    except OverflowError:  # within a day of the calendar's ends
        return moment.replace(tzinfo=UTC)
