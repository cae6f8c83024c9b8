"""From the assigned plan to the telephone: when each message leaves, and what stops it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
import time_machine
from django.conf import LazySettings
from django.utils import timezone

from identity.models import StaffMember
from notifications import reminders
from notifications.models import Message
from notifications.quiet_hours import read_quiet_hours
from notifications.states import Status
from outbox import services as outbox
from plans.models import Task
from questionnaires import services as questionnaires
from tests import factories
from tests.conftest import copenhagen
from tests.notifications.conftest import Telephones, deliver_messages

pytestmark = pytest.mark.django_db

Clock = Callable[[str], AbstractContextManager[datetime]]


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
    assert message.status == Message.Status.SENT
    assert message.sent_at == copenhagen(leaves)


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
    telephones.outside.add(task.citizen.cpr)
    with at("2026-11-24 08:00"):
        deliver_messages()
    message.refresh_from_db()
    assert message.status == Message.Status.NOT_ENROLLED
    assert not telephones.received


@pytest.mark.parametrize(
    ("became", "reason"),
    [
        (Task.Status.COMPLETED, Message.Status.ANSWERED),
        (Task.Status.CANCELLED, Message.Status.CALLED_OFF),
    ],
)
def test_nobody_is_reminded_of_what_is_not_open_any_more(
    became: Task.Status,
    reason: Status,
    at: Clock,
    nurse: StaffMember,
    telephones: Telephones,
) -> None:
    message, task = reminder_at_night(at, nurse)
    response = questionnaires.start_response(
        citizen=task.citizen,
        municipality_id=task.municipality_id,
        version=task.activity.version,
        at=message.requested_at,
    )
    Task.objects.filter(pk=task.pk).update(status=became, response=response)
    with at("2026-11-24 08:00"):
        deliver_messages()
    message.refresh_from_db()
    assert message.status == reason
    assert "Husk dit spørgeskema" not in telephones.received.values()


def test_a_retry_that_falls_into_the_evening_waits_for_the_morning(at: Clock, telephones: Telephones) -> None:
    telephones.out_of_order = True
    with at("2026-11-23 17:59:20") as now:
        factories.assign(at=now)
        deliver_messages()
    telephones.out_of_order = False
    with at("2026-11-23 18:30"):
        deliver_messages()
        assert not telephones.received
    with at("2026-11-24 08:00"):
        deliver_messages()
    assert len(telephones.received) == 1


def test_a_message_waits_in_the_open(at: Clock, nurse: StaffMember) -> None:
    """*queued* by day, *held* by night."""
    with at("2026-11-23 10:00") as now:
        assert reminders.send(task=factories.overdue_task(), by=nurse, at=now).status == Message.Status.QUEUED
    with at("2026-11-23 18:00") as now:
        assert reminders.send(task=factories.overdue_task(), by=nurse, at=now).status == Message.Status.HELD


def test_what_was_due_at_1759_and_runs_at_1801_is_held(at: Clock, telephones: Telephones) -> None:
    with at("2026-11-23 17:59") as now:
        factories.assign(at=now)
        assert Message.objects.get().status == Message.Status.QUEUED
    with at("2026-11-23 18:01"):
        deliver_messages()
    message = Message.objects.get()
    assert not telephones.received
    assert (message.status, message.leaves_at) == (Message.Status.HELD, copenhagen("2026-11-24 08:00"))


def test_the_hour_that_strikes_while_nemsms_is_asked_holds_the_message(
    telephones: Telephones,
) -> None:
    """The look-up takes its time, and nobody's telephone rings at 18:00:01 for it."""
    with time_machine.travel(copenhagen("2026-11-23 17:59:29"), tick=False) as clock:
        factories.assign(at=timezone.now())
        telephones.while_asked = lambda: clock.move_to(copenhagen("2026-11-23 17:59:31"))
        deliver_messages()
    message = Message.objects.select_related("delivery").get()
    assert not telephones.received
    assert message.status == Message.Status.HELD
    assert message.delivery is not None
    assert message.delivery.due_at == message.leaves_at == copenhagen("2026-11-24 08:00")
    assert message.delivery.attempts == 0


@pytest.mark.parametrize(
    ("asked_for", "leaves"),
    [("17:59:30", False), ("17:59:31", False), ("17:59:59", False), ("17:59:29", True)],
)
def test_what_could_still_be_under_way_at_six_waits(
    asked_for: str, leaves: bool, at: Clock, telephones: Telephones
) -> None:
    """A sending takes up to half a minute, where NemSMS is slow and wants new tokens."""
    with at(f"2026-11-23 {asked_for}") as now:
        factories.assign(at=now)
        deliver_messages()
        assert bool(telephones.received) is leaves
    with at("2026-11-24 08:00"):
        deliver_messages()
    assert len(telephones.received) == 1


def test_the_window_is_the_settings(at: Clock, telephones: Telephones, settings: LazySettings) -> None:
    settings.NEMSMS_QUIET_HOURS = read_quiet_hours("20:00", "07:30")
    with at("2026-11-23 19:59") as now:
        factories.assign(at=now)
        deliver_messages()
        assert len(telephones.received) == 1
    with at("2026-11-23 20:00") as now:
        factories.assign(at=now)
    assert Message.objects.first().leaves_at == copenhagen("2026-11-24 07:30")  # type: ignore[union-attr]


def test_what_nemsms_answers_is_remembered_with_its_time(at: Clock, telephones: Telephones) -> None:
    inside, outside = factories.CitizenFactory(), factories.CitizenFactory()
    telephones.outside.add(outside.cpr)
    with at("2026-11-23 10:00") as now:
        for citizen in (inside, outside):
            factories.assign(citizen, at=now)
        deliver_messages()
    for citizen, answer in ((inside, True), (outside, False)):
        citizen.refresh_from_db()
        assert citizen.is_nemsms_enrolled is answer
        assert citizen.nemsms_asked_at == now
        assert citizen.is_outside_nemsms is not answer


def test_a_remembered_answer_decides_nothing(at: Clock, telephones: Telephones) -> None:
    """Somebody who was outside has enrolled since."""
    citizen = factories.CitizenFactory(
        is_nemsms_enrolled=False, nemsms_asked_at=copenhagen("2026-11-01 10:00")
    )
    with at("2026-11-23 10:00") as now:
        factories.assign(citizen, at=now)
        deliver_messages()
    assert len(telephones.received) == 1
    citizen.refresh_from_db()
    assert citizen.is_nemsms_enrolled is True


def test_what_was_given_up_and_is_sent_again_leaves_under_its_own_id(
    at: Clock, telephones: Telephones
) -> None:
    telephones.out_of_order = True
    with at("2026-11-23 10:00") as now:
        factories.assign(at=now)
    with at("2026-11-25 10:01"):
        deliver_messages()
        message = Message.objects.select_related("delivery").get()
        assert (message.status, message.reason) == (Message.Status.FAILED, "out of order")
    telephones.out_of_order = False
    with at("2026-11-25 11:00") as now:
        assert message.delivery is not None
        assert outbox.send_again(message.delivery, at=now)
        deliver_messages()
    message.refresh_from_db()
    assert list(telephones.received) == [message.pk]
    assert (message.status, message.reason) == (Message.Status.SENT, "")
