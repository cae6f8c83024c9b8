"""`manage.py rotate_cpr_keys`: every CPR number under the current keys, so that the former ones can be thrown away."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from citizens import key_rotation
from citizens.models import Citizen
from municipalities.scope import Scope, within


class Command(BaseCommand):
    help = (
        "Seals every CPR number anew under CPR_ENCRYPTION_KEY and CPR_HASH_KEY. May run beside web and workers, be "
        "stopped and be started again. Exits 1 while a number is left under a former key."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing: open every number, and count those under former keys",
        )
        parser.add_argument("--batch", type=int, default=key_rotation.BATCH, help="rows a transaction")

    def handle(self, *_: Any, **chosen: Any) -> None:
        everybody = Citizen.objects.all()
        if chosen["check"]:
            with within(Scope.system()):
                problems = key_rotation.unreadable(everybody)
                self.stdout.write(f"{everybody.count()} CPR numbers opened, {len(problems)} cannot be read.")
        else:
            problems = self._rotate(chosen["batch"])
        for problem in problems:
            self.stderr.write(problem)
        with within(Scope.system()):
            left = everybody.under_former_keys().count()
        if left:
            self.stdout.write(f"{left} CPR numbers are still under former keys: keep those configured.")
        else:
            self.stdout.write("No CPR number is under a former key: the former keys may go.")
        if left or problems:
            raise SystemExit(1)

    def _rotate(self, batch: int) -> list[str]:
        moved, problems = 0, []
        for done in key_rotation.rotate(Citizen.objects.all(), batch=batch):
            moved += done.moved
            problems += done.problems
            self.stdout.write(f"{moved} moved …")
        self.stdout.write(f"{moved} CPR numbers were moved to the current keys.")
        return problems
