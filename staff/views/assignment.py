"""Giving a citizen plans: choose, look at the tasks, move or leave some out, confirm."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from citizens.models import Citizen
from identity.access_log import Action, Use, What
from identity.roles import Permission
from kommunalpro.problems import Problem
from notifications import selectors as text_messages
from plans import selectors
from plans.assigning import Wish, assign_plans
from plans.models import CarePlan
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.adjusted_rows import ADJUSTED, AdjustedPlan, adjusted
from staff.assign_form import AssignForm
from staff.pages import render_page
from staff.seen import seen
from staff.views.citizens import about

MOST_ADJUSTED = 400
"""How many tasks are shown as fields at a time: a plan asks 366 times at the most, and nobody goes through more."""


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ASSIGN_PLAN)
def assign(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """GET: the form. POST: what it would make, as it was adjusted; with `confirm`, make it.

    Confirming is a form of its own that sends exactly what was shown.
    """
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    reading = Use(What.ASSIGNMENT)
    data = request.POST if request.method == "POST" else None
    form = AssignForm(data, citizen=person, municipality=request.municipality, now=now, teams=request.teams)
    context: dict[str, Any] = {
        **about(person, request, now=now),
        "form": form,
        "task_messages_are_ours": settings.TASK_MESSAGES_FROM == "us",
        "quiet": settings.NEMSMS_QUIET_HOURS,
    }
    if data is None:
        seen(request, [person.pk], reading, at=now)
        return render_page(request, "staff/assign.html", context, now=now)
    problem, planned = "", _planned(form, person, request)
    is_right = form.is_valid() and all(plan.is_right for plan in planned)
    if is_right and "confirm" in data:
        try:
            given = assign_plans(
                wishes=[_wish(plan, form, is_adjusted=ADJUSTED in data) for plan in planned],
                citizen=person,
                care_team=form.cleaned_data["care_team"],
                by=member_of_staff(request),
                at=now,
            )
        except Problem as refusal:
            problem = refusal.sentence
        else:
            for care_plan in given:
                use = Use(What.ASSIGNMENT, Action.CHANGE, subject_id=care_plan.pk)
                seen(request, [person.pk], use, at=now)
            messages.success(request, what_happened(given))
            return redirect("staff:citizen", person.pk)
    seen(request, [person.pk], reading, at=now)
    context |= {"problem": problem, "planned": planned, "is_adjusting": ADJUSTED in data}
    if planned:
        context |= _preview(form, planned, person, request)
    status = 200 if is_right and not problem else 422
    if getattr(request, "htmx", False):
        return render(request, "staff/_assign_form.html", context, status=status)
    return render_page(request, "staff/assign.html", context, now=now, status=status)


def _planned(form: AssignForm, person: Citizen, request: MunicipalRequest) -> list[AdjustedPlan]:
    """The chosen plans with their tasks as they were adjusted; none while the choice itself is wrong."""
    if not form.is_valid():
        return []
    starts_on, appointment_on = form.cleaned_data["starts_on"], form.cleaned_data["appointment_on"]
    return [
        adjusted(
            plan,
            selectors.planned_tasks(plan, person, starts_on, appointment_on),
            request.POST,
            starts_on=starts_on,
        )
        for plan in form.cleaned_data["plan"]
    ]


def _wish(planned: AdjustedPlan, form: AssignForm, *, is_adjusted: bool) -> Wish:
    return Wish(
        plan=planned.plan,
        starts_on=form.cleaned_data["starts_on"],
        appointment_on=form.cleaned_data["appointment_on"],
        occurrences=planned.occurrences if is_adjusted else None,
    )


def _preview(
    form: AssignForm, planned: list[AdjustedPlan], person: Citizen, request: MunicipalRequest
) -> dict[str, Any]:
    taken = [task for plan in planned for task in plan.taken]
    number = sum(len(plan.rows) for plan in planned)
    return {
        "chosen": form.cleaned_data,
        "may_adjust": number <= MOST_ADJUSTED,
        "chosen_day": form["starts_on"].value(),
        "chosen_appointment": form["appointment_on"].value() if form.asks_appointment else "",
        "number_taken": len(taken),
        "number_left_out": number - len(taken),
        "following": [one for plan in planned for one in plan.plan.activities.all() if one.after_id],
        "uses_an_older_version": any(plan.plan.uses_an_older_version for plan in planned),
        "asked_twice": selectors.same_asked_twice(taken, person, request.municipality),
        "row_errors": [(f"on-{row.key}", row.error) for plan in planned for row in plan.rows if row.error],
    }


def what_happened(given: list[CarePlan]) -> str:
    """The plans are assigned, and whether the citizen hears of it now, later or not at all."""
    first = given[0]
    assigned = ngettext("Planen er tildelt.", "%(number)s planer er tildelt.", len(given)) % {
        "number": len(given)
    }
    if first.episode.citizen.is_outside_nemsms:
        hears = _("Borgeren var ikke tilmeldt NemSMS, da vi sidst spurgte, så fortæl borgeren om opgaven.")
        return f"{assigned} {hears}"
    found = [message for message in map(text_messages.message_about, given) if message is not None]
    if not found:
        return f"{assigned} " + _("Borgeren får en sms om opgaverne fra FUT.")
    message = min(found, key=lambda one: one.leaves_at)
    if message.leaves_at <= first.assigned_at:
        return f"{assigned} " + _("Borgeren får en sms nu, hvis borgeren er tilmeldt NemSMS.")
    when = text_messages.soon(message.leaves_at, first.assigned_at)
    return f"{assigned} " + _("Borgeren får en sms %(when)s, hvis borgeren er tilmeldt NemSMS.") % {
        "when": when
    }
