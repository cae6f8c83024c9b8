"""Rows of repeating groups: their keys stay while others come and go."""

from typing import Any

import pytest

from questionnaires import engine
from questionnaires.engine import Definition, find_rows, row_keys, with_row, without_row

DOSE = {"linkId": "dose", "type": "string", "text": "Hvor meget?", "required": True}
MEDICINE = {
    "linkId": "medicine",
    "type": "group",
    "text": "Medicin",
    "repeats": True,
    "item": [
        {"linkId": "name", "type": "string", "text": "Hvad hedder den?"},
        {"linkId": "daily", "type": "boolean", "text": "Tager du den hver dag?"},
        {**DOSE, "enableWhen": [{"question": "daily", "operator": "=", "answerBoolean": True}]},
        {
            "linkId": "times",
            "type": "group",
            "repeats": True,
            "item": [{"linkId": "at", "type": "time", "text": "Hvornår?"}],
        },
    ],
}


def form(*items: dict[str, Any]) -> Definition:
    compilation = engine.compile_questionnaire(
        {"resourceType": "Questionnaire", "status": "active", "item": list(items)}
    )
    assert compilation.definition is not None, compilation.issues
    return compilation.definition


@pytest.fixture
def definition() -> Definition:
    page = {
        "linkId": "p",
        "type": "group",
        "item": [MEDICINE, {"linkId": "z", "type": "string", "text": "?"}],
    }
    return form(page)


def said(
    definition: Definition, draft: dict[str, Any], link_id: str, rows: engine.Rows, value: dict[str, Any]
) -> dict[str, Any]:
    found = find_rows(definition, draft, link_id, rows)
    assert not found.missing
    return engine.with_answers(definition, draft, link_id, [value], within=found.within)


def heard(definition: Definition, draft: dict[str, Any], link_id: str, rows: engine.Rows) -> Any:
    return engine.answers_of(draft, link_id, within=find_rows(definition, draft, link_id, rows).within)


def test_the_first_row_is_there_before_anybody_touches_it(definition: Definition) -> None:
    draft = engine.new_response(definition)
    assert row_keys(definition, draft, "medicine", ()) == ("0",)
    draft = said(definition, draft, "name", ("0",), {"valueString": "Panodil"})
    assert heard(definition, draft, "name", ("0",)) == ({"valueString": "Panodil"},)
    assert row_keys(definition, draft, "medicine", ()) == ("0",)


def test_a_row_is_added_and_answered_by_its_key(definition: Definition) -> None:
    draft = with_row(definition, engine.new_response(definition), "medicine", ("k1",))
    draft = said(definition, draft, "z", (), {"valueString": "sidst"})
    draft = said(definition, draft, "name", ("k1",), {"valueString": "Ipren"})
    assert row_keys(definition, draft, "medicine", ()) == ("0", "k1")
    assert heard(definition, draft, "name", ("k1",)) == ({"valueString": "Ipren"},)
    assert heard(definition, draft, "name", ("0",)) == ()
    assert engine.validate(definition, draft, draft=True) == ()
    assert draft == with_row(definition, draft, "medicine", ("k1",))  # there already


def test_the_others_keep_their_keys_when_one_is_removed(definition: Definition) -> None:
    draft = engine.new_response(definition)
    draft = said(definition, draft, "name", ("0",), {"valueString": "Panodil"})
    for key in ("k1", "k2"):
        draft = with_row(definition, draft, "medicine", (key,))
        draft = said(definition, draft, "name", (key,), {"valueString": key})
    draft = without_row(definition, draft, "medicine", ("0",))
    assert row_keys(definition, draft, "medicine", ()) == ("k1", "k2")
    draft = without_row(definition, draft, "medicine", ("k1",))
    assert heard(definition, draft, "name", ("k2",)) == ({"valueString": "k2"},)
    assert find_rows(definition, draft, "name", ("k1",)).missing == (("medicine", ("k1",)),)


def test_rows_within_rows(definition: Definition) -> None:
    draft = with_row(definition, engine.new_response(definition), "medicine", ("k1",))
    draft = with_row(definition, draft, "times", ("k1", "t1"))
    draft = said(definition, draft, "at", ("k1", "t1"), {"valueTime": "08:00:00"})
    assert row_keys(definition, draft, "times", ("k1",)) == ("0", "t1")
    assert row_keys(definition, draft, "times", ("0",)) == ("0",)
    assert heard(definition, draft, "at", ("k1", "t1")) == ({"valueTime": "08:00:00"},)
    draft = without_row(definition, draft, "times", ("k1", "t1"))
    assert row_keys(definition, draft, "times", ("k1",)) == ("0",)


def test_a_condition_looks_at_its_own_row_and_what_is_missing_names_it(definition: Definition) -> None:
    draft = with_row(definition, engine.new_response(definition), "medicine", ("k1",))
    draft = said(definition, draft, "daily", ("0",), {"valueBoolean": False})
    draft = said(definition, draft, "daily", ("k1",), {"valueBoolean": True})
    occurrences = engine.occurrences_of(definition, draft, engine.evaluate(definition, draft))
    assert [one.enabled for one in occurrences.by_link_id["dose"]] == [False, True]
    assert [engine.rows_of(one) for one in occurrences.by_link_id["dose"]] == [("0",), ("k1",)]
    (issue,) = engine.validate(definition, engine.finish(definition, draft), draft=False)
    assert (issue.link_id, issue.rows) == ("dose", ("k1",))


def test_a_finished_response_keeps_the_keys_and_leaves_out_empty_rows(definition: Definition) -> None:
    draft = with_row(definition, engine.new_response(definition), "medicine", ("k1",))
    draft = with_row(definition, draft, "medicine", ("k2",))
    draft = said(definition, draft, "name", ("k2",), {"valueString": "Ipren"})
    finished = engine.finish(definition, draft)
    assert row_keys(definition, finished, "medicine", ()) == ("k2",)
    assert engine.finish(definition, finished) == finished


def test_rows_below_the_answers_of_a_question() -> None:
    definition = form(
        {
            "linkId": "where",
            "type": "choice",
            "text": "Hvor?",
            "repeats": True,
            "answerOption": [{"valueCoding": {"code": code, "display": code}} for code in ("ryg", "knæ")],
            "item": [{"linkId": "how", "type": "string", "text": "Hvordan?"}],
        }
    )
    options = definition.by_link_id["where"].options
    draft = engine.with_answers(definition, {}, "where", [option.value for option in options])
    draft = said(definition, draft, "how", ("1",), {"valueString": "Stikker"})
    assert draft["item"][0]["answer"][1]["item"][0]["answer"] == [{"valueString": "Stikker"}]
    assert heard(definition, draft, "how", ("1",)) == ({"valueString": "Stikker"},)


@pytest.mark.parametrize("odd", [5, None, "", "a b", "x" * 65, ["k"]])
def test_an_id_that_is_none_counts_by_its_number(definition: Definition, odd: Any) -> None:
    row = {"linkId": "medicine", "id": odd}
    draft = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "p", "item": [row, row]}]}
    assert row_keys(definition, draft, "medicine", ()) == ("0", "1")
