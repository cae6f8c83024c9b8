"""What was delivered some time ago leaves the tables that workers use, and stands in months of its own (docs/adr/0012).

Archiving is bookkeeping and runs in the scope *system*, a batch a transaction: stopped at any moment it goes on the
next time, and two at once take different rows. What waits or was given up is never touched; a row that somebody else
holds is left for the next time, so that nobody waits for the archive and the archive for nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone

from municipalities.scope import Scope, within
from outbox import waking
from outbox.models import ArchivedDelivery, ChannelName, Delivery

log = structlog.get_logger(__name__)

# Some tenths of a second each.
BATCH = 2_000

# The event is locked with its delivery: two batches with its two deliveries take turns, and the later one sees that
# nothing is left of it.
_MOVE = """
WITH old AS MATERIALIZED (
    SELECT delivery.id
    FROM outbox_delivery delivery JOIN outbox_event event ON event.id = delivery.event_id
    WHERE delivery.channel = %(channel)s AND delivery.state = 'delivered'
        AND delivery.ended_at >= %(since)s AND delivery.ended_at < %(before)s
    ORDER BY delivery.ended_at
    LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM outbox_delivery delivery USING old WHERE delivery.id = old.id RETURNING delivery.*
), moved AS (
    INSERT INTO outbox_archiveddelivery (
        id, event_id, name, channel, key, municipality_id, subject_model, subject_id, occurred_at, ended_at,
        attempts, state, request_id
    )
    SELECT gone.id, gone.event_id, event.name, gone.channel, gone.key, gone.municipality_id, event.subject_model,
        event.subject_id, event.occurred_at, gone.ended_at, gone.attempts, gone.state, event.request_id
    FROM gone JOIN outbox_event event ON event.id = gone.event_id
    RETURNING event_id, ended_at
)
SELECT count(*), max(ended_at), coalesce(array_agg(event_id), '{}') FROM moved
"""
_DELETE_EVENTS = """
DELETE FROM outbox_event event WHERE event.id = ANY(%s)
    AND NOT EXISTS (SELECT FROM outbox_delivery delivery WHERE delivery.event_id = event.id)
"""

# Whose citizen is being deleted is not brought back behind the deletion's back: that holds the citizen's row. The event
# is there where its other channel gave it up; written over with itself, it is locked and cannot go meanwhile.
_BRING_BACK = """
WITH whose AS MATERIALIZED (
    SELECT citizen.id FROM citizens_citizen citizen
    WHERE citizen.id = ANY(%(keys)s) ORDER BY citizen.id FOR KEY SHARE
), back AS (
    DELETE FROM outbox_archiveddelivery archived USING whose
    WHERE archived.key = whose.id AND archived.id = ANY(%(ids)s)
        AND archived.ended_at BETWEEN %(first)s AND %(last)s
    RETURNING archived.*
), known AS (
    INSERT INTO outbox_event (
        id, name, key, municipality_id, subject_model, subject_id, occurred_at, request_id
    )
    SELECT DISTINCT event_id, name, key, municipality_id, subject_model, subject_id, occurred_at, request_id
    FROM back
    ON CONFLICT (id) DO UPDATE SET name = excluded.name
)
INSERT INTO outbox_delivery (
    id, event_id, channel, key, municipality_id, state, due_at, patience_from, attempts, is_held, last_sent,
    last_problem
)
SELECT id, event_id, channel, key, municipality_id, 'waiting', %(at)s, %(at)s, attempts, false, '', ''
FROM back
RETURNING channel
"""


@dataclass(frozen=True, slots=True)
class Archived:
    """How many deliveries were moved and events left with them; the months that were made and dropped, by name."""

    deliveries: int
    events: int
    made: tuple[str, ...]
    dropped: tuple[str, ...]


def archive_delivered(*, at: datetime, for_at_most: timedelta | None = None) -> Archived:
    """Move what was delivered more than settings.OUTBOX_ARCHIVE_AFTER_DAYS before `at`, and mend the months.

    An event leaves with the last of its deliveries. After `for_at_most` no further batch is begun. Months past
    settings.OUTBOX_ARCHIVE_MONTHS are dropped; of people whose data are held they keep the rows.
    """
    until = timezone.now() + for_at_most if for_at_most else None
    before = at - timedelta(days=settings.OUTBOX_ARCHIVE_AFTER_DAYS)
    made = _make_months(before)
    deliveries = events = 0
    for channel in ChannelName:
        for moved, left in _batches(channel, before=before, until=until):
            deliveries += moved
            events += left
    archived = Archived(
        deliveries=deliveries,
        events=events,
        made=made,
        dropped=_names("SELECT outbox_archive_drop_months(%s)", settings.OUTBOX_ARCHIVE_MONTHS),
    )
    log.info(
        "outbox.archived",
        deliveries=deliveries,
        events=events,
        made=archived.made,
        dropped=archived.dropped,
    )
    return archived


def bring_back(found: QuerySet[ArchivedDelivery], *, at: datetime) -> int:
    """Let archived deliveries wait again from `at`, under their old ids, so in their old order; how many these were.

    Only for a channel that keeps no notes of its own about them and whose receiver is asked first what it has: what a
    text message was tied to has let go of it.
    """
    rows = list(found.values_list("pk", "key", "ended_at"))
    if not rows:
        return 0
    ended = [ended_at for _, _, ended_at in rows]
    facts: dict[str, Any] = {
        "ids": [pk for pk, _, _ in rows],
        "keys": list({key for _, key, _ in rows}),
        "first": min(ended),
        "last": max(ended),
        "at": at,
    }
    with within(Scope.system()), connection.cursor() as cursor:
        cursor.execute(_BRING_BACK, facts)
        channels = [name for (name,) in cursor.fetchall()]
        for name in set(channels):
            transaction.on_commit(partial(waking.nudge, ChannelName(name)))
    return len(channels)


def _make_months(before: datetime) -> tuple[str, ...]:
    """The months to come, and those of what is going to be moved."""
    with within(Scope.system()):
        found = Delivery.objects.filter(state=Delivery.State.DELIVERED, ended_at__lt=before)
        oldest = found.aggregate(at=Min("ended_at"))["at"]
    return _names("SELECT outbox_archive_make_months(%s)", oldest and oldest.astimezone(UTC).date())


def _names(query: str, fact: int | date | None) -> tuple[str, ...]:
    with within(Scope.system()), connection.cursor() as cursor:
        cursor.execute(query, [fact])
        return tuple(name for (name,) in cursor.fetchall())


def _batches(channel: ChannelName, *, before: datetime, until: datetime | None) -> Iterator[tuple[int, int]]:
    """Move a channel's batches, the oldest first; how many deliveries and how many events each took away."""
    since = "-infinity"
    while until is None or timezone.now() < until:
        facts: dict[str, Any] = {"channel": channel.value, "since": since, "before": before, "batch": BATCH}
        with within(Scope.system()), connection.cursor() as cursor:
            cursor.execute(_MOVE, facts)
            moved, newest, event_ids = cursor.fetchall()[0]
            cursor.execute(_DELETE_EVENTS, [event_ids])
            left = cursor.rowcount
        yield moved, left
        if moved < BATCH:
            # What somebody else held stays for the next time.
            return
        since = newest
