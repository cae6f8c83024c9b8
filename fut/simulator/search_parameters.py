"""What each kind of resource is found by: the platform's capability statements, and what their names mean.

ServiceRequest and Condition cannot be searched there; Condition's code stands here for searches through an episode
or a plan (`condition.code`). Not built: `_content`, `_text`, `_filter`, `_has`, `_language`, `phonetic`, quantities.
"""

from collections.abc import Mapping

from fut import terminology as t
from fut.simulator.search_terms import (
    Json,
    Terms,
    any_of,
    canonicals,
    codings,
    extended,
    identifiers,
    moments,
    paired,
    part,
    plain,
    referring,
    rows,
    sources,
    texts,
    truths,
)

END = ":end"
"""The end of a period stands beside its start, under the parameter's name and this."""

FOLDED = ":folded"
"""A text beside itself without capitals, for a search that does not ask for `:exact`."""

FIRST, LAST = "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"

episode = extended(t.EXT_EPISODE_OF_CARE, referring("valueReference"))
_actor = extended("actor", referring("valueReference"))
_function = extended("function", codings("valueCoding"))

ID = {"_id": plain("id")}
META: Mapping[str, Terms] = {
    "_lastUpdated": moments("meta.lastUpdated"),
    "_profile": plain("meta.profile"),
    "_security": codings("meta.security"),
    "_tag": codings("meta.tag"),
}
TAG = {"_tag": META["_tag"]}
PARTICIPANTS: Mapping[str, Terms] = {
    "participant-actor": part(t.EXT_PARTICIPANT, "actor", referring("valueReference")),
    "participant-function": part(t.EXT_PARTICIPANT, "function", codings("valueCoding")),
    "participant-function-actor": paired("extension", _function, _actor),
}
SCHEDULED_TEAM = {"team-scheduled-time": part(t.EXT_TEAM_SCHEDULE, "scheduledTime", moments("valueDateTime"))}
CONTEXT: Mapping[str, Terms] = {
    "context": codings("useContext.valueCodeableConcept"),
    "context-type": codings("useContext.code"),
    "context-type-value": paired("useContext", codings("code"), codings("valueCodeableConcept")),
}
QUALITY: Mapping[str, Terms] = {
    "qualityCode": part(t.EXT_QUALITY, "qualityCode", codings("valueCodeableConcept")),
    "qualityType": part(t.EXT_QUALITY, "qualityType", codings("valueCodeableConcept")),
}
RESOLVED: Mapping[str, Terms] = {
    "resolvedTimingEnd": part(t.EXT_RESOLVED_TIMING, "end", moments("valueDateTime")),
    "resolvedTimingServiceRequestVersionId": part(
        t.EXT_RESOLVED_TIMING, "serviceRequestVersionId", plain("valueId")
    ),
    "resolvedTimingStart": part(t.EXT_RESOLVED_TIMING, "start", moments("valueDateTime")),
    "resolvedTimingType": part(t.EXT_RESOLVED_TIMING, "type", codings("valueCodeableConcept")),
}
_owner = part(t.EXT_MODIFIER_ROLE, "reference", referring("valueReference"))
_role = part(t.EXT_MODIFIER_ROLE, "role", codings("valueCodeableConcept"))

DEFINITION: Mapping[str, Terms] = {
    **ID,
    **META,
    **CONTEXT,
    "base": extended(t.EXT_BASE, identifiers("valueIdentifier")),
    "baseEnvironment": extended(t.EXT_BASE_ENVIRONMENT, identifiers("valueIdentifier")),
    "date": moments("date"),
    "description": texts("description"),
    "effective": moments("effectivePeriod.start"),
    "ehealthPredecessor": extended(t.EXT_PREDECESSOR, identifiers("valueIdentifier")),
    "employeeTitle": extended(t.EXT_EMPLOYEE_TITLE, texts("valueString")),
    "identifier": identifiers(),
    "jurisdiction": codings("jurisdiction"),
    "name": texts("name"),
    "publisher": texts("publisher"),
    "status": plain("status"),
    "title": texts("title"),
    "url": plain("url"),
    "version": plain("version"),
}


def _artifacts(kind: str) -> Terms:
    """The related artifacts of one kind, as canonicals."""
    all_of_them = canonicals("resource")

    def terms(resource: Json) -> list[str]:
        return [
            form
            for one in resource.get("relatedArtifact", ())
            if one.get("type") == kind
            for form in all_of_them(one)
        ]

    return lambda resource: iter(terms(resource))


PLANNED: Mapping[str, Terms] = {
    **DEFINITION,
    **{kind: _artifacts(kind) for kind in ("composed-of", "depends-on", "derived-from")},
    **{kind: _artifacts(kind) for kind in ("predecessor", "successor")},
    "_source": sources(),
    "intendedAudience": extended(t.EXT_INTENDED_AUDIENCE, referring("valueReference")),
    "modifier_role_reference": _owner,
    "modifier_role_role": _role,
    "recommendation": extended(t.EXT_RECOMMENDATION, codings("valueCodeableConcept")),
    "topic": codings("topic"),
}

_address = ("address.line", "address.city", "address.district", "address.state", "address.postalCode")

TERMS: Mapping[str, Mapping[str, Terms]] = {
    "Patient": {
        **ID,
        "_security": META["_security"],
        "active": truths("active"),
        "address": texts(*_address, "address.country"),
        "address-city": texts("address.city"),
        "address-country": texts("address.country"),
        "address-postalcode": texts("address.postalCode"),
        "address-state": texts("address.state"),
        "address-use": plain("address.use"),
        "birthdate": moments("birthDate"),
        "death-date": moments("deceasedDateTime"),
        "deceased": truths("deceasedBoolean"),
        "family": texts("name.family"),
        "gender": plain("gender"),
        "given": texts("name.given"),
        "identifier": identifiers(),
        "language": codings("communication.language"),
        "link": referring("link.other"),
        "name": texts("name.family", "name.given", "name.text", "name.prefix", "name.suffix"),
        "organization": referring("managingOrganization"),
        "telecom": plain("telecom.value"),
    },
    "Organization": {
        **ID,
        **META,
        "active": truths("active"),
        "address": texts(*_address, "address.country"),
        "address-city": texts("address.city"),
        "address-country": texts("address.country"),
        "address-postalcode": texts("address.postalCode"),
        "address-state": texts("address.state"),
        "address-use": plain("address.use"),
        "contactName": texts("contact.name.text", "contact.name.family", "contact.name.given"),
        "cvrNumber": extended(t.EXT_CVR_NUMBER, texts("valueString")),
        "identifier": identifiers(),
        "municipalityCode": extended(t.EXT_MUNICIPALITY_CODE, texts("valueString")),
        "name": texts("name", "alias"),
        "partof": referring("partOf"),
        "providerIdentifier": extended(t.EXT_PROVIDER_IDENTIFIER, texts("valueString")),
        "regionCode": extended(t.EXT_REGION_CODE, texts("valueString")),
        "source": extended(t.EXT_SOURCE, codings("valueCodeableConcept")),
        "specialty": part(t.EXT_SPECIALTY, "specialty", codings("valueCodeableConcept")),
        "type": codings("type"),
    },
    "CareTeam": {
        **ID,
        **META,
        "category": codings("category"),
        "context": extended(t.EXT_USE_CONTEXT, codings("valueUsageContext.valueCodeableConcept")),
        "context-type": extended(t.EXT_USE_CONTEXT, codings("valueUsageContext.code")),
        "context-type-value": extended(
            t.EXT_USE_CONTEXT,
            paired("valueUsageContext", codings("code"), codings("valueCodeableConcept")),
        ),
        "date": moments("period.start"),
        "identifier": identifiers(),
        "status": plain("status"),
        "managingOrganization": referring("managingOrganization"),
        "participant": referring("participant.member"),
        "reasonCode": codings("reasonCode"),
    },
    "EpisodeOfCare": {
        **TAG,
        **PARTICIPANTS,
        **SCHEDULED_TEAM,
        "identifier": identifiers(),
        "patient": referring("patient"),
        "organization": referring("managingOrganization"),
        "team": referring("team"),
        "condition": referring("diagnosis.condition"),
        "status": plain("status"),
        "status-scheduled-time": part(
            t.EXT_EPISODE_STATUS_SCHEDULE, "scheduledTime", moments("valueDateTime")
        ),
    },
    "Consent": {
        **TAG,
        "actor": referring("provision.actor.reference"),
        "identifier": identifiers(),
        "patient": referring("patient"),
        "period": moments("provision.period.start"),
        "policy": plain("policy.uri"),
        "data": referring("provision.data.reference"),
        "affiliation": extended(t.EXT_CONSENT_AFFILIATION, referring("valueReference")),
        "category": codings("category"),
        "status": plain("status"),
    },
    "CarePlan": {
        **ID,
        **TAG,
        **PARTICIPANTS,
        **SCHEDULED_TEAM,
        "_lastUpdated": META["_lastUpdated"],
        "identifier": identifiers(),
        "category": codings("category"),
        "date": moments("period.start"),
        "goal": referring("goal"),
        "part-of": referring("partOf"),
        "patient": referring("subject"),
        "episodeOfCare": episode,
        "care-team": referring("careTeam"),
        "condition": referring("addresses"),
        "instantiates-canonical": canonicals("instantiatesCanonical"),
        "activity-reference": referring("activity.reference"),
        "status": plain("status"),
        "status-history-status": part(
            t.EXT_CARE_PLAN_STATUS_HISTORY, "status", codings("valueCodeableConcept")
        ),
        "status-history-start-time": part(
            t.EXT_CARE_PLAN_STATUS_HISTORY, "period", moments("valuePeriod.start")
        ),
        "status-history-end-time": part(t.EXT_CARE_PLAN_STATUS_HISTORY, "period", moments("valuePeriod.end")),
        "status-scheduled-status": part(t.EXT_STATUS_SCHEDULE, "status", plain("valueCode")),
        "status-scheduled-time": part(t.EXT_STATUS_SCHEDULE, "scheduledTime", moments("valueDateTime")),
    },
    "CommunicationRequest": {
        **ID,
        **META,
        "authored": moments("authoredOn"),
        "identifier": identifiers(),
        "group-identifier": identifiers("groupIdentifier"),
        "occurrence": any_of(moments("occurrencePeriod.start"), moments("occurrenceDateTime")),
        "patient": referring("subject"),
        "subject": referring("subject"),
        "recipient": referring("recipient"),
        "requester": referring("requester"),
        "sender": referring("sender"),
        "replaces": referring("replaces"),
        "episodeOfCare": episode,
        "based-on": referring("basedOn"),
        "category": codings("category"),
        "medium": codings("medium"),
        "priority": plain("priority"),
        "reasonCode": codings("reasonCode"),
        "status": plain("status"),
    },
    "QuestionnaireResponse": {
        **TAG,
        **QUALITY,
        **RESOLVED,
        "_lastUpdated": META["_lastUpdated"],
        "identifier": identifiers(),
        "subject": referring("subject"),
        "episodeOfCare": episode,
        "based-on": referring("basedOn"),
        "questionnaire": canonicals("questionnaire"),
        "authored": moments("authored"),
        "effectivePeriodStart": extended(t.EXT_EFFECTIVE_PERIOD, moments("valuePeriod.start")),
        "effectivePeriodEnd": extended(t.EXT_EFFECTIVE_PERIOD, moments("valuePeriod.end")),
        "status": plain("status"),
    },
    "Observation": {
        **ID,
        **TAG,
        **QUALITY,
        **RESOLVED,
        "based-on": referring("basedOn"),
        "code": codings("code"),
        "date": any_of(moments("effectiveDateTime"), moments("effectivePeriod.start")),
        "episodeOfCare": episode,
        "identifier": identifiers(),
        "patient": referring("subject"),
        "subject": referring("subject"),
    },
    "Media": {
        **ID,
        **TAG,
        **QUALITY,
        **RESOLVED,
        "based-on": referring("basedOn"),
        "created": any_of(moments("createdDateTime"), moments("createdPeriod.start")),
        "episodeOfCare": episode,
        "identifier": identifiers(),
        "relatedTo": extended(t.EXT_MEDIA_RELATED_TO, referring("valueReference")),
        "series": extended(t.EXT_MEDIA_SERIES, texts("valueString")),
        "subject": referring("subject"),
        "type": codings("type"),
        "usageMode": extended(t.EXT_MEDIA_USAGE_MODE, plain("valueCode")),
    },
    "Task": {
        **ID,
        **META,
        **RESOLVED,
        "authored-on": moments("authoredOn"),
        "based-on": referring("basedOn"),
        "business-status": codings("businessStatus"),
        "carePlan": extended(t.EXT_REFERENCE_CARE_PLAN, referring("valueReference")),
        "code": codings("code"),
        "group-identifier": identifiers("groupIdentifier"),
        "identifier": identifiers(),
        "intent": plain("intent"),
        "modified": moments("lastModified"),
        "part-of": referring("partOf"),
        "patient": referring("for"),
        "performer": codings("performerType"),
        "period": moments("executionPeriod.start"),
        "requester": referring("requester"),
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
        **ID,
        **META,
        "assessor": referring("assessor"),
        "carePlan": extended(t.EXT_CLINICAL_IMPRESSION_CARE_PLAN, referring("valueReference")),
        "date": moments("date"),
        "decision": extended(t.EXT_CLINICAL_IMPRESSION_DECISION, codings("valueCodeableConcept")),
        "identifier": identifiers(),
        "patient": referring("subject"),
        "previous": referring("previous"),
        "problem": referring("problem"),
        "subject": referring("subject"),
        "episodeOfCare": episode,
        "investigation": referring("investigation.item"),
        "finding-code": codings("finding.itemCodeableConcept"),
        "finding-ref": referring("finding.itemReference"),
        "status": plain("status"),
    },
    "Condition": {"code": codings("code")},
    "PlanDefinition": {
        **PLANNED,
        "definition": canonicals("action.definitionCanonical"),
        "documentation": _artifacts("documentation"),
        "type": codings("type"),
    },
    "ActivityDefinition": PLANNED,
    "Questionnaire": {
        **DEFINITION,
        "code": codings("item.code"),
        "reference": _owner,
        "role": _role,
        "type": extended(t.EXT_QUESTIONNAIRE_TYPE, codings("valueCodeableConcept")),
    },
}

_senders = extended(t.EXT_SENDER_CARE_TEAM, referring("valueReference"))
_recipients = extended(t.EXT_RECIPIENT_CARE_TEAM, referring("valueReference"))

MESSAGES: Mapping[str, Terms] = {
    **ID,
    **META,
    "administrativeStatus": extended(t.EXT_ADMINISTRATIVE_STATUS, codings("valueCoding")),
    "based-on": referring("basedOn"),
    "careTeamRecipient": _recipients,
    "careTeamSender": _senders,
    "category": codings("category"),
    "communicationCategory": codings("category"),
    "communicationGroupId": extended(t.EXT_GROUP_ID, texts("valueString")),
    "communicationParticipant": any_of(referring("recipient"), referring("sender"), _senders, _recipients),
    "communicationRelatesTo": any_of(
        referring("recipient"), referring("sender"), _senders, _recipients, episode
    ),
    "identifier": identifiers(),
    "medium": codings("medium"),
    "on-behalf-of": extended(t.EXT_ON_BEHALF_OF, referring("valueReference")),
    "part-of": referring("partOf"),
    "patient": referring("subject"),
    "period": extended(t.EXT_PERIOD, moments("valuePeriod.start")),
    "received": moments("received"),
    "recipient": referring("recipient"),
    "restrictionCategory": extended(t.EXT_RESTRICTION_CATEGORY, codings("valueCodeableConcept")),
    "sender": referring("sender"),
    "sent": moments("sent"),
    "status": plain("status"),
    "subject": referring("subject"),
    "threadId": extended(t.EXT_THREAD_ID, texts("valueString")),
}
"""Communication as the patient service knows it."""

ANNOTATIONS: Mapping[str, Terms] = {
    **TAG,
    "identifier": identifiers(),
    "episodeOfCare": episode,
    "subject": referring("subject"),
    "recipient": referring("recipient"),
    "sender": referring("sender"),
    "recipientCareTeam": _recipients,
    "senderCareTeam": _senders,
}
"""Communication as the measurement service knows it."""

_target = {"target": referring("target")}
_by_measurement: Mapping[str, Terms] = {
    **ID,
    **_target,
    "agent": referring("agent.who"),
    "entity": referring("entity.what"),
    "recorded": moments("recorded"),
}
PROVENANCES: Mapping[str | None, Mapping[str, Terms]] = {
    "careplan": {**TAG, **_target},
    "measurement": _by_measurement,
    None: {**TAG, **_by_measurement},
}
"""Each service that keeps provenances knows other parameters of them."""

REFERENCES = frozenset(
    {"patient", "subject", "episodeOfCare", "organization", "team", "data", "affiliation", "care-team"}
    | {"based-on", "activity-reference", "managingOrganization", "participant", "condition", "recipient"}
    | {"sender", "target", "focus", "owner", "responsible", "investigation", "recipientCareTeam"}
    | {
        "senderCareTeam",
        "participant-actor",
        "actor",
        "goal",
        "part-of",
        "requester",
        "replaces",
        "relatedTo",
    }
    | {"carePlan", "assessor", "previous", "problem", "finding-ref", "intendedAudience", "link", "partof"}
    | {"modifier_role_reference", "reference", "careTeamRecipient", "careTeamSender", "on-behalf-of"}
    | {"communicationParticipant", "communicationRelatesTo", "agent", "entity"}
)
CANONICALS = frozenset(
    {"instantiates-canonical", "questionnaire", "definition", "composed-of", "depends-on", "derived-from"}
    | {"predecessor", "successor", "documentation"}
)
DATES = frozenset(
    {"_lastUpdated", "authored", "effectivePeriodStart", "effectivePeriodEnd", "sent", "received", "date"}
    | {"team-scheduled-time", "status-scheduled-time", "status-history-start-time", "status-history-end-time"}
    | {"period", "occurrence", "created", "authored-on", "modified", "effective", "recorded", "birthdate"}
    | {"death-date", "resolvedTimingStart", "resolvedTimingEnd"}
)
URIS = frozenset({"url", "policy", "_profile", "_source"})
STRINGS = frozenset(
    {"name", "title", "municipalityCode", "threadId", "description", "publisher", "employeeTitle", "family"}
    | {"given", "address", "address-city", "address-country", "address-postalcode", "address-state"}
    | {"contactName", "cvrNumber", "providerIdentifier", "regionCode", "series", "communicationGroupId"}
)
COMPOSITES = frozenset({"participant-function-actor", "context-type-value"})

KINDS = {
    name: kind
    for kind, names in {
        "reference": REFERENCES | CANONICALS,
        "date": DATES,
        "uri": URIS,
        "string": STRINGS,
        "composite": COMPOSITES,
    }.items()
    for name in names
}
"""The type of each parameter; a token where nothing else is said."""

TARGETS: Mapping[str, str] = {
    "patient": "Patient",
    "subject": "Patient",
    "episodeOfCare": "EpisodeOfCare",
    "condition": "Condition",
    "team": "CareTeam",
    "care-team": "CareTeam",
    "carePlan": "CarePlan",
    "activity-reference": "ServiceRequest",
    "based-on": "ServiceRequest",
    "organization": "Organization",
    "managingOrganization": "Organization",
    "partof": "Organization",
}
"""What a reference leads to, where it leads to one kind only: for ids without a type, and for chains."""

PERIODS: Mapping[tuple[str, str], Terms] = {
    ("CareTeam", "date"): moments("period.end"),
    ("CarePlan", "date"): moments("period.end"),
    ("Consent", "period"): moments("provision.period.end"),
    ("CommunicationRequest", "occurrence"): moments("occurrencePeriod.end"),
    ("Communication", "period"): extended(t.EXT_PERIOD, moments("valuePeriod.end")),
    ("Observation", "date"): any_of(moments("effectivePeriod.end"), moments("effectiveDateTime")),
}
"""Dates that are periods: how each ends. One open to a side reaches as far as there is time."""


def parameters_of(resource_type: str, service: str | None) -> Mapping[str, Terms]:
    """What can be asked for at a service; empty when the type cannot be searched there."""
    if resource_type == "Condition":
        return {}
    if resource_type == "Provenance":
        return PROVENANCES.get(service, {})
    if resource_type != "Communication":
        return TERMS.get(resource_type, {})
    if service == "measurement":
        return ANNOTATIONS
    return MESSAGES if service else {**MESSAGES, **ANNOTATIONS}


READ = frozenset({*RESOLVED, *QUALITY})
"""Asked for so seldom that no index is written for them: a search reads what else it found (see `criteria`)."""


def _stored(resource_type: str) -> Mapping[str, Terms]:
    """All that a type is found by, at whichever service. `_id` and identifier always, if only for the control."""
    return {name: terms for name, terms in _all(resource_type).items() if name not in READ}


def _all(resource_type: str) -> Mapping[str, Terms]:
    if resource_type == "Communication":
        return {**ID, "identifier": identifiers(), **MESSAGES, **ANNOTATIONS}
    known = PROVENANCES[None] if resource_type == "Provenance" else TERMS.get(resource_type, {})
    return {**ID, "identifier": identifiers(), **known}


STORED = {name: _stored(name) for name in (*TERMS, "Communication", "Provenance")}
OTHERS = _stored("")
REACHING = {kind: {name: ends for (one, name), ends in PERIODS.items() if one == kind} for kind, _ in PERIODS}


def terms_of(resource: Json) -> list[tuple[str, str]]:
    """What a stored resource is found by."""
    resource_type = resource["resourceType"]
    found = rows(resource, STORED.get(resource_type, OTHERS))
    for name, ends in REACHING.get(resource_type, {}).items():
        starts, end = any(one == name for one, _ in found), next(ends(resource), None)
        found += [(name, FIRST)] if end and not starts else []
        found += [(name + END, end or LAST)] if end or starts else []
    return found + [(name + FOLDED, value.casefold()) for name, value in found if name in STRINGS]
