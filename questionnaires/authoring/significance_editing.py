"""How much an answer matters: red, yellow or green for options, yes and no, and intervals of numbers (FUT).

Colours of options and intervals are edited here; what an import says otherwise (a text, an answer that is not offered)
is kept as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.engine.extension_urls import ANSWER_CONDITIONS, ANSWER_SIGNIFICANCE
from questionnaires.engine.reading import elements, extension, extension_value, member
from questionnaires.engine.values import decimal_of, json_number, only_value
from questionnaires.engine.vocabulary import Colour

from . import extensions
from .conditions import answer_key, answers_for
from .tree import Json, Source, changed, find

COLOUR_SYSTEM = "http://ehealth.sundhed.dk/cs/questionnaire-item-significance-indicator"


@dataclass(frozen=True, slots=True)
class Interval:
    """A colour for numbers from `minimum` to `maximum`, both included; None where that end is open."""

    colour: Colour
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of an element's answers. `of_answers`: by the option's key (`conditions.answer_key`)."""

    of_answers: Mapping[str, Colour]
    intervals: tuple[Interval, ...] = ()
    imported: int = 0


def has_colours(item: Json) -> bool:
    """Can its answers have colours that are chosen here?"""
    return bool(answers_for(item)) or is_number(item)


def is_number(item: Json) -> bool:
    """Is it a number, whose intervals have colours?"""
    return item.get("type") in ("integer", "decimal", "quantity") and not item.get("answerOption")


def colours_of(item: Json) -> Colours:
    """The colours as they are edited; the first where a form says several of one option."""
    of_answers: dict[str, Colour] = {}
    intervals: list[Interval] = []
    imported = 0
    for one in extensions.every(item, ANSWER_SIGNIFICANCE):
        found = _read(item, one)
        if isinstance(found, Interval):
            intervals.append(found)
        elif found is not None and found[0] not in of_answers:
            of_answers[found[0]] = found[1]
        else:
            imported += 1
    return Colours(of_answers, tuple(sorted(intervals, key=_from)), imported)


def with_colours(
    source: Source, link_id: str, of_answers: Mapping[str, Colour], intervals: Sequence[Interval] = ()
) -> Source:
    """The document with exactly these colours, after those imported that cannot be edited here.

    Raises ValueError where an interval is empty, or two overlap; CannotDo where the element is gone.
    """
    item = find(source, link_id)
    values = {answer_key(answer): answer for answer, _ in answers_for(item)}
    if of_answers.keys() - values.keys() or (intervals and not is_number(item)):
        raise ValueError("a colour is for an answer that there is")
    _checked(intervals)
    kept, seen = [], set()
    for one in extensions.every(item, ANSWER_SIGNIFICANCE):
        found = _read(item, one)
        if found is None or (isinstance(found, tuple) and found[0] in seen):
            kept.append(dict(one))
        elif isinstance(found, tuple):
            seen.add(found[0])
    for key, answer in values.items():
        if key in of_answers:
            kept.append(_rule(of_answers[key], [("=", _answer(answer))]))
    for interval in sorted(intervals, key=_from):
        ends = [(">=", interval.minimum), ("<=", interval.maximum)]
        conditions = [
            (operator, {"valueDecimal": json_number(end)}) for operator, end in ends if end is not None
        ]
        kept.append(_rule(interval.colour, conditions))

    def change(one: dict[str, Any]) -> dict[str, Any]:
        rest = extensions.without(one, ANSWER_SIGNIFICANCE)
        return extensions.with_extensions(rest, [*extensions.extensions_of(rest), *kept])

    return changed(source, link_id, change)


def _checked(intervals: Sequence[Interval]) -> None:
    ordered = sorted(intervals, key=_from)
    reached: Decimal | None = None
    for number, one in enumerate(ordered):
        if one.minimum is None and one.maximum is None:
            raise ValueError("an interval has an end")
        if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
            raise ValueError("an interval goes up")
        if number and (reached is None or one.minimum is None or one.minimum <= reached):
            raise ValueError("two intervals overlap")
        reached = one.maximum


def _from(interval: Interval) -> Decimal:
    return Decimal("-Infinity") if interval.minimum is None else interval.minimum


def _read(item: Json, one: Json) -> Interval | tuple[str, Colour] | None:
    """An interval, an option with its colour, or None for what is said otherwise."""
    coding = extension_value(one, "significance", "valueCoding", "valueCode")
    colour = member(Colour, coding.get("code") if isinstance(coding, Mapping) else coding)
    parts = [part for part, _ in elements(one, "extension", "") if part.get("url") in ANSWER_CONDITIONS]
    conditions = [
        (extension_value(part, "operator", "valueCode", "valueString"), only_value(extension(part, "value")))
        for part in parts
    ]
    if colour is None or not conditions or any(value is None for _, value in conditions):
        return None
    if is_number(item):
        return _interval(colour, conditions)
    if len(conditions) != 1 or conditions[0][0] != "=":
        return None
    bare = next(iter((conditions[0][1] or {}).values()))
    for answer, _ in answers_for(item):
        same = (
            bare.get("code") == answer.get("code") and bare.get("system") == answer.get("system")
            if isinstance(bare, Mapping) and isinstance(answer, Mapping)
            else bare is answer
        )
        if same:
            return answer_key(answer), colour
    return None


def _interval(colour: Colour, conditions: Sequence[tuple[Any, Any]]) -> Interval | None:
    ends: dict[str, Decimal] = {}
    for operator, value in conditions:
        number = decimal_of(next(iter(value.values())))
        if number is None or operator not in (">=", "<=", "=") or operator in ends:
            return None
        ends[operator] = number
    if "=" in ends:
        return Interval(colour, ends["="], ends["="]) if len(ends) == 1 else None
    return Interval(colour, ends.get(">="), ends.get("<="))


def _answer(answer: Any) -> dict[str, Any]:
    return {"valueBoolean": answer} if isinstance(answer, bool) else {"valueCoding": answer}


def _rule(colour: Colour, conditions: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """FUT's answerSignificance; each condition under the address of the extension that it is made of."""
    parts: list[dict[str, Any]] = [
        {
            "url": ANSWER_CONDITIONS[0],
            "extension": [{"url": "value", **value}, {"url": "operator", "valueCode": operator}],
        }
        for operator, value in conditions
    ]
    coding = {"system": COLOUR_SYSTEM, "code": colour.value}
    return {
        "url": ANSWER_SIGNIFICANCE,
        "extension": [*parts, {"url": "significance", "valueCoding": coding}],
    }
