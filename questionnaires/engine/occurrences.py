"""Definition and response laid over each other: every item once for each place where it is (or could be) answered.

A repeating group occurs once for each of its instances, a question's children once for each of its answers. An
item nobody has touched occurs once, unanswered. All decisions about answers are made on these occurrences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .definition import AnswerValue, Definition, Item
from .reading import Place, elements
from .values import only_value

MOST_OCCURRENCES = 100_000
"""Beyond this, further instances of repeating groups are not looked at (`Occurrences.is_cut` says so)."""


@dataclass(slots=True, eq=False)
class Scope:
    """A set of children that belong together: under one instance of a group, one answer, or at the top."""

    owner: "Occurrence | None"
    answer: AnswerValue | None = None
    children: dict[str, list["Occurrence"]] = field(default_factory=dict)
    all_children: list["Occurrence"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Occurrence:
    """One item in one place. `answers` are bare values; `paths` say where in the response each of them stands."""

    item: Item
    scope: Scope
    path: str
    answers: tuple[AnswerValue, ...] = ()
    paths: tuple[str, ...] = ()
    exists: bool = False
    scopes: list[Scope] = field(default_factory=list)
    enabled: bool = True
    calculated: AnswerValue | None = None
    is_calculated: bool = False

    @property
    def effective(self) -> tuple[AnswerValue, ...]:
        """The answers that count while the item is enabled: calculated, where the item is calculated."""
        if self.is_calculated:
            return () if self.calculated is None else (self.calculated,)
        return self.answers


@dataclass(slots=True)
class Occurrences:
    """All occurrences: the top scope, and by link id in the response's order."""

    top: Scope
    by_link_id: dict[str, list[Occurrence]]
    is_cut: bool = False

    def walk(self) -> Iterator[Occurrence]:
        """Every occurrence, in the questionnaire's order, parents first."""
        stack = list(reversed(self.top.all_children))
        while stack:
            occurrence = stack.pop()
            yield occurrence
            for scope in reversed(occurrence.scopes):
                stack.extend(reversed(scope.all_children))


def lay_over(definition: Definition, response: Mapping[str, Any]) -> Occurrences:
    """Lay the response over the definition. What fits nowhere is left out here (`validate` names it)."""
    occurrences = Occurrences(Scope(None), {})
    budget = [MOST_OCCURRENCES]
    _fill(occurrences.top, definition.items, [(response, "QuestionnaireResponse")], occurrences, budget)
    return occurrences


def _fill(
    scope: Scope,
    items: Sequence[Item],
    containers: Sequence[Place],
    occurrences: Occurrences,
    budget: list[int],
) -> None:
    """Make the occurrences of `items` in this scope from the response items in the containers."""
    nodes: dict[object, list[Place]] = {}
    for container, path in containers:
        for node, node_path in elements(container, "item", path):
            link_id = node.get("linkId")
            if isinstance(link_id, str):
                nodes.setdefault(link_id, []).append((node, node_path))
    here = containers[0][1] if containers else "QuestionnaireResponse"
    for item in items:
        own = nodes.get(item.link_id, [])
        if item.type.is_question or not item.repeats or len(own) < 2:
            _occur(item, scope, own, here, occurrences, budget)
            continue
        for place in own:
            if budget[0] <= 0:
                occurrences.is_cut = True
                break
            _occur(item, scope, [place], here, occurrences, budget)


def _occur(
    item: Item, scope: Scope, own: list[Place], here: str, occurrences: Occurrences, budget: list[int]
) -> None:
    budget[0] -= 1
    occurrence = Occurrence(item, scope, own[0][1] if own else here, exists=bool(own))
    scope.children.setdefault(item.link_id, []).append(occurrence)
    scope.all_children.append(occurrence)
    occurrences.by_link_id.setdefault(item.link_id, []).append(occurrence)
    if not item.type.is_question:
        if item.items:
            below = Scope(occurrence)
            occurrence.scopes.append(below)
            _fill(below, item.items, own, occurrences, budget)
        return
    answers = [place for node, path in own for place in elements(node, "answer", path)]
    valued = [(value, place) for place in answers if (value := only_value(place[0])) is not None]
    occurrence.answers = tuple(value for value, _ in valued)
    occurrence.paths = tuple(path for _, (_, path) in valued)
    if not item.items:
        return
    # Children may hang under an answer that has no value (yet), and an unanswered question has children to show.
    hooks: list[tuple[AnswerValue | None, list[Place]]] = [(value, [place]) for value, place in valued]
    for value, places in hooks or [(None, answers[:1])]:
        if occurrence.scopes and budget[0] <= 0:
            occurrences.is_cut = True
            return
        below = Scope(occurrence, value)
        occurrence.scopes.append(below)
        _fill(below, item.items, places, occurrences, budget)
