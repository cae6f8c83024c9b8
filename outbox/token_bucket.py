"""How many messages may leave just now, where the receiver allows so many a second: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token is one message. `tokens` lay in it at `at`; None before it was first asked for: then it is full."""

    tokens: float = 0.0
    at: datetime | None = None


def filled(bucket: Bucket, *, per_second: float, now: datetime) -> Bucket:
    """The bucket as of `now`: it fills evenly and holds a second's messages, one at least.

    A clock that went backwards takes nothing out and puts nothing in.
    """
    full = max(1.0, per_second)
    if bucket.at is None:
        return Bucket(full, now)
    since = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(full, bucket.tokens + since * per_second), now)


def whole(bucket: Bucket) -> int:
    """How many may leave."""
    # The sum of many small fillings may lack a billionth of a token.
    return floor(bucket.tokens + 1e-9)


def without(bucket: Bucket, taken: int) -> Bucket:
    """What is left after `taken`, which is at most `whole`."""
    return Bucket(max(0.0, bucket.tokens - taken), bucket.at)


def next_one(bucket: Bucket, *, per_second: float, now: datetime) -> datetime:
    """When there will be a whole token."""
    return now + timedelta(seconds=max(0.0, 1.0 - bucket.tokens) / per_second)
