"""The unit of a number, and the units that a person may choose among. Read and written.

As texts a person writes: "kg", or several, one a line, of which the first is the question's own. What was imported
keeps its code as long as its name stands there.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from questionnaires.engine.extension_urls import (
    ANSWER_SIGNIFICANCE,
    FEEDBACK,
    MAX_VALUES,
    MIN_VALUES,
    UNIT,
    UNIT_OPTION,
)

from . import extensions
from .tree import Json

Item = dict[str, Any]

UCUM = "http://unitsofmeasure.org"
UNITS: Mapping[str, str] = {
    "%": "%",
    "°c": "Cel",
    "°f": "[degF]",
    "cm": "cm",
    "dage": "d",
    "dl": "dL",
    "fod": "[ft_i]",
    "g": "g",
    "g/l": "g/L",
    "kcal": "kcal",
    "kg": "kg",
    "kj": "kJ",
    "km": "km",
    "kpa": "kPa",
    "l": "L",
    "lb": "[lb_av]",
    "liter": "L",
    "m": "m",
    "mg": "mg",
    "mg/dl": "mg/dL",
    "minutter": "min",
    "ml": "mL",
    "mm": "mm",
    "mmhg": "mm[Hg]",
    "mmol/l": "mmol/L",
    "mmol/mol": "mmol/mol",
    "måneder": "mo",
    "pund": "[lb_av]",
    "slag/min": "/min",
    "timer": "h",
    "tommer": "[in_i]",
    "uger": "wk",
    "år": "a",
}
"""UCUM's codes of the units that people write most; any other unit stands in words alone."""


def read_unit(item: Json) -> str:
    """The name of the unit that the question says is its own."""
    coding = extensions.value(item, UNIT)
    return _name(coding) if isinstance(coding, Mapping) else ""


def write_unit(item: Item, text: str) -> Item:
    """One unit, for numbers that know no choice."""
    return extensions.with_value(item, UNIT, {"valueCoding": _coding(text, {})} if text else None)


def read_units(item: Json) -> str:
    """The names of the units, one a line, the question's own first."""
    return "\n".join(_known(item))


def write_units(item: Item, text: str) -> Item:
    """The first is the question's own; where there are more, all of them stand among those to choose from."""
    known = _known(item)
    wanted = {name: _coding(name, known) for name in names_in(text)}
    own = next(iter(wanted.values()), None)
    made = extensions.with_value(item, UNIT, {"valueCoding": own} if own is not None else None)
    made = extensions.without(made, UNIT_OPTION)
    if len(wanted) < 2:
        return made
    options = [{"url": UNIT_OPTION, "valueCoding": coding} for coding in wanted.values()]
    return extensions.with_extensions(made, [*extensions.extensions_of(made), *options])


def names_in(text: str) -> tuple[str, ...]:
    """The units written one a line, each once, whatever its capitals."""
    once: dict[str, str] = {}
    for line in text.splitlines():
        if name := " ".join(line.split()):
            once.setdefault(name.casefold(), name)
    return tuple(once.values())


def same_units(text: str) -> tuple[str, str] | None:
    """Two of the units that are one, called otherwise: l and liter. None where each is another."""
    seen: dict[str, str] = {}
    for name in names_in(text):
        code = UNITS.get(name.casefold())
        if code is not None and code in seen:
            return seen[code], name
        if code is not None:
            seen[code] = name
    return None


class Counted(StrEnum):
    """What is said of a number as it is in the question's own unit."""

    BOUNDS = "bounds"
    COLOURS = "colours"
    MESSAGES = "messages"


_COUNTED: Mapping[Counted, tuple[str, ...]] = {
    Counted.BOUNDS: (*MIN_VALUES, *MAX_VALUES),
    Counted.COLOURS: (ANSWER_SIGNIFICANCE,),
    Counted.MESSAGES: (FEEDBACK,),
}


def counted_in_own(item: Json) -> tuple[Counted, ...]:
    """What means something else as soon as another unit is the question's own; () where it has none."""
    if not _known(item):
        return ()
    return tuple(what for what, urls in _COUNTED.items() if any(extensions.every(item, *urls)))


def unit_of_quantity(item: Json) -> dict[str, Any]:
    """What a quantity says of its unit where it is in the question's own; {} where that has none."""
    coding = next(iter(_known(item).values()), {})
    words = {"unit": coding.get("display"), "system": coding.get("system"), "code": coding.get("code")}
    return {part: value for part, value in words.items() if isinstance(value, str)}


def _known(item: Json) -> dict[str, Json]:
    """The codings by name, the question's own first, as the engine sees it (`item_limits.read_units`)."""
    options = [_bare(one) for one in extensions.every(item, UNIT_OPTION)]
    stated = extensions.value(item, UNIT)
    own = stated if isinstance(stated, Mapping) else _of_initial(item, options)
    codings = [own, *options] if own is not None else options
    found: dict[str, Json] = {}
    for coding in codings:
        is_known = any(_is_same(coding, other) for other in found.values())
        if (name := _name(coding)) and not is_known:
            found[name if name not in found else f"{name} ({coding.get('code')})"] = coding
    return found


def _bare(extension: Json) -> Json:
    coding = extension.get("valueCoding")
    return coding if isinstance(coding, Mapping) else {}


def _of_initial(item: Json, options: list[Json]) -> Json | None:
    """Where no unit is stated, the one that the initial answer is in."""
    for quantity in _initial_quantities(item):
        if chosen := next((one for one in options if one.get("code") == quantity.get("code")), None):
            return chosen
        named = {
            "system": quantity.get("system"),
            "code": quantity.get("code"),
            "display": quantity.get("unit"),
        }
        coding = {part: value for part, value in named.items() if isinstance(value, str)}
        if _name(coding):
            return coding
    return None


def _initial_quantities(item: Json) -> Iterator[Json]:
    initial = item.get("initial")
    for one in initial if isinstance(initial, list) else ():
        quantity = one.get("valueQuantity") if isinstance(one, Mapping) else None
        if isinstance(quantity, Mapping):
            yield quantity


def _is_same(coding: Json, other: Json) -> bool:
    if coding.get("code") and other.get("code"):
        return (coding.get("system"), coding["code"]) == (other.get("system"), other["code"])
    return _name(coding).casefold() == _name(other).casefold()


def _coding(name: str, known: Mapping[str, Json]) -> dict[str, Any]:
    if name in known:
        return dict(known[name])
    code = UNITS.get(name.casefold())
    return {**({"system": UCUM, "code": code} if code else {}), "display": name}


def _name(coding: Json) -> str:
    return str(coding.get("display") or coding.get("code") or "")
