"""Giving a citizen a plan: choose, look at the tasks, confirm."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from citizens.models import Citizen
from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications import selectors as text_messages
from plans import selectors, services
from plans.models import CarePlan
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.forms import AssignForm
from staff.pages import render_page
from staff.rows import task_row
from staff.seen import seen
from staff.views.citizens import about


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ASSIGN_PLAN)
def assign(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """GET: the form. POST: what it would make; with `confirm`, make it.

    Confirming is a form of its own that sends exactly what was shown.
    """
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    reading = Use(What.ASSIGNMENT)
    data = request.POST if request.method == "POST" else None
    form = AssignForm(data, citizen=person, municipality=request.municipality, now=now)
    context: dict[str, Any] = {
        **about(person, request, now=now),
        "form": form,
        "task_messages_are_ours": settings.TASK_MESSAGES_FROM == "us",
        "quiet": settings.NEMSMS_QUIET_HOURS,
    }
    if data is None:
        seen(request, [person.pk], reading, at=now)
        return render_page(request, "staff/assign.html", context, now=now)
    problem = ""
    if form.is_valid():
        if "confirm" in data:
            try:
                care_plan = services.assign_plan(
                    **form.cleaned_data, citizen=person, by=member_of_staff(request), at=now
                )
            except services.PlanAlreadyAssigned as refusal:
                problem = refusal.sentence
            else:
                use = Use(What.ASSIGNMENT, Action.CHANGE, subject_id=care_plan.pk)
                seen(request, [person.pk], use, at=now)
                messages.success(request, what_happened(care_plan))
                return redirect("staff:citizen", person.pk)
        context |= {
            "chosen": form.cleaned_data,
            "chosen_day": form["starts_on"].value(),
            "tasks": [
                task_row(task, now)
                for task in selectors.planned_tasks(
                    form.cleaned_data["plan"], person, form.cleaned_data["starts_on"]
                )
            ],
        }
    seen(request, [person.pk], reading, at=now)
    context["problem"] = problem
    status = 200 if form.is_valid() and not problem else 422
    if getattr(request, "htmx", False):
        return render(request, "staff/_assign_form.html", context, status=status)
    return render_page(request, "staff/assign.html", context, now=now, status=status)


def what_happened(care_plan: CarePlan) -> str:
    """The plan is assigned, and whether the citizen hears of it now, later or not at all."""
    if care_plan.episode.citizen.is_outside_nemsms:
        return _(
            "Planen er tildelt. Borgeren var ikke tilmeldt NemSMS, da vi sidst spurgte, "
            "så fortæl borgeren om opgaven."
        )
    message = text_messages.message_about(care_plan)
    if message is None:
        return _("Planen er tildelt. Borgeren får en sms om opgaverne fra FUT.")
    if message.leaves_at <= care_plan.assigned_at:
        return _("Planen er tildelt, og borgeren får en sms nu, hvis borgeren er tilmeldt NemSMS.")
    return _("Planen er tildelt. Borgeren får en sms %(when)s, hvis borgeren er tilmeldt NemSMS.") % {
        "when": text_messages.soon(message.leaves_at, care_plan.assigned_at)
    }
