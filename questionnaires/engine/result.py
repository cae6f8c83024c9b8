"""Writing a response out again: the finished one, as it is sent."""

from collections.abc import Mapping
from typing import Any

from .definition import Definition
from .occurrences import Occurrence, Occurrences, Scope


def finished(definition: Definition, response: Mapping[str, Any], occurrences: Occurrences) -> dict[str, Any]:
    """The response as it is sent: completed, naming its questionnaire, with what is enabled and says something.

    In the questionnaire's order, with texts for people.
    """
    head = finished_head(definition, response)
    items = _items(occurrences.top)
    return {**head, "item": items} if items else head


def finished_head(definition: Definition, response: Mapping[str, Any]) -> dict[str, Any]:
    """What stands above the answers then."""
    head = {name: value for name, value in response.items() if name != "item"}
    head["resourceType"] = "QuestionnaireResponse"
    head["status"] = "completed"
    if definition.canonical:
        head.setdefault("questionnaire", definition.canonical)
    return head


def _items(scope: Scope) -> list[dict[str, Any]]:
    return [
        node
        for occurrence in scope.all_children
        if occurrence.enabled and (node := _node(occurrence)) is not None
    ]


def _node(occurrence: Occurrence) -> dict[str, Any] | None:
    item = occurrence.item
    node: dict[str, Any] = {"linkId": item.link_id}
    if occurrence.layout.splits and occurrence.places and isinstance(occurrence.places[0][0].get("id"), str):
        node["id"] = occurrence.places[0][0][
            "id"
        ]  # what is wrong with the finished response names the draft's row
    if item.text:
        node["text"] = item.text
    if item.type.is_question:
        answers = _answers(occurrence)
        if not answers:
            return None
        return {**node, "answer": answers}
    items = [child for scope in occurrence.scopes for child in _items(scope)]
    return {**node, "item": items} if items else None


def _answers(occurrence: Occurrence) -> list[dict[str, Any]]:
    answers = [dict(answer) for answer in occurrence.effective]
    below = [_items(scope) for scope in occurrence.scopes]
    if not answers:
        # Questions under an unanswered question: FHIR allows an answer that holds children and no value.
        return [{"item": below[0]}] if below and below[0] else []
    for answer, items in zip(answers, below, strict=False):
        if items:
            answer["item"] = items
    return answers
