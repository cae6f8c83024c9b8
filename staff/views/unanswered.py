"""The unanswered questionnaires and the reminder."""

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
from notifications.selectors import fate_of, reminders_of
from plans import selectors
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.pages import counted, may, page_of, render_page
from staff.rows import unanswered_row
from staff.seen import seen


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def unanswered(request: MunicipalRequest) -> HttpResponse:
    """Who has not answered, the longest overdue first."""
    now = timezone.now()
    page = page_of(request, selectors.unanswered_tasks(request.municipality, now))
    shown = [task.citizen_id for task in page.object_list]
    seen(request, shown, Use(What.UNANSWERED, Action.LIST), at=now)
    sent = reminders_of(page.object_list)
    overdue = selectors.count_at_most(selectors.overdue_tasks(request.municipality, now))
    context = {
        "page": page,
        "rows": [unanswered_row(task, sent.get(task.pk, []), now) for task in page.object_list],
        "overdue_count": counted(overdue),
        "reminder_text": texts.text_of(Message.Kind.REMINDER),
        "quiet": settings.NEMSMS_QUIET_HOURS,
    }
    return render_page(request, "staff/unanswered.html", context, now=now)


@require_POST
@municipal_staff(Permission.SEND_REMINDER)
def remind(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """Send the reminder; htmx gets the row as it is now, a plain form the list with a message over it."""
    now = timezone.now()
    tasks = selectors.followed_tasks(request.municipality).select_related(
        "citizen", "activity__version", "care_plan__plan"
    )
    task = get_object_or_404(tasks, pk=task_id)
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
        row = unanswered_row(task, reminders_of([task]).get(task.pk, []), now)
        context = {**may(request), "row": row, "problem": problem, "just_now": not problem}
        return render(request, "staff/_unanswered_row.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(
            request,
            _("Påmindelse til %(citizen)s. %(fate)s.") % {"citizen": task.citizen.shown_name, "fate": words},
        )
    number = request.POST.get("page", "")
    return redirect(reverse("staff:unanswered") + (f"?page={number}" if number.isdecimal() else ""))
