"""Units: what they measure, and which quantities compare."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from questionnaires.engine.quantities import _METRIC, _PLAIN, UCUM, is_same_unit, measure, read_unit


def ucum(value: str, code: str) -> tuple[str, Fraction]:
    return measure(Decimal(value), system=UCUM, code=code, unit="whatever")


@pytest.mark.parametrize("code", [*_METRIC, *_PLAIN])
def test_every_unit_of_the_table_is_built_from_known_ones(code: str) -> None:
    assert read_unit(code) is not None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("10000", "m"), ("10", "km")),
        (("1", "kg"), ("1000", "g")),
        (("70.5", "kg"), ("70500000", "mg")),
        (("1", "h"), ("60", "min")),
        (("1", "wk"), ("7", "d")),
        (("1", "L"), ("10", "dL")),
        (("1", "l"), ("1000", "mL")),
        (("1", "L"), ("1000", "cm3")),
        (("100", "mg/dL"), ("1", "g/L")),
        (("1", "mmol/L"), ("1000", "umol/L")),
        (("1", "mmol/L"), ("1", "mol/m3")),
        (("37", "Cel"), ("98.6", "[degF]")),
        (("310.15", "K"), ("37", "Cel")),
        (("120", "mm[Hg]"), ("15998.64", "Pa")),
        (("12", "[in_i]"), ("1", "[ft_i]")),
        (("1", "[mi_i]"), ("1.609344", "km")),
        (("1", "[lb_av]"), ("453.59237", "g")),
        (("1", "kcal"), ("4.184", "kJ")),
        (("50", "%"), ("0.5", "1")),
        (("60", "/min"), ("1", "Hz")),
        (("60", "{slag}/min"), ("60", "/min")),
        (("5", "{score}"), ("5", "1")),
        (("1", "10*9/L"), ("1", "10^9/L")),
        (("1", "[iU]/mL"), ("1", "k[IU]/L")),
        (("25", "kg/m2"), ("25", "kg.m-2")),
        (("1", "U/L"), ("1", "umol/min/L")),
        (("1", "Torr"), ("1", "mm[Hg]")),
    ],
)
def test_the_same_in_two_units(left: tuple[str, str], right: tuple[str, str]) -> None:
    assert ucum(*left) == ucum(*right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("kg", "m"),
        ("mmol/L", "10*9/L"),
        ("mg/dL", "mmol/L"),
        ("Cel", "g"),
        ("U", "Hz"),
        ("[IU]", "[drp]"),
        ("d", "/d"),
    ],
)
def test_what_measures_different_things_does_not_compare(left: str, right: str) -> None:
    assert ucum("1", left)[0] != ucum("1", right)[0]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "nix",
        "dB",
        "(m/s)",
        "m..s",
        "m/",
        "10-3",
        "0",
        "m31",
        "m999",
        "[",
        "m" * 61,
        "1234567890",
        "kmin",
        "é",
    ],
)
def test_units_that_are_not_known_compare_only_with_themselves(code: str) -> None:
    assert read_unit(code) is None
    if code:
        assert ucum("3", code) == (f"{UCUM}|{code}", Fraction(3))


def test_units_without_ucum_are_known_by_system_and_code_or_by_name() -> None:
    assert measure(Decimal(3), system="http://x", code="kg", unit="") == ("http://x|kg", Fraction(3))
    assert measure(Decimal(3), system=None, code="kg", unit="") == ("|kg", Fraction(3))
    assert measure(Decimal(3), system=None, code=None, unit="Kg") == ("Kg", Fraction(3))
    assert measure(Decimal(3), system=None, code=5, unit=None) == ("", Fraction(3))


KM = {"system": UCUM, "code": "km", "display": "kilometer"}


@pytest.mark.parametrize(
    ("quantity", "coding", "same"),
    [
        ({"system": UCUM, "code": "km", "unit": "km"}, KM, True),
        ({"code": "km"}, KM, True),
        ({"system": UCUM, "code": "km"}, {"code": "km"}, True),
        ({"system": "http://x", "code": "km"}, KM, False),
        ({"system": UCUM, "code": "m", "unit": "kilometer"}, KM, False),
        ({"unit": " Kilometer "}, KM, True),
        ({"unit": "km"}, KM, True),
        ({"unit": "mile"}, KM, False),
        ({"system": UCUM}, KM, False),
        ({"code": "km"}, {"display": "km"}, False),
        ({"system": {}, "code": "km"}, KM, True),
        ({"system": [5], "code": []}, KM, False),
        ({}, {}, False),
    ],
)
def test_is_it_the_unit_the_form_asks_for(
    quantity: dict[str, Any], coding: dict[str, Any], same: bool
) -> None:
    assert is_same_unit(quantity, coding) is same
