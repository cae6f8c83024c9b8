"""Moving an element: up, down, into the group before it, out of its group, or to a place."""

from collections.abc import Mapping
from enum import StrEnum

from questionnaires.engine.bounds import Bounds

from .kinds import GROUPS, Kind, can_hold, is_companion, kind_of
from .reach import kept
from .references import questions_of
from .refusals import CannotDo, Reason
from .tree import (
    Json,
    Path,
    Source,
    items_of,
    link_ids,
    name_of,
    node_at,
    path_to,
    put_in,
    taken_out,
    walk,
)


class Move(StrEnum):
    """One step in a direction."""

    UP = "up"
    DOWN = "down"
    INTO = "into"
    OUT = "out"


class Side(StrEnum):
    """Where an element comes to stand by another."""

    BEFORE = "before"
    AFTER = "after"
    INSIDE = "inside"


def moved(source: Source, link_id: str, move: Move) -> Source:
    """The document with the element one step on. Raises CannotDo where there is no such step."""
    path = path_to(source, link_id)
    match move:
        case Move.UP | Move.DOWN:
            other = _neighbour(source, path, -1 if move is Move.UP else 1)
            target = (*path[:-1], other)
        case Move.INTO:
            before = (*path[:-1], _neighbour(source, path, -1))
            group = node_at(source, before)
            if not _takes(group, node_at(source, path)):
                raise CannotDo(Reason.NO_PLACE)
            target = (*before, len(items_of(group)))
        case Move.OUT:
            if len(path) == 1:
                raise CannotDo(Reason.NO_PLACE)
            target = (*path[:-2], path[-2] + 1)
    return _carried(source, path, target)


def moved_to(source: Source, link_id: str, *, by: str, side: Side) -> Source:
    """The document with the element before, after or (at the end) inside another. Raises CannotDo."""
    path, other = path_to(source, link_id), path_to(source, by)
    if other[: len(path)] == path:
        raise CannotDo(Reason.NO_PLACE)
    if side is Side.INSIDE:
        target = (*other, len(items_of(node_at(source, other))))
    else:
        target = (*other[:-1], other[-1] + (side is Side.AFTER))
    depth = len(path) - 1
    if len(target) > depth and target[:depth] == path[:-1] and target[depth] > path[-1]:
        # What comes after the element moves up by one when it is taken out.
        target = (*path[:-1], target[depth] - 1, *target[len(path) :])
    return _carried(source, path, target)


def place_for(source: Source, kind: Kind, *, at: str) -> tuple[Path, Json | None]:
    """Where a new element comes when `at` is selected; and the matrix, where it becomes one's row."""
    if not at:
        return (len(items_of(source)),), None
    path = path_to(source, at)
    node = node_at(source, path)
    if can_hold(kind_of(node)) and not (kind is Kind.SECTION and len(path) == 1):
        place = (*path, len(items_of(node)))
    elif kind is Kind.SECTION:
        place = (path[0] + 1,)  # a new section follows the one we are in
    else:
        place = (*path[:-1], path[-1] + 1)
    holder = node_at(source, place[:-1])
    if len(place) == 1 or kind_of(holder) is not Kind.MATRIX:
        return place, None
    if kind in GROUPS or kind is Kind.TEXT_TO_READ:
        return (*place[:-2], place[-2] + 1), None  # after the matrix: its rows are questions
    return place, holder


def checked(source: Source, path: Path) -> Source:
    """The document, if what stands at `path` may stand there. Raises CannotDo."""
    item, above = node_at(source, path), [node_at(source, path[:depth]) for depth in range(1, len(path))]
    depth = len(path) + max((len(below) for below, _ in walk(item)), default=0)
    if depth > Bounds().max_depth:
        raise CannotDo(Reason.TOO_DEEP)
    inside = link_ids(item)
    blocked = [name_of(group) for group in above if not inside.isdisjoint(questions_of(group))]
    if blocked:
        raise CannotDo(Reason.INSIDE_ITS_CONDITION, blocked)
    return source


def _carried(source: Source, path: Path, target: Path) -> Source:
    """From `path` to `target`, which is the place after the element was taken out."""
    item = node_at(source, path)
    without = taken_out(source, path)
    made = put_in(without, target, item)
    if path[:-1] == target[:-1]:
        return checked(made, target)  # among the same neighbours, whatever holds them
    holder = node_at(without, target[:-1])
    if len(target) > 1 and not _takes(holder, item):
        raise CannotDo(Reason.CANNOT_HOLD, [name_of(holder)])
    return kept(source, checked(made, target))


def _takes(group: Json, item: Json) -> bool:
    if kind_of(group) is Kind.MATRIX:
        return kind_of(item) is Kind.ONE_CHOICE
    return can_hold(kind_of(group))


def _neighbour(source: Source, path: Path, step: int) -> int:
    """The place of the element before or after among its siblings, passing over those that are settings."""
    parent = node_at(source, path[:-1])
    siblings = items_of(parent)
    place = path[-1] + step
    while 0 <= place < len(siblings):
        one = siblings[place]
        if isinstance(one, Mapping) and not is_companion(one, parent if len(path) > 1 else None):
            return place
        place += step
    raise CannotDo(Reason.NO_PLACE)
