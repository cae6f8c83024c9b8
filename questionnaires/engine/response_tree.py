"""A response written out as the evaluator of expressions sees it: what is enabled, with scores, without texts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .definition import AnswerValue
from .fhirpath import Scored, ScoredDecimal, ScoredInteger, ScoredText
from .occurrences import Occurrence, Scope
from .reading import WEIGHTS
from .values import decimal_of

StandIns = Mapping[str, Decimal]
"""What unanswered questions count as, by link id, where a score's rule lets something stand in for them."""

NO_STAND_INS: StandIns = {}
WEIGHT_URL = WEIGHTS[1]


def items_of(scope: Scope, stand_ins: StandIns = NO_STAND_INS) -> list[dict[str, Any]]:
    """The items of a scope that are enabled and say something, in the questionnaire's order."""
    return [node for occurrence in scope.all_children if (node := item_of(occurrence, stand_ins)) is not None]


def item_of(occurrence: Occurrence, stand_ins: StandIns = NO_STAND_INS) -> dict[str, Any] | None:
    """One item, or None where it is disabled or says nothing."""
    layout = occurrence.layout
    stand_in = stand_ins.get(layout.link_id)
    instead: list[dict[str, Any]] = [] if stand_in is None else [{"valueDecimal": scored_number(stand_in)}]
    if not occurrence.enabled:
        return {"linkId": layout.link_id, "answer": instead} if instead else None
    if not layout.is_question:
        items = [child for scope in occurrence.scopes for child in items_of(scope, stand_ins)]
        return {"linkId": layout.link_id, "item": items} if items else None
    answers = instead or [_scored(answer, layout.weigh(answer)) for answer in occurrence.effective]
    below = [items_of(scope, stand_ins) for scope in occurrence.scopes]
    if not answers and below and below[0]:
        # Questions under an unanswered question: FHIR allows an answer that holds children and no value.
        answers = [{}]
    for answer, items in zip(answers, below, strict=False):
        if items:
            answer["item"] = items
    return {"linkId": layout.link_id, "answer": answers} if answers else None


def scored_number(number: Decimal) -> ScoredDecimal:
    """A number that is its own score."""
    scored = ScoredDecimal(number)
    scored.weight = number
    return scored


def _scored(answer: AnswerValue, weight: Decimal | None) -> dict[str, Any]:
    """The answer with its score where `weight()` finds it, and with exact numbers."""
    ((name, value),) = answer.items()
    exact: Any = value
    if isinstance(value, float):
        exact = decimal_of(value)
    elif isinstance(value, Mapping) and isinstance(value.get("value"), float):
        exact = {**value, "value": decimal_of(value["value"])}
    if weight is None:
        return {name: exact}
    extension = [{"url": WEIGHT_URL, "valueDecimal": weight}]
    if isinstance(exact, Mapping):
        return {name: {**exact, "extension": extension}, "extension": extension}
    if isinstance(exact, str | int) and not isinstance(exact, bool):
        scored: Scored = ScoredText(exact) if isinstance(exact, str) else ScoredInteger(exact)
        scored.weight = weight
        exact = scored
    return {name: exact, "extension": extension}
