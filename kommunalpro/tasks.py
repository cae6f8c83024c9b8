"""What beat asks for that belongs to no app."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have run out; Django itself only stops believing them."""
    call_command("clearsessions")
