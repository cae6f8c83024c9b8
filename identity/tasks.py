"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from identity import access_months, assisting, attempts


@shared_task
def mend_access_log() -> None:
    access_months.mend()


@shared_task
def forget_old_logins() -> None:
    attempts.forget_old(at=timezone.now())


@shared_task
def end_visits_left_open() -> None:
    assisting.end_those_left_open(at=timezone.now())
