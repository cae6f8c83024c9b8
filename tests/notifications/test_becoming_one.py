"""Messages of one kind that wait for the same citizen become one: the telephone rings once in the morning."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest

from citizens.models import Citizen
from identity.models import StaffMember
from municipalities.scope import Scope, within
from notifications import reminders
from notifications.handover import NemSmsHandover
from notifications.models import Message, MessageQuerySet
from outbox import channels
from outbox.claims import claim
from outbox.models import Delivery
from plans.models import Task
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits
from tests.notifications.conftest import Telephones, deliver_messages

Clock = Callable[[str], AbstractContextManager[datetime]]
Status = Message.Status

REMINDER = "Husk dit spørgeskema"
NEW_TASK = "Du har en opgave. Se den i din telemedicinske løsning"


def plans_at_night(at: Clock, citizen: Citizen, *, number: int = 3) -> list[Message]:
    """So many plans assigned in one evening, each with its message."""
    for minute in range(number):
        with at(f"2026-11-23 22:{minute:02d}") as now:
            factories.assign(citizen, at=now)
    return list(Message.objects.filter(citizen=citizen).order_by("requested_at"))


def states(messages: list[Message]) -> list[str]:
    for message in messages:
        message.refresh_from_db()
    return [message.status for message in messages]


@pytest.mark.django_db
class TestBecomingOne:
    def test_three_tasks_in_a_night_are_one_message_in_the_morning(
        self, at: Clock, telephones: Telephones
    ) -> None:
        first, *others = plans_at_night(at, factories.CitizenFactory())
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert telephones.received == {first.pk: NEW_TASK}
        assert states([first, *others]) == [Status.SENT, Status.COLLAPSED, Status.COLLAPSED]
        assert all(other.collapsed_into == first for other in others)
        assert not Delivery.objects.filter(channel="nemsms", state=Delivery.State.WAITING).exists()

    def test_kinds_and_citizens_stay_apart(
        self, at: Clock, nurse: StaffMember, telephones: Telephones
    ) -> None:
        citizen = factories.CitizenFactory(municipality=nurse.municipality)
        with at("2026-11-23 21:00") as now:
            reminders.send(task=factories.overdue_task(citizen), by=nurse, at=now)
        plans_at_night(at, citizen)
        plans_at_night(at, factories.CitizenFactory())
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert sorted(telephones.received.values()) == [NEW_TASK, NEW_TASK, REMINDER]

    def test_by_day_each_leaves_when_it_is_asked_for(self, at: Clock, telephones: Telephones) -> None:
        citizen = factories.CitizenFactory()
        for minute in (0, 5):
            with at(f"2026-11-24 10:{minute:02d}") as now:
                factories.assign(citizen, at=now)
                deliver_messages()
        assert len(telephones.received) == 2

    def test_one_that_is_to_leave_another_day_waits_for_its_own(
        self, at: Clock, telephones: Telephones
    ) -> None:
        citizen = factories.CitizenFactory()
        [tonight] = plans_at_night(at, citizen, number=1)
        with at("2026-11-23 22:30") as now:
            factories.assign(citizen, at=now, starts_on=datetime(2026, 12, 14).date())  # noqa: DTZ001
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert list(telephones.received) == [tonight.pk]
        with at("2026-12-14 08:00"):
            deliver_messages()
        assert len(telephones.received) == 2

    def test_the_one_whose_task_is_answered_does_not_take_the_others_with_it(
        self, at: Clock, telephones: Telephones
    ) -> None:
        first, second, third = plans_at_night(at, factories.CitizenFactory())
        assert first.delivery is not None
        Task.objects.filter(care_plan=first.delivery.event.subject_id).update(status=Task.Status.CANCELLED)
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert list(telephones.received) == [second.pk]
        assert states([first, second, third]) == [Status.CALLED_OFF, Status.SENT, Status.COLLAPSED]

    def test_it_still_leaves_for_those_it_stands_for(self, at: Clock, telephones: Telephones) -> None:
        """NemSMS is down at 08:00; when it is back, the first task is answered and the second is not."""
        first, second = plans_at_night(at, factories.CitizenFactory(), number=2)
        telephones.out_of_order = True
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert states([first, second]) == [Status.HELD, Status.COLLAPSED]
        assert first.delivery is not None
        Task.objects.filter(care_plan=first.delivery.event.subject_id).update(status=Task.Status.CANCELLED)
        telephones.out_of_order = False
        with at("2026-11-24 09:00"):
            deliver_messages()
        assert list(telephones.received) == [first.pk]

    def test_what_may_have_arrived_is_the_one_that_is_sent_again(
        self, at: Clock, telephones: Telephones
    ) -> None:
        """A newer one joins it while it is tried again: one id, counted once."""
        citizen = factories.CitizenFactory()
        telephones.out_of_order = True
        with at("2026-11-24 10:00") as now:
            factories.assign(citizen, at=now)
            deliver_messages()
        telephones.out_of_order = False
        with at("2026-11-24 10:00:01") as now:
            factories.assign(citizen, at=now)
            deliver_messages()
        assert not telephones.received
        with at("2026-11-24 10:01"):
            deliver_messages()
        first, second = Message.objects.order_by("requested_at")
        assert list(telephones.received) == [first.pk]
        assert second.collapsed_into == first

    def test_a_citizen_outside_nemsms_ends_them_all(self, at: Clock, telephones: Telephones) -> None:
        citizen = factories.CitizenFactory()
        telephones.outside.add(citizen.cpr)
        messages = plans_at_night(at, citizen, number=2)
        with at("2026-11-24 08:00"):
            deliver_messages()
        assert states(messages) == [Status.NOT_ENROLLED, Status.COLLAPSED]
        assert not telephones.received

    def test_one_that_became_part_of_another_needs_no_second_reminder(
        self, at: Clock, nurse: StaffMember, telephones: Telephones
    ) -> None:
        citizen = factories.CitizenFactory(municipality=nurse.municipality)
        tasks = [factories.overdue_task(citizen), factories.overdue_task(citizen)]
        asked = []
        for minute, task in enumerate(tasks):
            with at(f"2026-11-23 22:{minute:02d}") as now:
                asked.append(reminders.send(task=task, by=nurse, at=now))
        with at("2026-11-24 08:00"):
            deliver_messages()
        with at("2026-11-24 09:00") as now:
            assert reminders.send(task=tasks[1], by=nurse, at=now) == asked[1]
        assert list(telephones.received.values()).count(REMINDER) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_two_of_them_send_one(at: Clock, telephones: Telephones) -> None:
    first, second = plans_at_night(at, factories.CitizenFactory(), number=2)
    with at("2026-11-24 08:00") as now, ThreadPoolExecutor(2) as workers:
        claimed = claim(channels.named("nemsms"), now).deliveries
        assert len(claimed) == 2
        meeting = Barrier(2)

        def send(delivery: Delivery) -> None:
            handover = NemSmsHandover()
            meeting.wait(10)
            handover.look([delivery])
            handover.deliver(delivery)
            with within(Scope.system()):
                handover.note()

        for done in [workers.submit(in_a_connection_of_its_own, send, one) for one in claimed]:
            done.result(timeout=30)
    assert len(telephones.received) == 1
    assert sorted(states([first, second])) == [Status.COLLAPSED, Status.SENT]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_notes_and_one_that_looks_do_not_wait_for_each_other_in_a_ring(
    at: Clock, telephones: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One notes what was sent and then who gets no messages; the other looks at more for the same two citizens."""
    found = [plans_at_night(at, factories.CitizenFactory(), number=2) for _ in range(2)]
    # The message that is noted last has the lower id, and is the first that the other one locks.
    outside, reached = sorted(found, key=lambda messages: messages[0].pk)
    telephones.outside.add(outside[0].citizen.cpr)
    half_noted = Event()
    move_each = MessageQuerySet.move_each

    def move_each_slowly(self: MessageQuerySet, to: Any, moments: dict[UUID, datetime]) -> None:
        move_each(self, to, moments)
        if not half_noted.is_set():
            half_noted.set()
            wait_until_somebody_waits()

    with at("2026-11-24 08:00") as now, ThreadPoolExecutor(2) as workers:
        deliveries: dict[int | None, Delivery] = {
            one.pk: one for one in claim(channels.named("nemsms"), now).deliveries
        }
        first, second = (
            [deliveries[pair[place].delivery_id] for pair in (reached, outside)] for place in (0, 1)
        )
        handover = NemSmsHandover()
        handover.look(first)
        for delivery in first:
            handover.deliver(delivery)
        monkeypatch.setattr(MessageQuerySet, "move_each", move_each_slowly)

        def note() -> None:
            with within(Scope.system()):
                handover.note()

        def look() -> None:
            assert half_noted.wait(10)
            NemSmsHandover().look(second)

        for done in [
            workers.submit(in_a_connection_of_its_own, note),
            workers.submit(in_a_connection_of_its_own, look),
        ]:
            done.result(timeout=30)
    assert states([reached[0], outside[0]]) == [Status.SENT, Status.NOT_ENROLLED]
