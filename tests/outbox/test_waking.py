"""Nudges: a channel has one in its queue at most, and whoever commits while nobody is about to wake sends one."""

from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings
from redis import Redis

from outbox import tasks
from outbox.models import ChannelName
from outbox.waking import BEAT_SECONDS, awake, nudge


@pytest.fixture
def queue() -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def waiting(queue: Redis) -> dict[str, int]:
    return {channel.value: int(queue.llen(channel.value)) for channel in ChannelName}


def test_a_second_nudge_adds_nothing_to_one_that_waits(queue: Redis) -> None:
    nudge(ChannelName.FUT)
    nudge(ChannelName.FUT)
    nudge(ChannelName.NEMSMS)
    assert waiting(queue) == {"fut": 1, "nemsms": 1}


def test_what_is_committed_after_a_worker_began_wakes_the_next(queue: Redis) -> None:
    nudge(ChannelName.FUT)
    awake(ChannelName.FUT)
    nudge(ChannelName.FUT)
    assert waiting(queue)["fut"] == 2


@pytest.mark.django_db
def test_a_worker_says_that_it_is_awake_before_it_looks(queue: Redis) -> None:
    nudge(ChannelName.FUT)
    tasks.deliver_due(ChannelName.FUT.value)
    assert not queue.exists("outbox:nudged:fut")


def test_a_nudge_that_was_lost_keeps_others_away_no_longer_than_beat_takes(queue: Redis) -> None:
    nudge(ChannelName.FUT)
    queue.delete("fut")  # a worker took it and was killed
    assert 0 < int(queue.ttl("outbox:nudged:fut")) <= BEAT_SECONDS
    every = {
        entry["args"][0]: entry["schedule"]
        for entry in current_app.conf.beat_schedule.values()
        if entry["task"] == "outbox.tasks.deliver_due"
    }
    assert every == {channel.value: float(BEAT_SECONDS) for channel in ChannelName}
