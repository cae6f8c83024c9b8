"""Answers that are in order at a glance: of the right type, an option, within bounds. Most are.

A glance only ever says yes where `answer_checks` would find nothing; anything else, wrong or not, is looked at there.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import ceil, floor, isfinite
from typing import Any
from weakref import WeakKeyDictionary

from .answer_checks import is_of_type, option_problem
from .definition import AnswerValue, Definition, Item, ItemType
from .values import LARGEST_NUMBER, MAX_INTEGER

Glance = Callable[[AnswerValue], bool]

_MOST_DIGITS = 15
"""Bounds with more digits than a float holds are left to exact arithmetic."""

_known: WeakKeyDictionary[Definition, dict[str, Glance]] = WeakKeyDictionary()


def glances_of(definition: Definition) -> dict[str, Glance]:
    """A glance for each question of the form, by link id; made once."""
    known = _known.get(definition)
    if known is None:
        known = _known[definition] = {
            link_id: _glance(item) for link_id, item in definition.by_link_id.items() if item.type.is_question
        }
    return known


def _no(_: AnswerValue) -> bool:
    return False


def _glance(item: Item) -> Glance:
    if item.options and item.type.is_choice:
        return _choice(item)
    if item.offers_options or item.regex:
        return _no
    match item.type:
        case ItemType.BOOLEAN:
            return lambda answer: type(answer.get("valueBoolean")) is bool
        case ItemType.STRING | ItemType.TEXT:
            return _text(item)
        case ItemType.INTEGER | ItemType.DECIMAL if item.max_length is None:
            return _number(item)
        case ItemType.DATE if item.min_value is None and item.max_value is None:
            return _is_date
    return _no


def _choice(item: Item) -> Glance:
    """Codes with the words the form has for them, or without any."""
    good: set[tuple[Any, Any, Any]] = set()
    for option in item.options:
        coding = option.value.get("valueCoding")
        for display in (None, coding.get("display")) if isinstance(coding, dict) else ():
            value = {**coding, "display": display} if isinstance(coding, dict) else {}
            if not all(isinstance(value.get(name), str | None) for name in ("system", "code", "display")):
                continue
            if is_of_type(item, "valueCoding", value) and option_problem(item, "valueCoding", value) is None:
                good.add((value.get("system"), value.get("code"), display))

    def glance(answer: AnswerValue) -> bool:
        coding = answer.get("valueCoding")
        if type(coding) is not dict:
            return False
        try:
            return (coding.get("system"), coding.get("code"), coding.get("display")) in good
        except TypeError:  # a code that is a list
            return False

    return glance


def _text(item: Item) -> Glance:
    least, most = item.min_length or 0, item.max_length
    is_line = item.type is ItemType.STRING

    def glance(answer: AnswerValue) -> bool:
        text = answer.get("valueString")
        if type(text) is not str or len(text) < least or (most is not None and len(text) > most):
            return False
        return not (is_line and ("\n" in text or "\r" in text))

    return glance


def _number(item: Item) -> Glance:
    low, high = item.min_value, item.max_value
    for bound in (low, high):
        if bound is not None and not (
            isinstance(bound, Decimal) and len(bound.as_tuple().digits) <= _MOST_DIGITS
        ):
            return _no
    if item.type is ItemType.INTEGER:
        least = max(ceil(low) if isinstance(low, Decimal) else -MAX_INTEGER, -MAX_INTEGER)
        most = min(floor(high) if isinstance(high, Decimal) else MAX_INTEGER, MAX_INTEGER)

        def whole(answer: AnswerValue) -> bool:
            number = answer.get("valueInteger")
            return type(number) is int and least <= number <= most

        return whole
    if item.max_decimal_places is not None:
        return _no
    lower = low if isinstance(low, Decimal) else -LARGEST_NUMBER
    upper = high if isinstance(high, Decimal) else LARGEST_NUMBER

    def real(answer: AnswerValue) -> bool:
        number = answer.get("valueDecimal")
        if type(number) is float:
            return isfinite(number) and lower <= number <= upper
        return type(number) is int and lower <= number <= upper

    return real


def _is_date(answer: AnswerValue) -> bool:
    text = answer.get("valueDate")
    if type(text) is not str or len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
