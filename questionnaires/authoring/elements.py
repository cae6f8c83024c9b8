"""An empty questionnaire; adding, duplicating and deleting elements."""

from typing import Any

from questionnaires.engine.bounds import Bounds

from .kinds import Kind, made
from .moves import checked, place_for
from .references import released, renamed, uses_of
from .refusals import CannotDo, Reason
from .tree import (
    Json,
    Source,
    find,
    items_of,
    link_id_of,
    link_ids,
    new_link_id,
    path_to,
    put_in,
    taken_out,
    walk,
)


def empty_questionnaire(*, url: str, title: str, language: str = "da") -> Source:
    """A questionnaire with a first section, for the first question to stand in."""
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "title": title,
        "status": "draft",
        "language": language,
        "item": [{"linkId": new_link_id(()), "type": "group"}],
    }


def added(source: Source, kind: Kind, *, at: str, scale: list[Any]) -> tuple[Source, str]:
    """The document with a new element, and its link id.

    It comes into the element `at` if that holds others and the new one is no section, else after it; at the end of
    the questionnaire for "". Raises CannotDo.
    """
    taken = link_ids(source)
    if len(taken) >= Bounds().max_items:
        raise CannotDo(Reason.TOO_MANY)

    def new_id() -> str:
        made_up = new_link_id(taken)
        taken.add(made_up)
        return made_up

    path, in_matrix = place_for(source, kind, at=at)
    if in_matrix is not None:
        kind, scale = Kind.ONE_CHOICE, _scale_of(in_matrix) or scale
    item = made(kind, new_id, scale)
    return checked(put_in(source, path, item), path), link_id_of(item)


def _scale_of(matrix: Json) -> list[Any]:
    for row in items_of(matrix):
        if isinstance(row, dict) and row.get("answerOption"):
            return list(row["answerOption"])
    return []


def duplicated(source: Source, link_id: str) -> tuple[Source, str]:
    """The document with a copy after the element, and the copy's link id.

    Everything in the copy has a link id of its own; conditions and calculations inside it name what is inside it.
    Raises CannotDo.
    """
    path = path_to(source, link_id)
    original = find(source, link_id)
    taken = link_ids(source)
    own = link_ids(original)
    if len(taken) + len(own) > Bounds().max_items:
        raise CannotDo(Reason.TOO_MANY)
    names: dict[str, str] = {}
    for old in sorted(own):
        names[old] = new_link_id(taken | set(names.values()))
    copy = renamed(original, names)
    return put_in(source, (*path[:-1], path[-1] + 1), copy), names[link_id]


def deleted(source: Source, link_id: str, *, with_uses: bool = False) -> Source:
    """The document without the element and all inside it.

    What names it stands in the way (CannotDo, IN_USE), unless it is to go as well (`with_uses`): conditions are taken
    away, and scores that are calculated from it are deleted, and what is calculated from those.
    """
    gone = link_ids(find(source, link_id))
    uses = tuple(uses_of(source, gone))
    if any(use.link_id is None for use in uses):
        raise CannotDo(Reason.IN_USE_BY_FORM)
    if uses and not with_uses:
        raise CannotDo(Reason.IN_USE, [use.name for use in uses])
    roots = {link_id}
    while scores := [use.link_id for use in uses if use.is_score and use.link_id]:
        roots.update(scores)
        for score in scores:
            gone |= link_ids(find(source, score))
        uses = tuple(uses_of(source, gone))
    if any(use.link_id is None for use in uses):
        raise CannotDo(Reason.IN_USE_BY_FORM)
    for root in roots:
        if any(link_id_of(item) == root for _, item in walk(source)):  # not gone with another
            source = taken_out(source, path_to(source, root))
    return released(source, gone)
