"""The demo's people as somebody to log in as: what the page shows, and what the token will claim."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypedDict
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from identity.roles import Role
from kommunalpro.demo.people import DemoCitizen, DemoStaff, demo_citizens, demo_staff
from municipalities.national import BY_CODE

Audience = Literal["citizen", "staff"]

# Two of the spellings in use, so that the application meets both.
MITID_SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/Substantial"
WORKPLACE_SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/loa/Substantial"

BPP = "http://digst.dk/oiosaml/basic_privilege_profile"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody one can be. `key` is the subject of their tokens; `group` the heading they stand under."""

    key: str
    audience: Audience
    name: str
    group: str
    about: str
    claims: dict[str, Any] = field(repr=False)

    def matches(self, text: str) -> bool:
        """Whether every word of `text` stands somewhere in what the page shows of them."""
        shown = f"{self.name} {self.group} {self.about}".casefold()
        return all(word in shown for word in text.casefold().split())


@cache
def everybody() -> dict[str, Person]:
    """All demo people by key."""
    people = [*map(from_citizen, demo_citizens()), *map(from_staff, demo_staff())]
    return {person.key: person for person in people}


def people_for(audience: Audience, *, search: str = "") -> list[Person]:
    """Those who can log in as `audience` and match `search`, in the demo's order."""
    return [
        person for person in everybody().values() if person.audience == audience and person.matches(search)
    ]


def from_citizen(citizen: DemoCitizen) -> Person:
    """A citizen with MitID. With name and address protection the token holds no name, as MitID's does."""
    about = [f"født {citizen.birth_date.year}"]
    if citizen.name_protected:
        about.append("navne- og adressebeskyttet")
    if not citizen.nemsms_enrolled:
        about.append("ikke tilmeldt NemSMS")
    return Person(
        key=citizen.key,
        audience="citizen",
        name=citizen.name,
        group=BY_CODE[citizen.municipality_code].full_name,
        about=", ".join(about),
        claims={
            "user_type": "PATIENT",
            "cpr": citizen.cpr,
            "name": "" if citizen.name_protected else citizen.name,
            "loa": MITID_SUBSTANTIAL,
        },
    )


def from_staff(staff: DemoStaff) -> Person:
    """A member of staff with the roles of their workplace; one without roles gets no privilege list."""
    about = [staff.title]
    if staff.care_team:
        about.append(staff.care_team)
    roles = ", ".join(str(Role(role).label) for role in staff.roles)
    about.append(roles or "ingen roller: se, hvordan et afvist login ser ud")
    return Person(
        key=staff.key,
        audience="staff",
        name=staff.name,
        group=staff.organisation_name,
        about=" · ".join(about),
        claims={
            "user_type": "PRACTITIONER",
            "name": staff.name,
            "loa": WORKPLACE_SUBSTANTIAL,
            "cvr": staff.cvr,
            "org_name": staff.organisation_name,
            "privileges": privilege_list(
                {
                    "cvr": staff.cvr,
                    "roles": [f"http://ehealth.seb.dk/roles/usersystemrole/{role}/1" for role in staff.roles],
                    "unit": str(unit_of(staff)),
                    "sor": None,
                    "care_team": str(staff.care_team_id) if staff.care_team_id else None,
                }
            )
            if staff.roles
            else "",
            "contexts": contexts_claim(
                staff, teams={str(staff.care_team_id): staff.care_team} if staff.care_team else {}
            ),
        },
    )


@cache
def staff_by_key() -> dict[str, DemoStaff]:
    """The demo's employees by key."""
    return {staff.key: staff for staff in demo_staff()}


def contexts_claim(staff: DemoStaff, *, teams: Mapping[str, str]) -> dict[str, list[Any]]:
    """What FUT offers them to work in, in the shape of its list of contexts. `teams`: names by id."""
    unit = {
        "id": f"https://organization.example/fhir/Organization/{unit_of(staff)}",
        "name": staff.organisation_name,
    }
    return {
        "care_teams": [
            {"id": f"https://organization.example/fhir/CareTeam/{key}", "name": name, "affiliation": unit}
            for key, name in teams.items()
        ],
        "organizations": [unit],
        "warning_details": [],
    }


def unit_of(staff: DemoStaff) -> UUID:
    """The organisation unit that their roles are given for, the same every time."""
    return uuid5(NAMESPACE_URL, f"kommunalpro:demo:unit:{staff.cvr}")


class Group(TypedDict):
    """A group of privileges: role addresses within an authority, bounded to a unit and perhaps a team."""

    cvr: str
    roles: list[str]
    unit: str | None
    sor: str | None
    care_team: str | None


def privilege_list(*groups: Group) -> str:
    """An OIO Basic Privilege Profile 1.2 as KOMBIT's Context Handler writes it, in base64."""
    root = Element(f"{{{BPP}}}PrivilegeList")
    for each in groups:
        group = SubElement(root, "PrivilegeGroup", Scope=f"urn:dk:gov:saml:cvrNumberIdentifier:{each['cvr']}")
        constraints = {
            "urn:dk:kombit:orgUnit": each["unit"],
            "urn:dk:gov:saml:sorIdentifier": each["sor"],
            "urn:dk:sundhed:ehealth:careteam": each["care_team"],
        }
        for name, value in constraints.items():
            if value is not None:
                SubElement(group, "Constraint", Name=name).text = value
        for role in each["roles"]:
            SubElement(group, "Privilege").text = role
    return base64.b64encode(tostring(root, encoding="utf-8")).decode()
