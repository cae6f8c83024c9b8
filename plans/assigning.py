"""Giving citizens plans: the course if they have none, the care plan, its tasks, the news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import CareTeam
from outbox import services as outbox
from outbox.models import EventName
from plans import schedule
from plans.adjusting import Fault, fault_in
from plans.ending import end_if_over
from plans.models import Activity, CarePlan, EpisodeOfCare, Plan, Task
from plans.schedule import Occurrence

Occurrences = Mapping[UUID, Sequence[Occurrence]]
"""The windows of a plan's activities, by their ids; what is not in it is left out."""


class PlanNotActive(Problem):
    """Only an active plan of active questionnaires can be given to a citizen."""

    code = "plan_not_active"


class AppointmentMissing(Problem):
    """The plan is counted from an appointment, on or after its start, and staff must say when it is."""

    code = "appointment_missing"


class PlanAlreadyAssigned(Problem):
    """The citizen has this plan already."""

    code = "plan_already_assigned"


class AdjustmentRefused(Problem):
    """The tasks as staff moved and left them out are none that the plan can have."""

    code = "adjustment_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A plan to give; `occurrences` None: as its rhythm says."""

    plan: Plan
    starts_on: date
    appointment_on: date | None = None
    occurrences: Occurrences | None = None


@transaction.atomic
def assign_plans(
    *, wishes: Sequence[Wish], citizen: Citizen, care_team: CareTeam, by: StaffMember, at: datetime
) -> list[CarePlan]:
    """Give the citizen several plans: all of them or none. Raises as `assign_plan`, with the plan's title before it."""
    given = []
    for wish in wishes:
        try:
            care_plan = assign_plan(
                plan=wish.plan,
                citizen=citizen,
                care_team=care_team,
                starts_on=wish.starts_on,
                appointment_on=wish.appointment_on,
                occurrences=wish.occurrences,
                by=by,
                at=at,
            )
        except Problem as refusal:
            if len(wishes) == 1:
                raise
            raise type(refusal)(f"{wish.plan.title}: {refusal.sentence}") from refusal
        given.append(care_plan)
    return given


@transaction.atomic
def assign_plan(
    *,
    plan: Plan,
    citizen: Citizen,
    care_team: CareTeam,
    starts_on: date,
    by: StaffMember,
    at: datetime,
    appointment_on: date | None = None,
    occurrences: Occurrences | None = None,
) -> CarePlan:
    """Give the citizen a plan: the course if they have none with the team, the care plan, its tasks, the news.

    The questionnaires are those the plan was published with, whatever is published later (docs/adr/0007).
    `appointment_on` where the plan counts from an appointment; it is not kept where it does not.
    `occurrences`: the tasks as staff moved and left them out; None as the rhythms say.
    Raises PlanNotActive, AppointmentMissing, AdjustmentRefused or PlanAlreadyAssigned; each carries a sentence for the
    screen.
    """
    if plan.is_retired:
        raise PlanNotActive(_("Planen er udgået og kan ikke tildeles mere. Vælg en anden."))
    if not plan.is_active:
        raise PlanNotActive(_("Planen er ikke udgivet endnu. Bed en KAM-administrator om at udgive den."))
    _require_usable(plan)
    if not plan.needs_appointment:
        appointment_on = None
    elif appointment_on is None or appointment_on < starts_on:
        raise AppointmentMissing(_("Skriv datoen for aftalen. Den kan tidligst være på startdatoen."))
    if occurrences is not None:
        _require_possible(plan, occurrences, starts_on)
    # One citizen's assignments come one at a time: two clicks are one plan.
    # No key is changed, so what others write about the citizen meanwhile does not wait.
    Citizen.objects.select_for_update(no_key=True).get(pk=citizen.pk)
    # The course begins when the citizen is given a plan, also one that starts later: another may start before it.
    assigned_on = at.astimezone(schedule.DANISH_TIME).date()
    episode = _active_episode(citizen=citizen, care_team=care_team, on=min(starts_on, assigned_on))
    going_on = CarePlan.objects.filter(episode=episode, plan=plan, status__in=CarePlan.GOING_ON).first()
    # One that is answered and only waits for corrections gives way.
    if going_on is not None and not end_if_over(going_on.pk, at=at, at_once=True):
        raise PlanAlreadyAssigned(has_it_already(going_on.status))
    care_plan = CarePlan(
        episode=episode,
        municipality_id=episode.municipality_id,
        citizen=citizen,
        plan=plan,
        starts_on=starts_on,
        appointment_on=appointment_on,
        assigned_by=by,
        assigned_at=at,
    )
    planned = tasks_of(care_plan, citizen)
    tasks = planned if occurrences is None else tasks_of(care_plan, citizen, occurrences)
    care_plan.is_adjusted = _windows(planned) != _windows(tasks)
    care_plan.save(force_insert=True)
    Task.objects.bulk_create(tasks)
    outbox.record(EventName.CARE_PLAN_ASSIGNED, subject=care_plan, key=citizen.pk, at=at)
    return care_plan


def has_it_already(status: str) -> str:
    """Why a citizen with a care plan in that status gets no second one of the same plan, for the screen."""
    if status == CarePlan.Status.ON_HOLD:
        return _("Borgeren har allerede denne plan, og den er på pause. Genoptag den.")
    return _("Borgeren har allerede denne plan, og den er i gang.")


def _require_usable(plan: Plan) -> None:
    """Raises PlanNotActive where a questionnaire of it was taken out of use."""
    if plan.activities.exclude(version__withdrawn_at=None).exists():
        raise PlanNotActive(
            _("Et spørgeskema i planen er taget ud af brug. Planen kan ikke gives til flere borgere.")
        )


def _require_possible(plan: Plan, occurrences: Occurrences, starts_on: date) -> None:
    """Raises AdjustmentRefused, with what is wrong."""
    activities = {activity.pk: activity for activity in plan.activities.all()}
    if any(pk not in activities or activities[pk].after_id for pk in occurrences):
        raise AdjustmentRefused(_("Opgaverne passer ikke til planen. Vis dem igen, og prøv så."))
    for windows in occurrences.values():
        fault = fault_in(windows, start=starts_on)
        if fault is not None:
            raise AdjustmentRefused(sentence_of(fault))
    follows_only = all(activity.after_id for activity in activities.values())
    if not any(occurrences.values()) and not follows_only:
        raise AdjustmentRefused(
            _("Alle opgaver er valgt fra, så planen ville ikke spørge om noget. Behold mindst en.")
        )


def sentence_of(fault: Fault) -> str:
    """What is wrong with the days of a task, for the screen."""
    match fault:
        case Fault.BEFORE_START:
            return _("En opgave kan tidligst åbne på planens startdato.")
        case Fault.TWICE:
            return _(
                "Det samme spørgeskema kan ikke åbne to gange samme dag. Flyt det ene, eller vælg det fra."
            )
        case Fault.TOO_LONG:
            return _("En opgave kan højst være åben i 90 dage.")
        case Fault.ENDS_FIRST:
            return _("Fristen kan tidligst være den dag, opgaven åbner.")


def _windows(tasks: Sequence[Task]) -> set[tuple[UUID, datetime, datetime]]:
    return {(task.activity.pk, task.opens_at, task.due_at) for task in tasks}


def tasks_of(care_plan: CarePlan, citizen: Citizen, occurrences: Occurrences | None = None) -> list[Task]:
    """The unsaved tasks of a care plan, one an occurrence of each activity; none yet of those that follow an answer.

    `occurrences`: the windows instead of those of the rhythms.
    """
    activities = care_plan.plan.activities.all()
    followed = {activity.after_id for activity in activities}
    dates = schedule.Dates(start=care_plan.starts_on, appointment=care_plan.appointment_on)
    return [
        Task(
            care_plan=care_plan,
            activity=activity,
            municipality_id=care_plan.municipality_id,
            citizen=citizen,
            opens_at=occurrence.opens_at,
            due_at=occurrence.due_at,
            triggers=activity.pk in followed,
        )
        for activity in activities
        for occurrence in _occurrences(activity, dates, occurrences)
    ]


def _occurrences(
    activity: Activity, dates: schedule.Dates, instead: Occurrences | None
) -> Sequence[Occurrence]:
    if instead is not None:
        return instead.get(activity.pk, ())
    return schedule.occurrences(activity.rhythm, activity.window, dates)


def _active_episode(*, citizen: Citizen, care_team: CareTeam, on: date) -> EpisodeOfCare:
    episode, _created = EpisodeOfCare.objects.get_or_create(
        citizen=citizen,
        care_team=care_team,
        status=EpisodeOfCare.Status.ACTIVE,
        defaults={"municipality_id": care_team.municipality_id, "started_on": on},
    )
    return episode
