"""Pages of a long list by the last row that was shown, never by a number: page 400 costs what page 1 costs.

    def ask(backwards, beyond):
        return list(keyset_rows(rows, by=by, backwards=backwards, beyond=beyond, size=50))

    page = page_of_rows(ask, by=by, place=request.GET.get("fra", ""), size=50)

A place is opaque, holds only what the rows are sorted by, and where it does not read the list begins at its beginning.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row")

_READ: Mapping[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "u": UUID, "i": int, "s": str}


Ask = Callable[[bool, tuple[Any, ...] | None], list[Row]]


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """Some rows of a list, and the places of the pages before and after; "" where there is none."""

    rows: list[Row]
    before: str
    after: str

    @property
    def has_other_pages(self) -> bool:
        return bool(self.before or self.after)


def keyset_rows(
    rows: "QuerySet[Any, Row]",
    *,
    by: Sequence[str],
    backwards: bool,
    beyond: tuple[Any, ...] | None,
    size: int,
    shown: "Callable[[QuerySet[Any, Any]], QuerySet[Any, Row]] | None" = None,
) -> "QuerySet[Any, Row]":
    """The query of a page: the rows `beyond` these values, None for the first ones, and one more than the size.

    Sorted by the fields `by` (“-” for the highest first), which no two rows share and none of which may be NULL.
    `shown` adds what only the page's rows are read with: joined to the whole list, PostgreSQL would read it for every
    row before it sorts them.
    """
    order = [_turned(field) for field in by] if backwards else list(by)
    found = rows.order_by(*order)
    if beyond is not None:
        found = found.filter(_beyond(order, beyond))
    return _with(found[: size + 1], shown, order) if shown else found[: size + 1]


def page_of_rows(ask: "Ask[Row]", *, by: Sequence[str], place: str, size: int) -> KeysetPage[Row]:
    """The page at `place`. `ask` gives the rows of `keyset_rows`: whether backwards, and beyond which values."""
    backwards, values = _read(place, len(by))
    try:
        some = ask(backwards, values or None)
    except (FieldError, ValidationError, TypeError, ValueError):
        if not values:
            raise
        # Somebody wrote the place by hand.
        return page_of_rows(ask, by=by, place="", size=size)
    has_more, some = len(some) > size, some[:size]
    if backwards:
        some.reverse()
    return KeysetPage(
        rows=some,
        before=_place(some[0], by, "b") if some and (has_more if backwards else bool(values)) else "",
        after=_place(some[-1], by, "f") if some and (backwards or has_more) else "",
    )


def _with(
    page: "QuerySet[Any, Row]",
    shown: "Callable[[QuerySet[Any, Any]], QuerySet[Any, Row]]",
    order: Sequence[str],
) -> "QuerySet[Any, Row]":
    return shown(page.model._default_manager.filter(pk__in=page.values("pk"))).order_by(*order)


def _beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows after these values. The first field is also said by itself, so that an index can begin there."""
    beyond = Q()
    same = Q()
    for field, value in zip(order, values, strict=True):
        name, descending = field.lstrip("-"), field.startswith("-")
        beyond |= same & Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
        same &= Q(**{name: value})
    first, descending = order[0].lstrip("-"), order[0].startswith("-")
    return Q(**{f"{first}__{'lte' if descending else 'gte'}": values[0]}) & beyond


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _place(row: Any, by: Sequence[str], direction: str) -> str:
    values = [_written(_value(row, field.lstrip("-"))) for field in by]
    return urlsafe_b64encode(json.dumps([direction, *values]).encode()).decode().rstrip("=")


def _value(row: Any, name: str) -> Any:
    if isinstance(row, Mapping):
        return row[name]
    return row.pk if name == "pk" and isinstance(row, Model) else getattr(row, name)


def _written(value: Any) -> list[str]:
    match value:
        case datetime():
            return ["t", value.isoformat()]
        case UUID():
            return ["u", str(value)]
        case int():
            return ["i", str(value)]
    return ["s", str(value)]


def _read(place: str, fields: int) -> tuple[bool, tuple[Any, ...]]:
    """Whether it goes backwards, and the values; nothing where it is no place of ours."""
    try:
        direction, *values = json.loads(urlsafe_b64decode(place + "=" * (-len(place) % 4)))
        read = tuple(_READ[kind](text) for kind, text in values)
    except (ValueError, KeyError, TypeError, Error):
        return False, ()
    if direction not in ("f", "b") or len(read) != fields:
        return False, ()
    return direction == "b", read
