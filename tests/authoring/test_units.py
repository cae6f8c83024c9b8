"""The units of a quantity: one, or several to choose from; written, read, told apart, and kept as they came."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires.authoring import settings, units
from questionnaires.authoring.checks.logic import logic_hints
from questionnaires.authoring.differences import differences
from questionnaires.authoring.tree import Source, find
from questionnaires.engine import compile_questionnaire
from questionnaires.engine.extension_urls import (
    ANSWER_CONDITIONS,
    ANSWER_SIGNIFICANCE,
    CALCULATED,
    FEEDBACK,
    MAX_VALUES,
    UNIT,
    UNIT_OPTION,
)

UCUM = "http://unitsofmeasure.org"
KG = {"system": UCUM, "code": "kg", "display": "kg"}
LB = {"system": UCUM, "code": "[lb_av]", "display": "lb"}


def weight(*extension: dict[str, Any], **more: Any) -> Source:
    """A form with one quantity, `w`."""
    item = {"linkId": "w", "type": "quantity", "text": "Din vægt", **more}
    if extension:
        item["extension"] = list(extension)
    return {"resourceType": "Questionnaire", "url": "urn:uuid:x", "item": [item]}


def own(coding: dict[str, Any]) -> dict[str, Any]:
    return {"url": UNIT, "valueCoding": coding}


def offered(coding: dict[str, Any]) -> dict[str, Any]:
    return {"url": UNIT_OPTION, "valueCoding": coding}


def with_units(source: Source, text: str) -> Source:
    return settings.with_setting(source, "w", "units", text)


def read(source: Source) -> str:
    return str(settings.values_of(find(source, "w"))["units"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="none"),
        pytest.param("kg", [own(KG)], id="one"),
        pytest.param("kg\nlb", [own(KG), offered(KG), offered(LB)], id="two"),
        pytest.param(
            "skefulde\nglas",
            [own({"display": "skefulde"}), offered({"display": "skefulde"}), offered({"display": "glas"})],
            id="without codes",
        ),
        pytest.param(" kg \n\nLB\nlb", [own(KG), offered(KG), offered(LB | {"display": "LB"})], id="untidy"),
    ],
)
def test_units_are_written_so_that_other_systems_offer_all_of_them(
    text: str, expected: list[dict[str, Any]]
) -> None:
    made = with_units(weight(), text)
    assert find(made, "w").get("extension", []) == expected
    assert with_units(made, read(made)) == made
    assert with_units(made, "") == weight()


def test_the_engine_offers_the_units_with_the_first_as_the_questions_own() -> None:
    definition = compile_questionnaire(with_units(weight(), "kg\nlb\nglas")).definition
    assert definition is not None
    item = definition.by_link_id["w"]
    assert item.unit == "kg"
    assert [one["display"] for one in item.unit_choices] == ["kg", "lb", "glas"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param(weight(offered(KG), offered(LB)), "kg\nlb", id="only options: the first is the own"),
        pytest.param(weight(own(LB), offered(KG), offered(LB)), "lb\nkg", id="the stated one goes first"),
        pytest.param(weight(own(LB), offered(KG)), "lb\nkg", id="the stated one is none of the options"),
        pytest.param(
            weight(offered(KG), offered(LB), initial=[{"valueQuantity": {"value": 9, "code": "[lb_av]"}}]),
            "lb\nkg",
            id="the initial answer's goes first",
        ),
        pytest.param(weight(initial=[{"valueQuantity": {"value": 9, "unit": "lb"}}]), "lb", id="no option"),
    ],
)
def test_imported_units_are_read_as_the_engine_reads_them(source: Source, text: str) -> None:
    assert read(source) == text
    definition = compile_questionnaire(source).definition
    assert definition is not None
    assert definition.by_link_id["w"].unit == text.splitlines()[0]


def test_a_code_that_was_imported_stays_with_its_name() -> None:
    stone = {"system": UCUM, "code": "[stone_av]", "display": "sten", "extension": [{"url": "urn:x"}]}
    source = with_units(weight(offered(stone), offered(KG)), "kg\nsten\nlb")
    assert find(source, "w")["extension"] == [own(KG), offered(KG), offered(stone), offered(LB)]


def test_two_imported_units_of_one_name_stay_two() -> None:
    source = weight(
        own(KG), offered(KG), offered(LB | {"display": "U"}), offered({"code": "U", "display": "U"})
    )
    assert read(source) == "kg\nU\nU (U)"
    longer = with_units(source, "kg\nU\nU (U)\nglas")
    assert find(longer, "w")["extension"][:4] == find(source, "w")["extension"]


def test_what_it_begins_with_goes_along_with_its_unit() -> None:
    source = settings.with_setting(with_units(weight(), "kg"), "w", "initial", Decimal(70))
    assert find(source, "w")["initial"][0]["valueQuantity"] == {"value": 70, "unit": "kg"} | {
        "system": UCUM,
        "code": "kg",
    }
    changed = with_units(source, "lb\nkg")
    assert find(changed, "w")["initial"][0]["valueQuantity"]["code"] == "[lb_av]"
    imported = weight(
        own(KG), offered(KG), offered(LB), initial=[{"valueQuantity": {"value": 9, "unit": "lb"}}]
    )
    assert find(with_units(imported, "kg\nlb\ng"), "w")["initial"] == find(imported, "w")["initial"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("kg\nlb", None),
        ("l\nml\nliter", ("l", "liter")),
        ("pund\nLB", ("pund", "LB")),
        ("glas\nkop", None),
    ],
)
def test_two_names_of_one_unit_are_found(text: str, same: tuple[str, str] | None) -> None:
    assert units.same_units(text) == same


def test_the_difference_names_the_units() -> None:
    before, after = with_units(weight(), "kg"), with_units(weight(), "kg\nlb")
    assert [one.text() for one in differences(before, after)] == [
        "Enhederne at vælge imellem er nu »kg«, »lb« for »Din vægt«."
    ]
    assert [one.text("en") for one in differences(after, with_units(after, "lb\nkg\ng"))] == [
        "The unit has changed from “kg” to “lb” for “Din vægt”.",
        "The units to choose from are now “lb”, “kg”, “g” (before: “kg”, “lb”) for “Din vægt”.",
    ]
    assert [one.text() for one in differences(after, before)] == [
        "Enhederne at vælge imellem er fjernet for »Din vægt«."
    ]


@pytest.mark.parametrize(("text", "is_said"), [("kg", False), ("kg\nlb", True)])
def test_the_check_says_that_a_calculation_does_not_see_the_unit(text: str, is_said: bool) -> None:
    """154 lb would count as 154 kg."""
    expression = {
        "language": "text/fhirpath",
        "expression": "%resource.item.where(linkId='w').answer.value.value",
    }
    half = {
        "linkId": "half", "type": "decimal", "text": "Halvdelen", "readOnly": True,
        "extension": [{"url": CALCULATED, "valueExpression": expression}],
    }  # fmt: skip
    source = with_units(weight(), text)
    definition = compile_questionnaire({**source, "item": [*source["item"], half]}).definition
    assert definition is not None
    found = [(hint.key, hint.link_id) for hint in logic_hints(definition)]
    assert found == ([("logic.units-in-calculation", "w")] if is_said else [])


BOUNDS = [{"url": MAX_VALUES[1], "valueQuantity": {"value": 30}}]
COLOURS = [
    {
        "url": ANSWER_SIGNIFICANCE,
        "extension": [
            {"url": "significance", "valueCoding": {"code": "red"}},
            {
                "url": ANSWER_CONDITIONS[0],
                "extension": [{"url": "operator", "valueCode": ">="}, {"url": "value", "valueDecimal": 15}],
            },
        ],
    }
]
MESSAGES = [
    {
        "url": FEEDBACK,
        "extension": [
            {"url": "value", "valueString": "Ring til os."},
            {"url": "min", "valueInteger": 15},
            {"url": "max", "valueInteger": 30},
        ],
    }
]


@pytest.mark.parametrize(
    ("text", "said_of_it", "danish"),
    [
        pytest.param("mmol/l\nmg/dl", [], None, id="nothing is said of the number"),
        pytest.param("mmol/l", BOUNDS, None, id="one unit"),
        pytest.param("kg\nlb", [*BOUNDS, *COLOURS, *MESSAGES], None, id="all can be converted"),
        pytest.param(
            "mmol/l\nmg/dl",
            BOUNDS,
            "Et svar i »mg/dl« kan ikke regnes om til »mmol/l«: grænserne gælder ikke. "
            "Fjern enheden, hvis det skal gælde alle svar.",
            id="bounds",
        ),
        pytest.param(
            "kg\nkop\nlb\nglas",
            [*BOUNDS, *COLOURS, *MESSAGES],
            "Et svar i »kop« eller »glas« kan ikke regnes om til »kg«: grænserne gælder ikke, svaret får ingen farve "
            "og borgeren får ingen besked. Fjern de enheder, hvis det skal gælde alle svar.",
            id="two of four, and all that is lost",
        ),
    ],
)
def test_the_check_names_the_units_that_pass_what_is_said_of_the_number(
    text: str, said_of_it: list[dict[str, Any]], danish: str | None
) -> None:
    definition = compile_questionnaire(with_units(weight(*said_of_it), text)).definition
    assert definition is not None
    found = [hint.text() for hint in logic_hints(definition) if hint.key == "logic.units-apart"]
    assert found == ([danish] if danish else [])


def test_what_is_counted_in_the_first_unit() -> None:
    everything = weight(*BOUNDS, *COLOURS, *MESSAGES)
    assert units.counted_in_own(find(everything, "w")) == ()
    assert units.counted_in_own(find(with_units(everything, "kg\nlb"), "w")) == tuple(units.Counted)
    assert units.counted_in_own(find(with_units(weight(*COLOURS), "kg"), "w")) == (units.Counted.COLOURS,)
