"""Celery's way in."""

from celery import shared_task

from fut import reconciliation


@shared_task
def reconcile() -> None:
    reconciliation.reconcile_at_night()
