"""Reading what was submitted, submission by submission (contract §5 H).

`$search-measurements-bundle-limit` gives so many from a moment on or before it, `$search-measurements` a period.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator import definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.coexistence import tags_of
from fut.simulator.outcomes import Refusal, broken_rule
from fut.simulator.parameters import value, values
from fut.simulator.records import Records

Json = dict[str, Any]

MOST = 100
KINDS = ("QuestionnaireResponse", "Observation", "Media")
TIMES = {"Observation": "effective", "Media": "created"}
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Times = tuple[datetime, datetime]


def search_measurements(records: Records, caller: Caller, parameters: Json) -> Json:
    """A collection of collections: each what came in one call, with its provenance. Oldest first from `start`,

    newest first before `end`; only one of the two may be given, and `count` of at most a hundred. What reaches into
    the time asked for is in it (recorded).
    """
    count, start, end = (value(parameters, name) for name in ("count", "start", "end"))
    _check(count, start, end)
    criteria = _criteria(
        caller,
        parameters,
        "PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED",
        "At least one patient, episodeOfCare or serviceRequest must be specified",
    )
    bound = _moment(start or end)
    found = [
        (times[0], one)
        for one in _measurements(records, parameters, criteria)
        if (times := effective(one)) and (times[1] >= bound if start else times[0] <= bound)
    ]
    found.sort(key=lambda pair: pair[0], reverse=not start)
    return _collected(records, [one for _, one in found], most=count, with_forms=False)


def search_in_period(records: Records, caller: Caller, parameters: Json) -> Json:
    """The same for all that touches a period, with the questionnaires that were answered."""
    period = value(parameters, "period")
    if not isinstance(period, dict) or not {"start", "end"} & period.keys():
        raise _rule("PERIOD_NOT_SPECIFIED", "Period must be specified")
    criteria = _criteria(
        caller,
        parameters,
        "PATIENT_AND_EPISODE_NOT_SPECIFIED",
        "At least patient or episodeOfCare must be specified",
        enough=("episodeOfCare", "patient"),
    )
    first = _moment(period["start"]) if "start" in period else FIRST
    last = _moment(period["end"]) if "end" in period else LAST
    found = [
        (times[0], one)
        for one in _measurements(records, parameters, criteria)
        if (times := measured(one)) and times[1] >= first and times[0] <= last
    ]
    found.sort(key=lambda pair: pair[0])
    return _collected(records, [one for _, one in found], most=None, with_forms=True)


def _rule(name: str, words: str) -> Refusal:
    return broken_rule(f"MEASUREMENT_SEARCHMEASUREMENT_{name}", words)


def _check(count: Any, start: Any, end: Any) -> None:
    if not isinstance(count, int) or count < 1:
        raise _rule("COUNT_NOT_SPECIFIED", "A positive number for Count must be specified")
    if count > MOST:
        raise _rule("COUNT_LIMIT_EXCEEDED", "Count limit of 100 exceeded")
    if start and end:
        raise _rule("START_AND_END_BOTH_SPECIFIED", "Both start and end cannot be specified")
    if not start and not end:
        raise _rule(
            "START_OR_END_NOT_SPECIFIED", "Either start or end must be provided, but none was provided"
        )


NAMED = {"based-on": "based-on", "episodeOfCare": "episodeOfCare", "patient": "subject"}
EXPECTED = {"based-on": "ServiceRequest", "episodeOfCare": "EpisodeOfCare", "patient": "Patient"}


def _criteria(
    caller: Caller, parameters: Json, code: str, words: str, *, enough: tuple[str, ...] = tuple(NAMED)
) -> dict[str, list[str]]:
    given = {name: [local_part(one) for one in values(parameters, name)] for name in NAMED}
    if not any(given[name] for name in enough):
        raise _rule(code, words)
    for name, references in given.items():
        for reference in references:
            if not reference.startswith(f"{EXPECTED[name]}/"):
                kind = reference.partition("/")[0]
                raise _rule(
                    "UNSUPPORTED_REFERENCE",
                    f"Unsupported resource reference, expected {EXPECTED[name]} but was {kind}",
                )
    criteria = {NAMED[name]: references for name, references in given.items() if references}
    for dimension, parameter in (("episode_of_care_id", "episodeOfCare"), ("patient_id", "subject")):
        caller.require_match(dimension, criteria.get(parameter, ()))
    caller.require_context("episode_of_care_id" if "episodeOfCare" in criteria else "patient_id")
    return criteria


def _measurements(records: Records, parameters: Json, criteria: dict[str, list[str]]) -> Iterator[Json]:
    """Of every kind; with one of the tags, where such are asked for."""
    wanted = {
        one.get("code") if isinstance(one, dict) else str(one).rpartition("|")[2]
        for one in values(parameters, "_tag")
    }
    for kind in KINDS:
        for one in records.store.find(kind, criteria):
            if not wanted or wanted & set(tags_of(one)):
                yield one


def effective(measurement: Json) -> Times:
    """When it holds: the effective period of an answer, else as `measured`."""
    for extension in extensions(measurement, t.EXT_EFFECTIVE_PERIOD):
        if times := _period(extension.get("valuePeriod", {})):
            return times
    return measured(measurement)


def measured(measurement: Json) -> Times:
    """When it was measured, taken or written."""
    name = TIMES.get(measurement["resourceType"])
    moment = measurement.get(f"{name}DateTime") or measurement.get(f"{name}Instant")
    if times := _period(measurement.get(f"{name}Period", {})):
        return times
    at = _moment(moment or measurement.get("authored") or measurement["meta"]["lastUpdated"])
    return at, at


def _period(period: Json) -> Times | None:
    start, end = period.get("start"), period.get("end")
    if not start and not end:
        return None
    first, last = _moment(start or end), _moment(end or start)
    return first, last


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Refusal(400, [f"“{text}” is no moment."], issue_type="value") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _collected(records: Records, found: list[Json], *, most: int | None, with_forms: bool) -> Json:
    submissions: dict[str, list[Json]] = {}
    for one in found:
        provenance, together = _submission(records, one)
        submissions.setdefault(provenance, together)
        if len(submissions) == most:
            break
    entries = [
        {
            "fullUrl": f"urn:uuid:{uuid4()}",
            "resource": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [
                    {"fullUrl": records.url(one), "resource": one}
                    for one in (_with_forms(records, together) if with_forms else together)
                ],
            },
        }
        for together in submissions.values()
    ]
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}


def _submission(records: Records, one: Json) -> tuple[str, list[Json]]:
    """The call that brought it: named by its provenance, with all that came in it and the provenance itself."""
    mine = f"{one['resourceType']}/{one['id']}"
    for provenance in records.store.find("Provenance", {"target": [mine]}):
        together = [
            there
            for reference in values_at(provenance, "target.reference")
            if (there := records.store.read(*local_part(reference).split("/")))
        ]
        return f"Provenance/{provenance['id']}", [*together, provenance]
    return mine, [one]


def _with_forms(records: Records, together: list[Json]) -> Iterator[Json]:
    for one in together:
        yield one
        form = (
            definitions.find(records, "Questionnaire", one["questionnaire"])
            if "questionnaire" in one
            else None
        )
        if form is not None:
            yield form
