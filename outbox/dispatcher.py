"""Delivering what is due: the one place that retries.

A claim is a short transaction that leases rows; the delivery itself runs outside any transaction; the
result is written in a second short one. A worker that dies in between loses only its lease: the row
comes back when it has run out, and the receiver's idempotency key makes the second sending harmless.
"""

import random
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from outbox import channels
from outbox.backoff import pause
from outbox.models import Delivery

log = structlog.get_logger(__name__)

BATCH = 20
LEASE = timedelta(minutes=2)
ATTEMPTS_BEFORE_GIVING_UP = 12


def deliver_due() -> int:
    """Deliver batch after batch until nothing is due; gives how many were attempted."""
    attempted = 0
    while batch := claim(timezone.now()):
        for delivery in batch:
            attempt(delivery)
        attempted += len(batch)
    return attempted


@transaction.atomic
def claim(now: datetime) -> list[Delivery]:
    """Lease the due deliveries, at most the oldest of each citizen and channel.

    Two workers never get the same row (SKIP LOCKED), and a later row of the same key waits until the
    earlier one has ended.
    """
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    earlier = Delivery.objects.filter(
        state=Delivery.State.WAITING, channel=OuterRef("channel"), key=OuterRef("key"), id__lt=OuterRef("id")
    )
    batch = list(
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event")
        .filter(free, ~Exists(earlier), state=Delivery.State.WAITING, due_at__lte=now)
        .order_by("due_at", "id")[:BATCH]
    )
    for delivery in batch:
        delivery.leased_until = now + LEASE
        delivery.attempts += 1
    Delivery.objects.bulk_update(batch, ["leased_until", "attempts"])
    return batch


def attempt(delivery: Delivery) -> None:
    """Hand one leased delivery to its channel and write down how it went."""
    channel = channels.named(delivery.channel)
    words = {
        "delivery": delivery.pk,
        "channel": delivery.channel,
        "news": delivery.event.name,
        "attempt": delivery.attempts,
    }
    with structlog.contextvars.bound_contextvars(request_id=delivery.event.request_id):
        now = timezone.now()
        allowed = channel.not_before(delivery.event, now)
        if allowed > now:
            _postpone(delivery, allowed)
            log.info("outbox.postponed", until=allowed.isoformat(), **words)
            return
        try:
            channel.deliver(delivery)
        except channels.Refused as refusal:
            _give_up(delivery, channel, str(refusal))
            log.error("outbox.refused", reason=str(refusal), **words)
        except channels.RetryLater as problem:
            _retry(delivery, channel, str(problem), problem.after)
            log.warning("outbox.retry", reason=str(problem), **words)
        except Exception as fault:
            # A fault of ours must not stop the other citizens' news; it is logged whole and tried again.
            _retry(delivery, channel, f"{type(fault).__name__}: {fault}", None)
            log.exception("outbox.fault", **words)
        else:
            _end(delivery, Delivery.State.DELIVERED)
            log.info("outbox.delivered", **words)


def _end(delivery: Delivery, state: Delivery.State, problem: str = "") -> None:
    delivery.state = state
    delivery.last_problem = problem
    delivery.leased_until = None
    delivery.ended_at = timezone.now()
    delivery.save(update_fields=["state", "last_problem", "leased_until", "ended_at"])


def _give_up(delivery: Delivery, channel: channels.Channel, problem: str) -> None:
    with transaction.atomic():
        _end(delivery, Delivery.State.DEAD, problem)
        channel.gave_up(delivery)


def _retry(delivery: Delivery, channel: channels.Channel, problem: str, asked_for: timedelta | None) -> None:
    if delivery.attempts >= ATTEMPTS_BEFORE_GIVING_UP:
        _give_up(delivery, channel, problem)
        return
    wait = pause(attempts=delivery.attempts, jitter=random.random(), asked_for=asked_for)  # noqa: S311
    delivery.due_at = timezone.now() + wait
    delivery.leased_until = None
    delivery.last_problem = problem
    delivery.save(update_fields=["due_at", "leased_until", "last_problem"])


def _postpone(delivery: Delivery, until: datetime) -> None:
    """It may not leave at this hour: not an attempt, only another time."""
    delivery.due_at = until
    delivery.leased_until = None
    delivery.attempts -= 1
    delivery.save(update_fields=["due_at", "leased_until", "attempts"])
