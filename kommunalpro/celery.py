"""The Celery application: everything it is told stands in the settings under `CELERY_`."""

import os

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.settings")

# Without TLS and with it. By their names, because kombu asks for TLS by the name alone.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "kommunalpro.redis_transport:Transport"))

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
