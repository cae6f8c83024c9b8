"""The list of the unanswered: a page of tasks with what each row shows of them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from notifications.unanswered import Wanted, as_listed, wanted_tasks, with_activities
from plans.models import Task
from staff.keyset import KeysetPage, keyset_rows, page_of_rows
from staff.unanswered_filter import Asked

ROWS = 25
"""On a page, as on the overview."""


def unanswered_page(asked: Asked, municipality: Municipality, now: datetime, place: str) -> KeysetPage[Task]:
    """The tasks at a place of the list that is asked for. Two queries."""

    def ask(backwards: bool, beyond: tuple[Any, ...] | None) -> list[Task]:
        return _TASKS.all(
            municipality_id=municipality.pk,
            now=now,
            newest_first=asked.newest_first,
            backwards=backwards,
            beyond=beyond,
            **asked.wanted.parts,
        )

    page = page_of_rows(ask, by=asked.order, place=place, size=ROWS)
    with_activities(page.rows)
    return page


def _tasks(
    *,
    municipality_id: int,
    now: datetime,
    newest_first: bool,
    backwards: bool,
    beyond: tuple[Any, ...] | None,
    **parts: Any,
) -> QuerySet[Task]:
    asked = Asked(wanted=Wanted.of_parts(**parts), newest_first=newest_first)
    rows = wanted_tasks(Municipality(pk=municipality_id), now, asked.wanted)
    return keyset_rows(rows, by=asked.order, backwards=backwards, beyond=beyond, size=ROWS, shown=as_listed)


_TASKS = CompiledQuery(_tasks)
