"""What changed between two documents, as JSON that can be kept, and put back.

    delta = between(before, after)
    apply(before, delta) == after
    apply(after, inverse(delta)) == before

A delta is a list of places. A place that was changed as a whole: `{"at": path, "old": value, "new": value}`, without
`old` where there was nothing and without `new` where nothing is left. Neighbours in a list that were taken out and put
in: `{"at": path of the first, "out": [...], "in": [...]}`. Parts that both documents share cost nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .refusals import CannotDo, Reason

Delta = list[dict[str, Any]]


def between(before: Any, after: Any) -> Delta:
    """What has to be done to `before` to get `after`."""
    return list(_between(before, after, []))


def inverse(delta: Delta) -> Delta:
    """What undoes it."""
    names = {"old": "new", "new": "old", "in": "out", "out": "in"}
    return [{names.get(name, name): part for name, part in change.items()} for change in reversed(delta)]


def apply(document: Any, delta: Delta) -> Any:
    """The document with the changes made. Raises CannotDo if it does not say what they expect to find."""
    for change in delta:
        document = _applied(document, list(change["at"]), change)
    return document


def same(one: Any, other: Any) -> bool:
    """Are they the same JSON? (For Python, 1 and true are equal.)"""
    if one is other:
        return True
    if isinstance(one, Mapping):
        return (
            isinstance(other, Mapping)
            and one.keys() == other.keys()
            and all(same(part, other[name]) for name, part in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(left, right) for left, right in zip(one, other, strict=True))
        )
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def shared_ends(before: list[Any], after: list[Any]) -> tuple[int, int]:
    """How many parts are the same at the start of both lists, and how many of the rest at their end."""
    least = min(len(before), len(after))
    start = 0
    while start < least and same(before[start], after[start]):
        start += 1
    end = 0
    while end < least - start and same(before[-1 - end], after[-1 - end]):
        end += 1
    return start, end


def _between(before: Any, after: Any, at: list[str | int]) -> Iterator[dict[str, Any]]:
    if before is after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in before:
            if name not in after:
                yield {"at": [*at, name], "old": before[name]}
        for name, part in after.items():
            if name not in before:
                yield {"at": [*at, name], "new": part}
            else:
                yield from _between(before[name], part, [*at, name])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_list(before, after, at)
    elif not same(before, after):
        yield {"at": at, "old": before, "new": after}


def _in_list(before: list[Any], after: list[Any], at: list[str | int]) -> Iterator[dict[str, Any]]:
    start, end = shared_ends(before, after)
    out, put = before[start : len(before) - end], after[start : len(after) - end]
    if len(out) == len(put):
        for number, (left, right) in enumerate(zip(out, put, strict=True), start):
            yield from _between(left, right, [*at, number])
    else:
        yield {"at": [*at, start], "out": out, "in": put}


def _applied(node: Any, at: list[Any], change: Mapping[str, Any]) -> Any:
    if not at:
        return _replaced(node, change)
    step, rest = at[0], at[1:]
    if isinstance(node, dict) and isinstance(step, str):
        if rest or "out" in change:
            _require(step in node)
            return {**node, step: _applied(node[step], rest, change)}
        kept = {name: part for name, part in node.items() if name != step}
        _require(
            same(node[step], change["old"])
            if "old" in change and step in node
            else step not in node and "old" not in change
        )
        return {**kept, step: change["new"]} if "new" in change else kept
    if isinstance(node, list) and isinstance(step, int):
        made = list(node)
        if not rest and "out" in change:
            _require(same(node[step : step + len(change["out"])], change["out"]))
            made[step : step + len(change["out"])] = change["in"]
            return made
        _require(0 <= step < len(node))
        made[step] = _applied(node[step], rest, change)
        return made
    raise CannotDo(Reason.DOES_NOT_FIT)


def _replaced(node: Any, change: Mapping[str, Any]) -> Any:
    _require("old" in change and "new" in change and same(node, change["old"]))
    return change["new"]


def _require(fits: bool) -> None:
    if not fits:
        raise CannotDo(Reason.DOES_NOT_FIT)
