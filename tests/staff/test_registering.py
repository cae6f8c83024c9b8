"""Staff enter answers given on paper, by telephone or at a meeting, in a browser that says only what a form says."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.access_log import Action, What
from identity.actors import CitizenActor, StaffActor
from identity.models import AccessEntry, StaffMember
from identity.roles import PERMISSIONS, Permission, Role
from plans import services as plans
from plans.models import Task
from privacy.export import everything_about
from privacy.services import erase
from questionnaires import engine
from questionnaires.models import Response
from questionnaires.services import save_answers
from tests.conftest import staff_actor
from tests.factories import (
    CitizenFactory,
    PlanFactory,
    QuestionnaireVersionFactory,
    StaffMemberFactory,
    open_task,
    questionnaire_source,
)
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db


def today() -> str:
    """The day as the form has it. Asked for in each test: a run may go past midnight."""
    return timezone.localdate().strftime("%d-%m-%Y")


def said_now(data: dict[str, Any]) -> dict[str, Any]:
    """What a table of cases has, with the day that it is."""
    return data | {"on": today()} if data["on"] == "today" else data


class Desk:
    """An employee at one task."""

    def __init__(self, client: Client, task: Task) -> None:
        self.client, self.task = client, task
        self.root = reverse("staff:enter", args=[task.pk])

    def look(self, what: str = "") -> Any:
        return self.client.get(self.root + what)

    def begin(self, mode: str = "paper", on: str = "") -> Any:
        return self.client.post(self.root, {"mode": mode, "on": on or today()})

    def save(self, **fields: Any) -> Any:
        return self.client.post(f"{self.root}svar/1/", answers(fields), headers={"HX-Request": "true"})

    def next(self, **fields: Any) -> Any:
        return self.client.post(f"{self.root}side/1/", answers(fields) | {"go": "next"})

    def submit(self) -> Any:
        page = self.look("opsummering/").content.decode()
        found = re.search(r'name="seen" value="(\w+)"', page)
        seen = found[1] if found else ""
        return self.client.post(f"{self.root}opsummering/", {"seen": seen}, follow=True)


def answers(fields: dict[str, Any]) -> dict[str, Any]:
    return {f"a:{name}": value for name, value in fields.items()} | {"asked": ["pain"]}


@pytest.fixture
def task(citizen: Citizen) -> Task:
    return open_task(citizen)


@pytest.fixture
def desk(nurse_client: Client, task: Task) -> Desk:
    return Desk(nurse_client, task)


@pytest.fixture
def citizen_client(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def text(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_the_citizens_page_leads_there(nurse_client: Client, citizen: Citizen, task: Task) -> None:
    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk]))
    assert reverse("staff:enter", args=[task.pk]) in text(page)


def test_from_paper_to_the_citizens_answers(desk: Desk, nurse: StaffMember, citizen_client: Client) -> None:
    assert "Skriv borgerens svar ind" in text(desk.look())
    begun = desk.begin()
    assert begun.url == f"{desk.root}side/1/"
    assert "Du skriver svar ind for Kirsten Holm." in text(desk.look("side/1/"))
    assert "Givet på papir" in text(desk.look("side/1/"))
    assert "Hvor mange dage i denne uge?" in text(desk.save(pain="true"))
    on = desk.next(pain="true", **{"how-much": "3"})
    assert on.url == f"{desk.root}opsummering/"
    assert "Registrér svarene" in text(desk.look("opsummering/"))
    done = desk.submit()

    assert "Svarene er registreret." in text(done)
    response = Response.objects.get()
    assert (response.is_completed, response.mode, response.entered_by) == (True, "paper", nurse)
    assert engine.answers_of(response.document, "how-much") == ({"valueInteger": 3},)
    for_staff = text(desk.client.get(reverse("staff:response", args=[response.pk])))
    assert f"Skrevet ind af {nurse.name}." in for_staff
    own = text(citizen_client.get(reverse("citizens:response", args=[response.pk])))
    assert "Indtastet af din kommune. Du gav svarene på papir" in own
    assert nurse.name not in own


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"on": "today"}, "Vælg, hvordan borgeren har givet svarene."),
        ({"mode": "own", "on": "today"}, "Vælg, hvordan borgeren har givet svarene."),
        ({"mode": "assisted", "on": "today"}, "Vælg, hvordan borgeren har givet svarene."),
        ({"mode": "paper", "on": "32-13-2026"}, "Skriv datoen som dag, måned og år"),
        ({"mode": "paper", "on": "01-01-2099"}, "Datoen ligger i fremtiden"),
        ({"mode": "paper", "on": "01-01-2001"}, "Spørgeskemaet åbnede først"),
    ],
    ids=["no mode", "own", "assisted", "no date", "in the future", "before it opened"],
)
def test_what_cannot_be_is_explained(desk: Desk, data: dict[str, str], says: str) -> None:
    page = desk.client.post(desk.root, said_now(data))
    assert page.status_code == 422
    assert re.search(says, text(page))
    assert not Response.objects.exists()


def test_a_mistake_is_shown_at_its_question(desk: Desk) -> None:
    desk.begin()
    page = desk.next(pain="true", **{"how-much": "mange"})
    assert page.status_code == 422
    assert "error-summary" in text(page)
    assert 'value="mange"' in text(page)


def test_what_is_missing_is_listed_before_it_is_submitted(desk: Desk) -> None:
    desk.begin()
    page = desk.submit()
    assert page.status_code == 422
    assert "Der mangler noget, før svarene kan registreres" in text(page)
    assert f"{desk.root}side/1/?fra=opsummering#" in text(page)


def test_what_a_colleague_changed_meanwhile_is_shown_first(desk: Desk) -> None:
    desk.begin()
    desk.save(pain="false")
    page = desk.client.post(f"{desk.root}opsummering/", {"seen": "of-before"})
    assert page.status_code == 422
    assert "Svarene er ændret, siden du så dem igennem" in text(page)
    assert not Response.objects.get().is_completed


def test_submitting_twice_is_as_once(desk: Desk) -> None:
    desk.begin()
    desk.save(pain="false")
    assert "Svarene er registreret." in text(desk.submit())
    desk.client.post(f"{desk.root}opsummering/", {"seen": "x"})
    assert Response.objects.count() == 1


def test_a_task_that_was_answered_says_so(desk: Desk) -> None:
    desk.begin()
    desk.save(pain="false")
    desk.submit()
    assert "Spørgeskemaet er besvaret." in text(desk.look())
    assert desk.begin().status_code == 422
    for what in ("side/1/", "opsummering/"):
        assert desk.look(what).url == desk.root
    assert desk.save(pain="true").headers["HX-Redirect"] == desk.root


class TestTheCitizenHasBegun:
    @pytest.fixture
    def own(self, task: Task) -> Response:
        return plans.begin_task(task=task, at=timezone.now())

    def test_what_they_answered_is_neither_shown_nor_replaced(self, desk: Desk, own: Response) -> None:
        save_answers(response=own, fields={"note": ["Hemmeligt"]}, at=timezone.now() + timedelta(seconds=1))
        for page in (desk.look(), desk.begin()):
            assert "Borgeren er selv begyndt at svare" in text(page)
            assert "Hemmeligt" not in text(page)
            assert 'name="mode"' not in text(page)
        own.refresh_from_db()
        assert own.mode == Response.Mode.OWN
        assert desk.look("side/1/").url == desk.look("opsummering/").url == desk.root
        assert desk.save(pain="true").headers["HX-Redirect"] == desk.root

    def test_who_has_only_looked_gives_way(self, desk: Desk, own: Response) -> None:
        assert "har ikke svaret på noget" in text(desk.look())
        assert "Begynd forfra her" in text(desk.look())
        desk.begin()
        assert Response.objects.get().mode == Response.Mode.PAPER

    def test_at_the_same_moment(self, desk: Desk, own: Response, monkeypatch: pytest.MonkeyPatch) -> None:
        """It looked untouched, and then the citizen answered."""
        monkeypatch.setattr("plans.registering.begun_by", lambda _task: "citizen_untouched")
        save_answers(response=own, fields={"pain": ["true"]}, at=timezone.now() + timedelta(seconds=1))
        assert "Borgeren er selv begyndt at svare" in text(desk.begin())


class TestTheCitizenMeanwhile:
    @pytest.mark.parametrize("where", ["", "side/1/", "opsummering/"])
    def test_is_told(self, desk: Desk, task: Task, citizen_client: Client, where: str) -> None:
        desk.begin()
        page = citizen_client.get(f"/borger/opgave/{task.pk}/{where}")
        assert page.status_code == 409
        assert "Din kommune er ved at skrive dine svar ind" in text(page)

    def test_cannot_write_into_it(self, desk: Desk, task: Task, citizen_client: Client) -> None:
        desk.begin()
        before = Response.objects.get().document
        for where in ("", "side/1/", "svar/1/", "opsummering/"):
            data = answers({"pain": "true"}) | {"go": "next", "seen": ""}
            assert citizen_client.post(f"/borger/opgave/{task.pk}/{where}", data).status_code == 409
        assert Response.objects.get().document == before

    def test_can_answer_again_when_it_was_thrown_away(
        self, desk: Desk, task: Task, citizen_client: Client
    ) -> None:
        desk.begin()
        assert "Kassér det indtastede" in text(desk.look())
        desk.client.post(f"{desk.root}kasser/")
        assert Response.objects.exists()
        desk.client.post(f"{desk.root}kasser/", {"sure": "yes"})
        assert not Response.objects.exists()
        assert citizen_client.get(f"/borger/opgave/{task.pk}/").status_code == 200


class TestWhoMay:
    @pytest.mark.parametrize("role", Role)
    def test_whose_role_is_about_measurements_and_talking_with_the_citizen(
        self, client_with: Callable[[Role], Client], task: Task, role: Role
    ) -> None:
        allowed = Permission.ENTER_ANSWERS in PERMISSIONS[role]
        assert allowed == (role in {Role.MONITORING_ASSISTOR, Role.MONITORING_ADJUSTER})
        desk = Desk(client_with(role), task)
        assert desk.look().status_code == (200 if allowed else 403)
        assert desk.begin().status_code == (302 if allowed else 403)
        assert Response.objects.exists() is allowed

    @pytest.mark.parametrize("what", ["", "side/1/", "svar/1/", "opsummering/", "kasser/"])
    def test_nobody_of_another_municipality(
        self, desk: Desk, client_as: Callable[[StaffActor], Client], what: str
    ) -> None:
        desk.begin()
        before = Response.objects.get().document
        stranger = client_as(staff_actor(StaffMemberFactory()))
        data = answers({"pain": "true"}) | {"mode": "paper", "on": today(), "go": "next", "sure": "yes"}
        assert stranger.post(desk.root + what, data).status_code == 404
        assert Response.objects.get().document == before

    def test_nobody_for_a_citizen_who_lives_elsewhere(self, nurse_client: Client) -> None:
        assert Desk(nurse_client, open_task(CitizenFactory())).look().status_code == 404


def test_each_step_stands_in_the_log_with_its_task(desk: Desk, task: Task, citizen: Citizen) -> None:
    desk.begin()
    desk.look("side/1/")
    desk.save(pain="false")
    desk.submit()
    entries = AccessEntry.objects.filter(what=What.ENTERING).order_by("pk")
    assert {(each.citizen_id, each.subject_id) for each in entries} == {(citizen.pk, task.pk)}
    assert [each.action for each in entries] == [
        Action.CHANGE,
        Action.READ,
        Action.CHANGE,
        Action.READ,
        Action.CHANGE,
    ]


def test_the_citizen_sees_it_among_who_has_used_their_data(desk: Desk, citizen_client: Client) -> None:
    desk.begin()
    assert "Skrev svar ind for dig" in text(citizen_client.get(reverse("citizens:access")))


def test_the_citizen_has_not_begun_what_staff_enter(desk: Desk, citizen_client: Client) -> None:
    desk.begin()
    desk.save(pain="false")
    page = text(citizen_client.get(reverse("citizens:tasks")))
    assert "Om din dag" in page
    assert "Fortsæt" not in page
    assert "Du er i gang" not in page


@pytest.mark.parametrize("is_own", [True, False], ids=["to the citizen", "to the municipality"])
def test_who_gets_their_data_gets_how_it_came(
    desk: Desk, citizen: Citizen, nurse: StaffMember, is_own: bool
) -> None:
    desk.begin("telephone")
    whom = None if is_own else citizen.municipality
    (entered,) = everything_about(citizen, municipality=whom, at=timezone.now())["responses"]
    assert entered["mode"] == "telephone"
    assert entered["given_on"] == timezone.localdate().isoformat()
    assert entered["entered_by"] == (None if is_own else nurse.name)


def test_a_draft_that_nobody_goes_on_with_goes_with_the_citizens_wish_to_be_erased(
    desk: Desk, citizen: Citizen
) -> None:
    desk.begin()
    erase(citizen_id=citizen.pk, municipality=citizen.municipality, noted_by=None, at=timezone.now())
    assert not Response.objects.exists()


def test_the_number_of_queries_is_the_same_whatever_came_before(
    desk: Desk, citizen: Citizen, nurse: StaffMember
) -> None:
    desk.begin()

    def queries(says: str) -> int:
        with CaptureQueriesContext(connection) as found:
            desk.save(pain=says)
        return len(found)

    first = queries("true")
    for _ in range(5):
        answer(open_task(citizen), at=timezone.now(), score="10")
    assert queries("false") == first


@pytest.mark.parametrize(
    "data",
    [
        {"mode": "paper\x00", "on": "today"},
        {"mode": "paper", "on": "9" * 10_000},
        {"mode": ["paper", "own"], "on": "today"},
        {"mode": "paper", "on": "today", "entered_by": "somebody-else"},
    ],
    ids=["null byte", "long date", "two modes", "somebody else's name"],
)
def test_tampered_fields_do_no_harm(desk: Desk, nurse: StaffMember, data: dict[str, Any]) -> None:
    assert desk.client.post(desk.root, said_now(data)).status_code in {302, 422}
    entered = Response.objects.first()
    assert entered is None or entered.entered_by == nurse


@pytest.mark.parametrize("where", ["side/99/", "svar/99/"])
def test_a_page_that_the_questionnaire_does_not_have(desk: Desk, where: str) -> None:
    desk.begin()
    assert desk.client.post(desk.root + where, {}).status_code == 404


class TestWhatTheQuestionnaireMayHold:
    """The pages are the citizen's: rows that are added and long lists work here, too."""

    def desk_at(self, client: Client, citizen: Citizen, *items: dict[str, Any]) -> Desk:
        source = questionnaire_source()
        source["item"][0]["item"] = list(items)
        version = QuestionnaireVersionFactory(source=source, title=source["title"])
        desk = Desk(client, open_task(citizen, plan=PlanFactory(weekly__version=version)))
        desk.begin()
        return desk

    def test_a_row_is_added_and_filled_in(self, nurse_client: Client, citizen: Citizen) -> None:
        inner = {"linkId": "name", "type": "string", "text": "Hvilken medicin?"}
        group = {"linkId": "medicine", "type": "group", "text": "Medicin", "repeats": True, "item": [inner]}
        desk = self.desk_at(nurse_client, citizen, group)
        shown = text(desk.look("side/1/"))
        button = re.search(r'name="(add-row)"\s+value="([^"]+)"', shown)
        assert button, shown[-3000:]

        added: Any = desk.client.post(f"{desk.root}side/1/", {button[1]: button[2]})

        assert added.status_code == 302
        assert added.url.startswith(f"{desk.root}side/1/#")

    def test_a_long_list_is_searched_on_the_server(self, nurse_client: Client, citizen: Citizen) -> None:
        codes = [{"valueCoding": {"code": f"c{n}", "display": f"Sygdom {n}"}} for n in range(300)]
        question = {"linkId": "illness", "type": "choice", "text": "Hvilken sygdom?", "answerOption": codes}
        desk = self.desk_at(nurse_client, citizen, question)
        found = desk.look("valg/1/?question=illness&s:illness=Sygdom 299")

        assert "Sygdom 299" in text(found)
        assert "Sygdom 12" not in text(found)
        assert desk.look("valg/1/?question=nothing").status_code == 404
