"""Quantities in units: which of two is the greater, and whether a unit is one that the form asks for.

Units are converted where both are UCUM (https://ucum.org) and built from the units below, with metric prefixes,
`.`, `/` and exponents: lengths, masses, times, volumes, temperatures, amounts of substance, pressure, energy and
the units of laboratories and clinics. Anything else, brackets for one, compares only with the very same unit.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

UCUM = "http://unitsofmeasure.org"
LONGEST_UNIT = 60
LARGEST_EXPONENT = 30


class Unit(NamedTuple):
    """What a unit measures (`m.s-2`), and how to get there: value × factor + offset."""

    measures: str
    factor: Fraction
    offset: Fraction = Fraction(0)


_PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
    "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18,
}  # fmt: skip

# By UCUM a mole is a plain number, so that mmol/L would compare with cells per litre, and a unit of enzyme with hertz.
_BASES = frozenset({"m", "g", "s", "K", "C", "mol", "osm", "eq"})
_METRIC: dict[str, tuple[str, str]] = {
    # code: (how many, of what)
    "L": ("1", "dm3"), "l": ("1", "dm3"), "N": ("1", "kg.m.s-2"), "Pa": ("1", "N.m-2"), "bar": ("100000", "Pa"),
    "J": ("1", "N.m"), "W": ("1", "J.s-1"), "Hz": ("1", "s-1"), "A": ("1", "C.s-1"), "V": ("1", "J.C-1"),
    "kat": ("1", "mol.s-1"), "U": ("1", "umol.min-1"), "cal": ("4.184", "J"), "m[Hg]": ("133.322", "kPa"),
    "m[H2O]": ("9.80665", "kPa"), "t": ("1000", "kg"),
}  # fmt: skip
_PLAIN: dict[str, tuple[str, str]] = {
    "min": ("60", "s"), "h": ("60", "min"), "d": ("24", "h"), "wk": ("7", "d"), "a": ("365.25", "d"),
    "mo": ("30.4375", "d"), "mo_j": ("30.4375", "d"), "a_j": ("365.25", "d"),
    "[in_i]": ("2.54", "cm"), "[ft_i]": ("12", "[in_i]"), "[yd_i]": ("3", "[ft_i]"), "[mi_i]": ("5280", "[ft_i]"),
    "[lb_av]": ("453.59237", "g"), "[oz_av]": ("28.349523125", "g"), "[stone_av]": ("14", "[lb_av]"),
    "[foz_us]": ("29.5735295625", "mL"), "[cup_us]": ("8", "[foz_us]"), "[Cal]": ("1", "kcal"),
    "%": ("1", "10*-2"), "[ppth]": ("1", "10*-3"), "[ppm]": ("1", "10*-6"), "[ppb]": ("1", "10*-9"),
}  # fmt: skip
_ARBITRARY = frozenset({"[IU]", "[arb'U]", "[pH]", "[drp]", "[CFU]", "[diop]"})
_SPECIAL = {
    "Cel": Unit("K", Fraction(1), Fraction("273.15")),
    "[degF]": Unit("K", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}
_SAME = {"[iU]": "[IU]", "Torr": "mm[Hg]"}

_ANNOTATION = re.compile(r"\{[^{}]*\}")
_PART = re.compile(r"(10[*^]|(?:\[[^\[\]]++\]|[A-Za-z%'_])++|\d{1,9}(?!\d))([+-]?\d{1,3})?", re.ASCII)


@lru_cache(maxsize=2048)
def read_unit(code: str) -> Unit | None:
    """What a UCUM code measures, or None for one that is not known here."""
    if code in _SPECIAL:
        return _SPECIAL[code]
    found = _combined(_ANNOTATION.sub("", code) or "1") if 0 < len(code) <= LONGEST_UNIT else None
    if found is None:
        return None
    bases = (
        f"{base}{exponent if exponent != 1 else ''}"
        for base, exponent in sorted(found[0].items())
        if exponent
    )
    return Unit(".".join(bases) or "1", found[1])


def _combined(code: str) -> tuple[dict[str, int], Fraction] | None:
    """A code in base units: {"m": 1, "s": -1} and a factor. It recurses into the definitions below only."""
    measures: dict[str, int] = {}
    factor = Fraction(1)
    for sign, part in _parts(code):
        found = _power(part, sign)
        if found is None:
            return None
        factor *= found[1]
        for base, exponent in found[0].items():
            measures[base] = measures.get(base, 0) + exponent
    return measures, factor


def _parts(code: str) -> list[tuple[int, str]]:
    """The parts of `kg.m/s2` with 1 where they multiply and -1 where they divide."""
    pieces = re.split(r"([./])", code)
    if pieces[0] == "":
        pieces[0] = "1"  # "/min" is one per minute
    return [
        (-1 if number and pieces[number - 1] == "/" else 1, pieces[number])
        for number in range(0, len(pieces), 2)
    ]


def _power(part: str, sign: int) -> tuple[dict[str, int], Fraction] | None:
    match = _PART.fullmatch(part)
    if match is None:
        return None
    name, exponent = match[1], int(match[2] or 1) * sign
    if abs(exponent) > LARGEST_EXPONENT or (name.isdigit() and match[2]):
        return None
    base = _atom(name)
    if base is None:
        return None
    return {one: power * exponent for one, power in base[0].items()}, base[1] ** exponent


@lru_cache(maxsize=512)
def _atom(name: str) -> tuple[dict[str, int], Fraction] | None:
    """What one unit is in base units: {"m": 1} and a factor. Prefixed where the unit takes prefixes."""
    name = _SAME.get(name, name)
    if name.isdigit():
        return ({}, Fraction(int(name))) if int(name) else None
    if name in ("10*", "10^"):
        return {}, Fraction(10)
    if name in _BASES or name in _ARBITRARY:
        return {name: 1}, Fraction(1)
    found = _METRIC.get(name) or _PLAIN.get(name)
    if found is not None:
        unit = _combined(found[1])
        return None if unit is None else (unit[0], unit[1] * Fraction(found[0]))
    for length in (1, 2):
        prefix, rest = name[:length], name[length:]
        if prefix in _PREFIXES and (rest in _BASES or rest in _METRIC or rest in ("[IU]", "[iU]")):
            base = _atom(rest)
            return None if base is None else (base[0], base[1] * Fraction(10) ** _PREFIXES[prefix])
    return None


def measure(number: Decimal, *, system: object, code: object, unit: object) -> tuple[str, Fraction]:
    """What a quantity measures, and how much of it: two that measure the same can be compared.

    `system`, `code` and `unit` as in FHIR's Quantity, of any shape. Uncoded units measure what they are called.
    """
    amount = Fraction(number)
    if isinstance(code, str) and code:
        known = read_unit(code) if system == UCUM else None
        if known is None:
            return f"{system or ''}|{code}", amount
        return f"{UCUM}|{known.measures}", amount * known.factor + known.offset
    return str(unit or ""), amount


def in_unit(measured: tuple[str, Fraction], *, system: object, code: object) -> Decimal | None:
    """How many of this unit what was measured (`measure`) is; None where the unit measures something else."""
    unit = read_unit(code) if isinstance(code, str) and system == UCUM else None
    kind, amount = measured
    if unit is None or kind != f"{UCUM}|{unit.measures}":
        return None
    exact = (amount - unit.offset) / unit.factor
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def is_same_unit(quantity: Mapping[str, Any], coding: Mapping[str, Any]) -> bool:
    """Is the quantity in the unit of this coding? By system and code, or by the unit's name where it has no code."""
    code, unit = quantity.get("code"), quantity.get("unit")
    if code and coding.get("code"):
        system, wanted = quantity.get("system"), coding.get("system")
        return bool(code == coding["code"] and (system == wanted or not system or not wanted))
    if not code and isinstance(unit, str):
        names = {str(name).strip().casefold() for name in (coding.get("display"), coding.get("code")) if name}
        return unit.strip().casefold() in names
    return False
