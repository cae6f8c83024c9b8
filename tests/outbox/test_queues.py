"""Which queue a task goes into: each channel has its own."""

import pytest

from kommunalpro import celery_app
from outbox.models import ChannelName


@pytest.mark.parametrize("channel", ChannelName.values)
def test_a_channels_deliveries_wait_in_its_own_queue(channel: str) -> None:
    way = celery_app.amqp.router.route({}, "outbox.tasks.deliver_due", args=(channel,), kwargs={})
    assert way["queue"].name == channel


def test_the_rest_waits_where_it_did() -> None:
    way = celery_app.amqp.router.route({}, "kommunalpro.tasks.clear_sessions", args=(), kwargs={})
    assert way["queue"].name == "celery"
