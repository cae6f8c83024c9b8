"""Delivering what is due: the one place that retries.

A claim is a short transaction that leases rows of one channel, whoever they are of (scope *system*); all that
follows is done in the scope of the delivery's own municipality. Each delivery itself runs outside any
transaction, after its lease was renewed for as long as the channel may need; the result is written in a
second short one, and only by whoever still holds the lease. A worker that dies in between loses only its
lease: the row comes back when it has run out, and the receiver counts what carries our identifier once.
"""

import random
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from citizens.cpr_pattern import without_cpr
from municipalities.scope import Scope, within
from outbox import channels
from outbox.backoff import pause
from outbox.channels import Channel
from outbox.models import Delivery
from outbox.selectors import free_to_leave

log = structlog.get_logger(__name__)

BATCH = 20
# For a row that waits in a worker's batch; it is renewed by the channel's own when its turn comes.
WAITING_LEASE = timedelta(minutes=2)


def deliver_due(channel: Channel) -> int:
    """Deliver batch after batch of one channel until nothing is due; gives how many were attempted."""
    attempted = 0
    while batch := claim(channel, timezone.now()):
        for delivery in batch:
            attempt(channel, delivery)
        attempted += len(batch)
    return attempted


def claim(channel: Channel, now: datetime) -> list[Delivery]:
    """Lease what is free to leave in the channel; two workers never get the same row (SKIP LOCKED)."""
    with within(Scope.system()):
        batch = list(
            free_to_leave(channel, now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .order_by("due_at", "id")[:BATCH]
        )
        for delivery in batch:
            delivery.leased_until = now + WAITING_LEASE
        Delivery.objects.bulk_update(batch, ["leased_until"])
    return batch


def attempt(channel: Channel, delivery: Delivery) -> None:
    """Hand one leased delivery to its channel and write down how it went."""
    words = {"delivery": delivery.pk, "channel": channel.name.value, "news": delivery.event.name}
    with structlog.contextvars.bound_contextvars(request_id=delivery.event.request_id, **words):
        if not _begin(channel, delivery):
            return
        try:
            channel.deliver(delivery)
        except channels.NotYet as wait:
            _postpone(channel, delivery, wait.until, attempts=delivery.attempts - 1)
        except channels.Refused as refusal:
            _give_up(channel, delivery, str(refusal))
        except channels.RetryLater as problem:
            _retry(channel, delivery, str(problem), problem.after)
        except Exception as fault:
            # A fault of ours must not stop the other citizens' news; it is logged whole and tried again.
            log.exception("outbox.fault")
            _retry(channel, delivery, f"{type(fault).__name__}: {fault}", None)
        else:
            if _write(delivery, **_ended(Delivery.State.DELIVERED)):
                log.info("outbox.delivered", attempt=delivery.attempts)


def _begin(channel: Channel, delivery: Delivery) -> bool:
    """Renew the lease for as long as the channel may need; False where the delivery is not to be made now."""
    now = timezone.now()
    with within(Scope.municipality(delivery.municipality_id)):
        allowed = channel.not_before(delivery.event, now)
        if allowed > now:
            _postpone(channel, delivery, allowed)
            return False
        if not _write(delivery, leased_until=now + channel.lease, attempts=delivery.attempts + 1):
            log.info("outbox.left_to_another_worker")
            return False
        return True


def _postpone(channel: Channel, delivery: Delivery, until: datetime, **changes: Any) -> None:
    """It may not leave at this hour: not an attempt, only another time."""
    with within(Scope.municipality(delivery.municipality_id)):
        if _write(delivery, due_at=until, leased_until=None, **changes):
            channel.postponed(delivery, until)
            log.info("outbox.postponed", until=until.isoformat())


def _retry(channel: Channel, delivery: Delivery, problem: str, asked_for: timedelta | None) -> None:
    """Try again later; give up once the news are older than the channel's patience."""
    now = timezone.now()
    if now - (delivery.revived_at or delivery.event.occurred_at) > channel.patience:
        _give_up(channel, delivery, problem)
        return
    wait = pause(attempts=delivery.attempts, jitter=random.random(), asked_for=asked_for)  # noqa: S311
    if _write(delivery, due_at=now + wait, leased_until=None, last_problem=without_cpr(problem)):
        log.warning("outbox.retry", reason=without_cpr(problem), attempt=delivery.attempts)


def _give_up(channel: Channel, delivery: Delivery, problem: str) -> None:
    """End it with the receiver's words; a person looks at it and can send it again."""
    with within(Scope.municipality(delivery.municipality_id)):
        if _write(delivery, **_ended(Delivery.State.DEAD, without_cpr(problem))):
            channel.gave_up(delivery)
            log.error("outbox.gave_up", reason=without_cpr(problem), attempt=delivery.attempts)


def _ended(state: Delivery.State, problem: str = "") -> dict[str, Any]:
    return {"state": state, "ended_at": timezone.now(), "leased_until": None, "last_problem": problem}


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
