"""`$search-measurements` and `…-bundle-limit`: what was submitted, submission by submission (contract §5 H)."""

from datetime import datetime
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.outcomes import Refusal, broken_rule
from fut.simulator.parameters import value, values
from fut.simulator.records import Records

Json = dict[str, Any]

MOST = 100
KINDS = {"QuestionnaireResponse": "subject", "Observation": "subject", "Media": "subject"}


def search_measurements(records: Records, caller: Caller, parameters: Json) -> Json:
    """A collection of collections: each what came in one call, with its provenance. Oldest first from `start`,

    newest first before `end`; only one of the two may be given, and `count` of at most a hundred.
    """
    count, start, end = (value(parameters, name) for name in ("count", "start", "end"))
    _check(count, start, end)
    criteria = _criteria(caller, parameters)
    bound = datetime.fromisoformat(start or end)
    found = [
        (moment, one)
        for one in records.store.find("QuestionnaireResponse", criteria)
        if ((moment := effective(one)) >= bound and start) or (not start and moment <= bound)
    ]
    found.sort(key=lambda pair: pair[0], reverse=not start)
    return _by_submission(records, [one for _, one in found], most=count)


def search_measurements_in(records: Records, caller: Caller, parameters: Json) -> Json:
    """The same of a whole `period`, open where it has no end: without a limit, and so not for long ones."""
    period = value(parameters, "period") or {}
    start, end = (period.get(name) for name in ("start", "end"))
    if not start and not end:
        raise _rule("PERIOD_NOT_SPECIFIED", "Period must be specified")
    criteria = _criteria(caller, parameters)
    found = [
        (moment, one)
        for one in records.store.find("QuestionnaireResponse", criteria)
        if (not start or (moment := effective(one)) >= datetime.fromisoformat(start))
        and (not end or (moment := effective(one)) <= datetime.fromisoformat(end))
    ]
    found.sort(key=lambda pair: pair[0])
    return _by_submission(records, [one for _, one in found])


def _by_submission(records: Records, found: list[Json], *, most: int | None = None) -> Json:
    submissions: dict[str, list[Json]] = {}
    for one in found:
        provenance, together = _submission(records, one)
        submissions.setdefault(provenance, together)
        if len(submissions) == most:
            break
    entries = [
        {"resource": {"resourceType": "Bundle", "type": "collection", "entry": _entries(records, together)}}
        for together in submissions.values()
    ]
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}


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


def _criteria(caller: Caller, parameters: Json) -> dict[str, list[str]]:
    named = {
        "based-on": "based-on",
        "episodeOfCare": "episodeOfCare",
        "patient": "subject",
    }
    criteria = {
        parameter: [local_part(one) for one in given]
        for name, parameter in named.items()
        if (given := values(parameters, name))
    }
    if not criteria:
        raise _rule(
            "PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED",
            "At least one patient, episodeOfCare or serviceRequest must be specified",
        )
    for dimension, parameter in (("episode_of_care_id", "episodeOfCare"), ("patient_id", "subject")):
        caller.require_match(dimension, criteria.get(parameter, ()))
    caller.require_context("episode_of_care_id" if "episodeOfCare" in criteria else "patient_id")
    return criteria


def effective(response: Json) -> datetime:
    """The start of the effective period, else when it was authored."""
    for extension in extensions(response, t.EXT_EFFECTIVE_PERIOD):
        if start := extension.get("valuePeriod", {}).get("start"):
            return datetime.fromisoformat(start)
    return datetime.fromisoformat(response["authored"])


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


def _entries(records: Records, together: list[Json]) -> list[Json]:
    return [{"fullUrl": records.url(one), "resource": one} for one in together]
