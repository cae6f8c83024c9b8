"""Whose citizens are whose: the care team that a login was given for, or all of the municipality's."""

from dataclasses import replace

import pytest

from followup.teams import ALL_TEAMS, teams_of
from identity.models import StaffMember
from municipalities.models import CareTeam
from tests import factories
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db


def test_a_role_for_the_whole_unit_is_for_all_teams(nurse: StaffMember) -> None:
    assert nurse.municipality is not None
    assert teams_of(staff_actor(nurse), nurse.municipality) == ALL_TEAMS


@pytest.mark.parametrize("named", ["team-7", "https://careplan.fut.example/fhir/CareTeam/team-7"])
def test_a_role_for_a_team_is_for_that_team(nurse: StaffMember, named: str) -> None:
    assert nurse.municipality is not None
    own = factories.CareTeamFactory(municipality=nurse.municipality, login_id="team-7")
    other = factories.CareTeamFactory(municipality=nurse.municipality)
    teams = teams_of(replace(staff_actor(nurse), care_team=named), nurse.municipality)
    assert teams.ids == (own.pk,)
    assert (teams.holds(own.pk), teams.holds(other.pk)) == (True, False)
    assert list(teams.only(CareTeam.objects.all(), "pk")) == [own]


def test_a_team_that_nobody_knows_yet_follows_nobody(nurse: StaffMember) -> None:
    assert nurse.municipality is not None
    factories.CareTeamFactory(municipality=nurse.municipality)
    factories.CareTeamFactory(login_id="of another municipality")
    for named in ("new", "of another municipality"):
        teams = teams_of(replace(staff_actor(nurse), care_team=named), nurse.municipality)
        assert teams.ids == ()
        assert not teams.only(CareTeam.objects.all(), "pk").exists()
