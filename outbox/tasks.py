"""Celery's way in."""

from celery import shared_task

from outbox import dispatcher


@shared_task
def deliver_due() -> None:
    dispatcher.deliver_due()
