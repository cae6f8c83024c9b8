"""The bell: marked answers that came since the employee last looked, and the morning's numbers."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from followup import desk
from followup.selectors import Whose, with_what_is_shown
from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications.digest import morning_of
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.numbers import counted, waiting
from staff.pages import render_page
from staff.seen import nobody_seen, seen

ROWS = 50


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def bell(request: MunicipalRequest) -> HttpResponse:
    """The newest marked answers that nobody has handled. From here on they are no news to this employee."""
    now = timezone.now()
    marked = desk.marked_answers(request.teams, request.municipality).order_by("-answered_at", "-pk")
    rows = list(with_what_is_shown(marked)[: ROWS + 1])
    people = dict.fromkeys(row.citizen_id for row in rows[:ROWS])
    seen(request, people, Use(What.BELL, Action.LIST), at=now)
    before = desk.open_bell(by=member_of_staff(request), municipality=request.municipality, at=now)
    morning = morning_of(Whose(municipality=request.municipality, teams=request.teams), now)
    context = {
        "rows": [(row, before is None or row.answered_at > before) for row in rows[:ROWS]],
        "has_more": len(rows) > ROWS,
        "most": ROWS,
        "morning": morning,
        "numbers": {name: counted(getattr(morning, name)) for name in ("new", "marked", "overdue", "silent")},
    }
    return render_page(request, "staff/bell.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def number(request: MunicipalRequest) -> HttpResponse:
    """The bell's number for a page that stays open; nothing (204) where it is the one that `?er=` says is shown."""
    nobody_seen(request)
    number = waiting(request, timezone.now())["bell"]
    now_marked = counted(number)
    if request.GET.get("er") == now_marked:
        return HttpResponse(status=204)
    context = {"bell": now_marked, "has_news": number > 0, "is_news": True}
    return render(request, "staff/_bell_number.html", context)
