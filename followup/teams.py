"""Which citizens are an employee's own: those of the care teams that the role was given for.

A role is given for a care team, or for a unit of the municipality without one, which is for all of its teams
(FUT's context: `organization_id`, and `care_team_id` where there is one). Others' citizens are found by a search, and
opened for a reason that is written down (followup/outside.py).
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import QuerySet

from identity.actors import StaffActor
from municipalities.models import CareTeam, Municipality

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])


@dataclass(frozen=True, slots=True)
class Teams:
    """An employee's care teams; None stands for all of the municipality's.

    An empty tuple: the login named a team that we do not know yet, so no citizen is theirs.
    """

    ids: tuple[int, ...] | None

    @property
    def is_all(self) -> bool:
        return self.ids is None

    def only(self, rows: Rows, way: str = "care_team") -> Rows:
        """The rows whose care team, along `way`, is one of them."""
        return rows if self.ids is None else rows.filter(**{f"{way}__in": self.ids})

    def holds(self, team_id: int) -> bool:
        """Whether the team is one of them."""
        return self.ids is None or team_id in self.ids


ALL_TEAMS = Teams(ids=None)


def teams_of(actor: StaffActor, municipality: Municipality) -> Teams:
    """The care teams for which this login was given its roles. One query, none where it was for all of them."""
    if not actor.care_team:
        return ALL_TEAMS
    # FUT names a team by its id or by its whole address.
    named = CareTeam.objects.filter(
        municipality=municipality, login_id=actor.care_team.rstrip("/").rpartition("/")[2]
    )
    return Teams(ids=tuple(named.values_list("pk", flat=True)))
