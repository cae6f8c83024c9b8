"""Searching as the platform allows it: known parameters only, within the token's context, page by page."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fut.profiles import values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import CITIZENS, DIMENSIONS, Caller
from fut.simulator.outcomes import Refusal, not_supported
from fut.simulator.records import Records
from fut.simulator.search_terms import KINDS, comparable, parameters_of
from fut.simulator.store import COMPARISONS, Criterion, Store

Json = dict[str, Any]
Query = Sequence[tuple[str, str]]

LARGEST_PAGE = 200
DEFAULT_PAGE = 50
CURSOR_SECONDS = 300.0
MOST_CURSORS = 500

CONTROLS = frozenset({"_count", "_format", "_pretty", "_include", "_sort", "_total", "_summary", "_elements"})
HONOURED = frozenset({"_count", "_format", "_pretty", "_include", "_sort"})
"""`_sort` is taken and ignored: so the platform's care plan service does (contract §8)."""

INCLUDES = {
    "CarePlan:activity-reference": ("activity.reference.reference", "ServiceRequest"),
    "EpisodeOfCare:condition": ("diagnosis.condition.reference", "Condition"),
    "CommunicationRequest:based-on": ("basedOn.reference", "ServiceRequest"),
}

NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "patient_id": dict.fromkeys(
        ("EpisodeOfCare", "Consent", "CarePlan"),
        ("patient",),
    )
    | {"Patient": ("_id", "identifier"), "QuestionnaireResponse": ("subject",)}
    | {"CommunicationRequest": ("patient", "subject", "recipient")}
    | {"Task": ("patient", "subject", "owner"), "ClinicalImpression": ("patient", "subject")}
    | {"Communication": ("patient", "subject", "recipient", "sender")},
    "episode_of_care_id": dict.fromkeys(
        ("CarePlan", "QuestionnaireResponse", "Task", "ClinicalImpression", "CommunicationRequest"),
        ("episodeOfCare",),
    )
    | {"Consent": ("data", "affiliation"), "Communication": ("episodeOfCare",)},
    "care_team_id": {"EpisodeOfCare": ("team",), "CarePlan": ("care-team",)},
    "organization_id": {"EpisodeOfCare": ("organization",), "CareTeam": ("managingOrganization",)},
}
"""The parameters that carry each dimension of a token, by type."""

NARROW = frozenset(
    {name for by_type in NAMES.values() for names in by_type.values() for name in names}
    | {"identifier", "_id", "based-on", "threadId", "activity-reference"}
)
"""A token without a context must at least name one of these."""

BY_NEED = frozenset({"Task", "ClinicalImpression"})
"""Where the episode alone suffices: the task service refuses `patient` from citizens (reference client)."""

SHARPNESS = (
    "identifier",
    "_id",
    "threadId",
    "based-on",
    "data",
    "episodeOfCare",
    "subject",
    "patient",
    "recipient",
)


@dataclass(slots=True)
class Cursors:
    """Results that are being paged through: as they were when the search was made, gone after five minutes."""

    store: Store
    _open: dict[str, tuple[list[int], float]] = field(default_factory=dict)

    def keep(self, numbers: list[int]) -> str:
        if len(self._open) >= MOST_CURSORS:
            self._open.pop(next(iter(self._open)))
        name = secrets.token_hex(16)
        self._open[name] = numbers, self.store.clock.seconds() + CURSOR_SECONDS
        return name

    def find(self, name: str) -> list[int]:
        """500 when it has ended: so the platform does (contract §8)."""
        numbers, ends_at = self._open.get(name, ([], 0.0))
        if ends_at <= self.store.clock.seconds():
            raise Refusal(
                500, [f"Search ID “{name}” does not exist and may have expired."], issue_type="exception"
            )
        return numbers

    def end_all(self) -> None:
        self._open.clear()


def search(
    records: Records,
    caller: Caller,
    cursors: Cursors,
    resource_type: str,
    query: Query,
    *,
    shown: bool = True,
) -> Json:
    """The searchset of one type; the first page, with a link to the next where there is one.

    `shown`: may the link to itself repeat the query? Not after a POST, whose body may hold a CPR number.
    """
    given = dict(query)
    base = records.base
    if cursor := given.get("_getpages"):
        numbers, offset = cursors.find(cursor), _number(given, "_getpagesoffset", 0)
    else:
        criteria = criteria_of(resource_type, base.service, query)
        _require_context(caller, resource_type, criteria)
        numbers, offset, cursor = records.store.matches(resource_type, _sharpest_first(criteria)), 0, ""
    count = min(_number(given, "_count", DEFAULT_PAGE), LARGEST_PAGE)
    found = records.store.load(numbers[offset : offset + count])
    bundle = _bundle(records, resource_type, found, _included(records, found, query))
    suffix = f"?{urlencode(query)}" if shown and query else ""
    bundle["link"].append({"relation": "self", "url": f"{base.own()}/{resource_type}{suffix}"})
    if offset + count < len(numbers) and count:
        name = cursor or cursors.keep(numbers)
        paging = {"_getpages": name, "_getpagesoffset": offset + count, "_count": count}
        bundle["link"].append(
            {"relation": "next", "url": f"{base.own()}/{resource_type}?{urlencode(paging)}"}
        )
    elif not cursor:
        # Only a result that fits one page is counted: of more, the platform does not say how many there are.
        bundle["total"] = len(numbers)
    return bundle


def criteria_of(resource_type: str, service: str | None, query: Query) -> list[Criterion]:
    """The criteria of a search, values as they are stored; refuses a parameter that the service does not know."""
    known = parameters_of(resource_type, service)
    if not known:
        raise not_supported(f"search on {resource_type}")
    criteria = []
    for name, value in query:
        if name in HONOURED:
            continue
        if name in CONTROLS or name not in known:
            raise Refusal(
                400,
                [
                    f'Unknown search parameter "{name}" for resource type "{resource_type}".'
                    f" Valid search parameters for this search are: [{', '.join(sorted(known))}]"
                ],
                issue_type="processing",
            )
        criteria.append(_criterion(name, value))
    return criteria


def _criterion(name: str, value: str) -> Criterion:
    kind = KINDS.get(name, "token")
    if kind == "reference":
        return Criterion(name, [local_part(one) for one in value.split(",")])
    if kind == "date":
        how, moment = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
        if how not in COMPARISONS or not moment[:4].isdecimal():
            raise Refusal(400, [f'Invalid date/time format: "{value}"'], issue_type="processing")
        return Criterion(name, [comparable(moment)], how)
    return Criterion(name, value.split(","))


def _require_context(caller: Caller, resource_type: str, criteria: Sequence[Criterion]) -> None:
    """Every dimension of the token must be in the search, else 403 (contract §3, “Search rule”)."""
    if resource_type not in CITIZENS:
        return
    if not caller.context and not caller.unbound:
        raise Refusal(
            403,
            [f"Security token context missing for user type: {caller.user_type}"],
            code="SECURITY_TOKEN_CONTEXT_MISSING",
            issue_type="forbidden",
        )
    asked = {criterion.name: criterion.values for criterion in criteria if criterion.how == "eq"}
    if not caller.context and not NARROW & asked.keys():
        raise Refusal(
            403,
            ["At least one of subject and context must be provided."],
            code="GENERAL_SUBJECT_AND_CONTEXT_NOT_PROVIDED",
            issue_type="forbidden",
        )
    for dimension, mine in caller.context.items():
        names = NAMES[dimension].get(resource_type)
        if names is None and dimension in {"care_team_id", "organization_id"}:
            continue
        if resource_type in BY_NEED and dimension == "patient_id" and "episodeOfCare" in asked:
            continue
        accepted = {mine, mine.rpartition("/")[2]} if resource_type == "Patient" else {mine}
        if not any(accepted >= set(asked.get(name, ())) != set() for name in names or ()):
            raise Refusal(
                403,
                [f"Search parameters not matching security token context: {DIMENSIONS[dimension]}"],
                code="SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT",
                issue_type="forbidden",
            )


def _sharpest_first(criteria: Sequence[Criterion]) -> list[Criterion]:
    rank = {name: place for place, name in enumerate(SHARPNESS)}
    return sorted(criteria, key=lambda one: (one.how != "eq", rank.get(one.name, len(rank))))


def _included(records: Records, found: list[Json], query: Query) -> list[Json]:
    included: dict[str, Json] = {}
    for name, value in query:
        if name != "_include":
            continue
        if value not in INCLUDES:
            raise Refusal(400, [f'Invalid _include parameter value: "{value}"'], issue_type="processing")
        path, resource_type = INCLUDES[value]
        for one in found:
            for reference in values_at(one, path):
                kind, _, number = local_part(reference).partition("/")
                there = records.store.read(resource_type, number) if kind == resource_type else None
                if there:
                    included[there["id"]] = there
    return list(included.values())


def _bundle(records: Records, resource_type: str, found: list[Json], included: list[Json]) -> Json:
    entries = [(one, "match") for one in found] + [(one, "include") for one in included]
    return {
        "resourceType": "Bundle",
        "id": secrets.token_hex(16),
        "type": "searchset",
        "link": [],
        "entry": [
            {"fullUrl": records.url(one), "resource": one, "search": {"mode": mode}} for one, mode in entries
        ],
    }


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal():
        raise Refusal(400, [f"{name} is a whole number."], issue_type="processing")
    return int(text)
