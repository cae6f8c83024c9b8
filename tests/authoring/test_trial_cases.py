"""A test case of a form: passed while the form does what it did, and sentences about what it does otherwise."""

from datetime import UTC, datetime
from typing import Any

import pytest

from questionnaires.authoring.trial_cases import Case, case_of, placed, run_test
from questionnaires.engine import Definition, answers_of
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
    when,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TWICE = "%resource.descendants().where(linkId='n').answer.value * 2"


def form(*more: dict[str, Any], times: str = TWICE, **number: Any) -> Definition:
    return compiled(
        question("n", "integer", text="Hvor meget?", **number),
        question("why", text="Hvorfor?", enableWhen=[when("n", ">", answerInteger=3)]),
        question("sum", "decimal", text="I alt", extension=[calculated(times)]),
        *more,
    )


CASE = case_of(form(), response(answered("n", {"valueInteger": 5})), at=AT)


def differences(definition: Definition, case: Case = CASE, language: str = "da") -> list[str]:
    return [one.text(language) for one in run_test(definition, case)]


def test_a_case_holds_what_followed_when_it_was_made() -> None:
    assert CASE.scores == {"sum": 10}
    assert (CASE.shown, CASE.hidden) == (("why",), ())
    assert CASE.names == {"n": "Hvor meget?", "why": "Hvorfor?", "sum": "I alt"}
    assert differences(form()) == []


def test_more_questions_make_no_difference() -> None:
    assert differences(form(question("new"))) == []


TABLE: list[tuple[Definition, str, str]] = [
    (form(times=TWICE + " + 1"), "»I alt« skulle være 10, men er 11.", "“I alt” should be 10, but is 11."),
    (
        form(times=TWICE.replace("'n'", "'x'")),
        "»I alt« skulle være 10, men har ingen værdi.",
        "“I alt” should be 10, but has no value.",
    ),
    (
        compiled(question("n", "integer"), question("why", enableWhen=[when("n", ">", answerInteger=3)])),
        "Scoren »I alt« findes ikke mere.",
        "The score “I alt” does not exist any more.",
    ),
]


@pytest.mark.parametrize(("definition", "danish", "english"), TABLE)
def test_a_score_that_is_another(definition: Definition, danish: str, english: str) -> None:
    assert differences(definition) == [danish]
    assert differences(definition, language="en") == [english]


def test_a_question_that_is_not_shown_any_more() -> None:
    definition = compiled(
        question("n", "integer"),
        question("why", text="Hvorfor?", enableWhen=[when("n", ">", answerInteger=8)]),
        question("sum", "decimal", extension=[calculated(TWICE)]),
    )
    assert differences(definition) == ["»Hvorfor?« skulle vises, men vises ikke."]


def test_a_question_that_should_not_be_shown() -> None:
    case = case_of(form(), response(answered("n", {"valueInteger": 2})), at=AT)
    assert case.hidden == ("why",)
    always = compiled(question("n", "integer"), question("why", text="Hvorfor?"), *form().source["item"][2:])
    assert differences(always, case) == ["»Hvorfor?« skulle ikke vises, men vises."]


def test_a_score_that_should_have_no_value() -> None:
    nothing = case_of(form(), response(answered("why", {"valueString": "Fordi"})), at=AT)
    assert nothing.scores == {"sum": None}
    assert differences(form(times="3"), nothing) == ["»I alt« skulle ikke have nogen værdi, men er 3."]


def test_a_question_that_is_gone_says_so_by_its_old_name() -> None:
    without = compiled(question("other", text="Noget andet"))
    assert differences(without) == [
        "Spørgsmålet »Hvor meget?« findes ikke mere.",
        "Spørgsmålet »Hvorfor?« findes ikke mere.",
        "Scoren »I alt« findes ikke mere.",
    ]


def test_a_question_that_was_moved_is_the_same_question() -> None:
    items = form().source["item"]
    moved = compiled(group("g", items[0]), *items[1:])
    assert differences(moved) == []
    assert answers_of(placed(moved, CASE), "n") == ({"valueInteger": 5},)


def test_an_answer_that_cannot_be_given_any_more() -> None:
    found = differences(form(extension=[extension("maxValue", valueInteger=4)]))
    assert len(found) == 1
    assert found[0].startswith("Prøvens svar på »Hvor meget?« kan ikke gives mere: ")


def test_an_option_that_is_gone() -> None:
    case = case_of(compiled(choice("c", "a", "b")), response(answered("c", coded("a"))), at=AT)
    assert differences(compiled(choice("c", "a", "b")), case) == []
    assert len(differences(compiled(choice("c", "b")), case)) == 1


def test_rows_stay_as_they_were() -> None:
    rows = compiled(group("g", question("a", "integer"), repeats=True))
    given = [inside("g", answered("a", {"valueInteger": number})) for number in (1, 2)]
    assert placed(rows, case_of(rows, response(*given), at=AT))["item"] == given


def test_today_is_the_day_on_which_it_was_made() -> None:
    """A case does not begin to fail because time passes."""
    definition = compiled(question("year", "integer", extension=[calculated("today().toString().length()")]))
    later = compiled(
        question("late", "boolean", extension=[calculated("today() > @2026-06-01")]),
    )
    case = case_of(definition, response(), at=AT)
    assert run_test(definition, case) == ()
    assert case_of(later, response(), at=AT).scores == {}
