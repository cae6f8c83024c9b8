"""`$apply`: a care plan with its service requests made from a plan definition (contract §5 D).

POST stores them as drafts and gives the care plan; GET gives them as a transaction to be edited and sent.
"""

from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator import definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule
from fut.simulator.records import Records

Json = dict[str, Any]

COPIED = frozenset(
    {t.EXT_SHARING_POLICY, t.EXT_SHARING_APPROVAL_POLICY, f"{t.EHEALTH}ehealth-reuseCriteria"}
    | {f"{t.EHEALTH}ehealth-referenceRange"}
)
"""The extensions that a service request takes over from its activity."""


def apply_plan(
    records: Records,
    caller: Caller,
    plan_reference: str | None,
    episode_reference: str | None,
    *,
    store: bool,
) -> Json:
    """The care plan as it was stored, or the transaction that would store it."""
    if not plan_reference:
        raise broken_rule(
            "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED",
            "PlanDefinition reference must be specified",
        )
    if not episode_reference:
        raise broken_rule(
            "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED",
            "EpisodeOfCare reference must be specified",
        )
    caller.require_context("episode_of_care_id")
    caller.require_match("episode_of_care_id", [episode_reference])
    plan = definitions.require(records, "PlanDefinition", local_part(plan_reference).partition("/")[2])
    episode = records.follow(episode_reference, "EpisodeOfCare")
    requests = [_request(records, activity, episode) for activity in _activities(records, plan)]
    if not store:
        return _transaction(records, _care_plan(records, caller, plan, episode), requests)
    with records.store.transaction():
        kept = [records.create(request) for request in requests]
        care_plan = _care_plan(records, caller, plan, episode)
        care_plan |= _activity_references([records.url(one) for one in kept])
        return records.create(care_plan)


def _activities(records: Records, plan: Json) -> list[Json]:
    """The activities of the plan and of the plans within it, in their order."""
    found = []
    for canonical in values_at(plan, "action.definitionCanonical"):
        activity = definitions.find(records, "ActivityDefinition", canonical)
        if activity is not None:
            found.append(activity)
            continue
        sub_plan = definitions.find(records, "PlanDefinition", canonical)
        if sub_plan is None:
            raise broken_rule(
                "CAREPLAN_APPLY_CAN_NOT_FIND_ACTIVITY_DEFINITION",
                f"Can not find activity definition with id :{canonical}",
            )
        found += _activities(records, sub_plan)
    return found


def _care_plan(records: Records, caller: Caller, plan: Json, episode: Json) -> Json:
    team = caller.context.get("care_team_id")
    teams = [records.base.url("organization", *team.split("/"))] if team else []
    teams = teams or values_at(episode, "team.reference")
    made: Json = {
        "resourceType": "CarePlan",
        "meta": {"profile": [t.CARE_PLAN]},
        "extension": [_episode(records, episode)],
        "instantiatesCanonical": [records.versioned_url(plan)],
        "status": "draft",
        "intent": "option",
        "subject": episode["patient"],
        "period": {"start": records.now()},
        "addresses": [one["condition"] for one in episode["diagnosis"]][:1],
        **({"title": plan["title"]} if "title" in plan else {}),
        **({"careTeam": [{"reference": one} for one in teams]} if teams else {}),
    }
    return tagged(made, tags_of(episode))


def _request(records: Records, activity: Json, episode: Json) -> Json:
    taken = [one for one in activity.get("extension", ()) if one["url"] in COPIED]
    made: Json = {
        "resourceType": "ServiceRequest",
        "meta": {"profile": [t.SERVICE_REQUEST]},
        "extension": [
            _episode(records, episode),
            *taken,
            *(
                extensions(activity, t.EXT_INCLUDE_AS_EXTRA)
                or [{"url": t.EXT_INCLUDE_AS_EXTRA, "valueBoolean": False}]
            ),
        ],
        "instantiatesCanonical": [records.versioned_url(activity)],
        "status": "draft",
        "intent": "order",
        "code": activity["code"],
        "subject": episode["patient"],
        **({"occurrenceTiming": activity["timingTiming"]} if "timingTiming" in activity else {}),
    }
    return tagged(made, tags_of(episode))


def _episode(records: Records, episode: Json) -> Json:
    return {"url": t.EXT_EPISODE_OF_CARE, "valueReference": {"reference": records.url(episode)}}


def _activity_references(addresses: list[str]) -> Json:
    return {"activity": [{"reference": {"reference": one}} for one in addresses]} if addresses else {}


def _transaction(records: Records, care_plan: Json, requests: list[Json]) -> Json:
    """The requests first, each under an address of its own that the plan names."""
    addresses = [f"urn:uuid:{uuid4()}" for _ in requests]
    entries = [
        {"fullUrl": address, "resource": request, "request": {"method": "POST", "url": "ServiceRequest"}}
        for address, request in zip(addresses, requests, strict=True)
    ]
    plan = care_plan | _activity_references(addresses)
    entries.append({"resource": plan, "request": {"method": "POST", "url": "CarePlan"}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
