"""Staff correct what they entered, within the plan's days: the former stays, and the citizen and FUT are told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.access_log import Action, What
from identity.actors import CitizenActor, StaffActor
from identity.models import AccessEntry, StaffMember
from identity.roles import PERMISSIONS, Permission, Role
from outbox.models import Event, EventName
from plans import correcting, registering
from plans import services as plans
from plans.models import CarePlan, Task
from questionnaires import engine
from questionnaires.models import Response
from questionnaires.services import Given, save_answers
from tests.conftest import staff_actor
from tests.factories import PlanFactory, StaffMemberFactory, open_task
from tests.staff.test_registering import Desk, text, today

pytestmark = pytest.mark.django_db

DAYS = 3


def entered(citizen: Citizen, *, at: datetime | None = None, days: int = DAYS) -> Task:
    """A task whose answers a colleague has entered from paper."""
    at = at or timezone.now()
    colleague = StaffMemberFactory(municipality=citizen.municipality, name="Bo Kollega")
    task = open_task(citizen, plan=PlanFactory(correction_days=days), at=at)
    given = Given(mode=Response.Mode.PAPER, on=timezone.localdate(at), entered_by=colleague)
    draft = registering.begin(task=task, given=given, at=at)
    save_answers(response=draft, fields={"pain": ["false"], "note": ["Sover godt"]}, at=at)
    return registering.submit(task=task, by=colleague, at=at)


@pytest.fixture
def task(citizen: Citizen) -> Task:
    return entered(citizen)


@pytest.fixture
def desk(nurse_client: Client, task: Task) -> Desk:
    return Desk(nurse_client, task)


@pytest.fixture
def citizen_client(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def begin(desk: Desk) -> Any:
    return desk.client.post(f"{desk.root}ret/")


def answer_page(client: Client, task: Task) -> str:
    task.refresh_from_db()
    return text(client.get(reverse("staff:response", args=[task.response_id])))


def test_from_the_answers_page_to_the_corrected_answers(
    desk: Desk, task: Task, nurse: StaffMember, citizen_client: Client
) -> None:
    former = task.response
    assert former is not None
    page = answer_page(desk.client, task)
    assert "Er noget skrevet forkert ind?" in page
    assert f'action="{desk.root}ret/"' in page

    assert begin(desk).url == f"{desk.root}opsummering/"
    page = text(desk.look("opsummering/"))
    assert "Sover godt" in page
    assert "Registrér rettelsen" in page
    assert "Du retter svar, der er skrevet ind for Kirsten Holm." in page
    task.refresh_from_db()
    assert task.response_id == former.pk, "until it is registered the answer is as it was"
    desk.save(pain="false", note="Sover dårligt")
    done = desk.submit()

    assert "Rettelsen er registreret." in text(done)
    task.refresh_from_db()
    correction = task.response
    assert correction is not None
    assert (correction.replaces, correction.entered_by, correction.mode) == (former, nurse, "paper")
    assert correction.given_on == former.given_on
    former.refresh_from_db()
    assert engine.answers_of(former.document, "note") == ({"valueString": "Sover godt"},)
    assert former.entered_by is not None
    assert former.entered_by.name == "Bo Kollega"
    page = answer_page(desk.client, task)
    assert "Rettet af kommunen" in page
    assert "Sover godt" in page
    assert "Sover dårligt" in page
    earlier = text(desk.client.get(reverse("staff:edition", args=[former.pk])))
    assert "Kommunen har rettet svaret siden" in earlier
    own = text(citizen_client.get(reverse("citizens:response", args=[correction.pk])))
    assert "Din kommune har rettet det, der blev skrevet ind." in own
    assert nurse.name not in own
    assert "Din kommune har rettet svaret siden." in text(
        citizen_client.get(reverse("citizens:response", args=[former.pk]))
    )


def test_fut_is_told_as_of_a_citizens_correction(desk: Desk, task: Task) -> None:
    former = task.response_id
    begin(desk)
    desk.save(pain="false", note="Sover dårligt")
    desk.submit()
    task.refresh_from_db()
    told = Event.objects.filter(name__startswith="response").order_by("pk")
    assert list(told.values_list("name", "subject_id")) == [
        (EventName.RESPONSE_COMPLETED, former),
        (EventName.RESPONSE_COMPLETED, task.response_id),
        (EventName.RESPONSE_CORRECTED, former),
    ]


def test_how_and_when_they_were_given_can_be_put_right_alone(desk: Desk, task: Task) -> None:
    begin(desk)
    page = text(desk.look())
    assert "Ret indtastede svar" in page
    assert 'value="paper"' in page
    assert desk.client.post(desk.root, {"mode": "telephone", "on": "32-13-2026"}).status_code == 422
    assert desk.begin("telephone").url == f"{desk.root}opsummering/"
    assert "Rettelsen er registreret." in text(desk.submit())
    task.refresh_from_db()
    assert task.response is not None
    assert task.response.mode == Response.Mode.TELEPHONE
    assert "Før stod der: Givet på papir" in answer_page(desk.client, task)


def test_nothing_new_is_no_correction(desk: Desk) -> None:
    begin(desk)
    page = desk.submit()
    assert page.status_code == 422
    assert "Du har ikke rettet noget endnu." in text(page)


def test_it_is_gone_on_with_and_dropped(desk: Desk, task: Task) -> None:
    begin(desk)
    desk.save(pain="false", note="Måske")
    begin(desk)
    assert Response.objects.count() == 2
    assert "er ved at rette svarene" in answer_page(desk.client, task)
    dropped: Any = desk.client.post(f"{desk.root}kasser/", {"sure": "yes"})
    assert dropped.url == reverse("staff:response", args=[task.response_id])
    assert Response.objects.get().pk == task.response_id
    assert "Spørgeskemaet er besvaret." in text(desk.look())


def test_a_correction_that_misses_something_is_not_registered(desk: Desk) -> None:
    begin(desk)
    desk.save(pain="true")
    page = desk.submit()
    assert page.status_code == 422
    assert "Der mangler noget, før svarene kan registreres" in text(page)


class TestHowLong:
    def test_no_day_at_all(self, nurse_client: Client, citizen: Citizen) -> None:
        task = entered(citizen, days=0)
        assert "Ret svarene" not in answer_page(nurse_client, task)
        assert begin(Desk(nurse_client, task)).status_code == 409

    def test_until_the_days_are_over(self, log_in: Callable[[], Client], citizen: Citizen) -> None:
        at = timezone.now()
        task = entered(citizen, at=at)
        with time_machine.travel(at + timedelta(days=DAYS, minutes=1), tick=False):
            desk = Desk(log_in(), task)
            assert "Ret svarene" not in answer_page(desk.client, task)
            late = begin(desk)
        assert late.status_code == 409
        assert "Tiden til at rette er gået." in text(late)

    def test_the_plan_goes_on_meanwhile(self, task: Task) -> None:
        assert task.care_plan.status == CarePlan.Status.ACTIVE
        plans.end_what_is_over(at=timezone.now() + timedelta(days=DAYS - 1))
        task.care_plan.refresh_from_db()
        assert task.care_plan.status == CarePlan.Status.ACTIVE
        plans.end_what_is_over(at=timezone.now() + timedelta(days=DAYS, hours=2))
        task.care_plan.refresh_from_db()
        assert task.care_plan.status == CarePlan.Status.COMPLETED


class TestWhoMay:
    @pytest.mark.parametrize("role", Role)
    def test_whose_role_may_enter(
        self, client_with: Callable[[Role], Client], task: Task, role: Role
    ) -> None:
        allowed = Permission.ENTER_ANSWERS in PERMISSIONS[role]
        assert begin(Desk(client_with(role), task)).status_code == (302 if allowed else 403)
        assert (Response.objects.count() == 2) is allowed

    def test_who_only_reads_is_offered_nothing(self, viewer_client: Client, task: Task) -> None:
        assert "Ret svarene" not in answer_page(viewer_client, task)

    def test_nobody_of_another_municipality(
        self, client_as: Callable[[StaffActor], Client], task: Task
    ) -> None:
        assert begin(Desk(client_as(staff_actor(StaffMemberFactory())), task)).status_code == 404

    def test_not_staff_what_the_citizen_sent(self, nurse_client: Client, citizen: Citizen) -> None:
        task = open_task(citizen, plan=PlanFactory(correction_days=DAYS))
        now = timezone.now()
        save_answers(response=plans.begin_task(task=task, at=now), fields={"pain": ["false"]}, at=now)
        task = plans.submit_task(task=task, at=now)
        assert "Ret svarene" not in answer_page(nurse_client, task)
        assert begin(Desk(nurse_client, task)).status_code == 409
        correcting.begin(task=task, at=now)
        assert Desk(nurse_client, task).look("side/1/").status_code == 302
        Desk(nurse_client, task).client.post(reverse("staff:enter_discard", args=[task.pk]), {"sure": "yes"})
        assert Response.objects.count() == 2, "the citizen's own correction is not theirs to drop"

    def test_not_the_citizen_what_staff_entered(self, desk: Desk, task: Task, citizen_client: Client) -> None:
        page = text(citizen_client.get(reverse("citizens:response", args=[task.response_id])))
        assert "Ret dit svar" not in page
        assert citizen_client.post(reverse("citizens:correct", args=[task.pk])).status_code == 409
        begin(desk)
        desk.save(pain="false", note="Halvt")
        page = text(citizen_client.get(reverse("citizens:response", args=[task.response_id])))
        assert "Halvt" not in page
        assert "Fortsæt med at rette" not in text(citizen_client.get(reverse("citizens:tasks")))
        citizen_client.post(reverse("citizens:undo_correction", args=[task.pk]))
        assert Response.objects.count() == 2


def test_each_step_stands_in_the_log_with_its_task(desk: Desk, task: Task, citizen: Citizen) -> None:
    begin(desk)
    desk.look("side/1/")
    desk.save(pain="false", note="Sover dårligt")
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


def test_today_is_a_day_that_can_be_said(desk: Desk) -> None:
    begin(desk)
    assert f'value="{today()}"' in text(desk.look())
