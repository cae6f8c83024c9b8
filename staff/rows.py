"""Rows of the lists of tasks: a task with what is said of it as of now."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import ngettext

from citizens.models import Citizen
from notifications.models import Message
from notifications.selectors import Fate, fate_of
from plans.models import Task
from plans.selectors import OverdueCitizen
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
    is_reminded: bool
    """Whether asking for another reminder would only give the one there is."""


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """A citizen who is over a time limit, as the overview lists them."""

    citizen: Citizen
    questionnaires: int
    lateness: str


def overdue_row(late: OverdueCitizen, now: datetime) -> OverdueRow:
    """The days since the first of the citizen's time limits; the day it ran out at midnight counts as one."""
    days = (timezone.localdate(now) - timezone.localdate(late.oldest_due_at)).days + 1
    return OverdueRow(citizen=late.citizen, questionnaires=late.questionnaires, lateness=days_over(days))


def days_over(days: int) -> str:
    return ngettext("%(days)s dag over fristen", "%(days)s dage over fristen", days) % {"days": days}


def task_row(task: Task, now: datetime) -> TaskRow:
    return TaskRow(task=task, last_day=last_day(task), days_overdue=_days_overdue(task, now))


def unanswered_row(task: Task, reminders: list[Message], now: datetime) -> UnansweredRow:
    return UnansweredRow(
        task=task,
        last_day=last_day(task),
        days_overdue=_days_overdue(task, now),
        reminders=tuple(fate_of(message, now) for message in reminders),
        is_reminded=any(message.is_enough(now) for message in reminders),
    )


def _days_overdue(task: Task, now: datetime) -> int:
    return (timezone.localdate(now) - last_day(task)).days
