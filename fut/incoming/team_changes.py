"""What a care team on the platform says, and what follows from it for ours: pure.

The platform's own people make, name and close teams (its role *careteam_administrator*), so their word holds, except
where something of ours would be hurt by it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fut.incoming.reading import Verdict

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class TeamThere:
    """A CareTeam read. `organizations`: the addresses of those it is managed by."""

    url: str
    version: str
    name: str
    status: str
    organizations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OurTeam:
    """A team here. `has_courses`: whether courses go on in it. `others`: the names of the other teams around it."""

    name: str
    is_active: bool
    has_courses: bool
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class TeamChange:
    """`theirs`: in one word what stands there: FHIR's status, “renamed”, “moved” or “gone”."""

    verdict: Verdict
    theirs: str


def team_there(resource: Mapping[str, Any], url: str) -> TeamThere:
    """A CareTeam, its references without a version."""
    managing = (str(one.get("reference", "")) for one in resource.get("managingOrganization") or ())
    return TeamThere(
        url=url,
        version=str((resource.get("meta") or {}).get("versionId", "")),
        name=str(resource.get("name", "")).strip()[:LONGEST_NAME],
        status=str(resource.get("status", "")),
        organizations=tuple(one.partition("/_history/")[0] for one in managing),
    )


def team_change(there: TeamThere | None, *, ours: OurTeam, organization: str) -> TeamChange:
    """`there` is None where the address leads to nothing; `organization` is the municipality's address.

    A team that is closed there takes no new plans here either. Where courses go on in it, a person looks first.
    """
    theirs = _standing(there, organization)
    if there is None or theirs != "active":
        if not ours.is_active:
            return TeamChange(Verdict.SAME, theirs)
        return TeamChange(Verdict.CONFLICT if ours.has_courses else Verdict.TAKE_OVER, theirs)
    if there.name and there.name != ours.name:
        taken = there.name in ours.others
        return TeamChange(Verdict.CONFLICT if taken else Verdict.TAKE_OVER, "renamed" if taken else theirs)
    return TeamChange(Verdict.SAME if ours.is_active else Verdict.TAKE_OVER, theirs)


def _standing(there: TeamThere | None, organization: str) -> str:
    if there is None:
        return "gone"
    return there.status if organization in there.organizations else "moved"


def same_by_name(ours: Mapping[int, str], theirs: Iterable[TeamThere]) -> dict[int, TeamThere]:
    """Which of theirs a team of ours is: the one that goes on and has its name, where no other one there has it."""
    by_name: dict[str, list[TeamThere]] = {}
    for one in theirs:
        if one.status == "active":
            by_name.setdefault(one.name.casefold(), []).append(one)
    return {
        ours_id: found[0]
        for ours_id, name in ours.items()
        if len(found := by_name.get(name.casefold(), [])) == 1
    }


def free_of(theirs: Iterable[TeamThere], taken: Collection[str]) -> list[TeamThere]:
    """Those that no team of ours is yet; `taken` are addresses."""
    return [one for one in theirs if one.url not in taken]
