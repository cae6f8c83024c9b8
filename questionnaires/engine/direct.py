"""The direct path: common scores and conditions calculated without the FHIRPath evaluator, some hundred times faster.

Sums, means, counts and arithmetic over looked-up answers and variables are recognised by their syntax and become
plain functions. They give what FHIRPath gives (a property test compares the two) or raise `NotDirect`, and then
FHIRPath is asked. So nothing is decided here that FHIRPath would decide otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from .definition import AnswerValue
from .fhirpath import ExpressionError, Tree, mean, rounded
from .lookups import Lookup
from .syntax_shapes import chain_of, constant_of, function_of, invocation_of, member_of
from .values import decimal_of


class NotDirect(Exception):
    """The answers are such that FHIRPath itself must be asked."""


class View(Protocol):
    """The answers as an expression sees them."""

    def answers(self, lookup: Lookup) -> Sequence[tuple[AnswerValue, Decimal | None]]:
        """The answers of the items looked up, with the score of each. Raises NotDirect."""

    def variable(self, name: str) -> Sequence[Any]:
        """The value of `%name`, plain. Raises NotDirect where it is no simple value."""


Collection = list[Any]
Direct = Callable[[View], Collection]


def direct(tree: Tree, lookups: Sequence[Lookup]) -> Direct | None:
    """The function that an expression is, or None where it is none of the common forms."""
    try:
        return _compiled(tree, lookups)
    except (_NotCommon, RecursionError):
        return None


class _NotCommon(Exception):
    """The syntax is none of the common forms."""


def _compiled(node: Tree, lookups: Sequence[Lookup]) -> Direct:
    kind = node["type"]
    if kind in ("InvocationExpression", "TermExpression"):
        return _chain(node, lookups)
    children = node.get("children", ())
    operator = (node.get("terminalNodeText") or [""])[0]
    if kind == "PolarityExpression":
        return _signed(_compiled(children[0], lookups), operator)
    if len(children) == 2 and operator in _BINARY:
        left, right = (_compiled(child, lookups) for child in children)
        join = _BINARY[operator]
        return lambda view: join(left(view), right(view))
    raise _NotCommon


def _chain(node: Tree, lookups: Sequence[Lookup]) -> Direct:
    head, steps = chain_of(node)
    name = constant_of(head)
    start: Direct
    if name is not None and name.startswith("#"):
        start, steps = _answers(lookups[int(name[1:])], steps)
    elif name is not None:
        called = name
        start = lambda view: list(view.variable(called))  # noqa: E731
    else:
        start = _head(head, lookups)
    for step in steps:
        start = _step(start, step, lookups)
    return start


def _answers(lookup: Lookup, steps: list[Tree]) -> tuple[Direct, list[Tree]]:
    """`.answer`, `.answer.value`, `.answer.value.code` and their scores; and the steps that are left."""
    names = [member_of(step) for step in steps[:3]]
    if names[:1] != ["answer"]:
        raise _NotCommon
    if len(names) > 1 and names[1] == "value":
        if names[2:] == ["code"]:
            return lambda view: _codes(view.answers(lookup)), steps[3:]
        if _calls(steps[2:], "weight", "ordinal"):
            return lambda view: _weights(view.answers(lookup)), steps[3:]
        return lambda view: _values(view.answers(lookup)), steps[2:]
    if _calls(steps[1:], "weight", "ordinal"):
        return lambda view: _weights(view.answers(lookup)), steps[2:]
    if _calls(steps[1:], "count", "exists", "empty"):
        return lambda view: list(range(len(view.answers(lookup)))), steps[1:]
    raise _NotCommon


def _calls(steps: Sequence[Tree], *names: str) -> bool:
    called = function_of(steps[0]) if steps else None
    return called is not None and called[0] in names and not called[1]


def _values(answers: Sequence[tuple[AnswerValue, Decimal | None]]) -> Collection:
    values: Collection = []
    for answer, _ in answers:
        ((_name, value),) = answer.items()
        if isinstance(value, float):
            value = decimal_of(value)
        if isinstance(value, Mapping) or value is None:
            raise NotDirect
        values.append(value)
    return values


def _codes(answers: Sequence[tuple[AnswerValue, Decimal | None]]) -> Collection:
    codings = [answer.get("valueCoding") for answer, _ in answers]
    return [
        coding["code"]
        for coding in codings
        if isinstance(coding, Mapping) and isinstance(coding.get("code"), str)
    ]


def _weights(answers: Sequence[tuple[AnswerValue, Decimal | None]]) -> Collection:
    return [weight for _, weight in answers if weight is not None]


def _head(head: Tree, lookups: Sequence[Lookup]) -> Direct:
    invocation = invocation_of(head)
    if invocation is not None:
        called = function_of(invocation)
        if called is None or called[0] != "iif" or len(called[1]) not in (2, 3):
            raise _NotCommon
        return _iif([_compiled(parameter, lookups) for parameter in called[1]])
    inner = head["children"][0]
    if inner["type"] == "ParenthesizedTerm":
        return _compiled(inner["children"][0], lookups)
    if inner["type"] == "LiteralTerm" and inner.get("children"):
        value = _literal(inner["children"][0])
        return lambda _: list(value)
    raise _NotCommon


def _literal(node: Tree) -> Collection:
    match node["type"]:
        case "NumberLiteral":
            number = Decimal(node["text"])
            return [int(number)] if number == number.to_integral_value() else [number]
        case "BooleanLiteral":
            return [node["text"] == "true"]
        case "NullLiteral":
            return []
        case "StringLiteral" if "\\" not in node["text"]:
            return [node["text"][1:-1]]
    raise _NotCommon


def _iif(parts: Sequence[Direct]) -> Direct:
    condition, then, *otherwise = parts

    def choose(view: View) -> Collection:
        met = condition(view)
        if len(met) > 1 or (met and not isinstance(met[0], bool)):
            raise NotDirect
        if met and met[0]:
            return then(view)
        return otherwise[0](view) if otherwise else []

    return choose


def _step(left: Direct, step: Tree, lookups: Sequence[Lookup]) -> Direct:
    called = function_of(step)
    if called is None:
        raise _NotCommon
    name, parameters = called
    if name == "round" and len(parameters) < 2:
        places = _literal_number(parameters[0]) if parameters else 0
        return lambda view: [rounded(number, places) for number in _one_number(left(view))]
    if parameters or name not in _FUNCTIONS:
        raise _NotCommon
    function = _FUNCTIONS[name]
    return lambda view: function(left(view))


def _literal_number(node: Tree) -> int:
    text = str(node.get("text", ""))
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        raise _NotCommon
    return int(text)


# --- functions and operators over collections ---------------------------------------------------------------------


def _numbers(collection: Collection) -> Collection:
    for value in collection:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise NotDirect
    return collection


def _one_number(collection: Collection) -> Collection:
    if len(collection) > 1:
        raise NotDirect
    return _numbers(collection)


def _one_boolean(collection: Collection) -> bool | None:
    if not collection:
        return None
    if len(collection) > 1 or not isinstance(collection[0], bool):
        raise NotDirect
    return collection[0]


def _not(collection: Collection) -> Collection:
    value = _one_boolean(collection)
    return [] if value is None else [not value]


_FUNCTIONS: Mapping[str, Callable[[Collection], Collection]] = {
    "sum": lambda values: [sum(_numbers(values))],
    "avg": lambda values: mean(_numbers(values)),
    "min": lambda values: [min(_numbers(values))] if values else [],
    "max": lambda values: [max(_numbers(values))] if values else [],
    "count": lambda values: [len(values)],
    "exists": lambda values: [bool(values)],
    "empty": lambda values: [not values],
    "not": _not,
    "first": lambda values: values[:1],
}


def _arithmetic(calculate: Callable[[Any, Any], Any]) -> Callable[[Collection, Collection], Collection]:
    def join(left: Collection, right: Collection) -> Collection:
        if not left or not right:
            return []
        return [calculate(_one_number(left)[0], _one_number(right)[0])]

    return join


def _multiplied(left: Collection, right: Collection) -> Collection:
    # Unlike + and -, whose operands may be texts and dates, these look at both before either may be empty.
    numbers = [*_one_number(left), *_one_number(right)]
    return [numbers[0] * numbers[1]] if len(numbers) == 2 else []


def _divided(left: Collection, right: Collection) -> Collection:
    numbers = [*_one_number(left), *_one_number(right)]
    if len(numbers) < 2 or numbers[1] == 0:
        return []
    quotient = numbers[0] / numbers[1]
    # The evaluator divides whole numbers as floats and reads the result by its digits.
    return [decimal_of(quotient) if isinstance(quotient, float) else quotient]


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Collection, Collection], Collection]:
    def join(left: Collection, right: Collection) -> Collection:
        if not left or not right:
            return []
        if len(left) > 1 or len(right) > 1:
            raise ExpressionError(f"there are {max(len(left), len(right))} values to compare, not one")
        a, b = left[0], right[0]
        if not (isinstance(a, str) and isinstance(b, str)):
            _numbers([a, b])
        return [compare(a, b)]

    return join


def _equal(left: Collection, right: Collection) -> Collection:
    if not left or not right:
        return []
    if len(left) > 1 or len(right) > 1:
        raise NotDirect
    a, b = left[0], right[0]
    if isinstance(a, bool) is not isinstance(b, bool) or isinstance(a, str) is not isinstance(b, str):
        raise NotDirect
    return [a == b]


def _and(left: Collection, right: Collection) -> Collection:
    a, b = _one_boolean(left), _one_boolean(right)
    if a is False or b is False:
        return [False]
    return [] if a is None or b is None else [True]


def _or(left: Collection, right: Collection) -> Collection:
    a, b = _one_boolean(left), _one_boolean(right)
    if a or b:
        return [True]
    return [] if a is None or b is None else [False]


def _signed(operand: Direct, sign: str) -> Direct:
    def negated(view: View) -> Collection:
        values = _one_number(operand(view))
        if not values:
            raise NotDirect  # an error there
        return [-values[0]] if sign == "-" else values

    return negated


_BINARY: Mapping[str, Callable[[Collection, Collection], Collection]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _arithmetic(lambda a, b: a - b),
    "*": _multiplied,
    "/": _divided,
    "<": _compared(lambda a, b: a < b),
    "<=": _compared(lambda a, b: a <= b),
    ">": _compared(lambda a, b: a > b),
    ">=": _compared(lambda a, b: a >= b),
    "=": _equal,
    "!=": lambda left, right: [not same for same in _equal(left, right)],
    "and": _and,
    "or": _or,
}
