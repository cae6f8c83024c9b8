"""Writing a response out again: the finished one, and the one that calculations see."""

from collections.abc import Mapping, Sequence
from typing import Any

from .definition import AnswerValue, Definition, Item
from .expressions import WEIGHT_URL
from .occurrences import Occurrence, Occurrences, Scope
from .options import option_for
from .values import json_number


def response_tree(occurrences: Occurrences, *, for_expressions: bool = False) -> list[dict[str, Any]]:
    """The items of a response: enabled ones with content only, in the questionnaire's order.

    With texts for people, or, `for_expressions`, without texts but with each chosen option's score written on
    its answer as ordinalValue, where `weight()` finds it.
    """
    return _items(occurrences.top, for_expressions)


def _items(scope: Scope, for_expressions: bool) -> list[dict[str, Any]]:
    return [
        node
        for occurrence in scope.all_children
        if occurrence.enabled and (node := _node(occurrence, for_expressions)) is not None
    ]


def _node(occurrence: Occurrence, for_expressions: bool) -> dict[str, Any] | None:
    item = occurrence.item
    node: dict[str, Any] = {"linkId": item.link_id}
    if item.text and not for_expressions:
        node["text"] = item.text
    if item.type.is_question:
        answers = _answers(occurrence, for_expressions)
        if not answers:
            return None
        return {**node, "answer": answers}
    items = [child for scope in occurrence.scopes for child in _items(scope, for_expressions)]
    return {**node, "item": items} if items else None


def _answers(occurrence: Occurrence, for_expressions: bool) -> list[dict[str, Any]]:
    item = occurrence.item
    answers = [_scored(answer, item) if for_expressions else dict(answer) for answer in occurrence.effective]
    below = [_items(scope, for_expressions) for scope in occurrence.scopes]
    if not answers:
        # Questions under an unanswered question: FHIR allows an answer that holds children and no value.
        return [{"item": below[0]}] if below and below[0] else []
    for answer, items in zip(answers, below, strict=False):
        if items:
            answer["item"] = items
    return answers


def _scored(answer: AnswerValue, item: Item) -> dict[str, Any]:
    option = option_for(item.options, answer)
    scored = dict(answer)
    if option is None or option.weight is None:
        return scored
    score = [{"url": WEIGHT_URL, "valueDecimal": json_number(option.weight)}]
    for name, value in answer.items():
        scored[name] = {**value, "extension": score} if isinstance(value, Mapping) else value
    return {**scored, "extension": score}


def finished(
    definition: Definition, response: Mapping[str, Any], items: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The response as it is sent: completed, naming its questionnaire, with these items."""
    head = {name: value for name, value in response.items() if name != "item"}
    head["resourceType"] = "QuestionnaireResponse"
    head["status"] = "completed"
    if definition.canonical:
        head.setdefault("questionnaire", definition.canonical)
    return {**head, "item": list(items)} if items else head
