"""The municipality's choice of how answers are written in its journal."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from followup.journal_layouts import NothingToWrite, choose_journal_parts, journal_parts
from followup.journal_text import journal_text
from identity.roles import Permission
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.journal import made_up_facts
from staff.journal_form import JournalLayoutForm
from staff.pages import render_page
from staff.seen import nobody_seen


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.MANAGE_CARE_TEAMS)
def journal_layout(request: MunicipalRequest) -> HttpResponse:
    """Which parts, in which order, with a made-up answer to see it by. “Vis” shows it without saving."""
    nobody_seen(request)
    now, problem = timezone.now(), ""
    form = JournalLayoutForm(
        request.POST if request.method == "POST" else None, parts=journal_parts(request.municipality)
    )
    shown = form.shown_parts()
    if request.htmx:
        preview = {"preview": journal_text(made_up_facts(), shown)}
        return render(request, "staff/_journal_preview.html", preview)
    if request.method == "POST" and "show" not in request.POST and form.is_valid():
        try:
            choose_journal_parts(
                municipality=request.municipality, parts=shown, by=member_of_staff(request), at=now
            )
        except NothingToWrite as refusal:
            problem = refusal.sentence
        else:
            return HttpResponseRedirect(f"{request.path}?gemt=1")
    context = {
        "form": form,
        "problem": problem,
        "preview": journal_text(made_up_facts(), shown),
        "is_saved": request.method != "POST" and "gemt" in request.GET,
    }
    is_refused = bool(problem) or (request.method == "POST" and not form.is_valid())
    return render_page(
        request, "staff/journal_layout.html", context, now=now, status=422 if is_refused else None
    )
