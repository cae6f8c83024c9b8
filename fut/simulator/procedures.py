"""`$get-patient-procedures`: what a citizen is to do in a time, and what they did of it (contract §5 E)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator import definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.coexistence import tags_of
from fut.simulator.outcomes import Refusal, outcome
from fut.simulator.parameters import value, values
from fut.simulator.records import Records
from fut.simulator.timings import kind_of, slots

Json = dict[str, Any]

Times = tuple[str, str, str, str]
"""Version of the request, kind, start and end of the slot that a measurement says it fills."""


def get_patient_procedures(records: Records, caller: Caller, parameters: Json) -> Json:
    """A bundle of the plans, their requests, a Parameters with a row for each slot, and warnings where there are any.

    Eligible are the active episodes that are named, that treat one of the conditions, and that carry one of the tags.
    """
    patient = value(parameters, "patient")
    after, before = (_moment(parameters, name) for name in ("start", "end"))
    if not patient:
        raise Refusal(400, ["The parameter “patient” is missing."], issue_type="required")
    caller.require_context("patient_id")
    caller.require_match("patient_id", [patient])
    extra = value(parameters, "extra") is True
    rows: list[list[Json]] = []
    entries: dict[str, Json] = {}
    warnings: list[str] = []
    for plan, request in _active(records, _eligible(records, local_part(patient), parameters)):
        found = list(_rows(records, plan, request, after, before, warnings, extra=extra))
        if found:
            entries[f"CarePlan/{plan['id']}"] = plan
            entries[f"ServiceRequest/{request['id']}"] = request
        rows += found
    items = [{"name": f"item_{number}", "part": row} for number, row in enumerate(rows, 1)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            *({"fullUrl": name, "resource": one} for name, one in sorted(entries.items())),
            {
                "resource": {
                    "resourceType": "Parameters",
                    "id": str(uuid4()),
                    **({"parameter": items} if items else {}),
                }
            },
            *([{"resource": {**_outcome(warnings), "id": str(uuid4())}}] if warnings else []),
        ],
    }


def _outcome(warnings: list[str]) -> Json:
    return outcome(
        *({"severity": "warning", "code": "informational", "diagnostics": one} for one in warnings)
    )


def _moment(parameters: Json, name: str) -> datetime:
    given = value(parameters, name)
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise Refusal(400, [f"The parameter “{name}” is no dateTime."], issue_type="required") from error
    return moment.astimezone() if moment.tzinfo is None else moment


def _eligible(records: Records, patient: str, parameters: Json) -> Iterator[Json]:
    """The active episodes that are asked for."""
    names = {local_part(one) for one in values(parameters, "episodeOfCare")}
    conditions = {(one.get("system"), one.get("code")) for one in values(parameters, "conditionCodings")}
    tags = {one.get("code") for one in values(parameters, "_tag")}
    for episode in records.store.find("EpisodeOfCare", {"patient": [patient], "status": ["active"]}):
        if names and f"EpisodeOfCare/{episode['id']}" not in names:
            continue
        if tags and not tags & set(tags_of(episode)):
            continue
        if conditions and not conditions & set(_conditions(records, episode)):
            continue
        yield episode


def _conditions(records: Records, episode: Json) -> Iterator[tuple[str, str]]:
    for reference in values_at(episode, "diagnosis.condition.reference"):
        condition = records.store.read("Condition", local_part(reference).partition("/")[2]) or {}
        yield from (
            (one.get("system", ""), one.get("code", "")) for one in values_at(condition, "code.coding")
        )


def _active(records: Records, episodes: Iterator[Json]) -> Iterator[tuple[Json, Json]]:
    """Each active request of an active plan of the episodes, with its plan."""
    for episode in episodes:
        name = f"EpisodeOfCare/{episode['id']}"
        for plan in records.store.find("CarePlan", {"episodeOfCare": [name], "status": ["active"]}):
            for reference in values_at(plan, "activity.reference.reference"):
                request = records.store.read("ServiceRequest", local_part(reference).partition("/")[2])
                if request and request["status"] == "active":
                    yield plan, request


def _rows(
    records: Records,
    plan: Json,
    request: Json,
    after: datetime,
    before: datetime,
    warnings: list[str],
    *,
    extra: bool,
) -> Iterator[list[Json]]:
    done = _submitted(records, request)
    version = request["meta"]["versionId"]
    kind = kind_of(request)
    activity = _activity(records, request)

    def row(of_version: str, of_kind: str, start: str, end: str, requested: int | None) -> list[Json]:
        answers = done.pop((of_version, of_kind, _same(start), _same(end)), [])
        submitted = [one for one in answers if one.get("status") != "entered-in-error"]
        parts: list[Json] = [
            {"name": "CarePlan", "valueReference": {"reference": records.url(plan)}},
            {"name": "ServiceRequest", "valueReference": {"reference": records.url(request)}},
            {"name": "ServiceRequestVersionId", "valueId": of_version},
            {"name": "Activity", **({"valueString": activity} if activity else {})},
            {"name": "ResolvedTimingStart", **({"valueDateTime": start} if start else {})},
            {"name": "ResolvedTimingEnd", **({"valueDateTime": end} if end else {})},
        ]
        timely = sum(_is_timely(one, start, end) for one in submitted)
        parts += [{"name": "TotalSubmitted", "valueInteger": len(submitted)}] if submitted else []
        parts += [{"name": "SubmittedTimely", "valueInteger": timely}] if timely else []
        coding = {"system": t.CS_RESOLVED_TIMING_TYPE, "code": of_kind, "display": of_kind}
        parts.append({"name": "TimingType", "valueCodeableConcept": {"coding": [coding]}})
        parts += [{"name": "OccurrencesRequested", "valueInteger": requested}] if requested else []
        invalid = len(answers) - len(submitted)
        return parts + ([{"name": "TotalInvalidated", "valueInteger": invalid}] if invalid else [])

    if extra and any(one.get("valueBoolean") for one in extensions(request, t.EXT_INCLUDE_AS_EXTRA)):
        yield row(version, "Extra", "", "", None)
    if kind != "Resolved":
        yield row(version, kind, "", "", None)
    for slot in slots(request, after=after, before=before):
        yield row(version, kind, slot.start.isoformat(), slot.end.isoformat(), slot.requested)
    for of_version, of_kind, start, end in list(done):
        # Answered under a regime that has changed since.
        if not start or (datetime.fromisoformat(end) >= after and datetime.fromisoformat(start) <= before):
            what = (
                "without expected ResolvedTiming match"
                if of_version == version
                else "with unexpected version"
            )
            warnings.append(
                f"Measurement {what} identified for ServiceRequest/{request['id']}/_history/{version}"
            )
            yield row(of_version, of_kind, start, end, None)


def _activity(records: Records, request: Json) -> str:
    """What the activity is called: by its definition, else by the request itself."""
    for canonical in values_at(request, "instantiatesCanonical"):
        definition = definitions.find(records, "ActivityDefinition", canonical)
        if definition and definition.get("title"):
            return str(definition["title"])
    names = [*values_at(request, "code.text"), *values_at(request, "code.coding.display")]
    return str(next(iter(names), ""))


def _submitted(records: Records, request: Json) -> dict[Times, list[Json]]:
    found: dict[Times, list[Json]] = defaultdict(list)
    for answer in records.store.find(
        "QuestionnaireResponse", {"based-on": [f"ServiceRequest/{request['id']}"]}
    ):
        for timing in extensions(answer, t.EXT_RESOLVED_TIMING):
            parts = {part["url"]: part for part in timing["extension"]}
            kind = next(iter(values_at(parts.get("type", {}), "valueCodeableConcept.coding.code")), "")
            start, end = (_same(parts.get(name, {}).get("valueDateTime", "")) for name in ("start", "end"))
            found[parts["serviceRequestVersionId"]["valueId"], kind, start, end].append(answer)
    return found


def _same(moment: str) -> str:
    """The moment in one way of writing."""
    return datetime.fromisoformat(moment).astimezone().isoformat() if moment else ""


def _is_timely(answer: Json, start: str, end: str) -> bool:
    if not start:
        return False
    moment = datetime.fromisoformat(answer["authored"])
    return datetime.fromisoformat(start) <= moment <= datetime.fromisoformat(end)
