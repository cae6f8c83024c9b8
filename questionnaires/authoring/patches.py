"""The few places at which a document has to be written anew where it is stored.

    delta = between(before, after)          # as in `deltas`, but coarse; None where the whole is as cheap to write
    deltas.apply(before, delta) == after

A step of the history says exactly what changed (`deltas`). Who stores a document would rather write one element as a
whole than ten of its parts: each place is a pass over the stored document. Parts that both share cost nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .deltas import Delta, same, shared_ends

MOST_PLACES = 3
SMALL = 1500
"""What holds so many names and places in lists is written rather than gone through: a section of thirty questions."""


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Delta | None:
    """What has to be written at which places, none of them the whole; None where there are too many."""
    found: Delta = []
    places = 0
    for change in _between(before, after, []):
        places += len(change["out"]) + len(change["in"]) if "out" in change else 1
        if places > MOST_PLACES:
            return None
        found.append(change)
    return found


def _between(before: Any, after: Any, at: list[str | int]) -> Iterator[dict[str, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = [name for name in {**before, **after} if not _same_part(before, after, name)]
        if at and len(names) > 1 and _is_small(after):
            yield {"at": at, "old": before, "new": after}
            return
        for name in names:
            if name in before and name in after:
                yield from _between(before[name], after[name], [*at, name])
            else:
                values = (("old", before), ("new", after))
                yield {"at": [*at, name]} | {word: node[name] for word, node in values if name in node}
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_list(before, after, at)
    elif not same(before, after):
        yield {"at": at, "old": before, "new": after}


def _same_part(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    return name in before and name in after and same(before[name], after[name])


def _in_list(before: list[Any], after: list[Any], at: list[str | int]) -> Iterator[dict[str, Any]]:
    start, end = shared_ends(before, after)
    out, put = before[start : len(before) - end], after[start : len(after) - end]
    if len(out) == len(put) == 1:
        yield from _between(out[0], put[0], [*at, start])
    elif (out or put) and _is_small(after):
        yield {"at": at, "old": before, "new": after}
    elif len(out) == len(put):
        for number, (left, right) in enumerate(zip(out, put, strict=True), start):
            yield from _between(left, right, [*at, number])
    else:
        yield {"at": [*at, start], "out": out, "in": put}


def _is_small(node: Any) -> bool:
    """Whether it holds at most SMALL names, values and places; no more than those are looked at."""
    left = SMALL
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, Mapping | list):
            left -= len(one)
            if left < 0:
                return False
            stack.extend(one.values() if isinstance(one, Mapping) else one)
    return True
