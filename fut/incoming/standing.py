"""How the looking goes and what waits, for the system administration: figures by municipality, and nobody.

The rows are their municipality's, so they are counted in the scope *system*; what leaves here holds no citizen.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q

from fut.incoming.models import FutFinding, FutLook, FutRun, FutTeamLook
from municipalities.scope import Scope, within
from plans.models import EpisodeOfCare


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """How many findings of a kind wait for a person in a municipality, and since when the oldest does."""

    municipality: str
    kind: FutFinding.Kind
    number: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Looking:
    """How the looks go. `refused`: courses and municipalities whose last look FUT refused.

    `oldest`: when the course was looked at that has waited longest; None where none has been, or there is none.
    """

    runs: list[FutRun]
    courses: int
    refused: int
    oldest: datetime | None


def open_groups() -> list[OpenGroup]:
    """Every municipality's, the oldest first; those that it can see and settle: not of who has moved away."""
    can_be_settled = Q(kind=FutFinding.Kind.TEAM) | Q(citizen__municipality=F("municipality"))
    with within(Scope.system()):
        waiting = FutFinding.objects.filter(can_be_settled, settlement="")
        rows = waiting.order_by().values_list("municipality__name", "kind")
        counted = rows.annotate(Count("pk"), oldest=Min("found_at"))
        return [
            OpenGroup(name, FutFinding.Kind(kind), number, oldest)
            for name, kind, number, oldest in counted.order_by("oldest", "municipality__name", "kind")
        ]


def looking() -> Looking:
    """As of now."""
    with within(Scope.system()):
        looks = FutLook.objects.filter(episode__status=EpisodeOfCare.Status.ACTIVE)
        counted = looks.aggregate(
            courses=Count("pk"), refused=Count("pk", filter=~Q(problem="")), oldest=Min("looked_at")
        )
        places = FutTeamLook.objects.exclude(problem="").count()
        return Looking(
            runs=list(FutRun.objects.order_by("what")),
            courses=counted["courses"],
            refused=counted["refused"] + places,
            oldest=counted["oldest"],
        )
