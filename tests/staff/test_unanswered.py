"""The list of unanswered questionnaires and its reminder."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from notifications import reminders
from notifications.models import Message
from notifications.unanswered import Wanted, wanted_tasks
from outbox.models import ChannelName, Delivery
from plans import services as plans
from plans.models import Task
from staff import unanswered_list
from tests.conftest import copenhagen
from tests.factories import CareTeamFactory, CitizenFactory, PlanFactory, open_task, overdue_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
LogIn = Callable[[], Client]
HTMX = {"HX-Request": "true"}


def listed(client: Client) -> str:
    return client.get(reverse("staff:unanswered")).content.decode()


def remind(client: Client, task: Task, **headers: str):
    return client.post(reverse("staff:remind", args=[task.pk]), headers=headers, follow=True)


def person(municipality: Municipality, name: str, **facts: object) -> Citizen:
    made: Citizen = CitizenFactory(municipality=municipality, given_name=name, family_name="Prøve", **facts)
    return made


def test_longest_overdue_stands_first_and_says_how_long(
    nurse_client: Client, municipality: Municipality
) -> None:
    overdue_task(person(municipality, "Anna"), days=2)
    overdue_task(person(municipality, "Bent"), days=30)
    open_task(person(municipality, "Carl"))

    page = listed(nurse_client)

    assert page.index("Bent Prøve") < page.index("Anna Prøve") < page.index("Carl Prøve")
    assert "31 dage over fristen" in page
    assert "3 dage over fristen" in page
    assert "Inden for fristen" in page
    assert "3 ubesvarede, heraf 2 over fristen" in page
    assert "Ubesvarede (3)" in page


def test_answered_and_coming_ones_are_not_there(nurse_client: Client, municipality: Municipality) -> None:
    answer(open_task(person(municipality, "Anna")), at=timezone.now())
    open_task(person(municipality, "Bent"), starts_on=timezone.localdate() + timedelta(days=2))

    assert "Alle har svaret" in listed(nurse_client)


@pytest.mark.parametrize(
    ("now", "words", "leaves_at"),
    [
        ("2026-11-23 10:00", "På vej: sendes nu", "2026-11-23 10:00"),
        ("2026-11-23 17:59", "På vej: sendes nu", "2026-11-23 17:59"),
        ("2026-11-23 18:00", "Venter: sendes i morgen kl. 08.00", "2026-11-24 08:00"),
        ("2026-11-24 03:00", "Venter: sendes i dag kl. 08.00", "2026-11-24 08:00"),
        ("2026-03-28 23:30", "Venter: sendes i morgen kl. 08.00", "2026-03-29 08:00"),
    ],
    ids=["day", "just before", "evening", "night", "the night the clocks go forward"],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
def test_reminder_leaves_now_or_in_the_morning(
    log_in: LogIn,
    citizen: Citizen,
    at: At,
    now: str,
    words: str,
    leaves_at: str,
    headers: dict[str, str],
) -> None:
    with at(now):
        page = remind(log_in(), overdue_task(citizen), **headers).content.decode()

    assert words in page
    message = Message.objects.get(kind=Message.Kind.REMINDER)
    assert message.leaves_at == copenhagen(leaves_at)
    delivery = Delivery.objects.get(channel=ChannelName.NEMSMS, message=message)
    assert delivery.due_at == message.leaves_at


def test_htmx_gets_the_row_and_nothing_else(nurse_client: Client, citizen: Citizen) -> None:
    row = remind(nurse_client, overdue_task(citizen), **HTMX).content.decode()

    assert "<tr>" in row
    assert "<html" not in row
    assert "Påmindelsen er bestilt." in row
    assert "Send påmindelse" not in row


def test_two_clicks_are_one_reminder(nurse_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)

    remind(nurse_client, task)
    remind(nurse_client, task)

    assert Message.objects.filter(kind=Message.Kind.REMINDER).count() == 1


def test_whoever_got_no_text_messages_when_last_asked_is_to_be_called_and_can_be_tried(
    nurse_client: Client, municipality: Municipality
) -> None:
    asked_at = copenhagen("2026-11-22 09:00")
    task = overdue_task(person(municipality, "Anna", is_nemsms_enrolled=False, nemsms_asked_at=asked_at))

    page = listed(nurse_client)

    assert "Ikke tilmeldt NemSMS 22-11-2026 – ring til borgeren" in page
    assert "Send påmindelse" in page
    # NemSMS is asked again when it is to leave: people enrol.
    remind(nurse_client, task)
    assert Message.objects.filter(kind=Message.Kind.REMINDER).count() == 1


def test_reminder_that_reached_nobody_can_be_sent_again(nurse_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)
    remind(nurse_client, task)
    Message.objects.filter(kind=Message.Kind.REMINDER).move(Message.Status.NOT_ENROLLED, at=timezone.now())

    page = listed(nurse_client)

    assert "Ikke sendt: borgeren er ikke tilmeldt NemSMS. Ring til borgeren" in page
    assert "Send påmindelse" in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
def test_answered_in_the_meantime_is_said(
    nurse_client: Client, citizen: Citizen, headers: dict[str, str]
) -> None:
    task = overdue_task(citizen)
    answer(task, at=timezone.now())

    page = remind(nurse_client, task, **headers)

    assert page.status_code == 200
    assert "allerede besvaret" in page.content.decode()


def test_reminder_is_not_sent_by_a_link(nurse_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)

    assert nurse_client.get(reverse("staff:remind", args=[task.pk])).status_code == 405


# --- filters, order, pages --------------------------------------------------------------------------------


def names(page: str) -> list[str]:
    """Who is listed, in the order of the list."""
    return re.findall(r">(\w+) Prøve</a>", page)


def shown(client: Client, **query: str) -> list[str]:
    return names(client.get(reverse("staff:unanswered"), query).content.decode())


def test_filters(nurse_client: Client, municipality: Municipality, nurse: StaffMember) -> None:
    now = timezone.now()
    overdue_task(person(municipality, "Anna"), days=30)
    reminded = overdue_task(person(municipality, "Bent"), days=2)
    reminders.send(task=reminded, by=nurse, at=now)
    plan = PlanFactory(title="Hjemme igen")
    open_task(person(municipality, "Carl", is_nemsms_enrolled=False, nemsms_asked_at=now), plan=plan)
    team = CareTeamFactory(municipality=municipality, name="Andre")
    elsewhere = person(municipality, "Dorte")
    plans.assign_plan(
        plan=PlanFactory(),
        citizen=elsewhere,
        care_team=team,
        starts_on=timezone.localdate(),
        by=nurse,
        at=now,
    )

    # Carl and Dorte are due at the same moment.
    everybody, newest = shown(nurse_client), shown(nurse_client, orden="nyeste")
    assert everybody[:2] == ["Anna", "Bent"]
    assert sorted(everybody[2:]) == ["Carl", "Dorte"]
    assert newest == everybody[::-1]
    assert shown(nurse_client, frist="over") == ["Anna", "Bent"]
    assert shown(nurse_client, paamindet="ja") == ["Bent"]
    assert shown(nurse_client, paamindet="nej", frist="over") == ["Anna"]
    assert shown(nurse_client, sms="nej") == ["Carl"]
    assert shown(nurse_client, team=str(team.pk)) == ["Dorte"]
    assert shown(nurse_client, plan=str(plan.line)) == ["Carl"]
    assert shown(nurse_client, plan=str(plan.line), frist="over") == []


@pytest.mark.parametrize(
    "query",
    [
        {"team": "999999"},
        {"plan": "x"},
        {"frist": "' OR 1=1"},
        {"orden": "tilfældig"},
        {"fra": "x"},
        {"fra": "WyJmIiwgWyJ0IiwgIngiXV0"},
    ],
)
def test_what_nobody_offers_is_as_if_it_were_not_there(
    nurse_client: Client, municipality: Municipality, query: dict[str, str]
) -> None:
    overdue_task(person(municipality, "Anna"))
    assert shown(nurse_client, **query) == ["Anna"]


def test_another_municipalitys_team_lists_nobody_else(
    nurse_client: Client, municipality: Municipality
) -> None:
    overdue_task(person(municipality, "Anna"))
    stranger = overdue_task(person(CareTeamFactory(name="Fremmed").municipality, "Fremmed"))
    team = stranger.care_plan.episode.care_team
    page = nurse_client.get(reverse("staff:unanswered"), {"team": str(team.pk)}).content.decode()
    assert names(page) == ["Anna"]
    assert "Fremmed" not in page


@pytest.mark.parametrize("order", ["", "nyeste"])
def test_pages_follow_each_other_there_and_back_and_keep_the_filter(
    nurse_client: Client, municipality: Municipality, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """Also where several were due at the same moment: then the id decides."""
    monkeypatch.setattr(unanswered_list, "ROWS", 3)
    monkeypatch.setattr(unanswered_list, "_TASKS", CompiledQuery(unanswered_list._tasks))
    letters = ["Anna", "Bent", "Carl", "Dorte", "Erna", "Frode", "Gerda", "Hans"]
    for number, name in enumerate(letters):
        overdue_task(person(municipality, name), days=20 - number // 3)
    open_task(person(municipality, "Udenfor"))
    address, query = reverse("staff:unanswered"), {"frist": "over", "orden": order}

    def link(page: str, rel: str) -> str:
        found = re.search(rf'href="([^"]+)"\s+rel="{rel}"', page)
        return unescape(found[1]) if found else ""

    def visit(href: str) -> str:
        return nurse_client.get(address + href).content.decode()

    there = [nurse_client.get(address, query).content.decode()]
    assert link(there[0], "prev") == ""
    while href := link(there[-1], "next"):
        assert "frist=over" in href
        there.append(visit(href))
    listed = [names(page) for page in there]
    assert [len(each) for each in listed] == [3, 3, 2]
    assert sorted(name for page in listed for name in page) == letters

    back = [there[-1]]
    while href := link(back[-1], "prev"):
        back.append(visit(href))
    assert [names(page) for page in reversed(back)] == listed


def test_the_way_back_after_a_reminder_keeps_the_filter(nurse_client: Client, citizen: Citizen) -> None:
    task = overdue_task(citizen)
    query = {"query": "frist=over&orden=nyeste&next=https%3A%2F%2Fexample.org"}
    answer = nurse_client.post(reverse("staff:remind", args=[task.pk]), query)
    assert answer.headers["Location"] == reverse("staff:unanswered") + "?frist=over&orden=nyeste"


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(only_overdue=True), Wanted(is_reminded=False), Wanted(only_outside_nemsms=True)],
    ids=["all", "overdue", "not reminded", "outside NemSMS"],
)
def test_a_page_is_read_along_the_municipalitys_own_index(municipality: Municipality, wanted: Wanted) -> None:
    """However many there are, there and elsewhere: nothing is sorted, so the reading stops where the page ends."""
    rows = wanted_tasks(municipality, timezone.now(), wanted).order_by("due_at", "pk")[:51]
    with connection.cursor() as cursor:
        # In a small table anything is as good.
        for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    plan = rows.explain()
    assert "Index Scan using open_tasks_of_a_municipality" in plan
    assert "Sort" not in plan


def test_fixed_text_is_shown_and_cannot_be_edited(nurse_client: Client, citizen: Citizen) -> None:
    overdue_task(citizen)

    page = listed(nurse_client)

    assert "Husk dit spørgeskema" in page
    assert "<textarea" not in page
