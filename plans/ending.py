"""How plans and courses end: with the last answer, in the night, by staff, or as somebody ended them elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.compiled_queries import CompiledQuery, CompiledUpdate, pipelined
from kommunalpro.problems import Problem
from municipalities.scope import Scope, within
from outbox import services as outbox
from outbox.models import EventName
from plans import history, schedule
from plans.correction_time import waits_for_corrections
from plans.models import Activity, CarePlan, EpisodeOfCare, Task


class CarePlanOver(Problem):
    """A plan that has ended cannot be stopped, paused or changed."""

    code = "care_plan_over"


class EpisodeHasPlans(Problem):
    """A course ends when none of its plans goes on."""

    code = "episode_has_plans"


@dataclass(frozen=True, slots=True)
class Ended:
    """How many tasks were called off, and how many care plans were over."""

    tasks: int
    care_plans: int


def end_what_is_over(*, at: datetime) -> Ended:
    """Call off the tasks nobody answered in `schedule.CALLED_OFF_AFTER` past their time; end plans without open tasks.

    One transaction a plan, and safe to run again: what is done stays done. A task whose citizen is submitting it
    at this moment is left to them.
    """
    too_late = Task.objects.overdue(at - schedule.CALLED_OFF_AFTER)
    of_plan = {"care_plan": OuterRef("pk")}
    with_something_over = CarePlan.objects.filter(
        Exists(too_late.filter(**of_plan)) | ~Exists(Task.objects.unanswered().filter(**of_plan)),
        status=CarePlan.Status.ACTIVE,
    )
    called_off = ended = 0
    with within(Scope.system()):
        found = list(with_something_over.values_list("pk", "municipality_id"))
    for care_plan_id, municipality_id in found:
        with within(Scope.municipality(municipality_id)):
            # The tasks first and then their plan, as submit_task does.
            tasks = too_late.filter(care_plan=care_plan_id).select_for_update(skip_locked=True, no_key=True)
            ids = [task.pk for task in tasks.only("pk")]
            called_off += Task.objects.filter(pk__in=ids).update(status=Task.Status.CANCELLED)
            ended += end_if_over(care_plan_id, at=at)
    return Ended(tasks=called_off, care_plans=ended)


@transaction.atomic
def revoke_care_plan(
    *, care_plan: CarePlan, at: datetime, by: StaffMember | None = None, reason: str = ""
) -> CarePlan:
    """Stop a plan before its time: its open tasks are called off. A second call gives it as the first one left it.

    Raises CarePlanOver where it has run to its end. What the citizen has begun and not sent stays with them.
    """
    care_plan = locked_with_tasks(care_plan)
    if care_plan.status == CarePlan.Status.REVOKED:
        return care_plan
    if care_plan.status == CarePlan.Status.COMPLETED:
        raise CarePlanOver(_("Planen er allerede afsluttet, så den kan ikke stoppes."))
    call_off(care_plan)
    care_plan.status = CarePlan.Status.REVOKED
    care_plan.save(update_fields=["status"])
    history.note(care_plan, history.Kind.STOPPED, at=at, by=by, reason=reason)
    outbox.record(EventName.CARE_PLAN_ENDED, subject=care_plan, key=care_plan.citizen_id, at=at)
    return care_plan


@transaction.atomic
def end_as_elsewhere(*, care_plan: CarePlan, status: CarePlan.Status, at: datetime) -> CarePlan:
    """A person ended the plan on the platform: it ends here in the same way, and nobody is told what they said.

    A plan that has ended here stays as it is. What the citizen has begun and not sent stays with them.
    """
    care_plan = locked_with_tasks(care_plan)
    if care_plan.goes_on:
        call_off(care_plan)
        care_plan.status = status
        care_plan.save(update_fields=["status"])
        stopped = status == CarePlan.Status.REVOKED
        history.note(care_plan, history.Kind.STOPPED if stopped else history.Kind.COMPLETED, at=at)
    return care_plan


@transaction.atomic
def end_activity_as_elsewhere(*, care_plan: CarePlan, activity: Activity, at: datetime) -> int:
    """A person stopped one questionnaire of the plan on the platform: its open tasks are called off; gives how many.

    The plan goes on with its others. Where nothing of it is open any more it is over, and that is news as always.
    """
    unanswered = Task.objects.not_ended().filter(care_plan=care_plan, activity=activity)
    ids = list(unanswered.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Task.objects.filter(pk__in=ids).update(status=Task.Status.CANCELLED)
    end_if_over(care_plan.pk, at=at)
    return len(ids)


@transaction.atomic
def finish_episode(*, episode: EpisodeOfCare, at: datetime) -> EpisodeOfCare:
    """End a course; a second call gives it as the first one left it. Raises EpisodeHasPlans while a plan goes on."""
    # A plan is given under the lock on the citizen: none begins while we look.
    Citizen.objects.select_for_update(no_key=True).get(pk=episode.citizen_id)
    episode = EpisodeOfCare.objects.select_for_update(no_key=True).get(pk=episode.pk)
    if episode.status == EpisodeOfCare.Status.FINISHED:
        return episode
    going_on = list(episode.care_plans.filter(status__in=CarePlan.GOING_ON).order_by("pk"))
    if not all(end_if_over(care_plan.pk, at=at, at_once=True) for care_plan in going_on):
        raise EpisodeHasPlans(
            _("Forløbet har en plan, der er i gang. Stop planen, før du afslutter forløbet.")
        )
    episode.status = EpisodeOfCare.Status.FINISHED
    episode.ended_on = max(episode.started_on, at.astimezone(schedule.DANISH_TIME).date())
    episode.save(update_fields=["status", "ended_on"])
    outbox.record(EventName.EPISODE_FINISHED, subject=episode, key=episode.citizen_id, at=at)
    return episode


def locked_with_tasks(care_plan: CarePlan) -> CarePlan:
    """The care plan as it stands, with its plan; it and its tasks that have not ended are locked.

    The tasks first and then their plan, as submit_task does; in one order, so that two of us do not wait in a ring.
    """
    tasks = Task.objects.not_ended().filter(care_plan=care_plan).order_by("pk")
    list(tasks.select_for_update(no_key=True).values_list("pk", flat=True))
    plans = CarePlan.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return plans.get(pk=care_plan.pk)


def call_off(care_plan: CarePlan) -> int:
    """Call off what is not answered of a plan that is locked with its tasks; gives how many."""
    left = Task.objects.not_ended().filter(care_plan=care_plan)
    return left.update(status=Task.Status.CANCELLED)


def end_if_over(care_plan_id: UUID, *, at: datetime, at_once: bool = False) -> bool:
    """Complete an active care plan that has no open task left; call inside a transaction. One on hold rests.

    While an answer of it may still be corrected it goes on, unless it is to end `at_once`.

    The lock lets of two answers at the same moment the later one see that it was the last.
    """
    with pipelined():
        found = _LOCKED_STATUS.asked(care_plan_id=care_plan_id)
        unanswered = _UNANSWERED.asked(care_plan_id=care_plan_id)
    ((status,),) = found()
    if status != CarePlan.Status.ACTIVE or unanswered():
        return False
    care_plan = CarePlan.objects.select_related("plan").get(pk=care_plan_id)
    if not at_once and waits_for_corrections(care_plan, at):
        return False
    care_plan.status = CarePlan.Status.COMPLETED
    _STATUS.run(care_plan_id, status=care_plan.status)
    history.note(care_plan, history.Kind.COMPLETED, at=at)
    outbox.record(EventName.CARE_PLAN_ENDED, subject=care_plan, key=care_plan.citizen_id, at=at)
    return True


_STATUS = CompiledUpdate(CarePlan, "status")
_LOCKED_STATUS = CompiledQuery(
    lambda care_plan_id: (
        CarePlan.objects.select_for_update(no_key=True).filter(pk=care_plan_id).values_list("status")
    )
)
_UNANSWERED = CompiledQuery(
    lambda care_plan_id: Task.objects.unanswered().filter(care_plan=care_plan_id).values_list("pk")[:1]
)
