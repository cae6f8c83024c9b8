"""What each kind of resource is found by.

The names are those of the platform's capability statements, as far as they are built here; ServiceRequest and
Condition have none there, and EpisodeOfCare no `_id`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fut import terminology as t
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


def extended(url: str, terms: Terms) -> Terms:
    """The same on the extensions with this address."""

    def of_extensions(resource: Json) -> Iterator[str]:
        for found in extensions(resource, url):
            yield from terms(dict(found))

    return of_extensions


def comparable(moment: str) -> str:
    """A FHIR date or dateTime as the platform compares it: a date is its first second, UTC."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


episode = extended(t.EXT_EPISODE_OF_CARE, referring("valueReference"))

DEFINITION: Mapping[str, Terms] = {
    "_id": plain("id"),
    "identifier": identifiers(),
    "url": plain("url"),
    "version": plain("version"),
    "name": plain("name"),
    "title": plain("title"),
    "status": plain("status"),
    "_lastUpdated": moments("meta.lastUpdated"),
    "_tag": codings("meta.tag"),
}

TERMS: Mapping[str, Mapping[str, Terms]] = {
    "Patient": {"_id": plain("id"), "identifier": identifiers()},
    "Organization": {
        "_id": plain("id"),
        "identifier": identifiers(),
        "name": plain("name"),
        "municipalityCode": extended(t.EXT_MUNICIPALITY_CODE, plain("valueString")),
    },
    "CareTeam": {
        "_id": plain("id"),
        "identifier": identifiers(),
        "status": plain("status"),
        "managingOrganization": referring("managingOrganization"),
        "participant": referring("participant.member"),
        "reasonCode": codings("reasonCode"),
    },
    "EpisodeOfCare": {
        "identifier": identifiers(),
        "patient": referring("patient"),
        "organization": referring("managingOrganization"),
        "team": referring("team"),
        "condition": referring("diagnosis.condition"),
        "status": plain("status"),
        "_tag": codings("meta.tag"),
    },
    "Consent": {
        "identifier": identifiers(),
        "patient": referring("patient"),
        "data": referring("provision.data.reference"),
        "affiliation": extended(t.EXT_CONSENT_AFFILIATION, referring("valueReference")),
        "category": codings("category"),
        "status": plain("status"),
    },
    "CarePlan": {
        "_id": plain("id"),
        "_lastUpdated": moments("meta.lastUpdated"),
        "_tag": codings("meta.tag"),
        "identifier": identifiers(),
        "patient": referring("subject"),
        "episodeOfCare": episode,
        "care-team": referring("careTeam"),
        "condition": referring("addresses"),
        "instantiates-canonical": plain("instantiatesCanonical"),
        "activity-reference": referring("activity.reference"),
        "status": plain("status"),
    },
    "CommunicationRequest": {
        "_id": plain("id"),
        "_lastUpdated": moments("meta.lastUpdated"),
        "identifier": identifiers(),
        "patient": referring("subject"),
        "subject": referring("subject"),
        "recipient": referring("recipient"),
        "episodeOfCare": episode,
        "based-on": referring("basedOn"),
        "category": codings("category"),
        "medium": codings("medium"),
        "reasonCode": codings("reasonCode"),
        "status": plain("status"),
    },
    "Provenance": {"target": referring("target")},
    "QuestionnaireResponse": {
        "_lastUpdated": moments("meta.lastUpdated"),
        "_tag": codings("meta.tag"),
        "identifier": identifiers(),
        "subject": referring("subject"),
        "episodeOfCare": episode,
        "based-on": referring("basedOn"),
        "questionnaire": plain("questionnaire"),
        "authored": moments("authored"),
        "effectivePeriodStart": extended(t.EXT_EFFECTIVE_PERIOD, moments("valuePeriod.start")),
        "effectivePeriodEnd": extended(t.EXT_EFFECTIVE_PERIOD, moments("valuePeriod.end")),
        "status": plain("status"),
    },
    "Task": {
        "_id": plain("id"),
        "_lastUpdated": moments("meta.lastUpdated"),
        "identifier": identifiers(),
        "patient": referring("for"),
        "subject": referring("for"),
        "episodeOfCare": extended(t.EXT_TASK_EPISODE_OF_CARE, referring("valueReference")),
        "focus": referring("focus"),
        "owner": referring("owner"),
        "responsible": extended(t.EXT_TASK_RESPONSIBLE, referring("valueReference")),
        "category": extended(t.EXT_TASK_CATEGORY, codings("valueCodeableConcept")),
        "restriction-category": extended(t.EXT_RESTRICTION_CATEGORY, codings("valueCodeableConcept")),
        "priority": plain("priority"),
        "status": plain("status"),
    },
    "ClinicalImpression": {
        "_id": plain("id"),
        "identifier": identifiers(),
        "patient": referring("subject"),
        "subject": referring("subject"),
        "episodeOfCare": episode,
        "investigation": referring("investigation.item"),
        "finding-code": codings("finding.itemCodeableConcept"),
        "status": plain("status"),
    },
    "Communication": {
        "_id": plain("id"),
        "_lastUpdated": moments("meta.lastUpdated"),
        "identifier": identifiers(),
        "patient": referring("subject"),
        "subject": referring("subject"),
        "recipient": referring("recipient"),
        "sender": referring("sender"),
        "threadId": extended(t.EXT_THREAD_ID, plain("valueString")),
        "communicationCategory": codings("category"),
        "medium": codings("medium"),
        "sent": moments("sent"),
        "status": plain("status"),
    },
    "PlanDefinition": {**DEFINITION, "definition": plain("action.definitionCanonical")},
    "ActivityDefinition": {**DEFINITION, "composed-of": plain("relatedArtifact.resource")},
    "Questionnaire": DEFINITION,
}

ANNOTATIONS: Mapping[str, Terms] = {
    "identifier": identifiers(),
    "episodeOfCare": episode,
    "subject": referring("subject"),
    "recipient": referring("recipient"),
    "sender": referring("sender"),
    "recipientCareTeam": extended(t.EXT_RECIPIENT_CARE_TEAM, referring("valueReference")),
    "senderCareTeam": extended(t.EXT_SENDER_CARE_TEAM, referring("valueReference")),
}
"""Communication as the measurement service knows it."""

REFERENCES = frozenset(
    {
        "patient",
        "subject",
        "episodeOfCare",
        "organization",
        "team",
        "data",
        "affiliation",
        "care-team",
        "based-on",
    }
    | {
        "activity-reference",
        "managingOrganization",
        "participant",
        "condition",
        "recipient",
        "sender",
        "target",
    }
    | {"focus", "owner", "responsible", "investigation", "recipientCareTeam", "senderCareTeam"}
)
DATES = frozenset({"_lastUpdated", "authored", "effectivePeriodStart", "effectivePeriodEnd", "sent"})
URIS = frozenset({"url", "instantiates-canonical", "questionnaire", "definition", "composed-of"})
STRINGS = frozenset({"name", "title", "municipalityCode", "threadId"})

KINDS = {
    name: kind
    for kind, names in {"reference": REFERENCES, "date": DATES, "uri": URIS, "string": STRINGS}.items()
    for name in names
}
"""The type of each parameter; a token where nothing else is said."""


def parameters_of(resource_type: str, service: str | None) -> Mapping[str, Terms]:
    """What can be asked for at a service; empty when the type cannot be searched there."""
    if resource_type != "Communication":
        return TERMS.get(resource_type, {})
    if service == "measurement":
        return ANNOTATIONS
    return TERMS["Communication"] if service else {**TERMS["Communication"], **ANNOTATIONS}


def terms_of(resource: Json) -> list[tuple[str, str]]:
    """What a stored resource is found by. `_id` and identifier always, if only for the tests' control."""
    resource_type = resource["resourceType"]
    found = []
    parameters = {"_id": plain("id"), "identifier": identifiers(), **TERMS.get(resource_type, {})}
    if resource_type == "Communication":
        parameters |= ANNOTATIONS
    for name, terms in parameters.items():
        found += [(name, value) for value in terms(resource)]
    return found
