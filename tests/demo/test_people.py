"""The people of the demo: enough of them, the same every time, and nobody who exists."""

from collections import Counter
from datetime import date

import pytest

from kommunalpro.demo.people import (
    CLINICAL_ROLES,
    DEMO_MUNICIPALITIES,
    NATIONAL_ROLES,
    ROLES,
    TEAM_NAMES,
    DemoCitizen,
    DemoStaff,
    demo_care_teams,
    demo_citizens,
    demo_logins,
    demo_staff,
)
from municipalities.national import BY_CODE

TODAY = date(2026, 11, 23)


def each_citizen(citizen: DemoCitizen) -> str:
    return citizen.key


def each_staff(staff: DemoStaff) -> str:
    return staff.key


def test_sixty_citizens_in_each_of_three_municipalities():
    assert Counter(each.municipality_code for each in demo_citizens()) == dict.fromkeys(
        DEMO_MUNICIPALITIES, 60
    )


def test_nobody_is_twice_in_the_demo():
    keys = [*(each.key for each in demo_staff()), *(each.key for each in demo_citizens())]
    numbers = [each.cpr for each in demo_citizens()]
    names = [(each.municipality_code, each.name) for each in demo_citizens()]
    for values in (keys, numbers, names):
        assert len(set(values)) == len(values)


def test_a_stored_login_still_finds_its_person_in_the_next_version():
    """Keys, numbers and names are drawn from fixed seeds; a change here makes every demo database stale."""
    first = demo_citizens()[0]
    assert (first.key, first.name, first.cpr) == ("aalborg-borger-01", "Otto Rasmussen", "7511370003")


@pytest.mark.parametrize("citizen", demo_citizens(), ids=each_citizen)
def test_a_cpr_number_is_a_replacement_number_that_agrees_with_birth_and_sex(citizen: DemoCitizen):
    assert citizen.cpr.isdigit()
    assert len(citizen.cpr) == 10
    day, month, year = int(citizen.cpr[:2]) - 60, int(citizen.cpr[2:4]), int(citizen.cpr[4:6])
    assert 1 <= day <= 31, "60 is added to the day, so that it can be nobody's"
    century = 2000 if citizen.cpr[6] == "4" else 1900
    assert citizen.cpr[6] in "01234"
    assert date(century + year, month, day) == citizen.birth_date
    assert int(citizen.cpr[-1]) % 2 == (citizen.sex == "male")


@pytest.mark.parametrize("citizen", demo_citizens(), ids=each_citizen)
def test_a_citizen_is_a_grown_up_in_a_team_of_the_municipality(citizen: DemoCitizen):
    age = (TODAY - citizen.birth_date).days / 365.25
    assert 25 <= age < 93
    assert citizen.care_team in TEAM_NAMES[citizen.municipality_code]


def test_most_have_nemsms_and_a_few_a_protected_name():
    share = sum(each.nemsms_enrolled for each in demo_citizens()) / len(demo_citizens())
    assert share == pytest.approx(0.8, abs=0.05)
    assert 3 <= sum(each.name_protected for each in demo_citizens()) <= 9


@pytest.mark.parametrize("code", DEMO_MUNICIPALITIES)
def test_each_role_is_someones_in_each_municipality(code: str):
    staff = [each for each in demo_staff() if each.municipality_code == code]
    assert {role for each in staff for role in each.roles} == set(ROLES)
    assert staff[0].roles == CLINICAL_ROLES, "the first is the nurse whom everybody tries"


@pytest.mark.parametrize("staff", demo_staff(), ids=each_staff)
def test_a_member_of_staff_works_where_the_login_says(staff: DemoStaff):
    if staff.municipality_code is None:
        assert {*staff.roles} <= {*NATIONAL_ROLES}
        assert staff.roles
        assert staff.care_team_id is None
        return
    municipality = BY_CODE[staff.municipality_code]
    assert (staff.cvr, staff.organisation_name) == (municipality.cvr, municipality.full_name)
    teams = {team.id for team in demo_care_teams() if team.municipality_code == staff.municipality_code}
    assert staff.care_team_id is None or staff.care_team_id in teams


def test_only_the_one_login_that_must_fail_has_no_role():
    assert [each.name for each in demo_staff() if not each.roles] == ["Sofie Thygesen"]


def test_the_terminal_names_a_person_for_each_module():
    assert {module for module, _ in demo_logins()} == {"KAM", "Medarbejdermodul", "Borgermodul"}
