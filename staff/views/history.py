"""A citizen's courses on a time line, and what was done in them: beside the citizen's page, which pulls it in.

A page of its own, so that the citizen's page costs no more than it did, and works without a script.
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from citizens.models import Citizen
from identity.access_log import Use, What
from identity.roles import Permission
from plans.course_line import course_line
from staff.access import MunicipalRequest, municipal_staff
from staff.citizen_log import MOST, STEP, log_of
from staff.pages import may, render_page
from staff.seen import seen_with_its_page
from staff.views.citizens import about


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def history(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """The time line and the newest entries of the log; `?log=40` for more of them."""
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    seen_with_its_page(request, person.pk, Use(What.HISTORY), at=now)
    asked = request.GET.get("log", "")
    most = (
        min(max(int(asked), STEP), MOST) if asked.isascii() and asked.isdigit() and len(asked) < 5 else STEP
    )
    context = {
        **about(person, request, now=now),
        "line": course_line(person, request.municipality, now),
        "log": log_of(person, request.municipality, now, most),
        "log_is_open": most > STEP or not request.htmx,
    }
    if request.htmx:
        return render(request, "staff/_history.html", {**may(request), **context, "now": now})
    return render_page(request, "staff/history.html", context, now=now)
