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
            words=_("%(plan)s: tildelt") % {"plan": one.plan.title},
            care_plan_id=one.pk,
            by=one.assigned_by.name,
        )
        for one in care_plans
    ]
    found += [
        PlanEvent(
            at=one.at,
            kind=one.kind,
            words=_words(one, titles[one.care_plan_id]),
            care_plan_id=one.care_plan_id,
            by=one.by.name if one.by else "",
            reason=one.reason,
        )
        for one in events
        if one.care_plan_id in titles
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _words(event: CarePlanEvent, plan: str) -> str:
    facts = {"plan": plan}
    if event.counts_from is not None:
        facts["day"] = f"{event.counts_from:%d-%m-%Y}"
    match event.kind:
        case Kind.PAUSED:
            return _("%(plan)s: sat på pause") % facts
        case Kind.RESUMED if event.counts_from is not None:
            return _("%(plan)s: genoptaget fra %(day)s") % facts
        case Kind.CHANGED if event.counts_from is not None:
            return _("%(plan)s: ændret, gælder fra %(day)s") % facts
        case Kind.EXTRA:
            return _("%(plan)s: ekstra spørgeskema") % facts
        case Kind.COMPLETED:
            return _("%(plan)s: afsluttet") % facts
        case Kind.STOPPED:
            return _("%(plan)s: stoppet") % facts
    return f"{plan}: {event.get_kind_display()}"
