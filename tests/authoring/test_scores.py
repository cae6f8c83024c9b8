"""A score gives what its rule says: the engine against plain Python, and the rule read back as it was made."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.authoring import moves, scores
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.authoring.scores import Band, Calculation, Missing, Part, Scoring
from questionnaires.authoring.tree import find
from questionnaires.engine import Definition, compile_questionnaire, evaluate, new_response, with_answers
from questionnaires.engine.direct import direct
from questionnaires.engine.plan import plan_of
from questionnaires.engine.score_bands import band_of, read_score_bands
from tests.engine.small_forms import choice, coded, form, group, question

SCORE = question("score", "integer", required=True)


def numbers(*link_ids: str, **score: Any) -> dict[str, Any]:
    return form(group("g", *(question(one, "integer") for one in link_ids)), SCORE | score)


def compiled(source: dict[str, Any]) -> Definition:
    compilation = compile_questionnaire(source)
    assert compilation.definition is not None
    assert not [issue.key for issue in compilation.issues if issue.is_error]
    return compilation.definition


def scored(source: dict[str, Any], answers: dict[str, list[dict[str, Any]]]) -> Decimal | None:
    definition = compiled(source)
    document = new_response(definition)
    for link_id, given_answers in answers.items():
        document = with_answers(definition, document, link_id, given_answers)
    return next((one.value for one in evaluate(definition, document).scores if one.link_id == "score"), None)


# --- any rule, any answers ----------------------------------------------------------------------------------------

WEIGHTS = st.decimals("0.1", "10", places=1) | st.sampled_from([Decimal(1), Decimal(2)])
POINTS = (0, 1, 2.5)
"""What the first options of a choice count; the last, “unknown”, counts nothing."""


@st.composite
def forms(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Numbers and choices, some below the answer of another, and the score before or behind them."""
    items: list[dict[str, Any]] = []
    for place in range(draw(st.integers(1, 6))):
        link_id = draw(st.sampled_from(("q", "b-2.c", "æ"))) + str(place)
        kind = draw(st.sampled_from(("integer", "decimal", "one", "several")))
        if kind in ("integer", "decimal"):
            items.append(question(link_id, kind))
        else:
            items.append(choice(link_id, "a", "b", "c", "unknown", weights=POINTS, repeats=kind == "several"))
    flat = list(items)
    if len(items) > 1 and not items[0].get("repeats") and draw(st.booleans()):
        below = items.pop()
        items[0] = items[0] | {"item": [below]}
        flat = [items[0], below, *items[1:]]
    return form(*draw(st.permutations([group("g", *items), SCORE]))), flat


@st.composite
def rules(draw: st.DrawFn, items: list[dict[str, Any]]) -> Scoring:
    chosen = draw(st.lists(st.sampled_from(items), min_size=1, unique_by=lambda item: str(item["linkId"])))
    order = [item for item in items if item in chosen]
    missing = draw(st.sampled_from(Missing))
    return Scoring(
        tuple(Part(item["linkId"], draw(WEIGHTS)) for item in order),
        draw(st.sampled_from(Calculation)),
        missing,
        draw(st.integers(1, len(order))) if missing is Missing.AT_LEAST else 0,
    )


def answers_to(item: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    if item["type"] == "integer":
        return st.integers(-20, 20).map(lambda number: [{"valueInteger": number}]) | st.just([])
    if item["type"] == "decimal":
        found = st.decimals(-20, 20, places=2).map(float)
        return found.map(lambda number: [{"valueDecimal": number}]) | st.just([])
    most = 4 if item.get("repeats") else 1
    codes = st.lists(st.sampled_from(("a", "b", "c", "unknown")), max_size=most, unique=True)
    return codes.map(lambda chosen: [coded(code) for code in chosen])


def points_of(item: dict[str, Any], answers: list[dict[str, Any]]) -> Decimal | None:
    """What the answers to one question count, None where nothing counts."""
    found = [
        Decimal(str(next(iter(answer.values()))))
        if "valueCoding" not in answer
        else dict(zip("abc", map(Decimal, map(str, POINTS)), strict=True)).get(answer["valueCoding"]["code"])
        for answer in answers
    ]
    counting = [number for number in found if number is not None]
    return sum(counting, Decimal(0)) if counting else None


def expected(rule: Scoring, points: dict[str, Decimal | None]) -> Decimal | None:
    """The rule, written down once more in plain words."""
    known = {part.question: points[part.question] for part in rule.parts}
    given_points = [number for number in known.values() if number is not None]
    needed = {Missing.ALL: len(rule.parts), Missing.AT_LEAST: rule.least, Missing.ZERO: 1}[rule.missing]
    if len(given_points) < needed:
        return None
    instead = Decimal(0)
    if rule.missing is Missing.AT_LEAST:
        instead = sum(given_points, Decimal(0)) / len(given_points)
    total = Decimal(0)
    for part in rule.parts:
        number = known[part.question]
        total += (instead if number is None else number) * part.weight
    if rule.calculation is Calculation.MEAN:
        total /= sum((part.weight for part in rule.parts), Decimal(0))
    return total


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_engine_gives_what_the_rule_says(data: st.DataObject) -> None:
    source, items = data.draw(forms())
    rule = data.draw(rules(items))
    answers = {item["linkId"]: data.draw(answers_to(item)) for item in items}
    below = items[0].get("item")
    if below and not answers[items[0]["linkId"]]:  # it can only be answered where its question is
        answers[below[0]["linkId"]] = []
    made = scores.with_score(source, "score", rule)

    found = scored(
        made, {link_id: given_answers for link_id, given_answers in answers.items() if given_answers}
    )

    wanted = expected(rule, {item["linkId"]: points_of(item, answers[item["linkId"]]) for item in items})
    if wanted is None or found is None:
        assert found == wanted
    else:
        assert abs(found - wanted) < Decimal("1e-9")


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_rule_is_read_back_as_it_was_made(data: st.DataObject) -> None:
    source, items = data.draw(forms())
    rule = data.draw(rules(items))
    made = scores.with_score(source, "score", rule)
    assert scores.score_rule_of(made, "score") == rule
    assert scores.with_score(made, "score", rule) == made


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_every_rule_is_calculated_directly(data: st.DataObject) -> None:
    source, items = data.draw(forms())
    definition = compiled(scores.with_score(source, "score", data.draw(rules(items))))
    ready = plan_of(definition).calculating["score"]
    assert direct(ready.tree, ready.lookups) is not None
    assert not ready.sees_all


# --- single rules -------------------------------------------------------------------------------------------------


def test_a_number_becomes_a_hidden_decimal_that_nobody_answers() -> None:
    before = numbers("a", "b")
    made = scores.with_score(before, "score", Scoring((Part("a"), Part("b"))))
    item = compiled(made).by_link_id["score"]
    assert (item.type, item.hidden, item.read_only, item.is_asked) == ("decimal", True, True, False)
    assert before == numbers("a", "b"), "what it was given stays as it was"
    assert find(scores.without_score(made, "score"), "score").get("extension") is None


def test_a_score_of_scores_and_no_circle() -> None:
    source = form(question("a", "integer"), question("one", "integer"), question("score", "integer"))
    source = scores.with_score(source, "one", Scoring((Part("a"),)))
    source = scores.with_score(source, "score", Scoring((Part("one", Decimal(2)),)))
    assert scored(source, {"a": [{"valueInteger": 4}]}) == 8
    assert [item["linkId"] for item in scores.questions_for(source, "one")] == ["a"]
    with pytest.raises(ValueError, match="score cannot count"):
        scores.with_score(source, "one", Scoring((Part("score"),)))


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 1",
        "%resource.repeat(item).where(linkId in ('a')).answer.value.sum()",
        "iif(true, (%resource.repeat(item).where(linkId in ('a')).answer.value.sum()), {})",
        "iif(%resource.repeat(item).where(linkId in ('a')).answer.count() = 2,"
        " (%resource.repeat(item).where(linkId in ('a')).answer.value.sum()), {})",
    ],
)
def test_an_expression_that_says_anything_else_is_not_ours(expression: str) -> None:
    source = scores.with_score(numbers("a"), "score", Scoring((Part("a"),)))
    [calculated] = [one for one in find(source, "score")["extension"] if "valueExpression" in one]
    calculated["valueExpression"]["expression"] = expression
    assert scores.score_rule_of(source, "score") is None


def test_the_demo_forms_keep_their_own_expressions(demo_scores: list[tuple[dict[str, Any], str]]) -> None:
    assert demo_scores
    for source, link_id in demo_scores:
        assert scores.is_score(find(source, link_id))
        assert scores.score_rule_of(source, link_id) is None


@pytest.fixture
def demo_scores() -> list[tuple[dict[str, Any], str]]:
    import json
    from pathlib import Path

    import kommunalpro.demo as demo
    from questionnaires.authoring.tree import walk

    files = sorted((Path(demo.__file__).parent / "questionnaires").glob("*.json"))
    sources = [json.loads(file.read_text()) for file in files]
    return [
        (source, item["linkId"]) for source in sources for _, item in walk(source) if scores.is_score(item)
    ]


def test_what_is_answered_several_times_or_counts_nothing_cannot_be_chosen() -> None:
    source = form(
        group("rows", question("in-rows", "integer"), repeats=True),
        question("many", "integer", repeats=True),
        question("text"),
        choice("without-points", "a", "b"),
        choice("with-points", "a", "b", weights=(0, 1)),
        question("it's", "integer"),
        SCORE,
    )
    assert [item["linkId"] for item in scores.questions_for(source, "score")] == ["with-points"]


@pytest.mark.parametrize(
    "said",
    [
        {"parts": ()},
        {"parts": (Part("a"), Part("a"))},
        {"parts": (Part("a", Decimal(0)),)},
        {"parts": (Part("a", Decimal(-1)),)},
        {"parts": (Part("a"),), "missing": Missing.AT_LEAST},
        {"parts": (Part("a"),), "missing": Missing.AT_LEAST, "least": 2},
        {"parts": (Part("a"),), "least": 1},
    ],
)
def test_a_rule_that_nobody_could_calculate_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Scoring(**said)


# --- bands --------------------------------------------------------------------------------------------------------

MILD = Band(Decimal(0), Decimal(9), "Let", "Du har få smerter.")
SEVERE = Band(Decimal(10), Decimal("20.5"), "Svær")


def test_bands_are_named_for_staff_and_tell_the_citizen() -> None:
    source = scores.with_score(numbers("a"), "score", Scoring((Part("a"),)))
    made = scores.with_bands(source, "score", [SEVERE, MILD])
    assert scores.bands_of(find(made, "score")) == (MILD, SEVERE)
    definition = compiled(made)
    document = with_answers(definition, new_response(definition), "a", [{"valueInteger": 9}])
    assert [one.text for one in evaluate(definition, document).feedback] == ["Du har få smerter."]
    bands = read_score_bands(find(made, "score"))
    assert [getattr(band_of(bands, Decimal(number)), "name", "") for number in (0, 9, 10, 21)] == [
        "Let",
        "Let",
        "Svær",
        "",
    ]
    assert find(scores.with_bands(made, "score", ()), "score") == find(source, "score")


@pytest.mark.parametrize(
    "bands",
    [
        [MILD, Band(Decimal(9), Decimal(12), "Svær")],
        [Band(Decimal(3), Decimal(2), "Bagvendt")],
        [Band(Decimal(1), Decimal(2))],
    ],
    ids=["overlap", "backwards", "says nothing"],
)
def test_bands_that_say_nothing_clear_are_refused(bands: list[Band]) -> None:
    with pytest.raises(ValueError, match=r"."):
        scores.with_bands(numbers("a"), "score", bands)


def test_an_answer_that_counts_nothing_is_a_missing_one() -> None:
    """“Ved ikke” has no points: it must not silently count as 0."""
    source = form(
        choice("a", "no", "yes", "unknown", weights=(0, 4)),
        choice("b", "no", "yes", "unknown", weights=(0, 4)),
        SCORE,
    )
    both = (Part("a"), Part("b"))
    answers = {"a": [coded("yes")], "b": [coded("unknown")]}
    for rule, wanted in (
        (Scoring(both, missing=Missing.ALL), None),
        (Scoring(both, missing=Missing.AT_LEAST, least=1), 8),
        (Scoring(both, missing=Missing.ZERO), 4),
    ):
        assert scored(scores.with_score(source, "score", rule), answers) == wanted


# --- where the questions stand ------------------------------------------------------------------------------------

ASKED = question("sick", "boolean", item=[group("n", question("x", "string"))])
EACH = group("rows", question("y", "string"), repeats=True)
SEVERAL = choice("many", "a", "b", "c", weights=POINTS, repeats=True)


@pytest.mark.parametrize("missing", Missing)
@pytest.mark.parametrize(
    ("moved", "by", "side"),
    [
        pytest.param("b", "a", moves.Side.BEFORE, id="in another order"),
        pytest.param("b", "n", moves.Side.INSIDE, id="below an answer"),
        pytest.param("g", "n", moves.Side.INSIDE, id="all of them"),
        pytest.param("many", "n", moves.Side.INSIDE, id="one with several answers"),
    ],
)
def test_a_score_finds_its_questions_wherever_they_are_moved(
    missing: Missing, moved: str, by: str, side: moves.Side
) -> None:
    source = form(group("g", question("a", "integer"), question("b", "integer"), SEVERAL), ASKED, SCORE)
    least = 2 if missing is Missing.AT_LEAST else 0
    rule = Scoring((Part("a"), Part("b", Decimal(2)), Part("many")), Calculation.SUM, missing, least)
    made = scores.with_score(source, "score", rule)
    after = moves.moved_to(made, moved, by=by, side=side)
    told = {
        "a": [{"valueInteger": 1}],
        "b": [{"valueInteger": 2}],
        "many": [coded("b"), coded("c")],
        "sick": [{"valueBoolean": True}],
    }
    assert scored(made, told) == scored(after, told) == Decimal("8.5")
    known = scores.score_rule_of(after, "score")
    assert known is not None
    assert set(known.parts) == set(rule.parts)
    if by == "a":
        assert find(after, "score") == find(made, "score"), "the order says nothing"


def test_what_a_score_counts_is_not_moved_into_rows() -> None:
    source = form(group("g", question("a", "integer"), SEVERAL), EACH, SCORE)
    made = scores.with_score(source, "score", Scoring((Part("a"), Part("many"))))
    for moved in ("a", "many", "g"):
        with pytest.raises(CannotDo) as refusal:
            moves.moved_to(made, moved, by="rows", side=moves.Side.INSIDE)
        assert refusal.value.reason is Reason.ONE_ANSWER_NEEDED
        moves.moved_to(source, moved, by="rows", side=moves.Side.INSIDE)


@pytest.mark.parametrize(
    "expression",
    [
        "iif({a}.answer.exists() and {b}.answer.count() = 2, ({a}.answer.value.sum()), {{}})",
        "iif({ab}.answer.count() = 1, ({ab}.answer.value.sum()), {{}})",
        "iif({ab}.answer.count() = 2, ({ab}.answer.value.sum() + {a}.answer.value.sum()), {{}})",
        "iif({ab}.answer.exists() and {b}.answer.exists(), ({ab}.answer.value.sum()), {{}})",
        "iif({a}.answer.exists() or {b}.answer.count() = 1, ({ab}.answer.value.sum()), {{}})",
        "iif({ab}.answer.count() = 2, ({ab}.answer.value.sum() - 1), {{}})",
        "iif({ab}.answer.count() = 2 , ({ab}.answer.value.sum()), {{}})",
        "{ab}.answer.value.sum()",
    ],
)
def test_what_says_something_else_is_not_ours(expression: str) -> None:
    ways = {name: f"%resource.repeat(item).where(linkId in ({links}))" for name, links in {
        "a": "'a'", "b": "'b'", "ab": "'a' | 'b'",
    }.items()}  # fmt: skip
    made = scores.with_score(numbers("a", "b"), "score", Scoring((Part("a"), Part("b"))))
    part = find(made, "score")["extension"]
    (one,) = [each for each in part if "valueExpression" in each]
    one["valueExpression"] = {"language": "text/fhirpath", "expression": expression.format(**ways)}
    assert scores.score_rule_of(made, "score") is None
