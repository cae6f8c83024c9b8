"""What the page about a citizen reads: queries that many pages ask, with their SQL made once."""

from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from citizens.models import Citizen
from followup.following import is_on_list_of
from followup.models import CitizenNote
from followup.notes import notes_of
from fut.incoming.settling import has_findings
from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from notifications.models import Message
from notifications.selectors import messages_to
from plans import selectors
from plans.models import Task, TaskQuerySet
from privacy.selectors import is_held_here
from staff.pages import NOTES, ROWS

COMING = 3
"""How many of the tasks to come are listed; a weekly plan has a year of them."""

ANSWERED = 10
"""Answered tasks a page: the page has more to show than them."""

MESSAGES = 20


class Looked(Protocol):
    """What the page asks of a citizen beside their own fields."""

    is_followed: bool
    is_held: bool
    has_findings: bool


def citizen_of(pk: UUID, municipality: Municipality) -> Citizen | None:
    """The citizen who lives there."""
    return next(iter(_CITIZEN.all(pk=pk, municipality_id=municipality.pk)), None)


def citizen_looked_up(
    pk: UUID, municipality: Municipality, *, staff_id: UUID
) -> tuple[Citizen, Looked] | None:
    """The same, and what an employee's page says of them."""
    found = _LOOKED_UP.all(pk=pk, municipality_id=municipality.pk, staff_id=staff_id)
    return (found[0], cast("Looked", found[0])) if found else None


def open_and_coming(
    citizen: Citizen, municipality: Municipality, now: datetime
) -> tuple[list[Task], list[Task]]:
    """The tasks that can be answered, what is due first before the others, and COMING of those to come and one more.

    One query.
    """
    found = _OPEN_AND_COMING.all(citizen_id=citizen.pk, municipality_id=municipality.pk, now=now)
    is_open = [task for task in found if task.opens_at <= now]
    return sorted(is_open, key=lambda task: (task.due_at, task.pk)), found[len(is_open) :]


def newest_answered(citizen: Citizen, municipality: Municipality) -> list[Task]:
    """The first page of `plans.selectors.answered_tasks`."""
    return _ANSWERED.all(citizen_id=citizen.pk, municipality_id=municipality.pk)


def newest_notes(citizen: Citizen, municipality: Municipality) -> list[CitizenNote]:
    return _NOTES.all(citizen_id=citizen.pk, municipality_id=municipality.pk)


def newest_messages(citizen: Citizen, municipality: Municipality) -> list[Message]:
    return _MESSAGES.all(citizen_id=citizen.pk, municipality_id=municipality.pk)


def _citizen(*, pk: UUID, municipality_id: int) -> QuerySet[Citizen]:
    found: QuerySet[Citizen] = Citizen.objects.of(Municipality(pk=municipality_id)).filter(pk=pk)
    return found


def _looked_up(*, pk: UUID, municipality_id: int, staff_id: UUID) -> QuerySet[Citizen]:
    municipality = Municipality(pk=municipality_id)
    return _citizen(pk=pk, municipality_id=municipality_id).annotate(
        is_followed=is_on_list_of(staff_id),
        is_held=is_held_here(municipality),
        has_findings=has_findings(municipality),
    )


def _open_and_coming(*, citizen_id: UUID, municipality_id: int, now: datetime) -> TaskQuerySet:
    tasks = selectors.tasks_of_citizen(Citizen(pk=citizen_id), Municipality(pk=municipality_id))
    of_theirs = Task.objects.filter(citizen=citizen_id, municipality=municipality_id)
    is_open = of_theirs.available(now).order_by("due_at", "pk").values("pk")[:ROWS]
    coming = of_theirs.coming(now).order_by("opens_at", "pk").values("pk")[: COMING + 1]
    return tasks.filter(Q(pk__in=is_open) | Q(pk__in=coming)).order_by("opens_at", "pk")


def _answered(*, citizen_id: UUID, municipality_id: int) -> TaskQuerySet:
    answered = selectors.answered_tasks(Citizen(pk=citizen_id), Municipality(pk=municipality_id))
    return answered[:ANSWERED]


def _notes(*, citizen_id: UUID, municipality_id: int) -> QuerySet[CitizenNote]:
    return notes_of(citizen_id, Municipality(pk=municipality_id))[:NOTES]


def _messages(*, citizen_id: UUID, municipality_id: int) -> QuerySet[Message]:
    return messages_to(Citizen(pk=citizen_id), Municipality(pk=municipality_id))[:MESSAGES]


_CITIZEN = CompiledQuery(_citizen)
_LOOKED_UP = CompiledQuery(_looked_up)
_OPEN_AND_COMING: CompiledQuery[Any] = CompiledQuery(_open_and_coming)
_ANSWERED: CompiledQuery[Any] = CompiledQuery(_answered)
_NOTES = CompiledQuery(_notes)
_MESSAGES = CompiledQuery(_messages)
