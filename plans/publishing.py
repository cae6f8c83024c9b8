"""A plan's life: a draft is looked through, published, made anew as the next version, and goes out of use."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import Municipality
from plans.building import locked_draft, problems_of
from plans.models import Activity, Plan
from questionnaires.models import PublicationStatus, QuestionnaireVersion


class PlanAlreadyPublished(Problem):
    """Only what is unpublished is published: who published a plan and when is not overwritten."""

    code = "plan_already_published"


class PlanNotReady(Problem):
    """Something in the plan has to be put right before it is published; the sentence says what."""

    code = "plan_not_ready"


class PlanNotPublished(Problem):
    """Only what is published is retired, made anew or copied."""

    code = "plan_not_published"


class DraftUnderWay(Problem):
    """There is an unpublished version of the plan already."""

    code = "draft_under_way"


@transaction.atomic
def send_to_review(*, plan: Plan) -> Plan:
    """Ask a colleague to look a draft through; it cannot be changed meanwhile. Raises PlanNotDraft or PlanNotReady."""
    plan = locked_draft(plan)
    _require_ready(plan)
    return _now(plan, PublicationStatus.IN_REVIEW)


@transaction.atomic
def send_back(*, plan: Plan) -> Plan:
    """Make what is in review a draft again, to be changed; a draft stays one. Raises PlanAlreadyPublished."""
    plan = _locked(plan)
    if plan.status not in PublicationStatus.UNPUBLISHED:
        raise PlanAlreadyPublished(_("Planen er udgivet imens, så den kan ikke ændres. Lav en ny version."))
    return _now(plan, PublicationStatus.DRAFT)


@transaction.atomic
def publish_plan(*, plan: Plan, by: StaffMember, at: datetime) -> Plan:
    """Make a draft, or what was looked through, assignable; the version that was active until now is retired.

    Raises PlanAlreadyPublished or PlanNotReady.
    """
    plan = _locked(plan)
    if plan.status not in PublicationStatus.UNPUBLISHED:
        raise PlanAlreadyPublished(_("Kun en kladde kan udgives. Denne plan er allerede udgivet."))
    _require_ready(plan)
    Plan.objects.filter(line=plan.line, status=PublicationStatus.ACTIVE).update(
        status=PublicationStatus.RETIRED
    )
    plan.status = PublicationStatus.ACTIVE
    plan.published_at = at
    plan.published_by = by
    plan.save(update_fields=["status", "published_at", "published_by"])
    return plan


@transaction.atomic
def retire_plan(*, plan: Plan) -> Plan:
    """Let no more citizens be given a plan; those who have it go on. Twice is as once. Raises PlanNotPublished."""
    plan = _locked(plan)
    if plan.status in PublicationStatus.UNPUBLISHED:
        raise PlanNotPublished(_("Planen er ikke udgivet, så den kan ikke udgå."))
    return _now(plan, PublicationStatus.RETIRED)


@transaction.atomic
def new_version(*, plan: Plan) -> Plan:
    """A draft of the plan's next version, as this one is, with the newest versions of its questionnaires.

    Raises PlanNotPublished, or DraftUnderWay where there is a draft of it.
    """
    # All versions in one order: two who press at once make one.
    versions = list(Plan.objects.filter(line=plan.line).order_by("version").select_for_update())
    plan = next(one for one in versions if one.pk == plan.pk)
    if plan.status in PublicationStatus.UNPUBLISHED:
        raise PlanNotPublished(_("Planen er ikke udgivet endnu. Ret i kladden i stedet."))
    if any(one.status in PublicationStatus.UNPUBLISHED for one in versions):
        raise DraftUnderWay(_("Der er allerede en kladde til en ny version af planen. Ret i den i stedet."))
    return _copy(plan, line=plan.line, version=versions[-1].version + 1, owner=plan.owner)


@transaction.atomic
def copy_national(*, plan: Plan, owner: Municipality) -> Plan:
    """A municipality's own draft of a national plan; where it comes from is kept. Raises PlanNotPublished."""
    if plan.owner_id is not None or not plan.is_active:
        raise PlanNotPublished(_("Kun en national plan, der er udgivet, kan kopieres."))
    return _copy(plan, line=uuid4(), version=1, owner=owner, copied_from=plan)


def _copy(
    plan: Plan,
    *,
    line: UUID,
    version: int,
    owner: Municipality | None,
    copied_from: Plan | None = None,
) -> Plan:
    texts = ("title", "description", "what_happens_now", "if_you_get_worse", "citizens_see_scores")
    copy = Plan.objects.create(
        line=line,
        version=version,
        owner=owner,
        copied_from=copied_from or plan.copied_from,
        correction_days=plan.correction_days,
        **{name: getattr(plan, name) for name in texts},
    )
    activities = list(plan.activities.select_related("version__questionnaire"))
    copies: dict[UUID | None, Activity] = {}
    for activity in activities:
        made = Activity.objects.get(pk=activity.pk)
        made.pk = Activity._meta.pk.get_default()
        made._state.adding = True
        made.plan, made.version, made.after_id = copy, _newest(activity.version), activity.after_id
        copies[activity.pk] = made
    for made in copies.values():
        made.after = copies[made.after_id] if made.after_id is not None else None
    Activity.objects.bulk_create(copies.values())
    return copy


def _newest(version: QuestionnaireVersion) -> QuestionnaireVersion:
    if not version.has_a_newer:
        return version
    active = QuestionnaireVersion.objects.active().filter(questionnaire=version.questionnaire_id).first()
    return active or version


def _locked(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)


def _require_ready(plan: Plan) -> None:
    problems = problems_of(plan)
    if problems:
        raise PlanNotReady(" ".join(problems))


def _now(plan: Plan, status: PublicationStatus) -> Plan:
    plan.status = status
    plan.save(update_fields=["status"])
    return plan
