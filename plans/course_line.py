"""A citizen's courses, plans and answers on a time line: the last twelve months and the next three."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from citizens.models import Citizen
from municipalities.models import Municipality
from plans.models import CarePlan, EpisodeOfCare, Task
from plans.schedule import DANISH_TIME, Length, Unit
from plans.selectors import courses_of, tasks_of_citizen
from plans.services import last_day
from plans.time_scale import Mark, Scale

MONTH = Length(1, Unit.MONTHS)
BACK, AHEAD = -12, 3
"""In months."""

MOST_TASKS = 500
"""Of one citizen in fifteen months; a questionnaire every day would be 456."""


class Sort(StrEnum):
    """What became of a task; each has its own shape."""

    ANSWERED = "answered"
    OVERDUE = "overdue"
    OPEN = "open"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class Point:
    """A task on the line: its day is when it was answered, else when it was due or opens."""

    x: str
    sort: Sort
    day: date
    title: str
    language: str
    response_id: UUID | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A care plan: its stretch, and its tasks as points, the oldest first."""

    care_plan: CarePlan
    x: str
    width: str
    last: date | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course: its stretch, and its plans."""

    course: EpisodeOfCare
    x: str
    width: str
    plans: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class CourseLine:
    """The line from `start` to `end`; `today` is where on it."""

    start: date
    end: date
    today: str
    courses: tuple[CourseRow, ...]
    marks: tuple[Mark, ...]


def course_line(citizen: Citizen, municipality: Municipality, now: datetime) -> CourseLine:
    """What of the citizen's courses here lies within the line, the newest course first. Three queries."""
    today = now.astimezone(DANISH_TIME).date()
    start, end = MONTH.after(today, BACK).replace(day=1), MONTH.after(today, AHEAD)
    scale = Scale(start, end)
    tasks = (
        tasks_of_citizen(citizen, municipality)
        .exclude(status=Task.Status.CANCELLED)
        .filter(due_at__gte=_midnight(start), opens_at__lt=_midnight(end))
        .order_by("opens_at", "pk")[:MOST_TASKS]
    )
    of_plan: dict[UUID, list[Task]] = {}
    for task in tasks:
        of_plan.setdefault(task.care_plan_id, []).append(task)
    of_course: dict[UUID, list[PlanRow]] = {}
    for care_plan in (
        CarePlan.objects.filter(citizen=citizen, municipality=municipality)
        .select_related("plan")
        .order_by("starts_on", "assigned_at", "pk")
    ):
        row = _plan_row(care_plan, of_plan.get(care_plan.pk, ()), scale, now)
        if row is not None:
            of_course.setdefault(care_plan.episode_id, []).append(row)
    return CourseLine(
        start=start,
        end=end,
        today=scale.x(today),
        courses=tuple(
            _course_row(course, tuple(of_course.get(course.pk, ())), scale)
            for course in courses_of(citizen.pk, municipality)
            if course.started_on < end and (course.ended_on is None or course.ended_on >= start)
        ),
        marks=tuple(scale.marks("b Y")),
    )


def _course_row(course: EpisodeOfCare, plans: tuple[PlanRow, ...], scale: Scale) -> CourseRow:
    # A course that goes on has no end that anybody knows: it goes on to the end of the line.
    x, width = scale.span(course.started_on, _day_after(course.ended_on) or scale.end)
    return CourseRow(course=course, x=x, width=width, plans=plans)


def _plan_row(care_plan: CarePlan, tasks: Iterable[Task], scale: Scale, now: datetime) -> PlanRow | None:
    """The plan's stretch up to its last task; None where nothing of it lies within the line."""
    tasks = list(tasks)
    if not tasks and not scale.start <= care_plan.starts_on < scale.end:
        return None
    last = max((last_day(task) for task in tasks), default=None)
    x, width = scale.span(
        care_plan.starts_on, _day_after(last) or _day_after(care_plan.starts_on) or scale.end
    )
    points = sorted((_point(task, scale, now) for task in tasks), key=lambda point: (point.day, point.title))
    return PlanRow(care_plan=care_plan, x=x, width=width, last=last, points=tuple(points))


def _point(task: Task, scale: Scale, now: datetime) -> Point:
    sort, day = _state(task, now)
    return Point(
        x=scale.x(day),
        sort=sort,
        day=day,
        title=task.title,
        language=task.activity.title_language,
        response_id=task.response_id if sort is Sort.ANSWERED else None,
    )


def _state(task: Task, now: datetime) -> tuple[Sort, date]:
    if task.status == Task.Status.COMPLETED and task.response is not None:
        return Sort.ANSWERED, _day(task.response.completed_at or task.due_at)
    if task.is_overdue(now):
        return Sort.OVERDUE, last_day(task)
    return (Sort.OPEN if task.opens_at <= now else Sort.COMING), _day(task.opens_at)


def _day_after(day: date | None) -> date | None:
    return day + timedelta(days=1) if day is not None else None


def _day(moment: datetime) -> date:
    return moment.astimezone(DANISH_TIME).date()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=DANISH_TIME)
