"""A plan that is changed while the citizen has it: it counts from other days, or goes on in a newer version."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from identity.models import StaffMember
from kommunalpro.problems import Problem
from outbox import services as outbox
from outbox.models import EventName
from plans import history
from plans.assigning import AppointmentMissing, assign_plan, tasks_of
from plans.ending import locked_with_tasks, revoke_care_plan
from plans.models import CarePlan, Plan, Task
from plans.pausing import require_going_on
from plans.rescheduling import Planned, change
from plans.schedule import DANISH_TIME, Occurrence


class CarePlanOnHold(Problem):
    """A plan that rests is resumed before it is changed."""

    code = "care_plan_on_hold"


class ChangeRefused(Problem):
    """The change is none: it begins in the past, or it is to another plan."""

    code = "change_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the plan is to be: this version of it, counted from these days."""

    plan: Plan
    starts_on: date
    appointment_on: date | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to the tasks, each in order; `add` are not saved."""

    keep: list[Task]
    cancel: list[Task]
    add: list[Task]


def effect(*, care_plan: CarePlan, wanted: Wanted, at: datetime) -> Effect:
    """What the change would do; nothing is written.

    What was answered, begun or is open stays as it is: citizens have been told of it (plans.rescheduling.change). In
    another version it stays with the former one, whose coming tasks are all called off.

    Raises ChangeRefused, CarePlanOnHold, CarePlanOver or AppointmentMissing.
    """
    require_going_on(care_plan)
    if care_plan.is_on_hold:
        raise CarePlanOnHold(_("Planen er på pause. Genoptag den, før du ændrer den."))
    _require_possible(care_plan, wanted, at)
    is_same = wanted.plan.pk == care_plan.plan_id
    keys = _keys(care_plan.plan) | _keys(wanted.plan)
    standing = list(
        Task.objects.filter(care_plan=care_plan)
        .exclude(status=Task.Status.CANCELLED)
        .select_related("activity__version", "care_plan__plan")
        .defer("activity__version__source")
        .order_by("opens_at", "pk")
    )
    there = {_planned(task, keys[task.activity.pk]): task for task in standing}
    anew = {
        Planned(keys[task.activity.pk], Occurrence(task.opens_at, task.due_at)): task
        for task in _tasks(care_plan, wanted)
    }
    stays = list(there) if is_same else [one for one in there if one.is_touched or one.window.opens_at <= at]
    found = change(there=stays, wanted=list(anew), now=at)
    kept = set(found.keep)
    return Effect(
        keep=[there[one] for one in found.keep],
        cancel=[task for one, task in there.items() if one not in kept],
        add=[anew[one] for one in found.add],
    )


def _keys(plan: Plan) -> dict[UUID, tuple[UUID, int]]:
    """By activity, what is the same of it in all versions: the questionnaire, and the how manieth of it in the plan."""
    seen: Counter[UUID] = Counter()
    keys = {}
    for activity in plan.activities.select_related("version").defer("version__source"):
        questionnaire = activity.version.questionnaire_id
        keys[activity.pk] = (questionnaire, seen[questionnaire])
        seen[questionnaire] += 1
    return keys


def _planned(task: Task, key: tuple[UUID, int]) -> Planned[tuple[UUID, int]]:
    # What follows an answer, and what staff asked besides, has its days from somewhere else than the rhythm.
    is_touched = task.response_id is not None or task.triggered_by_id is not None or task.is_extra
    return Planned(key, Occurrence(task.opens_at, task.due_at), is_touched)


def _tasks(care_plan: CarePlan, wanted: Wanted) -> list[Task]:
    unsaved = CarePlan(
        pk=care_plan.pk,
        municipality_id=care_plan.municipality_id,
        plan=wanted.plan,
        starts_on=wanted.starts_on,
        appointment_on=wanted.appointment_on if wanted.plan.needs_appointment else None,
    )
    return tasks_of(unsaved, care_plan.citizen)


def _require_possible(care_plan: CarePlan, wanted: Wanted, at: datetime) -> None:
    today = at.astimezone(DANISH_TIME).date()
    if wanted.plan.line != care_plan.plan.line or not (
        wanted.plan.pk == care_plan.plan_id or wanted.plan.is_active
    ):
        raise ChangeRefused(_("Det er ikke en version af planen, som kan bruges."))
    if wanted.starts_on < today and wanted.starts_on != care_plan.starts_on:
        raise ChangeRefused(_("Den nye startdato kan tidligst være i dag."))
    if wanted.plan.needs_appointment and (
        wanted.appointment_on is None or wanted.appointment_on < wanted.starts_on
    ):
        raise AppointmentMissing(_("Skriv datoen for aftalen. Den kan tidligst være på startdatoen."))


@transaction.atomic
def change_care_plan(
    *, care_plan: CarePlan, wanted: Wanted, reason: str, by: StaffMember, at: datetime
) -> CarePlan:
    """Change the plan as `effect` shows it, and give the one that goes on: it, or a new one in another version.

    A second call changes nothing, but where the first went to another version it raises CarePlanOver or
    PlanAlreadyAssigned. Raises as `effect`, and history.ReasonMissing.
    """
    reason = history.require_reason(reason)
    care_plan = locked_with_tasks(care_plan)
    brings = effect(care_plan=care_plan, wanted=wanted, at=at)
    if wanted.plan.pk != care_plan.plan_id:
        return _to_another_version(care_plan, wanted, brings, reason=reason, by=by, at=at)
    dates = (wanted.starts_on, wanted.appointment_on if wanted.plan.needs_appointment else None)
    if dates == (care_plan.starts_on, care_plan.appointment_on) and not brings.cancel and not brings.add:
        return care_plan
    _call_off(brings.cancel)
    _bring(care_plan, brings.add)
    care_plan.starts_on, care_plan.appointment_on = dates
    care_plan.is_adjusted = True
    care_plan.save(update_fields=["starts_on", "appointment_on", "is_adjusted"])
    _tell(care_plan, history.Kind.CHANGED, reason=reason, by=by, at=at, counts_from=wanted.starts_on)
    return care_plan


def _to_another_version(
    care_plan: CarePlan, wanted: Wanted, brings: Effect, *, reason: str, by: StaffMember, at: datetime
) -> CarePlan:
    """The former one keeps what is open in it and ends with that; the new one asks the rest."""
    _call_off(brings.cancel)
    if Task.objects.unanswered().filter(care_plan=care_plan).exists():
        care_plan.is_adjusted = True
        care_plan.save(update_fields=["is_adjusted"])
        _tell(care_plan, history.Kind.CHANGED, reason=reason, by=by, at=at, counts_from=wanted.starts_on)
    else:
        revoke_care_plan(care_plan=care_plan, at=at, by=by, reason=reason)
    added: dict[UUID, list[Occurrence]] = {}
    for task in brings.add:
        added.setdefault(task.activity.pk, []).append(Occurrence(task.opens_at, task.due_at))
    if not added and not any(activity.after_id for activity in wanted.plan.activities.all()):
        raise ChangeRefused(
            _("Den nye version ville ikke spørge om noget fra den dag. Vælg en anden startdato.")
        )
    return assign_plan(
        plan=wanted.plan,
        citizen=care_plan.citizen,
        care_team=care_plan.episode.care_team,
        starts_on=wanted.starts_on,
        appointment_on=wanted.appointment_on,
        occurrences=added,
        by=by,
        at=at,
    )


def _call_off(tasks: list[Task]) -> None:
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(status=Task.Status.CANCELLED)


def _bring(care_plan: CarePlan, tasks: list[Task]) -> None:
    """Make the tasks; one that was called off at the same moment is asked again."""
    former = {
        (task.activity_id, task.opens_at): task
        for task in Task.objects.filter(care_plan=care_plan, status=Task.Status.CANCELLED)
    }
    new = []
    for task in tasks:
        again = former.get((task.activity.pk, task.opens_at))
        if again is None:
            task.care_plan = care_plan
            new.append(task)
        else:
            Task.objects.filter(pk=again.pk).update(status=Task.Status.OPEN, due_at=task.due_at)
    Task.objects.bulk_create(new)


def _tell(
    care_plan: CarePlan,
    kind: history.Kind,
    *,
    reason: str,
    by: StaffMember,
    at: datetime,
    counts_from: date | None = None,
) -> None:
    history.note(care_plan, kind, at=at, by=by, reason=reason, counts_from=counts_from)
    outbox.record(EventName.CARE_PLAN_CHANGED, subject=care_plan, key=care_plan.citizen_id, at=at)
