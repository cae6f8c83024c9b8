"""What beat asks for by itself."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from kommunalpro import celery_app
from kommunalpro.tasks import clear_sessions


def test_every_task_that_beat_asks_for_is_there() -> None:
    celery_app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(celery_app.tasks)


def session(*, ends_in: timedelta) -> str:
    store = SessionStore()
    store["actor"] = "somebody"
    store.set_expiry(timezone.now() + ends_in)
    store.save()
    assert store.session_key
    return store.session_key


@pytest.mark.django_db
def test_ended_sessions_are_deleted_and_others_kept() -> None:
    session(ends_in=timedelta(seconds=-1))
    going_on = session(ends_in=timedelta(minutes=1))

    clear_sessions()

    assert [kept.session_key for kept in Session.objects.all()] == [going_on]
