"""Plans that rest and go on again: what a citizen is not asked while they are ill, on holiday or in hospital."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from outbox import services as outbox
from outbox.models import EventName
from plans import history
from plans.ending import CarePlanOver, end_if_over, locked_with_tasks
from plans.models import CarePlan, Task
from plans.rescheduling import Planned, go_on
from plans.schedule import DANISH_TIME, Occurrence


class ResumesInThePast(Problem):
    """A plan goes on today at the earliest."""

    code = "resumes_in_the_past"


@dataclass(frozen=True, slots=True)
class Resumption:
    """What going on brings: tasks with the windows they get, and those that are called off."""

    open: list[tuple[Task, Occurrence]]
    called_off: list[Task]

    @property
    def moved(self) -> list[tuple[Task, Occurrence]]:
        """Those that open on another day than they would have."""
        return [(task, window) for task, window in self.open if task.opens_at != window.opens_at]

    def leaves_the_rhythm(self, at: datetime) -> bool:
        """Whether the rhythm would still ask on a day from `at` on, on which nothing is asked now."""
        return bool(self.moved) or any(task.due_at > at and not task.is_extra for task in self.called_off)


@transaction.atomic
def pause(*, care_plan: CarePlan, reason: str, by: StaffMember, at: datetime) -> CarePlan:
    """Let a plan rest: nothing of it is asked until it is resumed. A second call gives it as the first one left it.

    What the citizen has begun and not sent stays with them. Raises CarePlanOver, or history.ReasonMissing.
    """
    reason = history.require_reason(reason)
    care_plan = locked_with_tasks(care_plan)
    if care_plan.is_on_hold:
        return care_plan
    require_going_on(care_plan)
    Task.objects.unanswered().filter(care_plan=care_plan).update(status=Task.Status.PAUSED)
    care_plan.status = CarePlan.Status.ON_HOLD
    care_plan.save(update_fields=["status"])
    history.note(care_plan, history.Kind.PAUSED, at=at, by=by, reason=reason)
    outbox.record(EventName.CARE_PLAN_PAUSED, subject=care_plan, key=care_plan.citizen_id, at=at)
    return care_plan


def resumption(*, care_plan: CarePlan, on: date, at: datetime) -> Resumption:
    """What resuming on that day would do; nothing is written. Raises ResumesInThePast."""
    today = at.astimezone(DANISH_TIME).date()
    if on < today:
        raise ResumesInThePast(_("Planen kan tidligst genoptages i dag."))
    tasks = {task.pk: task for task in Task.objects.paused().filter(care_plan=care_plan).with_questionnaire()}
    # An extra one stands beside the rhythm's, so neither takes the other's place.
    resting = {
        Planned(
            (task.activity_id, task.is_extra),
            Occurrence(task.opens_at, task.due_at),
            task.response_id is not None,
        ): task
        for task in tasks.values()
    }
    found = go_on(resting=list(resting), on=on, today=today)
    return Resumption(
        open=[(resting[planned], window) for planned, window in found.open],
        called_off=[resting[planned] for planned in found.called_off],
    )


@transaction.atomic
def resume(*, care_plan: CarePlan, on: date, by: StaffMember, at: datetime, reason: str = "") -> CarePlan:
    """Let a plan that rests go on from the day `on` (plans.rescheduling.go_on says what of it is left).

    A second call gives it as the first one left it. Raises ResumesInThePast or CarePlanOver.
    """
    care_plan = locked_with_tasks(care_plan)
    if care_plan.status == CarePlan.Status.ACTIVE:
        return care_plan
    require_going_on(care_plan)
    left = resumption(care_plan=care_plan, on=on, at=at)
    _write(left)
    care_plan.status = CarePlan.Status.ACTIVE
    leaves_the_rhythm = left.leaves_the_rhythm(at)
    care_plan.is_adjusted = care_plan.is_adjusted or leaves_the_rhythm
    care_plan.save(update_fields=["status", "is_adjusted"])
    history.note(care_plan, history.Kind.RESUMED, at=at, by=by, reason=reason, counts_from=on)
    outbox.record(EventName.CARE_PLAN_RESUMED, subject=care_plan, key=care_plan.citizen_id, at=at)
    if leaves_the_rhythm:
        outbox.record(EventName.CARE_PLAN_CHANGED, subject=care_plan, key=care_plan.citizen_id, at=at)
    # Where the whole of it was due in the pause, nothing is left to wait for.
    end_if_over(care_plan.pk, at=at)
    care_plan.refresh_from_db(fields=["status"])
    return care_plan


def _write(left: Resumption) -> None:
    Task.objects.filter(pk__in=[task.pk for task in left.called_off]).update(status=Task.Status.CANCELLED)
    Task.objects.filter(pk__in=[task.pk for task, _window in left.open]).update(status=Task.Status.OPEN)
    for task, window in left.moved:
        # One that was called off before may stand at that moment: it is asked again in the place of this one.
        same = Task.objects.filter(
            care_plan=task.care_plan_id, activity=task.activity_id, opens_at=window.opens_at
        )
        if same.update(status=Task.Status.OPEN, due_at=window.due_at):
            Task.objects.filter(pk=task.pk).update(status=Task.Status.CANCELLED)
        else:
            Task.objects.filter(pk=task.pk).update(opens_at=window.opens_at)


def require_going_on(care_plan: CarePlan) -> None:
    """Raises CarePlanOver where the plan has ended."""
    if not care_plan.goes_on:
        raise CarePlanOver(_("Planen er allerede afsluttet, så den kan ikke ændres."))
