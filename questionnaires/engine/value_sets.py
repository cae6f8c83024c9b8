"""Value sets and code systems at hand: contained in the questionnaire, given by the caller, or FHIR's own small ones.

A value set is used as it is expanded, else as it is composed of listed codes, of code systems at hand and of other
value sets at hand. What only a terminology server could list (filters, code systems elsewhere) is not guessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .extension_urls import WEIGHTS
from .reading import Json, clean_text, elements, extension
from .values import decimal_of

MOST_CODES = 200_000
"""How many codes are listed for one questionnaire; value sets after that count as not at hand."""

MOST_STEPS = 20
"""How far value sets made of value sets made of value sets … are followed."""

_WEIGHT_PROPERTIES = frozenset({"itemWeight", "ordinalValue"})

_YES_NO_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-0136"
_GENDER_SYSTEM = "http://hl7.org/fhir/administrative-gender"
_WELL_KNOWN: Mapping[str, tuple[tuple[str, str, str, str], ...]] = {
    "http://hl7.org/fhir/ValueSet/yesnodontknow": (
        (_YES_NO_SYSTEM, "Y", "Ja", "Yes"),
        (_YES_NO_SYSTEM, "N", "Nej", "No"),
        (
            "http://terminology.hl7.org/CodeSystem/data-absent-reason",
            "asked-unknown",
            "Ved ikke",
            "Don't know",
        ),
    ),
    "http://hl7.org/fhir/ValueSet/administrative-gender": (
        (_GENDER_SYSTEM, "male", "Mand", "Male"),
        (_GENDER_SYSTEM, "female", "Kvinde", "Female"),
        (_GENDER_SYSTEM, "other", "Andet", "Other"),
        (_GENDER_SYSTEM, "unknown", "Ukendt", "Unknown"),
    ),
}
"""FHIR's own value sets that questionnaires name without bringing them along: system, code, Danish, English."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One code to choose: its Coding, its score, its texts in other languages."""

    coding: Json
    weight: Decimal | None = None
    translations: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str]:
        """System and code."""
        return str(self.coding.get("system") or ""), str(self.coding.get("code"))


@dataclass(frozen=True, slots=True)
class Listing:
    """The codes of a value set in order, and whether these are all of them."""

    concepts: tuple[Concept, ...]
    is_complete: bool = True


_NOTHING = Listing((), is_complete=False)


@dataclass(slots=True)
class ValueSets:
    """All that is at hand. `by_reference` has each value set under "#id", its url and url|version."""

    by_reference: dict[str, Json] = field(default_factory=dict)
    code_systems: dict[str, Json] = field(default_factory=dict)
    _systems_read: dict[str, dict[str, Concept]] = field(default_factory=dict)
    _listings: dict[int, Listing] = field(default_factory=dict)
    _listed: int = 0

    @classmethod
    def of(cls, contained: Iterable[Json], given: Mapping[str, Json]) -> "ValueSets":
        """Collect them. What the form contains goes before what the caller gives."""
        known = cls()
        for resource in contained:
            known._add(resource, *_references(resource))
        for url, resource in given.items():
            if isinstance(resource, Mapping):
                known._add(resource, str(url), *_references(resource))
        return known

    def _add(self, resource: Json, *references: str) -> None:
        kind = resource.get("resourceType")
        into = {"ValueSet": self.by_reference, "CodeSystem": self.code_systems}.get(str(kind))
        if into is not None:
            for reference in references:
                into.setdefault(reference, resource)

    def concept(self, system: object, code: object) -> Concept | None:
        """What a code system at hand says about a code."""
        return self._concepts_of(str(system or "")).get(str(code))

    def listing(self, reference: str) -> Listing | None:
        """The codes of a value set; None if it is not at hand or none of its codes can be listed."""
        value_set = self._find(reference)
        if value_set is None:
            well_known = _WELL_KNOWN.get(reference.partition("|")[0])
            return None if well_known is None else Listing(tuple(map(_well_known, well_known)))
        found = self._list(value_set, frozenset())
        return found if found.concepts else None

    def _find(self, reference: str) -> Json | None:
        return self.by_reference.get(reference) or self.by_reference.get(reference.partition("|")[0])

    def _list(self, value_set: Json, inside: frozenset[int]) -> Listing:
        """The codes of a value set. `inside` are those it is being looked up for: at most MOST_STEPS, no circles."""
        marker = id(value_set)
        if marker in inside or len(inside) >= MOST_STEPS or self._listed > MOST_CODES:
            return _NOTHING
        if marker not in self._listings:
            found = self._expanded(value_set) or self._composed(value_set, inside | {marker})
            unique = {concept.identity: concept for concept in reversed(found.concepts)}
            self._listings[marker] = Listing(tuple(reversed(unique.values())), found.is_complete)
            self._listed += len(found.concepts)
        return self._listings[marker]

    def _expanded(self, value_set: Json) -> Listing | None:
        expansion = value_set.get("expansion")
        if not isinstance(expansion, Mapping):
            return None
        listed = list(_nested(expansion, "contains"))
        concepts = [
            self._coded(element, element.get("system"))
            for element in listed
            if element.get("code") and not element.get("abstract")
        ]
        total = expansion.get("total")
        complete = not isinstance(total, int) or total <= len(listed)
        return Listing(tuple(concepts), complete) if concepts else None

    def _composed(self, value_set: Json, inside: frozenset[int]) -> Listing:
        compose = value_set.get("compose")
        if not isinstance(compose, Mapping):
            return _NOTHING
        parts = [self._part(element, inside) for element, _ in elements(compose, "include", "")]
        taken = [self._part(element, inside) for element, _ in elements(compose, "exclude", "")]
        without = {concept.identity for part in taken for concept in part.concepts}
        concepts = [concept for part in parts for concept in part.concepts if concept.identity not in without]
        complete = bool(parts) and all(part.is_complete for part in (*parts, *taken))
        return Listing(tuple(concepts), complete)

    def _part(self, element: Json, inside: frozenset[int]) -> Listing:
        """What one include or exclude lists: codes, a whole system, value sets, or what is in all of these."""
        system = element.get("system")
        listings: list[Listing] = []
        if element.get("filter"):
            return _NOTHING
        if element.get("concept"):
            coded = [
                self._coded(concept, system)
                for concept, _ in elements(element, "concept", "")
                if concept.get("code")
            ]
            listings.append(Listing(tuple(coded)))
        elif isinstance(system, str) and system:
            whole = tuple(self._concepts_of(system).values())
            listings.append(Listing(whole, is_complete=bool(whole)))
        named = element.get("valueSet")
        references = [one for one in named if isinstance(one, str)] if isinstance(named, list | tuple) else []
        for reference in dict.fromkeys(references):
            value_set = self._find(reference)
            listings.append(_NOTHING if value_set is None else self._list(value_set, inside))
        if not listings:
            return _NOTHING
        shared = set.intersection(*({concept.identity for concept in one.concepts} for one in listings))
        return Listing(
            tuple(concept for concept in listings[0].concepts if concept.identity in shared),
            all(one.is_complete for one in listings),
        )

    def _concepts_of(self, system: str) -> dict[str, Concept]:
        """The concepts of a code system at hand by code; none of one that is a mere fragment or not at hand."""
        if system not in self._systems_read:
            resource = self.code_systems.get(system) or self.code_systems.get(system.partition("|")[0])
            found: dict[str, Concept] = {}
            for element in _nested(resource, "concept") if resource is not None else ():
                if isinstance(element.get("code"), str):
                    found.setdefault(element["code"], self._coded(element, system, look_up=False))
            self._systems_read[system] = found
        return self._systems_read[system]

    def _coded(self, element: Json, system: object, *, look_up: bool = True) -> Concept:
        """A concept as it stands in a list; what it does not say itself comes from its code system."""
        coding: dict[str, Any] = {"system": system} if isinstance(system, str) and system else {}
        coding["code"] = clean_text(str(element.get("code")))
        weight, translations = weight_of(element), _designations(element)
        display = element.get("display")
        known = self.concept(system, coding["code"]) if look_up else None
        if known is not None:
            display = display or known.coding.get("display")
            weight = known.weight if weight is None else weight
            translations = {**known.translations, **translations}
        if isinstance(display, str):
            coding["display"] = clean_text(display)
        return Concept(coding, weight, translations)


def _well_known(row: tuple[str, str, str, str]) -> Concept:
    system, code, danish, english = row
    return Concept({"system": system, "code": code, "display": danish}, None, {"en": english})


def _references(resource: Json) -> Iterator[str]:
    identifier, url, version = (resource.get(name) for name in ("id", "url", "version"))
    if isinstance(identifier, str):
        yield f"#{identifier}"
    if isinstance(url, str):
        yield url
        yield f"{url}|{version}"


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


def _designations(element: Json) -> Mapping[str, str]:
    return {
        one["language"]: clean_text(one["value"])
        for one, _ in elements(element, "designation", "")
        if isinstance(one.get("language"), str) and isinstance(one.get("value"), str)
    }


def weight_of(*places: object) -> Decimal | None:
    """The score written on the first of these elements that has one: itemWeight, else ordinalValue.

    It stands in an extension, or in a property of a code system's concept.
    """
    for place in places:
        found = extension(place, *WEIGHTS)
        number = None
        if found is not None:
            number = decimal_of(found.get("valueDecimal", found.get("valueInteger")))
        elif isinstance(place, Mapping) and "property" in place:
            number = next(
                (
                    decimal_of(one.get("valueDecimal", one.get("valueInteger")))
                    for one, _ in elements(place, "property", "")
                    if one.get("code") in _WEIGHT_PROPERTIES
                ),
                None,
            )
        if number is not None:
            return number
    return None
