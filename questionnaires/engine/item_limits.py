"""How much and what an item takes: counts, bounds, lengths, patterns, steps, units, files, references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .definition import VALUE_NAMES, AnswerValue, ItemType, Translations, unit_key
from .extension_urls import (
    MAX_OCCURS,
    MAX_SIZE,
    MAX_VALUES,
    MIN_LENGTH,
    MIN_OCCURS,
    MIN_VALUES,
    REGEX,
    SLIDER_STEPS,
    UNIT,
    UNIT_OPTION,
    UNIT_VALUE_SET,
)
from .reading import Extensions, Json, Reader, translations_of
from .regexes import PatternRefused, read_pattern
from .value_sets import ValueSets
from .values import comparable, decimal_of, only_value, order_of

_TAKES_MAX_LENGTH = frozenset(
    {
        ItemType.BOOLEAN,
        ItemType.DECIMAL,
        ItemType.INTEGER,
        ItemType.STRING,
        ItemType.TEXT,
        ItemType.URL,
        ItemType.OPEN_CHOICE,
    }
)
"""que-10: the simple question types."""


def read_counts(
    extensions: Extensions, path: str, *, repeats: bool, reader: Reader
) -> tuple[int | None, int | None]:
    """MinOccurs and maxOccurs; FUT: only more than one says anything, and only where the item repeats."""
    least, most = extensions.count(MIN_OCCURS), extensions.count(MAX_OCCURS)
    if not repeats:
        if (least or 0) > 1 or (most or 0) > 1:
            reader.report("item.occurs-without-repeats", path, link_id=extensions.link_id)
        return None, None
    if most == 0 or (least is not None and most is not None and least > most):
        reader.report("item.occurs-reversed", path, link_id=extensions.link_id)
        return None, None
    return least or None, most


def read_lengths(
    json: Json, extensions: Extensions, path: str, item_type: ItemType, reader: Reader
) -> tuple[int | None, int | None]:
    """MinLength and maxLength of what is written (que-10)."""
    least, most = extensions.count(MIN_LENGTH), reader.whole_number(json, "maxLength", path)
    if most is not None and item_type not in _TAKES_MAX_LENGTH:
        reader.report("item.unexpected-max-length", path, link_id=extensions.link_id, type=item_type)
        most = None
    most = most if most is not None and most > 0 else None
    if least is not None and most is not None and least > most:
        reader.report("item.bounds-reversed", path, link_id=extensions.link_id)
        return None, None
    return least, most


def read_pattern_text(extensions: Extensions, path: str, reader: Reader) -> str:
    """The regex, "" if it cannot be used."""
    pattern = extensions.text(REGEX)
    if pattern:
        try:
            read_pattern(pattern)
        except PatternRefused as error:
            reader.report("item.regex-invalid", path, link_id=extensions.link_id, reason=error)
            return ""
    return pattern


def read_step(extensions: Extensions, path: str, item_type: ItemType, reader: Reader) -> Decimal | None:
    """The slider's step; FUT's decimal one only for decimals."""
    place = extensions.first(*SLIDER_STEPS)
    if place is None:
        return None
    step = decimal_of(place[0].get("valueDecimal", place[0].get("valueInteger")))
    if step is None or step <= 0:
        extensions.unusable(*place)
        return None
    if item_type is ItemType.INTEGER and step != step.to_integral_value():
        reader.report("item.step-type", path, link_id=extensions.link_id, step=step)
        return None
    return step


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and greatest answer: as a plain value, or as a quantity in a unit of its own."""

    low: Decimal | str | None = None
    high: Decimal | str | None = None
    low_quantity: Json | None = None
    high_quantity: Json | None = None

    @property
    def are_reversed(self) -> bool:
        """Is the least greater than the greatest, so that no answer could be right?"""
        if self.low is not None and self.high is not None:
            return type(self.low) is type(self.high) and self.low > self.high  # type: ignore[operator]
        if self.low_quantity is None or self.high_quantity is None:
            return False
        order = order_of(("valueQuantity", self.low_quantity), ("valueQuantity", self.high_quantity))
        return order is not None and order > 0


_NO_LIMITS = Limits()
_LIMIT_URLS = frozenset({*MIN_VALUES, *MAX_VALUES})


def read_limits(
    extensions: Extensions, path: str, item_type: ItemType, unit: Json | None, reader: Reader
) -> Limits:
    """MinValue and maxValue, or SDC's minQuantity and maxQuantity; `unit` is the item's own."""
    if not extensions.has_any(_LIMIT_URLS):
        return _NO_LIMITS
    low, low_quantity = _limit(extensions, MIN_VALUES, item_type, unit)
    high, high_quantity = _limit(extensions, MAX_VALUES, item_type, unit)
    limits = Limits(low, high, low_quantity, high_quantity)
    if limits.are_reversed:
        reader.report("item.values-reversed", path, link_id=extensions.link_id)
    return limits


def _limit(
    extensions: Extensions, urls: tuple[str, ...], item_type: ItemType, unit: Json | None
) -> tuple[Decimal | str | None, Json | None]:
    place = extensions.first(*urls)
    if place is None:
        return None, None
    name, value = next(iter((only_value(place[0]) or {"": None}).items()))
    if item_type.is_numeric:
        number = decimal_of(value.get("value") if isinstance(value, Mapping) else value)
        if number is None:
            extensions.unusable(*place)
        elif isinstance(value, Mapping) and not _same_unit(value, unit):
            return None, value
        return number, None
    if comparable(VALUE_NAMES.get(item_type, name), value) is None or not isinstance(value, str):
        extensions.unusable(*place)
        return None, None
    return value, None


def _same_unit(quantity: Json, unit: Json | None) -> bool:
    """Is a bound in the unit that answers are given in? One that names none is."""
    if not (quantity.get("code") or quantity.get("unit")):
        return True
    if unit is None:
        return False
    if quantity.get("code") and unit.get("code"):
        return (quantity.get("system"), quantity["code"]) == (unit.get("system"), unit["code"])
    return quantity.get("unit") in (unit.get("display"), unit.get("unit"), unit.get("code"))


@dataclass(frozen=True, slots=True)
class Units:
    """The unit of an item's numbers, and those to choose among."""

    text: str = ""
    coding: Json | None = None
    options: tuple[Json, ...] = ()
    value_set: str = ""
    translations: Translations = field(default_factory=dict)


_NO_UNITS = Units()
_UNIT_URLS = frozenset({UNIT, UNIT_OPTION, UNIT_VALUE_SET})


def read_units(
    extensions: Extensions, path: str, initial: Sequence[AnswerValue], value_sets: ValueSets, reader: Reader
) -> Units:
    """unit, unitOption and unitValueSet. Where several are offered, the initial answer's goes first, else the first."""
    if not initial and not extensions.has_any(_UNIT_URLS):
        return _NO_UNITS
    options = [
        element["valueCoding"]
        for element, path in extensions.every(UNIT_OPTION)
        if _is_coding(element, path, extensions)
    ]
    known: dict[str, Mapping[str, str]] = {}
    reference = extensions.text(UNIT_VALUE_SET, "valueCanonical", "valueUri")
    if reference:
        listing = value_sets.listing(reference)
        if listing is None:
            reader.report("unit.value-set", path, link_id=extensions.link_id, url=reference)
        else:
            options.extend(concept.coding for concept in listing.concepts)
            known |= {unit_key(concept.coding): concept.translations for concept in listing.concepts}
    stated = extensions.value(UNIT, "valueCoding")
    for coding in (*options[::-1], stated):
        if isinstance(coding, Mapping) and (words := translations_of(coding, "display")):
            known[unit_key(coding)] = words
    own = _own_unit(stated, options, initial)
    return Units(*own, tuple(options), reference, {key: words for key, words in known.items() if words})


def _own_unit(
    stated: object, options: Sequence[Json], initial: Sequence[AnswerValue]
) -> tuple[str, Json | None]:
    if isinstance(stated, Mapping):
        return _unit_text(stated), stated
    quantity = next((answer["valueQuantity"] for answer in initial if "valueQuantity" in answer), None)
    if isinstance(quantity, Mapping) and (quantity.get("unit") or quantity.get("code")):
        chosen = next((one for one in options if one.get("code") == quantity.get("code")), None)
        text = quantity.get("unit") if isinstance(quantity.get("unit"), str) else ""
        coding = chosen or {name: quantity[name] for name in ("system", "code") if name in quantity}
        if not coding.get("code"):
            coding = {**coding, "display": text}
        return text or _unit_text(coding), coding
    first = options[0] if options else None
    return _unit_text(first) if first else "", first


def _is_coding(element: Json, path: str, extensions: Extensions) -> bool:
    if isinstance(element.get("valueCoding"), Mapping):
        return True
    extensions.unusable(element, path)
    return False


def _unit_text(coding: Mapping[str, Any]) -> str:
    return str(coding.get("display") or coding.get("code") or "")


def read_max_size(extensions: Extensions) -> int | None:
    """MaxSize of a file in bytes (the extensions pack says so; R4 leaves the unit open)."""
    place = extensions.first(MAX_SIZE)
    if place is None:
        return None
    size = decimal_of(place[0].get("valueDecimal", place[0].get("valueInteger")))
    if size is None or size <= 0:
        extensions.unusable(*place)
        return None
    return int(size)
