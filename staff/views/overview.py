"""The first page: whom to call."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from plans import selectors
from staff.access import MunicipalRequest, municipal_staff
from staff.forms import CitizenSearchForm
from staff.pages import counted, page_of, render_page
from staff.rows import overdue_row
from staff.seen import seen

TOP = 8
"""How many overdue citizens stand beside the answers; the rest is one click away."""


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def overview(request: MunicipalRequest) -> HttpResponse:
    """New answers, the longest overdue, and the search."""
    now = timezone.now()
    overdue = selectors.overdue_tasks(request.municipality, now)
    longest = selectors.citizens_overdue(request.municipality, now, TOP)
    shown = [late.citizen.pk for late in longest]
    context = {
        "form": CitizenSearchForm(),
        "overdue": [overdue_row(late, now) for late in longest],
        "overdue_count": counted(selectors.count_at_most(overdue)),
        "new_for_days": selectors.NEW_FOR.days,
    }
    if request.actor.may(Permission.SEE_ANSWERS):
        page = page_of(request, selectors.newest_responses(request.municipality, now))
        context |= {"page": page, "answers": selectors.with_scores(page.object_list, request.municipality)}
        shown += [response.citizen_id for response in page.object_list]
    seen(request, shown, Use(What.OVERVIEW, Action.LIST), at=now)
    return render_page(request, "staff/overview.html", context, now=now)
