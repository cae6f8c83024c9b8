"""The contexts of an employee's roles: which roles, for which unit, in which care team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from identity.roles import Role


@dataclass(frozen=True, slots=True)
class StaffContext:
    """One choice of what to work as. The unit and the care team are as the token gave them, "" if it gave none.

    `name` is what FUT calls the care team or unit, where the token says it.
    """

    roles: frozenset[Role]
    organisation_unit: str = ""
    care_team: str = ""
    name: str = ""

    def to_session(self) -> dict[str, Any]:
        """JSON-ready; `from_session` reads it back."""
        return {
            "roles": sorted(self.roles),
            "organisation_unit": self.organisation_unit,
            "care_team": self.care_team,
            "name": self.name,
        }

    @classmethod
    def from_session(cls, stored: Mapping[str, Any]) -> StaffContext:
        """Raises KeyError or ValueError when `stored` is not what `to_session` wrote."""
        return cls(
            roles=frozenset(Role(role) for role in stored["roles"]),
            organisation_unit=stored["organisation_unit"],
            care_team=stored["care_team"],
            name=stored["name"],
        )


def merged(contexts: Iterable[StaffContext]) -> tuple[StaffContext, ...]:
    """One context for each unit and care team, with all the roles given for it, in the order they came."""
    roles: dict[tuple[str, str, str], frozenset[Role]] = {}
    for each in contexts:
        place = (each.organisation_unit, each.care_team, each.name)
        roles[place] = roles.get(place, frozenset()) | each.roles
    return tuple(
        StaffContext(roles=together, organisation_unit=unit, care_team=team, name=name)
        for (unit, team, name), together in roles.items()
    )
