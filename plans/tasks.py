"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from plans import services


@shared_task
def end_what_is_over() -> None:
    services.end_what_is_over(at=timezone.now())
