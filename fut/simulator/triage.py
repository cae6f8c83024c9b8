"""What the platform does with an answer after it has taken it: a task for staff, and a colour (contract §5 G).

It runs beside the requests, as there. Rules of a plan's Library are not run; the fallback stands in for them.
"""

from collections.abc import Iterator
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator import definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import episodes_of
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.records import Records
from fut.simulator.significance import Finding, findings, worst

Json = dict[str, Any]

ASSESS = "MeasurementForAssessment"
UNEXPECTED = "UnexpectedMeasurementResolving"


def assess(records: Records, measurement: Json) -> list[Json]:
    """Store the triage's findings and the task; what was made. A task exists once for each measurement."""
    address = f"{measurement['resourceType']}/{measurement['id']}"
    with records.store.transaction():
        if records.store.find("Task", {"focus": [address]}):
            return []
        plan = _care_plan(records, measurement)
        impression = _impression(records, measurement, plan)
        focus = impression or measurement
        task = _task(records, measurement, plan, focus)
        return [*([impression] if impression else []), records.keep(task)]


def _care_plan(records: Records, measurement: Json) -> Json | None:
    for reference in values_at(measurement, "basedOn.reference"):
        for plan in records.store.find("CarePlan", {"activity-reference": [local_part(reference)]}):
            return plan
    return None


def _impression(records: Records, measurement: Json, plan: Json | None) -> Json | None:
    """`TriagingResult` with the worst colour and its basis; None where the questionnaire is not here or has none."""
    canonical = measurement.get("questionnaire")
    form = definitions.find(records, "Questionnaire", canonical) if canonical else None
    found = findings(form, measurement) if form else []
    colour = worst([one.colour for one in found])
    if colour is None:
        return None
    codes = f"{t.EHEALTH_CS}clinicalimpression-finding-codes"
    made: Json = {
        "resourceType": "ClinicalImpression",
        "meta": {"profile": [t.CLINICAL_IMPRESSION]},
        "extension": [
            *extensions(measurement, t.EXT_EPISODE_OF_CARE),
            *_reference(t.EXT_CLINICAL_IMPRESSION_CARE_PLAN, records.url(plan) if plan else None),
            *(_basis(codes, one) for one in found),
        ],
        "status": "completed",
        "code": _concept(f"{t.EHEALTH_CS}clinicalimpression-codes", "TriagingResult"),
        "subject": measurement["subject"],
        "date": records.now(),
        "investigation": [
            {
                "code": _concept(t.CS_INVESTIGATION_ITEM, "item-for-investigation"),
                "item": [
                    {"reference": records.versioned_url(measurement)},
                    {"reference": records.url(measurement)},
                ],
            }
        ],
        "finding": [{"itemCodeableConcept": _concept(codes, colour)}],
    }
    return records.keep(_tagged(records, made))


def _basis(codes: str, found: Finding) -> Json:
    """What was answered, what that means, and the significance that says so (the guide's “Triaging Result Basis”)."""
    value = {name: value for name, value in found.answer.items() if name.startswith("value")}
    finding = _concept(codes, f"{found.colour}-question-answer")
    return {
        "url": t.EXT_FINDING_BASIS,
        "extension": [
            {"url": "linkId", "valueString": found.link_id},
            *([{"url": "value", **value}] if value else []),
            {"url": "finding", "valueCodeableConcept": finding},
            dict(found.significance),
        ],
    }


def _task(records: Records, measurement: Json, plan: Json | None, focus: Json) -> Json:
    episode = next(iter(episodes_of(measurement)), "")
    made: Json = {
        "resourceType": "Task",
        "meta": {"profile": [t.TASK]},
        "extension": [
            {"url": t.EXT_TASK_EPISODE_OF_CARE, "valueReference": {"reference": episode}},
            {
                "url": t.EXT_TASK_CATEGORY,
                "valueCodeableConcept": _concept(t.CS_TASK_CATEGORY, _category(measurement)),
            },
            *_responsible(records, plan, episode),
            {
                "url": t.EXT_RESTRICTION_CATEGORY,
                "valueCodeableConcept": _concept(t.CS_RESTRICTION_CATEGORY, "measurement-monitoring"),
            },
            *_reference(t.EXT_REFERENCE_CARE_PLAN, records.url(plan) if plan else None),
            *extensions(measurement, t.EXT_RESOLVED_TIMING),
        ],
        "status": "requested",
        "intent": "order",
        "priority": "routine",
        "focus": {"reference": records.url(focus)},
        "for": measurement["subject"],
        "authoredOn": records.now(),
    }
    return _tagged(records, made)


def _category(measurement: Json) -> str:
    """One that answers nothing that was asked for is unexpected."""
    kinds = {
        code
        for timing in extensions(measurement, t.EXT_RESOLVED_TIMING)
        for code in values_at(timing, "extension.valueCodeableConcept.coding.code")
    }
    return ASSESS if kinds & {"Resolved", "Adhoc", "Extra"} else UNEXPECTED


def _responsible(records: Records, plan: Json | None, episode: str) -> Iterator[Json]:
    """The teams of the plan, else of the episode, else the organisation that manages it, since one there must be."""
    course = records.store.read("EpisodeOfCare", local_part(episode).partition("/")[2]) or {}
    teams = values_at(plan or {}, "careTeam.reference") or values_at(course, "team.reference")
    for reference in teams or values_at(course, "managingOrganization.reference"):
        yield {"url": t.EXT_TASK_RESPONSIBLE, "valueReference": {"reference": reference}}


def _tagged(records: Records, made: Json) -> Json:
    for reference in episodes_of(made):
        episode = records.store.read("EpisodeOfCare", local_part(reference).partition("/")[2])
        if episode:
            return tagged(made, tags_of(episode))
    return made


def _reference(url: str, address: str | None) -> list[Json]:
    return [{"url": url, "valueReference": {"reference": address}}] if address else []


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}
