"""A channel whose receiver has parts that can be away by themselves: the others go on, and nothing overtakes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from outbox import dispatcher
from outbox.breaker import FAILURES_THAT_OPEN, FIRST_PAUSE
from outbox.channels import AskedToWait, ReceiverAway, RetryLater
from outbox.claims import claim
from outbox.models import ChannelState, Delivery, ReceiverState
from tests.outbox.test_dispatcher import Receiver, news, receiver

__all__ = ["receiver"]

pytestmark = pytest.mark.django_db


def of(receiver: Receiver, part: str, key: UUID | None = None) -> Delivery:
    receiver.goes_to = part
    return news(key)


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def part(name: str) -> ReceiverState:
    return ReceiverState.objects.get(channel="fut", receiver=name)


class Away:
    """These parts do not answer; who goes there finds it out."""

    def __init__(self, receiver: Receiver, *parts: str, needed: dict[int, str] | None = None) -> None:
        self.parts = set(parts)
        self.needed = needed or {}
        self.tried: list[int] = []
        receiver.meanwhile = self

    def __call__(self, delivery: Delivery) -> None:
        self.tried.append(delivery.pk)
        goes_to = self.needed.get(delivery.pk, delivery.receiver)
        if goes_to in self.parts:
            raise ReceiverAway("no connection", receiver=goes_to)


@pytest.fixture
def careplan_away(receiver: Receiver) -> Callable[[datetime], Away]:
    """`careplan_away(moment)`: so many failed then that it is left alone."""

    def go(moment: datetime) -> Away:
        with at(moment):
            for _ in range(FAILURES_THAT_OPEN):
                of(receiver, "careplan")
            away = Away(receiver, "careplan")
            assert dispatcher.deliver_due(receiver) == FAILURES_THAT_OPEN
        away.tried.clear()
        return away

    return go


def test_one_part_that_is_away_holds_back_no_other(
    receiver: Receiver, careplan_away: Callable[[datetime], Away]
) -> None:
    now = timezone.now()
    away = careplan_away(now)
    with at(now):
        waits, leaves = of(receiver, "careplan"), of(receiver, "measurement")
        assert dispatcher.deliver_due(receiver) == 1
    assert receiver.received == away.tried == [leaves.pk]
    waits.refresh_from_db()
    assert (waits.attempts, waits.state) == (0, "waiting")
    assert part("careplan").last_problem == "no connection"
    assert ChannelState.objects.get(channel="fut").breaker.is_closed


def test_what_opens_in_the_middle_of_a_batch_gives_the_rest_of_that_part_back(receiver: Receiver) -> None:
    for _ in range(FAILURES_THAT_OPEN + 4):
        of(receiver, "careplan"), of(receiver, "measurement")
    Away(receiver, "careplan")
    with at(timezone.now()):
        dispatcher.deliver_due(receiver)
    waiting = Delivery.objects.filter(receiver="careplan", state="waiting")
    assert len(receiver.received) == FAILURES_THAT_OPEN + 4
    assert sorted(waiting.values_list("attempts", flat=True)) == [0] * 4 + [1] * FAILURES_THAT_OPEN
    assert not Delivery.objects.exclude(leased_until=None).exists()


def test_a_citizens_news_wait_for_the_one_before_also_where_their_own_part_answers(
    receiver: Receiver, careplan_away: Callable[[datetime], Away]
) -> None:
    now, citizen = timezone.now(), uuid4()
    away = careplan_away(now)
    with at(now):
        plan, answer = of(receiver, "careplan", citizen), of(receiver, "measurement", citizen)
        other = of(receiver, "measurement")
        dispatcher.deliver_due(receiver)
        assert receiver.received == [other.pk]
    away.parts.clear()
    with at(now + timedelta(minutes=30)):
        dispatcher.deliver_due(receiver)
    assert receiver.received.index(plan.pk) < receiver.received.index(answer.pk)


def test_what_needs_another_part_waits_for_that_from_then_on(receiver: Receiver) -> None:
    """Answers whose plan FUT lacks bring it, and so need the care plans' service."""
    answer = of(receiver, "measurement")
    Away(receiver, "careplan", needed={answer.pk: "careplan"})
    now = timezone.now()
    with at(now):
        dispatcher.deliver_due(receiver)
    answer.refresh_from_db()
    assert (answer.receiver, answer.attempts) == ("careplan", 1)
    assert part("careplan").failures == 1
    assert not ReceiverState.objects.filter(receiver="measurement").exists()
    ReceiverState.objects.update(failures=FAILURES_THAT_OPEN, openings=1, open_until=now + timedelta(hours=1))
    with at(now + timedelta(minutes=10)):
        assert dispatcher.deliver_due(receiver) == 0


def test_one_probe_goes_to_the_part_and_the_rest_follows(
    receiver: Receiver, careplan_away: Callable[[datetime], Away]
) -> None:
    now = timezone.now()
    away = careplan_away(now)
    with at(now + FIRST_PAUSE):
        for _ in range(6):
            of(receiver, "careplan"), of(receiver, "measurement")
        # The probe fails, and the answers go on beside it.
        dispatcher.deliver_due(receiver)
        assert sum(1 for pk in away.tried if pk not in receiver.received) == 1
        assert len(receiver.received) == 6
        assert part("careplan").openings == 2
    away.parts.clear()
    with at(now + 4 * FIRST_PAUSE):
        dispatcher.deliver_due(receiver)
    assert part("careplan").breaker.is_closed
    assert not Delivery.objects.filter(state="waiting").exists()


def test_while_a_probe_is_on_its_way_nobody_else_tries_that_part(
    receiver: Receiver, careplan_away: Callable[[datetime], Away]
) -> None:
    now = timezone.now()
    careplan_away(now)
    with at(now + FIRST_PAUSE):
        of(receiver, "careplan")
        answer = of(receiver, "measurement")
        probe = claim(receiver, timezone.now())
        assert (len(probe.deliveries), probe.is_probe, probe.probed) == (1, True, "careplan")
        assert [one.pk for one in claim(receiver, timezone.now()).deliveries] == [answer.pk]
        assert claim(receiver, timezone.now()).deliveries == []


def test_a_probe_that_meets_another_part_that_is_away_tells_nothing_of_its_own(
    receiver: Receiver, careplan_away: Callable[[datetime], Away]
) -> None:
    now = timezone.now()
    careplan_away(now)
    with at(now + FIRST_PAUSE):
        probe = Delivery.objects.filter(receiver="careplan").earliest("pk")
        Delivery.objects.exclude(pk=probe.pk).update(due_at=now + timedelta(hours=1))
        Delivery.objects.filter(pk=probe.pk).update(due_at=now)
        Away(receiver, "questionnaire", needed={probe.pk: "questionnaire"})
        assert dispatcher.deliver_due(receiver) == 1
        next_one = of(receiver, "careplan")
        dispatcher.deliver_due(receiver)
    probe.refresh_from_db()
    assert probe.receiver == "questionnaire"
    assert part("questionnaire").failures == 1
    assert next_one.pk in receiver.received
    assert part("careplan").breaker.is_closed


def test_what_all_need_holds_back_all(receiver: Receiver) -> None:
    """FUT's tokens: no part of their own."""
    for name in ["careplan", "measurement"] * FAILURES_THAT_OPEN:
        of(receiver, name)
    receiver.answers = [ReceiverAway("no token", receiver="")] * FAILURES_THAT_OPEN
    with at(timezone.now()):
        assert dispatcher.deliver_due(receiver) == FAILURES_THAT_OPEN
        assert dispatcher.deliver_due(receiver) == 0
    assert not ChannelState.objects.get(channel="fut").breaker.is_closed
    assert not ReceiverState.objects.exists()
    assert set(Delivery.objects.values_list("receiver", flat=True)) == {"careplan", "measurement"}


def test_the_channels_probe_comes_before_a_parts(receiver: Receiver) -> None:
    of(receiver, "careplan"), of(receiver, "measurement")
    now = timezone.now()
    facts = {"failures": FAILURES_THAT_OPEN, "openings": 1, "open_until": now - timedelta(seconds=1)}
    ChannelState.objects.create(channel="fut", **facts)
    ReceiverState.objects.create(channel="fut", receiver="careplan", **facts)
    with at(now):
        probe = claim(receiver, now)
        assert [one.receiver for one in probe.deliveries] == ["measurement"]
        assert (probe.is_probe, probe.probed) == (True, "")
        dispatcher.deliver(receiver, probe)
        assert ChannelState.objects.get(channel="fut").breaker.is_closed
        assert claim(receiver, now).probed == "careplan"


def test_failures_between_arrivals_are_not_in_a_row(receiver: Receiver) -> None:
    for _ in range(8):
        of(receiver, "careplan")
    away: Exception = ReceiverAway("no connection", receiver="careplan")
    receiver.answers = [away] * 4 + [RetryLater("412: changed")] + [away] * 3
    assert dispatcher.deliver_due(receiver) == 8
    assert part("careplan").breaker.is_closed


def test_too_much_at_once_is_said_for_the_whole_channel(receiver: Receiver) -> None:
    of(receiver, "careplan"), of(receiver, "measurement")
    receiver.answers = [AskedToWait("429", after=timedelta(minutes=7))]
    with at(timezone.now()):
        assert dispatcher.deliver_due(receiver) == 1
        assert dispatcher.deliver_due(receiver) == 0


def test_a_state_without_a_name_cannot_be() -> None:
    with pytest.raises(IntegrityError, match="receiver_state_says_whose"):
        ReceiverState.objects.create(channel="fut", receiver="")
