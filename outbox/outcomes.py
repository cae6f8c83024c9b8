"""Writing down how a delivery went: only by whoever still holds its lease, in as few words as that takes.

Arrivals are written for many municipalities at once, in the scope *system*, and so is what the channel notes of them.
What touches one delivery's own rows is done in the scope of its municipality.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from citizens.cpr_pattern import without_cpr
from municipalities.scope import Scope, within
from outbox.channels import Channel, Handover
from outbox.models import Delivery

log = structlog.get_logger(__name__)

LONGEST_WORDS = 2_000

_ARRIVED = """
UPDATE outbox_delivery delivery
SET state = 'delivered', ended_at = held.at, leased_until = NULL, last_problem = '', last_sent = ''
FROM unnest(%s::bigint[], %s::timestamptz[], %s::integer[], %s::timestamptz[]) AS held (id, leased_until, attempts, at)
WHERE delivery.id = held.id AND delivery.state = 'waiting'
    AND delivery.leased_until = held.leased_until AND delivery.attempts = held.attempts
RETURNING delivery.id
"""
_GIVE_BACK = """
UPDATE outbox_delivery delivery SET leased_until = NULL, attempts = delivery.attempts - 1
FROM unnest(%s::bigint[], %s::timestamptz[], %s::integer[]) AS held (id, leased_until, attempts)
WHERE delivery.id = held.id AND delivery.state = 'waiting'
    AND delivery.leased_until = held.leased_until AND delivery.attempts = held.attempts
"""


class Arrivals:
    """What arrived and is not written yet."""

    def __init__(self, handover: Handover) -> None:
        self._handover = handover
        self._arrived: list[tuple[Delivery, datetime]] = []

    def add(self, delivery: Delivery, *, at: datetime) -> None:
        self._arrived.append((delivery, at))

    def write(self) -> None:
        """Write them, in one statement, and what the channel notes; what another worker has taken is left to it."""
        arrived, self._arrived = self._arrived, []
        if not arrived:
            return
        with within(Scope.system()), connection.cursor() as cursor:
            cursor.execute(
                _ARRIVED, [*_leases([delivery for delivery, _ in arrived]), [at for _, at in arrived]]
            )
            written = {pk for (pk,) in cursor.fetchall()}
            self._handover.note()
        for delivery, _ in arrived:
            if delivery.pk in written:
                log.info(
                    "outbox.delivered",
                    attempt=delivery.attempts,
                    delivery=delivery.pk,
                    channel=delivery.channel,
                    news=delivery.event.name,
                    request_id=delivery.event.request_id,
                )


def give_back(deliveries: Sequence[Delivery]) -> None:
    """Let go of what was claimed and not begun: no attempt was made."""
    if not deliveries:
        return
    with within(Scope.system()), connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, _leases(deliveries))


def renew(delivery: Delivery, *, until: datetime) -> bool:
    """Hold it for longer; False where another worker has taken it."""
    if not _write(delivery, leased_until=until):
        log.info("outbox.left_to_another_worker", delivery=delivery.pk)
        return False
    return True


def postpone(channel: Channel, delivery: Delivery, until: datetime) -> None:
    """It may not leave at this hour: not an attempt, only another time."""
    with within(Scope.municipality(delivery.municipality_id)):
        changes = {"due_at": until, "leased_until": None, "attempts": delivery.attempts - 1, "is_held": True}
        if _write(delivery, **changes):
            channel.postponed(delivery, until)
            log.info("outbox.postponed", delivery=delivery.pk, until=until.isoformat())


def retry(delivery: Delivery, problem: str, *, due_at: datetime, sent: str, receiver: str) -> None:
    """Note what went wrong, when it is tried again, and what it waits for."""
    words = masked(problem)
    changes = {"due_at": due_at, "leased_until": None, "receiver": receiver}
    if _write(delivery, **changes, last_problem=words, last_sent=masked(sent)):
        log.warning("outbox.retry", reason=words, attempt=delivery.attempts)


def give_up(channel: Channel, delivery: Delivery, problem: str, *, sent: str) -> None:
    """End it with the receiver's words; a person looks at it and can send it again."""
    ended = {"state": Delivery.State.DEAD, "ended_at": timezone.now(), "leased_until": None}
    with within(Scope.municipality(delivery.municipality_id)):
        if _write(delivery, **ended, last_problem=masked(problem), last_sent=masked(sent)):
            channel.gave_up(delivery)
            log.error("outbox.gave_up", reason=masked(problem), attempt=delivery.attempts)


def masked(words: str) -> str:
    """What somebody else said, without CPR numbers and not at any length."""
    return without_cpr(words)[:LONGEST_WORDS]


def _leases(deliveries: Sequence[Delivery]) -> list[list[Any]]:
    """What says that we hold them, as columns."""
    return [
        [delivery.pk for delivery in deliveries],
        [delivery.leased_until for delivery in deliveries],
        [delivery.attempts for delivery in deliveries],
    ]


def _write(delivery: Delivery, **changes: Any) -> bool:
    """Write the changes if the lease is still ours; False where another worker has taken the row meanwhile."""
    held = Delivery.objects.filter(
        pk=delivery.pk,
        state=Delivery.State.WAITING,
        leased_until=delivery.leased_until,
        attempts=delivery.attempts,
    )
    with within(Scope.municipality(delivery.municipality_id)):
        if not held.update(**changes):
            return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    return True
