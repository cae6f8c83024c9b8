"""The tasks of plans that are about to be given, as staff move and leave them out: read from the form and shown again.

A row is known by its activity and its number there, which the same plans and dates always give.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from plans.adjusting import days_of, fault_in, moved
from plans.assigning import Occurrences, sentence_of
from plans.models import Plan, Task
from plans.schedule import Occurrence
from staff.forms import DATE_FORMATS

ADJUSTED = "adjusted"
"""The field that says that the rows were shown, and so that one without its tick is left out."""


@dataclass(frozen=True, slots=True)
class AdjustedRow:
    """A task with what staff want of it. `day` is what they wrote, `window` what it gives, else what it was."""

    key: str
    task: Task
    is_taken: bool
    day: str
    window: Occurrence
    is_moved: bool
    error: str = ""

    @property
    def last_day(self) -> date:
        return days_of(self.window)[1]

    @property
    def first_day(self) -> date:
        return days_of(self.window)[0]


@dataclass(frozen=True, slots=True)
class AdjustedPlan:
    """A plan with its rows."""

    plan: Plan
    rows: tuple[AdjustedRow, ...]

    @property
    def occurrences(self) -> Occurrences:
        """The windows that were taken, by activity."""
        found: dict[object, list[Occurrence]] = defaultdict(list)
        for row in self.rows:
            if row.is_taken:
                found[row.task.activity.pk].append(row.window)
        return found  # type: ignore[return-value]  # the ids are those of activities

    @property
    def taken(self) -> list[Task]:
        """The tasks that were taken, at the times they would have."""
        for row in self.rows:
            row.task.opens_at, row.task.due_at = row.window.opens_at, row.window.due_at
        return [row.task for row in self.rows if row.is_taken]

    @property
    def is_right(self) -> bool:
        return not any(row.error for row in self.rows)


def adjusted(plan: Plan, tasks: Iterable[Task], data: Mapping[str, str], *, starts_on: date) -> AdjustedPlan:
    """The plan's tasks as `data` moves and leaves them out; each as it is where nothing was adjusted yet."""
    numbers: dict[object, int] = defaultdict(int)
    rows = []
    for task in tasks:
        number = numbers[task.activity.pk]
        numbers[task.activity.pk] += 1
        rows.append(_row(f"{task.activity.pk}-{number}", task, data))
    return AdjustedPlan(plan, tuple(_with_faults(rows, starts_on)))


def _row(key: str, task: Task, data: Mapping[str, str]) -> AdjustedRow:
    planned = Occurrence(task.opens_at, task.due_at)
    written = days_of(planned)[0].strftime(DATE_FORMATS[0])
    if ADJUSTED not in data:
        return AdjustedRow(key, task, True, written, planned, False)
    is_taken, text = f"take-{key}" in data, data.get(f"on-{key}", written).strip()
    day = _day(text)
    if day is None:
        sentence = _("Skriv datoen som dag, måned og år, for eksempel 24-12-2026.")
        return AdjustedRow(key, task, is_taken, text, planned, False, error=sentence if is_taken else "")
    window = planned if day == days_of(planned)[0] else moved(planned, day)
    return AdjustedRow(key, task, is_taken, day.strftime(DATE_FORMATS[0]), window, is_moved=window != planned)


def _with_faults(rows: list[AdjustedRow], starts_on: date) -> Iterable[AdjustedRow]:
    """The rows, each with what is wrong with it."""
    before: dict[object, list[Occurrence]] = defaultdict(list)
    for row in rows:
        error = row.error
        if row.is_taken and not error:
            same = before[row.task.activity.pk]
            fault = fault_in([*same, row.window], start=starts_on)
            if fault is None:
                same.append(row.window)
            else:
                error = sentence_of(fault)
        yield AdjustedRow(row.key, row.task, row.is_taken, row.day, row.window, row.is_moved, error)


def _day(text: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task with the days of a window that it would get."""

    task: Task
    first_day: date
    last_day: date
    is_moved: bool


def shown(task: Task, window: Occurrence) -> ShownTask:
    """The task as it would be in that window."""
    first, last = days_of(window)
    return ShownTask(task, first, last, is_moved=window.opens_at != task.opens_at)
