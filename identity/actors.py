"""The one who acts: a citizen or a member of staff, as the session remembers them, or a program with its key.

Nothing here touches the database, and nothing here is a secret: no CPR number, no token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from identity.roles import Permission, Role, permissions_of


@dataclass(frozen=True, slots=True)
class HelpedUntil:
    """When help ends: if nobody does anything, and whatever happens."""

    unused: datetime
    at_the_latest: datetime


@dataclass(frozen=True, slots=True)
class CitizenActor:
    """A citizen who has logged in for themself, or is helped by `helper`, an employee at the same screen.

    The helper is never read from what is stored: each request asks anew whether the visit is still on.
    """

    kind: ClassVar[Literal["citizen"]] = "citizen"

    citizen_id: UUID
    name: str
    helper: StaffActor | None = None
    helped_until: HelpedUntil | None = None

    @property
    def id(self) -> UUID:
        """Who this is, within their kind."""
        return self.citizen_id

    def to_session(self) -> dict[str, Any]:
        """JSON-ready; `from_session` reads it back."""
        return {"kind": self.kind, "citizen_id": str(self.citizen_id), "name": self.name}

    @classmethod
    def from_session(cls, stored: Mapping[str, Any]) -> CitizenActor:
        """Raises KeyError or ValueError when `stored` is not what `to_session` wrote."""
        return cls(citizen_id=UUID(stored["citizen_id"]), name=stored["name"])


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A member of staff, with the roles that the token of this login gave.

    `municipality_id` is None for the national system administration. `organisation_unit` and `care_team`
    are the ids that the roles were given for, as the token said them, "" where it said none;
    `context_name` is what FUT calls that place.
    """

    kind: ClassVar[Literal["staff"]] = "staff"

    staff_id: UUID
    name: str
    municipality_id: int | None
    municipality_name: str
    roles: frozenset[Role]
    organisation_unit: str = ""
    care_team: str = ""
    context_name: str = ""

    @property
    def id(self) -> UUID:
        """Who this is, within their kind."""
        return self.staff_id

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this person may do."""
        return permissions_of(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles gives `permission`."""
        return permission in self.permissions

    def to_session(self) -> dict[str, Any]:
        """JSON-ready; `from_session` reads it back."""
        return {
            "kind": self.kind,
            "staff_id": str(self.staff_id),
            "name": self.name,
            "municipality_id": self.municipality_id,
            "municipality_name": self.municipality_name,
            "roles": sorted(self.roles),
            "organisation_unit": self.organisation_unit,
            "care_team": self.care_team,
            "context_name": self.context_name,
        }

    @classmethod
    def from_session(cls, stored: Mapping[str, Any]) -> StaffActor:
        """Raises KeyError or ValueError when `stored` is not what `to_session` wrote."""
        return cls(
            staff_id=UUID(stored["staff_id"]),
            name=stored["name"],
            municipality_id=stored["municipality_id"],
            municipality_name=stored["municipality_name"],
            roles=frozenset(Role(role) for role in stored["roles"]),
            organisation_unit=stored["organisation_unit"],
            care_team=stored["care_team"],
            context_name=stored["context_name"],
        )


@dataclass(frozen=True, slots=True)
class ProgramActor:
    """A program, by the key that it sent along: no member of staff, so whatever lets staff in does not let it in.

    `staff_id` is the StaffMember in whose name it writes, `ends_at` when its key does. No session holds it.
    """

    kind: ClassVar[Literal["program"]] = "program"

    key_id: UUID
    staff_id: UUID
    name: str
    municipality_id: int | None
    municipality_name: str
    permissions: frozenset[Permission]
    ends_at: datetime

    @property
    def id(self) -> UUID:
        """Who this is, within their kind."""
        return self.staff_id

    def may(self, permission: Permission) -> bool:
        """Whether the key gives `permission`."""
        return permission in self.permissions


Person = CitizenActor | StaffActor
Actor = Person | ProgramActor


def actor_from_session(stored: Mapping[str, Any] | None) -> Person | None:
    """Who the session says is here; None when nobody is.

    A session written by an earlier release that no longer reads counts as nobody: better a new
    login than a guess about what somebody may do.
    """
    if not stored:
        return None
    try:
        match stored["kind"]:
            case CitizenActor.kind:
                return CitizenActor.from_session(stored)
            case StaffActor.kind:
                return StaffActor.from_session(stored)
    except (KeyError, TypeError, ValueError):
        return None
    return None
