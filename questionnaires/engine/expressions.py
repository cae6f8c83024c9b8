"""FHIRPath for calculated answers: parsed once, run over a response, and turned into an answer.

`weight()` and its older name `ordinal()` give the score of the chosen option (SDC). Scores are found because
`result.response_tree` writes each option's score onto the answer before an expression sees it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import fhirpathpy
import regex  # type: ignore[import-untyped, unused-ignore]
from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker, Token  # type: ignore[import-untyped, unused-ignore]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped, unused-ignore]
from fhirpathpy.engine.util import get_data
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from .definition import VALUE_NAMES, AnswerValue, Expression, Item, ItemType, Option
from .options import weight_of
from .reading import WEIGHTS
from .values import MAX_INTEGER, date_of, date_time_of, decimal_of, json_number, time_of

LONGEST_EXPRESSION = 20_000
PATTERN_SECONDS = 0.1
"""How long a pattern of an imported form may take on one text."""

WEIGHT_URL = WEIGHTS[1]


class ExpressionError(Exception):
    """An expression that cannot be read or run; its text says why, as the FHIRPath engine put it."""


def _weights(nodes: list[Any], *_: Any) -> list[Decimal]:
    weights = []
    for node in nodes:
        data = get_data(node)
        if isinstance(data, Mapping):
            weight = weight_of(data, data.get("valueCoding"))
            if weight is not None:
                weights.append(weight)
    return weights


def _matches(nodes: list[Any], pattern: str) -> list[bool]:
    """FHIRPath's `matches()` with a time limit: patterns come from imported forms."""
    texts = [get_data(node) for node in nodes]
    if len(texts) != 1 or not isinstance(texts[0], str):
        return []
    return [regex.search(pattern, texts[0], regex.DOTALL, timeout=PATTERN_SECONDS) is not None]


_FUNCTIONS = {
    "weight": {"fn": _weights, "arity": {0: []}},
    "ordinal": {"fn": _weights, "arity": {0: []}},
    "matches": {"fn": _matches, "arity": {1: ["String"]}},
}

Parsed = Callable[[Mapping[str, Any], Mapping[str, Any]], list[Any]]


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """The expression ready to run. Raises ExpressionError."""
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"more than {LONGEST_EXPRESSION} characters")
    try:
        tree = _syntax_tree(text)
    except Exception as error:  # the parser raises bare exceptions, and RecursionError on deep brackets
        raise ExpressionError(_reason(error)) from error

    def evaluate(resource: Mapping[str, Any], variables: Mapping[str, Any]) -> list[Any]:
        results = fhirpathpy.apply_parsed_path(
            resource, tree, variables, models["r4"], {"userInvocationTable": _FUNCTIONS}
        )
        return results if isinstance(results, list) else [results]

    return evaluate


class _Strict(ErrorListener):  # type: ignore[misc]
    """Raises at the first thing that is not FHIRPath."""

    def syntaxError(  # noqa: N802 - the parser generator's name
        self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any
    ) -> None:
        # What else the grammar would have taken there is a long list that helps nobody.
        raise ExpressionError(f"{line}:{column + 1} {message.partition(' expecting ')[0]}")


def _syntax_tree(text: str) -> Any:
    """The expression as fhirpathpy's evaluator wants it.

    fhirpathpy's own `compile` skips over what it does not understand and ignores what stands after it, so that a
    misspelt score would silently be another score. Hence the same parser, but strict and to the end.
    """
    lexer = FHIRPathLexer(InputStream(text))
    tokens = CommonTokenStream(lexer)
    parser = FHIRPathParser(tokens)
    for recogniser in (lexer, parser):
        recogniser.removeErrorListeners()
        recogniser.addErrorListener(_Strict())
    expression = parser.expression()
    rest = tokens.LT(1)
    if rest.type != Token.EOF:
        raise ExpressionError(f"{rest.line}:{rest.column + 1} unexpected '{rest.text}'")
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, expression)
    return listener.parentStack[0]


def run(text: str, resource: Mapping[str, Any], questionnaire: Mapping[str, Any]) -> list[Any]:
    """What the expression gives for this response. Raises ExpressionError."""
    parsed = parse(text)
    try:
        return parsed(resource, {"resource": resource, "context": resource, "questionnaire": questionnaire})
    except Exception as error:  # whatever an imported expression provokes in the FHIRPath engine
        raise ExpressionError(_reason(error)) from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def calculate(
    expression: Expression, item: Item, resource: Mapping[str, Any], questionnaire: Mapping[str, Any]
) -> AnswerValue | None:
    """The item's calculated answer; None where the expression gives nothing.

    Raises ExpressionError where it fails, and TypeError where its result does not fit the item.
    """
    results = [result for result in run(expression.text, resource, questionnaire) if result is not None]
    if not results:
        return None
    if len(results) > 1:
        raise TypeError(f"{len(results)} values")
    return _answer(results[0], item)


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
            return {VALUE_NAMES[item.type]: result}
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
        return {"valueString": result}
    raise TypeError("not an option")
