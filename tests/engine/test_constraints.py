"""Rules among answers that a form brings along."""

from typing import Any

import pytest

from questionnaires.engine import Definition, Issue, validate
from tests.engine.small_forms import CORE, answered, compiled, group, inside, question, response, when


def constraint(
    expression: str, human: str = "Noget passer ikke.", severity: str = "error", **rest: str
) -> dict[str, Any]:
    parts = {"key": "k1", "severity": severity, "expression": expression, "human": human, **rest}
    names = {"key": "valueId", "severity": "valueCode"}
    return {
        "url": f"{CORE}questionnaire-constraint",
        "extension": [{"url": name, names.get(name, "valueString"): value} for name, value in parts.items()],
    }


def target_constraint(expression: str, human: str, language: str = "text/fhirpath") -> dict[str, Any]:
    return {
        "url": f"{CORE}targetConstraint",
        "extension": [
            {"url": "key", "valueId": "k2"},
            {"url": "severity", "valueCode": "error"},
            {"url": "expression", "valueExpression": {"language": language, "expression": expression}},
            {"url": "human", "valueString": human},
        ],
    }


def judged(definition: Definition, *items: Any, draft: bool = False) -> list[Issue]:
    return list(validate(definition, response(*items), draft=draft))


LOW, HIGH = answered("low", {"valueInteger": 80}), answered("high", {"valueInteger": 120})
ORDER = "%resource.item.where(linkId='low').answer.value < %resource.item.where(linkId='high').answer.value"


def pressure(*extensions: dict[str, Any]) -> Definition:
    return compiled(question("low", "integer"), question("high", "integer"), extension=list(extensions))


def test_a_broken_rule_is_told_in_the_forms_own_words() -> None:
    definition = pressure(constraint(ORDER, "Det nederste tryk skal være lavest."))
    assert judged(definition, LOW, HIGH) == []
    [issue] = judged(definition, answered("low", {"valueInteger": 130}), HIGH)
    assert issue.key == "constraint.error"
    assert issue.is_error
    assert issue.code == "invariant"
    assert issue.text_da == "Det nederste tryk skal være lavest."
    assert (issue.link_id, issue.expression) == (None, "QuestionnaireResponse")


def test_a_rule_stops_only_the_submission_and_only_if_it_is_an_error() -> None:
    definition = pressure(constraint(ORDER, severity="warning"))
    [issue] = judged(definition, answered("low", {"valueInteger": 130}), HIGH)
    assert (issue.key, issue.is_error) == ("constraint.warning", False)
    assert judged(definition, answered("low", {"valueInteger": 130}), HIGH, draft=True) == []


def test_a_rule_about_what_is_not_answered_is_not_broken() -> None:
    assert judged(pressure(constraint(ORDER)), LOW) == []


def test_a_rule_on_an_item_holds_for_each_of_its_instances() -> None:
    definition = compiled(
        group(
            "dose",
            question("from", "integer"),
            question("to", "integer"),
            repeats=True,
            extension=[
                constraint("item.where(linkId='from').answer.value <= item.where(linkId='to').answer.value")
            ],
        )
    )

    def dose(low: int, high: int) -> dict[str, Any]:
        return inside("dose", answered("from", {"valueInteger": low}), answered("to", {"valueInteger": high}))

    assert judged(definition) == []
    issues = judged(definition, dose(1, 2), dose(3, 2), dose(4, 5), dose(9, 8))
    assert [issue.expression for issue in issues] == [
        "QuestionnaireResponse.item[1]",
        "QuestionnaireResponse.item[3]",
    ]
    assert {issue.link_id for issue in issues} == {"dose"}


def test_the_message_stands_where_the_rule_says() -> None:
    rule = constraint("item.answer.value.sum() < 10", "For meget.", location="b")
    definition = compiled(
        group("g", question("a", "integer"), question("b", "integer"), repeats=True, extension=[rule])
    )
    a, b = answered("a", {"valueInteger": 4}), answered("b", {"valueInteger": 9})
    [issue] = judged(definition, inside("g", a), inside("g", a, b))
    assert (issue.text_da, issue.link_id) == ("For meget.", "b")
    assert issue.expression == "QuestionnaireResponse.item[1].item[1]"


def test_a_rule_on_what_is_not_asked_is_not_judged() -> None:
    definition = compiled(
        question("a", "boolean"),
        question(
            "b",
            enableWhen=[when("a", "=", answerBoolean=True)],
            extension=[constraint("answer.value = 'x'", "Skriv x.")],
        ),
    )
    wrong = answered("b", {"valueString": "y"})
    assert [issue.text_da for issue in judged(definition, answered("a", {"valueBoolean": True}), wrong)] == [
        "Skriv x."
    ]
    off = judged(definition, answered("a", {"valueBoolean": False}), wrong)
    assert [issue.key for issue in off] == ["response.disabled"]


def test_a_page_is_judged_by_its_own_rules() -> None:
    definition = compiled(
        group("one", question("a", extension=[constraint("answer.value = 'x'", "Skriv x.")])),
        group("two", question("b", extension=[constraint("answer.value = 'y'", "Skriv y.")])),
        extension=[constraint("false", "Altid forkert.")],
    )
    given = response(
        inside("one", answered("a", {"valueString": "-"})), inside("two", answered("b", {"valueString": "-"}))
    )
    for page, words in zip(definition.pages, ["Skriv x.", "Skriv y."], strict=True):
        assert [issue.text_da for issue in validate(definition, given, draft=False, page=page)] == [words]


def test_a_target_constraint() -> None:
    definition = compiled(
        question(
            "phone", extension=[target_constraint("$this.answer.value.matches('^[0-9 ]+$')", "Kun tal.")]
        )
    )
    assert judged(definition, answered("phone", {"valueString": "12 34"})) == []
    [issue] = judged(definition, answered("phone", {"valueString": "tolv"}))
    assert (issue.text_da, issue.link_id) == ("Kun tal.", "phone")


@pytest.mark.parametrize("expression", ["answer.count() = %nix", "answer.value + 1 / 'x'"])
def test_a_rule_that_cannot_be_calculated_stops_nothing(expression: str) -> None:
    definition = compiled(question("q", extension=[constraint(expression)]))
    assert not any(issue.is_error for issue in judged(definition, answered("q", {"valueString": "x"})))


def test_a_very_long_sentence_is_cut() -> None:
    [issue] = judged(pressure(constraint("false", "x" * 3000)))
    assert len(issue.text_da) == 500


def test_a_sentence_with_braces_is_a_sentence() -> None:
    [issue] = judged(pressure(constraint("false", "Skriv {noget} andet.")))
    assert issue.text_da == "Skriv {noget} andet."


def test_a_rule_without_words_still_says_something() -> None:
    [issue] = judged(pressure(constraint("false", human="", key="")))
    assert issue.text_da == "Svarene passer ikke sammen efter en af spørgeskemaets regler."
    [issue] = judged(pressure(constraint("false", human="", key="bt-1")))
    assert issue.text_da == "bt-1"
