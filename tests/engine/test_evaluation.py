from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine import Definition, evaluate, finish, occurrences, scores, validate, with_answers
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

SUM = "%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()"
ALL = f"iif(%resource.repeat(item).where(linkId in ('a' | 'b')).answer.count() = 2, {SUM} * 4, {{}})"
UNIT = extension("questionnaire-unit", valueCoding={"code": "p", "display": "point"})


def scored(expression: str, type_: str = "decimal", **rest: Any) -> Definition:
    return compiled(
        group("g", *(choice(link, "x", "y", "z", weights=(0, 1, 2.5)) for link in "ab")),
        question("score", type_, extension=[calculated(expression), UNIT], readOnly=True, **rest),
    )


def answers(a: str = "", b: str = "") -> dict[str, Any]:
    return response(
        inside("g", *(answered(link, coded(code)) for link, code in (("a", a), ("b", b)) if code))
    )


@pytest.mark.parametrize(
    ("expression", "a", "b", "value"),
    [
        (SUM, "y", "z", "3.5"),
        (SUM, "y", "", "1"),
        (SUM, "", "", "0"),
        (f"{SUM} * 4", "y", "z", "14"),
        (f"{SUM} / 2", "y", "z", "1.75"),
        (f"{SUM} - 1", "y", "z", "2.5"),
        (f"{SUM} + 1.5", "y", "z", "5"),
        (f"10 - {SUM} * 2", "y", "z", "3"),
        (f"10 - {SUM} + 2", "y", "z", "8.5"),
        (SUM.replace("repeat(item)", "descendants()"), "y", "z", "3.5"),
        (SUM.replace("weight", "ordinal"), "y", "z", "3.5"),
        (SUM.replace(".value.", "."), "y", "z", "3.5"),
        (ALL, "y", "z", "14"),
        (ALL, "y", "", None),
        (ALL.replace(" = 2", " >= 1"), "y", "", "4"),
        (ALL.replace(", {}", ""), "", "", None),
        (f"({SUM}) * 4", "y", "z", "14"),
        (f"{SUM} / 0", "y", "z", None),
        ("%resource.item.item.where(linkId = 'a').answer.value.weight()", "z", "", "2.5"),
        ("3 'kg'", "", "", "3"),
        ("%resource.item.where(linkId = 'g').weight()", "y", "", None),
    ],
)
def test_scores(expression: str, a: str, b: str, value: str | None) -> None:
    found = scores(scored(expression), answers(a, b))
    assert [score.value for score in found] == ([Decimal(value)] if value else [])
    if found:
        assert (found[0].link_id, found[0].name, found[0].unit) == ("score", "Spørgsmål score", "point")


@pytest.mark.parametrize(
    ("type_", "expression", "value"),
    [
        ("integer", "1 + 2", {"valueInteger": 3}),
        ("integer", "1.5", None),
        ("integer", SUM, {"valueInteger": 1}),
        ("integer", f"{SUM} + 0.5", None),
        ("decimal", "1.5", {"valueDecimal": 1.5}),
        ("decimal", "true", None),
        ("decimal", "1 | 2", None),
        ("quantity", "1.5", {"valueQuantity": {"value": 1.5, "unit": "point", "code": "p"}}),
        ("quantity", SUM, {"valueQuantity": {"value": 1, "unit": "point", "code": "p"}}),
        ("boolean", "1 = 1", {"valueBoolean": True}),
        ("boolean", "'x'", None),
        ("string", "'a' & 'b'", {"valueString": "ab"}),
        ("string", "1", None),
        ("url", "'http://x'", {"valueUri": "http://x"}),
        ("date", "'2026-11-23'", {"valueDate": "2026-11-23"}),
        ("date", "'snart'", None),
        ("time", "'10:00:00'", {"valueTime": "10:00:00"}),
        ("dateTime", "'2026-11-23'", {"valueDateTime": "2026-11-23"}),
        ("boolean", "'aaa'.matches('^a+$')", {"valueBoolean": True}),
        ("boolean", "'" + "a" * 60 + "!'.matches('^(a|a|aa)+$')", None),  # takes too long
        ("boolean", "('a' | 'b').matches('a')", None),
    ],
)
def test_calculated_answers_have_the_type_of_their_question(
    type_: str, expression: str, value: dict[str, Any] | None
) -> None:
    evaluation = evaluate(scored(expression, type_), answers("y"))
    assert evaluation.calculated.get("score") == value


def test_a_calculated_choice_is_one_of_its_options() -> None:
    take_a = "%resource.item.where(linkId = 'a').answer.value"
    definition = compiled(
        choice("a", "x", "y"),
        choice("copy", "x", extension=[calculated(take_a)]),
        question(
            "text", "choice", answerOption=[{"valueString": "x"}], extension=[calculated(f"{take_a}.code")]
        ),
        question(
            "open", "open-choice", answerOption=[{"valueString": "x"}], extension=[calculated("'frit'")]
        ),
    )
    calculated_now = evaluate(definition, response(answered("a", coded("x")))).calculated
    assert calculated_now["copy"]["valueCoding"]["code"] == "x"
    assert calculated_now["text"] == {"valueString": "x"}
    assert calculated_now["open"] == {"valueString": "frit"}
    other = evaluate(definition, response(answered("a", coded("y"))))
    assert "copy" not in other.calculated
    assert {issue.key for issue in other.issues} == {"expression.type"}


def test_calculations_build_on_each_other_and_conditions_on_calculations() -> None:
    value_of_b = "%resource.item.where(linkId = 'b').answer.value"
    definition = compiled(
        question("c", "integer", extension=[calculated(f"{value_of_b} + 1")]),
        question(
            "b", "integer", extension=[calculated("%resource.item.where(linkId = 'a').answer.value + 1")]
        ),
        question("a", "integer"),
        question("t", enableWhen=[when("c", ">=", answerInteger=5)]),
    )
    high = evaluate(definition, response(answered("a", {"valueInteger": 3})))
    assert high.calculated == {"c": {"valueInteger": 5}, "b": {"valueInteger": 4}}
    assert high.is_enabled("t")
    assert not evaluate(definition, response(answered("a", {"valueInteger": 2}))).is_enabled("t")


def test_calculations_see_only_what_is_asked() -> None:
    definition = compiled(
        question("a", "boolean"),
        question("b", "integer", enableWhen=[when("a", "=", answerBoolean=True)]),
        question("c", "integer", extension=[calculated("%resource.item.where(linkId = 'b').answer.value")]),
    )
    hidden = response(answered("a", {"valueBoolean": False}), answered("b", {"valueInteger": 3}))
    assert evaluate(definition, hidden).calculated == {}


def test_calculations_that_never_settle_end_with_an_issue() -> None:
    flip = "%resource.item.where(linkId = 'a').answer.value.not()"
    definition = compiled(
        question("a", "boolean", extension=[calculated(f"iif(%resource.item.exists(), {flip}, true)")])
    )
    assert [issue.key for issue in evaluate(definition, response()).issues] == ["expression.unsettled"]


def test_a_number_may_come_from_a_quantity() -> None:
    definition = compiled(
        question("q", "quantity"),
        question("n", "decimal", extension=[calculated("%resource.item.where(linkId = 'q').answer.value")]),
    )
    filled = response(answered("q", {"valueQuantity": {"value": 3, "unit": "kg"}}))
    assert evaluate(definition, filled).calculated == {"n": {"valueDecimal": 3}}


def test_a_calculated_text_is_no_score() -> None:
    assert scores(scored("'x'", "string"), answers()) == ()


def test_progress_counts_what_a_person_is_asked() -> None:
    definition = compiled(
        group(
            "g",
            question("a", "boolean"),
            question("b", enableWhen=[when("a", "=", answerBoolean=True)]),
            question("c", readOnly=True),
            question("t", "display"),
        ),
        group("h", question("d"), extension=[extension("questionnaire-hidden", valueBoolean=True)]),
        question("e", "integer", extension=[calculated("1")]),
    )
    progress = evaluate(definition, response()).progress
    assert (progress.answered, progress.asked, progress.percent) == (0, 1, 0)
    yes = evaluate(definition, response(inside("g", answered("a", {"valueBoolean": True})))).progress
    assert (yes.answered, yes.asked, yes.percent) == (1, 2, 50)
    assert evaluate(compiled(question("t", "display")), response()).progress.percent == 100


def test_pages_with_nothing_to_show_are_left_out() -> None:
    definition = compiled(
        group("one", question("a", "boolean")),
        group("two", question("b", enableWhen=[when("a", "=", answerBoolean=True)])),
        {"linkId": "three", "type": "group", "text": "Overskrift",
         "enableWhen": [when("a", "=", answerBoolean=True)]},
    )  # fmt: skip
    assert [page.link_id for page in evaluate(definition, response()).pages] == ["one"]
    yes = response(inside("one", answered("a", {"valueBoolean": True})))
    assert [page.link_id for page in evaluate(definition, yes).pages] == ["one", "two", "three"]


def test_a_finished_response() -> None:
    definition = scored(SUM)
    draft = {**answers("y"), "subject": {"reference": "Patient/1"}}
    finished = finish(definition, with_answers(definition, draft, "b", [coded("z")]))
    assert finished == {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "https://example.org/Questionnaire/test|1",
        "subject": {"reference": "Patient/1"},
        "item": [
            {
                "linkId": "g",
                "text": "Gruppe g",
                "item": [
                    {"linkId": "a", "text": "Spørgsmål a", "answer": [coded("y")]},
                    {"linkId": "b", "text": "Spørgsmål b", "answer": [coded("z")]},
                ],
            },
            {"linkId": "score", "text": "Spørgsmål score", "answer": [{"valueDecimal": 3.5}]},
        ],
    }
    assert finish(definition, finished) == finished
    assert validate(definition, finished, draft=False) == ()
    assert "item" not in finish(compiled(question("a")), response())


def test_children_of_answers_are_kept_with_them_and_of_no_answer_too() -> None:
    definition = compiled(question("a", item=[question("b"), question("t", "display")]))
    text = {"valueString": "x"}
    full = finish(definition, response(answered("a", {**text, "item": [answered("b", text)]})))
    assert full["item"][0]["answer"][0]["item"][0]["linkId"] == "b"
    bare = finish(definition, response(answered("a", {"item": [answered("b", text)]})))
    assert bare["item"][0]["answer"] == [{"item": [{"linkId": "b", "text": "Spørgsmål b", "answer": [text]}]}]


def test_more_instances_than_anybody_has_are_cut() -> None:
    definition = compiled(
        group("g", *(question(str(n)) for n in range(60)), repeats=True),
        question("r", repeats=True, item=[question(f"r{n}") for n in range(60)]),
    )
    many = response(
        *(inside("g", answered("0", {"valueString": "x"})) for _ in range(2000)),
        answered("r", *({"valueString": str(n)} for n in range(2000))),
    )
    laid = occurrences.lay_over(definition, many)
    assert laid.is_cut
    assert sum(1 for _ in laid.walk()) < occurrences.MOST_OCCURRENCES + 200
    assert "response.too-many" in {issue.key for issue in validate(definition, many, draft=True)}
