"""A person says what holds: ours, theirs, or that it has been seen."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from citizens.models import Citizen
from fut.incoming.models import FutFinding
from fut.incoming.polling import look_soon
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from plans import services as plans
from plans.models import CarePlan


class NotToBeTaken(Problem):
    """What stands on FUT cannot become ours."""

    code = "not_to_be_taken"


def open_findings(citizen: Citizen, municipality: Municipality) -> QuerySet[FutFinding]:
    """What nobody has settled, conflicts first."""
    found = FutFinding.objects.filter(citizen=citizen, municipality=municipality, settlement="")
    return found.select_related("care_plan__plan").order_by("-ours", "-found_at", "pk")


def open_by_municipality() -> list[tuple[str, int]]:
    """How many wait for a person, for the system administration; no citizen."""
    with within(Scope.system()):
        rows = FutFinding.objects.filter(settlement="").values("municipality__name")
        counted = rows.annotate(number=Count("pk")).order_by("-number", "municipality__name")
        return [(row["municipality__name"], row["number"]) for row in counted]


@transaction.atomic
def settle(
    *, finding_id: UUID, settlement: FutFinding.Settlement, by: StaffMember, at: datetime
) -> FutFinding:
    """Settle a finding once; a second click gives it as the first one left it. Raises NotToBeTaken."""
    finding = FutFinding.objects.select_for_update(no_key=True).get(pk=finding_id)
    if finding.settlement:
        return finding
    if settlement == FutFinding.Settlement.THEIRS:
        if not finding.may_take_theirs:
            raise NotToBeTaken(_("FUT's status kan ikke bruges her. Behold vores."))
        _take_theirs(finding, at=at)
    if not finding.is_conflict:
        settlement = FutFinding.Settlement.SEEN
    finding.settlement, finding.settled_at, finding.settled_by = settlement, at, by
    finding.save(update_fields=["settlement", "settled_at", "settled_by"])
    if finding.episode_id:
        look_soon(finding.episode_id)
    return finding


def _take_theirs(finding: FutFinding, *, at: datetime) -> None:
    if finding.care_team is not None:
        # Courses in it go on to their end; no citizen is given a new plan in it.
        finding.care_team.is_active = False
        finding.care_team.save(update_fields=["is_active"])
    elif finding.care_plan is not None and finding.activity is not None:
        plans.end_activity_as_elsewhere(care_plan=finding.care_plan, activity=finding.activity, at=at)
    elif finding.care_plan is not None:
        plans.end_as_elsewhere(care_plan=finding.care_plan, status=CarePlan.Status(finding.theirs))
