"""The numbers that somebody answered: one figure a question, to be shown over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires import engine
from questionnaires.engine import Definition, Item
from questionnaires.engine.values import decimal_of, value_of

LARGEST = Decimal(10) ** 15
"""What is larger is no figure for a chart, and a browser would round it."""

DECIMALS = 2
"""Of a number that was given in another unit than the question's own."""


@dataclass(frozen=True, slots=True)
class NumericAnswer:
    """A question's number in its own unit; `minimum` and `maximum` are what the form allows, None for nothing."""

    link_id: str
    name: str
    value: Decimal
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None


def numeric_answers(definition: Definition, document: Mapping[str, Any]) -> list[NumericAnswer]:
    """The whole numbers, decimals and quantities of a finished response, in the questionnaire's order.

    The first answer of each question, and of rows the first row: another number would be another question. What the
    system worked out is left out: those figures are scores.
    """
    given = engine.every_answer(document)
    return [
        answer
        for item in definition.by_link_id.values()
        if item.type.is_numeric and item.is_asked and item.link_id in given
        if (answer := _read(item, given[item.link_id][0])) is not None
    ]


def _read(item: Item, answer: engine.AnswerValue) -> NumericAnswer | None:
    own = engine.in_own_unit(item, answer)
    # What cannot be converted is a number of its own kind, and the question's bounds are none of its.
    found = value_of(answer if own is None else own)
    if found is None:
        return None
    _, value = found
    unit = item.unit
    if isinstance(value, Mapping):
        unit = str(value.get("unit") or value.get("code") or "")
        value = value.get("value")
    number = decimal_of(value)
    if number is None or not number.is_finite() or abs(number) > LARGEST:
        return None
    if value_of(answer) != found:  # converted: no more decimals than the question asks for
        number = round(number, DECIMALS if item.max_decimal_places is None else item.max_decimal_places)
    low, high = (item.min_value, item.max_value) if own is not None else (None, None)
    return NumericAnswer(
        link_id=item.link_id,
        name=item.label,
        value=number,
        unit=unit,
        minimum=low if isinstance(low, Decimal) else None,
        maximum=high if isinstance(high, Decimal) else None,
    )
