"""How the looking goes, noted for all workers in one row: what the operations page and Prometheus read."""

from datetime import datetime

from django.db.models import F

from citizens.cpr_pattern import without_cpr
from fut.incoming.models import FutRun
from municipalities.scope import Scope, within


def note(
    what: FutRun.What, *, at: datetime, looked: int, refused: int, resources: int, stopped: str = ""
) -> None:
    """A run has ended; `stopped`: why it ended early. Another worker's may end at the same moment."""
    came_to_its_end = {"succeeded_at": at, "problem": ""}
    with within(Scope.system()):
        FutRun.objects.get_or_create(what=what)
        FutRun.objects.filter(what=what).update(
            runs=F("runs") + 1,
            stopped=F("stopped") + int(bool(stopped)),
            looked=F("looked") + looked,
            refused=F("refused") + refused,
            resources=F("resources") + resources,
            **({"problem": without_cpr(stopped)[:2000]} if stopped else came_to_its_end),
        )
