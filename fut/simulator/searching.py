"""Searching as the platform allows it: known parameters only, within the token's context, page by page."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fut.simulator.addresses import local_part
from fut.simulator.callers import CITIZENS, DIMENSIONS, Caller, episodes_of
from fut.simulator.clock import instant
from fut.simulator.criteria import Query, criteria_of, matching
from fut.simulator.including import included
from fut.simulator.outcomes import Refusal
from fut.simulator.records import Records
from fut.simulator.store import Criterion, Store

Json = dict[str, Any]

LARGEST_PAGE = 200
DEFAULT_PAGE = 50
CURSOR_SECONDS = 300.0
MOST_CURSORS = 500

NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "patient_id": dict.fromkeys(
        ("EpisodeOfCare", "Consent", "CarePlan"),
        ("patient",),
    )
    | {"Patient": ("_id", "identifier"), "QuestionnaireResponse": ("subject",)}
    | {"CommunicationRequest": ("patient", "subject", "recipient")}
    | {"Task": ("patient", "subject", "owner"), "ClinicalImpression": ("patient", "subject")}
    | {"Observation": ("patient", "subject"), "Media": ("subject",)}
    | {"Communication": ("patient", "subject", "recipient", "sender", "communicationParticipant")},
    "episode_of_care_id": dict.fromkeys(
        (
            *("CarePlan", "QuestionnaireResponse", "Task", "ClinicalImpression", "CommunicationRequest"),
            *("Observation", "Media"),
        ),
        ("episodeOfCare",),
    )
    | {"Consent": ("data", "affiliation"), "Communication": ("episodeOfCare",)},
    "care_team_id": {"EpisodeOfCare": ("team",), "CarePlan": ("care-team",)},
    "organization_id": {"EpisodeOfCare": ("organization",), "CareTeam": ("managingOrganization",)},
}
"""The parameters that carry each dimension of a token, by type."""

NARROW = {
    **dict.fromkeys(
        ("QuestionnaireResponse", "Observation", "Media"),
        frozenset({"subject", "patient", "episodeOfCare", "based-on", "identifier", "_id"}),
    ),
    "CarePlan": frozenset(
        {"patient", "episodeOfCare", "care-team", "identifier", "_id", "activity-reference", "part-of"}
    ),
    **dict.fromkeys(
        ("Patient", "Communication"),
        frozenset({"_id", "identifier", "recipient", "subject"})
        | {
            "patient",
            "sender",
            "threadId",
            "communicationParticipant",
            "communicationRelatesTo",
            "episodeOfCare",
        },
    ),
}
"""A token without a context must at least name one of these; what is not here asks for nothing of the kind."""

BY_NEED = frozenset({"Task", "ClinicalImpression"})
"""Where the episode alone suffices: the task service refuses `patient` from citizens (reference client)."""

BY_STAFF = {"Consent": ("data", "affiliation")}
"""The same for staff: to them only the episode is named as a condition (the guide's page on ehealth-consent)."""

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
    _open: dict[str, tuple[list[int], Query, float]] = field(default_factory=dict)

    def keep(self, numbers: list[int], query: Query) -> str:
        if len(self._open) >= MOST_CURSORS:
            self._open.pop(next(iter(self._open)))
        name = secrets.token_hex(16)
        self._open[name] = numbers, query, self.store.clock.seconds() + CURSOR_SECONDS
        return name

    def find(self, name: str) -> tuple[list[int], Query]:
        """The ids and what was asked; 500 when it has ended: so the platform does (contract §8)."""
        numbers, query, ends_at = self._open.get(name, ([], [], 0.0))
        if ends_at <= self.store.clock.seconds():
            raise Refusal(
                500, [f"Search ID “{name}” does not exist and may have expired."], issue_type="exception"
            )
        return numbers, query

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
        numbers, query = cursors.find(cursor)
        offset = _number(given, "_getpagesoffset", 0)
    else:
        criteria = criteria_of(records.store, resource_type, base, query)
        _require_context(caller, resource_type, criteria, _care_plans_of(records, criteria))
        numbers, offset = matching(records.store, resource_type, _sharpest_first(criteria)), 0
    count = min(_number(given, "_count", DEFAULT_PAGE), LARGEST_PAGE)
    found = records.store.load(numbers[offset : offset + count])
    bundle = _bundle(records, found, included(records, caller, found, query))
    suffix = f"?{urlencode(query)}" if shown and query else "" if shown else "/_search"
    bundle["link"].append({"relation": "self", "url": f"{base.own()}/{resource_type}{suffix}"})
    if offset + count < len(numbers) and count:
        name = cursor or cursors.keep(numbers, query)
        paging = {"_getpages": name, "_getpagesoffset": offset + count, "_count": count}
        bundle["link"].append(
            {"relation": "next", "url": f"{base.own()}/{resource_type}?{urlencode(paging)}"}
        )
    elif not cursor:
        # Only a result that fits one page is counted: of more, the platform does not say how many there are.
        bundle["total"] = len(numbers)
    return bundle


def _care_plans_of(records: Records, criteria: Sequence[Criterion]) -> list[str]:
    """The episodes of the care plans that a search names: whoever names a plan has named its episode."""
    plans = [value for one in criteria if one.name == "carePlan" and one.how == "eq" for value in one.values]
    stored = [records.store.read("CarePlan", plan.rpartition("/")[2]) for plan in plans]
    return [episode for plan in stored if plan for episode in map(local_part, episodes_of(plan))]


def _require_context(
    caller: Caller, resource_type: str, criteria: Sequence[Criterion], by_plan: Sequence[str]
) -> None:
    """Every dimension of the token must be in the search, else 403 (contract §3, “Search rule”).

    `by_plan`: the episodes of the care plans that it names.
    """
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
    if not caller.context and not NARROW.get(resource_type, asked.keys()) & asked.keys():
        raise _too_wide(resource_type)
    for dimension, mine in caller.context.items():
        if dimension == "episode_of_care_id" and resource_type in BY_NEED and set(by_plan) == {mine}:
            continue
        names = NAMES[dimension].get(resource_type)
        if names is None and dimension in {"care_team_id", "organization_id"}:
            continue
        if dimension == "patient_id" and _is_narrow_enough(caller, resource_type, asked):
            continue
        accepted = {mine, mine.rpartition("/")[2]} if resource_type == "Patient" else {mine}
        if not any(accepted >= set(asked.get(name, ())) != set() for name in names or ()):
            raise Refusal(
                403,
                [f"Search parameters not matching security token context: {DIMENSIONS[dimension]}"],
                code="SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT",
                issue_type="forbidden",
            )


def _is_narrow_enough(caller: Caller, resource_type: str, asked: Mapping[str, Sequence[str]]) -> bool:
    """Does the episode in a search stand for the citizen as well?"""
    if resource_type in BY_NEED:
        return "episodeOfCare" in asked
    is_staff = caller.user_type == "PRACTITIONER"
    return is_staff and any(name in asked for name in BY_STAFF.get(resource_type, ()))


def _too_wide(resource_type: str) -> Refusal:
    if resource_type == "CarePlan":
        code = "CAREPLAN_SEARCH_SUBJECT_CONTEXT_OR_RESPONSIBLE_ACTOR_IS_NOT_SPECIFIED"
        return Refusal(
            403,
            ["At least subject, context or responsible actor must be specified"],
            code=code,
            issue_type="forbidden",
        )
    return Refusal(
        403,
        ["At least one of subject and context must be provided."],
        code="GENERAL_SUBJECT_AND_CONTEXT_NOT_PROVIDED",
        issue_type="forbidden",
    )


def _sharpest_first(criteria: Sequence[Criterion]) -> list[Criterion]:
    rank = {name: place for place, name in enumerate(SHARPNESS)}
    return sorted(criteria, key=lambda one: (one.how != "eq", rank.get(one.name, len(rank))))


def _bundle(records: Records, found: list[Json], beside: list[Json]) -> Json:
    entries = [(one, "match") for one in found] + [(one, "include") for one in beside]
    return {
        "resourceType": "Bundle",
        "id": secrets.token_hex(16),
        "meta": {"lastUpdated": instant(records.store.clock.now())},
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
