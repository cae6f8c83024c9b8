"""The addresses the simulator speaks under: one for each service, or one for all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.service_bases import SERVICE_OF, SERVICES
from fut.simulator.outcomes import Refusal

_PATH = re.compile(r"^(?:/(?P<service>[a-z-]+))?/fhir(?:/(?P<rest>.*))?$")
_LOCAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.-]+?)(?:/_history/[^/]+)?/?$")

SECOND_HOMES = {"Communication": ("measurement",), "Provenance": ("measurement",)}
"""What lives at more than one service: messages with the patient, annotations with the measurements."""


@lru_cache(maxsize=4096)
def local_part(reference: str) -> str:
    """`Type/id` of an address, without host and version; anything else stays as it is."""
    found = _LOCAL.search(reference)
    return found[1] if found else reference


def home_of(resource: Mapping[str, Any]) -> str:
    """The service that holds the resource."""
    resource_type = resource["resourceType"]
    if resource_type == "Communication" and t.COMMUNICATION in values_at(resource, "meta.profile"):
        return "measurement"
    return SERVICE_OF[resource_type]


@dataclass(frozen=True, slots=True)
class Base:
    """Where a request came in: `/careplan/fhir` as the platform has it, or `/fhir` with all services together."""

    origin: str
    service: str | None

    def url(self, service: str, resource_type: str, resource_id: str) -> str:
        """The absolute address of a resource at its service."""
        prefix = f"/{service}" if self.service else ""
        return f"{self.origin}{prefix}/fhir/{resource_type}/{resource_id}"

    def own(self) -> str:
        return f"{self.origin}/{self.service}/fhir" if self.service else f"{self.origin}/fhir"

    def holds(self, resource_type: str) -> bool:
        if resource_type not in SERVICE_OF:
            return False
        homes = (None, SERVICE_OF[resource_type], *SECOND_HOMES.get(resource_type, ()))
        return self.service in homes

    def require(self, service: str, what: str) -> None:
        """Refuse an operation that belongs to another service."""
        if self.service not in {None, service}:
            raise Refusal(
                400, [f"The service {self.service} does not know {what}."], issue_type="not-supported"
            )


def parse(origin: str, path: str) -> tuple[Base, list[str]]:
    """The base and the rest of a path in its parts; refuses a service nobody has heard of."""
    found = _PATH.match(path)
    if not found or found["service"] not in {None, *SERVICES}:
        raise Refusal(404, [f"There is no FHIR service at {path}."], issue_type="not-found")
    return Base(origin, found["service"]), [part for part in (found["rest"] or "").split("/") if part]
