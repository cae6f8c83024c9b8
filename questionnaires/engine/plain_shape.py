"""Is a response so plainly shaped that nothing can be wrong with its tree? Most are; then nobody looks closer.

This only ever says yes where `response_shape` would find nothing and `bounds.measure` would let the response pass,
at a fraction of their cost. Anything unusual, wrong or not, is a no, and then they judge.
"""

from collections.abc import Mapping
from typing import Any

from .bounds import Bounds
from .occurrences import Occurrence, Occurrences, Scope

_BYTES_A_CHARACTER = 4
_MOST_SCALARS = 20
LONGEST_ID = 64
"""Characters of an element's id; only rows have one (`rows.py`)."""
DEEPEST_ITEM = 30
"""Levels of items within which a plain response cannot exceed the layers of JSON that are allowed."""


def is_plain(occurrences: Occurrences, bounds: Bounds) -> bool:
    """Has every item the place, order and elements that the questionnaire gives it, and is all of it small?"""
    # Every occurrence costs some bytes too; a response near the limit is measured exactly.
    room = bounds.max_bytes // _BYTES_A_CHARACTER - 100 * len(occurrences.all)
    scopes: list[tuple[Scope, int]] = [(occurrences.top, 0)]
    while scopes:
        scope, depth = scopes.pop()
        if depth > DEEPEST_ITEM or not _is_in_place(scope):
            return False
        for occurrence in scope.all_children:
            if occurrence.places:
                used = _size(occurrence)
                if used is None:
                    return False
                room -= used
            if occurrence.scopes:
                scopes.extend((below, depth + 1) for below in occurrence.scopes)
    return room > 0


def _is_in_place(scope: Scope) -> bool:
    """Are the items in this container just those that were found, in the questionnaire's order?"""
    owner = scope.owner
    listed: Any = None
    if owner is None or (owner.places and (not owner.layout.is_question or scope.place[2] == "answer")):
        listed = scope.place[0].get("item")
    found = 0
    last = -1
    for child in scope.all_children:
        if child.places:
            if len(child.places) > 1:
                return False
            index = child.places[0][3]
            if index < last:
                return False
            last = index
            found += 1
    return found == 0 if listed is None else type(listed) is list and len(listed) == found


def _size(occurrence: Occurrence) -> int | None:
    """The characters of an item in the response, or None where it is not plain."""
    node = occurrence.places[0][0]
    layout = occurrence.layout
    known, size = 1, 0
    text = node.get("text")
    if text is not None:
        if text != layout.item.text:
            return None
        known, size = 2, len(text)
    if layout.splits and type(node.get("id")) is str and len(node["id"]) <= LONGEST_ID:
        known += 1
    has_children = bool(layout.children)
    if not layout.is_question:
        return size if len(node) == known + (has_children and "item" in node) else None
    answers = node.get("answer")
    if answers is None:
        return size if len(node) == known else None
    if type(answers) is not list or len(node) != known + 1 or len(answers) != len(occurrence.answers):
        return None
    for answer in answers:
        if len(answer) != 1 and not (has_children and len(answer) == 2 and "item" in answer):
            return None
        for name, value in answer.items():
            kind = type(value)
            if kind is list:
                if name != "item":
                    return None
            elif kind is str:
                size += len(value)
            elif kind is dict:
                used = _size_of_object(value)
                if used is None:
                    return None
                size += used
            elif not (kind is int or kind is float or kind is bool):
                return None
    return size


def _size_of_object(value: Mapping[str, Any]) -> int | None:
    if len(value) > _MOST_SCALARS:
        return None
    size = 0
    for part in value.values():
        kind = type(part)
        if kind is str:
            size += len(part)
        elif not (kind is int or kind is float or kind is bool):
            return None
    return size
