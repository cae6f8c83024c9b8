"""What an issuer claims about somebody, and the facts that `identity.checks` makes of it.

Brokers name the same claim differently, so the names come from settings (OIDC_CLAIMS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from identity.actors import CitizenActor
from identity.assurance import Assurance
from identity.contexts import StaffContext

CITIZEN_USER_TYPE = "PATIENT"
STAFF_USER_TYPE = "PRACTITIONER"


def is_user_type(told: str, expected: str) -> bool:
    """Whether a claim says FUT's user type `expected`, in FUT's word or the one that the settings name."""
    return told.upper() in {expected, settings.OIDC_USER_TYPES[expected]}


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """What the issuer calls each claim; the defaults are FUT's."""

    user_type: str = "user_type"
    cpr: str = "cpr"
    name: str = "name"
    loa: str = "loa"
    cvr: str = "cvr"
    organisation_name: str = "org_name"
    privileges: str = "privileges"
    contexts: str = "contexts"
    session_end: str = "exp"


@dataclass(frozen=True, slots=True)
class Workplace:
    """An authority that people may log in from; `municipality_id` is None for the system administration."""

    municipality_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class CitizenFacts:
    """A citizen, as MitID tells it and as the municipality enrolled them."""

    actor: CitizenActor
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """A member of staff, as the municipality's login tells it. There is at least one context."""

    issuer: str
    subject: str
    name: str
    workplace: Workplace
    contexts: tuple[StaffContext, ...]
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims under the issuer's names, read under ours. Never shown: they hold the CPR number."""

    given: Mapping[str, Any] = field(repr=False)
    names: ClaimNames = field(default_factory=ClaimNames)

    def text(self, name: str) -> str:
        """The claim we call `name` as text, "" where there is none."""
        value = self.raw(name)
        return "" if value is None else str(value).strip()

    def raw(self, name: str) -> object:
        """The claim we call `name`, as it came."""
        return self.given.get(getattr(self.names, name))
