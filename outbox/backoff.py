"""How long to wait before the next attempt: pure."""

from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
# A receiver that asks for days has made a mistake, or wants to be asked whether it still means it.
LONGEST_ASKED_FOR = timedelta(hours=6)


def pause(*, attempts: int, jitter: float, asked_for: timedelta | None = None) -> timedelta:
    """The pause after the `attempts`th failure (1 for the first), doubling from 5 s to an hour.

    `jitter` in [0, 1) spreads the herd: the pause lies between half and the whole of the doubled time.
    A receiver's Retry-After (`asked_for`) is not undercut, up to six hours.
    """
    doubled = min(FIRST * (1 << min(attempts - 1, 20)), LONGEST)
    ours = doubled * (0.5 + jitter / 2)
    return max(ours, min(asked_for, LONGEST_ASKED_FOR)) if asked_for else ours
