"""From the assigned plan to the telephone: when each message leaves, and what stops it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

import pytest
from django.utils import timezone

from citizens.models import Citizen
from identity.models import StaffMember
from notifications import gateways, reminders
from notifications.models import Message
from outbox import channels, dispatcher
from outbox.channels import RetryLater
from plans.models import Task
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

Clock = Callable[[str], AbstractContextManager[datetime]]


class Telephones:
    """A gateway that keeps what it was given, and is out of order when told so."""

    def __init__(self) -> None:
        self.received: dict[UUID, str] = {}
        self.out_of_order = False

    def send(self, *, message_id: UUID, cpr: str, text: str, sender: str) -> None:
        assert cpr
        assert sender.endswith("Kommune")
        if self.out_of_order:
            raise RetryLater("out of order")
        self.received[message_id] = text


@pytest.fixture
def telephones(monkeypatch: pytest.MonkeyPatch) -> Telephones:
    there = Telephones()
    monkeypatch.setattr(gateways, "current", lambda: there)
    return there


def deliver_messages() -> None:
    """What the worker does for text messages; there is no platform in these tests."""
    dispatcher.deliver_due(channels.named("nemsms"))


@pytest.mark.parametrize(
    ("assigned", "leaves"),
    [
        ("2026-11-23 17:59", "2026-11-23 17:59"),
        ("2026-11-23 18:00", "2026-11-24 08:00"),
        ("2026-11-23 23:00", "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        # The night in which summer time begins, and its day
        ("2026-03-28 17:59", "2026-03-28 17:59"),
        ("2026-03-28 18:00", "2026-03-29 08:00"),
        ("2026-03-28 23:00", "2026-03-29 08:00"),
        ("2026-03-29 07:59", "2026-03-29 08:00"),
        ("2026-03-29 08:00", "2026-03-29 08:00"),
        ("2026-03-29 17:59", "2026-03-29 17:59"),
        ("2026-03-29 18:00", "2026-03-30 08:00"),
        # The night in which it ends, and its day
        ("2026-10-24 17:59", "2026-10-24 17:59"),
        ("2026-10-24 18:00", "2026-10-25 08:00"),
        ("2026-10-24 23:00", "2026-10-25 08:00"),
        ("2026-10-25 07:59", "2026-10-25 08:00"),
        ("2026-10-25 08:00", "2026-10-25 08:00"),
        ("2026-10-25 17:59", "2026-10-25 17:59"),
        ("2026-10-25 18:00", "2026-10-26 08:00"),
    ],
)
def test_the_message_of_a_new_plan_keeps_the_quiet_hours(
    assigned: str, leaves: str, at: Clock, telephones: Telephones
) -> None:
    with at(assigned) as now:
        factories.assign(at=now)
        message = Message.objects.get()
        assert message.leaves_at == copenhagen(leaves)
        deliver_messages()
        left_at_once = assigned == leaves
        assert bool(telephones.received) is left_at_once

    with at(leaves):
        deliver_messages()
    assert list(telephones.received.values()) == ["Du har en opgave. Se den i din telemedicinske løsning"]
    message.refresh_from_db()
    assert message.outcome == Message.Outcome.SENT
    assert message.outcome_at == copenhagen(leaves)


def test_one_second_before_eight_nothing_has_left(at: Clock, telephones: Telephones) -> None:
    with at("2026-11-23 20:00") as now:
        factories.assign(at=now)
    with at("2026-11-24 07:59:59"):
        deliver_messages()
    assert not telephones.received


def test_a_plan_that_starts_later_sends_its_message_when_there_is_something_to_answer(
    at: Clock, telephones: Telephones
) -> None:
    with at("2026-11-23 10:00") as now:
        factories.assign(at=now, starts_on=copenhagen("2026-11-30 00:00").date())
    assert Message.objects.get().leaves_at == copenhagen("2026-11-30 08:00")


def test_a_reminder_by_day_leaves_at_once(at: Clock, nurse: StaffMember, telephones: Telephones) -> None:
    with at("2026-11-23 10:00"):
        reminders.send(task=factories.overdue_task(), by=nurse, at=timezone.now())
        deliver_messages()
    assert "Husk dit spørgeskema" in telephones.received.values()


def test_two_clicks_are_one_reminder(at: Clock, nurse: StaffMember) -> None:
    with at("2026-11-23 22:00") as now:
        task = factories.overdue_task()
        assert reminders.send(task=task, by=nurse, at=now) == reminders.send(task=task, by=nurse, at=now)
    assert Message.objects.filter(kind=Message.Kind.REMINDER).count() == 1


def test_two_colleagues_by_day_are_one_reminder(
    at: Clock, nurse: StaffMember, telephones: Telephones
) -> None:
    with at("2026-11-23 10:00") as now:
        task = factories.overdue_task()
        first = reminders.send(task=task, by=nurse, at=now)
        deliver_messages()
        assert reminders.send(task=task, by=factories.StaffMemberFactory(), at=now) == first
    with at("2026-11-24 10:01") as now:
        assert reminders.send(task=task, by=nurse, at=now) != first


def test_a_plan_that_starts_later_does_not_hold_back_a_reminder(
    at: Clock, nurse: StaffMember, telephones: Telephones
) -> None:
    with at("2026-11-23 10:00") as now:
        task = factories.overdue_task()
        deliver_messages()
        factories.assign(task.citizen, at=now, starts_on=copenhagen("2026-12-14 00:00").date())
        reminders.send(task=task, by=nurse, at=now)
        deliver_messages()
    assert "Husk dit spørgeskema" in telephones.received.values()


def reminder_at_night(at: Clock, nurse: StaffMember) -> tuple[Message, Task]:
    with at("2026-11-23 22:00") as now:
        task = factories.overdue_task()
        return reminders.send(task=task, by=nurse, at=now), task


def test_a_citizen_who_left_nemsms_in_the_night_gets_nothing(
    at: Clock, nurse: StaffMember, telephones: Telephones
) -> None:
    message, task = reminder_at_night(at, nurse)
    Citizen.objects.filter(pk=task.citizen_id).update(is_nemsms_enrolled=False)
    with at("2026-11-24 08:00"):
        deliver_messages()
    message.refresh_from_db()
    assert message.outcome == Message.Outcome.NOT_ENROLLED
    assert not telephones.received


def test_nobody_is_reminded_of_what_they_answered_meanwhile(
    at: Clock, nurse: StaffMember, telephones: Telephones
) -> None:
    message, task = reminder_at_night(at, nurse)
    Task.objects.filter(pk=task.pk).update(status=Task.Status.CANCELLED)
    with at("2026-11-24 08:00"):
        deliver_messages()
    message.refresh_from_db()
    assert message.outcome == Message.Outcome.ANSWERED
    assert "Husk dit spørgeskema" not in telephones.received.values()


def test_a_retry_that_falls_into_the_evening_waits_for_the_morning(at: Clock, telephones: Telephones) -> None:
    telephones.out_of_order = True
    with at("2026-11-23 17:59:58") as now:
        factories.assign(at=now)
        deliver_messages()
    telephones.out_of_order = False
    with at("2026-11-23 18:30"):
        deliver_messages()
        assert not telephones.received
    with at("2026-11-24 08:00"):
        deliver_messages()
    assert len(telephones.received) == 1


def test_reminders_that_cannot_be_sent_say_what_to_do_instead(nurse: StaffMember) -> None:
    task = factories.open_task(factories.CitizenFactory(is_nemsms_enrolled=False))
    with pytest.raises(reminders.ReminderNotPossible, match="Ring til borgeren"):
        reminders.send(task=task, by=nurse, at=timezone.now())
