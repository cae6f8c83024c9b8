"""Delivering what is due: the one place that retries.

A claim (outbox/claims.py) leases some rows and counts their attempts; the channel looks at them together and is then
handed one after the other, outside any transaction; how it went is written by whoever still holds the lease
(outbox/outcomes.py). Arrivals are written together, with what the channel notes of them, at least once a second, and
then what is left is looked at anew. A worker that dies in between loses only its leases: the rows come back, the
receiver counts what carries our identifier once, and a citizen's next delivery has not been claimed meanwhile.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from outbox import channels, outcomes
from outbox.backoff import pause
from outbox.channels import Channel, Handover
from outbox.claims import LONGEST_TURN, Turn, claim
from outbox.models import Delivery
from outbox.outcomes import Arrivals
from outbox.receivers import Receiver

log = structlog.get_logger(__name__)

# So long a worker waits for a token itself rather than for the next beat.
LONGEST_NAP = timedelta(seconds=2)
# What arrived is written, and what is left looked at anew.
WRITE_EVERY = timedelta(seconds=1)


def deliver_due(
    channel: Channel, *, for_at_most: timedelta | None = None, nap: Callable[[float], None] = time.sleep
) -> int:
    """Deliver batch after batch of one channel until nothing may leave; gives how many were attempted.

    Ends after the batch in which `for_at_most` ran out, so that others in the worker's queues have their turn.
    """
    began = timezone.now()
    attempted = 0
    while True:
        now = timezone.now()
        if for_at_most is not None and now - began > for_at_most:
            return attempted
        turn = claim(channel, now)
        if turn.deliveries:
            attempted += deliver(channel, turn)
        elif turn.again_at is not None and turn.again_at - now <= LONGEST_NAP:
            nap((turn.again_at - now).total_seconds())
        else:
            return attempted


def deliver(channel: Channel, turn: Turn) -> int:
    """Hand the claimed deliveries to their channel, one after the other; gives how many were attempted."""
    handover = channel.handover()
    arrivals = Arrivals(handover)
    receiver = Receiver(channel, turn)
    attempted = 0
    looked_at: datetime | None = None
    try:
        for place, delivery in enumerate(turn.deliveries):
            now = timezone.now()
            is_old = looked_at is not None and now - looked_at > WRITE_EVERY
            if is_old:
                arrivals.write()
                receiver.look(now)
            if receiver.is_to_be_left_alone or now - turn.claimed_at > LONGEST_TURN:
                outcomes.give_back(turn.deliveries[place:])
                break
            if receiver.is_away(delivery):
                outcomes.give_back([delivery])
                continue
            if is_old or looked_at is None:
                _look(handover, turn.deliveries[place:])
                looked_at = now
            if _begin(channel, delivery, now):
                attempted += 1
                _attempt(channel, handover, delivery, arrivals, receiver)
    finally:
        arrivals.write()
    return attempted


def _look(handover: Handover, deliveries: Sequence[Delivery]) -> None:
    """Let the channel look at them together; one that cannot be looked at must not stop the others."""
    try:
        handover.look(deliveries)
    except Exception:
        log.exception("outbox.fault_of_many", deliveries=[delivery.pk for delivery in deliveries])


def _begin(channel: Channel, delivery: Delivery, now: datetime) -> bool:
    """Whether the delivery may be made now, under a lease as long as the channel may need."""
    allowed = channel.opens(now)
    if allowed > now:
        outcomes.postpone(channel, delivery, allowed)
        return False
    if delivery.leased_until is not None and delivery.leased_until >= now + channel.lease:
        return True
    return outcomes.renew(delivery, until=now + channel.lease)


def _attempt(
    channel: Channel, handover: Handover, delivery: Delivery, arrivals: Arrivals, receiver: Receiver
) -> None:
    """Hand one delivery over, and note how it went with it and with the receiver."""
    words = {"delivery": delivery.pk, "channel": channel.name.value, "news": delivery.event.name}
    with structlog.contextvars.bound_contextvars(request_id=delivery.event.request_id, **words):
        try:
            handover.deliver(delivery)
        except channels.NotYet as wait:
            outcomes.postpone(channel, delivery, wait.until)
        except channels.Refused as refusal:
            outcomes.give_up(channel, delivery, str(refusal), sent=refusal.sent)
            receiver.answered(delivery)
        except channels.RetryLater as problem:
            _retry(channel, delivery, problem)
            receiver.did_not_take(delivery, problem)
        except Exception as fault:
            # A fault of ours must not stop the other citizens' news; it is logged whole and tried again.
            log.exception("outbox.fault")
            _retry(channel, delivery, channels.RetryLater(f"{type(fault).__name__}: {fault}"))
        else:
            arrivals.add(delivery, at=timezone.now())
            receiver.answered(delivery)


def _retry(channel: Channel, delivery: Delivery, problem: channels.RetryLater) -> None:
    """Try again later; give up once the news are older than the channel's patience."""
    now = timezone.now()
    if now - delivery.patience_from > channel.patience:
        outcomes.give_up(channel, delivery, str(problem), sent=problem.sent)
        return
    wait = pause(attempts=delivery.attempts, jitter=random.random(), asked_for=problem.after)  # noqa: S311
    # From now on it waits for what did not answer; what all need is no part of its own.
    away = (problem.receiver if isinstance(problem, channels.ReceiverAway) else None) or delivery.receiver
    outcomes.retry(delivery, str(problem), due_at=now + wait, sent=problem.sent, receiver=away)
