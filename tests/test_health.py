"""What a monitor is told: a stopped worker or beat shows, a receiver that is down does not."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kommunalpro.health import LONGEST_WAIT
from outbox import channels
from outbox.models import ChannelName, Delivery, Event, EventName
from outbox.selectors import free_to_leave
from tests import factories

pytestmark = pytest.mark.django_db

LONG_AGO = -LONGEST_WAIT - timedelta(seconds=10)


def delivery(
    channel: ChannelName = ChannelName.FUT,
    *,
    due_in: timedelta,
    leased_for: timedelta | None = None,
    key: UUID | None = None,
    ended: bool = False,
) -> Delivery:
    now = timezone.now()
    municipality = factories.MunicipalityFactory()
    event = Event.objects.create(
        name=EventName.CARE_PLAN_ASSIGNED,
        key=key or uuid4(),
        municipality=municipality,
        subject_model="plans.CarePlan",
        subject_id=uuid4(),
        occurred_at=now,
    )
    return Delivery.objects.create(
        event=event,
        channel=channel,
        key=event.key,
        municipality=municipality,
        due_at=now + due_in,
        leased_until=None if leased_for is None else now + leased_for,
        state=Delivery.State.DELIVERED if ended else Delivery.State.WAITING,
        ended_at=now if ended else None,
    )


def test_the_web_server_works(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_nothing_to_deliver_is_well(client: Client) -> None:
    answer = client.get("/healthz/deliveries")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "oldest_seconds": {"fut": 0, "nemsms": 0}}


@pytest.mark.parametrize("channel", list(ChannelName))
def test_what_nobody_takes_is_told(client: Client, channel: ChannelName) -> None:
    delivery(channel, due_in=LONG_AGO)
    answer = client.get("/healthz/deliveries")
    assert answer.status_code == 503
    assert answer.json()["status"] == "standing still"
    assert answer.json()["oldest_seconds"][channel.value] == pytest.approx(310, abs=5)


def test_a_worker_that_died_with_its_lease_is_told(client: Client) -> None:
    delivery(due_in=LONG_AGO, leased_for=timedelta(seconds=-1))
    assert client.get("/healthz/deliveries").status_code == 503


@pytest.mark.parametrize(
    "waiting",
    [
        pytest.param({"due_in": timedelta(minutes=-4)}, id="due a moment ago"),
        pytest.param({"due_in": LONG_AGO, "leased_for": timedelta(minutes=1)}, id="in a worker's hands"),
        pytest.param({"due_in": timedelta(hours=3)}, id="to be tried again, or quiet hours"),
        pytest.param({"due_in": LONG_AGO, "ended": True}, id="delivered"),
    ],
)
def test_what_goes_its_way_is_well(client: Client, waiting: dict[str, Any]) -> None:
    delivery(**waiting)
    assert client.get("/healthz/deliveries").status_code == 200


def test_what_waits_behind_a_retry_is_well(client: Client) -> None:
    first = delivery(due_in=timedelta(hours=1))
    delivery(due_in=LONG_AGO, key=first.key)
    assert client.get("/healthz/deliveries").status_code == 200


@pytest.mark.parametrize("channel", list(ChannelName))
def test_the_oldest_is_found_by_an_index(channel: ChannelName) -> None:
    with connection.cursor() as cursor:
        # PostgreSQL would read and sort a table of no rows whole.
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    oldest = free_to_leave(channels.named(channel), timezone.now()).order_by("due_at", "id")[:1]
    plan = oldest.explain()
    assert "using deliveries_due_in_channel" in plan
    assert "Sort" not in plan
