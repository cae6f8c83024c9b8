"""The rules for `occurrence[x]` of a request that is or was to be carried out (the guide's “Occurrence validity”)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Resource = Mapping[str, Any]

TIMED_STATUSES = frozenset({"active", "on-hold", "completed"})
"""The states in which a service request needs a valid occurrence."""

SCHEDULE = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-servicerequest-statusSchedule"

DURATION_UNITS = frozenset({"s", "min", "h", "d", "wk", "a"})
PERIOD_UNITS = frozenset({"min", "h", "d", "wk", "mo", "a"})


def is_timed(service_request: Resource) -> bool:
    """Is it, or will it be by its schedule, in a state that needs a valid occurrence?"""
    scheduled = {
        part.get("valueCode")
        for extension in service_request.get("extension", ())
        if extension.get("url") == SCHEDULE
        for part in extension.get("extension", ())
    }
    return bool(TIMED_STATUSES & {service_request.get("status"), *scheduled})


def occurrence_problems(service_request: Resource) -> list[str]:
    """The rules for `occurrence[x]` of a request that is or was to be carried out ("Occurrence validity")."""
    if moment := service_request.get("occurrenceDateTime"):
        return _clock_time_problems("occurrenceDateTime", moment)
    if period := service_request.get("occurrencePeriod"):
        return _clock_time_problems("occurrencePeriod.start", period.get("start"))
    if timing := service_request.get("occurrenceTiming"):
        return _timing_problems(timing.get("repeat") or {})
    return ["occurrence: missing"]


def _timing_problems(repeat: Resource) -> list[str]:
    bounds = repeat.get("boundsPeriod") or {}
    problems = _clock_time_problems("boundsPeriod.start", bounds.get("start"))
    if "end" in bounds:
        problems += _clock_time_problems("boundsPeriod.end", bounds["end"])
        if not problems and datetime.fromisoformat(bounds["end"]) < datetime.fromisoformat(bounds["start"]):
            problems.append("boundsPeriod.end: is before start")
    problems += [
        f"{name}: must be a whole number above 0"
        for name in ("duration", "period")
        if name in repeat and (not float(repeat[name]).is_integer() or repeat[name] < 1)
    ]
    if ("duration" in repeat) != ("durationUnit" in repeat):
        problems.append("repeat: duration and durationUnit belong together")
    if repeat.get("durationUnit", "d") not in DURATION_UNITS:
        problems.append(f"durationUnit: {repeat['durationUnit']} is unknown")
    if "countMax" in repeat and "count" not in repeat:
        problems.append("repeat: countMax needs count")
    if "period" in repeat or "dayOfWeek" in repeat:
        problems += _recurrence_problems(repeat)
    return problems


def _recurrence_problems(repeat: Resource) -> Iterator[str]:
    unit = repeat.get("periodUnit")
    if "frequency" not in repeat:
        yield "frequency: missing in a recurrence"
    if ("period" in repeat) != (unit is not None):
        yield "repeat: period and periodUnit belong together"
    if unit is not None and unit not in PERIOD_UNITS:
        yield f"periodUnit: {unit} is unknown"
    if "dayOfWeek" in repeat and not (
        unit is None or unit == "wk" or (unit == "d" and repeat.get("period") == 1)
    ):
        yield "dayOfWeek: needs a period in weeks or of one day"
    if "timeOfDay" in repeat and unit not in {None, "d", "wk", "mo", "a"}:
        yield "timeOfDay: needs a period in days, weeks, months or years"


def _clock_time_problems(path: str, value: object) -> list[str]:
    """The platform wants hours, minutes and a zone."""
    text = str(value or "")
    clock = text.partition("T")[2]
    if clock[:5].count(":") == 1 and (clock.endswith("Z") or "+" in clock or "-" in clock):
        return []
    return [f"{path}: needs a time of day and a time zone"]
