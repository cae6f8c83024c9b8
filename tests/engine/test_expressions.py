"""Expressions as forms write them: what they see, where they stand, and what becomes of their result."""

from datetime import UTC, datetime
from typing import Any

import pytest

from questionnaires.engine import Definition, evaluate, finish, new_response, start
from questionnaires.engine.fhirpath import ExpressionError, share_syntax, syntax
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
    sdc,
    variable,
    when,
)

MOMENT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past midnight in Denmark
THREE, FIVE = {"valueInteger": 3}, {"valueInteger": 5}
YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


def form(text: str, type_: str = "integer") -> Definition:
    return compiled(
        group(
            "g", question("a", "integer"), question("b", "decimal"), choice("c", "x", "y", weights=(1, 2.5))
        ),
        question("s", "string", item=[question("under", "integer")]),
        question("out", type_, extension=[calculated(text)]),
    )


FILLED = response(
    inside("g", answered("a", THREE), answered("b", {"valueDecimal": 0.1}), answered("c", coded("y"))),
    answered("s", {"valueString": "x", "item": [answered("under", FIVE)]}),
)


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("%resource.item.where(linkId = 'g').item.where(linkId = 'a').answer.value", "integer", 3),
        ("%resource.item.where('g' = linkId).item.where(linkId='a').answer.valueInteger", "integer", 3),
        ("%resource.repeat(item).where(linkId = 'a').answer.value", "integer", 3),
        ("%resource.descendants().where(linkId = 'under').answer.value", "integer", 5),
        ("%resource.repeat(item).where(linkId = 'under').answer.value", "integer", None),
        ("%resource.item.where(linkId = 's').answer.item.where(linkId = 'under').answer.value", "integer", 5),
        ("%resource.item.where(linkId = 's').item.where(linkId = 'under').answer.value", "integer", None),
        ("%resource.item.where(linkId = 'g').repeat(item).where(linkId = 'a').answer.value", "integer", 3),
        ("%resource.item.where(linkId = 'a').answer.value", "integer", None),
        ("%resource.item.where(linkId = 'nobody').answer.value", "integer", None),
        ("%resource.item.where(linkId = 'g' and item.count() = 3).item.first().answer.value", "integer", 3),
        ("%resource.item.where(linkId = 'g' or linkId = 's').count()", "integer", 2),
        ("%resource.item.where(linkId = 'g' and linkId = 's').count()", "integer", 0),
        ("%resource.item.where(linkId = 'g' or item.exists()).count()", "integer", 1),
        ("%resource.item.where(linkId.startsWith('g')).item.count()", "integer", 3),
        ("%resource.item[0].item[0].answer.value", "integer", 3),
        ("QuestionnaireResponse.descendants().where(linkId = 'a').answer.value", "integer", 3),
        ("item.where(linkId = 'g').item.where(linkId = 'a').answer.value", "integer", 3),
        ("%resource.descendants().where(linkId in ('a' | 'under')).answer.value.sum()", "integer", 8),
        ("%resource.descendants().where(linkId in ('a' | 'under')).answer.value.first()", "integer", 3),
        ("%resource.descendants().where(linkId in ('a' | 'b')).answer.value.avg()", "decimal", 1.55),
        ("%resource.descendants().where(linkId = 'b').answer.value + 0.2", "decimal", 0.3),
        ("%resource.descendants().where(linkId = 'c').answer.value.ordinal()", "decimal", 2.5),
        ("%resource.descendants().where(linkId = 'c').answer.value.weight() * 2", "integer", 5),
        ("%resource.descendants().where(linkId = 'c').answer.value.code", "string", "y"),
        ("%resource.answers().value.ordinal().sum()", "decimal", 2.5),
        ("%resource.item.where(linkId = 's').answers().count()", "integer", 2),
        (
            "%resource.repeat(item).where(linkId = 'a').answer.value.aggregate($this + $total, 0)",
            "integer",
            3,
        ),
        ("%resource.descendants().where(linkId in ('a' | 'under')).answer.value.min()", "integer", 3),
        ("%resource.descendants().where(linkId in ('a' | 'under')).answer.value.max()", "integer", 5),
        ("%resource.descendants().where(linkId = 's').answer.value.ofType(string)", "string", "x"),
        (
            "iif(%resource.descendants().where(linkId = 'a').answer.value.exists(), 'ja', 'nej')",
            "string",
            "ja",
        ),
        ("2.5.round(0)", "integer", 3),
        ("2.25.round(1)", "decimal", 2.3),
        ("(-2.5).round()", "integer", -3),
        ("'a1b2'.replaceMatches('[0-9]', '')", "string", "ab"),
        ("%questionnaire.item.count()", "integer", 3),
        ("%qitem.linkId", "string", "out"),
        ("%qItem.type", "string", "string"),
        ("%context.linkId", "string", "out"),
        ("%ucum", "string", "http://unitsofmeasure.org"),
        ("today()", "date", "2026-11-24"),
        ("now()", "dateTime", "2026-11-24T00:30:00+01:00"),
        ("timeOfDay()", "time", "00:30:00"),
        ("trace('quiet').count()", "integer", 1),
        ("1.repeat($this + 1).count()", "integer", None),
        ("-%resource.descendants().where(linkId = 'a').answer.value", "integer", -3),
        ("'a' | 'b' | 'a'", "string", None),
        ("1 div 0", "integer", None),
        ("10.round(99)", "integer", None),
    ],
)
def test_what_an_expression_gives(text: str, type_: str, value: object) -> None:
    evaluation = evaluate(form(text, type_), FILLED, now=MOMENT)
    found = evaluation.calculated.get("out")
    assert (None if found is None else next(iter(found.values()))) == value


def test_without_a_time_what_asks_for_it_has_no_value_and_says_so() -> None:
    evaluation = evaluate(form("today()", "date"), FILLED)
    assert evaluation.calculated == {}
    assert [issue.key for issue in evaluation.issues] == ["expression.no-time"]


def test_an_expression_sees_the_item_it_stands_on_and_what_is_inside_it() -> None:
    definition = compiled(
        group(
            "g",
            question("a", "integer"),
            question("double", "integer", extension=[calculated("%a * 2")]),
            repeats=True,
            extension=[variable("a", "item.where(linkId = 'a').answer.value")],
        )
    )
    finished = finish(
        definition, response(inside("g", answered("a", THREE)), inside("g", answered("a", FIVE)), inside("g"))
    )
    assert [
        [next(iter(node["answer"][0].values())) for node in instance["item"]] for instance in finished["item"]
    ] == [[3, 6], [5, 10]]


def test_variables_build_on_each_other_and_the_nearest_counts() -> None:
    definition = compiled(
        question("a", "integer"),
        group(
            "g",
            question("out", "integer", extension=[calculated("%total + 1")]),
            question("text", "string", extension=[calculated("%name")]),
            extension=[variable("name", "%name & '-indre'")],
        ),
        extension=[
            variable("total", "%twice + %once"),
            variable("twice", "%once * 2"),
            variable("once", "%resource.item.where(linkId = 'a').answer.value"),
            variable("name", "'ydre'"),
        ],
    )
    evaluation = evaluate(definition, response(answered("a", THREE)))
    assert evaluation.calculated == {"out": {"valueInteger": 10}, "text": {"valueString": "ydre-indre"}}


def test_a_chain_of_five_hundred_variables_is_no_stack_of_five_hundred() -> None:
    chained = [variable(f"v{n}", f"%v{n - 1} + 1" if n else "%resource.item.where(linkId = 'a').answer.value")
               for n in range(500)]  # fmt: skip
    definition = compiled(
        question("a", "integer"),
        question("out", "integer", extension=[calculated("%v499")]),
        extension=list(reversed(chained)),
    )
    assert evaluate(definition, response(answered("a", THREE))).calculated["out"] == {"valueInteger": 502}


CONDITIONS = [
    ("%resource.item.where(linkId = 'a').answer.value > 2", True),
    ("%resource.item.where(linkId = 'a').answer.value > 3", False),
    ("%resource.item.where(linkId = 'nobody').answer.value > 3", False),  # empty (EW-37)
    ("{}", False),
    ("%resource.item.where(linkId = 'a').answer.value", True),  # a single thing that is no boolean (EW-37)
    ("'nej'", True),
    ("1 | 2", False),  # no single thing
    ("%context.linkId = 't'", True),
    ("%qitem.type = 'string' and %questionnaire.title = 'Prøve'", True),
]


@pytest.mark.parametrize(("text", "asked"), CONDITIONS)
def test_conditions_by_expression(text: str, asked: bool) -> None:
    definition = compiled(
        question("a", "integer"), question("t", extension=[sdc("enableWhenExpression", text)])
    )
    evaluation = evaluate(definition, response(answered("a", THREE)))
    assert evaluation.is_enabled("t") is asked
    assert [issue.key for issue in evaluation.issues] == (["condition.failed"] if text == "1 | 2" else [])


def test_an_expression_wins_over_enable_when_beside_it() -> None:
    definition = compiled(
        question("a", "boolean"),
        question(
            "t",
            enableWhen=[when("a", "=", answerBoolean=True)],
            extension=[sdc("enableWhenExpression", "true")],
        ),
    )
    assert evaluate(definition, response()).is_enabled("t")


def test_a_condition_by_expression_decides_in_each_instance_for_itself() -> None:
    definition = compiled(
        group(
            "g",
            question("a", "integer"),
            question("t", extension=[sdc("enableWhenExpression", "%a > 3")]),
            repeats=True,
            extension=[variable("a", "item.where(linkId = 'a').answer.value")],
        )
    )
    text = {"valueString": "x"}
    instances = [inside("g", answered("a", value), answered("t", text)) for value in (THREE, FIVE)]
    finished = finish(definition, response(*instances))
    assert [[node["linkId"] for node in one["item"]] for one in finished["item"]] == [["a"], ["a", "t"]]


def test_conditions_and_calculations_settle_each_other() -> None:
    score = calculated("%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.sum()")
    definition = compiled(
        question("sum", "integer", extension=[score]),
        question("a", "integer"),
        question("b", "integer", extension=[sdc("enableWhenExpression", "%sum > 2")]),
        question("c", "boolean", enableWhen=[when("sum", ">", answerInteger=6)]),
        extension=[variable("sum", "%resource.item.where(linkId = 'a').answer.value")],
    )
    low = evaluate(definition, response(answered("a", {"valueInteger": 2}), answered("b", FIVE)))
    assert (low.calculated["sum"], set(low.enabled)) == ({"valueInteger": 2}, {"sum", "a"})
    high = evaluate(definition, response(answered("a", THREE), answered("b", FIVE)))
    assert (high.calculated["sum"], set(high.enabled)) == ({"valueInteger": 8}, {"sum", "a", "b", "c"})


def test_what_contradicts_itself_ends_with_less() -> None:
    """`a` is asked if the sum of everything is 0, and `a` counts 3 itself."""
    definition = compiled(
        question(
            "a", "integer", extension=[sdc("enableWhenExpression", "%resource.answers().value.sum() = 0")]
        )
    )
    draft = response(answered("a", THREE))
    evaluation = evaluate(definition, draft)
    assert evaluation.enabled == frozenset()
    finished = finish(definition, draft)
    assert finish(definition, finished) == finished


def test_norwegian_forms_write_the_calculation_as_a_string() -> None:
    definition = compiled(
        question("a", "integer"),
        question(
            "copy",
            "integer",
            readOnly=True,
            extension=[
                extension(
                    "cqf-expression",
                    valueString="QuestionnaireResponse.descendants().where(linkId='a').answer.value",
                )
            ],
        ),
    )
    assert evaluate(definition, response(answered("a", THREE))).calculated == {"copy": THREE}


def test_an_answer_expression_offers_options() -> None:
    definition = compiled(
        choice("a", "x", "y", repeats=True),
        question(
            "favourite",
            "open-choice",
            extension=[sdc("answerExpression", "%resource.item.where(linkId = 'a').answer.value")],
        ),
    )
    chosen = response(
        answered("a", {"valueCoding": {"system": "s", "code": "x", "display": "Æble"}}, coded("y"))
    )
    offered = evaluate(definition, chosen).options["favourite"]
    assert [(option.key, option.label) for option in offered] == [("x", "Æble"), ("y", "y")]
    assert evaluate(definition, response()).options == {"favourite": ()}


ANSWER_OF_M = "%resource.item.where(linkId = 'm').answer.value"


def test_initial_answers_may_be_calculated() -> None:
    definition = compiled(
        question("day", "date", extension=[sdc("initialExpression", "today()")]),
        question("n", "integer", extension=[sdc("initialExpression", f"{ANSWER_OF_M} + 1")]),
        question("m", "integer", initial=[THREE]),
        question("bad", "integer", extension=[sdc("initialExpression", "'x'")]),
    )  # fmt: skip
    started = start(definition, now=MOMENT)
    assert [(node["linkId"], node["answer"]) for node in started.response["item"]] == [
        ("day", [{"valueDate": "2026-11-24"}]),
        ("n", [{"valueInteger": 4}]),
        ("m", [THREE]),
    ]
    assert [(issue.key, issue.link_id) for issue in started.issues] == [("initial.failed", "bad")]
    assert [issue.key for issue in start(definition).issues] == ["expression.no-time", "initial.failed"]
    assert "day" not in {node["linkId"] for node in new_response(definition)["item"]}


def test_parsed_expressions_can_be_shared_between_processes() -> None:
    store: dict[str, str] = {}
    share_syntax(store)
    try:
        tree: Any = syntax("40 + 2 + 0.25")
        assert len(store) == 1
        syntax.cache_clear()  # as another process begins
        assert syntax("40 + 2 + 0.25") == tree
    finally:
        share_syntax(None)
        syntax.cache_clear()


@pytest.mark.parametrize(
    "text", ["1 +", "1 2", "(" * 5000 + "1" + ")" * 5000, "1 + " * 6000 + "1", "a.where(", ""]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        syntax(text)


def test_a_thousand_operators_are_no_crash() -> None:
    text = " + ".join(["%resource.item.where(linkId = 'a').answer.value"] * 300)
    evaluation = evaluate(form(text), FILLED)
    assert evaluation.calculated == {} or evaluation.issues == ()


WEIGHED = [
    {"valueString": "lidt", "extension": [extension("ordinalValue", valueDecimal=1)]},
    {"valueString": "meget", "extension": [extension("ordinalValue", valueDecimal=4)]},
    {"valueInteger": 7, "extension": [extension("ordinalValue", valueDecimal=2.5)]},
    {"valueInteger": 8},
]


@pytest.mark.parametrize(
    ("answer", "score"),
    [({"valueString": "meget"}, 4), ({"valueInteger": 7}, 2.5), ({"valueInteger": 8}, None)],
)
@pytest.mark.parametrize(
    "way", ["answer.value.weight()", "answer.value.select(weight())", "answer.ordinal()"]
)
def test_options_that_are_no_codes_have_scores_too(
    answer: dict[str, Any], score: float | None, way: str
) -> None:
    definition = compiled(
        question("q", "choice", answerOption=WEIGHED),
        question("out", "decimal", extension=[calculated(f"%resource.item.where(linkId = 'q').{way}")]),
    )
    found = evaluate(definition, response(answered("q", answer))).calculated
    assert found == ({} if score is None else {"out": {"valueDecimal": score}})


def test_a_score_on_the_answer_itself_counts_where_the_option_has_none() -> None:
    own = {
        "valueCoding": {**coded("x")["valueCoding"], "extension": [extension("ordinalValue", valueDecimal=9)]}
    }
    for options in ({}, {"weights": (1,)}):
        definition = compiled(
            choice("q", "y", "x", **options),
            question("out", "integer", extension=[calculated("%resource.answers().value.weight()")]),
        )
        assert evaluate(definition, response(answered("q", own))).calculated == {"out": {"valueInteger": 9}}


def test_a_variable_that_fails_fails_what_uses_it_and_nothing_else() -> None:
    definition = compiled(
        question("a", "integer"),
        question("out", "integer", extension=[calculated("%bad + 1")]),
        question("twice", "integer", extension=[calculated("iif(%bad.exists(), 1, 2)")]),
        question("good", "integer", extension=[calculated("1 + 1")]),
        extension=[
            variable("bad", "%worse"),
            variable("worse", "%resource.item.where(linkId = 'a').answer.value + 'x'"),
        ],
    )
    evaluation = evaluate(definition, response(answered("a", THREE)))
    assert evaluation.calculated == {"good": {"valueInteger": 2}}
    assert [(issue.key, issue.link_id) for issue in evaluation.issues] == [
        ("expression.failed", "out"),
        ("expression.failed", "twice"),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("%resource.item.where(linkId = 'g').descendants().where(linkId = 'deep').answer.value", 3),
        ("%resource.item.where(linkId = 'g').repeat(item).where(linkId = 'deep').answer.value", None),
        ("%resource.item.where(linkId = 'g').repeat(item).where(linkId = 'q').answer.item.answer.value", 3),
        ("%resource.item.where(linkId = 'g').item.where((linkId = 'q')).answer.count()", 1),
        ("%resource.item.where(linkId = 'g').item.where(linkId in 'q').answer.count()", 1),
        ("%resource.item.where(linkId in (iif(true, 'g'))).count()", 1),
        ("%resource.item.where(linkId = 'g' and true).item.count()", 1),
        ("%resource.item.where(linkId = 'g').where(item.exists()).count()", 1),
        # What looks at everything sees its own answer too, once it has one.
        ("%resource.repeat(item).count()", 3),
        ("%resource.item.select(linkId).count()", 2),
        ("%resource.item.where(linkId = 'g\\'s').count()", 0),
        ("%context.item.count()", 0),
        ("$this.linkId.length()", 3),
        ("ofType(Quantity).count()", 0),
        ("(1 | 2).combine(%resource.item.count()).count()", 3),
        ("%`resource`.item.count()", 2),
    ],
)
def test_ways_through_a_response(text: str, value: int | None) -> None:
    definition = compiled(
        group("g", question("q", "integer", item=[question("deep", "integer")])),
        question("out", "integer", extension=[calculated(text)]),
    )
    filled = response(inside("g", answered("q", {**FIVE, "item": [answered("deep", THREE)]})))
    found = evaluate(definition, filled).calculated
    assert found == ({} if value is None else {"out": {"valueInteger": value}})


def test_a_group_looks_into_its_own_instance_in_the_responses_order() -> None:
    inner = group("h", question("a", "integer"), repeats=True)
    total = variable(
        "all", "descendants().where(linkId in ('a' | 'b')).answer.value.select(toString()).join('-')"
    )
    definition = compiled(
        group(
            "g",
            inner,
            question("b", "integer"),
            question("out", "string", extension=[calculated("%all")]),
            repeats=True,
            extension=[total],
        )
    )
    instance = inside("g", inside("h", answered("a", THREE)), inside("h", answered("a", FIVE)),
                      answered("b", {"valueInteger": 9}))  # fmt: skip
    finished = finish(definition, response(instance, inside("g", answered("b", FIVE))))
    texts = [
        node["answer"][0]["valueString"]
        for one in finished["item"]
        for node in one["item"]
        if node["linkId"] == "out"
    ]
    assert texts == ["9-3-5", "5"]  # level by level, as descendants() goes
