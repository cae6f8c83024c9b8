"""The operations of the services: which there are, which right each needs, and who carries it out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fut.simulator import (
    applying,
    care_plans,
    cloning,
    episodes,
    impressions,
    measurement_search,
    measurements,
    procedures,
    registers,
    roles,
    validating,
)
from fut.simulator.background import Background
from fut.simulator.callers import Caller
from fut.simulator.outcomes import not_supported
from fut.simulator.parameters import value
from fut.simulator.records import Records
from fut.simulator.switches import Switches

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of an operation. `instance` is the resource it is called on, if it is; `query` a GET's parameters."""

    records: Records
    caller: Caller
    background: Background
    switches: Switches
    body: Json
    query: Mapping[str, str]
    instance: Json | None
    representation: bool

    @property
    def on(self) -> Json:
        """The resource it is called on, open to the caller."""
        assert self.instance is not None  # noqa: S101 - the table says that it is called on one
        self.caller.require_resource(self.instance)
        return self.instance


@dataclass(frozen=True, slots=True)
class Operation:
    """`resource_type` None: called on the service itself; `by_id`: on one resource. `right` may be empty."""

    service: str
    name: str
    right: str
    carry_out: Callable[[Asked], Json]
    resource_type: str | None = None
    by_id: bool = False
    method: str = "POST"


def _submit(asked: Asked) -> Json:
    answer, stored = measurements.submit_measurement(
        asked.records,
        asked.caller,
        asked.body,
        representation=asked.representation,
        known_only=asked.switches.definitions_demanded,
    )
    asked.background.assess(asked.records.base, stored)
    return answer


def _apply(asked: Asked, *, store: bool) -> Json:
    plan = asked.instance
    reference = f"PlanDefinition/{plan['id']}" if plan else asked.query.get("planDefinition")
    episode = value(asked.body, "episodeOfCare") if asked.body else asked.query.get("episodeOfCare")
    if not plan and asked.body:
        reference = value(asked.body, "planDefinition")
    return applying.apply_plan(
        asked.records, asked.caller, reference, episode, store=store, by_plan_service=plan is not None
    )


def _clone(resource_type: str, service: str) -> Operation:
    return Operation(
        service,
        "create-clone",
        f"{resource_type}.create",
        lambda asked: cloning.create_clone(asked.records, asked.caller, asked.on, asked.body),
        resource_type,
        by_id=True,
    )


def _teams(resource_type: str) -> Operation:
    return Operation(
        "careplan",
        "update-care-teams",
        f"{resource_type}$update-care-teams",
        lambda asked: care_plans.update_care_teams(asked.records, asked.on, asked.body),
        resource_type,
        by_id=True,
    )


OPERATIONS = (
    Operation(
        "patient",
        "createPatient",
        "Patient$createPatient",
        lambda asked: registers.create_patient(asked.records, asked.background.telephones, asked.body),
        "Patient",
    ),
    Operation(
        "careplan",
        "create-episode-of-care",
        roles.CREATE_EPISODE,
        lambda asked: episodes.create_episode_of_care(
            asked.records, asked.caller, asked.body, representation=asked.representation
        ),
    ),
    Operation(
        "careplan",
        "is-context-allowed",
        roles.CONTEXT_ALLOWED,
        lambda asked: episodes.is_context_allowed(asked.records, asked.instance or {}, asked.body),
        "EpisodeOfCare",
        by_id=True,
    ),
    _teams("EpisodeOfCare"),
    _teams("CarePlan"),
    Operation(
        "careplan",
        "suggest-care-teams",
        "CarePlan$suggest-care-teams",
        lambda asked: care_plans.suggest_care_teams(asked.records, asked.on, asked.body),
        "CarePlan",
        by_id=True,
    ),
    Operation("careplan", "apply", roles.APPLY, lambda asked: _apply(asked, store=True)),
    Operation("careplan", "apply", roles.APPLY, lambda asked: _apply(asked, store=False), method="GET"),
    Operation(
        "plan", "apply", roles.APPLY, lambda asked: _apply(asked, store=True), "PlanDefinition", by_id=True
    ),
    Operation(
        "plan",
        "apply",
        roles.APPLY,
        lambda asked: _apply(asked, store=False),
        "PlanDefinition",
        by_id=True,
        method="GET",
    ),
    Operation(
        "careplan",
        "get-patient-procedures",
        "CarePlan.search",
        lambda asked: procedures.get_patient_procedures(asked.records, asked.caller, asked.body),
    ),
    Operation("measurement", "submit-measurement", roles.SUBMIT, _submit),
    Operation(
        "measurement",
        "search-measurements-bundle-limit",
        roles.SEARCH_MEASUREMENTS,
        lambda asked: measurement_search.search_measurements(asked.records, asked.caller, asked.body),
    ),
    Operation(
        "measurement",
        "search-measurements",
        roles.SEARCH_MEASUREMENTS,
        lambda asked: measurement_search.search_in_period(asked.records, asked.caller, asked.body),
    ),
    Operation(
        "task",
        "set-measurement-validity",
        "ClinicalImpression.create",
        lambda asked: impressions.set_measurement_validity(asked.records, asked.caller, asked.body),
        "ClinicalImpression",
    ),
    _clone("Questionnaire", "questionnaire"),
    _clone("PlanDefinition", "plan"),
    _clone("ActivityDefinition", "plan"),
)


def find(records: Records, method: str, resource_type: str | None, name: str, *, by_id: bool) -> Operation:
    """The operation at this place; 400 where the service has none of that name."""
    if name == "$validate" and resource_type and method == "POST" and records.base.holds(resource_type):
        return Operation(
            records.base.service or "",
            "validate",
            "",
            lambda asked: validating.validate(asked.body),
            resource_type,
        )
    for one in OPERATIONS:
        if (one.resource_type, f"${one.name}", one.by_id, one.method) == (resource_type, name, by_id, method):
            records.base.require(one.service, name)
            return one
    raise not_supported(f"{method} {name}{f' on {resource_type}' if resource_type else ''}")
