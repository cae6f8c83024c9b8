"""The histories that the platform writes itself, whatever the client sent: of status and of care teams."""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at

Json = dict[str, Any]

STATUS_HISTORY = {
    "CarePlan": t.EXT_CARE_PLAN_STATUS_HISTORY,
    "ServiceRequest": t.EXT_SERVICE_REQUEST_STATUS_HISTORY,
}
TEAMS = {"EpisodeOfCare": "team", "CarePlan": "careTeam"}


def with_histories(resource: Json, *, before: Json | None, now: str, by_client: bool = False) -> Json:
    """A copy with the histories continued: a new entry when status or teams change. `now` as FHIR dateTime.

    `by_client`: the whole resource was sent, so every team that has no open entry gets one (recorded PUT).
    """
    resource_type = resource["resourceType"]
    if resource_type == "EpisodeOfCare":
        resource = _with_episode_statuses(resource, before=before, now=now)
    if resource_type in STATUS_HISTORY:
        resource = _with_statuses(resource, STATUS_HISTORY[resource_type], before=before, now=now)
    if resource_type in TEAMS:
        resource = _with_teams(resource, TEAMS[resource_type], before, now, by_client=by_client)
    return resource


def _with_episode_statuses(resource: Json, *, before: Json | None, now: str) -> Json:
    history = [dict(entry) for entry in (before or {}).get("statusHistory", ())]
    if before is None or before["status"] != resource.get("status"):
        if history:
            history[-1]["period"] = {**history[-1]["period"], "end": now}
        history.append({"status": resource.get("status"), "period": {"start": now}})
    return {**resource, "statusHistory": history}


def _with_statuses(resource: Json, url: str, *, before: Json | None, now: str) -> Json:
    history = [dict(entry) for entry in extensions(before or {}, url)]
    if before is None or before["status"] != resource["status"]:
        if history:
            history[-1] = _ended(history[-1], now)
        status = {"coding": [{"system": t.CS_REQUEST_STATUS, "code": resource["status"]}]}
        history.append(_entry(url, {"url": "status", "valueCodeableConcept": status}, now))
    return _with_extensions(resource, url, history)


def _with_teams(resource: Json, element: str, before: Json | None, now: str, *, by_client: bool) -> Json:
    """`ehealth-teamHistory`: one entry a team, open while the team has it (recorded `$update-care-teams`)."""
    url = t.EXT_TEAM_HISTORY
    history = [dict(entry) for entry in extensions(before or {}, url)]
    mine = values_at(resource, f"{element}.reference")
    there = set() if by_client else set(values_at(before or {}, f"{element}.reference"))
    for at, entry in enumerate(history):
        (team,) = values_at(entry, "extension.valueReference.reference") or [""]
        if values_at(entry, "extension.valuePeriod.end"):
            continue
        if team in mine:
            there.add(team)
        else:
            history[at] = _ended(entry, now)
    history += [
        _entry(url, {"url": "careTeam", "valueReference": {"reference": team}}, now)
        for team in mine
        if team not in there
    ]
    return _with_extensions(resource, url, history)


def _entry(url: str, what: Json, now: str) -> Json:
    return {"url": url, "extension": [what, {"url": "period", "valuePeriod": {"start": now}}]}


def _ended(entry: Json, now: str) -> Json:
    parts = [
        {**part, "valuePeriod": {**part["valuePeriod"], "end": now}} if part["url"] == "period" else part
        for part in entry["extension"]
    ]
    return {**entry, "extension": parts}


def _with_extensions(resource: Json, url: str, found: list[Json]) -> Json:
    others = [extension for extension in resource.get("extension", ()) if extension["url"] != url]
    return {**resource, "extension": others + found} if others or found else resource
