"""Reading and writing single answers in a response, which stays a plain FHIR QuestionnaireResponse dict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .definition import AnswerValue, Definition, Item
from .expressions import ExpressionError, answers_from
from .fhirpath import NoTimeGiven
from .issues import Issue, make_issue
from .plan import plan_of
from .settling import settled
from .values import are_equal, only_value, value_of

Within = Mapping[str, int]
"""Which instance is meant, by the link id of a repeating group (or of a question whose answers have children)."""


class UnknownQuestion(LookupError):
    """There is no question with this link id in the questionnaire."""

    def __init__(self, link_id: str) -> None:
        super().__init__(f"Spørgeskemaet har intet spørgsmål med linkId »{link_id}«.")
        self.link_id = link_id


@dataclass(frozen=True, slots=True)
class Started:
    """A new draft, and the initial answers that could not be calculated."""

    response: dict[str, Any]
    issues: tuple[Issue, ...] = ()


def start(definition: Definition, *, now: datetime | None = None) -> Started:
    """A draft with the questionnaire's initial answers (EW-40: an initial value counts as the answer).

    Initial answers that are written in the form come first; those it calculates (SDC's initialExpression) see
    them, not each other. `now` is what `today()` means.
    """
    response: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    if definition.canonical:
        response["questionnaire"] = definition.canonical
    for item in definition.walk():
        if item.initial and item.calculated is None:
            response = with_answers(definition, response, item.link_id, item.initial)
    starting = plan_of(definition).starting
    if not starting:
        return Started(response)
    outcome = settled(definition, response, now=now)
    issues: list[Issue] = []
    for link_id, ready in starting.items():
        item = definition.by_link_id[link_id]
        if item.initial or item.calculated is not None:
            continue
        try:
            results = outcome.sight.run(ready, outcome.occurrences.by_link_id[link_id][0])
            response = with_answers(definition, response, link_id, answers_from(results, item))
        except (ExpressionError, TypeError) as error:
            key = "expression.no-time" if isinstance(error, NoTimeGiven) else "initial.failed"
            issues.append(make_issue(key, item.path, link_id=link_id, label=item.label, reason=error))
    return Started(response, tuple(issues))


def new_response(definition: Definition, *, now: datetime | None = None) -> dict[str, Any]:
    """A draft with the questionnaire's initial answers; `start` also says which could not be calculated."""
    return start(definition, now=now).response


def answers_of(
    response: Mapping[str, Any], link_id: str, *, within: Within | None = None
) -> tuple[AnswerValue, ...]:
    """The answers to a question, bare (`{"valueInteger": 3}`); () if it is not answered."""
    for node in _nodes(response, link_id, within or {}):
        answers = tuple(
            value for answer in _list(node, "answer") if (value := only_value(answer)) is not None
        )
        if answers:
            return answers
    return ()


def every_answer(response: Mapping[str, Any]) -> dict[str, tuple[AnswerValue, ...]]:
    """The answers of every question that has any, as `answers_of` gives them one by one, in one walk."""
    found: dict[str, tuple[AnswerValue, ...]] = {}
    stack: list[tuple[Mapping[str, Any], tuple[str, ...]]] = [(response, ())]
    while stack:
        container, way = stack.pop()
        below: list[tuple[Mapping[str, Any], tuple[str, ...]]] = []
        seen: set[str] = set()
        for node in _list(container, "item"):
            name = node.get("linkId")
            if not isinstance(name, str):
                continue
            is_first, listed = name not in seen, _list(node, "answer")
            seen.add(name)
            if name not in way:  # one within itself is no other question
                answers = tuple([value for answer in listed if (value := only_value(answer)) is not None])
                if answers:
                    found.setdefault(name, answers)
            if listed:
                below.extend([(answer, (*way, name)) for answer in listed if "item" in answer])
            elif is_first and "item" in node:
                below.append((node, (*way, name)))
        stack.extend(reversed(below))
    return found


def _nodes(response: Mapping[str, Any], link_id: str, within: Within) -> Iterator[Mapping[str, Any]]:
    """Response items with this link id, in the instances that `within` names (the first, if it names none)."""
    stack: list[Mapping[str, Any]] = [response]
    while stack:
        container = stack.pop()
        below: list[Mapping[str, Any]] = []
        counts: dict[str, int] = {}
        for node in _list(container, "item"):
            name = node.get("linkId")
            if not isinstance(name, str):
                continue
            index = counts.get(name, 0)
            counts[name] = index + 1
            if name == link_id:
                yield node
                continue
            answers = _list(node, "answer")
            if answers:
                wanted = within.get(name)
                below.extend(answers if wanted is None else answers[wanted : wanted + 1])
            elif index == within.get(name, 0):
                below.append(node)
        stack.extend(reversed(below))


def _list(json: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = json.get(name)
    if not isinstance(value, list | tuple):
        return []
    return [element for element in value if type(element) is dict or isinstance(element, Mapping)]


def with_answers(
    definition: Definition,
    response: Mapping[str, Any],
    link_id: str,
    answers: Sequence[AnswerValue],
    *,
    within: Within | None = None,
) -> dict[str, Any]:
    """A new response in which the question has these answers; no answers remove what was there.

    Items above it are made where they are missing, in the questionnaire's order. What was answered below the
    question is kept: it counts again if the answer returns (and `finish` leaves it out if not).
    Raises UnknownQuestion for a link id that is no question of the questionnaire.
    """
    item = definition.by_link_id.get(link_id)
    if item is None or not item.type.is_question:
        raise UnknownQuestion(link_id)
    chain = [definition.by_link_id[above] for above in reversed(definition.ancestors(link_id))]
    bare = [value for answer in answers if (value := only_value(answer)) is not None]
    changed = {name: value for name, value in response.items() if name != "item"}
    changed.setdefault("resourceType", "QuestionnaireResponse")
    items = _with(_list(response, "item"), definition.items, [*chain, item], bare, within or {})
    return {**changed, "item": items} if items else changed


def _with(
    nodes: list[Mapping[str, Any]],
    siblings: Sequence[Item],
    chain: Sequence[Item],
    answers: list[AnswerValue],
    within: Within,
) -> list[Mapping[str, Any]]:
    """The nodes of one level, with the answers put where the chain of items leads."""
    item, rest = chain[0], chain[1:]
    places = [place for place, node in enumerate(nodes) if node.get("linkId") == item.link_id]
    instance = 0 if item.type.is_question else within.get(item.link_id, 0)
    known = instance < len(places)
    node = dict(nodes[places[instance]]) if known else {"linkId": item.link_id}
    if not rest:
        _set(node, "answer", _answered(_list(node, "answer"), answers))
    elif item.type.is_question:
        _set(node, "answer", _answered_below(_list(node, "answer"), item, rest, answers, within))
    else:
        _set(node, "item", _with(_list(node, "item"), item.items, rest, answers, within))
    is_empty = (
        "answer" not in node and "item" not in node and not (item.repeats and not item.type.is_question)
    )
    if known:
        kept = [] if is_empty else [node]
        return [*nodes[: places[instance]], *kept, *nodes[places[instance] + 1 :]]
    return nodes if is_empty else _inserted(nodes, node, item, siblings)


def _set(node: dict[str, Any], name: str, values: Sequence[Any]) -> None:
    if values:
        node[name] = list(values)
    else:
        node.pop(name, None)


def _inserted(
    nodes: list[Mapping[str, Any]], node: Mapping[str, Any], item: Item, siblings: Sequence[Item]
) -> list[Mapping[str, Any]]:
    ranks: dict[object, int] = {sibling.link_id: rank for rank, sibling in enumerate(siblings)}
    own = ranks[item.link_id]
    place = next((i for i, other in enumerate(nodes) if ranks.get(other.get("linkId"), -1) > own), len(nodes))
    return [*nodes[:place], node, *nodes[place:]]


def _answered(old: list[Mapping[str, Any]], answers: list[AnswerValue]) -> list[Mapping[str, Any]]:
    """The new answers, each with the children its equal had; children of a single changed answer stay with it.

    Children that were answered before there was an answer above them go to the first.
    """
    orphans = [answer for answer in old if _list(answer, "item")]
    new: list[dict[str, Any]] = []
    for answer in answers:
        found = value_of(answer)
        equal = next(
            (other for other in orphans if found and (was := value_of(other)) and are_equal(was, found)), None
        )
        if equal is not None:
            orphans.remove(equal)
        new.append({**answer, **({"item": equal["item"]} if equal is not None else {})})
    if orphans and (len(new) <= 1 or value_of(orphans[0]) is None):
        first = new[0] if new else {}
        if "item" not in first:
            return [{**first, "item": orphans[0]["item"]}, *new[1:]]
    return list(new)


def _answered_below(
    old: list[Mapping[str, Any]], item: Item, rest: Sequence[Item], answers: list[AnswerValue], within: Within
) -> list[Mapping[str, Any]]:
    """The answers of a question above, with the answers put among the children of one of them."""
    with_children = [index for index, answer in enumerate(old) if _list(answer, "item")]
    place = within.get(item.link_id, with_children[0] if with_children else 0)
    answer = dict(old[place]) if place < len(old) else {}
    _set(answer, "item", _with(_list(answer, "item"), item.items, rest, answers, within))
    kept = [answer] if answer else []
    return [*old[:place], *kept, *old[place + 1 :]]
