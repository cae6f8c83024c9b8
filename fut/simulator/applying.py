"""`$apply`: care plans with their service requests made from a plan definition (contract §5 D).

POST stores them as drafts and gives the care plan; GET gives them as a transaction to be edited and sent. The plan
service answers otherwise than the care plan service in two things: so they are recorded, and `way` says which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions
from fut.simulator import definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule
from fut.simulator.records import Records

Json = dict[str, Any]

COPIED = (t.EXT_SHARING_POLICY, t.EXT_SHARING_APPROVAL_POLICY, t.EXT_REUSE_CRITERIA, t.EXT_REFERENCE_RANGE)
"""The extensions that a service request takes over from its activity."""

TIMES = {
    "timingTiming": "occurrenceTiming",
    "timingDateTime": "occurrenceDateTime",
    "timingPeriod": "occurrencePeriod",
}


@dataclass(frozen=True, slots=True)
class Application:
    """A plan on its way to a citizen. `by_plan_service`: who was asked."""

    records: Records
    caller: Caller
    episode: Json
    by_plan_service: bool

    def plans(self, plan: Json, part_of: str | None = None, within: tuple[str, ...] = ()) -> Iterator["Part"]:
        """The plan and those within it, each before its parts, with the requests that are its own."""
        if plan["id"] in within:
            raise broken_rule("GENERAL_VALIDATION_ERROR", "Validation error: a plan is part of itself.")
        address, requests, beneath = f"urn:uuid:{uuid4()}", [], []
        for action in definitions.actions_of(plan):
            canonical = action.get("definitionCanonical")
            if canonical is None:
                continue
            if activity := definitions.find(self.records, "ActivityDefinition", canonical):
                requests.append((f"urn:uuid:{uuid4()}", self._request(activity, action)))
            elif sub_plan := definitions.find(self.records, "PlanDefinition", canonical):
                beneath.append(sub_plan)
            else:
                raise broken_rule(
                    "CAREPLAN_APPLY_CAN_NOT_FIND_ACTIVITY_DEFINITION",
                    f"Can not find activity definition with id :{canonical}",
                )
        care_plan = self._care_plan(plan, part_of, [request for request, _ in requests])
        yield Part(address, care_plan, requests)
        for sub_plan in beneath:
            yield from self.plans(sub_plan, address, (*within, plan["id"]))

    def _care_plan(self, plan: Json, part_of: str | None, requests: list[str]) -> Json:
        team = self.caller.context.get("care_team_id")
        mine = [{"reference": self.records.base.url("organization", *team.split("/"))}] if team else []
        teams = mine or self.episode.get("team", [])
        made: Json = {
            "resourceType": "CarePlan",
            "meta": {"profile": [t.CARE_PLAN]},
            "extension": [self._of_episode()],
            "instantiatesCanonical": [self._address(plan)],
            **({"partOf": [{"reference": part_of}]} if part_of else {}),
            "status": "draft",
            "intent": "option" if self.by_plan_service else "order",
            **({"title": plan["title"]} if "title" in plan else {}),
            "subject": self.episode["patient"],
            "period": {"start": self.records.now()},
            **({"careTeam": teams} if teams else {}),
            "addresses": [one["condition"] for one in self.episode["diagnosis"]][:1],
            **({"activity": [{"reference": {"reference": one}} for one in requests]} if requests else {}),
        }
        return tagged(made, tags_of(self.episode))

    def _request(self, activity: Json, action: Json) -> Json:
        """A draft; one that another action is to wake waits on hold. The plan's timing goes before the activity's."""
        waits = bool(extensions(action, t.EXT_ACTION_TRIGGER))
        extra = extensions(action, t.EXT_INCLUDE_AS_EXTRA) or extensions(activity, t.EXT_INCLUDE_AS_EXTRA)
        timed = action if action.keys() & TIMES.keys() else activity
        made: Json = {
            "resourceType": "ServiceRequest",
            "meta": {"profile": [t.SERVICE_REQUEST]},
            "extension": [
                self._of_episode(),
                *(one for url in COPIED for one in extensions(activity, url)),
                {"url": t.EXT_TRIGGER_ENABLEMENT, "valueCode": "TRIGGER_ENABLED" if waits else "NO_TRIGGER"},
                *(extra or [{"url": t.EXT_INCLUDE_AS_EXTRA, "valueBoolean": False}]),
            ],
            "instantiatesCanonical": [self._address(activity)],
            "status": "on-hold" if waits else "draft",
            "intent": "order",
            "code": activity["code"],
            "subject": self.episode["patient"],
            **{occurrence: timed[timing] for timing, occurrence in TIMES.items() if timing in timed},
        }
        return tagged(made, tags_of(self.episode))

    def _address(self, definition: Json) -> str:
        return (self.records.versioned_url if self.by_plan_service else self.records.url)(definition)

    def _of_episode(self) -> Json:
        return {
            "url": t.EXT_EPISODE_OF_CARE,
            "valueReference": {"reference": self.records.url(self.episode)},
        }


@dataclass(frozen=True, slots=True)
class Part:
    """A care plan under an address of its own, and its requests under theirs."""

    address: str
    care_plan: Json
    requests: list[tuple[str, Json]]


def apply_plan(
    records: Records,
    caller: Caller,
    plan_reference: str | None,
    episode_reference: str | None,
    *,
    store: bool,
    by_plan_service: bool,
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
    parts = list(Application(records, caller, episode, by_plan_service).plans(plan))
    return _stored(records, parts) if store else _transaction(parts)


def _stored(records: Records, parts: list[Part]) -> Json:
    """Each part after the plan that it is part of; the whole is given back."""
    addresses: dict[str, str] = {}
    plans = []
    with records.store.transaction():
        for part in parts:
            for address, request in part.requests:
                addresses[address] = records.url(records.create(request))
            kept = records.create(_with_addresses(part.care_plan, addresses))
            addresses[part.address] = records.url(kept)
            plans.append(kept)
    return plans[0]


def _with_addresses(care_plan: Json, addresses: dict[str, str]) -> Json:
    made = dict(care_plan)
    if "partOf" in made:
        made["partOf"] = [{"reference": addresses[one["reference"]]} for one in made["partOf"]]
    if "activity" in made:
        made["activity"] = [
            {"reference": {"reference": addresses[one["reference"]["reference"]]}} for one in made["activity"]
        ]
    return made


def _transaction(parts: list[Part]) -> Json:
    """The requests of each plan before the plan that names them."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": address,
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for part in parts
            for address, resource in (*part.requests, (part.address, part.care_plan))
        ],
    }
