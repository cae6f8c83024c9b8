"""A channel as all its workers see it: left alone while its receiver is away, held, paused, and at its rate."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.db import IntegrityError
from django.utils import timezone

from municipalities.models import Municipality
from outbox import dispatcher
from outbox.breaker import FAILURES_THAT_OPEN, FIRST_PAUSE
from outbox.channels import AskedToWait, ReceiverAway, Refused, RetryLater
from outbox.claims import BATCH, claim
from outbox.models import ChannelName, ChannelState, Delivery, Event, EventName
from tests import factories
from tests.outbox.test_dispatcher import Receiver, news, receiver

__all__ = ["receiver"]

pytestmark = pytest.mark.django_db


def state() -> ChannelState:
    return ChannelState.objects.get(channel="fut")


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


class TestAReceiverThatIsAway:
    def test_nothing_is_tried_while_it_is_left_alone(self, receiver: Receiver) -> None:
        for _ in range(20):
            news()
        with at(timezone.now()) as _:
            receiver.answers = [ReceiverAway("no connection")] * 20
            assert dispatcher.deliver_due(receiver) == FAILURES_THAT_OPEN
            assert dispatcher.deliver_due(receiver) == 0
        tried = Counter(Delivery.objects.values_list("attempts", flat=True))
        assert tried == {1: FAILURES_THAT_OPEN, 0: 20 - FAILURES_THAT_OPEN}
        assert not Delivery.objects.exclude(leased_until=None).exists()
        assert state().last_problem == "no connection"

    def test_one_probe_goes_first_and_the_rest_follows_when_it_arrives(self, receiver: Receiver) -> None:
        for _ in range(20):
            news()
        began = timezone.now()
        receiver.answers = [ReceiverAway("no connection")] * (FAILURES_THAT_OPEN + 1)
        with at(began):
            dispatcher.deliver_due(receiver)
        with at(began + FIRST_PAUSE):
            assert dispatcher.deliver_due(receiver) == 1  # the probe fails
            assert dispatcher.deliver_due(receiver) == 0
        with at(began + 3 * FIRST_PAUSE):
            assert dispatcher.deliver_due(receiver) > 1
        assert state().breaker.is_closed
        assert len(receiver.received) >= 14

    def test_while_a_probe_is_on_its_way_nobody_else_tries(self, receiver: Receiver) -> None:
        for _ in range(8):
            news()
        began = timezone.now()
        receiver.answers = [ReceiverAway("no connection")] * FAILURES_THAT_OPEN
        with at(began):
            dispatcher.deliver_due(receiver)
        with at(began + FIRST_PAUSE) as _:
            probe = claim(receiver, timezone.now())
            assert (len(probe.deliveries), probe.is_probe) == (1, True)
            assert claim(receiver, timezone.now()).deliveries == []

    @pytest.mark.parametrize("answer", [Refused("422: no"), RetryLater("403: not yet")])
    def test_whoever_says_no_is_there(self, receiver: Receiver, answer: Exception) -> None:
        for _ in range(12):
            news()
        away = [ReceiverAway("no connection")] * (FAILURES_THAT_OPEN - 1)
        receiver.answers = [*away, answer, *away]
        assert dispatcher.deliver_due(receiver) == 12
        assert state().breaker.is_closed


def test_whoever_asks_to_wait_is_asked_nothing_until_then(receiver: Receiver) -> None:
    for _ in range(3):
        news()
    receiver.answers = [AskedToWait("429", after=timedelta(minutes=7))]
    began = timezone.now()
    with at(began):
        assert dispatcher.deliver_due(receiver) == 1
    with at(began + timedelta(minutes=6)):
        assert dispatcher.deliver_due(receiver) == 0
    with at(began + timedelta(minutes=7)):
        assert dispatcher.deliver_due(receiver) == 3


def test_a_pause_says_who_and_why() -> None:
    with pytest.raises(IntegrityError, match="channel_pause_says_who_and_why"):
        ChannelState.objects.create(channel="fut", paused_at=timezone.now())


def test_the_rate_holds_for_all_workers_together(receiver: Receiver, settings: LazySettings) -> None:
    settings.OUTBOX_PER_SECOND = {"fut": 4, "nemsms": 0}
    for _ in range(12):
        news()
    with at(timezone.now()) as clock:
        naps: list[float] = []

        def nap(seconds: float) -> None:
            naps.append(seconds)
            clock.shift(seconds + 0.001)

        assert dispatcher.deliver_due(receiver, nap=nap) == 12
        assert 2.0 <= sum(naps) < 2.5  # four at once, eight at four a second, one look into the empty outbox


def test_a_worker_gives_the_queue_back_after_its_shift(receiver: Receiver) -> None:
    for _ in range(BATCH + 1):
        news()
    with at(timezone.now()) as clock:
        receiver.meanwhile = lambda _: clock.shift(0.05)
        assert dispatcher.deliver_due(receiver, for_at_most=timedelta(seconds=1)) == BATCH


def test_what_a_slow_receiver_leaves_of_a_batch_is_given_back(receiver: Receiver) -> None:
    for _ in range(6):
        news()
    with at(timezone.now()) as clock:
        receiver.meanwhile = lambda _: clock.shift(3)
        turn = claim(receiver, timezone.now())
        assert dispatcher.deliver(receiver, turn) == 2
    assert Delivery.objects.filter(state="waiting", leased_until=None, attempts=0).count() == 4


def wait(place: Municipality, *, due: datetime, number: int = 1, is_held: bool = False) -> list[int]:
    """So many deliveries of one municipality, as they stand in the database; their ids."""
    events = Event.objects.bulk_create(
        Event(
            name=EventName.REMINDER_REQUESTED,
            key=uuid4(),
            municipality=place,
            subject_model="notifications.Message",
            subject_id=uuid4(),
            occurred_at=due,
        )
        for _ in range(number)
    )
    return [
        row.pk
        for row in Delivery.objects.bulk_create(
            Delivery(
                event=event,
                channel=ChannelName.FUT,
                key=event.key,
                municipality=place,
                due_at=due,
                is_held=is_held,
            )
            for event in events
        )
    ]


class TestWhoseTurnItIs:
    def test_a_large_municipality_takes_no_places_of_a_small_one(self, receiver: Receiver) -> None:
        large, small = factories.MunicipalityFactory(), factories.MunicipalityFactory()
        now = timezone.now()
        wait(large, due=now - timedelta(minutes=1), number=3 * BATCH, is_held=True)
        wait(small, due=now, number=BATCH, is_held=True)
        got = Counter(one.municipality_id for one in claim(receiver, now).deliveries)
        assert got[large.pk] == pytest.approx(BATCH / 2, abs=2)
        assert got[small.pk] == pytest.approx(BATCH / 2, abs=2)

    def test_one_at_a_time_they_take_turns(self, receiver: Receiver, settings: LazySettings) -> None:
        settings.OUTBOX_PER_SECOND = {"fut": 1, "nemsms": 0}
        places = [factories.MunicipalityFactory() for _ in range(3)]
        now = timezone.now()
        for place in places:
            wait(place, due=now, number=5)
        order = []
        for second in range(6):
            [one] = claim(receiver, now + timedelta(seconds=second)).deliveries
            order.append(one.municipality_id)
        assert sorted(order[:3]) == sorted(order[3:]) == sorted(place.pk for place in places)

    def test_a_municipality_sends_its_oldest_first(self, receiver: Receiver) -> None:
        place, now = factories.MunicipalityFactory(), timezone.now()
        young = wait(place, due=now - timedelta(minutes=1), number=BATCH)
        old = wait(place, due=now - timedelta(minutes=2), number=BATCH)
        assert [one.pk for one in claim(receiver, now).deliveries] == old
        assert [one.pk for one in claim(receiver, now).deliveries] == young

    def test_what_is_asked_for_now_does_not_wait_behind_the_night(self, receiver: Receiver) -> None:
        place, now = factories.MunicipalityFactory(), timezone.now()
        wait(place, due=now - timedelta(hours=1), number=3 * BATCH, is_held=True)
        [reminder] = wait(place, due=now)
        claimed = [one.pk for one in claim(receiver, now).deliveries]
        assert reminder in claimed
        assert len(claimed) == BATCH  # and the night goes on meanwhile

    def test_the_night_does_not_wait_behind_what_is_asked_for_now(self, receiver: Receiver) -> None:
        place, now = factories.MunicipalityFactory(), timezone.now()
        wait(place, due=now - timedelta(hours=1), number=3 * BATCH)
        night = wait(place, due=now, number=BATCH, is_held=True)
        claimed = {one.pk for one in claim(receiver, now).deliveries}
        assert len(claimed & set(night)) == pytest.approx(BATCH / 2, abs=1)


def test_patience_begins_when_it_may_leave(receiver: Receiver) -> None:
    """A message that waited three weeks for a plan's first day is not given up at its first failure."""
    citizen, now = uuid4(), timezone.now()
    receiver.opens_at[citizen] = now + timedelta(days=21)
    delivery = news(citizen)
    receiver.answers = [RetryLater("no answer")]
    with at(now + timedelta(days=21, seconds=1)):
        dispatcher.deliver_due(receiver)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.is_held) == (Delivery.State.WAITING, True)
