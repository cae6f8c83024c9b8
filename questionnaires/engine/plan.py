"""How to decide a questionnaire: made once from its definition, used for every response.

It holds the tests that conditions have become, the expressions with all they look at, the order in which items are
decided, and for each item those that must be decided again when it changes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from .answer_tests import AnswerTest, answer_test
from .conditions import Tree as Positions
from .conditions import decision_order
from .definition import Definition, EnableWhen, Expression, Item, Variable
from .fhirpath import ExpressionError
from .layout import Layout, layouts_of
from .lookups import Reader
from .ready_expressions import Ready, Readying, VariableKey
from .score_rules import ScoreRule, read_score_rule
from .values import value_of


@dataclass(frozen=True, slots=True)
class Condition:
    """One enableWhen, ready: `is_above` if it asks about the answer that the item hangs under."""

    source: EnableWhen
    is_above: bool
    test: AnswerTest


@dataclass(slots=True, eq=False)
class Plan:
    """Everything about a questionnaire that responses do not change.

    `order` and `rank`: when each item is decided. `deciding`: ranks of the items with anything to decide.
    `dependents`: by link id, the ranks to decide again when it changes; `watchers`: ranks that any change concerns.
    """

    layouts: tuple[Layout, ...]
    by_link_id: Mapping[str, Layout]
    order: tuple[str, ...]
    rank: Mapping[str, int]
    deciding: tuple[int, ...]
    conditions: Mapping[str, tuple[Condition, ...]]
    enabling: Mapping[str, Ready]
    calculating: Mapping[str, Ready]
    calculated_in_order: tuple[str, ...]
    dependents: Mapping[str, tuple[int, ...]]
    watchers: tuple[int, ...]
    variables: Mapping[VariableKey, Ready | ExpressionError]
    variables_seeing: Mapping[str, tuple[VariableKey, ...]]
    variables_seeing_all: tuple[VariableKey, ...]
    circles: frozenset[str]
    json_items: Mapping[str, Mapping[str, Any]]
    score_rules: Mapping[str, ScoreRule]
    used_by: Mapping[str, tuple[str, ...]]
    scores_seeing: Mapping[str, tuple[str, ...]]
    significant: tuple[str, ...]
    with_feedback: tuple[str, ...]
    with_options: Mapping[str, Ready]
    starting: Mapping[str, Ready]
    positions: Mapping[str, int]
    depths: Mapping[str, int]
    reader: Reader = field(repr=False)

    def ready(self, expression: Expression, own: str | None) -> Ready:
        """Any other expression of the questionnaire, ready to run from the item `own`. Raises ExpressionError."""
        return Readying(self.by_link_id, self.reader, self.definition_variables, self.variables).ready(
            expression.text, own
        )

    definition_variables: tuple[Variable, ...] = ()


_plans: WeakKeyDictionary[Definition, Plan] = WeakKeyDictionary()


def plan_of(definition: Definition) -> Plan:
    """The plan of a definition; made the first time, kept as long as the definition is."""
    plan = _plans.get(definition)
    if plan is None:
        plan = _plans[definition] = _make(definition)
    return plan


def _make(definition: Definition) -> Plan:
    items = definition.by_link_id
    layouts, by_link_id = layouts_of(items, definition.items)
    reader = Reader(items)
    reading = Readying(by_link_id, reader, definition.variables, {})
    reading.read_variables()
    enabling = dict(_ready(reading, items, "enable_when_expression"))
    calculating = dict(_ready(reading, items, "calculated"))
    conditions = {
        link_id: tuple(map(_condition, item.enable_when))
        for link_id, item in items.items()
        if item.enable_when
    }
    sources = _sources(by_link_id, conditions, enabling, calculating)
    positions = {link_id: position for position, link_id in enumerate(items)}
    order, circles = decision_order(
        Positions(parents={link_id: item.parent for link_id, item in items.items()}, positions=positions),
        sources,
    )
    watching = {
        link_id for ready in (enabling, calculating) for link_id, each in ready.items() if each.sees_all
    }
    # What depends on everything is decided last; whatever depends on it is decided again after it.
    order = (*(link for link in order if link not in watching), *(link for link in order if link in watching))
    rank = {link_id: place for place, link_id in enumerate(order)}
    dependents: dict[str, list[int]] = {}
    for link_id, needed in sources.items():
        for source in needed:
            dependents.setdefault(source, []).append(rank[link_id])
    json_items = _json_items(definition.source)
    score_rules = {
        link_id: rule
        for link_id in calculating
        if (rule := read_score_rule(json_items.get(link_id, {}))) is not None
    }
    used_by = {link_id: _questions_used(ready, link_id, by_link_id) for link_id, ready in calculating.items()}
    for link_id, rule in score_rules.items():
        named = tuple(one for one in rule.items if one in by_link_id)
        used_by[link_id] = named or used_by[link_id]
    deciding = {*conditions, *enabling, *calculating} & by_link_id.keys()
    return Plan(
        layouts=layouts,
        by_link_id=by_link_id,
        order=order,
        rank=rank,
        deciding=tuple(sorted(rank[link_id] for link_id in deciding)),
        conditions=conditions,
        enabling=enabling,
        calculating=calculating,
        calculated_in_order=tuple(link_id for link_id in by_link_id if link_id in calculating),
        dependents={link_id: tuple(sorted(ranks)) for link_id, ranks in dependents.items()},
        watchers=tuple(sorted(rank[link_id] for link_id in watching)),
        variables=reading.variables,
        variables_seeing=_by_link(reading.variables),
        variables_seeing_all=tuple(
            key for key, one in reading.variables.items() if isinstance(one, Ready) and one.sees_all
        ),
        circles=circles | frozenset(_in_rings(watching, dependents, order)),
        json_items=json_items,
        score_rules=score_rules,
        used_by=used_by,
        scores_seeing=_turned(used_by),
        significant=tuple(link_id for link_id in by_link_id if items[link_id].significance),
        with_feedback=tuple(link_id for link_id in by_link_id if items[link_id].feedback),
        with_options=dict(_ready(reading, items, "answer_expression")),
        starting=dict(_ready(reading, items, "initial_expression")),
        positions=positions,
        depths=_depths(items),
        reader=reader,
        definition_variables=definition.variables,
    )


def _depths(items: Mapping[str, Item]) -> Mapping[str, int]:
    """How deep in a response's JSON an item stands: one below a group, two below an answer."""
    depths: dict[str, int] = {}
    for link_id, item in items.items():
        parent = item.parent
        depths[link_id] = 0 if parent is None else depths[parent] + 1 + items[parent].type.is_question
    return depths


def _condition(source: EnableWhen) -> Condition:
    return Condition(
        source, not source.descent, answer_test(source.operator, value_of(source.value), source.value)
    )


def _ready(reading: "Readying", items: Mapping[str, Item], attribute: str) -> Iterator[tuple[str, Ready]]:
    for link_id, item in items.items():
        expression: Expression | None = getattr(item, attribute)
        if expression is not None and expression.is_fhirpath and link_id in reading.layouts:
            try:
                yield link_id, reading.ready(expression.text, link_id)
            except ExpressionError:
                continue  # the import has said so


def _sources(
    layouts: Mapping[str, Layout],
    conditions: Mapping[str, Sequence[Condition]],
    *expressions: Mapping[str, Ready],
) -> dict[str, set[str]]:
    """What each item must be decided after."""
    sources: dict[str, set[str]] = {}
    for link_id, own in conditions.items():
        sources.setdefault(link_id, set()).update(condition.source.question for condition in own)
    for each in expressions:
        for link_id, ready in each.items():
            sources.setdefault(link_id, set()).update(ready.links - {link_id})
    return {link_id: needed & layouts.keys() for link_id, needed in sources.items()}


def _by_link(
    variables: Mapping[VariableKey, "Ready | ExpressionError"],
) -> dict[str, tuple[VariableKey, ...]]:
    seeing: dict[str, list[VariableKey]] = {}
    for key, ready in variables.items():
        if isinstance(ready, Ready):
            for link_id in ready.links:
                seeing.setdefault(link_id, []).append(key)
    return {link_id: tuple(keys) for link_id, keys in seeing.items()}


def _turned(used_by: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """By question the scores that use it, from by score the questions it uses."""
    using: dict[str, list[str]] = {}
    for score, questions in used_by.items():
        for question in questions:
            using.setdefault(question, []).append(score)
    return {question: tuple(found) for question, found in using.items()}


def _in_rings(watching: Iterable[str], dependents: Mapping[str, list[int]], order: Sequence[str]) -> set[str]:
    """What depends on something that depends on everything, and so perhaps on it."""
    found: set[str] = set()
    waiting = [link_id for link_id in watching if dependents.get(link_id)]
    while waiting:
        link_id = waiting.pop()
        if link_id not in found:
            found.add(link_id)
            waiting.extend(order[rank] for rank in dependents.get(link_id, ()))
    return found


def _questions_used(ready: Ready, own: str, layouts: Mapping[str, Layout]) -> tuple[str, ...]:
    """The questions a calculation uses; where that cannot be told, all whose options have scores."""
    links: Iterable[str] = ready.asked
    if ready.sees_all:
        links = {link for link, one in layouts.items() if any(o.weight is not None for o in one.item.options)}
    return tuple(link for link in layouts if link in links and link != own and layouts[link].is_question)


def _json_items(source: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The items of the resource by link id, for `%qitem`."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting: list[Any] = [source]
    while waiting:
        below = waiting.pop().get("item")
        for json in below if isinstance(below, list | tuple) else ():
            if isinstance(json, Mapping):
                if isinstance(json.get("linkId"), str):
                    found.setdefault(json["linkId"], json)
                waiting.append(json)
    return found


__all__ = ["Condition", "Layout", "Plan", "Ready", "VariableKey", "plan_of"]
