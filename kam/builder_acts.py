"""What the builder's buttons do: from a form's words to an operation of `questionnaires.building.edit`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kam.builder_words import FIRST_ANSWERS
from questionnaires.authoring import elements, moves
from questionnaires.authoring.answers import scale
from questionnaires.authoring.kinds import ADDABLE, Kind
from questionnaires.authoring.outline import outline
from questionnaires.authoring.tree import find, name_of
from questionnaires.building import Operation
from questionnaires.models import DraftStep


class UnknownAct(ValueError):
    """A form that no page of ours has sent."""


@dataclass
class Act:
    """An operation, how the history names it, and the element to look at afterwards (`selected`).

    What it is about is only known when the document is at hand, which the operation gets.
    """

    act: DraftStep.Act
    operation: Operation = field(default=lambda source: source)
    about: str = ""
    selected: str = ""


def act_of(data: Mapping[str, Any], source: Mapping[str, Any]) -> Act:
    """The act that a form asks for. Raises UnknownAct; CannotDo where the element is not there."""
    name, at = data.get("act", ""), data.get("at", "")
    match name:
        case "add":
            return _add(data, at)
        case "duplicate":
            return _duplicate(source, at)
        case "delete" | "delete-all":
            return _delete(source, at, with_uses=name == "delete-all")
        case "place":
            return _place(data, source, at)
    if name in tuple(moves.Move):
        move = moves.Move(name)
        return Act(DraftStep.Act.MOVED, lambda one: moves.moved(one, at, move), name_of(find(source, at)), at)
    raise UnknownAct(str(name))


def _add(data: Mapping[str, Any], at: str) -> Act:
    if data.get("kind") not in ADDABLE:
        raise UnknownAct(str(data.get("kind")))
    kind = Kind(data["kind"])
    made = Act(DraftStep.Act.ADDED)

    def operation(source: dict[str, Any]) -> dict[str, Any]:
        first = scale(str(source.get("url") or ""), [str(label) for label in FIRST_ANSWERS])
        result, made.selected = elements.added(source, kind, at=at, scale=first)
        return result

    made.operation = operation
    return made


def _duplicate(source: Mapping[str, Any], at: str) -> Act:
    made = Act(DraftStep.Act.DUPLICATED, about=name_of(find(source, at)))

    def operation(one: dict[str, Any]) -> dict[str, Any]:
        result, made.selected = elements.duplicated(one, at)
        return result

    made.operation = operation
    return made


def _delete(source: Mapping[str, Any], at: str, *, with_uses: bool) -> Act:
    act = DraftStep.Act.DELETED_WITH_USES if with_uses else DraftStep.Act.DELETED
    return Act(
        act,
        lambda one: elements.deleted(one, at, with_uses=with_uses),
        name_of(find(source, at)),
        _beside(source, at),
    )


def _beside(source: Mapping[str, Any], at: str) -> str:
    """Who is looked at when the element is gone: the one before it in the outline."""
    rows = outline(source)
    place = next((number for number, row in enumerate(rows) if row.link_id == at), 0)
    return rows[place - 1].link_id if place else ""


def _place(data: Mapping[str, Any], source: Mapping[str, Any], at: str) -> Act:
    if data.get("side") not in tuple(moves.Side):
        raise UnknownAct(str(data.get("side")))
    side, by = moves.Side(data["side"]), data.get("by", "")
    return Act(
        DraftStep.Act.MOVED,
        lambda one: moves.moved_to(one, at, by=by, side=side),
        name_of(find(source, at)),
        at,
    )
