"""What can be done with plans: make and publish them, assign them, answer their tasks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.compiled_queries import Columns, CompiledQuery
from kommunalpro.problems import Problem
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within
from outbox import services as outbox
from outbox.models import EventName
from plans import schedule
from plans.correction_time import waits_for_corrections
from plans.models import Activity, CarePlan, EpisodeOfCare, Plan, Task
from plans.schedule import Repeat
from questionnaires import services as questionnaires
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response


class PlanNotActive(Problem):
    """Only an active plan of active questionnaires can be given to a citizen."""

    code = "plan_not_active"


class PlanAlreadyPublished(Problem):
    """Only a draft is published: who published a plan and when is not overwritten."""

    code = "plan_already_published"


class PlanAlreadyAssigned(Problem):
    """The citizen has this plan already."""

    code = "plan_already_assigned"


class TaskNotOpen(Problem):
    """The task was answered, cancelled, or cannot be answered yet."""

    code = "task_not_open"


class AnswersBeingEntered(Problem):
    """The municipality is entering the citizen's answers: they are not given twice."""

    code = "answers_being_entered"


class CarePlanOver(Problem):
    """A plan that has ended cannot be stopped."""

    code = "care_plan_over"


class EpisodeHasPlans(Problem):
    """A course ends when none of its plans goes on."""

    code = "episode_has_plans"


@transaction.atomic
def create_plan(
    *,
    title: str,
    description: str,
    owner: Municipality | None,
    version: QuestionnaireVersion,
    repeat: Repeat,
    occurrences: int,
    answer_days: int,
    what_happens_now: str = "",
    if_you_get_worse: str = "",
    citizens_see_scores: bool = False,
    correction_days: int = 0,
) -> Plan:
    """A draft plan with one questionnaire, once or weekly.

    The texts are what citizens read when they have answered; the screens' own words where they are empty.
    `correction_days`: how long citizens may correct what they have sent, 0 for not at all.
    """
    plan = Plan.objects.create(
        title=title,
        description=description,
        owner=owner,
        what_happens_now=what_happens_now,
        if_you_get_worse=if_you_get_worse,
        citizens_see_scores=citizens_see_scores,
        correction_days=correction_days,
    )
    Activity.objects.create(
        plan=plan,
        version=version,
        repeat=repeat.value,
        occurrences=occurrences if repeat == Repeat.WEEKLY else 1,
        answer_days=answer_days,
    )
    return plan


@transaction.atomic
def publish_plan(*, plan: Plan, by: StaffMember, at: datetime) -> Plan:
    """Make a draft plan assignable.

    Raises PlanAlreadyPublished, or PlanNotActive where a questionnaire of it is not active.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not plan.is_draft:
        raise PlanAlreadyPublished(_("Kun en kladde kan udgives. Denne plan er allerede udgivet."))
    if plan.activities.filter(version__status=PublicationStatus.RETIRED).exists():
        raise PlanNotActive(_("Spørgeskemaet findes i en nyere version. Lav planen med den."))
    if plan.activities.exclude(version__status=PublicationStatus.ACTIVE).exists():
        raise PlanNotActive(_("Udgiv først spørgeskemaet: en plan kan kun bruge aktive spørgeskemaer."))
    plan.status = PublicationStatus.ACTIVE
    plan.published_at = at
    plan.published_by = by
    plan.save(update_fields=["status", "published_at", "published_by"])
    return plan


@transaction.atomic
def assign_plan(
    *, plan: Plan, citizen: Citizen, care_team: CareTeam, starts_on: date, by: StaffMember, at: datetime
) -> CarePlan:
    """Give the citizen a plan: the course if they have none with the team, the care plan, its tasks, the news.

    The questionnaires are those the plan was published with, whatever is published later (docs/adr/0007).
    Raises PlanNotActive or PlanAlreadyAssigned; both carry a sentence for the screen.
    """
    if not plan.is_active:
        raise PlanNotActive(_("Planen er ikke udgivet endnu. Bed en KAM-administrator om at udgive den."))
    # One citizen's assignments come one at a time: two clicks are one plan.
    # No key is changed, so what others write about the citizen meanwhile does not wait.
    Citizen.objects.select_for_update(no_key=True).get(pk=citizen.pk)
    # The course begins when the citizen is given a plan, also one that starts later: another may start before it.
    assigned_on = at.astimezone(schedule.DANISH_TIME).date()
    episode = _active_episode(citizen=citizen, care_team=care_team, on=min(starts_on, assigned_on))
    going_on = CarePlan.objects.filter(episode=episode, plan=plan, status=CarePlan.Status.ACTIVE).first()
    # One that is answered and only waits for corrections gives way.
    if going_on is not None and not _end_if_over(going_on.pk, at=at, at_once=True):
        raise PlanAlreadyAssigned(_("Borgeren har allerede denne plan, og den er i gang."))
    care_plan = CarePlan.objects.create(
        episode=episode,
        municipality_id=episode.municipality_id,
        citizen=citizen,
        plan=plan,
        starts_on=starts_on,
        assigned_by=by,
        assigned_at=at,
    )
    Task.objects.bulk_create(tasks_of(care_plan, citizen))
    outbox.record(EventName.CARE_PLAN_ASSIGNED, subject=care_plan, key=citizen.pk, at=at)
    return care_plan


def tasks_of(care_plan: CarePlan, citizen: Citizen) -> list[Task]:
    """The unsaved tasks of a care plan, one an occurrence of each activity."""
    return [
        Task(
            care_plan=care_plan,
            activity=activity,
            municipality_id=care_plan.municipality_id,
            citizen=citizen,
            opens_at=occurrence.opens_at,
            due_at=occurrence.due_at,
        )
        for activity in care_plan.plan.activities.all()
        for occurrence in schedule.occurrences(
            repeat=Repeat(activity.repeat),
            count=activity.occurrences,
            starts_on=care_plan.starts_on,
            answer_days=activity.answer_days,
        )
    ]


def _active_episode(*, citizen: Citizen, care_team: CareTeam, on: date) -> EpisodeOfCare:
    episode, _created = EpisodeOfCare.objects.get_or_create(
        citizen=citizen,
        care_team=care_team,
        status=EpisodeOfCare.Status.ACTIVE,
        defaults={"municipality_id": care_team.municipality_id, "started_on": on},
    )
    return episode


@transaction.atomic
def begin_task(*, task: Task, at: datetime) -> Response:
    """The response to go on with: the one that was begun, or a new one. Raises TaskNotOpen."""
    task = Task.objects.locked(task)
    require_open(task, at)
    if task.response is None:
        task.response = questionnaires.start_response(
            citizen=task.citizen, municipality_id=task.municipality_id, version=task.activity.version, at=at
        )
        task.save(update_fields=["response"])
    return task.response


@transaction.atomic
def submit_task(*, task: Task, at: datetime, seen: str | None = None) -> Task:
    """Submit the answers of a task; a second click gives the task as the first one left it.

    `seen` is the fingerprint of the answers as the citizen looked through them; None where nobody was shown any.

    The last answer of a plan ends the plan, at once or when it can be corrected no more.

    Raises TaskNotOpen or AnswersBeingEntered, or of questionnaires.services AnswersChanged, or ResponseIncomplete
    with what is missing.
    """
    task = _locked(task)
    if task.status == Task.Status.COMPLETED:
        return task
    require_open(task, at)
    return complete_task(task=task, at=at, seen=seen)


def complete_task(*, task: Task, at: datetime, seen: str | None) -> Task:
    """Complete a task that is locked and open, with its news; call inside the transaction of the use case."""
    if task.response is None:
        raise TaskNotOpen(_("Der er ingen svar at sende endnu. Begynd på spørgeskemaet først."))
    task.response = questionnaires.complete_response(response=task.response, at=at, seen=seen)
    task.status = Task.Status.COMPLETED
    Task.objects.filter(pk=task.pk).update(status=task.status)
    # The answer first: a plan that is over there takes none.
    outbox.record(EventName.RESPONSE_COMPLETED, subject=task.response, key=task.citizen_id, at=at)
    _end_if_over(task.care_plan_id, at=at)
    return task


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
            ended += _end_if_over(care_plan_id, at=at)
    return Ended(tasks=called_off, care_plans=ended)


@transaction.atomic
def revoke_care_plan(*, care_plan: CarePlan, at: datetime) -> CarePlan:
    """Stop a plan before its time: its open tasks are called off. A second call gives it as the first one left it.

    Raises CarePlanOver where it has run to its end. What the citizen has begun and not sent stays with them.
    """
    # The tasks first and then their plan, as submit_task does; in one order, so that two of us do not wait in a ring.
    unanswered = Task.objects.unanswered().filter(care_plan=care_plan)
    ids = list(unanswered.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    care_plan = CarePlan.objects.select_for_update(no_key=True).get(pk=care_plan.pk)
    if care_plan.status == CarePlan.Status.REVOKED:
        return care_plan
    if care_plan.status == CarePlan.Status.COMPLETED:
        raise CarePlanOver(_("Planen er allerede afsluttet, så den kan ikke stoppes."))
    Task.objects.filter(pk__in=ids).update(status=Task.Status.CANCELLED)
    care_plan.status = CarePlan.Status.REVOKED
    care_plan.save(update_fields=["status"])
    outbox.record(EventName.CARE_PLAN_ENDED, subject=care_plan, key=care_plan.citizen_id, at=at)
    return care_plan


@transaction.atomic
def end_as_elsewhere(*, care_plan: CarePlan, status: CarePlan.Status) -> CarePlan:
    """A person ended the plan on the platform: it ends here in the same way, and nobody is told what they said.

    A plan that has ended here stays as it is. What the citizen has begun and not sent stays with them.
    """
    unanswered = Task.objects.unanswered().filter(care_plan=care_plan)
    ids = list(unanswered.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    care_plan = CarePlan.objects.select_for_update(no_key=True).get(pk=care_plan.pk)
    if care_plan.status == CarePlan.Status.ACTIVE:
        Task.objects.filter(pk__in=ids).update(status=Task.Status.CANCELLED)
        care_plan.status = status
        care_plan.save(update_fields=["status"])
    return care_plan


@transaction.atomic
def end_activity_as_elsewhere(*, care_plan: CarePlan, activity: Activity, at: datetime) -> int:
    """A person stopped one questionnaire of the plan on the platform: its open tasks are called off; gives how many.

    The plan goes on with its others. Where nothing of it is open any more it is over, and that is news as always.
    """
    unanswered = Task.objects.unanswered().filter(care_plan=care_plan, activity=activity)
    ids = list(unanswered.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Task.objects.filter(pk__in=ids).update(status=Task.Status.CANCELLED)
    _end_if_over(care_plan.pk, at=at)
    return len(ids)


@transaction.atomic
def finish_episode(*, episode: EpisodeOfCare, at: datetime) -> EpisodeOfCare:
    """End a course; a second call gives it as the first one left it. Raises EpisodeHasPlans while a plan goes on."""
    # A plan is given under the lock on the citizen: none begins while we look.
    Citizen.objects.select_for_update(no_key=True).get(pk=episode.citizen_id)
    episode = EpisodeOfCare.objects.select_for_update(no_key=True).get(pk=episode.pk)
    if episode.status == EpisodeOfCare.Status.FINISHED:
        return episode
    going_on = list(episode.care_plans.filter(status=CarePlan.Status.ACTIVE).order_by("pk"))
    if not all(_end_if_over(care_plan.pk, at=at, at_once=True) for care_plan in going_on):
        raise EpisodeHasPlans(
            _("Forløbet har en plan, der er i gang. Stop planen, før du afslutter forløbet.")
        )
    episode.status = EpisodeOfCare.Status.FINISHED
    episode.ended_on = max(episode.started_on, at.astimezone(schedule.DANISH_TIME).date())
    episode.save(update_fields=["status", "ended_on"])
    outbox.record(EventName.EPISODE_FINISHED, subject=episode, key=episode.citizen_id, at=at)
    return episode


def _end_if_over(care_plan_id: UUID, *, at: datetime, at_once: bool = False) -> bool:
    """Complete an active care plan that has no open task left; call inside a transaction.

    While an answer of it may still be corrected it goes on, unless it is to end `at_once`.

    The lock lets of two answers at the same moment the later one see that it was the last.
    """
    ((status,),) = _LOCKED_STATUS.rows(care_plan_id=care_plan_id)
    if status != CarePlan.Status.ACTIVE or _UNANSWERED.rows(care_plan_id=care_plan_id):
        return False
    care_plan = CarePlan.objects.select_related("plan").get(pk=care_plan_id)
    if not at_once and waits_for_corrections(care_plan, at):
        return False
    care_plan.status = CarePlan.Status.COMPLETED
    care_plan.save(update_fields=["status"])
    outbox.record(EventName.CARE_PLAN_ENDED, subject=care_plan, key=care_plan.citizen_id, at=at)
    return True


def _locked(task: Task) -> Task:
    """The task as it stands, locked, with what was begun of it but for the answers themselves."""
    rows = _LOCKED.rows(task_id=task.pk)
    if not rows:
        raise Task.DoesNotExist
    (row,) = rows
    locked = _TASK.make(row[: len(_TASK.names)])
    locked.response = _RESPONSE.make(row[len(_TASK.names) :]) if locked.response_id else None
    return locked


_TASK, _RESPONSE = Columns(Task), Columns(Response, under="response__", without=("document",))
# With every submission.
_LOCKED = CompiledQuery(
    lambda task_id: (
        Task.objects.select_for_update(of=("self",))
        .filter(pk=task_id)
        .values_list(*_TASK.names, *_RESPONSE.names)
    ),
    "task_id",
)
_LOCKED_STATUS = CompiledQuery(
    lambda care_plan_id: (
        CarePlan.objects.select_for_update(no_key=True).filter(pk=care_plan_id).values_list("status")
    ),
    "care_plan_id",
)
_UNANSWERED = CompiledQuery(
    lambda care_plan_id: Task.objects.unanswered().filter(care_plan=care_plan_id).values_list("pk")[:1],
    "care_plan_id",
)


def require_open(task: Task, at: datetime) -> None:
    """Raises TaskNotOpen or AnswersBeingEntered, for the citizen to read, unless they can answer it at `at`."""
    if task.status == Task.Status.COMPLETED:
        raise TaskNotOpen(_("Du har allerede sendt dine svar på dette spørgeskema."))
    if task.status == Task.Status.CANCELLED:
        raise TaskNotOpen(_("Opgaven er aflyst, så du skal ikke svare på den."))
    if task.opens_at > at:
        raise TaskNotOpen(_("Du kan først svare på dette spørgeskema senere."))
    if task.response is not None and task.response.is_registered:
        raise AnswersBeingEntered(
            _(
                "Din kommune er ved at skrive dine svar ind, så du skal ikke svare igen. "
                "Vil du hellere svare selv, så ring til kommunen."
            )
        )


def last_day(task: Task) -> date:
    """The last Danish day on which the task can be answered in time; it is due at the midnight after."""
    return (task.due_at - timedelta(seconds=1)).astimezone(schedule.DANISH_TIME).date()
