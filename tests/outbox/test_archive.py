"""What was delivered leaves the workers' tables: only that, once, whatever happens meanwhile; and it can come back."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from citizens.models import Citizen
from municipalities.scope import Scope, within
from notifications.models import Message
from notifications.selectors import fate_of
from outbox import archive, channels, claims, tasks, waking
from outbox.models import ArchivedDelivery, ChannelName, Delivery, Event, EventName
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits
from tests.identity.test_access_months import months_after, months_there

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=40)


def ended(
    *, ago: timedelta = LONG_AGO, state: str = "delivered", number: int = 1, citizen: Citizen | None = None
) -> list[Delivery]:
    """Deliveries to FUT of as many news about a citizen, all of which ended so long ago."""
    citizen = citizen or factories.CitizenFactory()
    ended_at = None if state == "waiting" else timezone.now() - ago
    whose: dict[str, Any] = {"key": citizen.pk, "municipality": citizen.municipality}
    events = Event.objects.bulk_create(
        Event(
            name=EventName.RESPONSE_COMPLETED,
            subject_model="questionnaires.Response",
            subject_id=uuid4(),
            occurred_at=timezone.now() - ago - timedelta(minutes=1),
            request_id=f"request-{index}",
            **whose,
        )
        for index in range(number)
    )
    return Delivery.objects.bulk_create(
        Delivery(
            event=event,
            channel="fut",
            state=state,
            due_at=event.occurred_at,
            ended_at=ended_at,
            attempts=2,
            **whose,
        )
        for event in events
    )


def run() -> archive.Archived:
    return archive.archive_delivered(at=timezone.now())


def run_without_waiting() -> archive.Archived:
    """As another worker, for whom a lock is a failure."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        return run()


def assigned(*, fut: str = "delivered", nemsms: str = "delivered") -> Event:
    """A plan's news in both channels, which stand so since long ago."""
    factories.assign()
    for channel, state in (("fut", fut), ("nemsms", nemsms)):
        ended_at = None if state == "waiting" else timezone.now() - LONG_AGO
        Delivery.objects.filter(channel=channel).update(state=state, ended_at=ended_at)
    return Event.objects.get()


# --- what moves --------------------------------------------------------------------------------------------


def test_an_archived_delivery_says_what_it_and_its_news_were() -> None:
    [delivery] = ended()
    event = delivery.event

    done = run()

    assert (done.deliveries, done.events) == (1, 1)
    assert not Delivery.objects.exists()
    assert not Event.objects.exists()
    kept = ArchivedDelivery.objects.get()
    assert {field.name: getattr(kept, field.attname) for field in kept._meta.concrete_fields} == {
        "id": delivery.pk,
        "event_id": event.pk,
        "name": event.name,
        "channel": "fut",
        "key": event.key,
        "municipality": event.municipality_id,
        "subject_model": "questionnaires.Response",
        "subject_id": event.subject_id,
        "occurred_at": event.occurred_at,
        "ended_at": delivery.ended_at,
        "attempts": 2,
        "state": "delivered",
        "request_id": "request-0",
    }


@pytest.mark.parametrize(
    ("state", "ago"),
    [("waiting", LONG_AGO), ("dead", LONG_AGO), ("delivered", timedelta(days=29, hours=23))],
    ids=["still waits", "was given up", "is of late"],
)
def test_what_must_stay_stays(state: str, ago: timedelta) -> None:
    ended(state=state, ago=ago)
    done = run()
    assert (done.deliveries, done.events) == (0, 0)
    assert Delivery.objects.count() == Event.objects.count() == 1


def test_how_long_ago_is_a_setting(settings: LazySettings) -> None:
    settings.OUTBOX_ARCHIVE_AFTER_DAYS = 7
    ended(ago=timedelta(days=6, hours=23))
    [old] = ended(ago=timedelta(days=7, minutes=1))
    run()
    assert ArchivedDelivery.objects.get().pk == old.pk


@pytest.mark.parametrize("nemsms", ["waiting", "dead"])
def test_an_event_stays_as_long_as_one_of_its_deliveries_does(nemsms: str) -> None:
    event = assigned(nemsms=nemsms)
    assert (run().deliveries, Event.objects.get()) == (1, event)
    assert Delivery.objects.get().channel == "nemsms"

    Delivery.objects.update(state="delivered", ended_at=timezone.now() - LONG_AGO)
    assert (run().events, Event.objects.count()) == (1, 0)
    assert set(ArchivedDelivery.objects.values_list("channel", "event_id")) == {
        ("fut", event.pk),
        ("nemsms", event.pk),
    }


def test_a_message_keeps_its_own_words_when_its_delivery_goes() -> None:
    assigned()
    sent_at = timezone.now() - LONG_AGO
    Message.objects.update(status="delivered", status_at=sent_at, sent_at=sent_at)
    before = Message.objects.get()
    said = fate_of(before, timezone.now()).text

    run()

    after = Message.objects.get()
    assert after.delivery_id is None
    assert (after.care_plan_id, after.status) == (before.care_plan_id, "delivered")
    assert fate_of(after, timezone.now()).text == said


def test_each_row_stands_in_the_month_it_ended_in() -> None:
    """Also in months of before there was an archive."""
    for days in (40, 400):
        ended(ago=timedelta(days=days))
    made = run().made
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, ended_at FROM outbox_archiveddelivery")
        for name, ended_at in cursor.fetchall():
            assert name == f"outbox_archiveddelivery_{ended_at.astimezone(UTC):%Y_%m}"
    assert f"outbox_archiveddelivery_{(timezone.now() - timedelta(days=400)).astimezone(UTC):%Y_%m}" in made
    assert {months_after(ahead) for ahead in range(-1, 4)} <= months_there("outbox_archiveddelivery")


def test_a_second_run_does_nothing() -> None:
    ended(number=3)
    run()
    assert run() == archive.Archived(deliveries=0, events=0, made=(), dropped=())


# --- while others work --------------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "BATCH", 3)


@pytest.mark.usefixtures("small_batches")
def test_a_run_takes_one_batch_after_the_other() -> None:
    ended(number=10)
    done = run()
    assert (done.deliveries, done.events) == (10, 10)
    assert ArchivedDelivery.objects.count() == 10


@pytest.mark.usefixtures("small_batches")
def test_a_night_ends_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ended(number=5)
    monkeypatch.setattr(tasks, "LONGEST_NIGHT", timedelta(microseconds=1))
    tasks.archive_delivered()
    assert ArchivedDelivery.objects.count() < 5

    monkeypatch.setattr(tasks, "LONGEST_NIGHT", timedelta(hours=1))
    tasks.archive_delivered()
    assert ArchivedDelivery.objects.count() == 5


ROWS = 3_000
KILLED = """
import django
django.setup()
from django.utils import timezone
from outbox import archive
archive.BATCH = 20
archive.archive_delivered(at=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_loses_nothing_and_the_next_one_goes_on() -> None:
    ids = {delivery.pk for delivery in ended(number=ROWS)}
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"},
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 90
    while not ArchivedDelivery.objects.exists() and worker.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    moved = set(ArchivedDelivery.objects.values_list("pk", flat=True))
    left = set(Delivery.objects.values_list("pk", flat=True))
    assert moved
    assert left, "It was killed too late to prove anything."
    assert not moved & left
    assert moved | left == ids
    assert Event.objects.count() == len(left)

    assert run().deliveries == len(left)
    assert set(ArchivedDelivery.objects.values_list("pk", flat=True)) == ids
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_batches")
def test_two_runs_at_once_move_everything_once() -> None:
    citizen = factories.CitizenFactory()
    rows = ended(number=60, citizen=citizen)
    # Each event has a second delivery, so that both runs meet at the same events.
    Delivery.objects.bulk_create(
        Delivery(
            event_id=one.event_id,
            channel="nemsms",
            key=one.key,
            municipality=citizen.municipality,
            state="delivered",
            due_at=one.due_at,
            ended_at=one.ended_at,
        )
        for one in rows
    )
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(in_a_connection_of_its_own, run) for _ in range(2)]
        done = [one.result() for one in runs]

    # What one held when the other came by is left for the next night, by nobody lost.
    last = run()
    assert sum(one.deliveries for one in [*done, last]) == ArchivedDelivery.objects.count() == 120
    assert sum(one.events for one in [*done, last]) == 60
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_make_the_same_months_take_turns() -> None:
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            assert "outbox_archiveddelivery_2011_03" in made_since_2011()
            second = other.submit(in_a_connection_of_its_own, made_since_2011)
            wait_until_somebody_waits()
        assert second.result(timeout=60) == []
    assert "2011_03" in months_there("outbox_archiveddelivery")
    assert "outbox_archiveddelivery_2011_03" in run().dropped


def made_since_2011() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_archive_make_months('2011-03-31')")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_the_last_of_an_events_deliveries_takes_it_along_also_where_two_runs_share_it() -> None:
    """One run is between its two statements when the other comes to the event's second delivery."""
    event = assigned()
    with within(Scope.system()), connection.cursor() as cursor:
        facts: dict[str, Any] = {
            "channel": "fut",
            "since": "-infinity",
            "before": timezone.now(),
            "batch": 10,
        }
        cursor.execute(archive._MOVE, facts)
        with ThreadPoolExecutor(1) as other:
            assert other.submit(in_a_connection_of_its_own, run_without_waiting).result().deliveries == 0
        cursor.execute(archive._DELETE_EVENTS, [[event.pk]])
    assert Event.objects.exists()
    assert run().events == 1
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_holds_is_passed_by_without_waiting() -> None:
    [held], [free] = ended(), ended()
    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=held.pk)
        with ThreadPoolExecutor(1) as other:
            done = other.submit(in_a_connection_of_its_own, run_without_waiting).result()
    assert done.deliveries == 1
    assert ArchivedDelivery.objects.get().pk == free.pk
    assert Delivery.objects.get() == held


def plan_of(query: str, facts: dict[str, Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}", facts)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("channel", ["fut", "nemsms"])
def test_no_claim_looks_at_what_was_archived_or_delivered(channel: str) -> None:
    ended(number=3_000)
    ended(state="waiting", number=20)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_delivery")
    query = claims._TAKE.format(
        receivers="",
        due=claims._DUE,
        in_order=claims._IN_ORDER if channels.named(channel).keeps_order else "",
    )
    now = timezone.now()
    facts = {
        "channel": channel,
        "is_held": False,
        "now": now,
        "count": 50,
        "last_served": 0,
        "leased_until": now,
    }
    plan = plan_of(query, facts)
    assert "archiveddelivery" not in plan
    assert "Seq Scan on outbox_delivery" not in plan
    # Indexes of what waits, and that by which the taken ones are written.
    used = set(re.findall(r"using (\w+) on outbox_delivery|Bitmap Index Scan on (\w*deliver\w+)", plan))
    of_waiting = {index.name for index in Delivery._meta.indexes if index.condition == Q(state="waiting")}
    names = {name for pair in used for name in pair if name}
    assert names & of_waiting
    assert names - of_waiting <= {"outbox_delivery_pkey"}, plan


# --- coming back --------------------------------------------------------------------------------------------------


def test_what_comes_back_waits_in_its_old_place() -> None:
    citizen = factories.CitizenFactory()
    old, older = ended(number=2, citizen=citizen)
    run()
    ended(state="waiting", citizen=citizen)
    now = timezone.now()

    with within(Scope.municipality(citizen.municipality_id)):
        assert archive.bring_back(ArchivedDelivery.objects.filter(pk=old.pk), at=now) == 1

    assert [each.pk for each in ArchivedDelivery.objects.all()] == [older.pk]
    back = Delivery.objects.select_related("event").get(pk=old.pk)
    assert (back.state, back.due_at, back.patience_from, back.ended_at) == ("waiting", now, now, None)
    assert (back.event_id, back.event.subject_id) == (old.event_id, old.event.subject_id)
    assert back.event.occurred_at == old.event.occurred_at
    # It comes first, as it did.
    turn = claims.claim(channels.named("fut"), timezone.now())
    assert [each.pk for each in turn.deliveries] == [old.pk]


def test_what_came_back_is_archived_again() -> None:
    [delivery] = ended()
    run()
    archive.bring_back(ArchivedDelivery.objects.all(), at=timezone.now())
    Delivery.objects.update(state="delivered", ended_at=timezone.now() - LONG_AGO)
    assert run().events == 1
    assert ArchivedDelivery.objects.get().pk == delivery.pk


def test_it_comes_back_to_its_event_where_that_is_still_there() -> None:
    event = assigned(nemsms="dead")
    run()
    assert archive.bring_back(ArchivedDelivery.objects.all(), at=timezone.now()) == 1
    assert Event.objects.get() == event
    assert set(Delivery.objects.values_list("channel", "state")) == {("fut", "waiting"), ("nemsms", "dead")}


def test_nothing_comes_back_twice_or_out_of_another_municipality() -> None:
    ended()
    run()
    everything = ArchivedDelivery.objects.all()
    with within(Scope.municipality(factories.MunicipalityFactory().pk)):
        assert archive.bring_back(everything.all(), at=timezone.now()) == 0
    assert archive.bring_back(everything.all(), at=timezone.now()) == 1
    assert archive.bring_back(everything.all(), at=timezone.now()) == 0


def test_nothing_of_somebody_who_is_gone_comes_back() -> None:
    ended()
    run()
    Citizen.objects.all().delete()
    assert archive.bring_back(ArchivedDelivery.objects.all(), at=timezone.now()) == 0


def test_a_worker_is_woken_for_what_comes_back(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[ChannelName] = []
    monkeypatch.setattr(waking, "nudge", woken.append)
    ended(number=2)
    run()
    with django_capture_on_commit_callbacks(execute=True):
        archive.bring_back(ArchivedDelivery.objects.all(), at=timezone.now())
    assert woken == [ChannelName.FUT]
