"""What somebody else's server told us, kept for a while, so that its silence is not ours.

One thread asks; nobody queues behind it for long. Where it gets no answer, that is remembered for a moment: the next
visitors hear at once what the first had to wait for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import requests

T = TypeVar("T")

KEPT_SECONDS = 3600
# How long nobody tries again after the issuer gave no answer.
SILENCE_SECONDS = 15
# How long others wait for the one who asks, where they have nothing older to go on with: a sound issuer is quicker.
PATIENCE_SECONDS = 1.0


class StillSilent(requests.RequestException):
    """Nobody was asked: there was no answer a moment ago, or another thread is still waiting for one."""


class Kept(Generic[T]):
    """One such thing, for KEPT_SECONDS.

    `old_will_do`: whether what is older may be used while nothing newer is to be had.
    """

    def __init__(self, *, old_will_do: bool) -> None:
        self._old_will_do = old_will_do
        self._asking = Lock()
        self._value: T | None = None
        self._at = self._silent_at = float("-inf")

    def get(self, fetch: Callable[[], T], *, anew: bool = False) -> T:
        """What is kept; else what `fetch` gives. `anew` asks although what is kept is young enough.

        Raises what `fetch` does, and StillSilent (a requests.RequestException) without asking.
        """
        if self._is_young() and not anew:
            return self._kept()
        if not self._asking.acquire(
            timeout=0 if self._has_something() or self._is_silent() else PATIENCE_SECONDS
        ):
            return self._without_asking()
        try:
            if self._is_young() and not anew:
                return self._kept()  # another thread has just asked
            if self._is_silent():
                return self._without_asking()
            return self._ask(fetch)
        finally:
            self._asking.release()

    def _ask(self, fetch: Callable[[], T]) -> T:
        try:
            self._value, self._at = fetch(), time.time()
        except requests.RequestException:
            self._silent_at = time.time()
            if not self._has_something():
                raise
            return self._kept()
        return self._kept()

    def _without_asking(self) -> T:
        if not self._has_something():
            raise StillSilent("There was no answer a moment ago.")
        return self._kept()

    def _has_something(self) -> bool:
        """Whether there is something that may be used, if only for want of newer."""
        return self._value is not None and (self._old_will_do or self._is_young())

    def _is_young(self) -> bool:
        return time.time() - self._at < KEPT_SECONDS

    def _is_silent(self) -> bool:
        return time.time() - self._silent_at < SILENCE_SECONDS

    def _kept(self) -> T:
        if self._value is None:
            raise LookupError("Nothing has been kept yet.")
        return self._value
