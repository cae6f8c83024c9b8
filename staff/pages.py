"""What all pages of the Medarbejdermodul share: the numbers over them, what one may do, and their page size."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from identity.access import is_safe_next
from identity.roles import Permission
from staff.access import MunicipalRequest
from staff.numbers import counted, waiting

ROWS = 50

NOTES = 20
"""How many of a citizen's notes are shown."""

AnyModel = TypeVar("AnyModel", bound=Model)


def render_page(
    request: MunicipalRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    now: datetime,
    numbers: Mapping[str, int] | None = None,
    status: int | None = None,
) -> HttpResponse:
    """A whole page: `context`, the numbers in the navigation, and what this person may do.

    `numbers`: those of the navigation, where the page has asked for them already (`staff.numbers`).
    """
    numbers = waiting(request, now) if numbers is None else numbers
    may_do = may(request)
    return render(
        request,
        template,
        {
            **may_do,
            "unanswered": counted(numbers["unanswered"]),
            "errands_waiting": counted(numbers["errands"]),
            "has_errands": numbers["errands"] > 0,
            "bell": counted(numbers["bell"])
            if may_do["may_see_answers"] and may_do["may_see_citizens"]
            else "",
            "has_news": numbers["bell"] > 0,
            "now": now,
            **context,
        },
        status=status,
    )


def may(request: MunicipalRequest) -> dict[str, bool]:
    """What the templates ask before they show a button or an answer."""
    return {
        "may_see_citizens": request.actor.may(Permission.SEE_CITIZENS),
        "may_see_answers": request.actor.may(Permission.SEE_ANSWERS),
        "may_enrol": request.actor.may(Permission.ENROL_CITIZEN),
        "may_assign": request.actor.may(Permission.ASSIGN_PLAN),
        "may_enter": request.actor.may(Permission.ENTER_ANSWERS),
        "may_assist": request.actor.may(Permission.ASSIST_LOGIN),
        "may_handle": request.actor.may(Permission.HANDLE_ANSWERS),
        "may_remind": request.actor.may(Permission.SEND_REMINDER),
        "may_lay_out_journal": request.actor.may(Permission.MANAGE_CARE_TEAMS),
    }


def way_on(request: MunicipalRequest, otherwise: str) -> str:
    """The address that a form or a link brings as `next` where it is one of this module's; else `otherwise`."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = is_safe_next(request, asked) and asked.startswith(reverse("staff:overview"))
    return asked if is_ours else otherwise


def page_of(request: MunicipalRequest, rows: QuerySet[AnyModel], size: int = ROWS) -> Page[AnyModel]:
    """The page of `rows` that `?page=` names; a number that does not exist gives the nearest that does."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def page_from_first(
    request: MunicipalRequest,
    rows: Callable[[], QuerySet[AnyModel]],
    size: int,
    *,
    number: int,
    first: Callable[[], list[AnyModel]],
) -> Page[AnyModel]:
    """The same where it is known how many there are (`number`), and the first page is read more cheaply."""
    if request.GET.get("page", "1") == "1":
        paginator: Paginator[AnyModel] = Paginator([], size)
        paginator.count = number
        return Page(first(), 1, paginator)
    paginator = Paginator(rows(), size)
    paginator.count = number
    return paginator.get_page(request.GET.get("page"))
