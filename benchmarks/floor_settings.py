"""The settings of Kommunal PRO, and the floor's address beside its own."""

from kommunalpro.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.floor"
# Static files are named plainly: nothing has to be collected first.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
