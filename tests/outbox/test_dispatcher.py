"""Delivering: in order within a citizen, retried, given up with the receiver's words, never lost."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from citizens.models import Citizen
from outbox import channels, dispatcher, services
from outbox.backoff import FIRST, LONGEST, pause
from outbox.channels import OneByOne, Refused, RetryLater
from outbox.claims import LONGEST_TURN, WAITING_LEASE, claim
from outbox.models import ChannelName, Delivery, Event, EventName
from outbox.services import record
from tests import factories


class Receiver:
    """A channel in the place of FUT's, that does as it is told."""

    name = ChannelName.FUT
    keeps_order = True
    prepare = None
    lease = timedelta(minutes=5)
    patience = timedelta(days=1)

    def __init__(self) -> None:
        self.opens_at: dict[UUID, datetime] = {}
        self.closed_until: datetime | None = None
        self.meanwhile: Callable[[Delivery], None] = lambda delivery: None
        self.received: list[int] = []
        self.answers: list[Exception] = []
        self.goes_to = ""
        self.gave_up_on: list[int] = []
        self.postponed_to: list[datetime] = []

    def wants(self, event: Event) -> bool:
        return True

    def receiver(self, event: Event) -> str:
        return self.goes_to

    def not_before(self, event: Event, moment: datetime) -> datetime:
        return max(moment, self.opens_at.get(event.key, moment))

    def opens(self, moment: datetime) -> datetime:
        return max(moment, self.closed_until or moment)

    def handover(self) -> OneByOne:
        return OneByOne(self.deliver)

    def deliver(self, delivery: Delivery) -> None:
        self.meanwhile(delivery)
        if self.answers:
            raise self.answers.pop(0)
        self.received.append(delivery.pk)

    def postponed(self, delivery: Delivery, until: datetime) -> None:
        self.postponed_to.append(until)

    def gave_up(self, delivery: Delivery) -> None:
        self.gave_up_on.append(delivery.pk)

    def revived(self, delivery: Delivery) -> None:
        self.gave_up_on.remove(delivery.pk)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    there = Receiver()
    monkeypatch.setattr(channels, "_channels", {ChannelName.FUT: there})
    return there


def news(key: UUID | None = None) -> Delivery:
    with transaction.atomic():
        event = record(
            EventName.CARE_PLAN_ASSIGNED,
            subject=factories.CitizenFactory(),
            key=key or uuid4(),
            at=timezone.now(),
        )
    return event.deliveries.get()


def claimed(receiver: Receiver, now: datetime | None = None) -> list[Delivery]:
    return claim(receiver, now or timezone.now()).deliveries


@pytest.mark.django_db
class TestDelivering:
    def test_news_are_delivered_once(self, receiver: Receiver) -> None:
        delivery = news()
        assert dispatcher.deliver_due(receiver) == 1
        assert dispatcher.deliver_due(receiver) == 0
        delivery.refresh_from_db()
        assert (delivery.state, receiver.received) == (Delivery.State.DELIVERED, [delivery.pk])

    def test_a_citizens_news_keep_their_order(self, receiver: Receiver) -> None:
        citizen, other = uuid4(), uuid4()
        first, second, third = news(citizen), news(citizen), news(other)
        assert {delivery.pk for delivery in claimed(receiver)} == {first.pk, third.pk}
        assert claimed(receiver) == []  # leased, and the second waits for the first
        assert second.pk not in receiver.received

    def test_a_failure_holds_back_only_that_citizen(self, receiver: Receiver) -> None:
        citizen = uuid4()
        first, second, other = news(citizen), news(citizen), news()
        receiver.answers = [RetryLater("no answer")]
        dispatcher.deliver_due(receiver)
        assert receiver.received == [other.pk]
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            dispatcher.deliver_due(receiver)
        assert receiver.received == [other.pk, first.pk, second.pk]

    def test_a_refusal_is_given_up_with_the_receivers_words(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [Refused("422: the episode has ended")]
        dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_problem) == (Delivery.State.DEAD, "422: the episode has ended")
        assert receiver.gave_up_on == [delivery.pk]

    def test_a_fault_of_ours_is_tried_again(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [ZeroDivisionError("ours")]
        dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_problem) == (Delivery.State.WAITING, "ZeroDivisionError: ours")

    def test_what_cannot_be_looked_at_together_is_delivered_one_by_one(self, receiver: Receiver) -> None:
        class Stumbling(OneByOne):
            def look(self, deliveries: Sequence[Delivery]) -> None:
                raise ZeroDivisionError("ours")

        receiver.handover = lambda: Stumbling(receiver.deliver)  # type: ignore[method-assign]
        first, second = news(), news()
        assert dispatcher.deliver_due(receiver) == 2
        assert receiver.received == [first.pk, second.pk]

    def test_an_outage_is_waited_out_as_long_as_the_channel_has_patience(self, receiver: Receiver) -> None:
        delivery = news()
        began = timezone.now()
        for hours in range(24):
            receiver.answers = [RetryLater("no answer")]
            with time_machine.travel(began + timedelta(hours=hours), tick=False):
                dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.WAITING
        receiver.answers = [RetryLater("still no answer")]
        with time_machine.travel(began + timedelta(hours=26), tick=False):
            dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_problem) == (Delivery.State.DEAD, "still no answer")

    def test_what_was_given_up_can_be_sent_again(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [Refused("422: the episode has ended")]
        dispatcher.deliver_due(receiver)
        assert services.send_again(delivery, at=timezone.now())
        assert not services.send_again(delivery, at=timezone.now())
        assert receiver.gave_up_on == []
        dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert (delivery.state, receiver.received) == (Delivery.State.DELIVERED, [delivery.pk])

    def test_a_worker_that_lost_its_lease_writes_nothing(self, receiver: Receiver) -> None:
        """The first worker hangs until its lease runs out; the second delivers; the first is then refused."""
        delivery = news()

        def another_worker_takes_over(held: Delivery) -> None:
            receiver.meanwhile = lambda delivery: None
            with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
                assert dispatcher.deliver_due(receiver) == 1
            receiver.answers = [Refused("409: it is there already")]

        receiver.meanwhile = another_worker_takes_over
        dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert (delivery.state, receiver.gave_up_on) == (Delivery.State.DELIVERED, [])

    def test_a_row_that_another_worker_took_from_the_batch_is_left_to_it(self, receiver: Receiver) -> None:
        delivery = news()
        mine = claim(receiver, timezone.now())
        with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
            dispatcher.deliver(receiver, claim(receiver, timezone.now()))
        dispatcher.deliver(receiver, mine)
        assert receiver.received == [delivery.pk]

    def test_where_order_does_not_matter_nobody_waits_for_what_may_not_leave_yet(
        self, receiver: Receiver
    ) -> None:
        receiver.keeps_order = False
        citizen = uuid4()
        receiver.opens_at[citizen] = timezone.now() + timedelta(days=21)
        for_later = news(citizen)
        receiver.opens_at.clear()
        for_now = news(citizen)
        dispatcher.deliver_due(receiver)
        assert receiver.received == [for_now.pk]
        assert for_later.due_at > timezone.now()

    def test_a_receivers_words_keep_no_cpr_number(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [Refused("no such person: 610150-1234")]
        dispatcher.deliver_due(receiver)
        delivery.refresh_from_db()
        assert delivery.last_problem == "no such person: ••••••-••••"

    def test_a_killed_workers_claim_comes_back(self, receiver: Receiver) -> None:
        delivery = news()
        now = timezone.now()
        runs_out = WAITING_LEASE + LONGEST_TURN
        assert claimed(receiver, now) == [delivery]
        assert claimed(receiver, now + runs_out) == []
        assert claimed(receiver, now + runs_out + timedelta(seconds=1)) == [delivery]

    def test_the_request_id_follows_the_news(self, receiver: Receiver) -> None:
        from structlog.contextvars import bound_contextvars

        with bound_contextvars(request_id="abc"):
            delivery = news()
        assert delivery.event.request_id == "abc"

    def test_waiting_and_ended_at_once_is_impossible(self, receiver: Receiver) -> None:
        delivery = news()
        with pytest.raises(IntegrityError, match="delivery_has_ended_unless_waiting"):
            Delivery.objects.filter(pk=delivery.pk).update(ended_at=timezone.now())


def in_another_worker(work: Callable[[], list[Delivery]]) -> list[Delivery]:
    """What `work` gives on a database connection of its own."""

    def run() -> list[Delivery]:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(run).result()


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_the_same_row(receiver: Receiver) -> None:
    mine, theirs = news(), news()
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=mine.pk)
        assert in_another_worker(lambda: claimed(receiver)) == [theirs]


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_a_mistake_that_shows() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record(
            EventName.CARE_PLAN_ASSIGNED,
            subject=Citizen(municipality_id=1),
            key=uuid4(),
            at=timezone.now(),
        )


jitters = st.floats(0, 1, exclude_max=True)


@given(attempts=st.integers(1, 1000), jitter=jitters)
def test_pauses_grow_to_an_hour_and_never_past(attempts: int, jitter: float) -> None:
    assert FIRST / 2 <= pause(attempts=attempts, jitter=jitter) <= LONGEST


@given(jitter=jitters, seconds=st.integers(1, 6 * 3600))
def test_what_the_receiver_asks_for_is_never_undercut(jitter: float, seconds: int) -> None:
    asked_for = timedelta(seconds=seconds)
    assert pause(attempts=1, jitter=jitter, asked_for=asked_for) >= asked_for


def test_a_receiver_that_asks_for_a_week_is_asked_again_the_same_day() -> None:
    assert pause(attempts=1, jitter=0, asked_for=timedelta(days=7)) == timedelta(hours=6)


def test_a_queue_that_is_away_costs_no_news(settings: LazySettings) -> None:
    """The nudge gives up quietly; beat finds the row. In a process of its own, since connections are kept."""
    script = (
        "import django; django.setup(); from outbox import waking; from outbox.models import ChannelName; "
        "waking.nudge(ChannelName.FUT); print('went on')"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "kommunalpro.settings",
            "REDIS_URL": "redis://127.0.0.1:9/0",
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "went on\n"
    assert "outbox.nudge_failed" in result.stderr
