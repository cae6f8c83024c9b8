"""What can be done with the tasks of plans: begin them, submit them.

How plans are given, rest, change and end stands in modules of their own; what others call for it is named here.
"""

from datetime import date, datetime, timedelta

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


@refuses_first
def submit_task(*, task: Task, at: datetime, seen: str | None = None) -> Task:
    """Submit the answers of a task; a second click gives the task as the first one left it.

    `seen` is the fingerprint of the answers as the citizen looked through them; None where nobody was shown any.

    The last answer of a plan ends the plan, at once or when it can be corrected no more.

    Raises TaskNotOpen or AnswersBeingEntered, or of questionnaires.services AnswersChanged, or ResponseIncomplete
    with what is missing.
    """
    task, care_team_id = _locked_with_answers(task)
    if task.status == Task.Status.COMPLETED:
        return task
    require_open(task, at)
    return complete_task(task=task, care_team_id=care_team_id, at=at, seen=seen)


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


def _locked_with_answers(task: Task) -> tuple[Task, int]:
    """The task as it stands with what was begun of it, both locked in this order; and its team (id).

    One statement where the `task` that is given brings the questionnaire's version along, which does not change.
    """
    rows = _LOCKED.rows(task_id=task.pk)
    known = _version_at_hand(task)
    if rows and known is not None:
        ((care_team_id, *row),) = rows
        locked, response = made_of(row, _TASK, _RESPONSE)
        if response.version_id == known.pk:
            locked.response, response.version = response, known
            return locked, care_team_id
    rows_of_task = Task.objects.select_for_update(of=("self",)).select_related("response")
    locked = rows_of_task.defer("response__document").get(pk=task.pk)
    # What staff enter is not the citizen's to lock; `require_open` says so.
    if locked.response is not None and not locked.response.is_registered:
        locked.response = questionnaires.locked(locked.response)
    return locked, care_team_of(locked)


def _version_at_hand(task: Task) -> QuestionnaireVersion | None:
    """The version that the task's response is of, where no statement is needed to know it."""
    response = task._state.fields_cache.get("response")
    version = response._state.fields_cache.get("version") if response is not None else None
    return version if isinstance(version, QuestionnaireVersion) else None


_TASK, _RESPONSE = Columns(Task), Columns(Response, under="response__")
_CARE_TEAM = EpisodeOfCare.objects.filter(care_plans=OuterRef("care_plan_id")).values("care_team_id")
# With every submission. What is joined is locked: the team is asked for beside it.
_LOCKED = CompiledQuery(
    lambda task_id: (
        Task.objects.select_for_update()
        .filter(pk=task_id, response__version__isnull=False)
        .order_by()
        .values_list(Subquery(_CARE_TEAM), *_TASK.names, *_RESPONSE.names)
    )
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
