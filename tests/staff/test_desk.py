"""Beside the plans: notes about a citizen, an employee's own list, and what colleagues ask of each other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup import errands
from followup.models import CitizenNote, Errand, Following
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import CareTeam, Municipality
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, StaffMemberFactory, open_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
Acting = Callable[..., Client]


def page_of(client: Client, view: str, *args: Any, status: int = 200, **query: str) -> str:
    answered = client.get(reverse(f"staff:{view}", args=args), query)
    assert answered.status_code == status
    return str(answered.content.decode())


@pytest.fixture
def colleague(municipality: Municipality) -> StaffMember:
    made: StaffMember = StaffMemberFactory(municipality=municipality, name="Karen Kollega")
    return made


@pytest.fixture
def team(municipality: Municipality) -> CareTeam:
    return municipality.care_teams.get()


class TestNotes:
    def write(self, client: Client, citizen: Citizen, text: str, *, htmx: bool = True) -> str:
        address = reverse("staff:write_note", args=[citizen.pk])
        answered = client.post(address, {"text": text}, headers=HTMX if htmx else {}, follow=True)
        assert answered.status_code == 200
        return str(answered.content.decode())

    def test_stand_newest_first_with_who_wrote_them(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen
    ) -> None:
        self.write(nurse_client, citizen, "Ringet op, intet svar")
        part = self.write(nurse_client, citizen, "Talt med datteren")
        assert part.index("Talt med datteren") < part.index("Ringet op")
        assert nurse.name in part
        assert "<html" not in part
        assert "Talt med datteren" in page_of(nurse_client, "citizen", citizen.pk)

    def test_without_a_script_one_is_back_on_the_citizens_page(
        self, nurse_client: Client, citizen: Citizen
    ) -> None:
        page = self.write(nurse_client, citizen, "Ringet op", htmx=False)
        assert "Noten er gemt." in page
        assert "Ringet op" in page
        assert "Skriv noten." in self.write(nurse_client, citizen, " ", htmx=False)

    def test_hold_no_cpr_number(self, nurse_client: Client, citizen: Citizen) -> None:
        part = self.write(nurse_client, citizen, f"Ægtefælle {citizen.cpr} ringede")
        assert citizen.cpr not in part
        assert CitizenNote.objects.get().text == "Ægtefælle ••••••-•••• ringede"

    @pytest.mark.parametrize(("text", "why"), [(" ", "Skriv noten."), ("x" * 2001, "Teksten er for lang.")])
    def test_say_something_and_not_too_much(
        self, nurse_client: Client, citizen: Citizen, text: str, why: str
    ) -> None:
        part = self.write(nurse_client, citizen, text)
        assert why in part
        assert not CitizenNote.objects.exists()

    @pytest.mark.parametrize("role", [Role.CITIZEN_ENROLLER, Role.CLINICAL_VIEWER])
    def test_whoever_may_see_the_citizen_writes(
        self, client_with: Acting, citizen: Citizen, role: Role
    ) -> None:
        assert "Hej" in self.write(client_with(role), citizen, "Hej")

    def test_nobody_else(self, client_with: Acting, nurse_client: Client, citizen: Citizen) -> None:
        address = reverse("staff:write_note", args=[citizen.pk])
        assert client_with(Role.LOGIN_ASSISTOR).post(address, {"text": "x"}).status_code == 403
        stranger = reverse("staff:write_note", args=[CitizenFactory().pk])
        assert nurse_client.post(stranger, {"text": "x"}).status_code == 404
        assert not CitizenNote.objects.exists()


class TestTheOwnList:
    def toggle(self, client: Client, citizen: Citizen, view: str, *, htmx: bool = True) -> str:
        address = reverse(f"staff:{view}", args=[citizen.pk])
        return client.post(address, headers=HTMX if htmx else {}, follow=True).content.decode()

    def test_is_ones_own_and_twice_is_as_once(
        self,
        nurse_client: Client,
        nurse: StaffMember,
        colleague: StaffMember,
        citizen: Citizen,
        client_as: Acting,
    ) -> None:
        for _ in range(2):
            assert "Fjern fra min liste" in self.toggle(nurse_client, citizen, "follow")
        assert Following.objects.get().staff_member == nurse
        assert "Fjern fra min liste" in page_of(nurse_client, "citizen", citizen.pk)
        theirs = client_as(staff_actor(colleague))
        assert "Sæt på min liste" in page_of(theirs, "citizen", citizen.pk)
        self.toggle(theirs, citizen, "unfollow")
        assert Following.objects.exists()
        for _ in range(2):
            assert "Sæt på min liste" in self.toggle(nurse_client, citizen, "unfollow")
        assert not Following.objects.exists()

    def test_works_without_a_script(self, nurse_client: Client, citizen: Citizen) -> None:
        page = self.toggle(nurse_client, citizen, "follow", htmx=False)
        assert "Borgeren er på din liste." in page
        assert "Fjern fra min liste" in page

    @pytest.mark.parametrize("view", ["follow", "unfollow"])
    def test_not_with_another_municipalitys_citizen(self, nurse_client: Client, view: str) -> None:
        address = reverse(f"staff:{view}", args=[CitizenFactory().pk])
        assert nurse_client.post(address).status_code == 404


class TestErrands:
    def ask(self, client: Client, citizen: Citizen, asked: object, query: str = "", **more: str) -> Any:
        sort = "team" if isinstance(asked, CareTeam) else "member"
        given = {"whom": f"{sort}-{getattr(asked, 'pk', '')}", "text": "Ring om medicinen", **more}
        return client.post(reverse("staff:ask", args=[citizen.pk]) + query, given)

    def test_a_colleague_finds_it_and_does_it(
        self,
        nurse_client: Client,
        nurse: StaffMember,
        colleague: StaffMember,
        citizen: Citizen,
        client_as: Acting,
    ) -> None:
        asked = self.ask(nurse_client, citizen, colleague)
        assert asked.url == reverse("staff:citizen", args=[citizen.pk])
        theirs = client_as(staff_actor(colleague))
        page = page_of(theirs, "errands")
        assert "Ring om medicinen" in page
        assert f"{nurse.name} bad Karen Kollega om det" in page
        assert "Opgaver (1)" in page
        assert "Det har du bedt andre om" in page_of(nurse_client, "errands")

        errand = Errand.objects.get()
        row = theirs.post(reverse("staff:finish_errand", args=[errand.pk]), headers=HTMX).content.decode()
        assert "Løst" in row
        assert "Fortryd" in row
        assert "Opgaver (" not in page_of(theirs, "errands")
        # Who asked sees that it is done, and by whom.
        assert "Karen Kollega" in page_of(nurse_client, "errands")
        theirs.post(reverse("staff:take_back_errand", args=[errand.pk]))
        assert "Opgaver (1)" in page_of(theirs, "errands")

    def test_a_teams_is_each_of_its_members_and_nobody_elses(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen, team: CareTeam, client_as: Acting
    ) -> None:
        CareTeam.objects.filter(pk=team.pk).update(login_id="own")
        CareTeamFactory(municipality=team.municipality, login_id="other")
        self.ask(nurse_client, citizen, team)
        member, other = (
            client_as(
                replace(staff_actor(StaffMemberFactory(municipality=team.municipality)), care_team=name)
            )
            for name in ("own", "other")
        )
        assert "Ring om medicinen" in page_of(member, "errands")
        assert "Ring om medicinen" not in page_of(other, "errands")
        # Who works for the whole municipality works for all of its teams.
        assert "Opgaver (1)" in page_of(nurse_client, "errands")

    def test_about_an_answer_leads_to_it(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen, client_with: Acting
    ) -> None:
        response = answer(open_task(citizen), at=timezone.now())
        own = reverse("staff:response", args=[response.pk])
        assert f'href="{reverse("staff:ask", args=[citizen.pk])}?svar={response.pk}"' in page_of(
            nurse_client, "response", response.pk
        )
        asked = self.ask(nurse_client, citizen, nurse, f"?svar={response.pk}")
        assert asked.url == own
        assert own in page_of(nurse_client, "errands")
        assert own not in page_of(client_with(Role.CITIZEN_ENROLLER), "errands")
        others = answer(open_task(CitizenFactory(municipality=citizen.municipality)), at=timezone.now())
        assert self.ask(nurse_client, citizen, nurse, f"?svar={others.pk}").status_code == 404
        assert page_of(nurse_client, "ask", citizen.pk, svar="x")

    def test_what_is_late_says_so_and_stands_first(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen
    ) -> None:
        self.ask(nurse_client, citizen, nurse, text="Uden dag")
        self.ask(nurse_client, citizen, nurse, due_on=timezone.localdate().strftime("%d-%m-%Y"))
        assert "Senest " in page_of(nurse_client, "errands")
        Errand.objects.exclude(due_on=None).update(due_on=timezone.localdate() - timedelta(days=1))
        page = page_of(nurse_client, "errands")
        assert "Skulle være gjort" in page
        assert page.index("Ring om medicinen") < page.index("Uden dag")

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            ({"text": " "}, "Skriv, hvad der skal gøres."),
            ({"whom": ""}, "Vælg en kollega eller et team."),
            ({"due_on": "01-01-2020"}, "Datoen ligger i fortiden."),
            ({"due_on": "snart"}, "Skriv datoen som dag, måned og år"),
        ],
    )
    def test_says_whom_and_what(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen, more: dict[str, str], why: str
    ) -> None:
        refused = self.ask(nurse_client, citizen, nurse, **more)
        assert refused.status_code == 422
        assert why in refused.content.decode()
        assert not Errand.objects.exists()

    def test_goes_to_nobody_who_is_not_here(
        self, nurse_client: Client, citizen: Citizen, colleague: StaffMember
    ) -> None:
        StaffMember.objects.filter(pk=colleague.pk).update(
            last_login_at=timezone.now() - errands.SEEN_WITHIN - timedelta(hours=1)
        )
        for whom in (colleague, StaffMemberFactory(), CareTeamFactory()):
            assert self.ask(nurse_client, citizen, whom).status_code == 422

    def test_the_use_case_itself_refuses_another_municipalitys(
        self, nurse: StaffMember, citizen: Citizen, municipality: Municipality
    ) -> None:
        given: dict[str, Any] = {"text": "x", "by": nurse, "at": timezone.now(), "municipality": municipality}
        for whom in ({}, {"for_member": StaffMemberFactory()}, {"for_team": CareTeamFactory()}):
            with pytest.raises(errands.ErrandRefused):
                errands.ask(citizen=citizen, **given, **whom)

    def test_holds_no_cpr_number(self, nurse_client: Client, nurse: StaffMember, citizen: Citizen) -> None:
        self.ask(nurse_client, citizen, nurse, text=f"Se {citizen.cpr}")
        assert citizen.cpr not in Errand.objects.get().text

    def test_is_done_by_one_and_taken_back_by_who_did_or_asked(
        self, nurse: StaffMember, colleague: StaffMember, citizen: Citizen, team: CareTeam, client_as: Acting
    ) -> None:
        errand = errands.ask(
            citizen=citizen,
            municipality=citizen.municipality,
            text="x",
            by=nurse,
            at=timezone.now(),
            for_team=team,
        )
        first = errands.finish(errand=errand, by=colleague, at=timezone.now())
        assert errands.finish(errand=errand, by=colleague, at=timezone.now()).done_at == first.done_at
        third = client_as(staff_actor(StaffMemberFactory(municipality=citizen.municipality)))
        for view in ("finish_errand", "take_back_errand"):
            page = third.post(reverse(f"staff:{view}", args=[errand.pk]), follow=True).content.decode()
            assert "opgaven" in page.lower()
            errand.refresh_from_db()
            assert errand.done_by == colleague
        assert errands.take_back(errand=errand, by=nurse).done_by is None

    def test_another_municipalitys_is_not_there(self, nurse_client: Client, citizen: Citizen) -> None:
        stranger = CitizenFactory()
        by = StaffMemberFactory(municipality=stranger.municipality)
        theirs = errands.ask(
            citizen=stranger,
            municipality=stranger.municipality,
            text="Hemmelig",
            by=by,
            at=timezone.now(),
            for_member=by,
        )
        assert "Hemmelig" not in page_of(nurse_client, "errands")
        for view in ("finish_errand", "take_back_errand"):
            assert nurse_client.post(reverse(f"staff:{view}", args=[theirs.pk])).status_code == 404
        page_of(nurse_client, "ask", stranger.pk, status=404)

    def test_the_list_asks_as_often_for_many_as_for_one_and_stops(
        self, nurse_client: Client, nurse: StaffMember, municipality: Municipality
    ) -> None:
        def more(number: int) -> None:
            for person in CitizenFactory.create_batch(number, municipality=municipality):
                errands.ask(
                    citizen=person,
                    municipality=municipality,
                    text="x",
                    by=nurse,
                    at=timezone.now(),
                    for_member=nurse,
                )

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page_of(nurse_client, "errands")
            return len(asked)

        more(1)
        few = queries()
        more(100)
        assert queries() == few
        page = page_of(nurse_client, "errands")
        assert "Opgaver (99+)" in page
        assert len({UUID(part[:36]) for part in page.split('id="errand-')[1:]}) == 50
        assert "Her står de første 50" in page
