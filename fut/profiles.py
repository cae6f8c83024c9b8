"""What the platform's profiles demand beyond FHIR R4 itself (implementation guide 8.0.0, contract §4).

Pure tables and checks; used on what leaves us, and by the simulator on what reaches it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fut import terminology as t
from fut.occurrences import TIMED_STATUSES, occurrence_problems

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """Required elements (dotted paths), required extensions, forbidden elements."""

    url: str
    elements: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


PROFILES: Mapping[str, Profile] = {
    "Patient": Profile(t.PATIENT, elements=("identifier", "gender")),
    "Organization": Profile(
        t.ORGANIZATION,
        elements=("identifier", "name"),
        extensions=(t.EXT_SOURCE, t.EXT_SYNCHRONIZATION_STATUS),
    ),
    "EpisodeOfCare": Profile(
        t.EPISODE_OF_CARE,
        elements=("status", "diagnosis.condition", "patient", "managingOrganization", "period"),
        extensions=(t.EXT_CARE_MANAGER_ORGANIZATION,),
        forbidden=("careManager", "account"),
    ),
    "Condition": Profile(t.CONDITION, elements=("code", "subject")),
    "Provenance": Profile(t.PROVENANCE, elements=("target", "recorded", "policy", "agent")),
    "Consent": Profile(t.CONSENT, elements=("status", "scope", "category", "patient")),
    "CarePlan": Profile(
        t.CARE_PLAN,
        elements=("status", "intent", "subject", "instantiatesCanonical", "period", "addresses"),
        extensions=(t.EXT_EPISODE_OF_CARE,),
        forbidden=("basedOn", "replaces", "activity.detail"),
    ),
    "ServiceRequest": Profile(
        t.SERVICE_REQUEST,
        elements=("status", "intent", "subject", "instantiatesCanonical"),
        extensions=(t.EXT_EPISODE_OF_CARE, t.EXT_SHARING_POLICY, t.EXT_INCLUDE_AS_EXTRA),
        forbidden=("basedOn", "replaces"),
    ),
    "QuestionnaireResponse": Profile(
        t.QUESTIONNAIRE_RESPONSE,
        elements=("status", "basedOn", "questionnaire", "subject", "authored", "source"),
        extensions=(t.EXT_EPISODE_OF_CARE, t.EXT_RESOLVED_TIMING),
    ),
    "Questionnaire": Profile(
        t.QUESTIONNAIRE,
        elements=("version", "status"),
        extensions=(t.EXT_MODIFIER_ROLE, t.EXT_QUESTIONNAIRE_TYPE),
    ),
    "ActivityDefinition": Profile(
        t.ACTIVITY_DEFINITION,
        elements=("version", "status", "topic", "code"),
        extensions=(t.EXT_MODIFIER_ROLE, t.EXT_SHARING_POLICY),
    ),
    "PlanDefinition": Profile(
        t.PLAN_DEFINITION,
        # An action is demanded of an active plan only; the recorded draft has none.
        elements=("version", "status"),
        extensions=(t.EXT_MODIFIER_ROLE,),
    ),
    "CareTeam": Profile(
        t.CARE_TEAM,
        elements=("status", "name", "reasonCode"),
        forbidden=("subject", "reasonReference"),
    ),
    "Task": Profile(
        t.TASK,
        elements=("status", "intent", "priority"),
        extensions=(
            t.EXT_TASK_EPISODE_OF_CARE,
            t.EXT_TASK_CATEGORY,
            t.EXT_TASK_RESPONSIBLE,
            t.EXT_RESTRICTION_CATEGORY,
        ),
    ),
    "ClinicalImpression": Profile(
        t.CLINICAL_IMPRESSION,
        elements=("status", "code", "subject"),
        extensions=(t.EXT_EPISODE_OF_CARE,),
    ),
    "CommunicationRequest": Profile(t.COMMUNICATION_REQUEST, elements=("status", "subject")),
}

ANNOTATION = Profile(
    t.COMMUNICATION,
    elements=("status", "category", "subject"),
    extensions=(t.EXT_EPISODE_OF_CARE, t.EXT_RESTRICTION_CATEGORY),
)
MESSAGE = Profile(t.MESSAGE, elements=("status", "category"), extensions=(t.EXT_ADMINISTRATIVE_STATUS,))
"""Communication has two profiles: annotations of measurements, and messages to and from citizens."""

ONE_ONLY = {
    "CarePlan": ("instantiatesCanonical", "addresses"),
    "ServiceRequest": ("instantiatesCanonical",),
    "QuestionnaireResponse": ("basedOn",),
    "Communication": ("recipient", "payload"),
    "CommunicationRequest": ("basedOn",),
}


def values_at(node: Any, path: str) -> list[Any]:
    """Every value at a dotted path, lists walked through; absent or empty gives an empty list."""
    nodes = [node]
    for name in path.split("."):
        nodes = [
            item
            for parent in nodes
            if isinstance(parent, Mapping) and name in parent
            for item in (parent[name] if isinstance(parent[name], list) else [parent[name]])
        ]
    return [found for found in nodes if found not in (None, "", {}, [])]


def extensions(node: Resource, url: str) -> list[Resource]:
    """The extensions with this address directly on the node."""
    return [extension for extension in node.get("extension", ()) if extension.get("url") == url]


def profile_problems(resource: Resource) -> list[str]:
    """Each breach of the resource's profile as "path: what is missing"; empty when it keeps it."""
    resource_type = str(resource.get("resourceType", ""))
    named = [str(url).partition("|")[0] for url in values_at(resource, "meta.profile")]
    profile = _profile_of(resource_type, named)
    if profile is None:
        return []
    problems = []
    if profile.url not in named:
        problems.append(f"meta.profile: {profile.url} missing")
    problems += [f"{path}: missing" for path in profile.elements if not values_at(resource, path)]
    problems += [f"{path}: not allowed" for path in profile.forbidden if values_at(resource, path)]
    problems += [
        f"{path}: only one allowed"
        for path in ONE_ONLY.get(resource_type, ())
        if len(values_at(resource, path)) > 1
    ]
    problems += [f"extension: {url} missing" for url in profile.extensions if not extensions(resource, url)]
    if resource_type == "ServiceRequest" and resource.get("status") in TIMED_STATUSES:
        problems += occurrence_problems(resource)
    if resource_type == "QuestionnaireResponse":
        problems += resolved_timing_problems(resource)
        problems += effective_period_problems(resource)
    return [*problems, *_reference_and_coding_problems(resource)]


def _profile_of(resource_type: str, named: Sequence[str]) -> Profile | None:
    if resource_type == "Communication":
        return ANNOTATION if t.COMMUNICATION in named else MESSAGE
    return PROFILES.get(resource_type)


def resolved_timing_problems(measurement: Resource) -> list[str]:
    """Type Resolved has start and end, every other type neither (contract §5 F)."""
    for timing in extensions(measurement, t.EXT_RESOLVED_TIMING):
        parts = {part.get("url"): part for part in timing.get("extension", ())}
        types = [
            coding.get("code") for coding in values_at(parts.get("type", {}), "valueCodeableConcept.coding")
        ]
        if not types or "serviceRequestVersionId" not in parts:
            return ["ehealth-resolved-timing: type and serviceRequestVersionId are needed"]
        bounds = {"start", "end"} & parts.keys()
        if bounds != ({"start", "end"} if types[0] == "Resolved" else set()):
            return ["ehealth-resolved-timing: Resolved has start and end, other types neither"]
    return []


def effective_period_problems(measurement: Resource) -> list[str]:
    """KIH's document needs a start, and an end other than the start (contract §5 F)."""
    for period in extensions(measurement, t.EXT_EFFECTIVE_PERIOD):
        value = period.get("valuePeriod") or {}
        if not value.get("start"):
            return ["ehealth-effectivePeriod: start missing"]
        if value["start"] == value.get("end"):
            return ["ehealth-effectivePeriod: end equals start"]
    return []


def _reference_and_coding_problems(resource: Resource) -> list[str]:
    """References are absolute or inside the bundle; every coding has system and code (contract §2)."""
    problems = []
    for path, node in _walk(resource, ""):
        reference = node.get("reference")
        if isinstance(reference, str) and not reference.startswith(("http://", "https://", "urn:uuid:", "#")):
            problems.append(f"{path}.reference: must be an absolute address")
        codings = _list(node.get("coding"))
        if not all(coding.get("system") and coding.get("code") for coding in codings):
            problems.append(f"{path}.coding: must have system and code")
    return problems


def _list(value: Any) -> Sequence[Resource]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _walk(node: Any, path: str) -> Iterator[tuple[str, Resource]]:
    if isinstance(node, Mapping):
        yield path, node
        for name, child in node.items():
            yield from _walk(child, f"{path}.{name}".lstrip("."))
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, path)
