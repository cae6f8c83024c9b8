"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from fut import reconciliation
from fut.incoming import polling, teams


@shared_task
def reconcile() -> None:
    reconciliation.reconcile_at_night()


@shared_task
def poll() -> None:
    polling.poll(at=timezone.now())
    teams.poll_teams(at=timezone.now())
