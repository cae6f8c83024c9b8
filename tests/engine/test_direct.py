"""The direct path of calculations gives what FHIRPath gives, or leaves the matter to it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine import Definition
from questionnaires.engine.direct import NotDirect
from questionnaires.engine.fhirpath import ExpressionError, plain, run_tree, syntax
from questionnaires.engine.settling import settled
from questionnaires.engine.sight import Standpoint
from tests.engine.small_forms import (
    answered,
    calculated,
    choice,
    coded,
    compiled,
    group,
    inside,
    question,
    response,
    variable,
)

relaxed = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LINKS = ("a", "b", "several", "n", "d", "t", "yes")


def form(expression: str) -> Definition:
    return compiled(
        group(
            "g",
            *(choice(link, "x", "y", "z", weights=(0, 1, 2.5)) for link in "ab"),
            choice("several", "x", "y", "z", weights=(1, 2, 3), repeats=True),
            question("n", "integer"),
            question("d", "decimal"),
            question("t", "string"),
            question("yes", "boolean"),
        ),
        question("out", "decimal", extension=[calculated(expression)]),
        extension=[
            variable("two", "2"),
            variable(
                "sum", "%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()"
            ),
        ],
    )


def both_ways(expression: str, filled: dict[str, Any]) -> tuple[Any, Any]:
    """What the direct path and FHIRPath give; an exception's type where they give none."""
    outcome = settled(form(expression), filled)
    ready = outcome.plan.calculating["out"]
    at = outcome.occurrences.by_link_id["out"][0]
    surroundings = Standpoint(outcome.sight, ready, at)
    assert ready.direct is not None, expression
    try:
        direct: Any = ready.direct(surroundings)
    except (NotDirect, ArithmeticError, ExpressionError) as error:
        direct = type(error)
    try:
        # The expression as it was written, not as it was read for look-ups.
        through: Any = plain(run_tree(syntax(expression), outcome.sight.whole(), surroundings, None))
    except ExpressionError as error:
        through = type(error)
    return direct, through


def same(direct: Any, through: Any) -> bool:
    if direct is NotDirect:
        return True
    if isinstance(direct, type) or isinstance(through, type):
        return isinstance(direct, type) and isinstance(through, type)
    return len(direct) == len(through) and all(
        type(one) is type(other) or {type(one), type(other)} <= {int, Decimal}
        for one, other in zip(direct, through, strict=True)
    ) and bool(direct == through)  # fmt: skip


WAYS = st.sampled_from(
    [
        "%resource.repeat(item).where(linkId in ({links})).answer",
        "%resource.descendants().where(linkId in ({links})).answer",
        "%resource.item.where(linkId = 'g').item.where(linkId in ({links})).answer",
    ]
)


@st.composite
def looked_up(draw: st.DrawFn) -> str:
    links = draw(st.lists(st.sampled_from(LINKS), min_size=1, max_size=4, unique=True))
    return draw(WAYS).format(links=" | ".join(f"'{link}'" for link in links))


@st.composite
def numbers(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(st.integers(0, 9 if depth else 4))
    match kind:
        case 0:
            return draw(st.sampled_from(["0", "1", "2.5", "100", "%two", "%sum", "{}"]))
        case 1 | 2:
            return f"{draw(looked_up())}.value.{draw(st.sampled_from(['weight()', 'ordinal()']))}" + draw(
                st.sampled_from([".sum()", ".avg()", ".min()", ".max()", ".count()", "", ".sum().round(1)"])
            )
        case 3:
            function = draw(st.sampled_from(["sum", "avg", "max", "count", "first"]))
            return f"{draw(looked_up())}.value.{function}()"
        case 4:
            return f"{draw(looked_up())}.count()"
        case 5 | 6 | 7:
            left, right = draw(numbers(depth - 1)), draw(numbers(depth - 1))
            return f"({left} {draw(st.sampled_from('+-*/'))} {right})"
        case 8:
            return f"iif({draw(truths(depth - 1))}, {draw(numbers(depth - 1))}, {draw(numbers(depth - 1))})"
    return f"iif({draw(truths(depth - 1))}, {draw(numbers(depth - 1))})"


@st.composite
def truths(draw: st.DrawFn, depth: int) -> str:
    match draw(st.integers(0, 5 if depth > 0 else 3)):
        case 0:
            return f"{draw(looked_up())}.{draw(st.sampled_from(['exists()', 'empty()']))}"
        case 1:
            return f"{draw(looked_up())}.value.code = '{draw(st.sampled_from('xyz'))}'"
        case 2:
            value = draw(st.sampled_from(["3", "2.5", "'ja'", "true"]))
            return f"{draw(looked_up())}.value = {value}"
        case 3:
            return f"{draw(looked_up())}.count() {draw(st.sampled_from(['=', '>=', '<', '!=']))} 2"
        case 4:
            return f"({draw(numbers(0))} {draw(st.sampled_from(['>', '<=', '=']))} {draw(numbers(0))})"
    joined = draw(st.sampled_from(["and", "or"]))
    return f"(({draw(truths(0))}).not() {joined} {draw(truths(0))})"


@st.composite
def fillings(draw: st.DrawFn) -> dict[str, Any]:
    codes = st.sampled_from("xyz").map(coded)
    values = {
        "a": codes,
        "b": codes,
        "n": st.integers(-5, 5).map(lambda number: {"valueInteger": number}),
        "d": st.sampled_from([0.1, 0.2, 2.5, -1.0, 3]).map(lambda number: {"valueDecimal": number}),
        "t": st.sampled_from(["ja", "nej"]).map(lambda text: {"valueString": text}),
        "yes": st.booleans().map(lambda truth: {"valueBoolean": truth}),
    }
    nodes = [answered(link, draw(strategy)) for link, strategy in values.items() if draw(st.booleans())]
    several = draw(st.lists(st.sampled_from("xyz"), max_size=3, unique=True))
    if several:
        nodes.append(answered("several", *map(coded, several)))
    return response(inside("g", *nodes)) if nodes else response()


@relaxed
@given(numbers(), fillings())
def test_the_direct_path_gives_what_fhirpath_gives(expression: str, filled: dict[str, Any]) -> None:
    direct, through = both_ways(expression, filled)
    assert same(direct, through), (expression, direct, through)


COMMON = "%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight()"


@pytest.mark.parametrize(
    "expression",
    [
        f"{COMMON}.sum()",
        f"{COMMON}.avg()",
        f"{COMMON}.sum() * 4",
        f"100 - {COMMON}.sum() / 3",
        f"(({COMMON}.sum() + {COMMON}.count()) / 2).round(1)",
        "(%two + %sum) / 2",
        "%resource.repeat(item).where(linkId = 'several').answer.count()",
        "iif(%sum.exists() and %sum > 2, 1, 0)",
    ],
)
def test_common_scores_take_the_direct_path(expression: str) -> None:
    outcome = settled(form(expression), response())
    assert outcome.plan.calculating["out"].direct is not None


@pytest.mark.parametrize(
    "expression",
    [
        "today()",
        f"{COMMON}.select($this + 1)",
        f"({COMMON} | 1).sum()",
        "%resource.item.count()",
        "'a\\'b'",
        "@2026",
    ],
)
def test_anything_else_is_left_to_fhirpath(expression: str) -> None:
    assert settled(form(expression), response()).plan.calculating["out"].direct is None


def test_equal_instances_of_a_repeating_group_count_once_for_repeat() -> None:
    """FHIRPath's repeat() gives distinct things; whoever wants each counted writes descendants()."""
    for way, total in (("repeat(item)", 3), ("descendants()", 6)):
        definition = compiled(
            group("g", question("n", "integer"), repeats=True),
            question(
                "out",
                "integer",
                extension=[calculated(f"%resource.{way}.where(linkId = 'n').answer.value.sum()")],
            ),
        )
        twice = response(*(inside("g", answered("n", {"valueInteger": 3})) for _ in range(2)))
        outcome = settled(definition, twice)
        assert outcome.occurrences.by_link_id["out"][0].calculated == {"valueInteger": total}
