"""What each service can: the interactions of the platform's capability statements, as far as they are built here."""

from datetime import UTC, datetime
from typing import Any

from fut.simulator.addresses import Base
from fut.simulator.operations import OPERATIONS
from fut.simulator.search_parameters import KINDS, parameters_of

READ = ("read", "vread")
WRITTEN = ("create", "update", "delete")

INTERACTIONS = {
    "Patient": (*READ, "search-type", "patch"),
    "Organization": (*READ, "search-type", "create", "update", "patch"),
    "CareTeam": (*READ, "search-type", *WRITTEN),
    "EpisodeOfCare": (*READ, "search-type", "patch"),
    "Condition": (*READ, "create", "patch"),
    "Provenance": (*READ, "search-type"),
    "Consent": (*READ, "search-type", "create", "update"),
    "CarePlan": (*READ, "search-type", "update"),
    "ServiceRequest": (*READ, "update"),
    "CommunicationRequest": (*READ, "search-type", *WRITTEN),
    "Communication": (*READ, "search-type", "create", "patch"),
    "QuestionnaireResponse": (*READ, "search-type", "create", "update", "patch"),
    "Observation": (*READ, "search-type", "patch"),
    "Media": (*READ, "search-type", "update", "patch"),
    "Task": (*READ, "search-type", "create", "patch"),
    "ClinicalImpression": (*READ, "search-type", "create", "patch"),
    "PlanDefinition": (*READ, "search-type", "create", "update"),
    "ActivityDefinition": (*READ, "search-type", "create", "update"),
    "Questionnaire": (*READ, "search-type", *WRITTEN),
}

DELETABLE_MESSAGES = "patient"
"""Messages can be deleted at the patient service; annotations stay."""


def interactions_of(resource_type: str, service: str | None) -> tuple[str, ...]:
    """What can be done with a type at a service (None: with all services under one address)."""
    known = INTERACTIONS.get(resource_type, ())
    if resource_type == "Communication" and service in {None, DELETABLE_MESSAGES}:
        return (*known, "delete")
    return known


def capability_statement(base: Base) -> dict[str, Any]:
    """The CapabilityStatement of one service, or of all together."""
    types = [name for name in INTERACTIONS if base.holds(name)]
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
                "resource": [_resource(name, base) for name in types],
                "interaction": [{"code": "transaction"}] if base.holds("CarePlan") else [],
                "operation": [_operation(one.name) for one in _operations(base, None)],
            }
        ],
    }


def _resource(name: str, base: Base) -> dict[str, Any]:
    interactions = list(interactions_of(name, base.service))
    parameters = parameters_of(name, base.service)
    return {
        "type": name,
        "versioning": "versioned",
        "conditionalCreate": "create" in interactions,
        "interaction": [{"code": code} for code in interactions],
        "searchParam": [{"name": one, "type": KINDS.get(one, "token")} for one in parameters],
        "operation": [_operation(one.name) for one in _operations(base, name)],
    }


def _operations(base: Base, resource_type: str | None) -> list[Any]:
    return [
        one
        for one in OPERATIONS
        if one.resource_type == resource_type and base.service in {None, one.service}
    ]


def _operation(name: str) -> dict[str, Any]:
    return {"name": name, "definition": f"http://ehealth.sundhed.dk/fhir/OperationDefinition/-s-{name}"}
