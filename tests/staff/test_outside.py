"""A citizen whom other teams follow is opened for a reason that is written down, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.models import OutsideAccess
from followup.outside import LASTS
from identity.actors import StaffActor
from identity.models import AccessEntry, StaffMember
from identity.roles import Role
from notifications.models import Message
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, StaffMemberFactory, open_task, overdue_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

WHY = "Jeg afløser i teamet i dag"


@pytest.fixture
def outsider_client(
    nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> Client:
    """The nurse, logged in for another team than the one that follows the citizen."""
    open_task(citizen)
    CareTeamFactory(municipality=nurse.municipality, login_id="team-2", name="Vægt")
    return client_as(replace(staff_actor(nurse), care_team="team-2", context_name="Vægt"))


def give(client: Client, citizen: Citizen, reason: str = WHY, **more: str) -> str:
    address = reverse("staff:outside", args=[citizen.pk])
    answered = client.post(address, {"reason": reason, **more})
    return str(getattr(answered, "url", answered.status_code))


def test_the_page_asks_why_shows_nothing_and_then_leads_on(outsider_client: Client, citizen: Citizen) -> None:
    own = reverse("staff:citizen", args=[citizen.pk])
    asked = outsider_client.get(own, follow=True)
    page = asked.content.decode()
    assert "Borgeren følges af et andet team" in page
    assert citizen.family_name not in page
    assert not AccessEntry.objects.filter(citizen_id=citizen.pk).exists()

    assert give(outsider_client, citizen, next=own) == own
    assert citizen.family_name in outsider_client.get(own).content.decode()
    [entry] = AccessEntry.objects.filter(citizen_id=citizen.pk)
    assert (entry.purpose, entry.reason) == ("break_the_glass", WHY)


@pytest.mark.parametrize("page", ["response", "assign", "citizen_data"])
def test_no_page_about_them_opens_without_it(outsider_client: Client, citizen: Citizen, page: str) -> None:
    pk = answer(open_task(citizen), at=timezone.now()).pk if page == "response" else citizen.pk
    roles = outsider_client.get(reverse(f"staff:{page}", args=[pk]))
    assert roles.status_code == 302
    assert reverse("staff:outside", args=[citizen.pk]) in roles.url  # type: ignore[attr-defined]


def test_nothing_is_done_to_them_without_it(outsider_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)
    before = Message.objects.count()
    address = reverse("staff:remind", args=[task.pk])
    assert outsider_client.post(address).status_code == 302
    by_script = outsider_client.post(address, headers={"HX-Request": "true"})
    assert reverse("staff:outside", args=[citizen.pk]) in by_script["HX-Redirect"]
    assert Message.objects.count() == before


def test_it_holds_for_a_working_day(
    nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> None:
    open_task(citizen)
    CareTeamFactory(municipality=nurse.municipality, login_id="team-2")
    actor = replace(staff_actor(nurse), care_team="team-2")
    own = reverse("staff:citizen", args=[citizen.pk])
    with time_machine.travel("2026-11-26 09:00+01:00", tick=False) as clock:
        client = client_as(actor)
        give(client, citizen)
        assert client.get(own).status_code == 200
        clock.shift(LASTS + timedelta(minutes=1))
        assert client_as(actor).get(own).status_code == 302


@pytest.mark.parametrize("reason", ["", "  ", "kort"], ids=["empty", "blank", "short"])
def test_a_reason_says_something(outsider_client: Client, citizen: Citizen, reason: str) -> None:
    assert give(outsider_client, citizen, reason) == "422"
    assert not OutsideAccess.objects.exists()


def test_a_reason_holds_no_cpr_number(outsider_client: Client, citizen: Citizen) -> None:
    give(outsider_client, citizen, f"Borger {citizen.cpr} ringede hertil")
    assert citizen.cpr not in OutsideAccess.objects.get().reason


def test_it_leads_nowhere_else(outsider_client: Client, citizen: Citizen) -> None:
    own = reverse("staff:citizen", args=[citizen.pk])
    for elsewhere in ("https://ond.example/", "//ond.example/", "/kam/", "javascript:alert(1)"):
        assert give(outsider_client, citizen, next=elsewhere) == own


def test_whom_nobody_follows_is_nobody_elses(outsider_client: Client, citizen: Citizen) -> None:
    new = CitizenFactory(municipality=citizen.municipality)
    assert outsider_client.get(reverse("staff:citizen", args=[new.pk])).status_code == 200


def test_ones_own_teams_citizen_needs_no_reason(
    nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> None:
    task = open_task(citizen)
    team = task.care_plan.episode.care_team
    team.login_id = "own"
    team.save()
    client = client_as(replace(staff_actor(nurse), care_team="own"))
    assert client.get(reverse("staff:citizen", args=[citizen.pk])).status_code == 200
    assert AccessEntry.objects.get(citizen_id=citizen.pk).purpose == "follow_up"


def test_somebody_elses_reason_is_not_ones_own(
    outsider_client: Client, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> None:
    give(outsider_client, citizen)
    colleague = StaffMemberFactory(municipality=citizen.municipality)
    client = client_as(replace(staff_actor(colleague), care_team="team-2"))
    assert client.get(reverse("staff:citizen", args=[citizen.pk])).status_code == 302


def test_another_municipality_gets_nothing(outsider_client: Client) -> None:
    stranger = CitizenFactory()
    address = reverse("staff:outside", args=[stranger.pk])
    assert outsider_client.get(address).status_code == 404
    assert outsider_client.post(address, {"reason": WHY}).status_code == 404


class TestTheControl:
    @pytest.fixture
    def access(self, outsider_client: Client, citizen: Citizen) -> OutsideAccess:
        give(outsider_client, citizen)
        return OutsideAccess.objects.get()

    @pytest.fixture
    def controller(self, citizen: Citizen, client_as: Callable[[StaffActor], Client]) -> Client:
        member = StaffMemberFactory(municipality=citizen.municipality, name="Karen Kontrol")
        return client_as(staff_actor(member, frozenset({Role.CLINICAL_SUPPORTER})))

    def test_gets_each_of_them_to_look_at(
        self, controller: Client, access: OutsideAccess, citizen: Citizen
    ) -> None:
        listed = reverse("staff:outside_given")
        page = controller.get(listed).content.decode()
        assert WHY in page
        assert citizen.name in page
        assert "1 mangler at blive set igennem" in page
        page = controller.post(reverse("staff:outside_seen", args=[access.pk]), follow=True).content.decode()
        assert "Alle er set igennem" in page
        assert "Karen Kontrol" in page

    def test_nobody_looks_at_their_own(
        self, access: OutsideAccess, nurse: StaffMember, client_as: Callable[[StaffActor], Client]
    ) -> None:
        client = client_as(staff_actor(nurse, frozenset({Role.CLINICAL_SUPPORTER})))
        page = client.post(reverse("staff:outside_seen", args=[access.pk]), follow=True)
        assert "En kollega med samme rolle skal se på det" in page.content.decode()
        access.refresh_from_db()
        assert access.seen_at is None

    def test_not_of_another_municipality(
        self, access: OutsideAccess, client_as: Callable[[StaffActor], Client]
    ) -> None:
        client = client_as(staff_actor(StaffMemberFactory(), frozenset({Role.CLINICAL_SUPPORTER})))
        assert WHY not in client.get(reverse("staff:outside_given")).content.decode()
        assert client.post(reverse("staff:outside_seen", args=[access.pk])).status_code == 404

    def test_nor_by_a_nurse(self, nurse_client: Client) -> None:
        assert nurse_client.get(reverse("staff:outside_given")).status_code == 403
