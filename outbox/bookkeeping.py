"""What the system administration sees of the outbox: how it goes, and nothing of whom it is about.

Read from the view `outbox_bookkeeping` (migration 0004), which holds no citizen's key and no subject. In the scope
*national* or *system* it shows all municipalities'; elsewhere what the scope shows anyway.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from outbox.models import ChannelName, ChannelState, ReceiverState

QUARTER = timedelta(minutes=15)
LONGEST_LIST = 25


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel as of now. `oldest_due_at` is of what could have left already; None where nothing could.

    `arrived` is of the last quarter of an hour; `per_minute` the same, minute by minute, the latest last. `parts`: of
    the receiver, those that ever failed.
    """

    state: ChannelState
    waiting: int
    late: int
    oldest_due_at: datetime | None
    failing: int
    dead: int
    per_minute: tuple[int, ...]
    parts: tuple[ReceiverState, ...] = ()

    @property
    def channel(self) -> ChannelName:
        return ChannelName(self.state.channel)

    @property
    def arrived(self) -> int:
        return sum(self.per_minute)


@dataclass(frozen=True, slots=True)
class Group:
    """What fails for one reason. `latest`: of those that wait when they are tried next, of the dead when they ended."""

    reason: str
    count: int
    oldest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up, with what was asked of the receiver and its answer, CPR masked."""

    id: int
    news: str
    municipality: str
    occurred_at: datetime
    ended_at: datetime
    attempts: int
    sent: str
    answer: str
    request_id: str


def standings(now: datetime) -> list[Standing]:
    """Every channel."""
    states = ChannelState.objects.in_bulk()
    counted = {
        row[0]: row[1:]
        for row in _rows(
            """
            SELECT channel,
                count(*) FILTER (WHERE state = 'waiting'),
                count(*) FILTER (WHERE state = 'waiting' AND due_at <= %(now)s),
                min(due_at) FILTER (WHERE state = 'waiting' AND due_at <= %(now)s),
                count(*) FILTER (WHERE state = 'waiting' AND last_problem <> ''),
                count(*) FILTER (WHERE state = 'dead')
            FROM outbox_bookkeeping WHERE state <> 'delivered' GROUP BY channel
            """,
            now=now,
        )
    }
    arrived = _per_minute(now)
    parts = list(ReceiverState.objects.all())
    return [
        _standing(
            states.get(channel.value, ChannelState(channel=channel.value)),
            counted.get(channel.value, (0, 0, None, 0, 0)),
            arrived[channel.value],
            tuple(one for one in parts if one.channel == channel),
        )
        for channel in ChannelName
    ]


def _standing(
    state: ChannelState,
    counted: tuple[Any, ...],
    per_minute: tuple[int, ...],
    parts: tuple[ReceiverState, ...],
) -> Standing:
    waiting, late, oldest_due_at, failing, dead = counted
    return Standing(
        state=state,
        waiting=waiting,
        late=late,
        oldest_due_at=oldest_due_at,
        failing=failing,
        dead=dead,
        per_minute=per_minute,
        parts=parts,
    )


def _per_minute(now: datetime) -> dict[str, tuple[int, ...]]:
    minutes = QUARTER // timedelta(minutes=1)
    found = {channel.value: [0] * minutes for channel in ChannelName}
    query = """
        SELECT channel, floor(extract(epoch FROM %(now)s - ended_at) / 60)::integer, count(*)
        FROM outbox_bookkeeping
        WHERE state = 'delivered' AND ended_at > %(since)s AND ended_at <= %(now)s GROUP BY 1, 2
    """
    for channel, minutes_ago, count in _rows(query, now=now, since=now - QUARTER):
        if minutes_ago < minutes:
            found[channel][-1 - minutes_ago] += count
    return {channel: tuple(counts) for channel, counts in found.items()}


def failing(channel: ChannelName) -> list[Group]:
    """What is tried again, by reason, the most frequent first."""
    query = """
        SELECT reason, count(*), min(occurred_at), min(due_at) FROM outbox_bookkeeping
        WHERE channel = %(channel)s AND state = 'waiting' AND last_problem <> ''
        GROUP BY reason ORDER BY 2 DESC, 1 LIMIT %(most)s
    """
    return [Group(*row) for row in _rows(query, channel=channel.value, most=LONGEST_LIST)]


def given_up(channel: ChannelName) -> list[Group]:
    """The dead letters, by reason, the most frequent first."""
    query = """
        SELECT reason, count(*), min(occurred_at), max(ended_at) FROM outbox_bookkeeping
        WHERE channel = %(channel)s AND state = 'dead' GROUP BY reason ORDER BY 2 DESC, 1 LIMIT %(most)s
    """
    return [Group(*row) for row in _rows(query, channel=channel.value, most=LONGEST_LIST)]


def dead_letters(channel: ChannelName) -> list[DeadLetter]:
    """The latest, each with what was sent and answered."""
    query = """
        SELECT one.id, one.name, place.name, one.occurred_at, one.ended_at, one.attempts,
            one.last_sent, one.last_problem, one.request_id
        FROM outbox_bookkeeping one JOIN municipalities_municipality place ON place.id = one.municipality_id
        WHERE one.channel = %(channel)s AND one.state = 'dead'
        ORDER BY one.ended_at DESC, one.id DESC LIMIT %(most)s
    """
    return [DeadLetter(*row) for row in _rows(query, channel=channel.value, most=LONGEST_LIST)]


def dead_by_municipality(
    channel: ChannelName, *, reason: str | None = None, delivery_id: int | None = None
) -> dict[int, list[int]]:
    """The ids of dead deliveries by the municipality they are of: all of a reason, one, or all."""
    query = """
        SELECT municipality_id, array_agg(id ORDER BY id) FROM outbox_bookkeeping
        WHERE channel = %(channel)s AND state = 'dead'
            AND (%(reason)s::text IS NULL OR reason = %(reason)s)
            AND (%(id)s::bigint IS NULL OR id = %(id)s)
        GROUP BY municipality_id
    """
    return dict(_rows(query, channel=channel.value, reason=reason, id=delivery_id))


def _rows(query: str, **facts: Any) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        yield from cursor.fetchall()
