"""NemSMS as a channel of the outbox: which news become a message, when it may leave, how it went."""

from datetime import datetime, timedelta

from django.utils import timezone

from citizens.models import Citizen
from municipalities.scope import Scope, within
from notifications import gateways, texts
from notifications.models import Message
from notifications.quiet_hours import next_allowed
from outbox.models import ChannelName, Delivery, Event, EventName
from plans.models import Task


class NemSmsChannel:
    """Messages of kind *task* are made here; reminders are made by the use case that staff call."""

    name = ChannelName.NEMSMS
    # Messages stand alone: one that waits for a plan's first day holds back no reminder.
    keeps_order = False
    lease = timedelta(minutes=1)
    # A reminder that is days late reminds of nothing.
    patience = timedelta(days=2)

    def wants(self, event: Event) -> bool:
        """A reminder always; an assigned plan if the citizen gets text messages."""
        match event.name:
            case EventName.REMINDER_REQUESTED:
                return True
            case EventName.CARE_PLAN_ASSIGNED:
                return bool(Citizen.objects.filter(pk=event.key, is_nemsms_enrolled=True).exists())
        return False

    def prepare(self, delivery: Delivery) -> None:
        """Tie the delivery to its message, making the message for an assigned plan."""
        event = delivery.event
        if event.name == EventName.REMINDER_REQUESTED:
            Message.objects.filter(pk=event.subject_id).update(delivery=delivery)
            return
        Message.objects.create(
            kind=Message.Kind.TASK,
            citizen_id=event.key,
            municipality_id=event.municipality_id,
            delivery=delivery,
            requested_at=event.occurred_at,
            leaves_at=delivery.due_at,
        )

    def not_before(self, event: Event, moment: datetime) -> datetime:
        """Outside the quiet hours, and not before there is something to answer."""
        if event.name == EventName.CARE_PLAN_ASSIGNED:
            first = Task.objects.filter(care_plan_id=event.subject_id).order_by("opens_at").first()
            if first is not None:
                moment = max(moment, first.opens_at)
        return next_allowed(moment)

    def deliver(self, delivery: Delivery) -> None:
        """Send it, unless there is no longer a reason to: then say so instead."""
        of_its_municipality = Scope.municipality(delivery.municipality_id)
        with within(of_its_municipality):
            message = Message.objects.select_related("citizen", "municipality", "task").get(delivery=delivery)
            if message.outcome != Message.Outcome.PENDING:
                return
            # Looked up at sending time: enrolment may have changed since the message was made.
            if not message.citizen.is_nemsms_enrolled:
                _end(message, Message.Outcome.NOT_ENROLLED)
                return
            if not _still_something_to_answer(message, delivery):
                _end(message, Message.Outcome.ANSWERED)
                return
        gateways.current().send(
            message_id=message.pk,
            cpr=message.citizen.cpr,
            text=texts.text_of(message.kind),
            sender=message.municipality.authority_name,
        )
        with within(of_its_municipality):
            _end(message, Message.Outcome.SENT)

    def gave_up(self, delivery: Delivery) -> None:
        _end(Message.objects.get(delivery=delivery), Message.Outcome.FAILED)

    def revived(self, delivery: Delivery) -> None:
        Message.objects.filter(delivery=delivery, outcome=Message.Outcome.FAILED).update(
            outcome=Message.Outcome.PENDING, outcome_at=None
        )


def _still_something_to_answer(message: Message, delivery: Delivery) -> bool:
    if message.task is not None:
        return message.task.is_open
    return Task.objects.filter(care_plan_id=delivery.event.subject_id).unanswered().exists()


def _end(message: Message, outcome: Message.Outcome) -> None:
    message.outcome = outcome
    message.outcome_at = timezone.now()
    message.save(update_fields=["outcome", "outcome_at"])
