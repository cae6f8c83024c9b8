"""`manage.py load_demo_data`: the demo's municipalities, people, plans and a year of answers."""

from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kommunalpro.demo.load import load_demo


class Command(BaseCommand):
    help = "Load the demo data. Running it again adds only what is missing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuses outside the embedded mode: invented people do not belong beside real ones."""
        if not settings.EMBEDDED:
            raise CommandError(
                "Demo data are for the embedded mode only, so that invented people never stand beside real ones. "
                "To try the system: make run."
            )
        began = monotonic()
        loaded = load_demo(now=timezone.now())
        self.stdout.write(
            f"Demo data: {loaded.municipalities} municipalities, {loaded.citizens} citizens, {loaded.plans} plans, "
            f"{loaded.tasks} tasks and {loaded.responses} responses added in {monotonic() - began:.1f} s."
        )
