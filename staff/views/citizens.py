"""Finding a citizen, and the page about one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from citizens import cpr
from citizens.models import Citizen
from followup.following import is_on_list_of
from followup.notes import notes_of
from fut.incoming.settling import findings_of
from identity import rate_limits
from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications import selectors as messages
from plans import selectors
from plans.history import events_of
from plans.trend_charts import chart_data
from plans.trends import trends
from privacy.selectors import citizens_with_data_in, is_held_here
from staff.access import MunicipalRequest, municipal_staff
from staff.desk_forms import NoteForm
from staff.forms import CitizenSearchForm
from staff.pages import NOTES, ROWS, page_of, render_page
from staff.results import read_row
from staff.rows import task_row
from staff.seen import nobody_seen, seen

COMING = 3
"""How many of the tasks to come are listed; a weekly plan has a year of them."""

ANSWERED = 10
"""Answered tasks a page: the page has more to show than them."""

MESSAGES = 20


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
@municipal_staff(Permission.SEE_CITIZENS)
def citizen(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """One citizen: plans, tasks, scores over time, messages."""
    now = timezone.now()
    municipality = request.municipality
    own = Citizen.objects.of(municipality).annotate(
        is_followed=is_on_list_of(request.actor.staff_id), is_held=is_held_here(municipality)
    )
    person = get_object_or_404(own, pk=citizen_id)
    seen(request, [person.pk], Use(What.CITIZEN), at=now)
    tasks = selectors.tasks_of_citizen(person, municipality)
    coming = list(tasks.coming(now).order_by("opens_at", "pk")[: COMING + 1])
    answered = page_of(request, selectors.answered_tasks(person, municipality), ANSWERED)
    findings = findings_of(person, municipality)
    plans = selectors.care_plans_of(person, municipality, now)
    context: dict[str, Any] = {
        **about(person, request, now=now),
        "plans": [(row, findings.ended.get(row.care_plan.pk, ())) for row in plans],
        "open_tasks": [task_row(task, now) for task in tasks.available(now).order_by("due_at", "pk")[:ROWS]],
        "coming": [task_row(task, now) for task in coming[:COMING]],
        "is_held": person.is_held,
        "findings": findings.open[:ROWS],
        "may_adjust": request.actor.may(Permission.ADJUST_PLAN),
        "plan_events": events_of(
            [row.care_plan for row in plans], [event for row in plans for event in row.events]
        ),
        "may_settle": request.actor.may(Permission.ADJUST_PLAN),
        "has_more_coming": len(coming) > COMING,
        "is_followed": person.is_followed,
        "notes": notes_of(person.pk, municipality)[:NOTES],
        "note_form": NoteForm(),
        "answered": answered,
        "messages_sent": [
            messages.fate_of(message, now)
            for message in messages.messages_to(person, municipality)[:MESSAGES]
        ],
    }
    if request.actor.may(Permission.SEE_ANSWERS):
        found = trends(person, municipality)
        responses = [task.response for task in answered.object_list if task.response is not None]
        context |= {
            "reads": [read_row(read, now) for read in selectors.with_scores(responses, municipality)],
            "trends": found,
            "chart_data": chart_data(found),
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
