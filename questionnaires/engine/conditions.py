"""Reading and checking enableWhen, and the order in which conditions can be decided."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .definition import VALUE_NAMES, Behavior, EnableWhen, ItemType, Operator, Option
from .reading import Json, Reader, member

_UNORDERED = frozenset({"valueBoolean", "valueString", "valueCoding", "valueReference"})


@dataclass(slots=True)
class Tree:
    """What conditions need to know of every item, gathered before any item is built."""

    parents: dict[str, str | None] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    types: dict[str, ItemType] = field(default_factory=dict)
    options: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    _systems: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _answered: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(
        self, link_id: str, *, parent: str | None, item_type: ItemType, options: tuple[Option, ...]
    ) -> None:
        """Take note of the next item in the questionnaire's order."""
        self.positions[link_id] = len(self.positions)
        self.parents[link_id] = parent
        self.types[link_id] = item_type
        self.options[link_id] = options

    def answered_with(self, link_id: str) -> frozenset[str]:
        """The names that answers to the item may have: `valueInteger`, …"""
        if link_id not in self._answered:
            item_type = self.types[link_id]
            names = {next(iter(option.value)) for option in self.options[link_id]} or {VALUE_NAMES[item_type]}
            if item_type in (ItemType.OPEN_CHOICE, ItemType.URL):
                names.add("valueString")
            self._answered[link_id] = frozenset(names)
        return self._answered[link_id]

    def systems(self, link_id: str, code: str) -> set[str]:
        """The systems of the item's options with this code ("" for none)."""
        if link_id not in self._systems:
            found = self._systems[link_id] = {}
            for option in self.options[link_id]:
                coding = option.value.get("valueCoding")
                if isinstance(coding, Mapping) and coding.get("code"):
                    found.setdefault(str(coding["code"]), set()).add(str(coding.get("system") or ""))
        return self._systems[link_id].get(code, set())

    def above(self, link_id: str) -> list[str]:
        """The item itself and all above it, nearest first."""
        chain: list[str] = []
        current: str | None = link_id
        while current is not None:
            chain.append(current)
            current = self.parents[current]
        return chain

    def way(self, target: str, source: str) -> tuple[str | None, tuple[str, ...]]:
        """The nearest item above both, and the link ids from there down to the source."""
        above_target = set(self.above(target)[1:])
        descent: list[str] = []
        for link_id in self.above(source):
            if link_id in above_target:
                return link_id, tuple(reversed(descent))
            descent.append(link_id)
        return None, tuple(reversed(descent))


def read_conditions(
    json: Json, path: str, link_id: str, *, tree: Tree, reader: Reader
) -> tuple[tuple[EnableWhen, ...], Behavior]:
    """The conditions of an item and how they join; those that cannot be decided are issues and left out."""
    raw = list(reader.objects(json, "enableWhen", path))
    conditions = [
        condition
        for condition_path, element in raw
        if (condition := _condition(element, condition_path, link_id, tree=tree, reader=reader)) is not None
    ]
    return tuple(conditions), _behavior(json, path, link_id, several=len(raw) > 1, reader=reader)


def _behavior(json: Json, path: str, link_id: str, *, several: bool, reader: Reader) -> Behavior:
    name = reader.text(json, "enableBehavior", path)
    behavior = member(Behavior, name)
    if behavior is not None:
        return behavior
    if name:
        reader.report("condition.behavior-unknown", path, link_id=link_id, behavior=name)
    elif several:
        reader.report("condition.behavior-missing", path, link_id=link_id)
    return Behavior.ANY


def _condition(element: Json, path: str, link_id: str, *, tree: Tree, reader: Reader) -> EnableWhen | None:
    question = reader.text(element, "question", path)
    operator_name = reader.text(element, "operator", path)
    names = [name for name in element if isinstance(name, str) and name.startswith("answer")]
    answer_name = next((name for name in names if element[name] is not None), "")
    for missing, value in (("question", question), ("operator", operator_name), ("answer[x]", answer_name)):
        if not value:
            reader.report("condition.incomplete", path, link_id=link_id, missing=missing)
            return None
    operator = member(Operator, operator_name)
    if operator is None:
        reader.report("condition.unknown-operator", path, link_id=link_id, operator=operator_name)
        return None
    if question not in tree.types:
        reader.report("condition.unknown-question", path, link_id=link_id, link=link_id, question=question)
        return None
    if link_id in tree.above(question):
        reader.report("condition.inside", path, link_id=link_id)
        return None
    if operator is Operator.EXISTS and not isinstance(element.get("answerBoolean"), bool):
        reader.report("condition.exists-boolean", path, link_id=link_id)
        return None
    follows = tree.positions[question] > tree.positions[link_id]
    if follows:
        reader.report("condition.later", path, link_id=link_id, question=question)
    expected = {"value" + answer_name.removeprefix("answer"): element[answer_name]}
    if operator is not Operator.EXISTS:
        expected = _checked(expected, operator, question, path, link_id, tree=tree, reader=reader)
    common, descent = tree.way(link_id, question)
    return EnableWhen(
        question=question, operator=operator, value=expected, common=common, descent=descent, follows=follows
    )


def _checked(
    value: dict[str, Any],
    operator: Operator,
    question: str,
    path: str,
    link_id: str,
    *,
    tree: Tree,
    reader: Reader,
) -> dict[str, Any]:
    """The value to compare with, after saying what in it will never be met."""
    name, bare = next(iter(value.items()))
    item_type = tree.types[question]
    if not item_type.is_question:
        reader.report("condition.not-question", path, link_id=link_id, question=question)
        return value
    if name not in tree.answered_with(question):
        reader.report(
            "condition.type",
            path,
            link_id=link_id,
            expected=name.removeprefix("value"),
            found=item_type,
            question=question,
        )
    if operator.orders and name in _UNORDERED:
        reader.report("condition.order", path, link_id=link_id, expected=name.removeprefix("value"))
    if name == "valueCoding" and isinstance(bare, Mapping):
        return _checked_coding(bare, question, path, link_id, tree=tree, reader=reader)
    return value


def _checked_coding(
    coding: Json, question: str, path: str, link_id: str, *, tree: Tree, reader: Reader
) -> dict[str, Any]:
    value = {"valueCoding": dict(coding)}
    code = coding.get("code")
    if not code:
        reader.report("condition.coding-text", path, link_id=link_id)
        return value
    systems = tree.systems(question, str(code))
    if not coding.get("system"):
        # EW-17: production forms leave the system out; where the options say which one is meant, that is it.
        if len(systems) == 1 and (system := next(iter(systems))):
            return {"valueCoding": {**coding, "system": system}}
        if systems and systems != {""}:
            reader.report("condition.coding-system", path, link_id=link_id, coding=code)
            return value
    if tree.options[question] and str(coding.get("system") or "") not in systems:
        reader.report("condition.not-option", path, link_id=link_id, coding=code, question=question)
    return value


def decision_order(
    tree: Tree, sources: Mapping[str, Iterable[str]]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Every link id after its parent and after the questions it depends on; and those that go in circles.

    Among the possible orders it is the one nearest to the questionnaire's. Circles are cut at their first item.
    Takes time in proportion to items and conditions (times the logarithm of the former).
    """
    followers: dict[str, list[str]] = {link_id: [] for link_id in tree.positions}
    waits: dict[str, int] = dict.fromkeys(tree.positions, 0)
    for link_id, parent in tree.parents.items():
        needed = {source for source in sources.get(link_id, ()) if source in waits}
        if parent is not None:
            needed.add(parent)
        waits[link_id] = len(needed)
        for source in needed:
            followers[source].append(link_id)
    order: list[str] = []
    done: set[str] = set()
    ready = [(tree.positions[link_id], link_id) for link_id, count in waits.items() if count == 0]
    heapq.heapify(ready)
    circles: Iterator[str] = iter(())
    in_circles: frozenset[str] | None = None
    while len(order) < len(waits):
        if not ready:
            if in_circles is None:
                in_circles = _in_circles(set(waits) - done, followers)
                circles = iter(sorted(in_circles, key=tree.positions.__getitem__))
            first = next(link_id for link_id in circles if link_id not in done)
            heapq.heappush(ready, (tree.positions[first], first))
        _, link_id = heapq.heappop(ready)
        done.add(link_id)
        order.append(link_id)
        for follower in followers[link_id]:
            waits[follower] -= 1
            if waits[follower] == 0 and follower not in done:
                heapq.heappush(ready, (tree.positions[follower], follower))
    return tuple(order), in_circles or frozenset()


def _in_circles(remaining: set[str], followers: Mapping[str, list[str]]) -> frozenset[str]:
    """Of the items that wait for each other, those that others of them wait for in turn."""
    leaders: dict[str, list[str]] = {link_id: [] for link_id in remaining}
    waited_for = dict.fromkeys(remaining, 0)
    for link_id in remaining:
        for follower in followers[link_id]:
            if follower in remaining:
                waited_for[link_id] += 1
                leaders[follower].append(link_id)
    idle = [link_id for link_id, count in waited_for.items() if count == 0]
    while idle:
        link_id = idle.pop()
        remaining.discard(link_id)
        for leader in leaders[link_id]:
            waited_for[leader] -= 1
            if waited_for[leader] == 0:
                idle.append(leader)
    return frozenset(remaining)
