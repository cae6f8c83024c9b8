"""What can be done with the tasks of plans: begin them, submit them.

How plans are given, rest, change and end stands in modules of their own; what others call for it is named here.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from followup.noting import note_answer
from kommunalpro.compiled_queries import Columns, CompiledQuery, CompiledUpdate, made_of, pipelined
from kommunalpro.problems import Problem
from kommunalpro.transactions import refuses_first
from outbox import services as outbox
from outbox.models import EventName
from plans import schedule
from plans.assigning import AppointmentMissing as AppointmentMissing
from plans.assigning import PlanAlreadyAssigned as PlanAlreadyAssigned
from plans.assigning import PlanNotActive as PlanNotActive
from plans.assigning import assign_plan as assign_plan
from plans.assigning import tasks_of as tasks_of
from plans.ending import CarePlanOver as CarePlanOver
from plans.ending import Ended as Ended
from plans.ending import EpisodeHasPlans as EpisodeHasPlans
from plans.ending import end_activity_as_elsewhere as end_activity_as_elsewhere
from plans.ending import end_as_elsewhere as end_as_elsewhere
from plans.ending import end_if_over
from plans.ending import end_what_is_over as end_what_is_over
from plans.ending import finish_episode as finish_episode
from plans.ending import revoke_care_plan as revoke_care_plan
from plans.models import EpisodeOfCare, Task
from plans.triggers import bring_followers
from questionnaires import services as questionnaires
from questionnaires.definitions import ANSWERED_WITH
from questionnaires.models import QuestionnaireVersion, Response


class TaskNotOpen(Problem):
    """The task was answered, cancelled, or cannot be answered yet."""

    code = "task_not_open"


class AnswersBeingEntered(Problem):
    """The municipality is entering the citizen's answers: they are not given twice."""

    code = "answers_being_entered"


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


@dataclass(frozen=True, slots=True)
class Begun:
    """A task with what its citizen has begun (or sent) of it, both locked; `care_team_id` is of its course."""

    task: Task
    care_team_id: int


@refuses_first
def submit_task(*, task: Task, at: datetime, seen: str | None = None) -> Task:
    """Submit the answers of a task, as `submit_begun`.

    Raises TaskNotOpen or AnswersBeingEntered, or of questionnaires.services AnswersChanged, or ResponseIncomplete
    with what is missing.
    """
    begun = lock_begun(task_id=task.pk, citizen_id=task.citizen_id)
    if begun is None:
        locked = Task.objects.locked(task)
        # Begun at this very moment. What staff enter is not the citizen's to lock; `require_open` says so.
        if locked.response is not None and not locked.response.is_registered:
            locked.response = questionnaires.locked(locked.response)
        begun = Begun(task=locked, care_team_id=care_team_of(locked))
    return submit_begun(begun, at=at, seen=seen)


def submit_begun(begun: Begun, *, at: datetime, seen: str | None = None) -> Task:
    """Submit the answers of a task; a second click gives the task as the first one left it.

    `seen` is the fingerprint of the answers as the citizen looked through them; None where nobody was shown any.

    The last answer of a plan ends the plan, at once or when it can be corrected no more.

    Call inside the transaction that has locked it. Raises as `submit_task`.
    """
    if begun.task.status == Task.Status.COMPLETED:
        return begun.task
    require_open(begun.task, at)
    return complete_task(task=begun.task, care_team_id=begun.care_team_id, at=at, seen=seen)


def complete_task(*, task: Task, care_team_id: int, at: datetime, seen: str | None) -> Task:
    """Complete a task that is open, with its news; call inside the transaction of the use case.

    The task and its response are locked, as they stand in the database. `care_team_id` is the course's, on whose lists
    the answer comes.
    """
    if task.response is None:
        raise TaskNotOpen(_("Der er ingen svar at sende endnu. Begynd på spørgeskemaet først."))
    completed = questionnaires.completed(response=task.response, at=at, seen=seen)
    task.response = completed.response
    task.status = Task.Status.COMPLETED
    with pipelined():
        questionnaires.store(completed)
        _STATUS.run(task.pk, status=task.status)
        note_answer(
            response=completed.response, care_team_id=care_team_id, found=completed.significance, at=at
        )
        # The answer first: a plan that is over there takes none.
        outbox.record(EventName.RESPONSE_COMPLETED, subject=task.response, key=task.citizen_id, at=at)
        bring_followers(task=task, at=at)
        end_if_over(task.care_plan_id, at=at)
    return task


def care_team_of(task: Task) -> int:
    """The team (id) of the course that the task is of."""
    return int(EpisodeOfCare.objects.values_list("care_team", flat=True).get(care_plans=task.care_plan_id))


def lock_begun(*, task_id: UUID, citizen_id: UUID) -> Begun | None:
    """The citizen's task as it stands, and what was begun of it: locked in this order, until the transaction ends.

    None where nothing was begun, or staff are entering it.
    """
    rows = _BEGUN.rows(task_id=task_id, citizen_id=citizen_id)
    if not rows:
        return None
    ((care_team_id, *row),) = rows
    task, response, version = made_of(row, _TASK, _RESPONSE, _VERSION)
    task.response, response.version = response, version
    return Begun(task=task, care_team_id=care_team_id)


_TASK, _RESPONSE = Columns(Task), Columns(Response, under="response__")
_VERSION = Columns(QuestionnaireVersion, under="response__version__", only=ANSWERED_WITH)
_CARE_TEAM = EpisodeOfCare.objects.filter(care_plans=OuterRef("care_plan_id")).values("care_team_id")
# With every submission.
_BEGUN = CompiledQuery(
    lambda task_id, citizen_id: (
        Task.objects.filter(pk=task_id, citizen=citizen_id, response__citizen=citizen_id)
        .order_by()
        .values_list(Subquery(_CARE_TEAM), *_TASK.names, *_RESPONSE.names, *_VERSION.names)
    ),
    locks=(Task, Response),
)
_STATUS = CompiledUpdate(Task, "status")


def require_open(task: Task, at: datetime) -> None:
    """Raises TaskNotOpen or AnswersBeingEntered, for the citizen to read, unless they can answer it at `at`."""
    if task.status == Task.Status.COMPLETED:
        raise TaskNotOpen(_("Du har allerede sendt dine svar på dette spørgeskema."))
    if task.status == Task.Status.PAUSED:
        raise TaskNotOpen(_("Planen er på pause, så du skal ikke svare lige nu."))
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
