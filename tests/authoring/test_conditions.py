"""Conditions: written as FHIR has them, read back as they were chosen, in a sentence, and never in a circle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.authoring import conditions
from questionnaires.authoring.conditions import Comparison, Condition
from questionnaires.authoring.tree import find, link_id_of
from questionnaires.engine import Behavior, compile_questionnaire, evaluate, new_response, with_answers
from questionnaires.engine.extension_urls import CALCULATED, ENABLE_WHEN_EXPRESSION
from tests.engine.small_forms import choice, form, group, question

UNIT = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
    "valueCoding": {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kg"},
}
SOURCE = form(
    question("yes", "boolean", text="Har du smerter?"),
    question("number", "integer", text="Hvor mange dage?"),
    question("decimal", "decimal", text="Hvor langt?"),
    question("weight", "quantity", text="Hvad vejer du?", extension=[UNIT]),
    question("date", "date", text="Hvornår?"),
    question("time", "time", text="Hvad er klokken?"),
    question("word", "string", text="Hvilket ord?"),
    choice("choice", "a", "b", text="Hvor?"),
    question("own", "text", text="Hvordan?"),
    group("section", question("inside", text="Hvorfor?")),
    question("later", "boolean", text="Til sidst?"),
)

ANSWERS: dict[str, st.SearchStrategy[Any]] = {
    "yes": st.booleans(),
    "number": st.integers(-1000, 1000),
    "decimal": st.decimals(-1000, 1000, places=2).map(float).map(lambda n: int(n) if n == int(n) else n),
    "weight": st.integers(1, 200).map(
        lambda number: {"value": number, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
    ),
    "date": st.dates().map(lambda day: day.isoformat()),
    "time": st.times().map(lambda time: time.replace(microsecond=0).isoformat()),
    "word": st.text("abcæøå ", min_size=1).filter(str.strip),
    "choice": st.sampled_from([{"system": "s", "code": "a"}, {"system": "s", "code": "b"}]),
}


@st.composite
def any_condition(draw: st.DrawFn) -> Condition:
    link_id = draw(st.sampled_from([*ANSWERS, "own", "later"]))
    comparison = draw(st.sampled_from(conditions.comparisons_for(find(SOURCE, link_id))))
    answers = ANSWERS.get(link_id, st.booleans())
    return Condition(link_id, comparison, draw(answers) if comparison.needs_answer else None)


@settings(deadline=None)
@given(
    chosen=st.lists(any_condition(), min_size=1, max_size=4, unique_by=repr),
    behavior=st.sampled_from(Behavior),
)
def test_conditions_are_read_back_and_mean_the_same_to_the_engine(
    chosen: list[Condition], behavior: Behavior
) -> None:
    made = conditions.with_conditions(SOURCE, "section", chosen, behavior)
    rule = conditions.rule_of(made, "section")
    assert rule.conditions == tuple(chosen)
    assert rule.imported == ()
    if len(chosen) > 1:
        assert rule.behavior is behavior
    compilation = compile_questionnaire(made)
    assert {issue.key for issue in compilation.issues} <= {"condition.later"}
    assert conditions.sentence_of(made, "section").startswith("Vises når »")
    assert conditions.sentence_of(made, "section", "en").startswith("Shown when “")
    assert conditions.with_conditions(made, "section", ()) == SOURCE


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ([("yes", "=", True)], "Vises når »Har du smerter?« er »Ja«"),
        ([("yes", "missing", None)], "Vises når »Har du smerter?« ikke er besvaret"),
        ([("number", ">", 3)], "Vises når »Hvor mange dage?« er større end 3"),
        ([("decimal", "<=", 2.5)], "Vises når »Hvor langt?« er højst 2,5"),
        ([("date", "<", "2026-03-01")], "Vises når »Hvornår?« er før 1.3.2026"),
        ([("time", ">=", "08:30:00")], "Vises når »Hvad er klokken?« tidligst er 08:30"),
        ([("choice", "!=", {"system": "s", "code": "a"})], "Vises når »Hvor?« ikke er »A«"),
        (
            [("yes", "=", False), ("own", "exists", None), ("number", "=", 1)],
            "Vises når »Har du smerter?« er »Nej«, »Hvordan?« er besvaret og »Hvor mange dage?« er 1",
        ),
    ],
)
def test_a_sentence_says_it(chosen: list[tuple[str, str, Any]], sentence: str) -> None:
    made = conditions.with_conditions(
        SOURCE, "section", [Condition(link_id, Comparison(word), answer) for link_id, word, answer in chosen]
    )
    assert conditions.sentence_of(made, "section") == sentence
    assert conditions.sentence_of(SOURCE, "section") == "Vises altid"


def test_the_engine_shows_and_hides_by_it() -> None:
    made = conditions.with_conditions(SOURCE, "section", [Condition("number", Comparison.AT_LEAST, 3)])
    definition = compile_questionnaire(made).definition
    assert definition is not None
    for number, is_shown in ((2, False), (3, True)):
        document = with_answers(definition, new_response(definition), "number", [{"valueInteger": number}])
        assert evaluate(definition, document).is_enabled("inside") is is_shown


def offered(source: dict[str, Any], link_id: str) -> list[str]:
    return [link_id_of(item) for item, _ in conditions.questions_for(source, link_id)]


def answered(link_id: str) -> dict[str, Any]:
    return {"question": link_id, "operator": "exists", "answerBoolean": True}


def test_no_question_is_offered_that_would_make_a_circle() -> None:
    calculated = {
        "url": CALCULATED,
        "valueExpression": {
            "language": "text/fhirpath",
            "expression": "%resource.item.where(linkId = 'b').answer",
        },
    }
    source = form(
        question("a", "boolean"),
        question("b", "boolean", enableWhen=[{"question": "a", "operator": "exists", "answerBoolean": True}]),
        group(
            "g",
            question("c", "boolean"),
            enableWhen=[{"question": "b", "operator": "exists", "answerBoolean": True}],
        ),
        question("sum", "decimal", extension=[calculated]),
        question("free", "boolean"),
    )
    assert offered(source, "a") == ["free"]
    assert offered(source, "b") == ["a", "free"]
    assert offered(source, "g") == ["a", "b", "sum", "free"]
    assert offered(source, "free") == ["a", "b", "c", "sum"]
    with pytest.raises(ValueError, match="cannot decide"):
        conditions.with_conditions(source, "a", [Condition("c", Comparison.EXISTS)])


def test_those_before_come_first_and_those_behind_say_so() -> None:
    found = conditions.questions_for(SOURCE, "section")
    assert [link_id_of(item) for item, is_after in found if is_after] == ["later"]
    assert "inside" not in [link_id_of(item) for item, _ in found]


@pytest.mark.parametrize(
    "imported",
    [
        {"question": "gone", "operator": "exists", "answerBoolean": True},
        {"question": "choice", "operator": "=", "answerCoding": {"system": "s", "code": "elsewhere"}},
        {"question": "yes", "operator": ">", "answerBoolean": True},
        {"question": "number", "operator": "=", "answerString": "3"},
        {"question": "inside", "operator": "exists", "answerBoolean": True},
    ],
)
def test_what_cannot_be_chosen_here_is_named_and_stays(imported: dict[str, Any]) -> None:
    source = form(*SOURCE["item"][:-2], {**find(SOURCE, "section"), "enableWhen": [imported]})
    assert conditions.sentence_of(source, "section") == "Vises når en regel, som er importeret, er opfyldt"
    made = conditions.with_conditions(source, "section", [Condition("yes", Comparison.EXISTS)])
    assert find(made, "section")["enableWhen"][0] == imported
    assert conditions.with_conditions(source, "section", ()) == source


def test_an_expression_wins_and_stays() -> None:
    expression = {
        "url": ENABLE_WHEN_EXPRESSION,
        "valueExpression": {"language": "text/fhirpath", "expression": "true"},
    }
    source = form(question("a", "boolean"), question("b", extension=[expression]))
    assert conditions.rule_of(source, "b").has_expression
    assert conditions.sentence_of(source, "b") == "Vises når en regel, som er importeret, er opfyldt"
