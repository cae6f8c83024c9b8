"""Finding a citizen, and the page about one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from citizens import cpr
from citizens.models import Citizen
from fut.incoming.settling import NONE_FOUND, findings_of
from identity import rate_limits
from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications.selectors import fate_of
from plans import selectors
from plans.history import events_of
from plans.trend_charts import chart_data
from plans.trends import figures, read_from, trends_from
from privacy.selectors import citizens_with_data_in
from staff.access import MunicipalRequest, municipal_staff
from staff.citizen_lists import (
    ANSWERED,
    COMING,
    citizen_looked_up,
    newest_answered,
    newest_messages,
    newest_notes,
    open_and_coming,
)
from staff.desk_forms import NoteForm
from staff.forms import CitizenSearchForm
from staff.pages import ROWS, page_from_first, page_of, render_page
from staff.results import read_row
from staff.rows import RowWriter
from staff.seen import mark_of_page, nobody_seen, seen


@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SEE_CITIZENS)
@rate_limits.limited(rate_limits.Action.CITIZEN_SEARCH, "POST")
def citizens(request: MunicipalRequest) -> HttpResponse:
    """The citizens in a course, or those a search finds.

    The search is a POST: a CPR number must be in no address, history or log.
    """
    now = timezone.now()
    if request.method != "POST":
        page = page_of(request, selectors.citizens_in_care(request.municipality, now, request.teams))
        seen(request, [row.pk for row in page.object_list], Use(What.CITIZENS, Action.LIST), at=now)
        context: dict[str, Any] = {"form": CitizenSearchForm(), "page": page, "rows": page.object_list}
        return render_page(request, "staff/citizens.html", context, now=now)
    form = CitizenSearchForm(request.POST)
    context = {"form": form, "is_search": True}
    if not form.is_valid():
        nobody_seen(request)
        return render_page(request, "staff/citizens.html", context, now=now, status=422)
    text = form.cleaned_data["text"]
    if form.is_cpr:
        # Also who has moved but has a course here: what is kept of it is this municipality's to answer for.
        found = citizens_with_data_in(request.municipality).by_cpr(text).first()
        hits = [] if found is None else [found.pk]
        seen(request, hits, Use(What.CITIZENS, Action.SEARCH, criterion=cpr.masked(text)), at=now)
        if found is not None:
            is_resident = found.municipality_id == request.municipality.pk
            return _see_other("staff:citizen" if is_resident else "staff:citizen_data", found)
        # The number goes no further: neither back to the screen nor anywhere else.
        return render_page(request, "staff/citizens.html", {**context, "form": CitizenSearchForm()}, now=now)
    rows = list(selectors.citizens_named(text, request.municipality, now)[: ROWS + 1])
    shown = [row.pk for row in rows[:ROWS]]
    seen(request, shown, Use(What.CITIZENS, Action.SEARCH, criterion=text), at=now)
    context |= {"name": text, "rows": rows[:ROWS], "has_more": len(rows) > ROWS, "most": ROWS}
    return render_page(request, "staff/citizens.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEE_CITIZENS, keeps_plans=True)
def citizen(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """One citizen: plans, tasks, scores over time, messages."""
    now = timezone.now()
    municipality = request.municipality
    found = citizen_looked_up(citizen_id, municipality, staff_id=request.actor.staff_id)
    if found is None:
        raise Http404
    person, looked = found
    seen(request, [person.pk], Use(What.CITIZEN), at=now)
    is_open, coming = open_and_coming(person, municipality, now)
    plans = selectors.care_plans_of(person, municipality, now)
    answered = page_from_first(
        request,
        lambda: selectors.answered_tasks(person, municipality),
        ANSWERED,
        number=sum(row.answered for row in plans),
        first=lambda: newest_answered(person, municipality),
    )
    findings = findings_of(person, municipality) if looked.has_findings else NONE_FOUND
    write = RowWriter(now)
    context: dict[str, Any] = {
        **about(person, request, now=now),
        "plans": [(row, findings.ended.get(row.care_plan.pk, ())) for row in plans],
        "open_tasks": [write.open_task_row(task) for task in is_open],
        "coming": [write.open_task_row(task, is_coming=True) for task in coming[:COMING]],
        "is_held": looked.is_held,
        "findings": findings.open[:ROWS],
        "may_adjust": request.actor.may(Permission.ADJUST_PLAN),
        "plan_events": events_of(
            [row.care_plan for row in plans], [event for row in plans for event in row.events]
        ),
        "may_settle": request.actor.may(Permission.ADJUST_PLAN),
        "has_more_coming": len(coming) > COMING,
        "is_followed": looked.is_followed,
        "page_mark": mark_of_page(request, person.pk),
        "notes": newest_notes(person, municipality),
        "note_form": NoteForm(),
        "answered": answered,
        "messages_sent": [fate_of(message, now) for message in newest_messages(person, municipality)],
    }
    if request.actor.may(Permission.SEE_ANSWERS):
        newest = figures(person, municipality)
        shown = trends_from(newest)
        responses = [task.response for task in answered.object_list if task.response is not None]
        context |= {
            "reads": [read_row(read, write) for read in read_from(newest, responses, municipality)],
            "trends": shown,
            "chart_data": chart_data(shown),
        }
    return render_page(request, "staff/citizen.html", context, now=now)


def about(person: Citizen, request: MunicipalRequest, *, now: datetime) -> dict[str, Any]:
    """The citizen and the facts of the banner."""
    return {
        "citizen": person,
        "age": person.age_on(timezone.localdate(now)),
        "municipality_name": request.municipality.authority_name,
    }


def _see_other(view: str, person: Citizen) -> HttpResponseRedirect:
    answer: HttpResponseRedirect = redirect(view, person.pk)
    answer.status_code = 303
    return answer
