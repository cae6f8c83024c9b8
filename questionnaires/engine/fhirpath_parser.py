"""FHIRPath read into a tree (grammar: http://hl7.org/fhirpath/N1/grammar.html), in time linear in its length.

The tree is the one that `fhirpathpy` evaluates: its own parser, made by ANTLR, is right and takes a millisecond a
word, which an imported form could make into hours. A test holds the two against each other.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

Tree = dict[str, Any]
"""A node: its type, the words that are its own, sometimes its whole text, and the nodes below it."""

MOST_BRACKETS = 80
"""How many brackets, calls and signs may stand inside each other: the reader recurses once for each."""

LONGEST_CHAIN = 1_000
"""How many operators of a kind may follow each other: the evaluator recurses once for each."""


class NotFhirPath(ValueError):
    """What is wrong with an expression, after its line and column."""


_TOKEN = re.compile(
    r"""(?P<hidden>[ \r\n\t]+|/\*.*?\*/|//[^\r\n]*)
      | (?P<datetime>@[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?
            (?:Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?Z?)
      | (?P<time>@T[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<delimited>`(?:[^`\\]|\\.)*+`)
      | (?P<string>'(?:[^'\\]|\\.)*+')
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<special>\$(?:this|index|total))
      | (?P<sign><=|>=|!=|!~|[-+*/&|<>=~.,%(){}\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)

_PRECISIONS = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
_PLURALS = frozenset(f"{word}s" for word in _PRECISIONS)
_KEYWORDS = frozenset({"true", "false", "div", "mod", "and", "or", "xor", "implies", *_PRECISIONS, *_PLURALS})
"""Words that are no names. (`as`, `is`, `contains` and `in` are, where a name is expected.)"""

_OPERATORS = {
    **dict.fromkeys(("*", "/", "div", "mod"), (11, "MultiplicativeExpression")),
    **dict.fromkeys(("+", "-", "&"), (10, "AdditiveExpression")),
    "|": (9, "UnionExpression"),
    **dict.fromkeys(("<=", "<", ">", ">="), (8, "InequalityExpression")),
    **dict.fromkeys(("is", "as"), (7, "TypeExpression")),
    **dict.fromkeys(("=", "~", "!=", "!~"), (6, "EqualityExpression")),
    **dict.fromkeys(("in", "contains"), (5, "MembershipExpression")),
    "and": (4, "AndExpression"),
    **dict.fromkeys(("or", "xor"), (3, "OrExpression")),
    "implies": (2, "ImpliesExpression"),
}
"""How tightly each binds (the grammar's order), and the node it makes. All group to the left."""

_SIGNED = 12
_SPECIAL = {"$this": "ThisInvocation", "$index": "IndexInvocation", "$total": "TotalInvocation"}
_LITERALS = {"string": "StringLiteral", "datetime": "DateTimeLiteral", "time": "TimeLiteral"}


_LITERAL_KINDS = frozenset({"string", "number", "datetime", "time"})


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


def parse(text: str) -> Tree:
    """The tree of an expression. Raises NotFhirPath."""
    return _Parser(text).whole()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotFhirPath(
                f"{_where(text, place)} token recognition error at: '{text[place : place + 20]}'"
            )
        if match.lastgroup != "hidden":
            found.append(_Token(str(match.lastgroup), match[0], place))
        place = match.end()
    return [*found, _Token("end", "<EOF>", len(text))]


def _where(text: str, place: int) -> str:
    line = text.count("\n", 0, place) + 1
    return f"{line}:{place - (text.rfind(chr(10), 0, place) + 1) + 1}"


def _node(kind: str, own: list[str], children: list[Tree], text: str | None = None) -> Tree:
    node: Tree = {"type": kind, "terminalNodeText": own}
    if text is not None:
        node["text"] = text
    if children:
        node["children"] = children
    return node


def _is_truth(token: _Token) -> bool:
    return token.kind == "word" and token.text in ("true", "false")


def _is_identifier(token: _Token) -> bool:
    return token.kind == "delimited" or (token.kind == "word" and token.text not in _KEYWORDS)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._place = 0
        self._depth = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._tokens[self._place]
        self._place += 1
        return token

    def _take_sign(self, sign: str) -> None:
        if self._next.kind != "sign" or self._next.text != sign:
            raise self._wrong()
        self._place += 1

    def _wrong(self) -> NotFhirPath:
        return NotFhirPath(f"{_where(self._text, self._next.start)} unexpected '{self._next.text}'")

    def _since(self, start: int) -> str:
        """The words from a place to here, as the grammar's texts are: without what stands between them."""
        return "".join(token.text for token in self._tokens[start : self._place])

    def _is(self, sign: str) -> bool:
        return self._next.kind == "sign" and self._next.text == sign

    def whole(self) -> Tree:
        """The one expression that the text is."""
        tree = self._expression(0)
        if self._next.kind != "end":
            raise self._wrong()
        return tree

    def _inside(self, read: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > MOST_BRACKETS:
            raise NotFhirPath(
                f"{_where(self._text, self._next.start)} more than {MOST_BRACKETS} brackets deep"
            )
        found = read()
        self._depth -= 1
        return found

    def _expression(self, least: int) -> Tree:
        """An expression of operators that bind at least so tightly."""
        start = self._place
        if self._is("+") or self._is("-"):
            sign = self._take().text
            operand = self._inside(lambda: self._expression(_SIGNED))
            left = _node("PolarityExpression", [sign], [operand])
        else:
            left = self._postfixes(self._term(), start)
        for _ in range(LONGEST_CHAIN):
            operator = self._next
            tightness, kind = _OPERATORS.get(operator.text, (-1, ""))
            if operator.kind not in ("sign", "word") or tightness < max(least, 0):
                return left
            self._take()
            right = self._type() if kind == "TypeExpression" else self._expression(tightness + 1)
            left = _node(kind, [operator.text], [left, right])
            if kind == "TypeExpression":  # it ends in a name, and so may go on as names do: `a is B.exists()`
                left = self._postfixes(left, start)
        raise self._too_long()

    def _too_long(self) -> NotFhirPath:
        return NotFhirPath(f"{_where(self._text, self._next.start)} more than {LONGEST_CHAIN} steps in a row")

    def _postfixes(self, left: Tree, start: int) -> Tree:
        for _ in range(LONGEST_CHAIN):
            if self._is("."):
                self._take()
                invocation = self._invocation()
                left = _node("InvocationExpression", ["."], [left, invocation], self._since(start))
            elif self._is("["):
                self._take()
                index = self._inside(lambda: self._expression(0))
                self._take_sign("]")
                left = _node("IndexerExpression", ["[", "]"], [left, index])
            else:
                return left
        raise self._too_long()

    def _term(self) -> Tree:
        start = self._place
        token = self._next
        if self._is("("):
            self._take()
            inner = self._inside(lambda: self._expression(0))
            self._take_sign(")")
            term = _node("ParenthesizedTerm", ["(", ")"], [inner])
        elif self._is("%"):
            self._take()
            term = _node("ExternalConstantTerm", [], [self._constant()])
        elif self._is("{") or token.kind in _LITERAL_KINDS or _is_truth(token):
            term = self._literal_term()
        else:
            term = _node("InvocationTerm", [], [self._invocation()])
        return _node("TermExpression", [], [term], self._since(start))

    def _constant(self) -> Tree:
        if self._next.kind == "string":
            return _node("ExternalConstant", ["%", self._take().text], [])
        return _node("ExternalConstant", ["%"], [self._identifier()])

    def _literal_term(self) -> Tree:
        start = self._place
        token = self._take()
        own = [token.text]
        below: list[Tree] = []
        kind = _LITERALS.get(token.kind, "BooleanLiteral")
        if token.text == "{" and token.kind == "sign":
            self._take_sign("}")
            kind, own = "NullLiteral", ["{", "}"]
        elif token.kind == "number":
            unit = self._unit()
            kind = "NumberLiteral"
            if unit is not None:
                kind, own, below = "QuantityLiteral", [], [_node("Quantity", [token.text], [unit])]
        text = self._since(start)
        return _node("LiteralTerm", [], [_node(kind, own, below, text)], text)

    def _unit(self) -> Tree | None:
        token = self._next
        if token.kind == "string":
            return _node("Unit", [self._take().text], [])
        if token.kind == "word" and token.text in _PRECISIONS:
            return _node("Unit", [], [_node("DateTimePrecision", [self._take().text], [])])
        if token.kind == "word" and token.text in _PLURALS:
            return _node("Unit", [], [_node("PluralDateTimePrecision", [self._take().text], [])])
        return None

    def _invocation(self) -> Tree:
        if self._next.kind == "special":
            word = self._take().text
            return _node(_SPECIAL[word], [word], [])
        identifier = self._identifier()
        if not self._is("("):
            return _node("MemberInvocation", [], [identifier])
        self._take()
        children = [identifier]
        if not self._is(")"):
            children.append(self._inside(self._parameters))
        self._take_sign(")")
        return _node("FunctionInvocation", [], [_node("Functn", ["(", ")"], children)])

    def _parameters(self) -> Tree:
        parameters = [self._expression(0)]
        while self._is(","):
            self._take()
            parameters.append(self._expression(0))
        return _node("ParamList", [","] * (len(parameters) - 1), parameters)

    def _identifier(self) -> Tree:
        token = self._next
        if not _is_identifier(token):
            raise self._wrong()
        self._take()
        return _node("Identifier", [token.text], [], token.text)

    def _is_name(self, place: int) -> bool:
        """Is there a name, and not that of a function?"""
        after = self._tokens[place + 1] if place + 1 < len(self._tokens) else None
        is_call = after is not None and after.kind == "sign" and after.text == "("
        return _is_identifier(self._tokens[place]) and not is_call

    def _type(self) -> Tree:
        start = self._place
        names = [self._identifier()]
        while self._is(".") and self._is_name(self._place + 1):
            self._take()
            names.append(self._identifier())
        qualified = _node("QualifiedIdentifier", ["."] * (len(names) - 1), names)
        return _node("TypeSpecifier", [], [qualified], self._since(start))
