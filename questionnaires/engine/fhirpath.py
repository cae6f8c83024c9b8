"""FHIRPath itself: expressions parsed once, strictly, and run with bounds. What they mean for items is elsewhere.

The evaluator is `fhirpathpy`'s. Around it stands what clinical use needs and it does not have:

- its parser skips over what it does not understand and ignores what stands behind a complete expression, so that
  a misspelt score would silently be another score: `fhirpath_parser` reads the same grammar strictly, to the end;
- `weight()`/`ordinal()` and `answers()` (SDC), sums over answers, rounding half away from zero (FHIRPath 2.0,
  `round`: "0.5 or higher will round to 1"; the evaluator rounds half to even);
- `today()` and `now()` come from an argument, never from the machine's clock;
- patterns run with a time limit, `repeat()` and collections with a size limit, and nothing is printed.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from fhirpathpy.engine import do_eval
from fhirpathpy.engine.invocations import invocation_registry
from fhirpathpy.engine.nodes import FP_DateTime, FP_Time, ResourceNode
from fhirpathpy.engine.util import get_data
from fhirpathpy.models import models

from .fhirpath_parser import NotFhirPath, parse
from .fhirpath_parser import Tree as Tree
from .options import weight_of
from .regexes import PatternTime, compile_bounded

LONGEST_EXPRESSION = 20_000
MOST_RESULTS = 50_000
"""How many things, or characters of a text, an expression may give; forms need a few."""

ZONE: Final = ZoneInfo("Europe/Copenhagen")
"""Where `today()` is: the citizen's calendar."""


class ExpressionError(Exception):
    """An expression that cannot be read or run; its text says why, as the FHIRPath engine put it."""


class NoTimeGiven(ExpressionError):
    """The expression asks for the time, and the caller gave none."""


class Surroundings(Protocol):
    """What `%name` means where an expression runs."""

    def __contains__(self, name: str) -> bool: ...

    def __getitem__(self, name: str) -> Any: ...


# --- reading ------------------------------------------------------------------------------------------------------


class SyntaxStore(Protocol):
    """Somewhere that other processes look too, text by name; a dict will do."""

    def get(self, name: str) -> str | None:
        """The text, or None without one."""

    def __setitem__(self, name: str, text: str) -> None: ...


_shared: SyntaxStore | None = None


def share_syntax(store: SyntaxStore | None) -> None:
    """Keep parsed expressions in `store` too, where other processes find them.

    Reading a tree back costs a fraction of parsing. None stops sharing.
    """
    global _shared
    _shared = store


@lru_cache(maxsize=8192)
def syntax(text: str) -> Tree:
    """The parsed expression, which nobody may change. Raises ExpressionError."""
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(f"more than {LONGEST_EXPRESSION} characters")
    name = f"fhirpath-1-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    stored = _stored(name)
    if stored is not None:
        return stored
    try:
        tree = parse(text)
    except (NotFhirPath, RecursionError) as error:
        raise ExpressionError(reason(error)) from error
    if _shared is not None:
        with suppress(RecursionError):  # brackets too deep to be written down stay here
            _shared[name] = json.dumps(tree)
    return tree


def _stored(name: str) -> Tree | None:
    """The parsed expression that another process left, if it is one."""
    text = _shared.get(name) if _shared is not None else None
    try:
        tree = None if text is None else json.loads(text)
    except (ValueError, RecursionError):  # something else stands there: as if nothing did
        return None
    return tree if isinstance(tree, dict) and "type" in tree else None


def reason(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__


# --- running ------------------------------------------------------------------------------------------------------


def run_tree(
    tree: Tree,
    focus: Any,
    surroundings: Surroundings,
    now: datetime | None,
    patterns: PatternTime | None = None,
) -> list[Any]:
    """What a parsed expression gives, starting from `focus`; nodes of the response stay nodes.

    `patterns` is the time left for `matches()` and `replaceMatches()` of all expressions on one response.
    Raises ExpressionError, whatever an imported expression provokes in the evaluator.
    """
    context = {
        "dataRoot": [] if focus is None else [focus],
        "vars": surroundings,
        "model": models["r4"],
        "userInvocationTable": _FUNCTIONS,
        "now": now,
        "patterns": patterns or PatternTime(),
    }
    try:
        results = do_eval(context, context["dataRoot"], tree)
    except ExpressionError:
        raise
    except Exception as error:
        raise ExpressionError(reason(error)) from error
    results = results if isinstance(results, list) else [results]
    if len(results) > MOST_RESULTS or any(isinstance(r, str) and len(r) > MOST_RESULTS for r in results):
        raise ExpressionError(f"more than {MOST_RESULTS} results")
    return [result for result in results if result is not None]


def plain(results: list[Any]) -> list[Any]:
    """Results without the evaluator's wrapping: JSON values, and its own dates, times and quantities."""
    values = (get_data(result) for result in results)
    # A primitive's extension stands beside it as an object of its own; it is no result.
    return [value for value in values if not (isinstance(value, dict) and list(value) == ["extension"])]


def item_node(json_item: Mapping[str, Any]) -> ResourceNode:
    """An item of a response as the evaluator knows it, so that `answer.value` finds `valueInteger`."""
    node: ResourceNode = ResourceNode.create_node(json_item, "QuestionnaireResponse.item")
    return node


class Scored:
    """A primitive answer with a score, which `weight()` finds on it (FHIR keeps it in an extension beside it)."""

    weight: Decimal | None


class ScoredText(Scored, str):
    """A text with a score."""


class ScoredInteger(Scored, int):
    """A whole number with a score."""


class ScoredDecimal(Scored, Decimal):
    """A number with a score."""


# --- functions ----------------------------------------------------------------------------------------------------

Context = dict[str, Any]


def _weights(_: Context, nodes: list[Any]) -> list[Decimal]:
    weights = []
    for node in nodes:
        data = get_data(node)
        weight = None
        if isinstance(data, Mapping):
            weight = weight_of(data, data.get("valueCoding"))
        elif isinstance(data, Scored):
            weight = data.weight
        if weight is not None:
            weights.append(weight)
    return weights


def _answers(_: Context, nodes: list[Any]) -> list[ResourceNode]:
    """SDC's `answers()`: all answers of the items here and below, in the response's order."""
    found: list[ResourceNode] = []
    stack = [get_data(node) for node in reversed(nodes)]
    while stack:
        data = stack.pop()
        if not isinstance(data, Mapping):
            continue
        answers = [answer for answer in data.get("answer") or () if isinstance(answer, Mapping)]
        found.extend(
            ResourceNode.create_node(answer, "QuestionnaireResponse.item.answer") for answer in answers
        )
        for container in reversed([data, *answers]):
            stack.extend(reversed(container.get("item") or ()))
    return found


def _repeat(context: Context, nodes: list[Any], project: Callable[[Any], list[Any]]) -> list[Any]:
    """`repeat()`: each distinct thing once, nearest first; in linear time and with an end."""
    found: list[Any] = []
    seen: set[str] = set()
    waiting = deque(nodes)
    while waiting:
        for node in project(waiting.popleft()):
            mark = json.dumps(get_data(node), sort_keys=True, default=str)
            if mark not in seen:
                seen.add(mark)
                found.append(node)
                waiting.append(node)
        if len(found) > MOST_RESULTS:
            raise ExpressionError(f"repeat() gives more than {MOST_RESULTS} results")
    return found


def _matches(context: Context, nodes: list[Any], pattern: str) -> list[bool]:
    texts = [get_data(node) for node in nodes]
    if len(texts) != 1 or not isinstance(texts[0], str) or not isinstance(pattern, str):
        return []
    compiled = compile_bounded(pattern, re.DOTALL)
    time_left: PatternTime = context["patterns"]
    return [time_left.spend(lambda seconds: compiled.search(texts[0], timeout=seconds) is not None)]


def _replace_matches(context: Context, nodes: list[Any], pattern: str, replacement: str) -> list[str]:
    texts = [get_data(node) for node in nodes]
    if len(texts) != 1 or not all(isinstance(text, str) for text in (texts[0], pattern, replacement)):
        return []
    # FHIRPath writes groups as $1, the regex package as \1.
    written = re.sub(r"\$(\d+)", r"\\\1", replacement)
    compiled = compile_bounded(pattern)
    time_left: PatternTime = context["patterns"]
    return [time_left.spend(lambda seconds: compiled.sub(written, texts[0], timeout=seconds))]


def numbers_of(nodes: list[Any]) -> list[int | Decimal]:
    """The numbers of a collection. Raises ExpressionError where one is no number."""
    numbers = [get_data(node) for node in nodes]
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | Decimal):
            raise ExpressionError(f"a number was expected, not {type(number).__name__}")
    return numbers


def _least(_: Context, nodes: list[Any]) -> list[Any]:
    return [min(get_data(node) for node in nodes)] if nodes else []


def _greatest(_: Context, nodes: list[Any]) -> list[Any]:
    return [max(get_data(node) for node in nodes)] if nodes else []


def rounded(number: int | Decimal, places: int) -> Decimal:
    """The number to so many decimals, halves away from zero. Raises ExpressionError for a senseless precision."""
    if not 0 <= places <= 20:
        raise ExpressionError("round() takes from 0 to 20 decimals")
    try:
        return Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ExpressionError("a number too large to round") from error


def _round(_: Context, nodes: list[Any], places: Any = 0) -> list[Decimal]:
    numbers = numbers_of(nodes)
    if not numbers:
        return []
    if len(numbers) > 1:
        raise ExpressionError("round() takes one number")
    return [rounded(numbers[0], int(places) if not isinstance(places, list) else 0)]


def _moment(context: Context) -> datetime:
    now: datetime | None = context["now"]
    if now is None:
        raise NoTimeGiven("no time was given")
    return now.astimezone(ZONE)


def _comparison(sign: str) -> Mapping[str, Any]:
    """A comparison that says what is wrong where there are several values; the evaluator stumbles over saying it."""
    known: Mapping[str, Any] = invocation_registry[sign]  # type: ignore[assignment]

    def compare(context: Context, left: list[Any], right: list[Any]) -> Any:
        most = max(len(plain(side)) for side in (left, right))
        if left and right and most > 1:
            raise ExpressionError(f"there are {most} values to compare, not one")
        return known["fn"](context, left, right)

    return {**known, "fn": compare}


_FUNCTIONS: Mapping[str, Mapping[str, Any]] = {
    **{sign: _comparison(sign) for sign in ("<", "<=", ">", ">=")},
    "weight": {"fn": _weights, "arity": {0: []}},
    "ordinal": {"fn": _weights, "arity": {0: []}},
    "answers": {"fn": _answers, "arity": {0: []}},
    "repeat": {"fn": _repeat, "arity": {1: ["Expr"]}},
    "matches": {"fn": _matches, "arity": {1: ["String"]}},
    "replaceMatches": {"fn": _replace_matches, "arity": {2: ["String", "String"]}},
    "sum": {"fn": lambda _, nodes: [sum(numbers_of(nodes))], "arity": {0: []}},
    "avg": {"fn": lambda _, nodes: mean(numbers_of(nodes)), "arity": {0: []}},
    "min": {"fn": _least, "arity": {0: []}},
    "max": {"fn": _greatest, "arity": {0: []}},
    "round": {"fn": _round, "arity": {0: [], 1: ["Number"]}},
    "trace": {"fn": lambda _, nodes, *__: nodes, "arity": {0: [], 1: ["String"], 2: ["String", "Expr"]}},
    "today": {"fn": lambda context, _: [_moment(context).date().isoformat()], "arity": {0: []}},
    "now": {"fn": lambda context, _: [str(FP_DateTime(_moment(context).isoformat()))], "arity": {0: []}},
    "timeOfDay": {
        "fn": lambda context, _: [str(FP_Time(_moment(context).time().isoformat()))],
        "arity": {0: []},
    },
}


def mean(numbers: list[int | Decimal]) -> list[Decimal]:
    """The mean as a collection, empty for nothing."""
    return [Decimal(sum(numbers)) / len(numbers)] if numbers else []
