"""What an answer must be for another questionnaire to follow it: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires import engine
from questionnaires.engine import AnswerValue, Definition, Item, ItemType, Operator
from questionnaires.engine.answer_tests import answer_test
from questionnaires.engine.values import value_of

OPERATORS = (
    Operator.EQUALS,
    Operator.NOT_EQUALS,
    Operator.GREATER_OR_EQUAL,
    Operator.LESS_OR_EQUAL,
    Operator.GREATER,
    Operator.LESS,
)
_NUMBERS = frozenset({ItemType.INTEGER, ItemType.DECIMAL})
_CHOICES = frozenset({ItemType.CHOICE, ItemType.OPEN_CHOICE})


@dataclass(frozen=True, slots=True)
class AnswerCondition:
    """A question or score, a comparison and what it is compared with (FHIR `value[x]`)."""

    question: str
    operator: Operator
    value: AnswerValue

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> "AnswerCondition | None":
        """As an activity keeps it; None is any answer."""
        if stored is None:
            return None
        return cls(stored["question"], Operator(stored["operator"]), stored["value"])

    def stored(self) -> dict[str, Any]:
        """As an activity keeps it."""
        return {"question": self.question, "operator": self.operator.value, "value": dict(self.value)}

    def is_met(self, document: Mapping[str, Any]) -> bool:
        """Whether a submitted response, scores included, meets it. What was not answered never does."""
        answers = engine.every_answer(document).get(self.question, ())
        return bool(answers) and answer_test(self.operator, value_of(self.value), self.value)(answers)


def is_askable(item: Item) -> bool:
    """Whether a condition can be about its answer: yes or no, a number, a choice; a score is a number."""
    return (
        item.type is ItemType.BOOLEAN
        or item.type in _NUMBERS
        or (item.type in _CHOICES and bool(item.options))
    )


def problem_of(condition: AnswerCondition, definition: Definition) -> bool:
    """Whether the questionnaire asks nothing that the condition could be about, or offers no such answer."""
    item = definition.by_link_id.get(condition.question)
    if item is None or not is_askable(item):
        return True
    if item.type in _CHOICES:
        return not any(
            answer_test(Operator.EQUALS, value_of(option.value), option.value)((condition.value,))
            for option in item.options
        )
    return False
