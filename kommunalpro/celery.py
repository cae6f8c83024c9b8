"""The Celery application: everything it is told stands in the settings under `CELERY_`."""

import os

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.settings")

app = Celery("kommunalpro")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Carries the request id from the web request into the task's log lines.
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def _use_our_logging(**_: object) -> None:
    """Celery's own set-up would replace the structured logs; Django's settings already made them."""
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
