"""What was done with a citizen's plans, by whom and why."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from citizens.cpr_pattern import without_cpr
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.scope import Scope, within
from plans.models import CarePlan, CarePlanEvent

Kind = CarePlanEvent.Kind


class ReasonMissing(Problem):
    """What stops or changes a citizen's plan needs a reason."""

    code = "reason_missing"


def note(
    care_plan: CarePlan,
    kind: CarePlanEvent.Kind,
    *,
    at: datetime,
    by: StaffMember | None = None,
    reason: str = "",
    counts_from: date | None = None,
) -> None:
    """Write it down; call inside the transaction that does it. CPR numbers in the reason are masked."""
    # A citizen's last answer ends the plan, and what is written of plans is the municipality's to write.
    with within(Scope.municipality(care_plan.municipality_id)):
        CarePlanEvent.objects.create(
            care_plan_id=care_plan.pk,
            municipality_id=care_plan.municipality_id,
            citizen_id=care_plan.citizen_id,
            kind=kind,
            at=at,
            by=by,
            reason=without_cpr(reason)[: CarePlanEvent.LONGEST_REASON],
            counts_from=counts_from,
        )


def require_reason(reason: str) -> str:
    """The reason without blanks around it. Raises ReasonMissing."""
    words = " ".join(reason.split())
    if not words:
        raise ReasonMissing(_("Skriv kort hvorfor. Kolleger og borgeren kan læse det."))
    return words


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """Something that happened to a plan: `kind` is “assigned” or a CarePlanEvent.Kind, `words` say it with the plan."""

    at: datetime
    kind: str
    words: str
    care_plan_id: UUID
    by: str = ""
    reason: str = ""


def events_of(care_plans: list[CarePlan], events: list[CarePlanEvent]) -> list[PlanEvent]:
    """All that happened, the newest first; that a plan was assigned it says itself."""
    titles = {one.pk: one.plan.title for one in care_plans}
    found = [
        PlanEvent(
            at=one.assigned_at,
            kind="assigned",
            words=said_of("assigned", one.plan.title),
            care_plan_id=one.pk,
            by=one.assigned_by.name,
        )
        for one in care_plans
    ]
    found += [
        PlanEvent(
            at=one.at,
            kind=one.kind,
            words=said_of(one.kind, titles[one.care_plan_id], one.counts_from),
            care_plan_id=one.care_plan_id,
            by=one.by.name if one.by else "",
            reason=one.reason,
        )
        for one in events
        if one.care_plan_id in titles
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def said_of(kind: str, plan: str, counts_from: date | None = None) -> str:
    """What was done with a plan, in words with its title, and from which day it counts; `kind` as in PlanEvent."""
    facts = {"plan": plan}
    if counts_from is not None:
        facts["day"] = f"{counts_from:%d-%m-%Y}"
    match kind:
        case Kind.PAUSED:
            words = _("Plan sat på pause: %(plan)s")
        case Kind.RESUMED if counts_from is not None:
            words = _("Plan genoptaget fra %(day)s: %(plan)s")
        case Kind.RESUMED:
            words = _("Plan genoptaget: %(plan)s")
        case Kind.CHANGED if counts_from is not None:
            words = _("Plan ændret, gælder fra %(day)s: %(plan)s")
        case Kind.CHANGED:
            words = _("Plan ændret: %(plan)s")
        case Kind.EXTRA:
            words = _("Ekstra spørgeskema: %(plan)s")
        case Kind.COMPLETED:
            words = _("Plan afsluttet: %(plan)s")
        case Kind.STOPPED:
            words = _("Plan stoppet: %(plan)s")
        case _:
            words = _("Plan tildelt: %(plan)s")
    return words % facts
