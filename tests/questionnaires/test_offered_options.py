"""Options where one would write otherwise (que-5 allows them), and options that a form calculates."""

from typing import Any

import pytest

from questionnaires import engine
from questionnaires.rendering import Control, ItemView, render_page
from questionnaires.services import apply_fields
from tests.engine.small_forms import choice, coded, compiled, extension, question, sdc


def only_view(definition: engine.Definition, document: dict[str, Any], number: int = -1) -> ItemView:
    return render_page(definition, definition.pages[0], document).items[number]


@pytest.mark.parametrize(
    ("kind", "option", "key", "label", "answer"),
    [
        ("time", {"valueTime": "10:30:00"}, "10:30:00", "10:30", {"valueTime": "10:30:00"}),
        ("date", {"valueDate": "2026-12-31"}, "2026-12-31", "31-12-2026", {"valueDate": "2026-12-31"}),
        (
            "dateTime",
            {"valueDate": "2026-12-31"},
            "2026-12-31",
            "31-12-2026",
            {"valueDateTime": "2026-12-31"},
        ),
        ("integer", {"valueInteger": 7}, "7", "7", {"valueInteger": 7}),
        ("decimal", {"valueInteger": 7}, "7", "7", {"valueDecimal": 7}),
        ("string", {"valueString": "Ude"}, "Ude", "Ude", {"valueString": "Ude"}),
    ],
)
def test_a_question_with_options_is_answered_from_its_list(
    kind: str, option: dict[str, Any], key: str, label: str, answer: dict[str, Any]
) -> None:
    definition = compiled(question("a", kind, answerOption=[option]))
    document = engine.new_response(definition)
    view = only_view(definition, document)
    assert view.control is Control.RADIOS
    assert view.options == ((key, label),)
    document, issues = apply_fields(definition, document, {"a": [key]})
    assert issues == ()
    assert engine.answers_of(document, "a") == (answer,)
    assert not [one for one in engine.validate(definition, document, draft=False) if one.is_error]
    assert only_view(definition, document).values == (key,)
    _, issues = apply_fields(definition, document, {"a": ["11:11"]})
    assert [issue.key for issue in issues] == ["answer.not-option"]


def test_calculated_options_are_those_that_the_answers_give() -> None:
    definition = compiled(
        choice("places", "arm", "leg", "back", repeats=True),
        question(
            "worst",
            "choice",
            extension=[sdc("answerExpression", "%resource.item.where(linkId = 'places').answer.value")],
        ),
    )
    document = engine.with_answers(
        definition, engine.new_response(definition), "places", [coded("arm"), coded("back")]
    )
    assert [key for key, _ in only_view(definition, document).options] == ["arm", "back"]
    document, issues = apply_fields(definition, document, {"worst": ["back"]})
    assert issues == ()
    assert engine.answers_of(document, "worst")[0]["valueCoding"]["code"] == "back"
    assert only_view(definition, document).values == ("back",)
    _, issues = apply_fields(definition, document, {"worst": ["leg"]})
    assert [issue.key for issue in issues] == ["answer.not-option"]


def test_what_is_for_afterwards_is_neither_shown_nor_demanded() -> None:
    afterwards = extension("questionnaire-usageMode", valueCode="display")
    definition = compiled(question("a"), question("b", required=True, extension=[afterwards]))
    document = engine.new_response(definition)
    assert [view.link_id for view in render_page(definition, definition.pages[0], document).items] == ["a"]
    assert engine.validate(definition, document, draft=False) == ()
    assert engine.evaluate(definition, document).progress.asked == 1
