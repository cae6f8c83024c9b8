"""Whom to call: the overview's lists, what narrows and sorts them, and what is done on them."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.models import Attention, Following, SavedView
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from questionnaires import use_counts
from questionnaires.models import Response
from tests.conftest import staff_actor
from tests.factories import (
    CareTeamFactory,
    CitizenFactory,
    PlanFactory,
    QuestionnaireVersionFactory,
    StaffMemberFactory,
    assign,
    open_task,
    overdue_task,
)
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

OVERVIEW = "/medarbejder/"


def page_of(client: Client, **choice: str) -> str:
    answered = client.get(OVERVIEW, choice)
    assert answered.status_code == 200
    return str(answered.content.decode())


def listed(page: str) -> list[str]:
    """The answers on a page, in their order."""
    return re.findall(r'id="answer-([0-9a-f-]{36})"', page)


def number_in(page: str, tab: str) -> str:
    [number] = re.findall(rf'>{tab} <span class="overview-number">([^<]*)<', page)
    return str(number)


def new_answer(citizen: Citizen, hours_ago: float = 1, **marks: Any) -> Response:
    made = answer(open_task(citizen), at=timezone.now() - timedelta(hours=hours_ago), score="50")
    if marks:
        Attention.objects.filter(pk=made.pk).update(**marks)
    return made


@pytest.fixture
def other(municipality: Municipality) -> Citizen:
    made: Citizen = CitizenFactory(municipality=municipality, given_name="Erik", family_name="Falk")
    return made


class TestAnswers:
    def test_new_ones_stand_newest_first_until_somebody_has_handled_them(
        self, nurse_client: Client, citizen: Citizen, nurse: StaffMember
    ) -> None:
        old, newer = new_answer(citizen, 24 * 40), new_answer(citizen, 2)
        handled = new_answer(citizen, 1, handled_at=timezone.now(), handled_by=nurse)
        page = page_of(nurse_client)
        assert listed(page) == [str(newer.pk), str(old.pk)]
        assert number_in(page, "Nye svar") == "2"
        assert listed(page_of(nurse_client, fane="haandterede")) == [str(handled.pk)]

    def test_the_oldest_first_where_one_likes(self, nurse_client: Client, citizen: Citizen) -> None:
        made = [new_answer(citizen, hours) for hours in (3, 1, 2)]
        page = page_of(nurse_client, foerst="aeldste")
        assert listed(page) == [str(made[0].pk), str(made[2].pk), str(made[1].pk)]

    def test_marked_ones_stand_by_how_serious_they_are(self, nurse_client: Client, citizen: Citizen) -> None:
        yellow = new_answer(citizen, 1, colour="yellow")
        worse = new_answer(citizen, 2, colour="yellow", worsened=True)
        red = new_answer(citizen, 3, colour="red")
        for colour in ("", "green"):
            new_answer(citizen, 1, colour=colour)
        page = page_of(nurse_client, fane="markerede")
        assert listed(page) == [str(one.pk) for one in (red, worse, yellow)]
        assert number_in(page, "Markerede") == "3"
        # A word and a shape, never the colour alone.
        assert re.search(r"significance-shape.*?Rød", page, re.DOTALL)
        assert "Alvorligere end sidst" in page

    def test_one_that_was_corrected_is_listed_once(self, nurse_client: Client, citizen: Citizen) -> None:
        former = new_answer(citizen, 2)
        correction = Response.objects.create(
            citizen=citizen, municipality=citizen.municipality, version=former.version, replaces=former,
            status="completed", document=former.document, started_at=former.started_at,
            saved_at=former.saved_at, completed_at=timezone.now(),
        )  # fmt: skip
        assert listed(page_of(nurse_client)) == []
        assert correction.replaces == former

    def test_who_may_see_no_answers_gets_no_list_of_them(
        self, client_with: Callable[[Role], Client], citizen: Citizen
    ) -> None:
        made = new_answer(citizen)
        enroller = client_with(Role.CITIZEN_ENROLLER)
        for tab in ("", "nye", "markerede", "haandterede"):
            page = page_of(enroller, **({"fane": tab} if tab else {}))
            assert str(made.pk) not in page
            assert "Din rolle giver ikke adgang til borgernes svar" in page
            assert "Nye svar" not in page


class TestCitizens:
    def test_who_is_late_stands_longest_first(
        self, nurse_client: Client, citizen: Citizen, other: Citizen
    ) -> None:
        overdue_task(citizen, days=2)
        overdue_task(other, days=9)
        page = page_of(nurse_client, fane="over-fristen")
        assert page.index("Erik Falk") < page.index("Kirsten Holm")
        assert "10 dage over fristen" in page
        assert number_in(page, "Over fristen") == "2"

    def test_silent_is_who_has_let_two_pass_and_not_answered_since(
        self, nurse_client: Client, citizen: Citizen, other: Citizen, municipality: Municipality
    ) -> None:
        slipped = CitizenFactory(municipality=municipality, given_name="Sanne", family_name="Slip")
        overdue_task(slipped, days=9)
        for person in (citizen, other):
            overdue_task(person, days=9)
            overdue_task(person, days=4)
        new_answer(other)
        new_answer(citizen, hours_ago=24 * 30)
        page = page_of(nurse_client, fane="tavse")
        assert "Kirsten Holm" in page
        assert "Erik Falk" not in page
        assert "Sanne Slip" not in page
        assert number_in(page, "Tavse") == "1"


class TestWhereOneBegins:
    def opened(self, client: Client) -> str:
        [tab] = re.findall(r'aria-current="page">([^<]*?) ?<', page_of(client).partition("overview-tabs")[2])
        return str(tab)

    def test_where_somebody_waits(self, nurse_client: Client, citizen: Citizen) -> None:
        assert self.opened(nurse_client) == "Nye svar"
        overdue_task(citizen)
        assert self.opened(nurse_client) == "Over fristen"
        made = new_answer(citizen)
        assert self.opened(nurse_client) == "Nye svar"
        Attention.objects.filter(pk=made.pk).update(colour="red")
        assert self.opened(nurse_client) == "Markerede"


class TestNarrowing:
    def test_to_a_team(self, nurse_client: Client, citizen: Citizen, other: Citizen) -> None:
        new_answer(citizen)
        team = CareTeamFactory(municipality=citizen.municipality, name="Aa-team")
        theirs = new_answer(other)
        assert listed(page_of(nurse_client, team=str(team.pk))) == [str(theirs.pk)]

    def test_to_a_questionnaire(self, nurse_client: Client, citizen: Citizen) -> None:
        new_answer(citizen)
        version = QuestionnaireVersionFactory(title="Om søvn")
        task = assign(citizen, plan=PlanFactory(weekly=0, weekly__version=version)).tasks.get()
        about_sleep = answer(task, at=timezone.now())
        use_counts.count(at=timezone.now() + timedelta(seconds=1))
        page = page_of(nurse_client, skema=str(version.questionnaire_id))
        assert listed(page) == [str(about_sleep.pk)]
        assert re.search(r'<option value="[^"]*" selected>Om søvn', page)

    def test_to_ones_own_list(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen, other: Citizen
    ) -> None:
        new_answer(other)
        overdue_task(other)
        own = new_answer(citizen)
        Following.objects.create(
            staff_member=nurse, citizen=citizen, municipality=citizen.municipality, since=timezone.now()
        )
        colleague = StaffMemberFactory(municipality=citizen.municipality)
        Following.objects.create(
            staff_member=colleague, citizen=other, municipality=citizen.municipality, since=timezone.now()
        )
        page = page_of(nurse_client, liste="egne")
        assert listed(page) == [str(own.pk)]
        assert number_in(page, "Over fristen") == "0"

    @pytest.mark.parametrize("nonsense", ["x", "-1", "9" * 30, "%00", "'; DROP TABLE"])
    def test_nonsense_in_the_address_is_as_if_it_were_not_there(
        self, nurse_client: Client, citizen: Citizen, nonsense: str
    ) -> None:
        made = new_answer(citizen)
        choice = dict.fromkeys(("fane", "team", "skema", "liste", "foerst", "fra"), nonsense)
        assert listed(page_of(nurse_client, **choice)) == [str(made.pk)]

    def test_a_login_for_one_team_sees_that_teams(
        self, nurse: StaffMember, citizen: Citizen, other: Citizen, client_as: Callable[[StaffActor], Client]
    ) -> None:
        theirs = new_answer(other)
        overdue_task(other)
        team = CareTeamFactory(municipality=citizen.municipality, name="Aa-team", login_id="aa")
        own = new_answer(citizen)
        client = client_as(replace(staff_actor(nurse), care_team="aa"))
        page = page_of(client)
        assert listed(page) == [str(own.pk)]
        assert number_in(page, "Over fristen") == "0"
        others_team = theirs.attention.care_team_id
        assert others_team != team.pk
        assert listed(page_of(client, team=str(others_team))) == [str(own.pk)]

    def test_a_login_for_a_team_that_is_new_to_us_says_so(
        self, nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
    ) -> None:
        new_answer(citizen)
        page = page_of(client_as(replace(staff_actor(nurse), care_team="new")))
        assert listed(page) == []
        assert "Dit team findes ikke her endnu" in page


def test_another_municipalitys_answers_are_not_there(nurse_client: Client, citizen: Citizen) -> None:
    stranger = CitizenFactory()
    theirs = new_answer(stranger)
    overdue_task(stranger)
    overdue_task(stranger, days=9)
    for tab in ("nye", "markerede", "haandterede", "over-fristen", "tavse"):
        page = page_of(nurse_client, fane=tab)
        assert str(theirs.pk) not in page
        assert str(stranger.pk) not in page
    for act in ("handle", "take_back"):
        assert nurse_client.post(reverse(f"staff:{act}", args=[theirs.pk])).status_code == 404


class TestHandling:
    def act(self, client: Client, what: str, made: Response, **fields: str) -> str:
        address = reverse(f"staff:{what}", args=[made.pk])
        headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{OVERVIEW}?fane=nye"}
        answered = client.post(address, fields, headers=headers)
        assert answered.status_code == 200
        return str(answered.content.decode())

    def test_says_by_whom_and_when_and_can_be_taken_back(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen
    ) -> None:
        made = new_answer(citizen)
        row = self.act(nurse_client, "handle", made, note="Ringet op, kommer fredag.")
        assert listed(row) == [str(made.pk)]
        assert nurse.name in row
        assert "Ringet op, kommer fredag." in row
        assert number_in(row, "Nye svar") == "0"
        assert listed(page_of(nurse_client)) == []

        row = self.act(nurse_client, "take_back", made)
        assert number_in(row, "Nye svar") == "1"
        attention = Attention.objects.get(pk=made.pk)
        assert (attention.handled_at, attention.handled_by, attention.note) == (None, None, "")

    def test_without_a_script_one_comes_back_to_where_one_was(
        self, nurse_client: Client, citizen: Citizen
    ) -> None:
        made = new_answer(citizen)
        back = f"{OVERVIEW}?fane=markerede"
        answered = nurse_client.post(reverse("staff:handle", args=[made.pk]), {"next": back})
        assert (answered.status_code, answered.url) == (302, back)  # type: ignore[attr-defined]
        for elsewhere in ("https://ond.example/", "//ond.example", "/kam/"):
            answered = nurse_client.post(reverse("staff:take_back", args=[made.pk]), {"next": elsewhere})
            assert answered.url == OVERVIEW  # type: ignore[attr-defined]

    def test_a_colleague_who_was_faster_is_named(self, nurse_client: Client, citizen: Citizen) -> None:
        colleague = StaffMemberFactory(municipality=citizen.municipality, name="Karen Kollega")
        made = new_answer(citizen, handled_at=timezone.now(), handled_by=colleague, note="Talt med datter")
        row = self.act(nurse_client, "handle", made, note="Min note")
        assert "En kollega har allerede håndteret svaret" in row
        assert "Karen Kollega" in row
        assert Attention.objects.get(pk=made.pk).note == "Talt med datter"

    def test_twice_is_as_once_and_keeps_the_note(self, nurse_client: Client, citizen: Citizen) -> None:
        made = new_answer(citizen)
        self.act(nurse_client, "handle", made, note="Ringet op")
        self.act(nurse_client, "handle", made)
        assert Attention.objects.get(pk=made.pk).note == "Ringet op"

    def test_a_note_holds_no_cpr_number(self, nurse_client: Client, citizen: Citizen) -> None:
        made = new_answer(citizen)
        self.act(nurse_client, "handle", made, note=f"Ægtefælle {citizen.cpr}")
        assert citizen.cpr not in Attention.objects.get(pk=made.pk).note

    def test_a_note_that_is_too_long_handles_nothing(self, nurse_client: Client, citizen: Citizen) -> None:
        made = new_answer(citizen)
        assert "Teksten er for lang" in self.act(nurse_client, "handle", made, note="x" * 2001)
        assert not Attention.objects.get(pk=made.pk).is_handled

    def test_who_may_only_look_handles_nothing(self, viewer_client: Client, citizen: Citizen) -> None:
        made = new_answer(citizen)
        assert "Ikke håndteret" in page_of(viewer_client)
        assert viewer_client.post(reverse("staff:handle", args=[made.pk])).status_code == 403


class TestSavedViews:
    def save(self, client: Client, name: str, query: str = "fane=markerede&liste=egne") -> Any:
        given = {"name": name, "next": f"{OVERVIEW}?{query}"}
        return client.post(reverse("staff:save_view"), given, follow=True)

    def test_a_choice_is_kept_under_a_name(self, nurse_client: Client) -> None:
        page = self.save(nurse_client, "Mine røde").content.decode()
        assert "Visningen »Mine røde« er gemt." in page
        assert '<a href="/medarbejder/?fane=markerede&amp;liste=egne">Mine røde</a>' in page

    def test_the_same_name_again_takes_its_place(self, nurse_client: Client) -> None:
        self.save(nurse_client, "Min")
        self.save(nurse_client, "Min", "fane=tavse")
        assert SavedView.objects.get().choices == {"fane": "tavse"}

    def test_a_name_is_needed(self, nurse_client: Client) -> None:
        assert "Skriv et navn til visningen." in self.save(nurse_client, " ").content.decode()
        assert not SavedView.objects.exists()

    def test_it_is_ones_own(
        self, nurse_client: Client, citizen: Citizen, client_as: Callable[[StaffActor], Client]
    ) -> None:
        self.save(nurse_client, "Min")
        colleague = client_as(staff_actor(StaffMemberFactory(municipality=citizen.municipality)))
        assert "Min</a>" not in page_of(colleague)
        view = SavedView.objects.get()
        colleague.post(reverse("staff:delete_view", args=[view.pk]))
        assert SavedView.objects.exists()
        nurse_client.post(reverse("staff:delete_view", args=[view.pk]))
        assert not SavedView.objects.exists()


def made_up(*values: list[str]) -> str:
    return urlsafe_b64encode(json.dumps(["f", *values]).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "values",
    [
        (["t", "2026-11-01T10:00:00+00:00"], ["i", "7"]),
        (["t", "2026-11-01T10:00:00+00:00"], ["s", "a"]),
        (["s", "a"], ["s", "b"]),
        (["i", "1"], ["t", "2026-11-01T10:00:00+00:00"]),
    ],
    ids=["number", "text", "texts", "the wrong way round"],
)
def test_a_place_that_somebody_made_up_is_the_beginning(
    nurse_client: Client, citizen: Citizen, values: tuple[list[str], ...]
) -> None:
    made = answer(open_task(citizen), at=timezone.now())
    for _ in range(2):
        assert listed(page_of(nurse_client, fra=made_up(*values))) == [str(made.pk)]


TABS = ["nye", "markerede", "haandterede", "over-fristen", "tavse"]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_asks_as_often_for_many_rows_as_for_few(
    nurse_client: Client, municipality: Municipality, nurse: StaffMember, tab: str
) -> None:
    def life() -> None:
        person = CitizenFactory(municipality=municipality)
        for _ in range(2):
            overdue_task(person)
        for marks in ({"colour": "red"}, {"handled_at": timezone.now(), "handled_by": nurse}):
            made = answer(open_task(person), at=timezone.now() - timedelta(days=40))
            Attention.objects.filter(pk=made.pk).update(**marks)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page_of(nurse_client, fane=tab)
        return len(asked)

    life()
    few = queries()
    for _ in range(4):
        life()
    assert queries() == few <= 15
