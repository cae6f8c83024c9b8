"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from notifications import digest


@shared_task
def send_digests() -> None:
    digest.send_digests(at=timezone.now())
