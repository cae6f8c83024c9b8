"""Which searches each kind of resource allows, and the terms it is found by.

The names are those of the platform's capability statements. ServiceRequest and Condition have none there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.outcomes import Refusal, not_supported

Json = dict[str, Any]
Terms = Callable[[Json], Iterator[str]]

LARGEST_PAGE = 200
DEFAULT_PAGE = 50


def identifiers(path: str = "identifier") -> Terms:
    """Token search: by value alone and by `system|value`."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, path):
            yield str(found.get("value", ""))
            yield f"{found.get('system', '')}|{found.get('value', '')}"

    return terms


def codings(path: str) -> Terms:
    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, f"{path}.coding"):
            yield str(found.get("code", ""))
            yield f"{found.get('system', '')}|{found.get('code', '')}"

    return terms


def plain(path: str) -> Terms:
    def terms(resource: Json) -> Iterator[str]:
        yield from map(str, values_at(resource, path))

    return terms


def referring(path: str) -> Terms:
    """Reference search: by `Type/id`, whatever the host."""

    def terms(resource: Json) -> Iterator[str]:
        for found in values_at(resource, f"{path}.reference"):
            yield local_part(str(found))

    return terms


def episode(resource: Json) -> Iterator[str]:
    for found in extensions(resource, t.EXT_EPISODE_OF_CARE):
        yield from map(local_part, values_at(found, "valueReference.reference"))


def municipality_code(resource: Json) -> Iterator[str]:
    for found in extensions(resource, t.EXT_MUNICIPALITY_CODE):
        yield from values_at(found, "valueString")


PARAMETERS: Mapping[str, Mapping[str, Terms]] = {
    "Patient": {"identifier": identifiers()},
    "Organization": {"identifier": identifiers(), "municipalityCode": municipality_code},
    "EpisodeOfCare": {
        "identifier": identifiers(),
        "patient": referring("patient"),
        "organization": referring("managingOrganization"),
        "team": referring("team"),
        "status": plain("status"),
    },
    "Consent": {
        "identifier": identifiers(),
        "patient": referring("patient"),
        "data": referring("provision.data.reference"),
        "category": codings("category"),
        "status": plain("status"),
    },
    "CarePlan": {
        "identifier": identifiers(),
        "patient": referring("subject"),
        "episodeOfCare": episode,
        "care-team": referring("careTeam"),
        "instantiates-canonical": plain("instantiatesCanonical"),
        "activity-reference": referring("activity.reference"),
        "status": plain("status"),
    },
    "CommunicationRequest": {
        "identifier": identifiers(),
        "patient": referring("subject"),
        "episodeOfCare": episode,
        "status": plain("status"),
    },
    "QuestionnaireResponse": {
        "identifier": identifiers(),
        "subject": referring("subject"),
        "episodeOfCare": episode,
        "based-on": referring("basedOn"),
        "questionnaire": plain("questionnaire"),
        "status": plain("status"),
    },
    "PlanDefinition": {"identifier": identifiers(), "url": plain("url"), "version": plain("version")},
    "ActivityDefinition": {"identifier": identifiers(), "url": plain("url"), "version": plain("version")},
    "Questionnaire": {"identifier": identifiers(), "url": plain("url"), "version": plain("version")},
}

DIMENSIONS = frozenset({"patient", "subject", "episodeOfCare", "identifier", "data", "based-on", "_id"})
"""A search in what concerns a citizen names at least one of these, else it is refused (contract §3)."""

CITIZENS = frozenset(
    {"Patient", "EpisodeOfCare", "Consent", "CarePlan", "CommunicationRequest", "QuestionnaireResponse"}
)

REFERENCES = frozenset(
    {"patient", "subject", "episodeOfCare", "organization", "team", "data", "care-team", "based-on"}
    | {"activity-reference"}
)


def terms_of(resource: Json) -> list[tuple[str, str]]:
    """What the resource is found by. `_id` and identifier always, if only for the tests' control."""
    found = [("_id", resource["id"])]
    parameters = {"identifier": identifiers(), **PARAMETERS.get(resource["resourceType"], {})}
    for name, terms in parameters.items():
        found += [(name, value) for value in terms(resource)]
    return found


def criteria_of(resource_type: str, query: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The criteria of a search, values as they are stored. Refuses a parameter nobody knows, or a search too wide."""
    known = PARAMETERS.get(resource_type)
    if known is None:
        raise not_supported(f"search on {resource_type}")
    criteria: dict[str, list[str]] = {}
    for name, value in query:
        if name in {"_count", "_offset", "_format", "_pretty"}:
            continue
        if name not in known and name != "_id":
            raise Refusal(
                400, [f"Unknown search parameter “{name}” for {resource_type}."], issue_type="invalid"
            )
        values = value.split(",")
        criteria[name] = [local_part(one) for one in values] if name in REFERENCES else values
    if resource_type in CITIZENS and not DIMENSIONS & criteria.keys():
        raise Refusal(
            403,
            [f"A search on {resource_type} must name the patient, the episode of care or an identifier."],
            issue_type="forbidden",
        )
    return criteria


def page_of(query: list[tuple[str, str]]) -> tuple[int, int]:
    """How many, and from where."""
    numbers = dict(query)
    try:
        count, offset = int(numbers.get("_count", DEFAULT_PAGE)), int(numbers.get("_offset", 0))
    except ValueError as error:
        raise Refusal(400, ["_count and _offset are whole numbers."], issue_type="invalid") from error
    return min(max(count, 0), LARGEST_PAGE), max(offset, 0)
