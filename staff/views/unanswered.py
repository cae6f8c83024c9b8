"""The unanswered questionnaires and the reminder to one citizen; to many: `staff.views.reminding`."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications import reminders, texts
from notifications.models import Message
from notifications.selectors import fate_of
from notifications.unanswered import as_listed, with_activities
from plans import selectors
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.numbers import counted, waiting_and_found
from staff.pages import may, render_page
from staff.rows import RowWriter
from staff.seen import seen
from staff.unanswered_filter import PLACE, UnansweredFilter, way_back
from staff.unanswered_list import unanswered_page


@require_safe
@municipal_staff(Permission.SEE_CITIZENS, keeps_plans=True)
def unanswered(request: MunicipalRequest) -> HttpResponse:
    """Who has not answered, the longest overdue first, as far as the filter in the address asks for them."""
    now, municipality = timezone.now(), request.municipality
    form = UnansweredFilter(request.GET, municipality=municipality, teams=request.teams)
    asked = form.asked
    page = unanswered_page(asked, municipality, now, request.GET.get(PLACE, ""))
    seen(request, [task.citizen_id for task in page.rows], Use(What.UNANSWERED, Action.LIST), at=now)
    numbers, write = waiting_and_found(request, asked.wanted, now), RowWriter(now)
    context = {
        "form": form,
        "is_filtered": not asked.is_everything,
        "is_narrowed": asked.newest_first or not asked.is_everything,
        "page": page,
        "rows": [write.unanswered_row(prospect) for prospect in reminders.prospects(page.rows, now)],
        "number": numbers["found"],
        "found_count": counted(numbers["found"]),
        "overdue_count": counted(numbers["overdue"]),
        "reminder_text": texts.text_of(Message.Kind.REMINDER),
        "quiet": settings.NEMSMS_QUIET_HOURS,
        "query": request.GET.urlencode(),
        "choice": form.query,
        "all_chosen": bool(request.GET.get("alle")),
    }
    return render_page(request, "staff/unanswered.html", context, now=now, numbers=numbers)


@require_POST
@municipal_staff(Permission.SEND_REMINDER)
def remind(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """Send the reminder; htmx gets the row as it is now, a plain form the list with a message over it."""
    now = timezone.now()
    task = get_object_or_404(as_listed(selectors.followed_tasks(request.municipality)), pk=task_id)
    with_activities([task])
    problem = ""
    try:
        message = reminders.send(task=task, by=member_of_staff(request), at=now)
        words = fate_of(message, now).text
        use = Use(What.REMINDER, Action.CHANGE, subject_id=message.pk)
    except reminders.ReminderNotPossible as refusal:
        problem = words = refusal.sentence
        use = Use(What.REMINDER, subject_id=task.pk)
    seen(request, [task.citizen_id], use, at=now)
    if getattr(request, "htmx", False):
        (prospect,) = reminders.prospects([task], now)
        context = {
            **may(request),
            "row": RowWriter(now).unanswered_row(prospect, told=problem or _("Påmindelsen er bestilt.")),
        }
        return render(request, "staff/_unanswered_row.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(
            request,
            _("Påmindelse til %(citizen)s. %(fate)s.") % {"citizen": task.citizen.shown_name, "fate": words},
        )
    return redirect(reverse("staff:unanswered") + way_back(request.POST.get("query", "")))
