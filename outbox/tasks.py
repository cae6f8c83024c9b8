"""Celery's way in."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from outbox import channels, dispatcher, services
from outbox.models import ChannelName

# Then what else waits in the worker's queues has its turn.
LONGEST_SHIFT = timedelta(minutes=1)


@shared_task
def deliver_due(channel: str) -> None:
    began = timezone.now()
    dispatcher.deliver_due(channels.named(channel), for_at_most=LONGEST_SHIFT)
    if timezone.now() - began > LONGEST_SHIFT:
        services.nudge(ChannelName(channel))
