"""The addresses the simulator speaks under: one for each service, or one for all."""

import re
from dataclasses import dataclass

from fut.service_bases import SERVICE_OF, SERVICES
from fut.simulator.outcomes import Refusal

_PATH = re.compile(r"^(?:/(?P<service>[a-z-]+))?/fhir(?:/(?P<rest>.*))?$")
_LOCAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9.-]+?)(?:/_history/[^/]+)?/?$")


def local_part(reference: str) -> str:
    """`Type/id` of an address, without host and version; anything else stays as it is."""
    found = _LOCAL.search(reference)
    return found[1] if found else reference


@dataclass(frozen=True, slots=True)
class Base:
    """Where a request came in: `/careplan/fhir` as the platform has it, or `/fhir` with all services together."""

    origin: str
    service: str | None

    def url(self, resource_type: str, resource_id: str) -> str:
        """The absolute address of a resource, under its own service."""
        service = f"/{SERVICE_OF[resource_type]}" if self.service else ""
        return f"{self.origin}{service}/fhir/{resource_type}/{resource_id}"

    def own(self) -> str:
        return f"{self.origin}/{self.service}/fhir" if self.service else f"{self.origin}/fhir"

    def holds(self, resource_type: str) -> bool:
        return resource_type in SERVICE_OF and self.service in {None, SERVICE_OF[resource_type]}

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
