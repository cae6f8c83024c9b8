"""The numbers on staff's pages: in the navigation, in the tabs of the overview, over the list of the unanswered.

All of a page's come in one statement. Each is counted up to MOST_COUNTED, and one further for “more than that”.
"""

from datetime import datetime
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
from municipalities.models import CareTeam, Municipality
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
    chosen = {
        "chosen": whose.teams.ids,
        "followed_by": whose.followed_by,
        "questionnaire_id": whose.questionnaire_id,
    }
    return _read(_WAITING_AND_TABS, request, now, (*WAITING, *NUMBERED), **chosen)


def waiting_and_found(request: MunicipalRequest, wanted: Wanted, now: datetime) -> dict[str, int]:
    """The same as in the navigation, and the tasks that are wanted: `found`, and how many of them are `overdue`.

    One query.
    """
    asked = {
        "team_id": wanted.care_team.pk if wanted.care_team is not None else None,
        "plan_line": wanted.plan_line,
        "only_overdue": wanted.only_overdue,
        "is_reminded": wanted.is_reminded,
        "only_outside_nemsms": wanted.only_outside_nemsms,
    }
    return _read(_WAITING_AND_FOUND, request, now, (*WAITING, "found", "overdue"), **asked)


NUMBERED = tuple(tab for tab in Tab if tab is not Tab.HANDLED)
"""The number of the others would say nothing."""


def _read(
    query: CompiledQuery, request: MunicipalRequest, now: datetime, names: tuple[str, ...], **more: Any
) -> dict[str, int]:
    rows = query.rows(
        staff_id=request.actor.staff_id,
        municipality_id=request.municipality.pk,
        teams=request.teams.ids,
        now=now,
        may_see_answers=request.actor.may(Permission.SEE_ANSWERS),
        **more,
    )
    return dict(zip(names, rows[0] if rows else [0] * len(names), strict=True))


def _numbers(
    staff_id: UUID, municipality_id: int, teams: tuple[int, ...] | None, now: datetime, may_see_answers: bool
) -> list[Number]:
    municipality, own = Municipality(pk=municipality_id), Teams(teams)
    waiting = desk.waiting_numbers(
        staff_id=staff_id, teams=own, municipality=municipality, may_see_answers=may_see_answers
    )
    return [waiting["errands"], waiting["bell"], _tasks(municipality, now, Wanted(teams=own))]


def _tasks(
    municipality: Municipality, now: datetime, wanted: Wanted, *, only_overdue: bool = False
) -> Number:
    if wanted.teams.ids == ():
        return Value(0)
    tasks = wanted_tasks(municipality, now, wanted)
    return how_many(tasks.overdue(now) if only_overdue else tasks)


def _row(staff_id: UUID, numbers: list[Number]) -> QuerySet[StaffMember, Any]:
    return StaffMember.objects.filter(pk=staff_id).values_list(*numbers)


def _waiting(*, staff_id: UUID, **asker: Any) -> QuerySet[StaffMember, Any]:
    return _row(staff_id, _numbers(staff_id, **asker))


def _waiting_and_tabs(
    *,
    staff_id: UUID,
    municipality_id: int,
    now: datetime,
    may_see_answers: bool,
    chosen: tuple[int, ...] | None,
    followed_by: UUID | None,
    questionnaire_id: UUID | None,
    **asker: Any,
) -> QuerySet[StaffMember, Any]:
    whose = Whose(Municipality(pk=municipality_id), Teams(chosen), followed_by, questionnaire_id)

    def number(tab: Tab) -> Number:
        if whose.teams.ids == () or (tab.is_of_answers and not may_see_answers):
            return Value(0)
        if tab.is_of_answers:
            return how_many(answers_in(tab, whose))
        return how_many(citizens_in(tab, whose, now), "citizen")

    numbers = _numbers(staff_id, municipality_id, now=now, may_see_answers=may_see_answers, **asker)
    return _row(staff_id, [*numbers, *map(number, NUMBERED)])


def _waiting_and_found(
    *,
    staff_id: UUID,
    municipality_id: int,
    teams: tuple[int, ...] | None,
    now: datetime,
    may_see_answers: bool,
    team_id: int | None,
    **asked: Any,
) -> QuerySet[StaffMember, Any]:
    municipality = Municipality(pk=municipality_id)
    care_team = None if team_id is None else CareTeam(pk=team_id)
    wanted = Wanted(teams=Teams(teams), care_team=care_team, **asked)
    found = [_tasks(municipality, now, wanted), _tasks(municipality, now, wanted, only_overdue=True)]
    return _row(staff_id, [*_numbers(staff_id, municipality_id, teams, now, may_see_answers), *found])


_WAITING = CompiledQuery(_waiting)
_WAITING_AND_TABS = CompiledQuery(_waiting_and_tabs)
_WAITING_AND_FOUND = CompiledQuery(_waiting_and_found)
