"""Definition and response laid over each other: every item once for each place where it is (or could be) answered.

A repeating group occurs once for each of its instances, a question's children once for each of its answers. An
item nobody has touched occurs once, unanswered. All decisions about answers are made on these occurrences.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .definition import AnswerValue, Definition, Item
from .plan import Layout, plan_of
from .values import only_value

MOST_OCCURRENCES = 100_000
"""Beyond this, further instances of repeating groups are not looked at (`Occurrences.is_cut` says so)."""

Node = Mapping[str, Any]
Place = tuple[Node, Any, str, int]
"""An object of the response and the way to it: the object, the place it stands in (None for the response), the name
of the list there, and the index. Most are never written out as a path, so they are plain tuples."""


def path_of(place: Place) -> str:
    """The FHIRPath to a place."""
    steps: list[str] = []
    while place[1] is not None:
        _, above, name, index = place
        steps.append(f"{name}[{index}]")
        place = above
    return ".".join((place[2], *reversed(steps)))


class Scope:
    """A set of children that belong together: under one instance of a group, one answer, or at the top."""

    __slots__ = ("_children", "all_children", "answer", "owner", "place")

    def __init__(self, owner: "Occurrence | None", answer: AnswerValue | None, place: Place) -> None:
        """`answer`: the one the children hang under; `place`: what holds them, or would."""
        self.owner = owner
        self.answer = answer
        self.place = place
        self.all_children: list[Occurrence] = []
        self._children: dict[str, list[Occurrence]] | None = None

    @property
    def children(self) -> Mapping[str, list["Occurrence"]]:
        """The children by link id; asked for once everything is laid over."""
        if self._children is None:
            self._children = {}
            for child in self.all_children:
                self._children.setdefault(child.layout.link_id, []).append(child)
        return self._children


class Occurrence:
    """One item in one place. `answers` are bare values; `index` counts occurrences in the questionnaire's order.

    `holds`: are its own conditions met; `enabled`: are they, and those of everything above it.
    """

    # Most occurrences keep these: as defaults of the class they cost nothing.
    answers: tuple[AnswerValue, ...] = ()
    scopes: Sequence[Scope] = ()
    enabled: bool = True
    holds: bool = True
    calculated: AnswerValue | None = None

    def __init__(self, layout: Layout, scope: Scope, index: int, places: Sequence[Place]) -> None:
        """`places`: where it stands in the response; nowhere, if nobody has touched it."""
        self.layout = layout
        self.scope = scope
        self.index = index
        self.places = places

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
        return path_of(self.places[0] if self.places else self.scope.place)

    @property
    def paths(self) -> tuple[str, ...]:
        """The FHIRPath to each of its answers."""
        return tuple(path_of(place) for _, place in answers_in(self.places))

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
    root: Place = (response, None, "QuestionnaireResponse", 0)
    occurrences = Occurrences(Scope(None, None, root), {}, [])
    _fill(occurrences.top, plan_of(definition).layouts, (root,), occurrences)
    return occurrences


def _fill(
    scope: Scope, layouts: Sequence[Layout], containers: Sequence[Place], occurrences: Occurrences
) -> None:
    """Make the occurrences of some items in this scope from the response items in the containers."""
    nodes: dict[str, list[Place]] = {}
    for container in containers:
        for place in _objects(container, "item"):
            link_id = place[0].get("linkId")
            if type(link_id) is str:
                if link_id in nodes:
                    nodes[link_id].append(place)
                else:
                    nodes[link_id] = [place]
    every, by_link_id, children = occurrences.all, occurrences.by_link_id, scope.all_children
    for layout in layouts:
        link_id = layout.link_id
        own: Sequence[Place] = nodes.get(link_id, ())
        instances = [own]
        if layout.splits and len(own) > 1:
            instances = [(place,) for place in own]
        for places in instances:
            if places is not own and len(every) >= MOST_OCCURRENCES:
                occurrences.is_cut = True
                break
            occurrence = Occurrence(layout, scope, len(every), places)
            every.append(occurrence)
            children.append(occurrence)
            if link_id in by_link_id:
                by_link_id[link_id].append(occurrence)
            else:
                by_link_id[link_id] = [occurrence]
            if layout.children:
                if layout.is_question:
                    _fill_below_answers(occurrence, occurrences)
                else:
                    below = Scope(occurrence, None, places[0] if places else scope.place)
                    occurrence.scopes = (below,)
                    _fill(below, layout.children, places, occurrences)
            elif places and layout.is_question:
                occurrence.answers = plain_answers(layout, places)


def _objects(container: Place, name: str) -> list[Place]:
    listed = container[0].get(name)
    if not isinstance(listed, list | tuple):
        return []
    return [
        (node, container, name, index)
        for index, node in enumerate(listed)
        if type(node) is dict or isinstance(node, Mapping)
    ]


def plain_answers(layout: Layout, own: Sequence[Place]) -> tuple[AnswerValue, ...]:
    """The bare answers of a question."""
    if len(own) == 1:
        listed = own[0][0].get("answer")
        # By far the commonest: one answer that is nothing but its value.
        if type(listed) is list and len(listed) == 1 and type(listed[0]) is dict and len(listed[0]) == 1:
            value: Any = listed[0].get(layout.value_name)
            kind = type(value)
            if kind is str:
                if value and not value.isspace():
                    return (listed[0],)
            elif kind is dict:
                # A quantity with a unit alone says nothing; a code does.
                if value.get("code") and layout.value_name == "valueCoding":
                    return (listed[0],)
            elif kind is int or kind is bool or kind is float:
                return (listed[0],)
    return tuple([value for value, _ in answers_in(own)])


def answers_in(own: Sequence[Place]) -> list[tuple[AnswerValue, Place]]:
    """The answers of a question that say something, each with its place."""
    return [
        (value, place)
        for node in own
        for place in _objects(node, "answer")
        if (value := only_value(place[0])) is not None
    ]


def _fill_below_answers(occurrence: Occurrence, occurrences: Occurrences) -> None:
    """Take the answers of a question that has children, and lay those over below each answer."""
    layout, own = occurrence.layout, occurrence.places
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
        below = Scope(occurrence, value, (places or own or (occurrence.scope.place,))[0])
        scopes.append(below)
        _fill(below, layout.children, places, occurrences)


def again(
    occurrences: Occurrences, definition: Definition, response: Mapping[str, Any], link_id: str
) -> bool:
    """Take the answers of one question anew from a response that differs in nothing else.

    False where that changes more than the answers (instances or children come or go): then lay over from the start.
    """
    scopes: list[tuple[Scope, Sequence[Place]]] = [
        (occurrences.top, ((response, None, "QuestionnaireResponse", 0),))
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
    return all(_answer_again(occurrence, own) for occurrence, own in found)


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
        listed = container[0].get("item")
        if isinstance(listed, list | tuple):
            found.extend(
                (node, container, "item", index)
                for index, node in enumerate(listed)
                if isinstance(node, Mapping) and node.get("linkId") == link_id
            )
    return found
