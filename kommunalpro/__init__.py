"""The project: settings, addresses, Celery, the embedded servers and the demo data."""

from kommunalpro.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"
