"""The reminder that a member of staff sends from the list of unanswered questionnaires."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from notifications.models import Message
from notifications.sending import allowed_from
from notifications.states import first_status
from outbox import services as outbox
from outbox.models import EventName
from plans.models import Task


class ReminderNotPossible(Problem):
    """There is nothing to remind of, or no way to send it."""

    code = "reminder_not_possible"


@transaction.atomic
def send(*, task: Task, by: StaffMember, at: datetime) -> Message:
    """Send “Husk dit spørgeskema” to the citizen who has not answered `task`; it waits out the quiet hours.

    Asking again within a day gives the reminder that is already there, waiting or sent: two clicks, or two
    colleagues with the same list, are one message. Whether the citizen gets text messages is asked when it leaves.
    Raises ReminderNotPossible, with a sentence for the screen.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("citizen").get(pk=task.pk)
    if not task.is_open:
        raise ReminderNotPossible(_("Spørgeskemaet er allerede besvaret, så der er ikke noget at minde om."))
    if task.opens_at > at:
        raise ReminderNotPossible(_("Borgeren kan ikke svare endnu, så der er ikke noget at minde om."))
    earlier = Message.objects.filter(task=task, kind=Message.Kind.REMINDER).select_related("collapsed_into")
    enough = next((message for message in earlier if message.is_enough(at)), None)
    if enough is not None:
        return enough
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
