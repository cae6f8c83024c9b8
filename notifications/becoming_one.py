"""Which of the messages that wait for one citizen leaves, and which end with a reason: pure.

Messages of the same kind to the same citizen become one: the citizen's telephone rings once in the morning, however
many tasks opened at night.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from notifications.states import Status
from plans.models import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that may leave now. `tasks` are the statuses of what it asks the citizen to answer.

    `may_have_left`: it was about to be sent before, so NemSMS may know its id. `stands_for_open`: others were collapsed
    into it, and something of theirs can still be answered.
    """

    id: UUID
    requested_at: datetime
    tasks: frozenset[str]
    may_have_left: bool = False
    stands_for_open: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether there still is something to answer, for it or for one that it stands for."""
        return Task.Status.OPEN in self.tasks or self.stands_for_open

    @property
    def why_not(self) -> Status:
        """Why one that is not wanted any more ends."""
        is_answered = Task.Status.COMPLETED in self.tasks and Task.Status.PAUSED not in self.tasks
        return Status.ANSWERED if is_answered else Status.CALLED_OFF


@dataclass(slots=True)
class Decided:
    """The ids of what leaves, of what ends and why, and of what became part of which other."""

    carriers: set[UUID] = field(default_factory=set)
    ended: dict[UUID, Status] = field(default_factory=dict)
    collapsed: dict[UUID, UUID] = field(default_factory=dict)


def decide(groups: Iterable[Sequence[Waiting]]) -> Decided:
    """What becomes of the messages; a group is all of one kind that wait for one citizen in one municipality.

    The one that was asked for first leaves. One that may have reached NemSMS already is sent again under its own id,
    which counts once.
    """
    decided = Decided()
    for group in groups:
        decided.ended |= {one.id: one.why_not for one in group if not one.is_wanted}
        wanted = sorted((one for one in group if one.is_wanted), key=lambda one: (one.requested_at, one.id))
        if not wanted:
            continue
        carrier = next((one for one in wanted if one.may_have_left), wanted[0])
        decided.carriers.add(carrier.id)
        decided.collapsed |= {one.id: carrier.id for one in wanted if one is not carrier}
    return decided


def by_reason(ended: Mapping[UUID, Status]) -> dict[Status, list[UUID]]:
    """The ids that ended for each reason."""
    found: dict[Status, list[UUID]] = {}
    for message_id, status in ended.items():
        found.setdefault(status, []).append(message_id)
    return found
