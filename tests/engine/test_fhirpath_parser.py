"""Our reader of FHIRPath gives the very tree that fhirpathpy's own gives, in a fraction of the time."""

import sys
from typing import Any

import pytest
from antlr4 import CommonTokenStream, InputStream, ParseTreeWalker, Token  # type: ignore[import-untyped, unused-ignore]
from antlr4.error.ErrorListener import ErrorListener  # type: ignore[import-untyped, unused-ignore]
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.engine.fhirpath_parser import NotFhirPath, parse


class Strict(ErrorListener):  # type: ignore[misc, unused-ignore]
    def syntaxError(self, *facts: Any) -> None:  # noqa: N802 - the parser generator's name
        raise NotFhirPath(facts)


def parse_with_antlr(text: str) -> Any:
    """The tree of fhirpathpy's parser, read strictly and to the end."""
    lexer = FHIRPathLexer(InputStream(text))
    tokens = CommonTokenStream(lexer)
    parser = FHIRPathParser(tokens)
    for recogniser in (lexer, parser):
        recogniser.removeErrorListeners()
        recogniser.addErrorListener(Strict())
    expression = parser.expression()
    if tokens.LT(1).type != Token.EOF:
        raise NotFhirPath("more behind it")
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, expression)
    return listener.parentStack[0]["children"][0]


def outcome(read: Any, text: str) -> Any:
    try:
        return read(text)
    except NotFhirPath:
        return "refused"


@pytest.mark.parametrize(
    "text",
    [
        "a.b(1, 'x')[2] + -$this is Quantity",
        "%`x y` as FHIR.string = %'a b' and %resource.item.where(linkId = 'a').answer.value.exists()",
        "5 'kg' > 3 days or {} ~ 1 year xor @2020-01 <= @T10:30 implies true",
        "a | b in c & d contains e div f mod 2.50 !~ $index",
        "(a as Quantity).value * $total // what remains\n /* is a comment */ - 1",
        "iif(a is Quantity[0].exists(), contains.as, `in`)",
        "a is B.where(true).c",
        "@2026-11-23T10:00:00.123+01:00 = now()",
        "'it''s'", "a..b", "a b", "(a", "a)", "a(,)", "1.", "day", "a.day", "{1}", "%", "$that", "'open", "§", "",
        "a +", "a is 1", "a[", "f(1 2)",
    ],
)  # fmt: skip
def test_both_readers_agree(text: str) -> None:
    assert outcome(parse, text) == outcome(parse_with_antlr, text)


TERMS = [
    "a",
    "'x'",
    "1",
    "2.5",
    "$this",
    "%x",
    "{}",
    "true",
    "5 days",
    "3 'kg'",
    "@2020-01-01",
    "`b c`",
    "f()",
    "in",
]
WORDS = ["div", "mod", "in", "contains", "and", "or", "xor", "implies"]
OPERATORS = ["+", "-", "*", "/", "&", "|", "<", "<=", ">", ">=", "=", "!=", "~", "!~", *WORDS]


def longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(" ".join),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, st.sampled_from(["Quantity", "FHIR.string", "`x`.y"])).map(" is ".join),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}.where({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"{two[0]}[{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"iif({two[0]}, {two[1]})"),
    )


@given(st.recursive(st.sampled_from(TERMS), longer, max_leaves=8))
def test_both_readers_agree_on_any_expression(text: str) -> None:
    assert outcome(parse, text) == outcome(parse_with_antlr, text)


@given(st.lists(st.sampled_from([*TERMS, *OPERATORS, *"()[].,{}%", "as", "is"]), max_size=8).map(" ".join))
def test_both_readers_refuse_the_same(text: str) -> None:
    assert outcome(parse, text) == outcome(parse_with_antlr, text)


def test_a_mistake_is_found_where_it_is() -> None:
    with pytest.raises(NotFhirPath, match=r"2:3 unexpected '\)'"):
        parse("a +\n  )")
    with pytest.raises(NotFhirPath, match="1:5 token recognition error"):
        parse("a = §")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 500 + "a" + ")" * 500, "brackets deep"),
        ("-" * 500 + "a", "brackets deep"),
        ("f(" * 500 + "a" + ")" * 500, "brackets deep"),
        ("a" + ".a" * 5000, "steps in a row"),
        ("1" + " + 1" * 5000, "steps in a row"),
    ],
)
def test_what_could_exhaust_the_evaluator_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NotFhirPath, match=reason):
        parse(text)


def test_length_costs_no_more_than_length() -> None:
    def steps(count: int) -> int:
        """How many functions are called: unlike seconds, the same on a busy machine."""
        text = " and ".join(f"(a{n} + 1 = 'x')" for n in range(count))
        called = 0

        def note(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal called
            called += event == "call"

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            parse(text)
        finally:
            sys.setprofile(before)
        return called

    assert steps(280) < 11 * steps(28)
