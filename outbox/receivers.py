"""What a worker learns of a channel's receiver and its parts, shared with the others by the channel's rows."""

import random
from dataclasses import replace
from datetime import datetime

import structlog
from django.utils import timezone

from municipalities.scope import Scope, within
from outbox.backoff import LONGEST_ASKED_FOR, pause
from outbox.breaker import after_arrival, after_failure
from outbox.channels import AskedToWait, Channel, ReceiverAway, RetryLater
from outbox.claims import Turn, locked_state
from outbox.models import ChannelState, Delivery, LeftAlone, ReceiverState
from outbox.outcomes import masked

log = structlog.get_logger(__name__)

THE_CHANNEL = ""
"""What everything in the channel needs, beside its parts."""


class Receiver:
    """The receiver as one worker meets it during a turn. An arrival after an arrival is no news and writes nothing."""

    def __init__(self, channel: Channel, turn: Turn) -> None:
        self._channel = channel
        self._probed = turn.probed if turn.is_probe else None
        self._failing = set(turn.failing)
        self._away: set[str] = set()
        self.is_to_be_left_alone = False

    def is_away(self, delivery: Delivery) -> bool:
        """Whether the part that the delivery waits for is left alone, and the others are not."""
        return delivery.receiver in self._away

    def look(self, now: datetime) -> None:
        """Whether somebody has stopped the channel meanwhile: a person, or another worker that met a failure."""
        if self._probed is not None:
            return  # the breaker is open because of us
        with within(Scope.system()):
            state = ChannelState.objects.filter(channel=self._channel.name).first()
            parts = ReceiverState.objects.filter(channel=self._channel.name, open_until__isnull=False)
            self._away = set(parts.values_list("receiver", flat=True))
        self.is_to_be_left_alone = state is not None and state.is_stopped(now)

    def answered(self, delivery: Delivery) -> None:
        """What the delivery waits for took something, or said no in so many words."""
        for name in dict.fromkeys([THE_CHANNEL, delivery.receiver]):
            self._is_there(name)

    def _is_there(self, name: str) -> None:
        is_probe = name == self._probed
        if not (is_probe or name in self._failing):
            return
        with within(Scope.system()):
            row = self._locked(name)
            was_closed = row.breaker.is_closed
            row.breaker = after_arrival(row.breaker, is_probe=is_probe)
            row.save(update_fields=["failures", "openings", "open_until"])
        self._failing.discard(name)
        self._probed = None if is_probe else self._probed
        if row.breaker.is_closed and not was_closed:
            log.info("outbox.receiver_is_back", receiver=name)

    def did_not_take(self, delivery: Delivery, problem: RetryLater) -> None:
        """It is away, or has too much to do, or something else is wrong that may pass."""
        match problem:
            case AskedToWait():
                self.answered(delivery)
                asked = min(problem.after or pause(attempts=1, jitter=0.5), LONGEST_ASKED_FOR)
                self._hold(timezone.now(), problem, until=timezone.now() + asked)
            case ReceiverAway():
                name = delivery.receiver if problem.receiver is None else problem.receiver
                if name != THE_CHANNEL:
                    self._is_there(THE_CHANNEL)
                self._was_away(name, timezone.now(), problem)
            case _:
                self.answered(delivery)

    def _hold(self, now: datetime, problem: RetryLater, *, until: datetime) -> None:
        with within(Scope.system()):
            state = locked_state(self._channel.name)
            state.held_until = max(until, state.held_until or until)
            state.last_problem = masked(str(problem))
            state.save()
        self.is_to_be_left_alone = state.is_stopped(now)
        if self.is_to_be_left_alone:
            log.warning(
                "outbox.receiver_left_alone", until=state.held_until.isoformat(), reason=state.last_problem
            )

    def _was_away(self, name: str, now: datetime, problem: RetryLater) -> None:
        self._failing.add(name)
        with within(Scope.system()):
            row = self._locked(name)
            jitter = random.random()  # noqa: S311
            row.breaker = after_failure(row.breaker, is_probe=name == self._probed, now=now, jitter=jitter)
            is_away = row.breaker.is_open(now)
            if is_away:
                row.last_problem = masked(str(problem))
            row.save()
            if self._probed and self._probed != name:
                self._learnt_nothing_of(self._probed, now)
        if is_away and row.open_until is not None:
            log.warning(
                "outbox.receiver_left_alone",
                receiver=name,
                until=row.open_until.isoformat(),
                reason=row.last_problem,
            )
            if name == THE_CHANNEL:
                self.is_to_be_left_alone = True
            else:
                self._away.add(name)

    def _learnt_nothing_of(self, probed: str, now: datetime) -> None:
        """The probe met another part that is away before it came to its own: another one may go."""
        part = self._locked(probed)
        part.breaker = replace(part.breaker, open_until=now)
        part.save(update_fields=["open_until"])

    def _locked(self, name: str) -> LeftAlone:
        """The row with the breaker; the channel's is locked first in either case, so that no two wait in a ring."""
        state = locked_state(self._channel.name)
        if name == THE_CHANNEL:
            return state
        return ReceiverState.objects.get_or_create(channel=self._channel.name, receiver=name)[0]
