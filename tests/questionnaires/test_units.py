"""A number whose unit is chosen beside it: how it is shown, read, judged and told."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires import engine
from questionnaires.engine import Definition
from questionnaires.engine.extension_urls import (
    ANSWER_CONDITIONS,
    ANSWER_SIGNIFICANCE,
    FEEDBACK,
    MAX_VALUES,
    MIN_VALUES,
    UNIT,
    UNIT_OPTION,
)
from questionnaires.form_reading import form_fields
from questionnaires.numeric_answers import numeric_answers
from questionnaires.rendering import ItemView, render_page
from questionnaires.services import apply_fields
from tests.questionnaires.test_rendering import form, posted, question, shown

UCUM = "http://unitsofmeasure.org"
KG = {"system": UCUM, "code": "kg", "display": "kg"}
LB = {"system": UCUM, "code": "[lb_av]", "display": "lb"}
CUP = {"display": "kop"}
OFFERED = [
    {"url": UNIT, "valueCoding": KG},
    *({"url": UNIT_OPTION, "valueCoding": one} for one in (KG, LB, CUP)),
]


def weight(*more: dict[str, Any], **facts: Any) -> Definition:
    return form(question("quantity", extension=[*OFFERED, *more], **facts))


def bounds(least: int, most: int) -> list[dict[str, Any]]:
    return [
        {"url": MIN_VALUES[1], "valueQuantity": {"value": least}},
        {"url": MAX_VALUES[1], "valueQuantity": {"value": most}},
    ]


def answered(
    definition: Definition, number: str, unit: str
) -> tuple[dict[str, Any], tuple[engine.Issue, ...]]:
    post = posted(("a:q.1", number), ("u:q.1", unit))
    return apply_fields(definition, {}, form_fields(definition, definition.pages[0], post))


def view_of(definition: Definition, draft: dict[str, Any], **more: Any) -> ItemView:
    (view,) = render_page(definition, definition.pages[0], draft, **more).items
    return view


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        ("70,5", "kg", {"value": 70.5, "unit": "kg", "system": UCUM, "code": "kg"}),
        ("154", "[lb_av]", {"value": 154, "unit": "lb", "system": UCUM, "code": "[lb_av]"}),
        ("2", "kop", {"value": 2, "unit": "kop"}),
        ("154 lb", "kg", {"value": 154, "unit": "lb", "system": UCUM, "code": "[lb_av]"}),
        ("70", "", {"value": 70, "unit": "kg", "system": UCUM, "code": "kg"}),
    ],
    ids=["own", "other", "without a code", "written with its unit", "no unit sent"],
)
def test_a_number_is_in_the_unit_that_was_chosen(number: str, unit: str, expected: dict[str, Any]) -> None:
    definition = weight()
    draft, issues = answered(definition, number, unit)
    assert issues == ()
    assert engine.answers_of(draft, "q.1") == ({"valueQuantity": expected},)
    assert engine.validate(definition, draft, draft=True) == ()


def test_a_unit_without_a_number_is_no_answer() -> None:
    draft, issues = answered(weight(), " ", "[lb_av]")
    assert issues == ()
    assert engine.answers_of(draft, "q.1") == ()


def test_the_page_offers_the_units_and_shows_what_was_chosen() -> None:
    definition = weight()
    html = shown(definition)
    assert '<option value="kg" selected>kg</option>' in html
    assert '<option value="[lb_av]">lb</option>' in html
    draft, _issues = answered(definition, "154", "[lb_av]")
    assert (view := view_of(definition, draft)).value == "154"
    assert view.unit_chosen == "[lb_av]"
    again = shown(definition, draft)
    assert '<option value="[lb_av]" selected>lb</option>' in again
    assert 'value="154"' in again


@pytest.mark.parametrize("own", [KG, {"display": "skefuld"}], ids=["with a code", "without one"])
@pytest.mark.parametrize("unit", ["kop", "glas"])
def test_units_without_codes_are_told_apart_by_their_names(own: dict[str, Any], unit: str) -> None:
    units = [
        {"url": UNIT, "valueCoding": own},
        *({"url": UNIT_OPTION, "valueCoding": one} for one in (own, CUP, {"display": "glas"})),
    ]
    definition = form(question("quantity", extension=units))
    draft, _issues = answered(definition, "2", unit)
    assert (view_of(definition, draft).value, view_of(definition, draft).unit_chosen) == ("2", unit)


def test_what_cannot_be_read_stays_with_its_unit() -> None:
    definition = weight()
    post = posted(("a:q.1", "mange"), ("u:q.1", "[lb_av]"))
    fields = form_fields(definition, definition.pages[0], post)
    draft, issues = apply_fields(definition, {}, fields)
    view = view_of(definition, draft, problems=issues, raw=fields)
    assert (view.value, view.unit_chosen) == ("mange", "[lb_av]")
    assert "Skriv et tal" in view.error


def test_each_of_several_answers_has_its_unit() -> None:
    definition = weight(repeats=True)
    post = posted(
        ("a:q.1", "70"), ("u:q.1", "kg"), ("a:q.1", ""), ("u:q.1", "kg"), ("a:q.1", "2"), ("u:q.1", "kop")
    )
    fields = form_fields(definition, definition.pages[0], post)
    draft, issues = apply_fields(definition, {}, fields)
    assert issues == ()
    told = [
        engine.display_value(definition.by_link_id["q.1"], one) for one in engine.answers_of(draft, "q.1")
    ]
    assert told == ["70 kg", "2 kop"]
    view = view_of(definition, draft)
    assert [(value, unit) for _id, value, unit in view.numbered_lines] == [("70", "kg"), ("2", "kop")]
    assert shown(definition, draft).count('name="u:q.1"') == 2


def test_units_are_shown_in_the_language_of_the_page_and_saved_as_they_are() -> None:
    translation = {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "cup"}],
    }
    cup = CUP | {"_display": {"extension": [translation]}}
    units = [{"url": UNIT, "valueCoding": KG}, {"url": UNIT_OPTION, "valueCoding": cup}]
    definition = form(question("quantity", extension=units))
    draft, _issues = answered(definition, "2", "kop")
    assert engine.answers_of(draft, "q.1") == ({"valueQuantity": {"value": 2, "unit": "kop"}},)
    assert '<option value="kop" selected>cup</option>' in shown(engine.worded(definition, "en"), draft)
    assert '<option value="kop" selected>kop</option>' in shown(definition, draft)


@pytest.mark.parametrize(
    ("number", "unit", "is_outside"),
    [
        ("250", "kg", False),
        ("251", "kg", True),
        ("400", "[lb_av]", False),
        ("600", "[lb_av]", True),
        ("400", "kop", False),
    ],
)
def test_bounds_are_in_the_questions_own_unit(number: str, unit: str, is_outside: bool) -> None:
    definition = weight(*bounds(30, 250))
    draft, _issues = answered(definition, number, unit)
    found = [issue.text("da") for issue in engine.validate(definition, draft, draft=True)]
    assert found == (["Skriv et tal mellem 30 kg og 250 kg."] if is_outside else [])
    assert "Skriv et tal fra 30 til 250 kg." in shown(definition)


FEEDBACK_FROM_100 = {
    "url": FEEDBACK,
    "extension": [
        {"url": "value", "valueString": "Ring til os."},
        {"url": "min", "valueInteger": 100},
        {"url": "max", "valueInteger": 300},
    ],
}
RED_FROM_100 = {
    "url": ANSWER_SIGNIFICANCE,
    "extension": [
        {"url": "significance", "valueCoding": {"code": "red"}},
        {
            "url": ANSWER_CONDITIONS[0],
            "extension": [{"url": "operator", "valueCode": ">="}, {"url": "value", "valueDecimal": 100}],
        },
    ],
}


@pytest.mark.parametrize(
    ("number", "unit", "is_told"),
    [("150", "kg", True), ("150", "[lb_av]", False), ("300", "[lb_av]", True), ("150", "kop", False)],
)
def test_feedback_and_colours_are_for_the_number_in_the_questions_own_unit(
    number: str, unit: str, is_told: bool
) -> None:
    definition = weight(FEEDBACK_FROM_100, RED_FROM_100)
    draft, _issues = answered(definition, number, unit)
    assert view_of(definition, draft).feedback == (("Ring til os.",) if is_told else ())
    colours = [one.colour for one in engine.conclude(definition, draft).significance]
    assert colours == (["red"] if is_told else [])


@pytest.mark.parametrize(
    ("number", "unit", "figure"),
    [
        ("70,123", "kg", (Decimal("70.123"), "kg")),
        ("154", "[lb_av]", (Decimal("69.85"), "kg")),
        # What cannot be converted is a line of its own.
        ("2", "kop", (Decimal(2), "kop")),
    ],
)
def test_the_figures_over_time_are_in_one_unit(number: str, unit: str, figure: tuple[Decimal, str]) -> None:
    definition = weight()
    draft, _issues = answered(definition, number, unit)
    assert [(one.value, one.unit) for one in numeric_answers(definition, draft)] == [figure]
