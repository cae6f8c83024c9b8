"""What the platform's profiles demand beyond FHIR R4 itself (implementation guide 8.0.0, contract §4).

Pure tables and checks; used on what leaves us, and by the simulator on what reaches it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fut import terminology as t
from fut import value_sets as v
from fut.extension_shapes import shape_problems
from fut.occurrences import is_timed, occurrence_problems
from fut.questionnaire_rules import is_advanced, questionnaire_problems

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """What one profile asks for; elements by their dotted paths, `effective*` for any of FHIR's `effective[x]`.

    `single` and `single_extensions` stand at most once, `codes` bind CodeableConcepts to value sets.
    """

    url: str
    elements: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    single: tuple[str, ...] = ()
    single_extensions: tuple[str, ...] = ()
    codes: Mapping[str, v.ValueSet] = field(default_factory=dict)


IN_EPISODE = (t.EXT_EPISODE_OF_CARE,)
MEASURED = (t.EXT_EPISODE_OF_CARE, t.EXT_RESOLVED_TIMING)
VERSIONED = (t.EXT_BASE, t.EXT_BASE_ENVIRONMENT, t.EXT_PREDECESSOR, t.EXT_EMPLOYEE_TITLE)

PROFILES: Mapping[str, Profile] = {
    "Patient": Profile(t.PATIENT, elements=("identifier", "gender"), single=("generalPractitioner",)),
    "Organization": Profile(
        t.ORGANIZATION,
        elements=("identifier", "name"),
        extensions=(t.EXT_SOURCE, t.EXT_SYNCHRONIZATION_STATUS),
        single_extensions=(t.EXT_SOURCE, t.EXT_SYNCHRONIZATION_STATUS, t.EXT_MUNICIPALITY_CODE),
    ),
    "EpisodeOfCare": Profile(
        t.EPISODE_OF_CARE,
        elements=("status", "diagnosis.condition", "patient", "managingOrganization", "period"),
        extensions=(t.EXT_CARE_MANAGER_ORGANIZATION,),
        forbidden=("careManager", "account"),
        single_extensions=(t.EXT_CARE_MANAGER_ORGANIZATION,),
    ),
    "Condition": Profile(
        t.CONDITION,
        elements=("code", "subject"),
        single_extensions=IN_EPISODE,
        codes={"code": v.conditions},
    ),
    "Provenance": Profile(t.PROVENANCE, elements=("target", "recorded", "policy", "agent.who")),
    "Consent": Profile(
        t.CONSENT,
        elements=("status", "scope", "category", "patient"),
        codes={"scope": v.CONSENT_SCOPES, "category": v.CONSENT_CATEGORIES},
    ),
    "CarePlan": Profile(
        t.CARE_PLAN,
        elements=("status", "intent", "subject", "instantiatesCanonical", "period", "addresses"),
        extensions=IN_EPISODE,
        forbidden=("basedOn", "replaces", "activity.detail"),
        single=("instantiatesCanonical", "addresses", "partOf"),
        single_extensions=IN_EPISODE,
    ),
    "ServiceRequest": Profile(
        t.SERVICE_REQUEST,
        elements=("status", "intent", "subject", "instantiatesCanonical"),
        extensions=(t.EXT_EPISODE_OF_CARE, t.EXT_SHARING_POLICY, t.EXT_INCLUDE_AS_EXTRA),
        forbidden=("basedOn", "replaces"),
        single=("instantiatesCanonical",),
        single_extensions=(
            *(t.EXT_EPISODE_OF_CARE, t.EXT_SHARING_POLICY, t.EXT_SHARING_APPROVAL_POLICY),
            *(t.EXT_REUSE_CRITERIA, t.EXT_TRIGGER_ENABLEMENT, t.EXT_INCLUDE_AS_EXTRA),
        ),
        codes={"code": v.ACTIVITY_CODES},
    ),
    "QuestionnaireResponse": Profile(
        t.QUESTIONNAIRE_RESPONSE,
        elements=("status", "basedOn", "questionnaire", "subject", "authored", "source"),
        extensions=MEASURED,
        single=("basedOn", "partOf"),
        single_extensions=(*MEASURED, t.EXT_EFFECTIVE_PERIOD),
    ),
    "Observation": Profile(
        t.OBSERVATION,
        elements=("status", "code", "basedOn", "subject", "effective*", "performer"),
        extensions=MEASURED,
        single=("basedOn", "performer"),
        single_extensions=MEASURED,
    ),
    "Media": Profile(
        t.MEDIA,
        elements=("status", "basedOn", "subject.reference", "created*", "content"),
        extensions=(*MEASURED, t.EXT_MEDIA_USAGE_MODE),
        single=("basedOn",),
        single_extensions=(*MEASURED, t.EXT_MEDIA_USAGE_MODE, t.EXT_MEDIA_SERIES),
    ),
    "Questionnaire": Profile(
        t.QUESTIONNAIRE,
        elements=("version", "status"),
        extensions=(t.EXT_MODIFIER_ROLE, t.EXT_QUESTIONNAIRE_TYPE),
        single_extensions=(*VERSIONED, t.EXT_USAGE),
    ),
    "ActivityDefinition": Profile(
        t.ACTIVITY_DEFINITION,
        elements=("version", "status", "topic", "code"),
        extensions=(t.EXT_MODIFIER_ROLE, t.EXT_SHARING_POLICY),
        single=("topic",),
        single_extensions=(
            *(t.EXT_SHARING_POLICY, t.EXT_SHARING_APPROVAL_POLICY, t.EXT_REUSE_CRITERIA),
            *(t.EXT_RECOMMENDATION, *VERSIONED),
        ),
        codes={"topic": v.TOPICS, "code": v.ACTIVITY_CODES},
    ),
    "PlanDefinition": Profile(
        t.PLAN_DEFINITION,
        # An action is demanded of an active plan only; the recorded draft has none.
        elements=("version", "status"),
        extensions=(t.EXT_MODIFIER_ROLE,),
        single_extensions=(t.EXT_RECOMMENDATION, *VERSIONED),
        codes={"topic": v.TOPICS},
    ),
    "CareTeam": Profile(
        t.CARE_TEAM,
        elements=("status", "name", "reasonCode"),
        forbidden=("subject", "reasonReference"),
        codes={"reasonCode": v.conditions},
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
        single_extensions=(
            *(t.EXT_TASK_EPISODE_OF_CARE, t.EXT_TASK_CATEGORY),
            *(t.EXT_REFERENCE_CARE_PLAN, t.EXT_RESOLVED_TIMING),
        ),
    ),
    "ClinicalImpression": Profile(
        t.CLINICAL_IMPRESSION,
        elements=("status", "code", "subject"),
        extensions=IN_EPISODE,
        single_extensions=(
            *(t.EXT_EPISODE_OF_CARE, t.EXT_CLINICAL_IMPRESSION_CARE_PLAN),
            *(t.EXT_ASSESSOR_ORGANIZATION, t.EXT_ASSESSOR_OTHER),
        ),
    ),
    "CommunicationRequest": Profile(
        t.COMMUNICATION_REQUEST,
        elements=("status", "subject"),
        single=("basedOn",),
        single_extensions=IN_EPISODE,
        codes={"category": v.MESSAGE_CATEGORIES, "medium": v.MESSAGE_MEDIA},
    ),
}

ANNOTATION = Profile(
    t.COMMUNICATION,
    elements=("status", "category", "subject"),
    extensions=(t.EXT_EPISODE_OF_CARE, t.EXT_RESTRICTION_CATEGORY),
    single=("recipient", "payload"),
    single_extensions=IN_EPISODE,
)
MESSAGE = Profile(
    t.MESSAGE,
    elements=("status", "category"),
    extensions=(t.EXT_ADMINISTRATIVE_STATUS,),
    single=("recipient", "payload"),
    single_extensions=(
        *(t.EXT_EPISODE_OF_CARE, t.EXT_RECIPIENT_CARE_TEAM, t.EXT_SENDER_CARE_TEAM, t.EXT_THREAD_ID),
        *(t.EXT_ADMINISTRATIVE_STATUS, t.EXT_GROUP_ID, t.EXT_ON_BEHALF_OF),
    ),
)
"""Communication has two profiles: annotations of measurements, and messages to and from citizens."""

PARTS_OF_LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "CareTeam": {"participant": ("role", "member"), "telecom": ("value",)},
    "Organization": {"telecom": ("value",)},
    "Communication": {"payload": ("contentString",)},
}
"""What each entry of a list must have."""


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
    accepted = {profile.url, t.QUESTIONNAIRE_ADVANCED} if resource_type == "Questionnaire" else {profile.url}
    problems = [] if accepted & set(named) else [f"meta.profile: {profile.url} missing"]
    problems += [f"{path}: missing" for path in profile.elements if not _has(resource, path)]
    problems += [f"{path}: not allowed" for path in profile.forbidden if values_at(resource, path)]
    problems += [f"{path}: only one allowed" for path in profile.single if len(values_at(resource, path)) > 1]
    problems += [f"extension: {url} missing" for url in profile.extensions if not extensions(resource, url)]
    problems += [
        f"extension: {url}: only one allowed"
        for url in profile.single_extensions
        if len(extensions(resource, url)) > 1
    ]
    problems += [
        f"{path}: {coding.get('system')}|{coding.get('code')} is not in the platform's value set"
        for path, codes in profile.codes.items()
        for concept in values_at(resource, path)
        for coding in _unbound(concept, codes)
    ]
    return [*problems, *_problems_of_type(resource), *_everywhere(resource)]


def _has(resource: Resource, path: str) -> bool:
    if path.endswith("*"):
        return any(name.startswith(path[:-1]) and value for name, value in resource.items())
    return bool(values_at(resource, path))


def _unbound(concept: Any, codes: v.ValueSet) -> list[Resource]:
    """The codings of a concept, when none of them is in the value set; one that is text alone is left."""
    codings = (
        [one for one in _list(concept.get("coding")) if "code" in one] if isinstance(concept, Mapping) else []
    )
    return [] if any(codes(coding) for coding in codings) else codings[:1]


def _problems_of_type(resource: Resource) -> Iterator[str]:
    resource_type = str(resource.get("resourceType"))
    for path, names in PARTS_OF_LISTS.get(resource_type, {}).items():
        for entry in _list(resource.get(path)):
            yield from (f"{path}: needs {name}" for name in names if not entry.get(name))
    match resource_type:
        case "ServiceRequest" if is_timed(resource):
            yield from occurrence_problems(resource)
        case "QuestionnaireResponse" | "Observation" | "Media":
            yield from resolved_timing_problems(resource)
        case "Questionnaire":
            yield from questionnaire_problems(resource)
            if is_advanced(resource) and t.QUESTIONNAIRE_ADVANCED not in values_at(resource, "meta.profile"):
                yield f"meta.profile: {t.QUESTIONNAIRE_ADVANCED} missing, since it calculates"
        case "Patient":
            if len([one for one in _list(resource.get("identifier")) if one.get("system") == t.CPR]) != 1:
                yield f"identifier: exactly one of {t.CPR} is needed"
        case "Provenance":
            for policy in values_at(resource, "policy"):
                if policy not in v.PROVENANCE_POLICIES:
                    yield f"policy: {policy} is not in the platform's value set"
        case "Consent":
            for policy in values_at(resource, "policy.uri"):
                if policy != t.DISPLAY_TRIAGE_RESULT:
                    yield f"policy.uri: {policy} is not in the platform's value set"


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
    """KIH's document needs a start, and an end other than the start (contract §5 F). The platform takes less."""
    for period in extensions(measurement, t.EXT_EFFECTIVE_PERIOD):
        value = period.get("valuePeriod") or {}
        if not value.get("start"):
            return ["ehealth-effectivePeriod: start missing"]
        if value["start"] == value.get("end"):
            return ["ehealth-effectivePeriod: end equals start"]
    return []


def habit_problems(resource: Resource) -> list[str]:
    """What the guide says shall be so and the platform does not yet look at (contract §2): we keep it all the same."""
    problems = effective_period_problems(resource)
    for path, node in _walk(resource, ""):
        if not all(coding.get("system") and coding.get("code") for coding in _list(node.get("coding"))):
            problems.append(f"{path}.coding: must have system and code")
    return problems


def _everywhere(resource: Resource) -> list[str]:
    """References are absolute or inside the bundle (contract §2), and the platform's extensions as it made them."""
    problems: list[str] = []
    for path, node in _walk(resource, ""):
        reference = node.get("reference")
        if isinstance(reference, str) and not reference.startswith(("http://", "https://", "urn:uuid:", "#")):
            problems.append(f"{path}.reference: must be an absolute address")
        for extension in node.get("extension") or ():
            problems += [f"{path}.extension: {one}".lstrip(".") for one in shape_problems(extension)]
    return problems


def _list(value: Any) -> Sequence[Resource]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _walk(node: Any, path: str) -> list[tuple[str, Resource]]:
    """Every object in a resource with the path to it."""
    found: list[tuple[str, Resource]] = []
    waiting = [(path, node)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, dict):
            found.append((where, one))
            waiting += [
                (f"{where}.{name}" if where else name, child)
                for name, child in one.items()
                if isinstance(child, (dict, list))
            ]
        else:
            waiting += [(where, child) for child in one if isinstance(child, (dict, list))]
    return found
