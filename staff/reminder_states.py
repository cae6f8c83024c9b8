"""How the reminders on a page went, and what the page asks again for while that may change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from notifications.models import Message
from notifications.obstacles import Obstacle
from notifications.reminders import Prospect
from notifications.selectors import Fate, fate_of
from notifications.states import Status
from plans.models import Task

WATCHED_FOR = timedelta(minutes=2)
"""So long after it was to leave a page asks what became of it; receipts that come later are there at the next visit."""


@dataclass(frozen=True, slots=True)
class ReminderState:
    """A task with its newest reminder's fate where it was asked for lately, else with why there is none."""

    task: Task
    fate: Fate | None
    obstacle: Obstacle | None
    key: str
    is_moving: bool

    @property
    def row(self) -> str:
        """How the page names it when it asks again."""
        return f"{self.task.pk}.{self.key}"

    @property
    def is_to_be_called(self) -> bool:
        """Whether the citizen must be reached in another way."""
        if self.fate is not None:
            return bool(self.fate.advice)
        return self.obstacle is not None and self.obstacle.is_to_be_called


def state_of(prospect: Prospect, now: datetime) -> ReminderState:
    newest = prospect.earlier[0] if prospect.earlier else None
    if newest is None or not _is_of_today(newest, now):
        return ReminderState(prospect.task, None, prospect.obstacle, key="none", is_moving=False)
    return ReminderState(
        prospect.task,
        fate_of(newest, now),
        prospect.obstacle,
        key=_key(newest.carrier),
        is_moving=_is_moving(newest.carrier, now),
    )


def address_to_ask_again(states: Iterable[ReminderState]) -> str:
    """Where a page asks what has changed; empty once nothing will."""
    rows = [("row", state.row) for state in states if state.is_moving]
    return f"{reverse('staff:reminder_states')}?{urlencode(rows)}" if rows else ""


def rows_asked_for(written: Sequence[str]) -> dict[UUID, str]:
    """Task ids and the states that the page has, of `ReminderState.row`; what cannot be read is left out."""
    found = {}
    for text in written:
        pk, _, key = text.partition(".")
        try:
            found[UUID(pk)] = key
        except ValueError:
            continue
    return found


def _is_of_today(message: Message, now: datetime) -> bool:
    return message.carrier.is_waiting or now - message.requested_at < timedelta(days=1)


def _key(message: Message) -> str:
    delayed = message.is_waiting and message.delivery is not None and message.delivery.last_problem
    return f"{message.status}-delayed" if delayed else message.status


def _is_moving(message: Message, now: datetime) -> bool:
    if message.is_waiting:
        return message.leaves_at <= now <= message.leaves_at + WATCHED_FOR
    left = message.sent_at if message.status in {Status.SENT, Status.RECEIVED} else None
    return left is not None and now - left < WATCHED_FOR
