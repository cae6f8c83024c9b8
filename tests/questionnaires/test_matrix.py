"""Which groups are a table: those that ask for one, and whose questions are all answered on the same scale."""

from typing import Any

import pytest

from questionnaires.controls import Control
from questionnaires.rendering import render_page
from tests.questionnaires.test_rendering import form, shown

SCALE = [
    {"valueCoding": {"code": f"c{n}", "display": label}}
    for n, label in enumerate(["Slet ikke", "Lidt", "Noget", "Meget", "Virkelig meget"])
]


def table(*rows: dict[str, Any], control: str = "table", **more: Any) -> dict[str, Any]:
    coding = {"valueCodeableConcept": {"coding": [{"code": control}]}}
    extension = [{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl", **coding}]
    return {
        "linkId": "g",
        "type": "group",
        "text": "I den sidste uge",
        "extension": extension,
        "item": list(rows),
        **more,
    }


def row(link_id: str, scale: list[dict[str, Any]] = SCALE, **more: Any) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "type": "choice",
        "text": f"Spørgsmål {link_id}?",
        "answerOption": scale,
        **more,
    }


def control(group: dict[str, Any]) -> Control:
    definition = form(group)
    return render_page(definition, definition.pages[0], {}).items[0].control


@pytest.mark.parametrize("kind", ["table", "htable", "gtable"])
def test_like_scaled_questions_are_a_table(kind: str) -> None:
    assert control(table(row("a"), row("b"), control=kind)) is Control.MATRIX


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(table(row("a"), row("b"), control="list"), id="asks for no table"),
        pytest.param(table(row("a")), id="one question"),
        pytest.param(table(row("a"), row("b", SCALE[:3])), id="another scale"),
        pytest.param(table(row("a"), row("b", repeats=True)), id="several answers"),
        pytest.param(table(row("a"), row("b", type="open-choice")), id="own words"),
        pytest.param(table(row("a"), {"linkId": "t", "type": "text", "text": "Andet?"}), id="a text"),
        pytest.param(
            table(
                *[row(name, [{"valueCoding": {"code": "x", "display": "x" * 30}}, SCALE[0]]) for name in "ab"]
            ),
            id="long headings",
        ),
    ],
)
def test_others_are_asked_one_by_one(group: dict[str, Any]) -> None:
    assert control(group) is Control.GROUP


def test_each_row_is_a_fieldset_with_its_own_labels() -> None:
    html = shown(form(table(row("a"), row("b"))))
    assert html.count("<fieldset") == 2
    assert html.count('type="radio"') == 10
    assert html.count("Virkelig meget</label>") == 2
    assert html.count("<span>Virkelig meget</span>") == 1  # the heading, for the eye


def test_a_row_that_is_not_asked_is_left_out() -> None:
    hidden = row("b", enableWhen=[{"question": "a", "operator": "=", "answerCoding": {"code": "c4"}}])
    definition = form(table(row("a"), hidden, row("c")))
    (group,) = render_page(definition, definition.pages[0], {}).items
    assert [view.link_id for view in group.items] == ["a", "c"]
