"""Waking a worker as soon as there is something to deliver, rather than at the next beat.

A channel has at most one nudge in its queue: the worker that takes it finds everything that was committed until then,
so a second one would find nothing. Redis remembers that there is one, from before it is sent until a worker begins.
Whatever is lost on the way, beat comes by within `BEAT_SECONDS`; the news itself stands in the database.
"""

from functools import lru_cache

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from outbox.models import ChannelName
from outbox.queues import TASK

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5
"""How often beat looks for itself, and so how long a nudge that was lost may keep others away."""

PATIENCE_SECONDS = 0.5
"""How long to wait for Redis: the person who has just sent their answers waits with us."""


def nudge(channel: ChannelName) -> None:
    """Wake a worker of the channel, unless one is about to wake; call after the commit of what it is to find.

    A missing queue costs a moment, never the news.
    """
    try:
        if _redis().set(_name(channel), 1, nx=True, ex=BEAT_SECONDS):
            current_app.send_task(TASK, args=[channel.value], retry=False, ignore_result=True)
    except (OperationalError, RedisError) as error:
        log.warning("outbox.nudge_failed", reason=str(error))


def awake(channel: ChannelName) -> None:
    """A worker has begun, and has looked for nothing yet: what is committed from now on needs a nudge of its own."""
    try:
        _redis().delete(_name(channel))
    except RedisError as error:
        log.warning("outbox.nudge_failed", reason=str(error))


def _name(channel: ChannelName) -> str:
    return f"outbox:nudged:{channel.value}"


@lru_cache(maxsize=1)
def _redis() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
