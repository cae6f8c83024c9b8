"""Care plans and service requests: of one episode and one citizen, with what they name; and their care teams."""

from typing import Any

from fut.profiles import values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import episodes_of, patients_of
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule, invalid
from fut.simulator.parameters import values
from fut.simulator.records import Records

Json = dict[str, Any]

TEAM = {"CarePlan": "careTeam", "EpisodeOfCare": "team"}


def within_episode(records: Records, resource: Json) -> Json:
    """The resource with its episode's tags; 422 where it is of another citizen, or names what is not here."""
    episode = records.episode_of(resource)
    if episode is None:
        return resource
    for subject in values_at(resource, "subject.reference"):
        if local_part(episode["patient"]["reference"]) != local_part(subject):
            raise broken_rule(
                "CONTEXT_VALIDATION_EPISODEOFCARE_EXCEPTION", "The episode of care is of another patient."
            )
    for condition in values_at(resource, "addresses.reference"):
        found = records.follow(condition, "Condition")
        if values_at(found, "subject.reference") != [episode["patient"]["reference"]]:
            raise invalid(f"addresses: {condition} is of another patient")
    for request in values_at(resource, "activity.reference.reference"):
        records.follow(request, "ServiceRequest")
    for team in values_at(resource, "careTeam.reference"):
        records.follow(team, "CareTeam")
    return tagged(resource, tags_of(episode))


def check_change(before: Json, after: Json) -> None:
    """The guide's “Restrictions on deletion”: a plan keeps its requests, and everything its episode and citizen."""
    if before["resourceType"] not in {"CarePlan", "ServiceRequest"}:
        return
    if list(episodes_of(before)) != list(episodes_of(after)) or patients_of(before) != patients_of(after):
        raise invalid("subject: neither the citizen nor the episode of care can be changed")
    lost = set(values_at(before, "activity.reference.reference")) - set(
        values_at(after, "activity.reference.reference")
    )
    if lost:
        raise invalid(f"activity: {', '.join(sorted(lost))} cannot be removed from the plan")


def update_care_teams(records: Records, resource: Json, parameters: Json) -> Json:
    """`$update-care-teams` on a care plan (and its sub plans) or an episode: the next version of it."""
    added = values(parameters, "addCareTeams", "addCareteams")
    removed = {local_part(one) for one in values(parameters, "removeCareTeams", "removeCareteams")}
    for team in added:
        records.follow(team, "CareTeam")
    with records.store.transaction():
        changed = _with_teams(records, resource, added, removed)
        for part in _sub_plans(records, resource):
            _with_teams(records, part, added, removed)
    return changed


def _with_teams(records: Records, resource: Json, added: list[str], removed: set[str]) -> Json:
    element = TEAM[resource["resourceType"]]
    kept = [one for one in resource.get(element, ()) if local_part(one["reference"]) not in removed]
    there = {local_part(one["reference"]) for one in kept}
    kept += [{"reference": one} for one in added if local_part(one) not in there]
    after = {**resource, element: kept}
    if not kept:
        del after[element]
    return records.change(after, before=resource)


def _sub_plans(records: Records, resource: Json) -> list[Json]:
    if resource["resourceType"] != "CarePlan":
        return []
    episode = records.episode_of(resource)
    if episode is None:
        return []
    plans = records.store.find("CarePlan", {"episodeOfCare": [f"EpisodeOfCare/{episode['id']}"]})
    mine = f"CarePlan/{resource['id']}"
    return [one for one in plans if mine in map(local_part, values_at(one, "partOf.reference"))]


def suggest_care_teams(records: Records, plan: Json, parameters: Json) -> Json:
    """`$suggest-care-teams`: the active teams of a region or municipality whose reasons cover the plan's conditions.

    With both codes the municipality's is ignored, as the operation's definition says.
    """
    name = "regionCode" if values(parameters, "regionCode") else "municipalityCode"
    codes = values(parameters, name)
    if not codes:
        raise invalid("one of regionCode and municipalityCode is needed")
    organizations = records.store.find("Organization", {name: codes})
    wanted = {
        (coding["system"], coding["code"])
        for reference in values_at(plan, "addresses.reference")
        for coding in values_at(records.follow(reference, "Condition"), "code.coding")
    }
    teams = [
        team
        for organization in organizations
        for team in records.store.find(
            "CareTeam", {"managingOrganization": [f"Organization/{organization['id']}"], "status": ["active"]}
        )
        if wanted <= {(one["system"], one["code"]) for one in values_at(team, "reasonCode.coding")}
    ]
    theirs = {local_part(one) for team in teams for one in values_at(team, "managingOrganization.reference")}
    managing = [one for one in organizations if f"Organization/{one['id']}" in theirs]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"fullUrl": records.url(one), "resource": one} for one in (*teams, *managing)],
    }
