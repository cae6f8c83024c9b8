"""What the Borgermodul reads: a citizen's own tasks and responses, never anybody else's.

The questionnaires' JSON stays in the database: what is needed of it is compiled once (`definition_of`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from kommunalpro.compiled_queries import Columns, CompiledQuery, made_of
from plans.models import CarePlan, Task, TaskQuerySet
from plans.schedule import DANISH_TIME
from plans.services import last_day
from plans.trends import Trend, trends_of
from questionnaires import engine
from questionnaires.definitions import ANSWERED_WITH, definition_of
from questionnaires.engine import Progress
from questionnaires.models import (
    AnswerTime,
    QuestionnaireVersion,
    Response,
    ResponseQuerySet,
    Score,
    is_corrected,
)

# Reading a question and choosing an answer: a plausible pace where there are no real answer times to go by.
SECONDS_A_QUESTION = 20
# From here on minutes are said in fives: nobody's evening is planned to the minute.
EXACT_MINUTES = 10


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as a list shows it. `last_day` is the last day to answer in time.

    `seconds` is what the whole of it takes citizens by measure; None where too few have answered it.
    """

    task: Task
    opens_on: date
    last_day: date
    is_overdue: bool
    is_begun: bool
    progress: Progress
    seconds: int | None = None

    @property
    def minutes(self) -> int:
        """How long what is left takes, roughly: by real answer times, else by the number of questions."""
        left = self.progress.asked - self.progress.answered
        if self.seconds is not None and self.progress.asked:
            return rounded_minutes(self.seconds * left / self.progress.asked)
        return rounded_minutes(left * SECONDS_A_QUESTION)


@dataclass(frozen=True, slots=True)
class Coming:
    """The next task of an activity, and how many follow it."""

    line: TaskLine
    later: int


@dataclass(frozen=True, slots=True)
class TaskOverview:
    """What a citizen can answer now, the most urgent first, and what opens later."""

    available: list[TaskLine]
    coming: list[Coming]

    @property
    def next_step(self) -> TaskLine | None:
        """The one thing to do now."""
        return self.available[0] if self.available else None

    @property
    def overdue(self) -> int:
        """How many are past their time."""
        return sum(line.is_overdue for line in self.available)


def task_overview(*, citizen_id: UUID, now: datetime) -> TaskOverview:
    """All open tasks of the citizen."""
    tasks = _tasks(citizen_id).unanswered().order_by("due_at", "pk")
    coming: dict[UUID, Coming] = {}
    available: list[TaskLine] = []
    for task in tasks:
        if task.opens_at <= now:
            available.append(task_line(task, now))
        elif task.activity_id in coming:
            known = coming[task.activity_id]
            coming[task.activity_id] = Coming(line=known.line, later=known.later + 1)
        else:
            coming[task.activity_id] = Coming(line=task_line(task, now), later=0)
    # Of two that are due the same day the one that is begun comes first. Sorting keeps the order of the rest.
    available.sort(key=lambda line: (line.last_day, not line.is_begun))
    return TaskOverview(available=available, coming=list(coming.values()))


def resting_plans(citizen_id: UUID) -> list[str]:
    """The titles of the citizen's plans that are on hold: nothing of them is asked until staff resume them."""
    resting = CarePlan.objects.filter(citizen=citizen_id, status=CarePlan.Status.ON_HOLD)
    return list(resting.order_by("plan__title").values_list("plan__title", flat=True))


def rounded_minutes(seconds: float) -> int:
    """Whole minutes, in fives from ten on; at least one."""
    minutes = max(1, round(seconds / 60))
    return minutes if minutes <= EXACT_MINUTES else 5 * round(minutes / 5)


def task_line(task: Task, now: datetime) -> TaskLine:
    """What there is to say about a task."""
    definition = definition_of(task.activity.version)
    measured: AnswerTime | None = getattr(task.activity.version, "answer_time", None)
    # What staff enter is not what the citizen has begun.
    begun = task.response if task.response and not task.response.is_registered else None
    document = begun.document if begun else engine.new_response(definition, now=now)
    return TaskLine(
        task=task,
        opens_on=task.opens_at.astimezone(DANISH_TIME).date(),
        last_day=last_day(task),
        is_overdue=task.is_overdue(now),
        is_begun=begun is not None,
        progress=engine.evaluate(definition, document, now=now).progress,
        seconds=measured.seconds if measured else None,
    )


def task_of(*, citizen_id: UUID, task_id: UUID) -> Task | None:
    """The citizen's task with this id; None where there is none, or it is somebody else's."""
    return _tasks(citizen_id).filter(pk=task_id).first()


def draft_of(*, citizen_id: UUID, task_id: UUID, to_save: bool = False) -> Response | None:
    """What the citizen has begun (or sent) of a task of theirs, with its `task`; None where there is nothing.

    `to_save`: locked until the transaction ends.
    """
    rows = (_DRAFT_TO_SAVE if to_save else _DRAFT).rows(task_id=task_id, citizen_id=citizen_id)
    if not rows:
        return None
    response: Response
    response, task, version = made_of(rows[0], _RESPONSE, _TASK, _VERSION)
    response.version, task.response = version, response
    return response


def _drafts(*, task_id: UUID, citizen_id: UUID) -> QuerySet[Response, Any]:
    drafts = Response.objects.filter(task=task_id, task__citizen=citizen_id, citizen=citizen_id)
    return drafts.values_list(*_RESPONSE.names, *_TASK.names, *_VERSION.names)


def _drafts_to_save(*, task_id: UUID, citizen_id: UUID) -> QuerySet[Response, Any]:
    return _drafts(task_id=task_id, citizen_id=citizen_id).select_for_update(of=("self",))


_RESPONSE, _TASK = Columns(Response), Columns(Task, under="task__")
_VERSION = Columns(QuestionnaireVersion, under="version__", only=ANSWERED_WITH)
# With every answer, and every page.
_DRAFT = CompiledQuery(_drafts)
_DRAFT_TO_SAVE = CompiledQuery(_drafts_to_save)


def task_answered_by(*, citizen_id: UUID, response_id: UUID) -> Task | None:
    """The citizen's task whose answer in force this is."""
    return _tasks(citizen_id).filter(response=response_id).first()


def responses_of(*, citizen_id: UUID) -> QuerySet[Response]:
    """What the citizen has submitted and counts, the newest first, with its scores."""
    return _read(Response.objects.in_force().filter(citizen_id=citizen_id))


def _read(responses: ResponseQuerySet) -> QuerySet[Response]:
    return (
        responses.select_related("version")
        .defer("version__source", "document")
        .prefetch_related(Prefetch("scores", queryset=shown_scores()))
        .order_by("-completed_at")
    )


def shown_scores() -> QuerySet[Score]:
    """The scores that KAM lets citizens see: a property of the plan, off unless it was chosen."""
    return Score.objects.filter(response__task__care_plan__plan__citizens_see_scores=True).order_by("pk")


def score_trends(*, citizen_id: UUID) -> list[Trend]:
    """The citizen's own scores over time, where they may see them; one figure alone is no development."""
    scores = shown_scores().filter(
        ~is_corrected("response"), citizen_id=citizen_id, response__status=Response.Status.COMPLETED
    )
    return [trend for trend in trends_of(scores) if len(trend.points) > 1]


def response_of(*, citizen_id: UUID, response_id: UUID) -> Response | None:
    """A submitted response of the citizen's own with its answers, also an earlier version; None where there is none."""
    return (
        _read(Response.objects.completed().filter(citizen_id=citizen_id))
        .defer(None)
        .defer("version__source")
        .filter(pk=response_id)
        .first()
    )


def _tasks(citizen_id: UUID) -> TaskQuerySet:
    return (
        Task.objects.filter(citizen_id=citizen_id)
        .select_related(
            "activity__version__answer_time",
            "response",
            "care_plan__episode__municipality",
            "care_plan__plan",
        )
        .defer("activity__version__source")
    )
