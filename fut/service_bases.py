"""Which service of the platform holds which kind of resource, and under which address."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SERVICE_OF = {
    "Patient": "patient",
    "Communication": "patient",
    "Organization": "organization",
    "CareTeam": "organization",
    "EpisodeOfCare": "careplan",
    "Condition": "careplan",
    "Consent": "careplan",
    "CarePlan": "careplan",
    "ServiceRequest": "careplan",
    "CommunicationRequest": "careplan",
    "Provenance": "careplan",
    "PlanDefinition": "plan",
    "ActivityDefinition": "plan",
    "Questionnaire": "questionnaire",
    "QuestionnaireResponse": "measurement",
    "Observation": "measurement",
    "Media": "measurement",
    "Task": "task",
    "ClinicalImpression": "task",
}

SERVICES = tuple(dict.fromkeys(SERVICE_OF.values()))

PLACEHOLDER = "{service}"


@dataclass(frozen=True, slots=True)
class ServiceBases:
    """The FHIR base address of each service.

    `template` holds `{service}` where the services have addresses of their own
    (`https://{service}.devenvcgi.ehealth.sundhed.dk/fhir`); without it one address serves them all.
    `named` gives a service an address outside that pattern; an empty one is none.
    """

    template: str
    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, service: str) -> str:
        """The base without a trailing slash."""
        return (self.named.get(service) or self.template.replace(PLACEHOLDER, service)).rstrip("/")

    def of_type(self, resource_type: str) -> str:
        return self.of(SERVICE_OF[resource_type])

    def receiver(self, service: str) -> str:
        """What may be away by itself: the service, where it has an address of its own; else ""."""
        return service if PLACEHOLDER in self.template or self.named.get(service) else ""

    def receiver_at(self, url: str) -> str:
        """The same for an address; the most exact base holds."""
        at = [service for service in SERVICES if f"{url}/".startswith(f"{self.of(service)}/")]
        return self.receiver(max(at, key=lambda service: len(self.of(service)))) if at else ""

    def own(self, url: str) -> bool:
        """Is the address on the platform? Only there may our token go."""
        return any(url == base or url.startswith(f"{base}/") for base in map(self.of, SERVICES))
