"""Red, yellow, green: what an answer means by the questionnaire's `ehealth-questionnaire-answerSignificance`. Pure.

The platform triages so (contract §5 G). One condition is a match or an interval open to one side, two are an
interval; `exists` is for free text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at

Json = Mapping[str, Any]

EXT, CONDITION = t.EXT_ANSWER_SIGNIFICANCE, t.EXT_ANSWER_CONDITION
RANK = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer that means something, and the significance that says so."""

    link_id: str
    answer: Json
    colour: str
    significance: Json


def findings(form: Json, response: Json) -> list[Finding]:
    """Of each answer the most serious meaning, where it has one."""
    questions = {one["linkId"]: one for one in _items(form)}
    found = []
    for item in _items(response):
        for answer in item.get("answer", ()):
            meanings = {
                _colour(significance): significance
                for significance in extensions(questions.get(item.get("linkId"), {}), EXT)
                if _applies(significance, answer)
            }
            if colour := worst(list(meanings)):
                found.append(Finding(item["linkId"], answer, colour, meanings[colour]))
    return found


def worst(colours: list[str]) -> str | None:
    """The most serious of them; None of none."""
    known = [colour for colour in colours if colour in RANK]
    return max(known, key=RANK.index, default=None)


def _colour(significance: Json) -> str:
    for part in significance.get("extension", ()):
        if part.get("url") == "significance":
            codes = [*values_at(part, "valueCodeableConcept.coding.code"), *values_at(part, "valueCode")]
            codes += values_at(part, "valueCoding.code")
            return str(codes[0]) if codes else ""
    return ""


def _applies(significance: Json, answer: Json) -> bool:
    conditions = [one for one in significance.get("extension", ()) if one.get("url") == CONDITION]
    return bool(conditions) and all(_holds(one, answer) for one in conditions)


def _holds(condition: Json, answer: Json) -> bool:
    parts = {part.get("url"): part for part in condition.get("extension", ())}
    operator = next(iter(_values(parts.get("operator", {}))), "=")
    expected = next(iter(_values(parts.get("value", {}))), None)
    given = next(iter(_values(answer)), None)
    if operator == "exists":
        return (given is not None) == (str(expected).lower() != "false")
    if operator in {"=", "!="}:
        return bool(_plain(given) == _plain(expected)) == (operator == "=")
    left, right = _number(given), _number(expected)
    if left is None or right is None:
        return False
    holds: bool = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}.get(
        operator, False
    )
    return holds


def _values(node: Json) -> Iterator[Any]:
    for name, value in node.items():
        if name.startswith("value"):
            yield value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("code", _number(value))
    return value if isinstance(value, bool) or _number(value) is None else _number(value)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Mapping):
        value = value.get("value")
    try:
        return None if isinstance(value, bool) or value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _items(node: Json) -> Iterator[Json]:
    for item in node.get("item", ()):
        yield item
        yield from _items(item)
        for answer in item.get("answer", ()):
            yield from _items(answer)
