"""Celery's way in."""

from celery import shared_task

from identity import access_months


@shared_task
def mend_access_log() -> None:
    access_months.mend()
