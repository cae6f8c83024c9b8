"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from municipalities.models import Municipality
from privacy import services


@shared_task
def delete_what_is_over() -> None:
    """Each night, municipality by municipality."""
    for municipality in Municipality.objects.all():
        services.delete_what_is_over(municipality=municipality, at=timezone.now())
