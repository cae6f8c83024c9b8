"""`$get-patient-procedures`: what a citizen is to do in a time, and what they did of it (contract §5 E)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.outcomes import Refusal
from fut.simulator.parameters import value, values
from fut.simulator.records import Records
from fut.simulator.timings import kind_of, slots
from fut.simulator.validity import is_invalidated

Json = dict[str, Any]

Times = tuple[str, str, str, str]
"""Version of the request, kind, start and end of the slot that a measurement says it fills."""


def get_patient_procedures(records: Records, caller: Caller, parameters: Json) -> Json:
    """A bundle of the plans, their requests, and a Parameters with a row for each slot."""
    patient = value(parameters, "patient")
    after, before = (_moment(parameters, name) for name in ("start", "end"))
    if not patient:
        raise Refusal(400, ["The parameter “patient” is missing."], issue_type="required")
    caller.require_context("patient_id")
    caller.require_match("patient_id", [patient])
    episodes = {local_part(one) for one in values(parameters, "episodeOfCare")}
    extra = value(parameters, "extra") is True
    rows: list[list[Json]] = []
    entries: dict[str, Json] = {}
    for plan, request in _active(records, local_part(patient), episodes):
        found = list(_rows(records, plan, request, after, before, extra=extra))
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
            {"resource": {"resourceType": "Parameters", **({"parameter": items} if items else {})}},
        ],
    }


def _moment(parameters: Json, name: str) -> datetime:
    given = value(parameters, name)
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise Refusal(400, [f"The parameter “{name}” is no dateTime."], issue_type="required") from error
    return moment.astimezone() if moment.tzinfo is None else moment


def _active(records: Records, patient: str, episodes: set[str]) -> Iterator[tuple[Json, Json]]:
    """Each active request of an active plan of an active episode, with its plan."""
    for episode in records.store.find("EpisodeOfCare", {"patient": [patient], "status": ["active"]}):
        name = f"EpisodeOfCare/{episode['id']}"
        if episodes and name not in episodes:
            continue
        for plan in records.store.find("CarePlan", {"episodeOfCare": [name], "status": ["active"]}):
            for reference in values_at(plan, "activity.reference.reference"):
                request = records.store.read("ServiceRequest", local_part(reference).partition("/")[2])
                if request and request["status"] == "active":
                    yield plan, request


def _rows(
    records: Records, plan: Json, request: Json, after: datetime, before: datetime, *, extra: bool
) -> Iterator[list[Json]]:
    done = _submitted(records, request)
    version = request["meta"]["versionId"]
    kind = kind_of(request)

    def row(of_version: str, of_kind: str, start: str, end: str, requested: int | None) -> list[Json]:
        submitted = done.pop((of_version, of_kind, _same(start), _same(end)), [])
        activity = request.get("code", {}).get("text") or next(
            iter(values_at(request, "code.coding.display")), ""
        )
        parts: list[Json] = [
            {"name": "CarePlan", "valueReference": {"reference": records.url(plan)}},
            {"name": "ServiceRequest", "valueReference": {"reference": records.url(request)}},
            {"name": "ServiceRequestVersionId", "valueString": of_version},
            {"name": "Activity", **({"valueString": activity} if activity else {})},
            {"name": "ResolvedTimingStart", **({"valueDateTime": start} if start else {})},
            {"name": "ResolvedTimingEnd", **({"valueDateTime": end} if end else {})},
        ]
        timely = sum(_is_timely(one, start, end) for one in submitted)
        parts += [{"name": "TotalSubmitted", "valueInteger": len(submitted)}] if submitted else []
        parts += [{"name": "SubmittedTimely", "valueInteger": timely}] if timely else []
        invalidated = sum(is_invalidated(records, one) for one in submitted)
        parts += [{"name": "TotalInvalidated", "valueInteger": invalidated}] if invalidated else []
        coding = {"system": t.CS_RESOLVED_TIMING_TYPE, "code": of_kind, "display": of_kind}
        parts.append({"name": "TimingType", "valueCodeableConcept": {"coding": [coding]}})
        return parts + ([{"name": "OccurrencesRequested", "valueInteger": requested}] if requested else [])

    if extra and any(one.get("valueBoolean") for one in extensions(request, t.EXT_INCLUDE_AS_EXTRA)):
        yield row(version, "Extra", "", "", None)
    if kind != "Resolved":
        yield row(version, kind, "", "", None)
    for slot in slots(request, after=after, before=before):
        yield row(version, kind, slot.start.isoformat(), slot.end.isoformat(), slot.requested)
    for of_version, of_kind, start, end in list(done):
        # Answered under a regime that has changed since.
        if not start or (datetime.fromisoformat(end) >= after and datetime.fromisoformat(start) <= before):
            yield row(of_version, of_kind, start, end, None)


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
