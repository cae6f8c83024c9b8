"""A worker outlives Redis, whichever of its connections notices first that it has gone."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue
from kombu.common import ignore_errors
from kombu.transport.redis import Channel

from kommunalpro import celery, redis_transport
from kommunalpro.embedded.redis import EmbeddedRedis
from tests.servers import free_port


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "redis", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def at_work(redis: EmbeddedRedis) -> Iterator[Any]:
    """A worker's connection: one message in its hands, waiting for the next and for what is told to all workers."""
    # Its types know nothing of Redis.
    connection: Any = Connection(redis.url)
    work = connection.default_channel
    with connection.Producer() as producer:
        producer.publish({}, routing_key="fut", declare=[Queue("fut")])
    assert work.basic_get("fut")
    work.basic_consume("fut", no_ack=False, callback=print, consumer_tag="worker")
    hears_all = connection.channel()
    Queue("gossip", Exchange("gossip", type="fanout"), auto_delete=True, channel=hears_all).declare()
    hears_all.basic_consume("gossip", no_ack=True, callback=print, consumer_tag="gossip")
    connection.transport.cycle.on_poll_start()
    pools = [channel.pool for channel in (work, hears_all)]
    yield connection
    for pool in pools:
        pool.disconnect()


def close_as_celery_does(connection: Any) -> Channel:
    """`Consumer.on_connection_error_after_connected`: twice, and nothing but an error of the connection may come."""
    channel: Channel = connection.default_channel
    ignore_errors(connection, connection.collect, socket_timeout=1)
    ignore_errors(connection, connection.close)
    return channel


def test_workers_use_it():
    with celery.app.connection_for_read() as connection:
        assert isinstance(connection.transport, redis_transport.Transport)


def test_with_tls_too():
    connection: Any = Connection("rediss://:secret@redis.example:6380/0?ssl_cert_reqs=required")
    assert isinstance(connection.transport, redis_transport.Transport)
    assert connection.ssl == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    assert Connection("rediss://redis.example:6380/0").ssl


def test_a_connection_whose_redis_went_is_closed(redis: EmbeddedRedis, at_work: Any):
    redis.stop()
    assert close_as_celery_does(at_work).closed


def test_what_a_worker_held_is_in_the_queue_again_where_redis_is_back(redis: EmbeddedRedis, at_work: Any):
    redis.stop()
    redis.start()
    assert close_as_celery_does(at_work).closed
    anew: Any
    with Connection(redis.url) as anew:
        assert anew.default_channel.basic_get("fut")


def test_a_connection_whose_redis_stands_is_closed_as_ever(at_work: Any):
    assert close_as_celery_does(at_work).closed
