"""The reminder that members of staff send from the list of unanswered questionnaires, to one citizen or to many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from notifications.models import Message
from notifications.obstacles import Kind, Obstacle, obstacle_of
from notifications.selectors import reminders_of
from notifications.sending import allowed_from
from notifications.states import first_status
from outbox import services as outbox
from outbox.models import EventName
from plans.models import Task

MOST_AT_ONCE = 50
"""So many are reminded in one request: a page of the list (docs/performance.md has what it costs)."""


class ReminderNotPossible(Problem):
    """There is nothing to remind of, or no way to send it."""

    code = "reminder_not_possible"


class TooManyReminders(Problem):
    """More than one request sends."""

    code = "too_many_reminders"


@dataclass(frozen=True, slots=True)
class Prospect:
    """A task with what stands in the way of reminding of it, if anything, and the reminders so far."""

    task: Task
    earlier: Sequence[Message]
    obstacle: Obstacle | None


@transaction.atomic
def send(*, task: Task, by: StaffMember, at: datetime) -> Message:
    """Send “Husk dit spørgeskema” to the citizen who has not answered `task`; it waits out the quiet hours.

    Asking again within a day gives the reminder that is already there, waiting or sent: two clicks, or two
    colleagues with the same list, are one message. Whether the citizen gets text messages is asked when it leaves:
    one who was outside NemSMS when last asked can be tried. The plan may limit how many there are, and how many days
    lie between them at the least.
    Raises ReminderNotPossible, with a sentence for the screen.
    """
    (task,) = _locked([task.pk])
    earlier = reminders_of([task]).get(task.pk, [])
    obstacle = obstacle_of(task, earlier, at)
    if obstacle is None or obstacle.kind == Kind.OUTSIDE_NEMSMS:
        return _ask_for(task, by=by, at=at)
    if obstacle.kind == Kind.ENOUGH:
        return next(message for message in earlier if message.is_enough(at))
    raise ReminderNotPossible(obstacle.sentence)


@transaction.atomic
def send_to_many(
    *,
    tasks: Iterable[UUID],
    municipality: Municipality,
    by: StaffMember,
    at: datetime,
    outside_nemsms_too: bool = False,
) -> list[Message]:
    """Send the reminder for each of these tasks (ids) of the municipality that nothing stands in the way of.

    The same rules as for one, asked again under the lock: what was answered since the list was drawn is left alone.
    `outside_nemsms_too` also tries those who got no text messages when NemSMS was last asked.
    Raises TooManyReminders, with a sentence for the screen.
    """
    wanted = set(tasks)
    require_few_enough(len(wanted))
    found = _locked(wanted, municipality=municipality)
    return [
        _ask_for(prospect.task, by=by, at=at)
        for prospect in prospects(found, at)
        if prospect.obstacle is None or (outside_nemsms_too and prospect.obstacle.kind == Kind.OUTSIDE_NEMSMS)
    ]


def prospects(tasks: Sequence[Task], at: datetime) -> list[Prospect]:
    """What would come of reminding of each; one query. The tasks need their citizen and activity."""
    earlier = reminders_of(tasks)
    return [
        Prospect(task, found, obstacle_of(task, found, at))
        for task in tasks
        for found in [earlier.get(task.pk, [])]
    ]


def require_few_enough(number: int) -> None:
    """Raises TooManyReminders beyond MOST_AT_ONCE."""
    if number > MOST_AT_ONCE:
        raise TooManyReminders(
            _("Vælg højst %(most)s ad gangen. Send til resten bagefter.") % {"most": MOST_AT_ONCE}
        )


def _locked(ids: Iterable[UUID], *, municipality: Municipality | None = None) -> list[Task]:
    """The tasks as they stand, locked in the order of their ids: two lists at once wait for each other in no ring."""
    found = Task.objects.filter(pk__in=list(ids)).select_for_update(of=("self",))
    if municipality is not None:
        found = found.filter(municipality=municipality, citizen__municipality=municipality)
    return list(found.select_related("citizen", "activity").order_by("pk"))


def _ask_for(task: Task, *, by: StaffMember, at: datetime) -> Message:
    leaves_at = allowed_from(at)
    message = Message.objects.create(
        kind=Message.Kind.REMINDER,
        citizen=task.citizen,
        municipality_id=task.municipality_id,
        task=task,
        requested_at=at,
        requested_by=by,
        leaves_at=leaves_at,
        status=first_status(requested_at=at, leaves_at=leaves_at),
    )
    outbox.record(EventName.REMINDER_REQUESTED, subject=message, key=task.citizen_id, at=at)
    return message
