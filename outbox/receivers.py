"""What a worker learns of a channel's receiver, shared with the others by the channel's row."""

import random
from datetime import datetime

import structlog
from django.utils import timezone

from municipalities.scope import Scope, within
from outbox.backoff import LONGEST_ASKED_FOR, pause
from outbox.breaker import after_arrival, after_failure
from outbox.channels import AskedToWait, Channel, ReceiverAway, RetryLater
from outbox.claims import Turn, locked_state
from outbox.models import ChannelState
from outbox.outcomes import masked

log = structlog.get_logger(__name__)


class Receiver:
    """The receiver as one worker meets it during a turn. An arrival after an arrival is no news and writes nothing."""

    def __init__(self, channel: Channel, turn: Turn) -> None:
        self._channel = channel
        self._is_probe = turn.is_probe
        self._had_failures = turn.had_failures
        self.is_to_be_left_alone = False

    def look(self, now: datetime) -> None:
        """Whether somebody has stopped the channel meanwhile: a person, or another worker that met a failure."""
        if self._is_probe:
            return  # the breaker is open because of us
        with within(Scope.system()):
            state = ChannelState.objects.filter(channel=self._channel.name).first()
        self.is_to_be_left_alone = state is not None and state.is_stopped(now)

    def answered(self) -> None:
        """It took something, or said no in so many words."""
        if not (self._is_probe or self._had_failures):
            return
        with within(Scope.system()):
            state = locked_state(self._channel.name)
            was_closed = state.breaker.is_closed
            state.breaker = after_arrival(state.breaker, is_probe=self._is_probe)
            state.save(update_fields=["failures", "openings", "open_until"])
        self._is_probe = self._had_failures = False
        if state.breaker.is_closed and not was_closed:
            log.info("outbox.receiver_is_back")

    def did_not_take(self, problem: RetryLater) -> None:
        """It is away, or has too much to do, or something else is wrong that may pass."""
        match problem:
            case AskedToWait():
                self.answered()
                asked = min(problem.after or pause(attempts=1, jitter=0.5), LONGEST_ASKED_FOR)
                self._hold(timezone.now(), problem, until=timezone.now() + asked)
            case ReceiverAway():
                self._was_away(timezone.now(), problem)
            case _:
                self.answered()

    def _hold(self, now: datetime, problem: RetryLater, *, until: datetime) -> None:
        with within(Scope.system()):
            state = locked_state(self._channel.name)
            state.held_until = max(until, state.held_until or until)
            self._note(state, now, problem)

    def _was_away(self, now: datetime, problem: RetryLater) -> None:
        self._had_failures = True
        with within(Scope.system()):
            state = locked_state(self._channel.name)
            jitter = random.random()  # noqa: S311
            state.breaker = after_failure(state.breaker, is_probe=self._is_probe, now=now, jitter=jitter)
            self._note(state, now, problem)

    def _note(self, state: ChannelState, now: datetime, problem: RetryLater) -> None:
        self.is_to_be_left_alone = state.is_stopped(now)
        if self.is_to_be_left_alone:
            state.last_problem = masked(str(problem))
            until = max(moment for moment in (state.open_until, state.held_until, now) if moment)
            log.warning("outbox.receiver_left_alone", until=until.isoformat(), reason=state.last_problem)
        state.save()
