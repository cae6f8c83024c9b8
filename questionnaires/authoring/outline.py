"""The elements of a questionnaire as a list, parents first: what the screen's outline shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .deltas import shared_ends
from .kinds import Kind, is_companion, kind_of
from .tree import Json, Path, items_of, link_id_of, name_of


@dataclass(frozen=True, slots=True)
class Row:
    """One element: its depth (1 for the top) and what the outline says of it."""

    link_id: str
    depth: int
    kind: Kind
    text: str
    is_required: bool
    has_conditions: bool
    path: Path


def outline(source: Json) -> list[Row]:
    """All elements; help texts and end labels are settings of theirs."""
    return _rows(source, ())


def rows_between(before: Json, after: Json) -> tuple[Row | None, list[Row], list[Row]]:
    """What of the outline may differ: the row of `after` right above it, the rows of `before` and those of `after`.

    Nothing (None) is above the first row. Elements at both ends that the documents share are left out, and groups
    around what differs that say the same in both: it costs what differs, and not what there is.
    """
    above: Row | None = None
    old, new = before, after
    path: Path = ()
    while True:
        left, right = items_of(old), items_of(new)
        start, end = shared_ends(left, right)
        above = _last_row(new, path, start) or above
        until = len(left) - end, len(right) - end
        if until != (start + 1, start + 1) or not _same_row(old, new, path, start):
            return above, _rows(old, path, start, until[0]), _rows(new, path, start, until[1])
        old, new, path = left[start], right[start], (*path, start)
        above = row_of(new, path)


def row_of(item: Json, path: Path) -> Row:
    """What the outline says of one element."""
    return Row(
        link_id=link_id_of(item),
        depth=len(path),
        kind=kind_of(item),
        text=name_of(item),
        is_required=item.get("required") is True,
        has_conditions=bool(item.get("enableWhen")),
        path=path,
    )


def _rows(node: Json, above: Path, first: int = 0, until: int | None = None) -> list[Row]:
    """Of the elements right below `node` from `first` on, and of all inside them."""
    found: list[Row] = []
    for place, item in enumerate(items_of(node)[first:until], first):
        if _has_row(item, node, above):
            path = (*above, place)
            found.append(row_of(item, path))
            if items_of(item):
                found.extend(_rows(item, path))
    return found


def _last_row(node: Json, above: Path, until: int) -> Row | None:
    """The last one of the elements below `node` that stand before `until`."""
    for place in reversed(range(until)):
        if rows := _rows(node, above, place, place + 1):
            return rows[-1]
    return None


def _has_row(item: Any, parent: Json, above: Path) -> bool:
    """At the top everything is an element."""
    is_setting = isinstance(item, Mapping) and is_companion(item, parent if above else None)
    return isinstance(item, Mapping) and not is_setting and bool(link_id_of(item))


def _same_row(old: Json, new: Json, above: Path, place: int) -> bool:
    """Does the element at this place of both have a row, and the same?"""
    one, other = items_of(old)[place], items_of(new)[place]
    return (
        _has_row(one, old, above)
        and _has_row(other, new, above)
        and row_of(one, (*above, place)) == row_of(other, (*above, place))
    )
