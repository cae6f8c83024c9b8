"""Whether a channel may send just now, and how many: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from outbox.breaker import Breaker
from outbox.token_bucket import Bucket, filled, next_one, whole

# Rather a few tokens four times a second than a claim for each of them.
GATHER = timedelta(seconds=0.25)


@dataclass(frozen=True, slots=True)
class Admission:
    """At most `count` may leave. `again_at`: when asking again will help, None where nobody knows (a pause)."""

    count: int
    is_probe: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A channel as it stands: stopped by a person, told by the receiver to wait, broken, and its tokens."""

    is_paused: bool
    held_until: datetime | None
    breaker: Breaker
    bucket: Bucket


def admit(facts: Facts, *, wanted: int, per_second: float, now: datetime) -> Admission:
    """How many of `wanted` may leave at `now`; `per_second` 0 is without a limit.

    A person's pause comes first, then the receiver's word, then the breaker, then the rate.
    """
    if facts.is_paused:
        return Admission(0)
    if facts.held_until is not None and now < facts.held_until:
        return Admission(0, again_at=facts.held_until)
    breaker = facts.breaker
    if breaker.is_open(now):
        return Admission(0, again_at=breaker.open_until)
    count = wanted if breaker.is_closed else min(1, wanted)
    if per_second > 0:
        bucket = filled(facts.bucket, per_second=per_second, now=now)
        count = min(count, whole(bucket))
        if not count:
            return Admission(0, again_at=max(now + GATHER, next_one(bucket, per_second=per_second, now=now)))
    return Admission(count, is_probe=not breaker.is_closed)
