"""What lies outside a question's bounds; what cannot be held against them does not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from questionnaires.engine import Item
from questionnaires.engine.ranges import in_own_unit, is_comparable, is_outside, order_of_quantities, span_of
from tests.engine.small_forms import compiled, extension, question


def item(type_: str, **bounds: Any) -> Item:
    found = [extension(name, **value) for name, value in bounds.items()]
    return compiled(question("q", type_, extension=found)).by_link_id["q"]


@pytest.mark.parametrize(
    ("made", "name", "value"),
    [
        (item("decimal", minValue={"valueDecimal": 5}), "valueDecimal", "mange"),
        (item("date", minValue={"valueDate": "2026-01-01"}), "valueDate", "snart"),
        (item("time", minValue={"valueTime": "08:00:00"}), "valueTime", "sent"),
        (item("quantity", minValue={"valueDecimal": 5}), "valueQuantity", {"unit": "kg"}),
    ],
)
def test_what_is_no_value_is_not_outside(made: Item, name: str, value: Any) -> None:
    assert not is_outside(made, name, value)


def test_a_quantity_may_have_plain_bounds() -> None:
    made = item("quantity", minValue={"valueDecimal": 5})
    assert is_outside(made, "valueQuantity", {"value": 4, "unit": "kg"})
    assert is_comparable(made, {"value": 4, "unit": "kg"})


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ({"value": 1}, {"value": 2, "unit": "kg"}, -1),
        ({"value": 2, "unit": "KG"}, {"value": 2, "code": "kg"}, 0),
        ({"value": 3, "unit": "kg"}, {"value": 2, "unit": "kg"}, 1),
        ({"value": 3, "unit": "x"}, {"value": 2, "unit": "y"}, None),
        ({"unit": "kg"}, {"value": 2}, None),
        ({"value": 2}, {"value": "x"}, None),
    ],
)
def test_the_order_of_quantities(left: dict[str, Any], right: dict[str, Any], order: int | None) -> None:
    made = item("quantity", **{"questionnaire-unit": {"valueCoding": {"code": "kg", "display": "kg"}}})
    assert order_of_quantities(left, right, made) == order


UCUM = "http://unitsofmeasure.org"
KG = {"system": UCUM, "code": "kg", "display": "kg"}
G = {"system": UCUM, "code": "g", "display": "gram"}
IN_KG = {"value": 0.5, "unit": "kg", "system": UCUM, "code": "kg"}


def offering(own: dict[str, Any], *options: dict[str, Any]) -> Item:
    extensions = [extension("questionnaire-unit", valueCoding=own)]
    extensions += [extension("questionnaire-unitOption", valueCoding=one) for one in options]
    return compiled(question("q", "quantity", extension=extensions)).by_link_id["q"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": 500, "system": UCUM, "code": "g"}, IN_KG),
        ({"value": 500, "system": UCUM, "code": "g", "unit": "gram"}, IN_KG),
        ({"value": 2, "system": UCUM, "code": "kg"}, {"value": 2, "system": UCUM, "code": "kg"}),
        ({"value": 2, "unit": "KG"}, {"value": 2, "unit": "KG"}),
        ({"value": 2}, {"value": 2}),
        ({"unit": "gram"}, {"unit": "gram"}),
        ({"value": 2, "unit": "gram"}, None),
        ({"value": 2, "system": UCUM, "code": "m"}, None),
        ({"value": 2, "system": "urn:x", "code": "g"}, None),
    ],
)
def test_a_quantity_in_the_questions_own_unit(given: dict[str, Any], expected: dict[str, Any] | None) -> None:
    wanted = None if expected is None else {"valueQuantity": expected}
    assert in_own_unit(offering(KG, KG, G), {"valueQuantity": given}) == wanted


def test_nothing_is_converted_where_there_is_no_choice_or_no_known_unit() -> None:
    grams = {"valueQuantity": {"value": 500, "system": UCUM, "code": "g"}}
    assert in_own_unit(offering(KG), grams) == grams
    assert in_own_unit(offering(KG, KG), grams) == grams
    assert in_own_unit(offering({"display": "kop"}, {"display": "glas"}), grams) is None
    assert in_own_unit(offering(KG, KG, G), {"valueInteger": 3}) == {"valueInteger": 3}


@pytest.mark.parametrize(
    ("own", "options", "choices"),
    [
        (KG, (), []),
        (KG, (KG,), []),
        (KG, (G,), ["kg", "gram"]),
        (KG, (G, KG), ["kg", "gram"]),
        ({"display": "kop"}, ({"display": "glas"}, {"display": "kop"}), ["kop", "glas"]),
    ],
)
def test_the_units_to_choose_among_begin_with_the_own_one(
    own: dict[str, Any], options: tuple[dict[str, Any], ...], choices: list[str]
) -> None:
    assert [one["display"] for one in offering(own, *options).unit_choices] == choices


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-23", "2026-11-22T23:00", "2026-11-23T22:59"),
        ("2026-02", "2026-01-31T23:00", "2026-02-28T22:59"),
        ("2026-12", "2026-11-30T23:00", "2026-12-31T22:59"),
        ("2026", "2025-12-31T23:00", "2026-12-31T22:59"),
        ("2026-11-23T10:00:00", "2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00", "2026-11-23T10:00"),
    ],
)
def test_what_a_date_may_mean(text: str, first: str, last: str) -> None:
    span = span_of(text)
    assert span is not None
    assert [moment.replace(second=0, microsecond=0) for moment in span] == [
        datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (first, last)
    ]


def test_the_ends_of_the_calendar() -> None:
    assert span_of("0001-01-01") is not None
    assert span_of("9999") is not None
    assert span_of("9999-13") is None
    assert span_of(5) is None
