"""Definition and response laid over each other: every item once for each place where it is (or could be) answered.

A repeating group occurs once for each of its instances, a question's children once for each of its answers. An
item nobody has touched occurs once, unanswered. All decisions about answers are made on these occurrences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .definition import AnswerValue, Definition, Item
from .plan import Layout, plan_of
from .values import only_value

MOST_OCCURRENCES = 100_000
"""Beyond this, further instances of repeating groups are not looked at (`Occurrences.is_cut` says so)."""

Node = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Place:
    """An object of the response and how to get to it; its path is only written out when somebody asks."""

    node: Node
    above: "Place | None"
    name: str
    index: int

    @property
    def path(self) -> str:
        """The FHIRPath to it."""
        steps: list[str] = []
        place: Place | None = self
        while place is not None:
            steps.append(f"{place.name}[{place.index}]" if place.above is not None else place.name)
            place = place.above
        return ".".join(reversed(steps))


@dataclass(slots=True, eq=False)
class Scope:
    """A set of children that belong together: under one instance of a group, one answer, or at the top."""

    owner: "Occurrence | None"
    answer: AnswerValue | None = None
    place: Place | None = None
    children: dict[str, list["Occurrence"]] = field(default_factory=dict)
    all_children: list["Occurrence"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Occurrence:
    """One item in one place. `answers` are bare values; `index` counts occurrences in the questionnaire's order.

    `holds`: are its own conditions met; `enabled`: are they, and those of everything above it.
    """

    layout: Layout
    scope: Scope
    index: int
    places: Sequence[Place]
    answers: tuple[AnswerValue, ...] = ()
    scopes: Sequence[Scope] = ()
    enabled: bool = True
    holds: bool = True
    calculated: AnswerValue | None = None

    @property
    def item(self) -> Item:
        """The item."""
        return self.layout.item

    @property
    def is_calculated(self) -> bool:
        """Is its value calculated (and not what the response says)?"""
        return self.layout.is_calculated

    @property
    def exists(self) -> bool:
        """Is it in the response?"""
        return bool(self.places)

    @property
    def path(self) -> str:
        """The FHIRPath to it in the response, or to where it would stand."""
        if self.places:
            return self.places[0].path
        return self.scope.place.path if self.scope.place is not None else "QuestionnaireResponse"

    @property
    def paths(self) -> tuple[str, ...]:
        """The FHIRPath to each of its answers."""
        return tuple(place.path for _, place in answers_in(self.places))

    @property
    def effective(self) -> tuple[AnswerValue, ...]:
        """The answers that count while the item is enabled: calculated, where the item is calculated."""
        if self.layout.is_calculated:
            return () if self.calculated is None else (self.calculated,)
        return self.answers


@dataclass(slots=True)
class Occurrences:
    """All occurrences: the top scope, by link id in the response's order, and in the questionnaire's order."""

    top: Scope
    by_link_id: dict[str, list[Occurrence]]
    all: list[Occurrence]
    is_cut: bool = False

    def walk(self) -> Iterator[Occurrence]:
        """Every occurrence, in the questionnaire's order, parents first."""
        return iter(self.all)


def lay_over(definition: Definition, response: Mapping[str, Any]) -> Occurrences:
    """Lay the response over the definition. What fits nowhere is left out here (`validate` names it)."""
    root = Place(response, None, "QuestionnaireResponse", 0)
    occurrences = Occurrences(Scope(None, place=root), {}, [])
    _fill(occurrences.top, plan_of(definition).layouts, (root,), occurrences)
    return occurrences


def _fill(
    scope: Scope, layouts: Sequence[Layout], containers: Sequence[Place], occurrences: Occurrences
) -> None:
    """Make the occurrences of some items in this scope from the response items in the containers."""
    nodes: dict[str, list[Place]] = {}
    for container in containers:
        for place in _objects(container, "item"):
            link_id = place.node.get("linkId")
            if isinstance(link_id, str):
                if link_id in nodes:
                    nodes[link_id].append(place)
                else:
                    nodes[link_id] = [place]
    for layout in layouts:
        own = nodes.get(layout.link_id, ())
        if not layout.splits or len(own) < 2:
            _occur(layout, scope, own, occurrences)
            continue
        for place in own:
            if len(occurrences.all) >= MOST_OCCURRENCES:
                occurrences.is_cut = True
                break
            _occur(layout, scope, (place,), occurrences)


def _objects(container: Place, name: str) -> list[Place]:
    listed = container.node.get(name)
    if not isinstance(listed, list | tuple):
        return []
    return [
        Place(node, container, name, index)
        for index, node in enumerate(listed)
        if type(node) is dict or isinstance(node, Mapping)
    ]


def _occur(layout: Layout, scope: Scope, own: Sequence[Place], occurrences: Occurrences) -> None:
    every = occurrences.all
    occurrence = Occurrence(layout, scope, len(every), own)
    every.append(occurrence)
    scope.all_children.append(occurrence)
    link_id = layout.link_id
    siblings = scope.children.get(link_id)
    if siblings is None:
        scope.children[link_id] = [occurrence]
    else:
        siblings.append(occurrence)
    known = occurrences.by_link_id.get(link_id)
    if known is None:
        occurrences.by_link_id[link_id] = [occurrence]
    else:
        known.append(occurrence)
    if not layout.is_question:
        if layout.children:
            below = Scope(occurrence, place=own[0] if own else scope.place)
            occurrence.scopes = (below,)
            _fill(below, layout.children, own, occurrences)
    elif layout.children:
        _occur_below_answers(layout, occurrence, occurrences)
    elif own:
        occurrence.answers = plain_answers(layout, own)


def plain_answers(layout: Layout, own: Sequence[Place]) -> tuple[AnswerValue, ...]:
    """The bare answers of a question."""
    if len(own) == 1:
        listed = own[0].node.get("answer")
        # By far the commonest: one answer that is nothing but its value.
        if type(listed) is list and len(listed) == 1 and type(listed[0]) is dict and len(listed[0]) == 1:
            value: Any = listed[0].get(layout.value_name)
            kind = type(value)
            if kind is int or kind is bool or kind is float or (kind is dict and value.get("code")):
                return (listed[0],)
    return tuple([value for value, _ in answers_in(own)])


def answers_in(own: Sequence[Place]) -> list[tuple[AnswerValue, Place]]:
    """The answers of a question that say something, each with its place."""
    return [
        (value, place)
        for node in own
        for place in _objects(node, "answer")
        if (value := only_value(place.node)) is not None
    ]


def _occur_below_answers(layout: Layout, occurrence: Occurrence, occurrences: Occurrences) -> None:
    own = occurrence.places
    valued = answers_in(own)
    occurrence.answers = tuple([value for value, _ in valued])
    # Children may hang under an answer that has no value (yet), and an unanswered question has children to show.
    hooks: list[tuple[AnswerValue | None, Sequence[Place]]] = [(value, (place,)) for value, place in valued]
    if not hooks:
        hooks = [(None, [place for node in own for place in _objects(node, "answer")][:1])]
    scopes: list[Scope] = []
    occurrence.scopes = scopes
    for value, places in hooks:
        if scopes and len(occurrences.all) >= MOST_OCCURRENCES:
            occurrences.is_cut = True
            return
        below = Scope(occurrence, value, places[0] if places else (own[0] if own else occurrence.scope.place))
        scopes.append(below)
        _fill(below, layout.children, places, occurrences)


def again(
    occurrences: Occurrences, definition: Definition, response: Mapping[str, Any], link_id: str
) -> bool:
    """Take the answers of one question anew from a response that differs in nothing else.

    False where that changes more than the answers (instances or children come or go): then lay over from the start.
    """
    scopes: list[tuple[Scope, Sequence[Place]]] = [
        (occurrences.top, (Place(response, None, "QuestionnaireResponse", 0),))
    ]
    found: list[tuple[Occurrence, Sequence[Place]]] = []
    for name in (*reversed(definition.ancestors(link_id)), link_id):
        found.clear()
        for scope, containers in scopes:
            matched = _matched(scope.children.get(name, ()), _named(containers, name))
            if matched is None:
                return False
            found.extend(matched)
        if name == link_id:
            break
        scopes.clear()
        for occurrence, own in found:
            below = _hooks(occurrence, own)
            if len(below) != len(occurrence.scopes):
                return False
            scopes.extend(zip(occurrence.scopes, below, strict=True))
    return all([_answer_again(occurrence, own) for occurrence, own in found])


def _matched(
    instances: Sequence[Occurrence], own: Sequence[Place]
) -> list[tuple[Occurrence, Sequence[Place]]] | None:
    """The occurrences of an item in one scope with where they now stand; None if there are more or fewer."""
    if len(instances) == 1:
        return None if instances[0].layout.splits and len(own) > 1 else [(instances[0], own)]
    if len(instances) != len(own):
        return None
    return [(instance, (place,)) for instance, place in zip(instances, own, strict=True)]


def _hooks(occurrence: Occurrence, own: Sequence[Place]) -> list[Sequence[Place]]:
    """Where the children of an occurrence hang: in its group, or under each of its answers."""
    if not occurrence.layout.is_question:
        return [own]
    under_answers: list[Sequence[Place]] = [(place,) for _, place in answers_in(own)]
    return under_answers or [[place for node in own for place in _objects(node, "answer")][:1]]


def _answer_again(occurrence: Occurrence, own: Sequence[Place]) -> bool:
    """Give the occurrence its new answers; False if that changes how often its children occur."""
    occurrence.places = own
    if not occurrence.layout.children:
        occurrence.answers = plain_answers(occurrence.layout, own)
        return True
    answers = tuple(value for value, _ in answers_in(own))
    if max(len(answers), 1) != len(occurrence.scopes):
        return False
    occurrence.answers = answers
    for index, scope in enumerate(occurrence.scopes):
        scope.answer = answers[index] if answers else None
    return True


def _named(containers: Sequence[Place], link_id: str) -> list[Place]:
    found: list[Place] = []
    for container in containers:
        listed = container.node.get("item")
        if isinstance(listed, list | tuple):
            found.extend(
                Place(node, container, "item", index)
                for index, node in enumerate(listed)
                if isinstance(node, Mapping) and node.get("linkId") == link_id
            )
    return found
