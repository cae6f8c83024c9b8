"""Celery's way in."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from outbox import archive, channels, dispatcher, waking
from outbox.models import ChannelName

# Then what else waits in the worker's queues has its turn.
LONGEST_SHIFT = timedelta(minutes=1)
# What is left of years that nobody archived waits for the next night.
LONGEST_NIGHT = timedelta(hours=1)


@shared_task
def deliver_due(channel: str) -> None:
    began = timezone.now()
    waking.awake(ChannelName(channel))
    dispatcher.deliver_due(channels.named(channel), for_at_most=LONGEST_SHIFT)
    if timezone.now() - began > LONGEST_SHIFT:
        waking.nudge(ChannelName(channel))


@shared_task
def archive_delivered() -> None:
    archive.archive_delivered(at=timezone.now(), for_at_most=LONGEST_NIGHT)
