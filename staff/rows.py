"""Rows of the lists of tasks: a task with what is said of it as of now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import ngettext

from notifications.obstacles import Kind, Obstacle
from notifications.reminders import Prospect
from notifications.selectors import Fate, fate_of
from plans.models import Task
from plans.services import last_day


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task, the last Danish day to answer it on, and how many days ago that was (negative: still to come)."""

    task: Task
    last_day: date
    days_overdue: int

    @property
    def is_overdue(self) -> bool:
        return self.task.is_open and self.days_overdue > 0

    @property
    def lateness(self) -> str:
        """“3 dage over fristen”; empty where it is in time."""
        return days_over(self.days_overdue) if self.is_overdue else ""


@dataclass(frozen=True, slots=True)
class UnansweredRow(TaskRow):
    """A task nobody has answered, with the reminders so far, the newest first."""

    reminders: tuple[Fate, ...]
    obstacle: Obstacle | None

    @property
    def is_reminded(self) -> bool:
        """Whether asking for another reminder would only give the one there is."""
        return self.obstacle is not None and self.obstacle.kind == Kind.ENOUGH

    @property
    def is_outside_nemsms(self) -> bool:
        """Whether the citizen got no text messages when last asked; they can be tried all the same."""
        return self.obstacle is not None and self.obstacle.kind == Kind.OUTSIDE_NEMSMS


def days_over(days: int) -> str:
    return ngettext("%(days)s dag over fristen", "%(days)s dage over fristen", days) % {"days": days}


def task_row(task: Task, now: datetime) -> TaskRow:
    return TaskRow(task=task, last_day=last_day(task), days_overdue=_days_overdue(task, now))


def unanswered_row(prospect: Prospect, now: datetime) -> UnansweredRow:
    return UnansweredRow(
        task=prospect.task,
        last_day=last_day(prospect.task),
        days_overdue=_days_overdue(prospect.task, now),
        reminders=tuple(fate_of(message, now) for message in prospect.earlier),
        obstacle=prospect.obstacle,
    )


def _days_overdue(task: Task, now: datetime) -> int:
    return (timezone.localdate(now) - last_day(task)).days
