"""Which deliveries leave next: the oldest first, fairly over municipalities, and nobody waits behind a whole night.

A claim is one short transaction under the channel's row, so that its workers agree on rate, breaker and whose turn it
is. It finds out what is due, whoever it is of (scope *system*), and touches nothing but the deliveries' bookkeeping.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from municipalities.scope import Scope, within
from outbox.admission import Facts, admit
from outbox.breaker import probing
from outbox.channels import Channel
from outbox.models import ChannelName, ChannelState, Delivery, ReceiverState
from outbox.token_bucket import filled, without

BATCH = 50
# What has not begun when so much time has passed goes back, so that a slow receiver keeps nobody waiting in a batch.
LONGEST_TURN = timedelta(seconds=5)
# For a row that waits in a worker's batch; a killed worker's come back after it.
WAITING_LEASE = timedelta(minutes=2)

# Each municipality that has something due gives its share, oldest first; the round goes on after the one served last.
_TAKE = """
WITH place AS MATERIALIZED (
    SELECT one.id FROM municipalities_municipality one
    WHERE EXISTS (
        SELECT FROM outbox_delivery due WHERE due.municipality_id = one.id AND {due} {receivers}
    )
    ORDER BY one.id <= %(last_served)s, one.id
), taken AS MATERIALIZED (
    SELECT found.id
    FROM place CROSS JOIN LATERAL (
        SELECT due.id FROM outbox_delivery due
        WHERE due.municipality_id = place.id AND {due} {receivers} {in_order}
        ORDER BY due.due_at, due.id
        LIMIT (SELECT ceil(%(count)s::numeric / count(*)) FROM place)
        FOR UPDATE SKIP LOCKED
    ) found
    LIMIT %(count)s
)
UPDATE outbox_delivery delivery SET leased_until = %(leased_until)s, attempts = attempts + 1
FROM taken WHERE delivery.id = taken.id
RETURNING delivery.id, delivery.municipality_id
"""
_DUE = """
    due.channel = %(channel)s AND due.is_held = %(is_held)s AND due.state = 'waiting'
    AND due.due_at <= %(now)s AND (due.leased_until IS NULL OR due.leased_until < %(now)s)
"""
_NOT_THOSE_AWAY = " AND due.receiver <> ALL(%(receivers)s::text[])"
_THAT_ONE = " AND due.receiver = ANY(%(receivers)s::text[])"
_IN_ORDER = """
    AND NOT EXISTS (
        SELECT FROM outbox_delivery earlier
        WHERE earlier.channel = %(channel)s AND earlier.key = due.key AND earlier.state = 'waiting'
            AND earlier.id < due.id
    )
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a worker got to deliver, oldest first, with its attempt counted already; often nothing.

    `again_at`: where the channel is limited or left alone, when asking again will help.
    `probed`: the part of the channel that the probe is for, "" for the channel itself. `failing`: what failed last, so
    that an arrival is news; "" among them is the channel.
    """

    deliveries: list[Delivery]
    claimed_at: datetime
    is_probe: bool = False
    probed: str = ""
    again_at: datetime | None = None
    failing: frozenset[str] = frozenset()


def claim(channel: Channel, now: datetime) -> Turn:
    """Lease what is free to leave in the channel; two workers never get the same row (SKIP LOCKED)."""
    per_second = settings.OUTBOX_PER_SECOND[channel.name]
    with within(Scope.system()):
        state = locked_state(channel.name)
        parts = list(ReceiverState.objects.filter(channel=channel.name))
        admission = admit(
            Facts(
                is_paused=state.paused_at is not None,
                held_until=state.held_until,
                breaker=state.breaker,
                bucket=state.bucket,
            ),
            wanted=BATCH,
            per_second=per_second,
            now=now,
        )
        probed, taken = _take_probe(channel, state, parts, now) if admission.count else (None, [])
        if admission.count and not taken:
            away = [one.receiver for one in parts if not one.breaker.is_closed]
            taken = _take(channel, state, admission.count, now, Parts(_NOT_THOSE_AWAY, away) if away else ALL)
        state.asked_at = now
        if per_second > 0:
            state.bucket = without(filled(state.bucket, per_second=per_second, now=now), len(taken))
        probe = probed or state
        if taken and (admission.is_probe or probed):
            probe.breaker = probing(probe.breaker, until=now + LONGEST_TURN + channel.lease)
            probe.save()
        state.save()
        deliveries = list(
            Delivery.objects.filter(pk__in=taken).select_related("event").order_by("due_at", "pk")
        )
    return Turn(
        deliveries=deliveries,
        claimed_at=now,
        is_probe=admission.is_probe or probed is not None,
        probed=probed.receiver if probed else "",
        again_at=admission.again_at,
        failing=frozenset([one.receiver for one in parts if one.failures] + ([""] if state.failures else [])),
    )


def locked_state(channel: ChannelName) -> ChannelState:
    """The channel's row, locked until the transaction ends; made where there is none yet."""
    ChannelState.objects.get_or_create(channel=channel)
    return ChannelState.objects.select_for_update().get(channel=channel)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which deliveries may be taken, by what they wait for: `condition` in SQL over `receivers`."""

    condition: str = ""
    receivers: Sequence[str] = ()


ALL = Parts()


def _take_probe(
    channel: Channel, state: ChannelState, parts: Sequence[ReceiverState], now: datetime
) -> tuple[ReceiverState | None, list[int]]:
    """One delivery to a part that has been left alone for long enough, where one is due; the part with it."""
    if not state.breaker.is_closed:
        return None, []  # the channel itself is probed first
    for one in parts:
        if not one.breaker.is_closed and not one.breaker.is_open(now):
            taken = _take(channel, state, 1, now, Parts(_THAT_ONE, [one.receiver]))
            if taken:
                return one, taken
    return None, []


def _take(channel: Channel, state: ChannelState, count: int, now: datetime, parts: Parts) -> list[int]:
    """Half of the places for what had to wait for its hour, half for what is asked for now; none stays empty."""
    # An odd place falls to either by lot: with one token at a time neither may starve.
    for_held = (count + random.getrandbits(1)) // 2
    taken = _take_lane(channel, state, now, parts, is_held=True, count=for_held)
    held = len(taken)
    taken += _take_lane(channel, state, now, parts, is_held=False, count=count - held)
    if held == for_held and len(taken) < count:
        taken += _take_lane(channel, state, now, parts, is_held=True, count=count - len(taken))
    return taken


def _take_lane(
    channel: Channel, state: ChannelState, now: datetime, parts: Parts, *, is_held: bool, count: int
) -> list[int]:
    if not count:
        return []
    query = _TAKE.format(
        due=_DUE, receivers=parts.condition, in_order=_IN_ORDER if channel.keeps_order else ""
    )
    facts: dict[str, bool | int | str | list[str] | datetime] = {
        "channel": channel.name.value,
        "is_held": is_held,
        "now": now,
        "count": count,
        "last_served": state.last_served,
        "receivers": list(parts.receivers),
        "leased_until": now + LONGEST_TURN + min(channel.lease, WAITING_LEASE),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        rows = cursor.fetchall()
    places = {place for _, place in rows}
    # The round went upwards from the one served last and, past the end, from the beginning.
    wrapped = {place for place in places if place <= state.last_served}
    state.last_served = max(wrapped or places, default=state.last_served)
    return [pk for pk, _ in rows]
