"""Giving many citizens a plan: choose, see who gets it and who cannot, confirm; then how far it is, and each result."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from kommunalpro.problems import Problem
from plans import bulk_assigning, bulk_preview, selectors
from plans.bulk_models import MOST_AT_ONCE
from plans.bulk_preview import Preview
from plans.models import BulkAssignment, BulkAssignmentItem
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.bulk_forms import AssignToManyForm
from staff.chosen import ids_in
from staff.pages import render_page
from staff.seen import nobody_seen, seen

State = BulkAssignmentItem.State


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ASSIGN_PLAN)
def assign_many(request: MunicipalRequest) -> HttpResponse:
    """GET: for everybody a team follows. POST: for those ticked in a list; with `show` what it would do; `confirm` it.

    Confirming is a form of its own that sends exactly what was shown.
    """
    now, municipality = timezone.now(), request.municipality
    ids = ids_in(request.POST, "citizen")
    acts = {"show", "confirm"} & {*request.POST}
    if request.method == "POST" and not acts and not ids:
        nobody_seen(request)
        messages.error(request, _("Sæt kryds ud for mindst én borger, som skal have planen."))
        return redirect("staff:citizens")
    is_for_a_team = not ids and "chosen" not in request.POST
    form = AssignToManyForm(
        request.POST if acts else None, municipality=municipality, now=now, is_for_a_team=is_for_a_team
    )
    problem, preview = "", None
    if acts and form.is_valid():
        if "confirm" in acts:
            others = selectors.followed_by_others(ids, municipality, request.teams)
            try:
                bulk = bulk_assigning.begin(
                    work_id=form.id_of_work,
                    order=form.order,
                    citizens=[one for one in ids if one not in others],
                    municipality=municipality,
                    by=member_of_staff(request),
                    at=now,
                )
            except Problem as refusal:
                problem = refusal.sentence
            else:
                about = Use(What.ASSIGNMENT, Action.CHANGE, subject_id=bulk.pk)
                seen(request, bulk.items.values_list("citizen", flat=True), about, at=now)
                return redirect("staff:assigned", bulk.pk)
        preview = (
            bulk_preview.for_team(form.order, municipality, request.teams)
            if is_for_a_team
            else bulk_preview.for_citizens(form.order, ids, municipality, request.teams)
        )
    people = [] if preview else bulk_preview.known_citizens(ids, municipality)
    if len(ids) > MOST_AT_ONCE:
        problem = _("Vælg højst %(most)s borgere ad gangen. Tildel resten bagefter.") % {"most": MOST_AT_ONCE}
        preview, people = None, []
    shown = _shown(preview) if preview else [citizen.pk for citizen in people]
    seen(request, shown, Use(What.ASSIGNMENT, Action.LIST), at=now)
    context: dict[str, Any] = {
        "form": form,
        "problem": problem,
        "preview": preview,
        "people": people,
        "ids": ids,
        "is_for_a_team": is_for_a_team,
        "most": MOST_AT_ONCE,
        "recent": (bulk_preview.recent_of(member_of_staff(request)) if is_for_a_team and not preview else []),
        "task_messages_are_ours": settings.TASK_MESSAGES_FROM == "us",
        "quiet": settings.NEMSMS_QUIET_HOURS,
    }
    if preview and preview.getting:
        order = form.order
        planned = selectors.planned_tasks(
            order.plan, preview.getting[0], order.starts_on, order.appointment_on
        )
        context["tasks_each"] = len(planned)
    status = 422 if problem or (acts and not form.is_valid()) else 200
    return render_page(request, "staff/assign_many.html", context, now=now, status=status)


@require_safe
@municipal_staff(Permission.ASSIGN_PLAN)
def assigned(request: MunicipalRequest, bulk_id: UUID) -> HttpResponse:
    """How far it is while it is worked on, in numbers alone; then what became of each."""
    now = timezone.now()
    bulk = get_object_or_404(_bulks(request), pk=bulk_id)
    counts = dict(bulk.items.order_by().values_list("state").annotate(Count("pk")))
    total, waiting = sum(counts.values()), counts.get(State.WAITING, 0)
    context: dict[str, Any] = {
        "bulk": bulk,
        "total": total,
        "done": total - waiting,
        "given": counts.get(State.ASSIGNED, 0),
        "not_given": counts.get(State.REFUSED, 0) + counts.get(State.FAILED, 0),
    }
    if bulk.is_at_work:
        nobody_seen(request)
    else:
        items = list(bulk_preview.results_of(bulk))
        about = Use(What.ASSIGNMENT, Action.LIST, subject_id=bulk.pk)
        seen(request, [item.citizen_id for item in items], about, at=now)
        context["items"] = items
    if request.htmx:
        return render(request, "staff/_assigned.html", context)
    return render_page(request, "staff/assigned.html", context, now=now)


@require_POST
@municipal_staff(Permission.ASSIGN_PLAN)
def try_again(request: MunicipalRequest, bulk_id: UUID) -> HttpResponse:
    """Try those again who did not get the plan."""
    now = timezone.now()
    bulk = get_object_or_404(_bulks(request), pk=bulk_id)
    again = list(bulk.items.without_plan().values_list("citizen", flat=True))
    bulk_assigning.try_again(bulk=bulk, at=now)
    about = Use(What.ASSIGNMENT, Action.CHANGE, subject_id=bulk.pk)
    seen(request, again, about, at=now)
    return redirect("staff:assigned", bulk.pk)


def _bulks(request: MunicipalRequest) -> QuerySet[BulkAssignment]:
    return BulkAssignment.objects.filter(municipality=request.municipality).select_related(
        "plan", "care_team", "made_by"
    )


def _shown(preview: Preview) -> list[UUID]:
    return [citizen.pk for citizen in preview.getting] + [one.citizen.pk for one in preview.cannot]
