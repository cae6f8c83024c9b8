"""What can be chosen: from answerOption, a contained or given value set, or FHIR's own yes/no/don't know."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from .definition import ItemType, Option
from .reading import (
    OPTION_EXCLUSIVE,
    OPTION_PREFIX,
    WEIGHTS,
    Json,
    Reader,
    clean_text,
    elements,
    extension,
    extension_text,
    extension_value,
)
from .values import are_equal, decimal_of, only_value, value_of

OPTION_VALUES = frozenset(
    {"valueInteger", "valueDate", "valueTime", "valueString", "valueCoding", "valueReference"}
)

_KNOWN_VALUE_SETS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "http://hl7.org/fhir/ValueSet/yesnodontknow": (
        ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "Ja"),
        ("http://terminology.hl7.org/CodeSystem/v2-0136", "N", "Nej"),
        ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-unknown", "Ved ikke"),
    )
}


@dataclass(frozen=True, slots=True)
class ValueSets:
    """The value sets and code systems at hand: contained in the questionnaire, or given by the caller.

    `by_reference` has each under "#id", its url and url|version; `weights` has scores of contained code systems.
    """

    by_reference: Mapping[str, Json]
    weights: Mapping[tuple[str, str], Decimal]

    @classmethod
    def of(cls, resource: Json, given: Mapping[str, Json], reader: Reader) -> "ValueSets":
        """Collect them."""
        by_reference: dict[str, Json] = {str(url): value_set for url, value_set in given.items()}
        weights: dict[tuple[str, str], Decimal] = {}
        for _path, contained in reader.objects(resource, "contained", "Questionnaire"):
            if contained.get("resourceType") == "ValueSet":
                for reference in _references(contained):
                    by_reference.setdefault(reference, contained)
            elif contained.get("resourceType") == "CodeSystem":
                for concept in _nested(contained, "concept"):
                    weight = weight_of(concept)
                    if weight is not None:
                        weights[(str(contained.get("url") or ""), str(concept.get("code")))] = weight
        return cls(by_reference, weights)

    def codings(self, reference: str) -> list[Json] | None:
        """The codings of a value set, in order; None if it is not at hand or lists no codes."""
        known = _KNOWN_VALUE_SETS.get(reference)
        value_set = self.by_reference.get(reference) or self.by_reference.get(reference.partition("|")[0])
        if value_set is None:
            if known is None:
                return None
            return [{"system": system, "code": code, "display": label} for system, code, label in known]
        return list(_expansion(value_set) or _composition(value_set)) or None


def _references(value_set: Json) -> Iterator[str]:
    if isinstance(value_set.get("id"), str):
        yield f"#{value_set['id']}"
    if isinstance(value_set.get("url"), str):
        yield value_set["url"]
        yield f"{value_set['url']}|{value_set.get('version')}"


def _nested(json: Json, name: str) -> Iterator[Json]:
    """Objects of a list and of the lists of the same name inside them, in order, without recursion."""
    stack: list[Any] = [json]
    while stack:
        element = stack.pop()
        if element is not json:
            yield element
        below = element.get(name)
        if isinstance(below, list | tuple):
            stack.extend(child for child in reversed(below) if isinstance(child, Mapping))


def _expansion(value_set: Json) -> list[Json]:
    expansion = value_set.get("expansion")
    if not isinstance(expansion, Mapping):
        return []
    return [
        _coding(concept, concept.get("system"))
        for concept in _nested(expansion, "contains")
        if concept.get("code") and not concept.get("abstract")
    ]


def _composition(value_set: Json) -> list[Json]:
    compose = value_set.get("compose")
    includes = compose.get("include") if isinstance(compose, Mapping) else None
    if not isinstance(includes, list | tuple):
        return []
    return [
        _coding(concept, include.get("system"))
        for include in includes
        if isinstance(include, Mapping)
        for concept, _ in elements(include, "concept", "")
        if concept.get("code")
    ]


def _coding(concept: Json, system: object) -> Json:
    coding = {"system": system} if isinstance(system, str) and system else {}
    kept = {name: concept[name] for name in ("code", "display", "extension") if concept.get(name) is not None}
    return {**coding, **kept}


def weight_of(*places: object) -> Decimal | None:
    """The score written on the first of these elements that has one: itemWeight, else ordinalValue."""
    for place in places:
        found = extension(place, *WEIGHTS)
        if found is not None:
            number = decimal_of(found.get("valueDecimal", found.get("valueInteger")))
            if number is not None:
                return number
    return None


def read_options(
    json: Json, item_type: ItemType, path: str, link_id: str, *, value_sets: ValueSets, reader: Reader
) -> tuple[Option, ...]:
    """The options of an item, each with its score and a key that is unique among them."""
    reference = reader.text(json, "answerValueSet", path)
    if not item_type.is_choice:
        if json.get("answerOption") or reference:
            reader.report("option.unexpected", path, link_id=link_id, type=item_type)
        return ()
    options = list(_from_answer_options(json, path, link_id, value_sets=value_sets, reader=reader))
    if options and reference:
        reader.report("option.both", path, link_id=link_id)
    elif reference:
        codings = value_sets.codings(reference)
        if codings is None:
            key = "option.value-set-open" if item_type is ItemType.OPEN_CHOICE else "option.value-set"
            reader.report(key, f"{path}.answerValueSet", link_id=link_id, url=reference)
        options = [_option_of({"valueCoding": coding}, coding, value_sets) for coding in codings or ()]
    elif not options and item_type is ItemType.CHOICE:
        reader.report("option.none", path, link_id=link_id)
    return _with_keys(_without_duplicates(options, path, link_id, reader))


def _from_answer_options(
    json: Json, path: str, link_id: str, *, value_sets: ValueSets, reader: Reader
) -> Iterator[Option]:
    for option_path, option in reader.objects(json, "answerOption", path):
        value = only_value(option)
        name = next(iter(value), "") if value else ""
        if value is None or name not in OPTION_VALUES or not _fits(name, value[name]):
            reader.report("option.no-value", option_path, link_id=link_id)
            continue
        yield replace(
            _option_of(value, option, value_sets),
            initially_selected=reader.flag(option, "initialSelected", option_path),
        )


def _fits(name: str, value: object) -> bool:
    if name in ("valueCoding", "valueReference"):
        return isinstance(value, Mapping)
    if name == "valueInteger":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _option_of(value: Mapping[str, Any], element: Json, value_sets: ValueSets) -> Option:
    name, bare = next(iter(value.items()))
    weight = weight_of(element, bare, element.get(f"_{name}"))
    label = bare
    if isinstance(bare, Mapping):
        label = bare.get("display") or bare.get("code") or bare.get("reference") or ""
        if weight is None:
            weight = value_sets.weights.get((str(bare.get("system") or ""), str(bare.get("code"))))
        value = {name: {part: bare[part] for part in bare if part != "extension"}}
    return Option(
        value=value,
        key="",
        label=clean_text(str(label)),
        weight=weight,
        exclusive=extension_value(element, OPTION_EXCLUSIVE, "valueBoolean") is True,
        prefix=extension_text(element, OPTION_PREFIX) or extension_text(bare, OPTION_PREFIX),
    )


def _without_duplicates(options: list[Option], path: str, link_id: str, reader: Reader) -> list[Option]:
    kept: dict[str, Option] = {}
    for option in options:
        marker = _identity(option)
        if marker in kept:
            reader.report("option.duplicate", path, link_id=link_id, option=option.label)
        else:
            kept[marker] = option
    return list(kept.values())


def _identity(option: Option) -> str:
    name, value = next(iter(option.value.items()))
    if name == "valueCoding":
        return f"{name} {value.get('system') or ''}|{value.get('code') or '?' + str(value.get('display'))}"
    return f"{name} {value}"


def _with_keys(options: list[Option]) -> tuple[Option, ...]:
    """Give each option the shortest stable key: the code or value itself where that is unique."""
    short = [_short_key(option) for option in options]
    uses = Counter(short)
    return tuple(
        replace(option, key=key if key and uses[key] == 1 else _identity(option))
        for option, key in zip(options, short, strict=True)
    )


def _short_key(option: Option) -> str:
    name, value = next(iter(option.value.items()))
    if name == "valueCoding":
        return str(value.get("code") or value.get("display"))
    return str(value) if name != "valueReference" else ""


def option_for(options: tuple[Option, ...], answer: Mapping[str, Any]) -> Option | None:
    """The option that an answer chose, or None."""
    found = value_of(answer)
    if found is None:
        return None
    return next((option for option in options if are_equal(next(iter(option.value.items())), found)), None)
