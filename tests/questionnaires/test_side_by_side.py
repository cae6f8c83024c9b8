"""Answers beside each other: what is marked, what another version asked otherwise, and what was not asked at all."""

from typing import Any

from questionnaires import engine
from questionnaires.engine import Definition
from questionnaires.numeric_answers import numeric_answers
from questionnaires.side_by_side import Change, Row, State, side_by_side
from tests.banded_form import banded_source
from tests.factories import questionnaire_source

URL = "https://example.org/q"


def compiled(source: dict[str, Any]) -> Definition:
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    return definition


def answers(**given: dict[str, Any] | None) -> dict[str, Any]:
    items = [{"linkId": link_id, "answer": [value]} for link_id, value in given.items() if value]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


def whole(number: int) -> dict[str, Any]:
    return {"valueInteger": number}


def rows(*columns: tuple[Definition, dict[str, Any]]) -> dict[str, Row]:
    return {row.question: row for part in side_by_side(columns) for row in part.rows}


def test_changes_are_against_the_answer_before() -> None:
    form = compiled(banded_source(URL))
    found = rows(
        (form, answers(pain=whole(7), sleep=whole(3))),
        (form, answers(pain=whole(4), sleep=whole(3))),
        (form, answers(pain=whole(4), note={"valueString": "Ro"})),
    )

    changes = {question: [cell.change for cell in row.cells] for question, row in found.items()}
    assert changes == {
        "Dine smerter": [Change.CHANGED, Change.SAME, Change.FIRST],
        "Din søvn": [Change.SAME, Change.ADDED, Change.FIRST],
        "Din vægt": [Change.SAME, Change.SAME, Change.FIRST],
        "Hvad betyder mest for dig?": [Change.SAME, Change.GONE, Change.FIRST],
    }
    assert [row.is_changed for row in found.values()] == [True, True, False, True]
    assert [cell.answers for cell in found["Dine smerter"].cells] == [("7",), ("4",), ("4",)]


def test_another_version_says_how_it_asked_and_what_it_did_not() -> None:
    old = banded_source(URL, pain="Hvor ondt har du?")
    old["item"] = [item for item in old["item"] if item["linkId"] != "sleep"]
    old["item"].append({"linkId": "appetite", "type": "text", "text": "Din appetit"})
    found = rows(
        (compiled(banded_source(URL)), answers(pain=whole(7), sleep=whole(3))),
        (compiled(old), answers(pain=whole(7), appetite={"valueString": "God"})),
    )

    pain, sleep, appetite = found["Dine smerter"], found["Din søvn"], found["Din appetit"]
    assert [cell.asked_as for cell in pain.cells] == ["", "Hvor ondt har du?"]
    assert pain.cells[0].change == Change.SAME
    assert sleep.cells[1].state == State.UNKNOWN
    assert (appetite.cells[0].state, appetite.cells[0].change) == (State.UNKNOWN, Change.GONE)
    assert list(found)[-1] == "Din appetit"


def test_what_was_not_asked_is_not_the_same_as_not_answered() -> None:
    form = compiled(questionnaire_source())

    def page(*items: dict[str, Any]) -> dict[str, Any]:
        return {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "page", "item": list(items)}]}

    yes = {"linkId": "pain", "answer": [{"valueBoolean": True}]}
    no = {"linkId": "pain", "answer": [{"valueBoolean": False}]}
    days = {"linkId": "how-much", "answer": [{"valueInteger": 3}]}
    found = rows((form, page(yes)), (form, page(no)), (form, page(yes, days)))

    assert [cell.state for cell in found["Hvor mange dage i denne uge?"].cells] == [
        State.SKIPPED,
        State.NOT_ASKED,
        State.ANSWERED,
    ]


def test_numbers_that_were_answered_are_found_by_the_definition() -> None:
    form = compiled(banded_source(URL))
    document = answers(
        pain=whole(7),
        weight={"valueQuantity": {"value": 70.5, "unit": "kg"}},
        note={"valueString": "12"},
        index={"valueDecimal": 21},
    )

    assert [(one.link_id, float(one.value), one.unit) for one in numeric_answers(form, document)] == [
        ("pain", 7.0, ""),
        ("weight", 70.5, "kg"),
    ]
    assert numeric_answers(form, answers(pain={"valueInteger": "seven"}, weight={"valueQuantity": {}})) == []
