"""The list of unanswered questionnaires and its reminder."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from municipalities.models import Municipality
from notifications.models import Message
from outbox.models import ChannelName, Delivery
from plans.models import Task
from tests.conftest import copenhagen
from tests.factories import CitizenFactory, open_task, overdue_task
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


def test_fixed_text_is_shown_and_cannot_be_edited(nurse_client: Client, citizen: Citizen) -> None:
    overdue_task(citizen)

    page = listed(nurse_client)

    assert "Husk dit spørgeskema" in page
    assert "<textarea" not in page
