"""Celery's way in."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from questionnaires import answer_times, import_batches, library, use_counts


@shared_task
def measure_answer_times() -> None:
    answer_times.measure(at=timezone.now())


@shared_task
def count_use() -> None:
    use_counts.count(at=timezone.now())


@shared_task
def find_words_of_drafts() -> None:
    library.find_words()


@shared_task
def read_import(batch_id: str) -> None:
    import_batches.read_batch(UUID(batch_id))


@shared_task
def store_import(batch_id: str) -> None:
    import_batches.store_batch(UUID(batch_id))


@shared_task
def resume_imports() -> None:
    import_batches.resume(at=timezone.now())


@shared_task
def forget_imports() -> None:
    import_batches.forget(at=timezone.now())
