from typing import Any

import pytest

from questionnaires.engine import Definition, Severity, finish, validate
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


def keys(definition: Definition, *items: Any, draft: bool = False) -> list[str]:
    return [issue.key for issue in validate(definition, response(*items), draft=draft)]


X, YES, NO = {"valueString": "x"}, {"valueBoolean": True}, {"valueBoolean": False}


def with_bounds(low: Any, high: Any, name: str) -> dict[str, Any]:
    return {"extension": [extension("minValue", **{name: low}), extension("maxValue", **{name: high})]}


UNIT = extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kg"})
RULES: list[tuple[dict[str, Any], list[dict[str, Any]], list[str]]] = [
    # question, answers, the rules they break
    (question("q"), [X], []),
    (question("q"), [{"valueInteger": 1}], ["answer.type"]),
    (question("q"), [{"valueString": 1}], ["answer.type"]),
    (question("q"), [X, X], ["answer.too-many"]),
    (question("q", repeats=True), [X, X], []),
    (question("q", maxLength=3), [{"valueString": "abcd"}], ["answer.too-long"]),
    (question("q", extension=[extension("minLength", valueInteger=3)]), [X], ["answer.too-short"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+"), extension("entryFormat", valueString="123")]),
     [X], ["answer.pattern"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+")]), [X], ["answer.pattern"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+")]), [{"valueString": "12"}], []),
    (question("q", extension=[extension("regex", valueString="^(a|a|aa)+$")]), [{"valueString": "a" * 60 + "!"}],
     ["answer.pattern-slow"]),
    (question("q", "text"), [X], []),
    (question("q", "url"), [{"valueUri": "http://x"}], []),
    (question("q", "boolean"), [NO], []),
    (question("q", "boolean"), [{"valueBoolean": "true"}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": 3}], []),
    (question("q", "integer"), [{"valueInteger": 3.5}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": True}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": 2**31 + 1}], ["answer.type"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": 11}], ["answer.number-bounds"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": -1}], ["answer.number-bounds"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": 10}], []),
    (question("q", "decimal"), [{"valueDecimal": "3"}], ["answer.type"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]), [{"valueDecimal": 1.25}],
     ["answer.decimals"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=0)]), [{"valueDecimal": 1.5}],
     ["answer.no-decimals"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]), [{"valueDecimal": 100}], []),
    (question("q", "quantity", extension=[UNIT]), [{"valueQuantity": {"value": 1, "code": "kg"}}], []),
    (question("q", "quantity", extension=[UNIT]), [{"valueQuantity": {"value": 1, "code": "g"}}], ["answer.unit"]),
    (question("q", "quantity"), [{"valueQuantity": {"value": "1"}}], ["answer.type"]),
    (question("q", "quantity"), [{"valueQuantity": 1}], ["answer.type"]),
    (question("q", "date"), [{"valueDate": "2026-02-30"}], ["answer.type"]),
    (question("q", "date", **with_bounds("2026-01-01", "2026-12-31", "valueDate")), [{"valueDate": "2027-01-01"}],
     ["answer.date-bounds"]),
    (question("q", "date", **with_bounds("2026-01-01", "2026-12-31", "valueDate")), [{"valueDate": "2026-05-01"}], []),
    (question("q", "dateTime"), [{"valueDateTime": "2026-05-01T10:00:00Z"}], []),
    (question("q", "time", **with_bounds("08:00:00", "18:00:00", "valueTime")), [{"valueTime": "07:00:00"}],
     ["answer.time-bounds"]),
    (question("q", "attachment"), [{"valueAttachment": {"url": "x"}}], []),
    (question("q", "reference"), [{"valueReference": "x"}], ["answer.type"]),
    (choice("q", "a", "b"), [coded("a")], []),
    (choice("q", "a", "b"), [coded("c")], ["answer.not-option"]),
    (choice("q", "a", "b"), [{"valueString": "a"}], ["answer.type"]),
    (choice("q", "a", "b"), [{"valueCoding": "a"}], ["answer.type"]),
    (choice("q", "a", "b"), [YES], ["answer.type"]),
    (question("q", "choice", answerValueSet="http://x"), [coded("c")], []),
    (question("q", "choice", answerValueSet="http://x"), [X], ["answer.type"]),
    ({**choice("q", "a"), "type": "open-choice", "maxLength": 3}, [X], []),
    ({**choice("q", "a"), "type": "open-choice", "maxLength": 3}, [{"valueString": "abcd"}], ["answer.too-long"]),
    ({**choice("q", "a"), "type": "open-choice"}, [{"valueString": 5}], ["answer.type"]),
    ({**choice("q", "a"), "type": "open-choice"}, [coded("z")], ["answer.not-option"]),
    (question("q", "choice", repeats=True, answerOption=[
        {"valueString": "x"}, {"valueString": "ingen", "extension": [
            extension("questionnaire-optionExclusive", valueBoolean=True)]}]),
     [X, {"valueString": "ingen"}], ["answer.exclusive"]),
]  # fmt: skip


@pytest.mark.parametrize(("item", "answers", "broken"), RULES)
def test_answers(item: dict[str, Any], answers: list[dict[str, Any]], broken: list[str]) -> None:
    definition = compiled(item)
    assert keys(definition, answered("q", *answers)) == broken
    assert keys(definition, answered("q", *answers), draft=True) == broken
    for issue in validate(definition, response(answered("q", *answers)), draft=True):
        assert issue.link_id == "q"
        assert issue.expression.startswith("QuestionnaireResponse.item[0].answer[")
        assert "{" not in issue.text_da + issue.text_en


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (question("q"), "Skriv et svar."),
        (question("q", "text"), "Skriv et svar."),
        (question("q", "boolean"), "Vælg et svar."),
        (choice("q", "a"), "Vælg et svar."),
        (choice("q", "a", repeats=True), "Vælg mindst ét svar."),
        (question("q", "integer", **with_bounds(0, 10, "valueInteger")), "Skriv et tal mellem 0 og 10."),
        (question("q", "decimal"), "Skriv et tal."),
        (question("q", "date"), "Skriv en dato, fx 31-12-2026."),
        (question("q", "time"), "Skriv et klokkeslæt, fx 14:30."),
        (question("q", "dateTime"), "Besvar spørgsmålet."),
        (group("q", question("a"), group("g", question("b"))), "Besvar mindst ét af spørgsmålene her."),
    ],
)
def test_what_is_required_is_required_on_submission_only(item: dict[str, Any], sentence: str) -> None:
    definition = compiled({**item, "required": True})
    assert keys(definition, draft=True) == []
    issues = validate(definition, response(), draft=False)
    assert [issue.text_da for issue in issues] == [sentence]
    assert issues[0].is_error


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        (
            {"extension": [extension("minValue", valueDate="2026-01-01")]},
            "Skriv en dato, tidligst 01-01-2026.",
        ),
        ({"extension": [extension("maxValue", valueDate="2019-01-01")]}, "Skriv en dato, senest 01-01-2019."),
        (
            with_bounds("2026-01-01", "2026-12-31", "valueDate"),
            "Skriv en dato mellem 01-01-2026 og 31-12-2026.",
        ),
    ],
)
def test_date_bounds_in_words(bounds: dict[str, Any], sentence: str) -> None:
    definition = compiled(question("q", "date", **bounds))
    issues = validate(definition, response(answered("q", {"valueDate": "2020-01-01"})), draft=True)
    assert [issue.text_da for issue in issues] == [sentence]


def test_a_required_group_is_answered_by_anything_inside_and_empty_headings_are_fine() -> None:
    definition = compiled(group("g", group("h", question("a"), question("b")), required=True))
    assert keys(definition, inside("g", inside("h", answered("b", X)))) == []
    heading = compiled(group("g", question("t", "display"), required=True))
    assert keys(heading) == []
    closed = compiled(
        question("q", "boolean"),
        group("g", question("a", enableWhen=[when("q", "=", answerBoolean=True)]), required=True),
    )
    assert keys(closed) == []


def test_what_is_hidden_or_disabled_is_not_required() -> None:
    hidden = [extension("questionnaire-hidden", valueBoolean=True)]
    definition = compiled(
        question("a", "boolean"),
        question("b", required=True, enableWhen=[when("a", "=", answerBoolean=True)]),
        group("g", question("c", required=True), extension=hidden),
    )
    assert keys(definition, answered("a", NO)) == []
    assert keys(definition, answered("a", YES)) == ["answer.required-text"]


def test_answers_to_what_is_not_asked_are_left_in_peace_until_submission() -> None:
    definition = compiled(
        group("g", question("a", "boolean"), question("b", enableWhen=[when("a", "=", answerBoolean=True)]))
    )
    stale = response(inside("g", answered("a", NO), answered("b", X)))
    assert validate(definition, stale, draft=True) == ()
    assert validate(definition, stale, draft=False, page=definition.pages[0]) == ()
    assert [issue.key for issue in validate(definition, stale, draft=False)] == ["response.disabled"]
    assert validate(definition, finish(definition, stale), draft=False) == ()


def test_a_page_is_judged_alone() -> None:
    definition = compiled(group("g", question("a", required=True)), group("h", question("b", required=True)))
    issues = validate(definition, response(), draft=False, page=definition.pages[1])
    assert [issue.link_id for issue in issues] == ["b"]


STRUCTURE: list[tuple[str, list[Any], str]] = [
    ("unknown", [answered("z", X)], "response.unknown-link"),
    ("no link id", [{"answer": [X]}], "response.unknown-link"),
    ("misplaced", [answered("b", X)], "response.misplaced"),
    ("children beside the answer", [{"linkId": "q", "answer": [X], "item": [answered("r", X)]}],
     "response.misplaced"),
    ("twice", [answered("a", X), answered("a", X)], "response.repeated"),
    ("group twice", [inside("g"), inside("g")], "response.repeated"),
    ("answer on a group", [answered("g", X)], "response.answer-not-allowed"),
    ("answer on a text", [answered("t", X)], "response.answer-not-allowed"),
    ("no object", [5], "response.shape"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "key"), [row[1:] for row in STRUCTURE], ids=[row[0] for row in STRUCTURE])
def test_structure(items: list[Any], key: str) -> None:
    definition = compiled(
        question("a"),
        group("g", question("b")),
        question("t", "display"),
        question("q", item=[question("r")]),
        group("many", question("c"), repeats=True),
    )
    assert key in keys(definition, *items, draft=True)
    assert keys(definition, inside("many"), inside("many"), draft=True) == []


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (None, "response.not-object"),
        ([], "response.not-object"),
        ({}, "response.resource-type"),
        ({"resourceType": "Patient"}, "response.resource-type"),
        ({"resourceType": "QuestionnaireResponse", "item": 5}, "response.shape"),
        (
            {"resourceType": "QuestionnaireResponse", "questionnaire": "http://other"},
            "response.other-questionnaire",
        ),
        (
            {
                "resourceType": "QuestionnaireResponse",
                "questionnaire": "https://example.org/Questionnaire/test|2",
            },
            "response.other-questionnaire",
        ),
        ({"resourceType": "QuestionnaireResponse", "x": "y" * 6_000_000}, "response.too-large"),
    ],
)
def test_what_is_no_response_to_this_form(found: Any, key: str) -> None:
    assert [issue.key for issue in validate(compiled(question("a")), found, draft=True)] == [key]


def test_calculations_that_fail_are_told_and_stop_nothing() -> None:
    definition = compiled(
        question("a", "integer", extension=[calculated("'x'")]),
        question("b", "integer", extension=[calculated("%nix")]),
    )
    issues = validate(definition, response(), draft=False)
    assert [issue.key for issue in issues] == ["expression.type", "expression.failed"]
    assert {issue.severity for issue in issues} == {Severity.WARNING}
