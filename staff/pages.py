"""What all pages of the Medarbejdermodul share: their tabs' numbers and their page size."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from identity.roles import Permission
from plans import selectors
from staff.access import MunicipalRequest

ROWS = 50

AnyModel = TypeVar("AnyModel", bound=Model)


def render_page(
    request: MunicipalRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    now: datetime,
    status: int | None = None,
) -> HttpResponse:
    """A whole page: `context`, the number of the tab “Ubesvarede”, and what this person may do."""
    unanswered = selectors.count_at_most(selectors.unanswered_tasks(request.municipality, now))
    return render(
        request,
        template,
        {**may(request), "unanswered": counted(unanswered), "now": now, **context},
        status=status,
    )


def may(request: MunicipalRequest) -> dict[str, bool]:
    """What the templates ask before they show a button or an answer."""
    return {
        "may_see_citizens": request.actor.may(Permission.SEE_CITIZENS),
        "may_see_answers": request.actor.may(Permission.SEE_ANSWERS),
        "may_assign": request.actor.may(Permission.ASSIGN_PLAN),
        "may_enter": request.actor.may(Permission.ENTER_ANSWERS),
        "may_assist": request.actor.may(Permission.ASSIST_LOGIN),
        "may_remind": request.actor.may(Permission.SEND_REMINDER),
    }


def counted(number: int) -> str:
    """A number from `selectors.count_at_most` as people read it: “12” or “999+”."""
    return f"{selectors.MOST_COUNTED}+" if number > selectors.MOST_COUNTED else str(number)


def page_of(request: MunicipalRequest, rows: QuerySet[AnyModel], size: int = ROWS) -> Page[AnyModel]:
    """The page of `rows` that `?page=` names; a number that does not exist gives the nearest that does."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
