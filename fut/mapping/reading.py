"""From the platform's resources back to plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fut import terminology as t

URN = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that stands there: `our_id` is None where it was made elsewhere."""

    resource_type: str
    our_id: UUID | None
    status: str
    url: str


def found(resource: Mapping[str, Any], url: str) -> Found:
    return Found(str(resource.get("resourceType")), our_id(resource), str(resource.get("status", "")), url)


def our_id(resource: Mapping[str, Any]) -> UUID | None:
    """The id of ours that a resource carries; None without one."""
    for identifier in _identifiers(resource):
        value = str(identifier.get("value", ""))
        if identifier.get("system") == t.RFC_3986 and value.startswith(URN):
            try:
                return UUID(value.removeprefix(URN))
            except ValueError:
                continue
    return None


def _identifiers(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A list in most resources, one alone in a QuestionnaireResponse (FHIR R4)."""
    given = resource.get("identifier") or []
    yield from given if isinstance(given, list) else [given]
