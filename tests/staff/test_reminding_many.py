"""Reminding many: who gets it, who cannot and why, what became of each, and whom to ring."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.models import AccessEntry, StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from notifications import reminders
from notifications.models import Message
from outbox.models import Delivery
from plans import services as plans
from plans.models import Task
from plans.schedule import Once
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, PlanFactory, add_to, assign, overdue_task
from tests.roles import QUERIES_OF_A_SCOPE
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
LogIn = Callable[[], Client]


def person(municipality: Municipality, name: str, **facts: object) -> Citizen:
    made: Citizen = CitizenFactory(municipality=municipality, given_name=name, family_name="Prøve", **facts)
    return made


def ask(client: Client, tasks: list[Task], **more: str) -> Any:
    """The confirmation; with confirm="1" what became of each."""
    send = client.post if more.pop("confirm", "") else client.get
    data = {"task": [str(task.pk) for task in tasks], **more}
    return send(reverse("staff:remind_many"), data, follow=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def reminders_sent() -> list[str]:
    found = Message.objects.filter(kind=Message.Kind.REMINDER).select_related("citizen")
    return sorted(message.citizen.given_name for message in found)


def limited(citizen: Citizen, **limits: Any) -> Task:
    """An overdue task of a plan that limits reminders."""
    plan = PlanFactory(activities=lambda made: add_to(made, Once(), title="Med grænse", **limits))
    at = timezone.now() - timedelta(days=9)
    return assign(citizen, plan=plan, at=at).tasks.get(activity__title="Med grænse")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-23 10:00", "2 påmindelser bliver sendt med det samme."),
        ("2026-11-23 19:00", "2 påmindelser venter og bliver sendt i morgen kl. 08.00."),
    ],
    ids=["day", "evening"],
)
def test_who_gets_it_and_when_is_said_before(
    log_in: LogIn, municipality: Municipality, at: At, now: str, words: str
) -> None:
    with at(now):
        tasks = [overdue_task(person(municipality, name)) for name in ("Anna", "Bent")]
        page = text(ask(log_in(), tasks))
    assert words in page
    assert "Husk dit spørgeskema" in page
    assert "<textarea" not in page
    assert reminders_sent() == []


def test_who_cannot_get_one_is_named_with_the_reason_and_what_to_do(
    nurse_client: Client, nurse: StaffMember, municipality: Municipality
) -> None:
    now = timezone.now()
    gets = overdue_task(person(municipality, "Anna"))
    recently = overdue_task(person(municipality, "Bent"))
    reminders.send(task=recently, by=nurse, at=now - timedelta(hours=2))
    outside = overdue_task(person(municipality, "Carl", is_nemsms_enrolled=False, nemsms_asked_at=now))
    enough = limited(person(municipality, "Dorte"), most_reminders=0)
    answered = overdue_task(person(municipality, "Erna"))
    tasks = [gets, recently, outside, enough, answered]
    answer(answered, at=now)

    page = text(ask(nurse_client, tasks))

    assert "1 påmindelse" in page
    assert "3 får ingen påmindelse" in page
    assert "En påmindelse venter allerede" in page
    assert "Planen tillader højst 0 påmindelser om hvert spørgeskema. Ring til borgeren i stedet." in page
    assert "allerede besvaret" in page
    assert "1 kan nok ikke få en sms" in page
    assert "Ring til dem, eller tal om det ved næste møde." in page
    # To be rung: those whom no text message reaches, not who has just had one or has answered.
    listed = page[page.index("ubesvarede/ringeliste") :].partition("</form>")[0]
    assert str(outside.pk) in listed
    assert str(enough.pk) in listed
    assert str(recently.pk) not in listed
    assert str(answered.pk) not in listed

    result = text(ask(nurse_client, tasks, confirm="1"))

    assert reminders_sent() == ["Anna", "Bent"]
    assert "Sådan gik det med påmindelserne" in result
    assert "Borgeren var ikke tilmeldt NemSMS, da vi sidst spurgte" in result


def test_who_got_none_the_last_time_can_be_tried(nurse_client: Client, municipality: Municipality) -> None:
    outside = person(municipality, "Carl", is_nemsms_enrolled=False, nemsms_asked_at=timezone.now())
    task = overdue_task(outside)
    ask(nurse_client, [task], confirm="1")
    assert reminders_sent() == []
    ask(nurse_client, [task], confirm="1", outside_too="on")
    assert reminders_sent() == ["Carl"]


def test_sent_twice_is_sent_once(nurse_client: Client, municipality: Municipality) -> None:
    tasks = [overdue_task(person(municipality, name)) for name in ("Anna", "Bent")]
    for _ in range(2):
        ask(nurse_client, tasks, confirm="1")
    assert reminders_sent() == ["Anna", "Bent"]


def test_answered_between_the_list_and_the_click(nurse_client: Client, municipality: Municipality) -> None:
    first, second = (overdue_task(person(municipality, name)) for name in ("Anna", "Bent"))
    ask(nurse_client, [first, second])
    answer(first, at=timezone.now())

    page = text(ask(nurse_client, [first, second], confirm="1"))

    assert reminders_sent() == ["Bent"]
    assert "allerede besvaret" in page


@pytest.mark.parametrize("act", ["remind_many", "reminded", "reminder_states", "call_list"])
def test_another_municipalitys_tasks_are_not_there(nurse_client: Client, citizen: Citizen, act: str) -> None:
    stranger = overdue_task(CitizenFactory(given_name="Fremmed"))
    chosen = urlencode([("task", stranger.pk), ("row", f"{stranger.pk}.queued")])
    if act == "remind_many":
        page = ask(nurse_client, [stranger], confirm="1")
    else:
        page = nurse_client.get(f"{reverse(f'staff:{act}')}?{chosen}")
    assert page.status_code in {200, 204}
    assert "Fremmed" not in text(page)
    assert reminders_sent() == []
    assert not AccessEntry.objects.filter(citizen_id=stranger.citizen_id).exists()


def test_who_only_reads_is_offered_nothing_and_refused(viewer_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)
    page = text(viewer_client.get(reverse("staff:unanswered")))
    assert "Send påmindelse" not in page
    assert 'type="checkbox"' not in page
    assert ask(viewer_client, [task], confirm="1").status_code == 403
    assert reminders_sent() == []
    # Ringing needs no right to send.
    assert viewer_client.get(f"{reverse('staff:call_list')}?task={task.pk}").status_code == 200


def test_an_enroller_reminds_nobody(client_with: Callable[..., Client], citizen: Citizen) -> None:
    client = client_with(Role.CITIZEN_ENROLLER)
    assert ask(client, [overdue_task(citizen)], confirm="1").status_code == 403


@pytest.mark.parametrize("chosen", [0, reminders.MOST_AT_ONCE + 1], ids=["none", "too many"])
def test_none_or_too_many_leads_back_with_a_sentence(
    nurse_client: Client, citizen: Citizen, chosen: int
) -> None:
    fake = [Task(pk=uuid4()) for _ in range(chosen)]
    answer = ask(nurse_client, fake, query="frist=over&x=1")
    assert answer.redirect_chain == [(reverse("staff:unanswered") + "?frist=over", 302)]
    assert ("Vælg højst 50 ad gangen." if chosen else "Sæt kryds ud for mindst ét") in text(answer)


def test_a_page_of_many_costs_as_few_questions_as_one_of_few(
    nurse_client: Client, municipality: Municipality
) -> None:
    def asked(tasks: list[Task]) -> list[int]:
        chosen = urlencode([("task", task.pk) for task in tasks])
        counts = []
        for visit in (
            lambda: ask(nurse_client, tasks),
            lambda: nurse_client.get(f"{reverse('staff:reminded')}?{chosen}"),
            lambda: nurse_client.get(f"{reverse('staff:call_list')}?{chosen}"),
        ):
            with CaptureQueriesContext(connection) as captured:
                assert visit().status_code == 200
            counts.append(len(captured))
        return counts

    tasks = [overdue_task(person(municipality, f"Nr {number}")) for number in range(12)]
    few, many = asked(tasks[:1]), asked(tasks)
    assert many == few
    assert max(many) <= 14 + QUERIES_OF_A_SCOPE


class TestStates:
    """What the page asks again for."""

    def rows(self, client: Client, task: Task, key: str) -> Any:
        return client.get(
            f"{reverse('staff:reminder_states')}?row={task.pk}.{key}", headers={"HX-Request": "true"}
        )

    def test_nothing_new_is_nothing_and_no_entry(self, log_in: LogIn, citizen: Citizen, at: At) -> None:
        task = overdue_task(citizen)
        with at("2026-11-23 10:00"):
            client = log_in()
            page = ask(client, [task], confirm="1")
            assert f"row={task.pk}.queued" in text(page)
            before = AccessEntry.objects.count()
            answer = self.rows(client, task, "queued")
            assert (answer.status_code, answer.content) == (204, b"")
            assert AccessEntry.objects.count() == before

    def test_in_the_evening_there_is_nothing_to_ask_until_the_morning(
        self, log_in: LogIn, citizen: Citizen, at: At
    ) -> None:
        task = overdue_task(citizen)
        with at("2026-11-23 19:00"):
            page = text(ask(log_in(), [task], confirm="1"))
        assert "Venter: sendes i morgen kl. 08.00" in page
        assert reverse("staff:reminder_states") not in page

    def test_what_changed_is_shown_without_a_name_and_entered(
        self, log_in: LogIn, citizen: Citizen, at: At
    ) -> None:
        with at("2026-11-23 10:00") as now:
            client = log_in()
            task = overdue_task(citizen)
            ask(client, [task], confirm="1")
            Message.objects.filter(task=task).move(Message.Status.SENT, at=now, sent_at=now)
            answer = self.rows(client, task, "queued")
            assert answer.status_code == 200
            assert f'id="reminder-{task.pk}" hx-swap-oob="true"' in text(answer)
            assert "Sendt 23-11-2026 kl. 10.00" in text(answer)
            assert "Kirsten" not in text(answer)
            # It goes on asking: the receipt may come any moment.
            assert f"row={task.pk}.sent" in text(answer)
            entry = AccessEntry.objects.latest("pk")
            assert (entry.citizen_id, entry.action) == (citizen.pk, "list")
        with at("2026-11-23 10:05"):
            quiet = self.rows(client, task, "sent")
            assert (quiet.status_code, quiet.content) == (200, b"")

    def test_it_is_delayed_and_then_failed(self, log_in: LogIn, citizen: Citizen, at: At) -> None:
        with at("2026-11-23 10:00") as now:
            client = log_in()
            task = overdue_task(citizen)
            ask(client, [task], confirm="1")
            Delivery.objects.filter(message__task=task).update(last_problem="Timeout")
            assert "Forsinket: prøves igen" in text(self.rows(client, task, "queued"))
            Message.objects.filter(task=task).move(
                Message.Status.FAILED, at=now, reason="Nummeret findes ikke"
            )
            page = text(self.rows(client, task, "queued-delayed"))
            assert "Kunne ikke sendes" in page
            assert "Nummeret findes ikke" in page
            assert "Ring til borgeren." in page


def test_the_list_to_ring_by_has_who_why_and_room(nurse_client: Client, municipality: Municipality) -> None:
    task = limited(person(municipality, "Dorte"), most_reminders=0)
    page = text(nurse_client.get(f"{reverse('staff:call_list')}?task={task.pk}&task=x"))
    assert "Dorte Prøve" in page
    assert "Født 01-01-1950" in page
    assert "dage over fristen" in page
    assert "Planen tillader højst 0 påmindelser" in page


def test_whom_another_team_follows_is_left_to_them(
    nurse: StaffMember, municipality: Municipality, client_as: Callable[..., Client]
) -> None:
    """One at a time a reason is asked for; many at once are one's own teams' citizens."""
    own_team = CareTeamFactory(municipality=municipality, name="Vægt", login_id="mit")
    client = client_as(replace(staff_actor(nurse), care_team=str(own_team.login_id)))
    own, theirs = person(municipality, "Anna"), person(municipality, "Bent")
    at = timezone.now() - timedelta(days=10)
    mine = plans.assign_plan(
        plan=PlanFactory(), citizen=own, care_team=own_team, starts_on=at.date(), by=nurse, at=at
    ).tasks.get()
    tasks = [mine, overdue_task(theirs)]

    assert "Borgeren følges af et andet team." in text(ask(client, tasks))
    result = text(ask(client, tasks, confirm="1"))

    assert reminders_sent() == ["Anna"]
    assert "Borgeren følges af et andet team." in result
    listed = text(
        client.get(f"{reverse('staff:call_list')}?{urlencode([('task', one.pk) for one in tasks])}")
    )
    assert "Anna" in listed
    assert "Bent" not in listed


def test_protected_names_stand_nowhere(nurse_client: Client, municipality: Municipality) -> None:
    task = overdue_task(person(municipality, "Hemmelig", is_name_protected=True))
    chosen = f"?task={task.pk}"
    for page in (
        ask(nurse_client, [task]),
        ask(nurse_client, [task], confirm="1"),
        nurse_client.get(reverse("staff:call_list") + chosen),
    ):
        assert "Hemmelig" not in text(page)
        assert "Navnebeskyttet borger" in text(page)
