"""NemSMS as a channel of the outbox: which news become a message, when it may leave, how it went."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from notifications.handover import NemSmsHandover
from notifications.models import Message
from notifications.sending import allowed_from
from notifications.states import Status, first_status
from notifications.texts import Kind
from outbox.models import ChannelName, Delivery, Event, EventName
from plans.models import Task


class NemSmsChannel:
    """Messages of kind *task* are made here; reminders are made by the use case that staff call."""

    name = ChannelName.NEMSMS
    # Messages stand alone: one that waits for a plan's first day holds back no reminder.
    keeps_order = False
    # Two tokens in two steps each, the look-up and the sending, each within ten seconds at the worst.
    lease = timedelta(minutes=2)
    # A reminder that is days late reminds of nothing.
    patience = timedelta(days=2)

    def wants(self, event: Event) -> bool:
        """A reminder always; a plan that is assigned or goes on after a pause, unless FUT sends those messages.

        Whether the citizen gets text messages at all is asked when one is to leave.
        """
        match event.name:
            case EventName.REMINDER_REQUESTED:
                return True
            case EventName.CARE_PLAN_ASSIGNED | EventName.CARE_PLAN_RESUMED:
                return bool(settings.TASK_MESSAGES_FROM == "us")
        return False

    def prepare(self, delivery: Delivery) -> None:
        """Tie the delivery to its message, making the message for an assigned plan."""
        event = delivery.event
        if event.name == EventName.REMINDER_REQUESTED:
            Message.objects.filter(pk=event.subject_id).update(delivery=delivery)
            return
        Message.objects.create(
            kind=Kind.TASK,
            citizen_id=event.key,
            care_plan_id=event.subject_id,
            municipality_id=event.municipality_id,
            delivery=delivery,
            requested_at=event.occurred_at,
            leaves_at=delivery.due_at,
            status=first_status(requested_at=event.occurred_at, leaves_at=delivery.due_at),
        )

    def not_before(self, event: Event, moment: datetime) -> datetime:
        """Outside the quiet hours, and not before there is something to answer."""
        if event.name in {EventName.CARE_PLAN_ASSIGNED, EventName.CARE_PLAN_RESUMED}:
            first = (
                Task.objects.unanswered().filter(care_plan_id=event.subject_id).order_by("opens_at").first()
            )
            if first is not None:
                moment = max(moment, first.opens_at)
        return allowed_from(moment)

    def receiver(self, event: Event) -> str:
        """NemSMS is one receiver."""
        del event
        return ""

    def opens(self, moment: datetime) -> datetime:
        """Outside the quiet hours."""
        return allowed_from(moment)

    def handover(self) -> NemSmsHandover:
        """Each is sent, unless there is no longer a reason to: then that is said instead."""
        return NemSmsHandover()

    def postponed(self, delivery: Delivery, until: datetime) -> None:
        """It was due and the hour had come: held until the morning."""
        Message.objects.filter(delivery=delivery).move(Status.HELD, at=until, leaves_at=until)

    def gave_up(self, delivery: Delivery) -> None:
        Message.objects.filter(delivery=delivery).move(
            Status.FAILED, at=timezone.now(), reason=delivery.last_problem
        )

    def revived(self, delivery: Delivery) -> None:
        """One that NemSMS never took; what it took and then failed with is not sent under the same id again."""
        Message.objects.filter(delivery=delivery, sent_at=None).move(
            Status.QUEUED, at=timezone.now(), reason=""
        )
