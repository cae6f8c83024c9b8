"""Who is in the demo: three municipalities with care teams, staff in every role, and 60 citizens each.

Plain data: no Django, no database, and the same people every time. The embedded login broker offers
them, `kommunalpro.demo.load` puts them into the database.

Nobody here is real. The CPR numbers are replacement numbers in the form of CPR-kontoret: 60 is added to
the day of birth ("07" becomes "67"), so that no person can ever have been given one. The seventh digit
agrees with the century of birth and the last digit with the sex, as in a real number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from kommunalpro.demo.names import family_names, given_names
from municipalities.national import BY_CODE

Sex = Literal["female", "male"]

AALBORG, SVENDBORG, RUDERSDAL = "0851", "0479", "0230"
DEMO_MUNICIPALITIES: tuple[str, ...] = (AALBORG, SVENDBORG, RUDERSDAL)
CITIZENS_PER_MUNICIPALITY = 60

# The system administration is an authority of its own; the number is as made up as the municipalities'.
SYSTEM_ADMINISTRATION = "Systemadministrationen for Kommunal PRO"
SYSTEM_ADMINISTRATION_CVR = "90000000"

CLINICAL_ROLES = ("citizen_enroller", "clinical_viewer", "monitoring_assistor", "monitoring_adjuster")
KAM_ROLES = ("questionnaire_editor", "clinical_administrator")
LOCAL_ADMINISTRATOR_ROLES = ("careteam_administrator", "clinical_supporter")
ROLES = (*CLINICAL_ROLES, *KAM_ROLES, "report_user", *LOCAL_ADMINISTRATOR_ROLES, "login_assistor")
NATIONAL_ROLES = (*KAM_ROLES, "incident_manager")

# Who writes national questionnaires, and who reviews them with the administrator: decision support takes three people.
_NATIONAL_COLLEAGUES = (
    ("kam-national-redaktoer", "Lise Ahlmann", "Sygeplejerske og redaktør", ("questionnaire_editor",)),
    ("kam-national-gennemser", "Henrik Sønderby", "Overlæge", ("clinical_administrator",)),
)

_NAMESPACE = uuid5(NAMESPACE_URL, "kommunalpro:demo")


@dataclass(frozen=True, slots=True)
class DemoCareTeam:
    """A care team: `id` is the one FUT would know it by, and what a login's privileges name.

    `condition_code` and `condition_name` say in SKS why its citizens are followed.
    """

    id: UUID
    municipality_code: str
    name: str
    condition_code: str
    condition_name: str


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Someone who can log in as staff.

    `key` is the subject of their login and never changes. `municipality_code` is None for the system
    administration. `roles` are FUT's role names; nobody's is empty but the one whose login must fail.
    `care_team` is the team's name within the municipality, None for those who see all of it.
    """

    key: str
    name: str
    title: str
    municipality_code: str | None
    cvr: str
    organisation_name: str
    roles: tuple[str, ...]
    care_team: str | None

    @property
    def care_team_id(self) -> UUID | None:
        """FUT's id of the care team, None without one."""
        if self.municipality_code is None or self.care_team is None:
            return None
        return care_team_id(self.municipality_code, self.care_team)


@dataclass(frozen=True, slots=True)
class DemoCitizen:
    """A citizen: `key` is the subject of their login, `care_team` the name of the team that follows them.

    `birth_date` is what people see; `cpr` (ten digits) is the replacement number of that date. A login of
    a name-protected citizen carries no name, as MitID's does not.
    """

    key: str
    given_name: str
    family_name: str
    cpr: str
    birth_date: date
    sex: Sex
    municipality_code: str
    care_team: str
    nemsms_enrolled: bool
    name_protected: bool

    @property
    def name(self) -> str:
        """Given and family name as one reads them."""
        return f"{self.given_name} {self.family_name}"


TEAM_NAMES: dict[str, tuple[str, ...]] = {
    AALBORG: ("Rehabilitering", "Diabetes og hjerte", "Sundhedscenter Vest"),
    SVENDBORG: ("Rehabilitering", "Hjerte og lunger"),
    RUDERSDAL: ("Træning og sundhed", "Diabetes og hjerte"),
}

# Diagnosis codes of SKS (which are ICD-10's with a D before) and their Danish names, of those that FUT takes.
OTHER_CONTACT = ("DZ76", "Personer i kontakt med sundhedsvæsenet af andre årsager")
_CONDITIONS: dict[str, tuple[str, str]] = {
    "Rehabilitering": OTHER_CONTACT,
    "Diabetes og hjerte": ("DE11", "Type 2-diabetes"),
    "Sundhedscenter Vest": OTHER_CONTACT,
    "Hjerte og lunger": ("DJ44", "Kronisk obstruktiv lungesygdom"),
    "Træning og sundhed": OTHER_CONTACT,
}

# (name, title, roles, which of the municipality's teams or None for all of it); the first is the main nurse.
_STAFF: dict[str, tuple[tuple[str, str, tuple[str, ...], int | None], ...]] = {
    AALBORG: (
        ("Mette Kjærgaard", "Sygeplejerske", CLINICAL_ROLES, 0),
        ("Rasmus Østergaard", "Fysioterapeut", ("clinical_viewer", "monitoring_adjuster"), 0),
        ("Fatima El-Sayed", "Diabetessygeplejerske", CLINICAL_ROLES, 1),
        ("Bodil Ravn", "Social- og sundhedsassistent", ("clinical_viewer", "monitoring_assistor"), 1),
        ("Jens Åkjær", "Ergoterapeut", ("clinical_viewer",), 2),
        ("Hanne Lykkegaard", "Lægesekretær", ("citizen_enroller",), None),
        ("Søren Damgaard", "Klinisk konsulent", KAM_ROLES, None),
        ("Camilla Bøgh", "Udviklingskonsulent", ("report_user",), None),
        ("Thomas Værum", "Systemansvarlig", LOCAL_ADMINISTRATOR_ROLES, None),
        ("Samira Haidari", "Medarbejder i borgerservice", ("login_assistor",), None),
    ),
    SVENDBORG: (
        ("Lone Bækgaard", "Sygeplejerske", CLINICAL_ROLES, 0),
        ("Mikkel Fynbo", "Fysioterapeut", ("clinical_viewer", "monitoring_adjuster"), 0),
        ("Agnieszka Kowalczyk", "Hjertesygeplejerske", ("clinical_viewer", "monitoring_assistor"), 1),
        ("Poul Erik Hviid", "Visitator", ("citizen_enroller",), None),
        ("Dorthe Løvgren", "Klinisk konsulent", KAM_ROLES, None),
        ("Jonas Skovsgård", "Kvalitetskonsulent", ("report_user",), None),
        ("Tove Ankerstjerne", "Afdelingsleder", LOCAL_ADMINISTRATOR_ROLES, None),
        ("Naja Heilmann", "Medarbejder i borgerservice", ("login_assistor",), None),
    ),
    RUDERSDAL: (
        ("Charlotte Winther", "Sygeplejerske", CLINICAL_ROLES, 0),
        ("Arash Rezaei", "Fysioterapeut", ("clinical_viewer", "monitoring_adjuster"), 0),
        ("Ulla Høegh", "Klinisk diætist", ("clinical_viewer", "monitoring_assistor"), 1),
        ("Kirsten Juhl Nørgaard", "Administrativ medarbejder", ("citizen_enroller",), None),
        ("Anders Brøchner", "Klinisk konsulent", KAM_ROLES, None),
        ("Nga Pham", "Sundhedskonsulent", ("report_user",), None),
        ("Peter Stæhr", "Leder af sundhedscenteret", LOCAL_ADMINISTRATOR_ROLES, None),
        ("Gitte Åberg", "Medarbejder i borgerservice", ("login_assistor",), None),
        # Known to the municipality's own login, but nobody gave her a role: her login must explain that.
        ("Sofie Thygesen", "Nyansat sygeplejerske", (), None),
    ),
}


def care_team_id(municipality_code: str, name: str) -> UUID:
    """The id of a demo care team: the same every time, so that login and database agree."""
    return uuid5(_NAMESPACE, f"team:{municipality_code}:{name}")


def demo_care_teams() -> tuple[DemoCareTeam, ...]:
    """The care teams of the three municipalities, seven in all."""
    return tuple(
        DemoCareTeam(
            id=care_team_id(code, name),
            municipality_code=code,
            name=name,
            condition_code=_CONDITIONS[name][0],
            condition_name=_CONDITIONS[name][1],
        )
        for code, names in TEAM_NAMES.items()
        for name in names
    )


@cache
def demo_staff() -> tuple[DemoStaff, ...]:
    """Everyone who can log in as staff: the national administrator first, with colleagues, then each municipality's."""
    administrator = ("kam-national", "Birgitte Hedegård", "Klinisk administrator", NATIONAL_ROLES)
    national = (
        DemoStaff(
            key=key,
            name=name,
            title=title,
            municipality_code=None,
            cvr=SYSTEM_ADMINISTRATION_CVR,
            organisation_name=SYSTEM_ADMINISTRATION,
            roles=roles,
            care_team=None,
        )
        for key, name, title, roles in (administrator, *_NATIONAL_COLLEAGUES)
    )
    return (*national, *(each for code in DEMO_MUNICIPALITIES for each in _staff_of(code)))


def _staff_of(code: str) -> Iterator[DemoStaff]:
    municipality = BY_CODE[code]
    for number, (name, title, roles, team) in enumerate(_STAFF[code], start=1):
        yield DemoStaff(
            key=f"{municipality.name.lower()}-medarbejder-{number:02}",
            name=name,
            title=title,
            municipality_code=code,
            cvr=municipality.cvr,
            organisation_name=municipality.full_name,
            roles=roles,
            care_team=None if team is None else TEAM_NAMES[code][team],
        )


@cache
def demo_citizens() -> tuple[DemoCitizen, ...]:
    """The 180 citizens, 60 of each municipality, 25 to 92 years old in 2026."""
    return tuple(each for code in DEMO_MUNICIPALITIES for each in _citizens_of(code))


def _citizens_of(code: str) -> Iterator[DemoCitizen]:
    chance = random.Random(f"citizens:{code}")  # noqa: S311 - the same people every time is the point
    teams = TEAM_NAMES[code]
    municipality = BY_CODE[code].name.lower()
    taken: set[str] = set()
    for number in range(1, CITIZENS_PER_MUNICIPALITY + 1):
        sex: Sex = "female" if chance.random() < 0.55 else "male"
        birth_date = _birth_date(chance)
        while True:
            given, family = chance.choice(given_names(sex, birth_date.year)), ""
            family = chance.choice(family_names(given))
            if f"{given} {family}" not in taken:
                break
        taken.add(f"{given} {family}")
        yield DemoCitizen(
            key=f"{municipality}-borger-{number:02}",
            given_name=given,
            family_name=family,
            cpr=_replacement_number(birth_date, sex, DEMO_MUNICIPALITIES.index(code) * 100 + number),
            birth_date=birth_date,
            sex=sex,
            municipality_code=code,
            care_team=teams[(number - 1) % len(teams)],
            # Every fifth has not signed up for NemSMS; the first, whom everybody tries, has.
            nemsms_enrolled=number % 5 != 0,
            name_protected=number in {17, 43},
        )


def _birth_date(chance: random.Random) -> date:
    """Most are between 55 and 85, as those who meet the municipality's health staff are."""
    age_in_days = int(chance.triangular(25, 92, 66) * 365.25)
    return date(2026, 6, 30) - timedelta(days=age_in_days)


def _replacement_number(birth_date: date, sex: Sex, serial: int) -> str:
    """A number that nobody can have: day of birth plus 60, then a century digit, a serial and the sex.

    The seventh digit follows CPR-kontoret's table: 0-3 for 1900-1999, 4 for 2000-2036. The last one is
    odd for men. `serial` (1-499) keeps two people with one birthday apart.
    """
    century = 0 if birth_date.year < 2000 else 4
    ending = serial * 2 + (1 if sex == "male" else 0)
    return f"{birth_date.day + 60}{birth_date:%m%y}{century}{ending:03}"


def demo_logins() -> list[tuple[str, str]]:
    """What to try first, for the terminal: (module, who to log in as), in the order of the main job."""
    by_key = {each.key: each for each in demo_staff()}
    nurse = by_key["aalborg-medarbejder-01"]
    other = by_key["svendborg-medarbejder-01"]
    administrator = by_key["kam-national"]
    citizens = {each.key: each for each in demo_citizens()}
    first, second = citizens["aalborg-borger-01"], citizens["svendborg-borger-01"]
    return [
        ("KAM", f"{administrator.name}, {administrator.title.lower()}, hele landet"),
        ("Medarbejdermodul", f"{nurse.name}, {nurse.title.lower()}, {nurse.organisation_name}"),
        ("Medarbejdermodul", f"{other.name}, {other.title.lower()}, {other.organisation_name}"),
        ("Borgermodul", f"{first.name}, {BY_CODE[first.municipality_code].full_name}"),
        ("Borgermodul", f"{second.name}, {BY_CODE[second.municipality_code].full_name}"),
    ]
