"""Celery's way in."""

from celery import shared_task

from outbox import channels, dispatcher


@shared_task
def deliver_due(channel: str) -> None:
    dispatcher.deliver_due(channels.named(channel))
