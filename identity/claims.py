"""From what the issuer claims about somebody to facts we act on. Pure: no request, no database.

Brokers name the same claim differently, so the names come from settings (OIDC_CLAIMS).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from identity.assurance import Assurance, read_assurance
from identity.privileges import PrivilegeGroup, read_privileges
from identity.refusals import LoginRefused, RefusalCode
from identity.roles import ROLES_OF_OTHER_SYSTEMS, Role, UnknownRole, role_code

CITIZEN_USER_TYPE = "PATIENT"
STAFF_USER_TYPE = "PRACTITIONER"

_CVR = re.compile(r"\d{8}")


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


@dataclass(frozen=True, slots=True)
class CitizenFacts:
    """A citizen, as MitID tells it. `name` is empty with name and address protection.

    The CPR number is for looking the citizen up and is forgotten with this object: it is left out of
    its `repr`, so that no log or error page can show it.
    """

    cpr: str = field(repr=False)
    name: str
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """A member of staff, as the municipality's login tells it."""

    issuer: str
    subject: str
    name: str
    cvr: str
    organisation_name: str
    roles: frozenset[Role]
    assurance: Assurance


def read_citizen(claims: Mapping[str, Any], names: ClaimNames) -> CitizenFacts:
    """The citizen behind verified claims. Raises LoginRefused."""
    _require_user_type(claims, names, CITIZEN_USER_TYPE)
    assurance = read_assurance(claims.get(names.loa))
    cpr = _text(claims, names.cpr)
    if not cpr:
        raise LoginRefused(RefusalCode.CPR_MISSING)
    return CitizenFacts(cpr=cpr, name=_text(claims, names.name), assurance=assurance)


def read_staff(claims: Mapping[str, Any], names: ClaimNames) -> StaffFacts:
    """The member of staff behind verified claims (with `iss` and `sub`). Raises LoginRefused.

    Roles count where they are given for the authority that the person logged in from.
    """
    _require_user_type(claims, names, STAFF_USER_TYPE)
    assurance = read_assurance(claims.get(names.loa))
    cvr = _text(claims, names.cvr)
    if not _CVR.fullmatch(cvr):
        raise LoginRefused(RefusalCode.CVR_MISSING, shown=cvr)
    groups = _own_groups(read_privileges(claims.get(names.privileges)), cvr)
    return StaffFacts(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        name=_text(claims, names.name),
        cvr=cvr,
        organisation_name=_text(claims, names.organisation_name),
        roles=read_roles(uri for group in groups for uri in group.role_uris),
        assurance=assurance,
    )


def read_roles(uris: Iterable[str]) -> frozenset[Role]:
    """The roles that these addresses name; FUT's roles for other systems are passed over.

    Raises LoginRefused with the raw address for one that FUT does not know, and when nothing is left.
    """
    roles = set[Role]()
    for uri in uris:
        if role_code(uri) in ROLES_OF_OTHER_SYSTEMS:
            continue
        try:
            roles.add(Role.from_uri(uri))
        except UnknownRole as unknown:
            raise LoginRefused(RefusalCode.ROLE_UNKNOWN, shown=unknown.uri) from unknown
    if not roles:
        raise LoginRefused(RefusalCode.NO_ROLE_HERE)
    return frozenset(roles)


def _own_groups(groups: tuple[PrivilegeGroup, ...], cvr: str) -> tuple[PrivilegeGroup, ...]:
    own = tuple(group for group in groups if group.cvr == cvr and group.role_uris)
    if not own:
        raise LoginRefused(RefusalCode.FOREIGN_CVR, shown=", ".join(group.cvr or "?" for group in groups))
    return own


def _require_user_type(claims: Mapping[str, Any], names: ClaimNames, expected: str) -> None:
    actual = _text(claims, names.user_type)
    if actual.upper() != expected:
        raise LoginRefused(RefusalCode.WRONG_USER_TYPE, shown=actual)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return "" if value is None else str(value).strip()
