"""The application's settings under a clock that can be moved.

Everything of ours asks `django.utils.timezone` for the time; this module comes before all models and use cases.
"""

from django.utils import timezone

from kommunalpro.settings import *  # noqa: F403
from kommunalpro.settings import INSTALLED_APPS as _APPS
from tests.faults import clock

timezone.now = clock.of_this_process().now

INSTALLED_APPS = [*_APPS, "tests.faults.apps.Impatient"]
