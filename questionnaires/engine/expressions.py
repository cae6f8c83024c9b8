"""What expressions give, turned into answers, truth and options of a questionnaire."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .definition import VALUE_NAMES, AnswerValue, Item, ItemType, Option
from .fhirpath import ExpressionError, syntax
from .values import MAX_INTEGER, date_of, date_time_of, decimal_of, json_number, time_of

__all__ = ["ExpressionError", "answer_from", "answers_from", "is_true", "options_from", "parse", "quantity"]


def parse(text: str) -> None:
    """See whether an expression can be read, and remember it parsed. Raises ExpressionError."""
    syntax(text)


def is_true(results: Sequence[Any]) -> bool:
    """Is the result of a condition true? Empty is not (EW-37), anything single that is no boolean is (FHIRPath 4.5).

    Raises ExpressionError for several results.
    """
    if len(results) > 1:
        raise ExpressionError(f"{len(results)} values where one was expected")
    return bool(results) and results[0] is not False


def answer_from(results: Sequence[Any], item: Item) -> AnswerValue | None:
    """The answer that an expression calculates for an item; None where it gives nothing.

    Raises TypeError where its result does not fit the item.
    """
    if not results:
        return None
    if len(results) > 1:
        raise TypeError(f"{len(results)} values")
    return _answer(results[0], item)


def answers_from(results: Sequence[Any], item: Item) -> tuple[AnswerValue, ...]:
    """The answers an expression starts an item with: several only where it takes several. Raises TypeError."""
    if len(results) > 1 and not item.several_answers:
        raise TypeError(f"{len(results)} values")
    return tuple(_answer(result, item) for result in results)


def options_from(results: Sequence[Any]) -> tuple[Option, ...]:
    """The options that an answerExpression gives: codings, texts, numbers, dates; each once."""
    options: dict[str, Option] = {}
    for result in results:
        name, label = "valueString", str(result)
        if isinstance(result, Mapping):
            if not (result.get("code") or result.get("display")):
                continue
            name, label = "valueCoding", str(result.get("display") or result.get("code"))
            result = {part: result[part] for part in result if part != "extension"}
        elif isinstance(result, bool) or result is None:
            continue
        elif isinstance(result, int):
            name, result = "valueInteger", int(result)
        else:
            result = label
        key = str(result.get("code") or label) if isinstance(result, dict) else label
        if isinstance(result, dict) and key in options:
            key = f"{result.get('system') or ''}|{key}"
        options.setdefault(key, Option(value={name: result}, key=key, label=label))
    return tuple(options.values())


def _answer(result: Any, item: Item) -> AnswerValue:
    """A FHIRPath result as an answer of the item's type. Raises TypeError."""
    match item.type:
        case ItemType.INTEGER:
            number = _number(result)
            if number != number.to_integral_value() or abs(number) > MAX_INTEGER:
                raise TypeError("not a whole number")
            return {"valueInteger": int(number)}
        case ItemType.DECIMAL:
            return {"valueDecimal": json_number(_number(result))}
        case ItemType.QUANTITY:
            return {"valueQuantity": quantity(_number(result), item)}
        case ItemType.BOOLEAN if isinstance(result, bool):
            return {"valueBoolean": result}
        case ItemType.STRING | ItemType.TEXT | ItemType.URL if isinstance(result, str):
            # str(): a text with a score is a text of its own kind in there.
            return {VALUE_NAMES[item.type]: str(result)}
        case ItemType.CHOICE | ItemType.OPEN_CHOICE:
            return _choice(result, item)
        case ItemType.DATE | ItemType.DATE_TIME | ItemType.TIME:
            text = str(result)
            readers = {ItemType.DATE: date_of, ItemType.TIME: time_of, ItemType.DATE_TIME: date_time_of}
            if readers[item.type](text) is not None:
                return {VALUE_NAMES[item.type]: text}
    raise TypeError(type(result).__name__)


def _number(result: Any) -> Decimal:
    if isinstance(result, Mapping):
        result = result.get("value")
    result = getattr(result, "value", result)
    number = decimal_of(result)
    if number is None:
        raise TypeError(type(result).__name__)
    return number


def quantity(number: Decimal, item: Item) -> dict[str, Any]:
    """A quantity in the item's unit."""
    coding = item.unit_coding or {}
    named = {"value": json_number(number), "unit": item.unit or coding.get("code")}
    coded = {name: coding.get(name) for name in ("system", "code")}
    return {name: value for name, value in {**named, **coded}.items() if value is not None and value != ""}


def _choice(result: Any, item: Item) -> AnswerValue:
    def chosen(option: Option) -> bool:
        bare = next(iter(option.value.values()))
        if isinstance(bare, Mapping) and isinstance(result, Mapping):
            return bare.get("code") == result.get("code") and bare.get("system") == result.get("system")
        return bool(bare == result)

    for option in item.options:
        if chosen(option):
            return option.value
    if item.open_choice and isinstance(result, str):
        return {"valueString": str(result)}
    raise TypeError("not an option")
