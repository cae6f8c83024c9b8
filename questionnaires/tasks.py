"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from questionnaires import answer_times


@shared_task
def measure_answer_times() -> None:
    answer_times.measure(at=timezone.now())
