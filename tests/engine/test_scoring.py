"""What follows from answers: scores with their rules, colours for staff, words for the citizen."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine import Colour, Definition, conclude, evaluate, finish, most_serious, scores
from questionnaires.engine.extension_urls import CALCULATED
from questionnaires.engine.score_rules import SCORE_MISSING
from tests.engine.small_forms import (
    answered,
    calculated,
    choice,
    coded,
    compiled,
    extension,
    group,
    inside,
    question,
    response,
    variable,
    when,
)

FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
LINKS = "abcde"
QUESTIONS = "%resource.repeat(item).where(linkId in ('a' | 'b' | 'c' | 'd' | 'e')).answer"
SUM, MEAN = f"{QUESTIONS}.value.weight().sum()", f"{QUESTIONS}.value.weight().avg()"
SUM_BY_FHIRPATH = f"{QUESTIONS}.value.select(weight()).aggregate($this + $total, 0)"  # no direct path
SUM_IF_ALL = f"iif({QUESTIONS}.count() = 5, {SUM}, {{}})"


def rule(
    share: float | None = None, count: int | None = None, replacement: str = "", *items: str
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": "item", "valueString": item} for item in items]
    if share is not None:
        parts.append({"url": "minimumShare", "valueDecimal": share})
    if count is not None:
        parts.append({"url": "minimumAnswered", "valueInteger": count})
    if replacement:
        parts.append({"url": "replacement", "valueCode": replacement})
    return {"url": SCORE_MISSING, "extension": parts}


def instrument(expression: str, *extensions: dict[str, Any], **rest: Any) -> Definition:
    return compiled(
        group("g", *(choice(link, "0", "1", "2", "3", weights=(0, 1, 2, 3)) for link in LINKS)),
        question("score", "decimal", extension=[calculated(expression), *extensions], **rest),
    )


def answers(*codes: str) -> dict[str, Any]:
    return response(
        inside(
            "g",
            *(answered(link, coded(code)) for link, code in zip(LINKS, codes, strict=False) if code != "-"),
        )
    )


@pytest.mark.parametrize(
    ("expression", "missing", "given", "value"),
    [
        (SUM, [], "3210-", "6"),
        (SUM, [rule(0.8)], "3210-", "6"),
        (SUM, [rule(0.8)], "321--", None),
        (SUM, [rule(0.8, None, "mean")], "3210-", "7.5"),
        (SUM, [rule(0.8, None, "mean")], "32100", "6"),
        (SUM, [rule(0.8, None, "mean")], "321--", None),
        (SUM, [rule(0.5, None, "mean")], "321--", "10"),
        (SUM, [rule(0.5, 4, "mean")], "321--", None),
        (SUM, [rule(None, 1, "zero")], "3----", "3"),
        (SUM, [rule(None, 1, "mean")], "3----", "15"),
        (SUM, [rule(None, 1, "mean")], "-----", None),
        (SUM, [rule(0, 0, "mean")], "-----", "0"),
        (MEAN, [rule(0.8, None, "mean")], "3210-", "1.5"),
        (MEAN, [rule(0.6)], "33---", None),
        (f"{SUM} * 4", [rule(0.8, None, "mean")], "3210-", "30"),
        (SUM_IF_ALL, [], "3210-", None),
        (SUM_IF_ALL, [rule(0.8, None, "mean")], "3210-", "7.5"),
        (SUM_BY_FHIRPATH, [rule(0.8, None, "mean")], "3210-", "7.5"),
        ("%resource.answers().value.weight().sum()", [rule(0.8, None, "mean")], "3210-", "7.5"),
        (SUM, [rule(1, None, "mean", "a", "b")], "32---", "5"),
        (SUM, [rule(1, None, "", "a", "b")], "3-000", None),
        (SUM, [rule(9, None, "fantasy")], "33333", "15"),
        (SUM, [rule(-1, None)], "3----", "3"),
        (SUM, [{"url": SCORE_MISSING}], "3----", "3"),
    ],
)
def test_rules_for_missing_answers(
    expression: str, missing: list[dict[str, Any]], given: str, value: str | None
) -> None:
    definition = instrument(expression, *missing)
    evaluation = evaluate(definition, answers(*given))
    assert [score.value for score in evaluation.scores] == ([Decimal(value)] if value else [])
    assert len(evaluation.withheld_scores) == (0 if value else 1)


def test_a_withheld_score_says_why_and_is_no_fault_of_the_response() -> None:
    evaluation = evaluate(instrument(SUM, rule(0.8)), answers("3", "2"))
    (withheld,) = evaluation.withheld_scores
    assert (withheld.link_id, withheld.name, withheld.reason.key) == (
        "score",
        "Spørgsmål score",
        "score.missing-answers",
    )
    assert withheld.reason.text() == (
        "Scoren kan ikke beregnes: 2 af 5 spørgsmål er besvaret, og mindst 4 skal være det."
    )
    assert evaluation.issues == ()
    empty = evaluate(instrument(SUM_IF_ALL), answers("3"))
    assert [one.reason.key for one in empty.withheld_scores] == ["score.no-value"]
    failing = evaluate(instrument("1 | 2"), answers("3"))
    assert [one.reason.key for one in failing.withheld_scores] == ["expression.type"]


def test_a_score_says_what_it_is_made_of() -> None:
    definition = instrument(
        SUM,
        rule(0.8, None, "mean"),
        extension("minValue", valueDecimal=0),
        extension("maxValue", valueDecimal=15),
        extension("questionnaire-unit", valueCoding={"code": "p", "display": "point"}),
    )
    (score,) = scores(definition, answers("3", "2", "1", "0"))
    assert (score.name, score.value, score.unit) == ("Spørgsmål score", Decimal("7.5"), "point")
    assert (score.minimum, score.maximum) == (Decimal(0), Decimal(15))
    assert (score.items, score.unanswered, score.is_estimated) == (("a", "b", "c", "d"), ("e",), True)
    (whole,) = scores(definition, answers(*"33333"))
    assert (whole.unanswered, whole.is_estimated) == ((), False)


def test_a_score_of_what_is_not_asked_is_neither_given_nor_withheld() -> None:
    definition = compiled(
        question("a", "boolean"),
        question(
            "score", "integer", extension=[calculated("1")], enableWhen=[when("a", "=", answerBoolean=True)]
        ),
    )
    evaluation = evaluate(definition, response())
    assert (evaluation.scores, evaluation.withheld_scores) == ((), ())


def test_answers_not_asked_for_count_as_missing() -> None:
    definition = compiled(
        question("gate", "boolean"),
        group(
            "g",
            *(choice(link, "0", "3", weights=(0, 3)) for link in "abcd"),
            choice("e", "0", "3", weights=(0, 3), enableWhen=[when("gate", "=", answerBoolean=True)]),
        ),
        question("score", "decimal", extension=[calculated(SUM), rule(0.8, None, "mean")]),
    )
    (score,) = evaluate(definition, answers("3", "3", "3", "3", "0")).scores
    assert (score.value, list(score.unanswered)) == (Decimal(15), ["e"])


def test_everything_follows_from_one_conclusion() -> None:
    definition = instrument(SUM, rule(0.8, None, "mean"))
    draft = answers("3", "2", "1", "0")
    result = conclude(definition, draft)
    assert result.response == finish(definition, draft)
    assert result.scores == evaluate(definition, draft).scores
    # The score of a finished response is the same when it is calculated again.
    assert conclude(definition, result.response).response == result.response
    assert (result.significance, result.feedback, result.withheld_scores) == ((), (), ())


def significance(colour: str, *conditions: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {
            "url": f"{FUT}ehealth-answer-Condition",
            "extension": [{"url": "value", **value}, {"url": "operator", "valueCode": operator}],
        }
        for operator, value in conditions
    ]
    system = "http://ehealth.sundhed.dk/cs/questionnaire-item-significance-indicator"
    parts.append({"url": "significance", "valueCoding": {"system": system, "code": colour}})
    return {"url": f"{FUT}ehealth-questionnaire-answerSignificance", "extension": parts}


def number(value: int) -> dict[str, Any]:
    return {"valueInteger": value}


INTERVALS = (
    significance("green", ("<", number(3))),
    significance("yellow", (">=", number(3)), ("<", number(7))),
    significance("red", (">=", number(7))),
)


@pytest.mark.parametrize(
    ("type_", "rules", "answer", "colour"),
    [
        ("integer", INTERVALS, number(2), "green"),
        ("integer", INTERVALS, number(3), "yellow"),
        ("integer", INTERVALS, number(6), "yellow"),
        ("integer", INTERVALS, number(7), "red"),
        ("decimal", INTERVALS, {"valueDecimal": 6.99}, "yellow"),
        ("quantity", INTERVALS, {"valueQuantity": {"value": 9, "unit": "kg"}}, "red"),
        ("integer", [significance("red", ("=", number(4)))], number(4), "red"),
        ("integer", [significance("red", ("=", number(4)))], number(5), None),
        ("integer", [significance("red", ("!=", number(4)))], number(5), "red"),
        ("integer", [significance("red", ("<=", number(4)), (">", number(2)))], number(2), None),
        (
            "integer",
            [significance("green", (">", number(0))), significance("red", (">", number(5)))],
            number(6),
            "red",
        ),
        (
            "string",
            [significance("yellow", ("exists", {"valueBoolean": True}))],
            {"valueString": "ondt"},
            "yellow",
        ),
        (
            "string",
            [significance("yellow", ("exists", {"valueBoolean": False}))],
            {"valueString": "ondt"},
            None,
        ),
        ("boolean", [significance("red", ("=", {"valueBoolean": True}))], {"valueBoolean": True}, "red"),
        ("boolean", [significance("red", ("=", {"valueBoolean": True}))], {"valueBoolean": False}, None),
        (
            "date",
            [significance("red", ("=", {"valueString": "2026-11-23"}))],
            {"valueDate": "2026-11-23"},
            "red",
        ),
        ("integer", [], number(4), None),
    ],
)
def test_colours_of_answers(
    type_: str, rules: list[dict[str, Any]], answer: dict[str, Any], colour: str | None
) -> None:
    definition = compiled(question("q", type_, extension=list(rules)))
    found = evaluate(definition, response(answered("q", answer))).significance
    assert [(one.link_id, one.answer, one.colour.value) for one in found] == (
        [("q", answer, colour)] if colour else []
    )


def test_the_colour_of_a_choice_may_go_by_its_code_or_its_score() -> None:
    red = significance("red", ("=", {"valueCoding": coded("y")["valueCoding"]}))
    yellow = significance("yellow", (">=", number(2)))
    definition = compiled(
        choice("code", "x", "y", extension=[red]),
        choice("score", "x", "y", weights=(1, 2), extension=[yellow]),
    )
    found = evaluate(
        definition, response(answered("code", coded("y")), answered("score", coded("y")))
    ).significance
    assert [(one.link_id, one.colour) for one in found] == [("code", Colour.RED), ("score", Colour.YELLOW)]
    assert most_serious(found) is Colour.RED
    assert most_serious(()) is None


def test_calculated_and_repeated_answers_have_colours_and_disabled_ones_none() -> None:
    definition = compiled(
        question("n", "integer", repeats=True, extension=list(INTERVALS)),
        question("sum", "integer", extension=[calculated("%resource.item.where(linkId = 'n').answer.value.sum()"),
                                              *INTERVALS]),
        question("off", "integer", extension=list(INTERVALS), enableWhen=[when("n", "=", answerInteger=99)]),
    )  # fmt: skip
    filled = response(answered("n", number(1), number(4)), answered("off", number(9)))
    found = evaluate(definition, filled).significance
    assert [(one.link_id, one.colour.value) for one in found] == [
        ("n", "green"),
        ("n", "yellow"),
        ("sum", "yellow"),
    ]


def feedback(text: str, low: int, high: int) -> dict[str, Any]:
    return {
        "url": f"{FUT}ehealth-questionnaire-feedback",
        "extension": [
            {"url": "value", "valueString": text},
            {"url": "min", "valueInteger": low},
            {"url": "max", "valueInteger": high},
        ],
    }


@pytest.mark.parametrize(
    ("value", "texts"),
    [(0, ["Fint"]), (3, ["Fint"]), (4, ["Ring til os"]), (10, ["Ring til os", "Nu"]), (11, [])],
)
def test_feedback_by_interval(value: int, texts: list[str]) -> None:
    given = [feedback("Fint", 0, 3), feedback("Ring til os", 4, 10), feedback("Nu", 10, 10)]
    definition = compiled(question("n", "integer", extension=given))
    found = evaluate(definition, response(answered("n", number(value)))).feedback
    assert [(one.link_id, one.text) for one in found] == [("n", text) for text in texts]
    assert evaluate(definition, response()).feedback == ()


@pytest.mark.parametrize(
    "expression", ["{0} + {1}", "({0} + {1}).select($this)"], ids=["direct", "evaluator"]
)
def test_an_answer_without_points_is_stood_in_for_as_a_missing_one(expression: str) -> None:
    """“Ved ikke” counted as 0 while the rule held it to be unanswered."""
    ways = [f"%resource.item.where(linkId = '{one}').answer.value.weight()" for one in ("a", "b")]
    missing = {
        "url": SCORE_MISSING,
        "extension": [
            {"url": "minimumAnswered", "valueInteger": 1},
            {"url": "replacement", "valueCode": "mean"},
        ],
    }
    calculated = {"language": "text/fhirpath", "expression": expression.format(*ways)}
    definition = compiled(
        choice("a", "no", "yes", "unknown", weights=(0, 4)),
        choice("b", "no", "yes", "unknown", weights=(0, 3)),
        question(
            "score",
            "decimal",
            extension=[
                {"url": CALCULATED, "valueExpression": calculated},
                missing,
            ],
        ),
    )
    [score] = scores(definition, response(answered("a", coded("yes")), answered("b", coded("unknown"))))
    assert score.value == 8


OF_A = "%resource.repeat(item).where(linkId in ('a')).answer"
BELOW_A = "%resource.item.where(linkId = 'a').answer.item.where(linkId = 'below').answer.value"


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        (f"{OF_A}.value.weight().sum()", "unknown", None),
        (f"{OF_A}.value.weight().sum()", "yes", 4),
        # An expression may ask what is below as well: then it is one of its questions.
        (f"iif({BELOW_A}.exists(), {BELOW_A}, 0)", "unknown", 3),
        (f"{OF_A}.descendants().where(linkId = 'below').answer.value.sum()", "unknown", 3),
    ],
)
def test_a_question_below_one_without_points_does_not_answer_for_it(
    expression: str, given: str, expected: int | None
) -> None:
    """The score was 0, as if the question had been answered, because the one below it had a number."""
    rule_of_one = {"url": SCORE_MISSING, "extension": [{"url": "minimumAnswered", "valueInteger": 1}]}
    definition = compiled(
        choice("a", "no", "yes", "unknown", weights=(0, 4), item=[question("below", "integer")]),
        question("score", "decimal", extension=[calculated(expression), rule_of_one]),
    )
    with_below = {**coded(given), "item": [answered("below", {"valueInteger": 3})]}
    found = scores(definition, response(answered("a", with_below)))
    assert [score.value for score in found if score.value is not None] == (
        [] if expected is None else [expected]
    )


@pytest.mark.parametrize(
    "way", ["%g.item", "(%resource.item.where(linkId = 'g')).item", "iif(true, %g, {}).item"]
)
def test_a_rule_is_about_what_an_expression_reaches_by_other_ways(way: str) -> None:
    """Questions reached from a group by a variable or a bracket are the score's, too."""
    definition = compiled(
        group("g", *(choice(link, "0", "1", weights=(0, 1)) for link in "ab")),
        question(
            "score", "decimal", extension=[calculated(f"{way}.answer.value.weight().sum()"), rule(count=2)]
        ),
        extension=[variable("g", "%resource.item.where(linkId = 'g')")],
    )
    one, both = ([answered(link, coded("1")) for link in links] for links in ("a", "ab"))
    assert [found.value for found in scores(definition, response(inside("g", *one))) if found.value] == []
    assert [found.value for found in scores(definition, response(inside("g", *both)))] == [2]
