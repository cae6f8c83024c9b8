"""Celery's way in."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from plans import bulk_assigning, services


@shared_task
def end_what_is_over() -> None:
    services.end_what_is_over(at=timezone.now())


@shared_task
def assign_to_many(bulk_id: str) -> None:
    bulk_assigning.work(UUID(bulk_id))


@shared_task
def resume_bulk_assignments() -> None:
    bulk_assigning.resume(at=timezone.now())
