"""Flow D: which care team follows an episode or a care plan (`$update-care-teams`)."""

from collections.abc import Collection, Mapping
from typing import Any

from fut.facts import Reference
from fut.mapping.elements import Json
from fut.validation import checked

# The element, and how the operation names what is to come and to go: as recorded, another way for each.
_NAMES = {
    "EpisodeOfCare": ("team", "addCareteams", "removeCareteams"),
    "CarePlan": ("careTeam", "addCareTeams", "removeCareTeams"),
}


def teams_changed(
    resource: Mapping[str, Any], team: Reference | None, ours: Collection[Reference]
) -> Json | None:
    """The operation's parameters, so that of `ours` only `team` is left there; None where it is so."""
    element, adding, removing = _NAMES[resource["resourceType"]]
    there = {str(one.get("reference")).partition("/_history/")[0] for one in resource.get(element, ())}
    wanted = set() if team is None else {team.url}
    gone = sorted(there & {one.url for one in ours} - wanted)
    named = [*((adding, url) for url in sorted(wanted - there)), *((removing, url) for url in gone)]
    if not named:
        return None
    parameter = [{"name": name, "valueReference": {"reference": url}} for name, url in named]
    return checked({"resourceType": "Parameters", "parameter": parameter})
