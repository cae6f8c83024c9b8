"""Delivering: in order within a citizen, retried, given up with the receiver's words, never lost."""

import os
import subprocess
import sys
from collections.abc import Callable
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

from outbox import channels, dispatcher
from outbox.backoff import FIRST, LONGEST, pause
from outbox.channels import Refused, RetryLater
from outbox.models import ChannelName, Delivery, Event, EventName
from outbox.services import record
from tests import factories


class Receiver:
    """A channel in the place of FUT's, that does as it is told."""

    name = ChannelName.FUT

    def __init__(self) -> None:
        self.received: list[int] = []
        self.answers: list[Exception] = []
        self.gave_up_on: list[int] = []

    def wants(self, event: Event) -> bool:
        return True

    def prepare(self, delivery: Delivery) -> None: ...

    def not_before(self, event: Event, moment: datetime) -> datetime:
        return moment

    def deliver(self, delivery: Delivery) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.received.append(delivery.pk)

    def gave_up(self, delivery: Delivery) -> None:
        self.gave_up_on.append(delivery.pk)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    there = Receiver()
    monkeypatch.setattr(channels, "_channels", {ChannelName.FUT: there})
    return there


def news(key: UUID | None = None) -> Delivery:
    with transaction.atomic():
        event = record(
            EventName.CARE_PLAN_ASSIGNED,
            subject=factories.MunicipalityFactory.build(pk=uuid4()),
            key=key or uuid4(),
            at=timezone.now(),
        )
    return event.deliveries.get()


@pytest.mark.django_db
class TestDelivering:
    def test_news_are_delivered_once(self, receiver: Receiver) -> None:
        delivery = news()
        assert dispatcher.deliver_due() == 1
        assert dispatcher.deliver_due() == 0
        delivery.refresh_from_db()
        assert (delivery.state, receiver.received) == (Delivery.State.DELIVERED, [delivery.pk])

    def test_a_citizens_news_keep_their_order(self, receiver: Receiver) -> None:
        citizen, other = uuid4(), uuid4()
        first, second, third = news(citizen), news(citizen), news(other)
        assert {delivery.pk for delivery in dispatcher.claim(timezone.now())} == {first.pk, third.pk}
        assert dispatcher.claim(timezone.now()) == []  # leased, and the second waits for the first
        assert second.pk not in receiver.received

    def test_a_failure_holds_back_only_that_citizen(self, receiver: Receiver) -> None:
        citizen = uuid4()
        first, second, other = news(citizen), news(citizen), news()
        receiver.answers = [RetryLater("no answer")]
        dispatcher.deliver_due()
        assert receiver.received == [other.pk]
        with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=False):
            dispatcher.deliver_due()
        assert receiver.received == [other.pk, first.pk, second.pk]

    def test_a_refusal_is_given_up_with_the_receivers_words(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [Refused("422: the episode has ended")]
        dispatcher.deliver_due()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_problem) == (Delivery.State.DEAD, "422: the episode has ended")
        assert receiver.gave_up_on == [delivery.pk]

    def test_a_fault_of_ours_is_tried_again(self, receiver: Receiver) -> None:
        delivery = news()
        receiver.answers = [ZeroDivisionError("ours")]
        dispatcher.deliver_due()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.last_problem) == (Delivery.State.WAITING, "ZeroDivisionError: ours")

    def test_it_gives_up_after_the_last_attempt(self, receiver: Receiver) -> None:
        delivery = news()
        moment = timezone.now()
        for _ in range(dispatcher.ATTEMPTS_BEFORE_GIVING_UP):
            receiver.answers = [RetryLater("no answer")]
            moment += LONGEST
            with time_machine.travel(moment, tick=False):
                dispatcher.deliver_due()
        delivery.refresh_from_db()
        assert (delivery.state, delivery.attempts) == (
            Delivery.State.DEAD,
            dispatcher.ATTEMPTS_BEFORE_GIVING_UP,
        )

    def test_a_killed_workers_claim_comes_back(self, receiver: Receiver) -> None:
        delivery = news()
        now = timezone.now()
        assert dispatcher.claim(now) == [delivery]
        assert dispatcher.claim(now + dispatcher.LEASE) == []
        assert dispatcher.claim(now + dispatcher.LEASE + timedelta(seconds=1)) == [delivery]

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
        assert in_another_worker(lambda: dispatcher.claim(timezone.now())) == [theirs]


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_a_mistake_that_shows() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record(
            EventName.CARE_PLAN_ASSIGNED,
            subject=factories.MunicipalityFactory.build(pk=uuid4()),
            key=uuid4(),
            at=timezone.now(),
        )


jitters = st.floats(0, 1, exclude_max=True)


@given(attempts=st.integers(1, 1000), jitter=jitters)
def test_pauses_grow_to_an_hour_and_never_past(attempts: int, jitter: float) -> None:
    assert FIRST / 2 <= pause(attempts=attempts, jitter=jitter) <= LONGEST


@given(jitter=jitters, seconds=st.integers(1, 7200))
def test_what_the_receiver_asks_for_is_never_undercut(jitter: float, seconds: int) -> None:
    asked_for = timedelta(seconds=seconds)
    assert pause(attempts=1, jitter=jitter, asked_for=asked_for) >= asked_for


def test_a_queue_that_is_away_costs_no_news(settings: LazySettings) -> None:
    """The nudge gives up quietly; beat finds the row. In a process of its own, since connections are kept."""
    script = "import django; django.setup(); from outbox import services; services._nudge(); print('went on')"
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
