"""Two connections at once: for tests of what happens when two people press at the same moment."""

from collections.abc import Callable
from threading import Event
from typing import ParamSpec, TypeVar

from django.db import connection, connections

from municipalities.scope import Scope, stay_within

PATIENCE_S = 60

P = ParamSpec("P")
R = TypeVar("R")


def in_a_connection_of_its_own(act: Callable[P, R], /, *given: P.args, **named: P.kwargs) -> R:
    """Call `act` in the thread this runs in, in the scope *system*, and give its connection back afterwards."""
    try:
        stay_within(Scope.system())
        return act(*given, **named)
    finally:
        stay_within(None)
        connections.close_all()


def wait_until_somebody_waits() -> None:
    """Return once another connection waits for a lock; fails if nobody ever does.

    Asks `pg_locks`: within a transaction `pg_stat_activity` knows no connection that was opened after the first look.
    """
    with connection.cursor() as cursor:
        for _ in range(PATIENCE_S * 100):
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
            Event().wait(0.01)
    raise AssertionError("Nobody came to wait for a lock: the two did not meet.")
