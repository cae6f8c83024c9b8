"""Rows of the lists of citizens and tasks, with what is said of each as of now.

A page draws fifty of them: what a row says is put into words here, and its template is drawn once (`drawn_once`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.models import Citizen
from followup.models import Attention
from kommunalpro.addresses import addresses_of
from kommunalpro.dates import written
from notifications.obstacles import Kind, Obstacle
from notifications.reminders import Prospect
from notifications.selectors import Fate, fate_of
from plans.models import Task
from plans.services import last_day
from plans.trends import TrendPoint
from staff.said import Sayer
from staff.templatetags.figures import figure


@dataclass(frozen=True, slots=True)
class CitizenLink:
    """The way to a citizen, with what tells two of the same name apart."""

    address: str
    name: str
    born: str


@dataclass(frozen=True, slots=True)
class Handling:
    """Who has handled an answer and when, with the note as markup; "" while nobody has. And where that is changed.

    `problem` says why it could not be changed just now.
    """

    key: str
    by: str
    at: str
    note: str
    act_address: str
    problem: str = ""

    @property
    def has_problem(self) -> bool:
        return bool(self.problem)

    @property
    def is_handled(self) -> bool:
        return bool(self.at)

    @property
    def has_note(self) -> bool:
        return bool(self.note)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of a chart: when it was answered, and the way to the answer."""

    address: str
    day: str
    value: str


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


class TaskState(StrEnum):
    """How far a task is that nobody has answered."""

    COMING = "coming"
    OPEN = "open"
    BEGUN = "begun"
    ENTERING = "entering"


@dataclass(frozen=True, slots=True)
class OpenTaskRow:
    """A task of a citizen's that is not answered; `day` is the last one, in figures as `opens`."""

    title: str
    language: str
    opens: str
    day: str
    state: TaskState
    is_overdue: bool
    enter_address: str

    @property
    def may_be_entered(self) -> bool:
        return self.state != TaskState.COMING

    @property
    def is_registered(self) -> bool:
        return self.state == TaskState.ENTERING


class Act(StrEnum):
    """What the end of a row offers, or says in its place."""

    TOLD = "told"
    REMINDED = "reminded"
    OBSTACLE = "obstacle"
    TRY = "try"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class UnansweredRow(TaskRow):
    """A task nobody has answered, with the reminders so far, the newest first, and whether there can be one more.

    `hint` says what came of reminding just now, why it cannot be done, or why it may not help (`Act.TRY`).
    """

    key: str
    citizen: CitizenLink
    title: str
    language: str
    plan: str
    day: str
    reminders: tuple[Fate, ...]
    act: Act
    hint: str
    address: str

    @property
    def has_reminders(self) -> bool:
        return bool(self.reminders)


class RowWriter:
    """Writes the rows of one page: what all of them have in common is found once.

    `say` says moments and days as of `now`.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.say = Sayer(now)
        self._addresses: dict[str, Callable[[UUID], str]] = {}

    def address_of(self, view_name: str, pk: UUID) -> str:
        """As `kommunalpro.addresses.address_of`."""
        if view_name not in self._addresses:
            self._addresses[view_name] = addresses_of(view_name)
        return self._addresses[view_name](pk)

    @cached_property
    def _born(self) -> str:
        return _("Født %(born)s")

    def citizen_link(self, citizen: Citizen) -> CitizenLink:
        return CitizenLink(
            address=self.address_of("staff:citizen", citizen.pk),
            name=citizen.shown_name,
            born=self._born % {"born": self.say.day(citizen.birth_date)},
        )

    def handling_of(self, attention: Attention, problem: str = "") -> Handling:
        """Needs who handled it."""
        handled_at = attention.handled_at
        act = "staff:handle" if handled_at is None else "staff:take_back"
        return Handling(
            key=str(attention.pk),
            by=attention.handled_by.name if attention.handled_by is not None else "",
            at="" if handled_at is None else self.say.moment(handled_at),
            note=linebreaksbr(attention.note, autoescape=True) if attention.note else "",
            act_address=self.address_of(act, attention.pk),
            problem=problem,
        )

    def figure_row(self, point: TrendPoint) -> FigureRow:
        return FigureRow(
            address=self.address_of("staff:response", point.response_id),
            day=self.say.day(self.say.day_of(point.answered_at)),
            value=figure(point.value),
        )

    def task_row(self, task: Task) -> TaskRow:
        day = last_day(task)
        return TaskRow(task=task, last_day=day, days_overdue=self.say.days_since(day))

    def open_task_row(self, task: Task, *, is_coming: bool = False) -> OpenTaskRow:
        """Needs the questionnaire and the response."""
        row, response = self.task_row(task), task.response
        if is_coming:
            state = TaskState.COMING
        elif response is None:
            state = TaskState.OPEN
        else:
            state = TaskState.ENTERING if response.is_registered else TaskState.BEGUN
        return OpenTaskRow(
            title=task.title,
            language=task.activity.title_language,
            opens=self.say.day(self.say.day_of(task.opens_at)),
            day=self.say.day(row.last_day),
            state=state,
            is_overdue=row.is_overdue,
            enter_address=self.address_of("staff:enter", task.pk),
        )

    def unanswered_row(self, prospect: Prospect, *, told: str = "") -> UnansweredRow:
        """The task as `notifications.unanswered.as_listed` reads it. `told`: what came of reminding just now."""
        task, day = prospect.task, last_day(prospect.task)
        act, hint = (Act.TOLD, told) if told else _act(prospect.obstacle, task.citizen)
        return UnansweredRow(
            task=task,
            last_day=day,
            days_overdue=self.say.days_since(day),
            key=str(task.pk),
            citizen=self.citizen_link(task.citizen),
            title=task.title,
            language=task.activity.title_language,
            plan=task.plan_title,
            day=self.say.day(day),
            reminders=tuple(fate_of(message, self.now) for message in prospect.earlier),
            act=act,
            hint=hint,
            address=self.address_of("staff:remind", task.pk),
        )


def days_over(days: int) -> str:
    return ngettext("%(days)s dag over fristen", "%(days)s dage over fristen", days) % {"days": days}


def _act(obstacle: Obstacle | None, citizen: Citizen) -> tuple[Act, str]:
    """What can be done, and what is said of it."""
    if obstacle is None:
        return Act.SEND, ""
    if obstacle.kind == Kind.ENOUGH:
        # Asking for another reminder would only give the one there is.
        return Act.REMINDED, ""
    if obstacle.kind == Kind.OUTSIDE_NEMSMS and citizen.nemsms_asked_at is not None:
        day = written(timezone.localdate(citizen.nemsms_asked_at), "SHORT_DATE_FORMAT")
        return Act.TRY, _("Ikke tilmeldt NemSMS %(when)s – ring til borgeren") % {"when": day}
    return Act.OBSTACLE, f"{obstacle.sentence} {obstacle.instead}".rstrip()
