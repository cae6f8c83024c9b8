"""How a search parameter reads its values from a resource. Pure; `search_parameters` says which reads what."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part

Json = dict[str, Any]
Terms = Callable[[Json], Iterator[str]]


def identifiers(path: str = "identifier") -> Terms:
    """Token search: by value alone and by `system|value`."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, path):
            yield str(found.get("value", ""))
            yield f"{found.get('system', '')}|{found.get('value', '')}"

    return terms


def codings(path: str) -> Terms:
    """Token search on a CodeableConcept, or on a Coding where the path ends in one."""

    def terms(resource: Json) -> Iterator[str]:
        found = values_at(resource, f"{path}.coding") or values_at(resource, path)
        for coding in found:
            if "code" in coding:
                yield str(coding["code"])
                yield f"{coding.get('system', '')}|{coding['code']}"

    return terms


def plain(path: str) -> Terms:
    def terms(resource: Json) -> Iterator[str]:
        yield from map(str, values_at(resource, path))

    return terms


def truths(path: str) -> Terms:
    """A boolean as FHIR writes it."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, path):
            yield str(found).lower()

    return terms


def moments(path: str) -> Terms:
    """Date search: in seconds, UTC, so that they can be compared as text."""

    def terms(resource: Json) -> Iterator[str]:
        yield from map(comparable, values_at(resource, path))

    return terms


def referring(path: str) -> Terms:
    """Reference search: by `Type/id`, whatever the host."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, f"{path}.reference"):
            yield local_part(str(found))

    return terms


def canonicals(path: str) -> Terms:
    """Search by a canonical: as it is written, without its version, and by `Type/id` where it ends in that."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, path):
            yield from canonical_forms(str(found))

    return terms


def canonical_forms(canonical: str) -> set[str]:
    """Each way in which a canonical may be asked for."""
    unversioned, versioned, _ = canonical.partition("|")
    return {canonical, unversioned} if versioned else {canonical, local_part(canonical)}


def sources() -> Terms:
    """Where a resource says that it comes from, without the request behind the `#`."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, "meta.source"):
            if source := str(found).partition("#")[0]:
                yield source

    return terms


def texts(*paths: str) -> Terms:
    """String search."""

    def terms(resource: Json) -> Iterator[str]:
        for path in paths:
            yield from map(str, values_at(resource, path))

    return terms


def any_of(*others: Terms) -> Terms:
    def terms(resource: Json) -> Iterator[str]:
        for one in others:
            yield from one(resource)

    return terms


def paired(path: str, first: Terms, second: Terms) -> Terms:
    """Composite search (FHIR R4, `$` between the two): both of one and the same element."""

    def terms(resource: Json) -> Iterator[str]:
        for element in values_at(resource, path):
            for one, other in product(first(element), second(element)):
                yield f"{one}${other}"

    return terms


def extended(url: str, terms: Terms) -> Terms:
    """The same on the extensions with this address."""

    def of_extensions(resource: Json) -> Iterator[str]:
        for found in extensions(resource, url):
            yield from terms(dict(found))

    return of_extensions


def part(url: str, name: str, terms: Terms) -> Terms:
    """The same on one named part of the extensions with this address."""

    def of_parts(resource: Json) -> Iterator[str]:
        for found in extensions(resource, url):
            yield from extended(name, terms)(dict(found))

    return of_parts


def comparable(moment: str) -> str:
    """A FHIR date or dateTime as the platform compares it: a date is its first second, UTC."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def rows(resource: Json, parameters: Mapping[str, Terms]) -> list[tuple[str, str]]:
    """What a resource is found by: `(parameter, value)`."""
    return [(name, value) for name, terms in parameters.items() for value in terms(resource)]
