"""A person says what holds: ours, theirs, or that it has been seen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from citizens.models import Citizen
from fut.incoming.models import FutFinding
from fut.incoming.polling import look_soon
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from plans import services as plans
from plans.models import Activity, CarePlan


class NotToBeTaken(Problem):
    """What stands on FUT cannot become ours."""

    code = "not_to_be_taken"


def open_findings(citizen: Citizen, municipality: Municipality) -> list[FutFinding]:
    """What nobody has settled, conflicts first."""
    return findings_of(citizen, municipality).open


@dataclass(frozen=True, slots=True)
class OfCitizen:
    """What was found about a citizen. `open`: waits for a person, conflicts first.

    `ended`: by care plan, what of it ended on the platform and has ended here because of that.
    """

    open: list[FutFinding]
    ended: dict[UUID, list[FutFinding]]


NONE_FOUND = OfCitizen(open=[], ended={})


def has_findings(municipality: Municipality) -> Exists:
    """For a query of citizens: whether `findings_of` has any of each. Nearly always there are none."""
    return Exists(_to_show(municipality).filter(citizen=OuterRef("pk")))


def _to_show(municipality: Municipality) -> QuerySet[FutFinding]:
    is_ending = Q(
        kind__in=[FutFinding.Kind.PLAN, FutFinding.Kind.REQUEST],
        settlement__in=[FutFinding.Settlement.TAKEN_OVER, FutFinding.Settlement.THEIRS],
    )
    return FutFinding.objects.filter(Q(settlement="") | is_ending, municipality=municipality)


def findings_of(citizen: Citizen, municipality: Municipality) -> OfCitizen:
    """What was found and is not settled, and the endings that were; what it is about is read where there is some."""
    found = _to_show(municipality).filter(citizen=citizen).order_by("-ours", "-found_at", "pk")
    ended: dict[UUID, list[FutFinding]] = {}
    waiting = []
    # Joined, six tables with their policies would be planned for nothing on every citizen's page.
    versions = Activity.objects.select_related("version").defer("version__source")
    about = ("care_plan__plan", Prefetch("activity", versions), "care_team", "settled_by")
    for one in found.prefetch_related(*about):
        if not one.settlement:
            waiting.append(one)
        elif one.care_plan_id is not None:
            ended.setdefault(one.care_plan_id, []).append(one)
    return OfCitizen(open=waiting, ended=ended)


def _with_subjects(found: QuerySet[FutFinding]) -> QuerySet[FutFinding]:
    related = ("care_plan__plan", "activity__version", "care_team", "settled_by")
    return found.select_related(*related).defer("activity__version__source")


def open_of_citizens(municipality: Municipality) -> QuerySet[FutFinding]:
    """What nobody has settled of the citizens who live here, the longest waiting first."""
    found = FutFinding.objects.filter(
        citizen__municipality=municipality, municipality=municipality, settlement=""
    )
    return _with_subjects(found).select_related("citizen").order_by("found_at", "pk")


def open_of_teams(municipality: Municipality) -> QuerySet[FutFinding]:
    """What nobody has settled of the municipality's teams, the longest waiting first."""
    found = FutFinding.objects.filter(kind=FutFinding.Kind.TEAM, municipality=municipality, settlement="")
    return _with_subjects(found).order_by("found_at", "pk")


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
        plans.end_as_elsewhere(care_plan=finding.care_plan, status=CarePlan.Status(finding.theirs), at=at)
