"""What each service can: the interactions of the platform's capability statements, as far as they are built here."""

from datetime import UTC, datetime
from typing import Any

from fut.simulator.addresses import Base
from fut.simulator.searching import PARAMETERS, REFERENCES

READ = ("read", "vread")

INTERACTIONS = {
    "Patient": (*READ, "search-type"),
    "Organization": (*READ, "search-type"),
    "EpisodeOfCare": (*READ, "search-type", "patch"),
    "Condition": READ,
    "Provenance": READ,
    "Consent": (*READ, "search-type", "create"),
    "CarePlan": (*READ, "search-type", "update"),
    "ServiceRequest": (*READ, "update"),
    "CommunicationRequest": (*READ, "search-type", "create", "update"),
    "QuestionnaireResponse": (*READ, "search-type"),
    "Observation": READ,
    "Media": READ,
    "PlanDefinition": (*READ, "search-type", "create"),
    "ActivityDefinition": (*READ, "search-type", "create"),
    "Questionnaire": (*READ, "search-type", "create"),
}

OPERATIONS = {
    "patient": ("createPatient",),
    "careplan": ("create-episode-of-care",),
    "measurement": ("submit-measurement",),
}


def capability_statement(base: Base) -> dict[str, Any]:
    """The CapabilityStatement of one service, or of all together."""
    types = [name for name in INTERACTIONS if base.holds(name)]
    services = [base.service] if base.service else list(OPERATIONS)
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "FUT-simulator"},
        "implementation": {"description": "A stand-in for the platform", "url": base.own()},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {
                        "type": name,
                        "interaction": [{"code": code} for code in INTERACTIONS[name]],
                        "searchParam": [
                            {"name": parameter, "type": _kind(parameter)}
                            for parameter in PARAMETERS.get(name, ())
                        ],
                    }
                    for name in types
                ],
                "interaction": [{"code": "transaction"}] if base.holds("CarePlan") else [],
                "operation": [
                    {
                        "name": operation,
                        "definition": f"http://ehealth.sundhed.dk/fhir/OperationDefinition/-s-{operation}",
                    }
                    for service in services
                    for operation in OPERATIONS.get(service, ())
                ],
            }
        ],
    }


def _kind(parameter: str) -> str:
    return "reference" if parameter in REFERENCES else "uri" if parameter == "url" else "token"
