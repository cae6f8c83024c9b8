"""The numbers on staff's pages: in the navigation, in the tabs of the overview, over the list of the unanswered.

All of a page's come in one statement. Each is counted up to MOST_COUNTED, and one further for “more than that”.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Func, QuerySet, Value

from followup import desk
from followup.desk import how_many
from followup.selectors import MOST_COUNTED, Whose
from followup.teams import Teams
from identity.models import StaffMember
from identity.roles import Permission
from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from notifications.unanswered import Wanted, wanted_tasks
from staff.access import MunicipalRequest
from staff.overview_choice import Tab
from staff.overview_lists import answers_in, citizens_in

Number = Func | Value

WAITING = ("errands", "bell", "unanswered")
"""What stands in the navigation of every page."""


def counted(number: int) -> str:
    """A number of these as people read it: “12” or “99+”."""
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def waiting(request: MunicipalRequest, now: datetime) -> dict[str, int]:
    """Those of the navigation (WAITING). One query."""
    return _read(_WAITING, request, now, WAITING)


def waiting_and_tabs(request: MunicipalRequest, whose: Whose, now: datetime) -> dict[str, int]:
    """The same, and by its name each tab of the overview that has a number. One query."""
    return _read(_WAITING_AND_TABS, request, now, (*WAITING, *NUMBERED), chosen=whose)


def waiting_and_found(request: MunicipalRequest, wanted: Wanted, now: datetime) -> dict[str, int]:
    """The same as in the navigation, and the tasks that are wanted: `found`, and how many of them are `overdue`.

    One query.
    """
    names = (*WAITING, "found", "overdue")
    if wanted == Wanted(teams=request.teams):
        # All of them, as in the navigation: counted once.
        numbers = _read(_WAITING_AND_OVERDUE, request, now, names, chosen=wanted)
        return {**numbers, "found": numbers["unanswered"]}
    return _read(_WAITING_AND_FOUND, request, now, names, chosen=wanted)


NUMBERED = tuple(tab for tab in Tab if tab is not Tab.HANDLED)
"""The number of the others would say nothing."""


def _read(
    query: CompiledQuery[Any],
    request: MunicipalRequest,
    now: datetime,
    names: tuple[str, ...],
    chosen: Whose | Wanted | None = None,
) -> dict[str, int]:
    values = {
        "staff_id": request.actor.staff_id,
        "municipality_id": request.municipality.pk,
        "own_ids": request.teams.ids,
        "now": now,
        "may_see_answers": request.actor.may(Permission.SEE_ANSWERS),
    }
    rows = query.rows(**{**(chosen.parts if chosen is not None else {}), **values})
    return dict(zip(names, rows[0] if rows else [0] * len(names), strict=True))


def _waiting(
    *,
    staff_id: UUID,
    municipality_id: int,
    own_ids: tuple[int, ...] | None,
    now: datetime,
    may_see_answers: bool,
    more: Sequence[Number] = (),
) -> QuerySet[StaffMember, Any]:
    municipality, own = Municipality(pk=municipality_id), Teams(own_ids)
    waiting = desk.waiting_numbers(
        staff_id=staff_id, teams=own, municipality=municipality, may_see_answers=may_see_answers
    )
    numbers = [waiting["errands"], waiting["bell"], _tasks(municipality, now, Wanted(teams=own)), *more]
    return StaffMember.objects.filter(pk=staff_id).values_list(*numbers)


def _tasks(
    municipality: Municipality, now: datetime, wanted: Wanted, *, only_overdue: bool = False
) -> Number:
    if wanted.teams.ids == ():
        return Value(0)
    tasks = wanted_tasks(municipality, now, wanted)
    return how_many(tasks.overdue(now) if only_overdue else tasks)


def _waiting_and_tabs(
    *,
    municipality_id: int,
    team_ids: tuple[int, ...] | None,
    followed_by: UUID | None,
    questionnaire_id: UUID | None,
    now: datetime,
    may_see_answers: bool,
    **asker: Any,
) -> QuerySet[StaffMember, Any]:
    whose = Whose(Municipality(pk=municipality_id), Teams(team_ids), followed_by, questionnaire_id)

    def number(tab: Tab) -> Number:
        if whose.teams.ids == () or (tab.is_of_answers and not may_see_answers):
            return Value(0)
        if tab.is_of_answers:
            return how_many(answers_in(tab, whose))
        return how_many(citizens_in(tab, whose, now))

    more = [number(tab) for tab in NUMBERED]
    return _waiting(
        municipality_id=municipality_id, now=now, may_see_answers=may_see_answers, more=more, **asker
    )


def _waiting_and_found(
    *,
    staff_id: UUID,
    municipality_id: int,
    own_ids: tuple[int, ...] | None,
    now: datetime,
    may_see_answers: bool,
    found: bool = True,
    **parts: Any,
) -> QuerySet[StaffMember, Any]:
    municipality, wanted = Municipality(pk=municipality_id), Wanted.of_parts(**parts)
    number = _tasks(municipality, now, wanted) if found else Value(0)
    return _waiting(
        staff_id=staff_id,
        municipality_id=municipality_id,
        own_ids=own_ids,
        now=now,
        may_see_answers=may_see_answers,
        more=[number, _tasks(municipality, now, wanted, only_overdue=True)],
    )


_WAITING = CompiledQuery(_waiting)
_WAITING_AND_TABS = CompiledQuery(_waiting_and_tabs)
_WAITING_AND_FOUND = CompiledQuery(_waiting_and_found)
_WAITING_AND_OVERDUE = CompiledQuery(partial(_waiting_and_found, found=False))
