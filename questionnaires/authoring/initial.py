"""What a question begins with: read as a person writes it, and written as FHIR says it.

Of several initial answers the first is edited, and the others stay. Choices say it on the option (`answers`).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from questionnaires.engine.display import COPENHAGEN, date_time_text, time_text
from questionnaires.engine.values import decimal_of, json_number, time_of
from questionnaires.engine.written import NoSuchDay, NoYear, parse_moment

from . import units
from .refusals import CannotDo, Reason
from .tree import Json

Item = dict[str, Any]

_NAMES: Mapping[str, str] = {
    "boolean": "valueBoolean",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "quantity": "valueQuantity",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
}
"""The types of elements that can begin with an answer."""


def read_initial(item: Json) -> Any:
    """A boolean, a Decimal, a text, a date as FHIR writes it, `14:30`, `31-12-2026 14:30` in Danish time; None."""
    given = _given(item)
    first = given[0] if given and isinstance(given[0], Mapping) else {}
    value = first.get(_name(item) or "")
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, str):
        return _as_written(_name(item), value)
    return value if isinstance(value, bool) or value is None else decimal_of(value)


def _as_written(name: str | None, value: str) -> str:
    if name == "valueDateTime":
        return date_time_text(value)
    clock = time_of(value) if name == "valueTime" else None
    return value if clock is None or clock.second else time_text(value)


def write_initial(item: Item, value: Any) -> Item:
    """Nothing for None and "". Raises CannotDo where a text is no date and time."""
    if read_initial(item) == value and type(value) is not Decimal:
        return item  # it may say more than is shown, such as seconds
    rest = {part: one for part, one in item.items() if part != "initial"}
    name, others = _name(item), _given(item)[1:]
    if name is None or value is None or value == "":
        return {**rest, "initial": others} if others else rest
    return {**rest, "initial": [{name: _bare(item, name, value)}, *others]}


def moment_of(text: str) -> str | None:
    """`31-12-2026 14:30`, or a day alone, as FHIR's dateTime in Danish time; None where it cannot be read."""
    try:
        moment = parse_moment(text, COPENHAGEN)
    except (NoYear, NoSuchDay):
        return None
    if moment is None:
        return None
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def _bare(item: Json, name: str, value: Any) -> Any:
    if name == "valueQuantity":
        return {"value": json_number(value), **units.unit_of_quantity(item)}
    if name == "valueTime" and len(value) == 5:
        return f"{value}:00"
    if name == "valueDateTime":
        moment = moment_of(value)
        if moment is None:
            raise CannotDo(Reason.DOES_NOT_FIT)
        return moment
    return json_number(value) if isinstance(value, Decimal) else value


def _given(item: Json) -> list[Any]:
    found = item.get("initial")
    return found if isinstance(found, list) else []


def _name(item: Json) -> str | None:
    return _NAMES.get(str(item.get("type")))
