"""The part of a questionnaire around an element, as a small questionnaire: to show it costs the same in any size.

Nothing in it depends on what stands outside it: conditions and calculations are left out, so that all of it is seen.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.engine.extension_urls import (
    ANSWER_EXPRESSION,
    CALCULATED,
    ENABLE_WHEN_EXPRESSION,
    VARIABLE,
)

from . import extensions
from .tree import Json, Source, items_of, node_at, path_to, walk, with_items

MOST_ITEMS = 30
"""What is shown around an element at one time; the rest of a longer section is left out."""

_DEPENDENT = (CALCULATED, ENABLE_WHEN_EXPRESSION, ANSWER_EXPRESSION, VARIABLE)


def excerpt(source: Json, link_id: str = "") -> Source:
    """The top-level element in which the element stands, or what is nearest to it where that is too much.

    The first one for "".
    """
    items = items_of(source)
    if not items:
        return {**source, "item": []}
    path = path_to(source, link_id) if link_id else (0,)
    top = node_at(source, path[:1])
    if top.get("type") == "group":
        shown = [_near(top, path[1:], MOST_ITEMS)]
    else:
        shown = [one for one in _around(items, path[0], MOST_ITEMS) if one.get("type") != "group"]
    head = {name: part for name, part in source.items() if name not in ("item", "extension")}
    return {**head, "item": [_plain(item) for item in shown]}


def _near(group: Json, path: tuple[int, ...], most: int) -> Json:
    """The group with as much of it as may be shown around the element at `path`."""
    if sum(1 for _ in walk(group)) <= most:
        return group
    items = items_of(group)
    place = path[0] if path else 0
    kept: dict[int, Json] = {}
    left = most
    for number in _outward(place, len(items)):
        one = items[number]
        if not isinstance(one, Mapping):
            continue
        near = _near(one, path[1:] if number == place else (), max(left // 2, 5))
        size = 1 + sum(1 for _ in walk(near))
        if kept and size > left:
            break
        kept[number] = near
        left -= size
    return with_items(group, [kept[number] for number in sorted(kept)])


def _outward(place: int, count: int) -> Iterator[int]:
    """The place itself, and then those after and before it by turns."""
    for distance in range(count):
        for number in (place + distance, place - distance) if distance else (place,):
            if 0 <= number < count:
                yield number


def _around(items: list[Any], place: int, most: int) -> list[dict[str, Any]]:
    """At most so many of the siblings, from a little before the one at `place`."""
    first = max(0, min(place - most // 4, len(items) - most))
    return [one for one in items[first : first + most] if isinstance(one, dict)]


def _plain(item: Json) -> dict[str, Any]:
    rest = {name: part for name, part in item.items() if name not in ("enableWhen", "enableBehavior", "item")}
    below = [_plain(one) for one in items_of(item) if isinstance(one, Mapping)]
    if any(extensions.every(rest, *_DEPENDENT)):
        rest = extensions.without(rest, *_DEPENDENT)
    return {**rest, "item": below} if below else rest
