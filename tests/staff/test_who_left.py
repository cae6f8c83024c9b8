"""What somebody did for a citizen stays, with their name, when they work in another municipality now."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.notes import write_note
from identity.models import StaffMember
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from tests.factories import MunicipalityFactory, PlanFactory, StaffMemberFactory, assign

pytestmark = pytest.mark.django_db


@pytest.fixture
def who_left(citizen: Citizen, municipality: Municipality) -> StaffMember:
    """Gave the citizen a plan and wrote a note, and has logged in at another place since."""
    member = StaffMemberFactory(municipality=municipality, name="Sanne Flyttet")
    assign(citizen, plan=PlanFactory(title="Træning efter faldet"), by=member)
    write_note(citizen=citizen, text="Ringet op", by=member, municipality=municipality, at=timezone.now())
    member.municipality = MunicipalityFactory()
    member.save()
    return member


def test_their_plans_and_notes_are_shown_with_their_name(
    nurse_client: Client, citizen: Citizen, who_left: StaffMember
) -> None:
    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()
    assert "Træning efter faldet" in page
    assert "Ringet op" in page
    assert "Sanne Flyttet" in page


def test_each_place_where_somebody_worked_reads_their_name_and_no_other_does(
    who_left: StaffMember, municipality: Municipality
) -> None:
    there = who_left.municipality
    assert there is not None
    for place, is_known in ((municipality, True), (there, True), (MunicipalityFactory(), False)):
        with within(Scope.municipality(place.pk)):
            assert StaffMember.objects.filter(pk=who_left.pk).exists() is is_known
    with within(Scope.municipality(municipality.pk)):
        assert StaffMember.objects.filter(pk=who_left.pk).update(name="Andet") == 0


def test_a_place_is_not_forgotten(who_left: StaffMember, municipality: Municipality) -> None:
    StaffMember.objects.filter(pk=who_left.pk).update(worked_in=[], municipality=None)
    who_left.refresh_from_db()
    assert municipality.pk in who_left.worked_in
    assert len(who_left.worked_in) == 2
