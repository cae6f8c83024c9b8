"""Odd logins to compose: a demo person whose token is wrong, or rare, in chosen ways.

A composition is written into the key of the person, so nothing of it is stored: `odd:<person>:<oddity>,<oddity>`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from identity.broker.people import (
    WORKPLACE_SUBSTANTIAL,
    Audience,
    Group,
    Person,
    contexts_claim,
    everybody,
    privilege_list,
    staff_by_key,
    unit_of,
)
from kommunalpro.demo.people import DemoStaff

PREFIX = "odd:"
# A number of the right form, of nobody in the demo.
NOBODYS_CPR = "0101300000"


@dataclass(frozen=True, slots=True)
class Oddity:
    """One way to be odd. Of a theme one at most is chosen."""

    code: str
    theme: str
    title: str
    audiences: tuple[Audience, ...] = ("staff",)


_BOTH: tuple[Audience, ...] = ("citizen", "staff")

ODDITIES: dict[str, Oddity] = {
    each.code: each
    for each in (
        Oddity("no-answer", "Svar", "Intet svar om personen (ingen assertion)", _BOTH),
        Oddity("cancelled", "Svar", "Personen annullerer", _BOTH),
        Oddity("unavailable", "Svar", "Login-tjenesten er nede", _BOTH),
        Oddity("key-old", "Underskrift", "Udløbet nøgle: en nøgle, der ikke er offentliggjort mere", _BOTH),
        Oddity("key-wrong", "Underskrift", "Underskrift, der ikke passer", _BOTH),
        Oddity("expired", "Tidspunkt", "Token udløbet for en time siden", _BOTH),
        Oddity("receiver", "Modtager", "Token til et andet system", _BOTH),
        Oddity("nonce", "Modtager", "Token til et andet forsøg på at logge ind (nonce)", _BOTH),
        Oddity("user-type", "Slags bruger", "Den forkerte slags bruger", _BOTH),
        Oddity("loa-missing", "Sikringsniveau", "Mangler", _BOTH),
        Oddity("loa-low", "Sikringsniveau", "Lav", _BOTH),
        Oddity("loa-spelled", "Sikringsniveau", "Ukendt skrivemåde (»Middel«)", _BOTH),
        Oddity("cpr-missing", "Person", "Uden CPR-nummer", ("citizen",)),
        Oddity("cpr-broken", "Person", "CPR-nummer, der ikke kan læses", ("citizen",)),
        Oddity("cpr-unknown", "Person", "Borger, som ingen kommune har oprettet", ("citizen",)),
        Oddity("name-protected", "Person", "Navnebeskyttet: uden navn", _BOTH),
        Oddity("cvr-missing", "Myndighed", "Uden CVR-nummer"),
        Oddity("cvr-unknown", "Myndighed", "CVR-nummer, der ikke er tilsluttet"),
        Oddity("cvr-foreign", "Rollernes myndighed", "Roller givet for et andet CVR-nummer"),
        Oddity("roles-none", "Roller", "Ingen roller"),
        Oddity("role-version", "Roller", "Rolle i version 2 (/2)"),
        Oddity("role-unknown", "Roller", "Rolle, der er stavet forkert"),
        Oddity("role-besides", "Roller", "En ukendt rolle ved siden af de kendte"),
        Oddity("role-elsewhere", "Roller", "Kun roller til andre systemer"),
        Oddity("base64-twice", "Roller", "Rollerne pakket ind i base64 to gange"),
        Oddity("roles-broken", "Roller", "En liste over rettigheder, der ikke kan læses"),
        Oddity("unit-both", "Afgrænsning", "Både SOR-enhed og organisationsenhed"),
        Oddity("unit-neither", "Afgrænsning", "Hverken SOR-enhed eller organisationsenhed"),
        Oddity("unit-unknown", "Afgrænsning", "Enhed og team, som FUT ikke kender"),
        Oddity("groups-two", "Grupper", "To grupper: to teams at vælge imellem"),
    )
}


def themes(audience: Audience) -> dict[str, list[Oddity]]:
    """What can be composed for `audience`, by theme."""
    found: dict[str, list[Oddity]] = {}
    for each in ODDITIES.values():
        if audience in each.audiences:
            found.setdefault(each.theme, []).append(each)
    return found


def composed_key(person: str, codes: Iterable[str]) -> str:
    """The key of a composed person."""
    return f"{PREFIX}{person}:{','.join(codes)}"


def taken_apart(key: str) -> tuple[str, frozenset[str]]:
    """The demo person behind a key, and what is odd about them; nothing is about the ordinary ones."""
    if not key.startswith(PREFIX):
        return key, frozenset()
    person, _, codes = key.removeprefix(PREFIX).partition(":")
    return person, frozenset(codes.split(",")) & ODDITIES.keys()


def find(key: str) -> Person | None:
    """The person with this key, composed or not; None for nobody."""
    base_key, odd = taken_apart(key)
    person = everybody().get(base_key)
    if person is None or not odd:
        return person
    odd = frozenset(code for code in odd if person.audience in ODDITIES[code].audiences)
    claims = dict(person.claims)
    if person.audience == "staff":
        claims |= _staff_claims(staff_by_key()[base_key], odd)
    changes: dict[str, Any] = {
        "loa-missing": {"loa": ""},
        "loa-low": {"loa": WORKPLACE_SUBSTANTIAL.replace("Substantial", "Low")},
        "loa-spelled": {"loa": "Middel"},
        "user-type": {"user_type": "PATIENT" if person.audience == "staff" else "PRACTITIONER"},
        "cpr-missing": {"cpr": ""},
        "cpr-broken": {"cpr": "123"},
        "cpr-unknown": {"cpr": NOBODYS_CPR},
        "roles-broken": {"privileges": "<PrivilegeList>"},
        "name-protected": {"name": ""},
        "cvr-missing": {"cvr": ""},
        "cvr-unknown": {"cvr": "99999999"},
    }
    for code in sorted(odd & changes.keys()):
        claims |= changes[code]
    return replace(person, key=key, claims=claims)


def _staff_claims(staff: DemoStaff, odd: frozenset[str]) -> dict[str, Any]:
    prefix = "http://ehealth.seb.dk/roles/usersystemrole"
    roles = [f"{prefix}/{role}/1" for role in staff.roles]
    if "role-version" in odd:
        roles = [f"{prefix}/clinical_viewer/2"]
    elif "role-unknown" in odd:
        roles = [f"{prefix}/monitoring_ajuster/1"]
    elif "role-besides" in odd:
        roles.append(f"{prefix}/head_of_everything/1")
    elif "role-elsewhere" in odd:
        roles = [f"{prefix}/service_and_logistics/1"]
    elif "roles-none" in odd:
        roles = []
    sor = "440821000016001" if "unit-both" in odd else None
    unit = None if "unit-neither" in odd else str(unit_of(staff))
    cvr = "90009999" if "cvr-foreign" in odd else "99999999" if "cvr-unknown" in odd else staff.cvr
    teams = {str(staff.care_team_id): staff.care_team} if staff.care_team else {}
    groups = [(roles, next(iter(teams), None))]
    if "groups-two" in odd:
        second = str(uuid5(NAMESPACE_URL, f"kommunalpro:demo:second team:{staff.key}"))
        teams[second] = "Udegående team"
        groups.append(([f"{prefix}/clinical_viewer/1"], second))
    privileges = privilege_list(
        *(Group(cvr=cvr, roles=each, unit=unit, sor=sor, care_team=team) for each, team in groups)
    )
    if "base64-twice" in odd:
        privileges = base64.b64encode(privileges.encode()).decode()
    contexts = contexts_claim(staff, teams=teams)
    if "unit-unknown" in odd:
        unknown = [
            f"Organization {unit} was not found",
            *(f"CareTeam {team} was not found" for team in teams),
        ]
        contexts = {"care_teams": [], "organizations": [], "warning_details": unknown}
    return {"privileges": privileges if any(each for each, _ in groups) else "", "contexts": contexts}
