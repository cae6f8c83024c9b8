"""Rows of the lists of citizens and tasks, with what is said of each as of now.

A page draws fifty of them: what a row says is put into words here, and its template is drawn once (`drawn_once`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.models import Citizen
from followup.models import Attention
from kommunalpro.addresses import address_of
from kommunalpro.dates import written
from notifications.obstacles import Kind, Obstacle
from notifications.reminders import Prospect
from notifications.selectors import Fate, fate_of
from plans.models import Task
from plans.services import last_day
from staff.templatetags.figures import said


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


def citizen_link(citizen: Citizen) -> CitizenLink:
    born = {"born": written(citizen.birth_date, "SHORT_DATE_FORMAT")}
    return CitizenLink(
        address=address_of("staff:citizen", citizen.pk),
        name=citizen.shown_name,
        born=_("Født %(born)s") % born,
    )


def handling_of(attention: Attention, now: datetime, problem: str = "") -> Handling:
    """Needs who handled it."""
    is_handled = attention.handled_at is not None
    return Handling(
        key=str(attention.pk),
        by=attention.handled_by.name if attention.handled_by is not None else "",
        at=said(attention.handled_at, now) if attention.handled_at is not None else "",
        note=linebreaksbr(attention.note, autoescape=True) if attention.note else "",
        act_address=address_of("staff:take_back" if is_handled else "staff:handle", attention.pk),
        problem=problem,
    )


def days_over(days: int) -> str:
    return ngettext("%(days)s dag over fristen", "%(days)s dage over fristen", days) % {"days": days}


def task_row(task: Task, now: datetime) -> TaskRow:
    day = last_day(task)
    return TaskRow(task=task, last_day=day, days_overdue=_days_over(day, now))


def unanswered_row(prospect: Prospect, now: datetime, *, told: str = "") -> UnansweredRow:
    """The task as `notifications.unanswered.as_listed` reads it. `told`: what came of reminding just now."""
    task, day = prospect.task, last_day(prospect.task)
    act, hint = (Act.TOLD, told) if told else _act(prospect.obstacle, task.citizen)
    return UnansweredRow(
        task=task,
        last_day=day,
        days_overdue=_days_over(day, now),
        key=str(task.pk),
        citizen=citizen_link(task.citizen),
        title=task.title,
        language=task.activity.title_language,
        plan=task.plan_title,
        day=written(day, "SHORT_DATE_FORMAT"),
        reminders=tuple(fate_of(message, now) for message in prospect.earlier),
        act=act,
        hint=hint,
        address=address_of("staff:remind", task.pk),
    )


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


def _days_over(day: date, now: datetime) -> int:
    return (timezone.localdate(now) - day).days
