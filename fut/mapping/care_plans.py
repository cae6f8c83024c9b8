"""Flow D, second form: a care plan and its service requests in one transaction, created active."""

from collections.abc import Mapping
from typing import Any

from fut import terminology as t
from fut.errors import MappingInvalid
from fut.facts import (
    CarePlanFacts,
    Coding,
    EpisodeReferences,
    Occurrence,
    Once,
    PeriodUnit,
    Recurring,
    Reference,
    ServiceRequestFacts,
    Whenever,
)
from fut.mapping.elements import (
    DENMARK,
    Json,
    concept,
    episode_extension,
    extension,
    identifier,
    moment,
    period,
    posted,
    profiled,
    reference,
    transaction,
    within_bundle,
)
from fut.mapping.endings import GOING_ON
from fut.validation import checked

MOST_ENTRIES = 100
"""The platform takes no larger transaction (contract §5 D)."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def care_plan_bundle(care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences) -> Json:
    """The transaction: first the care plan, then each service request in the order of the activities.

    Active from the start: the platform's own `$apply` gives drafts that would only be activated at once.
    """
    if 1 + len(care_plan.activities) > MOST_ENTRIES:
        raise MappingInvalid(
            "CarePlan",
            [f"activity: {len(care_plan.activities)} activities, at most {MOST_ENTRIES - 1} are taken"],
        )
    plan = profiled(
        "CarePlan",
        t.CARE_PLAN,
        extension=[episode_extension(episode.episode)],
        identifier=[identifier(care_plan.id)],
        instantiatesCanonical=[care_plan.plan],
        status="active",
        # What the care plan service's own `$apply` writes.
        intent="order",
        title=care_plan.title,
        subject=reference(patient),
        period=period(care_plan.starts_at, care_plan.ends_at),
        careTeam=[reference(care_plan.care_team)] if care_plan.care_team else None,
        addresses=[reference(episode.condition)],
        activity=[{"reference": reference(within_bundle(activity.id))} for activity in care_plan.activities]
        or None,
    )
    requests = [
        posted(
            service_request(activity, patient=patient, episode=episode.episode), within_bundle(activity.id)
        )
        for activity in care_plan.activities
    ]
    return checked(transaction(posted(plan, within_bundle(care_plan.id)), *requests))


def service_request(activity: ServiceRequestFacts, *, patient: Reference, episode: Reference) -> Json:
    """One activity of the plan as an active request."""
    return profiled(
        "ServiceRequest",
        t.SERVICE_REQUEST,
        extension=[
            episode_extension(episode),
            extension(
                t.EXT_SHARING_POLICY,
                valueCodeableConcept=concept(Coding(t.CS_SHARING_POLICIES, activity.sharing)),
            ),
            extension(
                t.EXT_SHARING_APPROVAL_POLICY,
                valueCodeableConcept=concept(
                    Coding(t.CS_SHARING_APPROVAL_POLICIES, activity.sharing_approval)
                ),
            ),
            # No action of ours wakes another one; so the platform's own `$apply` says it.
            extension(t.EXT_TRIGGER_ENABLEMENT, valueCode="NO_TRIGGER"),
            extension(t.EXT_INCLUDE_AS_EXTRA, valueBoolean=False),
        ],
        identifier=[identifier(activity.id)],
        instantiatesCanonical=[activity.activity],
        status="active",
        intent="order",
        code=concept(activity.code) | ({"text": activity.title} if activity.title else {}),
        subject=reference(patient),
        **occurrence(activity.occurrence),
    )


def rescheduled(resource: Mapping[str, Any], facts: CarePlanFacts | ServiceRequestFacts) -> Json | None:
    """The care plan or request with the times it has now, None where it has them already or has ended there."""
    if str(resource.get("status")) not in GOING_ON:
        return None
    if isinstance(facts, CarePlanFacts):
        changed = {**resource, "period": period(facts.starts_at, facts.ends_at)}
    else:
        kept = {name: value for name, value in resource.items() if not name.startswith("occurrence")}
        changed = {**kept, **occurrence(facts.occurrence)}
    return None if changed == resource else changed


def occurrence(when: Occurrence) -> Json:
    """The `occurrence[x]` element of a request."""
    match when:
        case Once():
            return {"occurrenceDateTime": moment(when.at)}
        case Recurring():
            return {"occurrenceTiming": {"repeat": recurrence(when)}}
        case Whenever():
            # Bounds and no recurrence: the platform's Adhoc.
            return {"occurrenceTiming": {"repeat": {"boundsPeriod": period(when.first, when.until)}}}


def recurrence(when: Recurring) -> Json:
    """FHIR `Timing.repeat`. Weekday and time of day are Denmark's: clock time stays when the clocks change."""
    if when.period < 1:
        raise MappingInvalid("ServiceRequest", [f"occurrence: every {when.period} {when.unit} is impossible"])
    first = when.first.astimezone(DENMARK)
    on_weekdays = when.weekdays or (first.weekday(),) if when.unit is PeriodUnit.WEEK else ()
    return {
        "boundsPeriod": period(when.first, when.until),
        "frequency": 1,
        "period": when.period,
        "periodUnit": when.unit.value,
        **({"dayOfWeek": [WEEKDAYS[day] for day in on_weekdays]} if on_weekdays else {}),
        "timeOfDay": [first.strftime("%H:%M:%S")],
    }
