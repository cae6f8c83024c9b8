"""Conditions as tests of answers, made once: what they expect is read and taken apart only then."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .definition import AnswerValue, Operator
from .values import Comparable, are_equal, comparable, value_of

AnswerTest = Callable[[Sequence[AnswerValue]], bool]


def answer_test(operator: Operator, expected: tuple[str, Any] | None, raw: AnswerValue) -> AnswerTest:
    """The test of a condition: `expected` is the value to compare with, `raw` the same as FHIR writes it.

    `=` and the ordering operators: met by at least one answer. `!=`: no answer is equal, so it is met where there
    is none (R4 text; EW-07, EW-08). `exists`: whether there is an answer is what the condition says.
    """
    if operator is Operator.EXISTS:
        wanted = raw.get("valueBoolean") is True
        return lambda answers: bool(answers) is wanted
    if expected is None:
        return lambda answers: False
    if operator.orders:
        return _order_test(operator, comparable(*expected))
    is_equal = _equality(*expected)
    if operator is Operator.EQUALS:
        return lambda answers: any(is_equal(answer) for answer in answers)
    return lambda answers: not any(is_equal(answer) for answer in answers)


def _equality(name: str, value: Any) -> Callable[[AnswerValue], bool]:
    if name == "valueBoolean" and isinstance(value, bool):
        return lambda answer: answer.get(name) is value
    if (
        name == "valueCoding"
        and isinstance(value, Mapping)
        and isinstance(value.get("code"), str)
        and value["code"]
    ):
        system, code = value.get("system") or None, value["code"]

        def same_coding(answer: AnswerValue) -> bool:
            coding = answer.get("valueCoding")
            return (
                isinstance(coding, Mapping)
                and coding.get("code") == code
                and (coding.get("system") or None) == system
            )

        return same_coding
    expected = name, value

    def equal(answer: AnswerValue) -> bool:
        found = value_of(answer)
        return found is not None and are_equal(found, expected)

    return equal


_ORDERS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.GREATER: lambda a, b: a > b,
    Operator.LESS: lambda a, b: a < b,
    Operator.GREATER_OR_EQUAL: lambda a, b: a >= b,
    Operator.LESS_OR_EQUAL: lambda a, b: a <= b,
}


def _order_test(operator: Operator, bound: Comparable | None) -> AnswerTest:
    if bound is None:
        return lambda answers: False
    kind, limit = bound
    compare = _ORDERS[operator]

    def test(answers: Sequence[AnswerValue]) -> bool:
        for answer in answers:
            found = value_of(answer)
            given = comparable(*found) if found is not None else None
            if given is not None and given[0] == kind and compare(given[1], limit):
                return True
        return False

    return test
