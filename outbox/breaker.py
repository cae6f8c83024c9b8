"""Leaving a receiver alone that is not there: pure.

After some failures in a row of the kind “away” (no connection, no answer in time, 5xx) the breaker opens, and nothing
is tried, so that nothing uses up its attempts. When the pause is over, one delivery is sent as a probe. If it arrives
everything goes on; if not, the pause doubles.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_THAT_OPEN = 5
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Breaker:
    """How often a channel's receiver has failed in a row, and until when it is left alone.

    `openings`: how often it opened since something last arrived. `open_until` in the past: the next one is a probe.
    """

    failures: int = 0
    openings: int = 0
    open_until: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether everything may leave."""
        return self.open_until is None

    def is_open(self, now: datetime) -> bool:
        """Whether nothing may leave."""
        return self.open_until is not None and now < self.open_until


def probing(breaker: Breaker, *, until: datetime) -> Breaker:
    """One is on its way to see whether the receiver is back; nobody else tries before `until`."""
    return replace(breaker, open_until=until)


def after_arrival(breaker: Breaker, *, is_probe: bool) -> Breaker:
    """The receiver took something, or refused it: it is there.

    What was sent before the breaker opened and only now comes back says nothing of the receiver as it is.
    """
    return Breaker() if breaker.is_closed or is_probe else breaker


def after_failure(breaker: Breaker, *, is_probe: bool, now: datetime, jitter: float) -> Breaker:
    """The receiver was away. `jitter` in [0, 1): the pause lies between half and the whole of the doubled time."""
    if not breaker.is_closed and not is_probe:
        return breaker  # sent before it opened: known already
    failures = breaker.failures + 1
    if not is_probe and failures < FAILURES_THAT_OPEN:
        return replace(breaker, failures=failures)
    doubled = min(FIRST_PAUSE * (1 << min(breaker.openings, 20)), LONGEST_PAUSE)
    pause = doubled * (0.5 + jitter / 2)
    return Breaker(failures=failures, openings=breaker.openings + 1, open_until=now + pause)
