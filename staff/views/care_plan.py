"""A plan that a citizen has: its page, and what can be done with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from kommunalpro.problems import Problem
from plans import asking_once_more, changing, pausing, selectors, services
from plans.models import CarePlan, Task
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.adjusted_rows import shown
from staff.pages import render_page
from staff.plan_forms import ChangeForm, ExtraForm, ReasonForm, ResumeForm
from staff.rows import RowWriter
from staff.seen import seen
from staff.views.citizens import about

MOST_TASKS = 60
"""How many tasks the page lists; a daily plan has a year of them."""


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def care_plan(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """The plan with its tasks and what was done with it; and what this person may do."""
    return _page(request, _found(request, care_plan_id))


@require_POST
@municipal_staff(Permission.ADJUST_PLAN)
def pause(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """Let it rest."""
    plan, form, now = _found(request, care_plan_id), ReasonForm(request.POST, prefix="pause"), timezone.now()
    return _done(
        request,
        plan,
        {"pause_form": form},
        lambda: pausing.pause(
            care_plan=plan, reason=form.cleaned_data["reason"], by=member_of_staff(request), at=now
        ),
        _("Planen er sat på pause. Borgeren bliver ikke spurgt, før du genoptager den."),
    )


@require_POST
@municipal_staff(Permission.ADJUST_PLAN)
def stop(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """End it before its time."""
    plan, form, now = _found(request, care_plan_id), ReasonForm(request.POST, prefix="stop"), timezone.now()
    return _done(
        request,
        plan,
        {"stop_form": form},
        lambda: services.revoke_care_plan(
            care_plan=plan, reason=form.cleaned_data["reason"], by=member_of_staff(request), at=now
        ),
        _("Planen er stoppet, og de opgaver, der var tilbage, er aflyst."),
    )


@require_POST
@municipal_staff(Permission.ADJUST_PLAN)
def ask(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """Ask one of its questionnaires once more, now."""
    plan, now = _found(request, care_plan_id), timezone.now()
    form = ExtraForm(request.POST, care_plan=plan)
    return _done(
        request,
        plan,
        {"extra_form": form},
        lambda: asking_once_more.ask_once_more(
            care_plan=plan,
            activity=form.activities[form.cleaned_data["activity"]],
            days=form.cleaned_data["days"],
            reason=form.cleaned_data["reason"],
            by=member_of_staff(request),
            at=now,
        ),
        _("Borgeren kan svare på spørgeskemaet nu. Der sendes ingen sms af sig selv."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ADJUST_PLAN)
def resume(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """GET: the day. POST: what going on from it brings; with `confirm`, let it go on."""
    plan, now = _found(request, care_plan_id), timezone.now()
    form = ResumeForm(request.POST if request.method == "POST" else None, now=now)
    context: dict[str, Any] = {"form": form, "problem": ""}
    if form.is_valid():
        on = form.cleaned_data["on"]
        try:
            if "confirm" in request.POST:
                pausing.resume(care_plan=plan, on=on, by=member_of_staff(request), at=now)
                day = date_format(on, "SHORT_DATE_FORMAT")
                return _accepted(request, plan, _("Planen er genoptaget fra %(day)s.") % {"day": day})
            left = pausing.resumption(care_plan=plan, on=on, at=now)
            context |= {
                "chosen_day": form["on"].value(),
                "open": [shown(task, window) for task, window in left.open],
                "called_off": _rows(left.called_off),
                "is_shown": True,
            }
        except Problem as refusal:
            context["problem"] = refusal.sentence
    return _form_page(request, plan, "staff/care_plan_resume.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ADJUST_PLAN)
def change(request: MunicipalRequest, care_plan_id: UUID) -> HttpResponse:
    """GET: the form. POST: what the change would do; with `confirm`, make it."""
    plan, now = _found(request, care_plan_id), timezone.now()
    versions = selectors.versions_to_go_on_with(plan)
    form = ChangeForm(request.POST if request.method == "POST" else None, care_plan=plan, versions=versions)
    context: dict[str, Any] = {"form": form, "problem": ""}
    if form.is_valid():
        wanted = changing.Wanted(
            plan=next(one for one in versions if one.pk == form.cleaned_data["plan"].pk),
            starts_on=form.cleaned_data["starts_on"],
            appointment_on=form.cleaned_data.get("appointment_on"),
        )
        reason = form.cleaned_data["reason"]
        try:
            if "confirm" in request.POST:
                by = member_of_staff(request)
                goes_on = changing.change_care_plan(
                    care_plan=plan, wanted=wanted, reason=reason, by=by, at=now
                )
                return _accepted(request, goes_on, _("Planen er ændret."))
            effect = changing.effect(care_plan=plan, wanted=wanted, at=now)
            context |= {
                "keep": _rows(effect.keep),
                "cancel": _rows(effect.cancel),
                "add": _rows(effect.add),
                "is_shown": True,
            }
        except Problem as refusal:
            context["problem"] = refusal.sentence
    return _form_page(request, plan, "staff/care_plan_change.html", context)


def _rows(tasks: list[Task]) -> list[Any]:
    write = RowWriter(timezone.now())
    return [write.task_row(task) for task in tasks]


def _found(request: MunicipalRequest, care_plan_id: UUID) -> CarePlan:
    found = selectors.care_plan_for(care_plan_id, request.municipality)
    if found is None:
        raise Http404
    return found


def _done(
    request: MunicipalRequest,
    plan: CarePlan,
    form: dict[str, Any],
    act: Callable[[], object],
    sentence: str,
) -> HttpResponse:
    """Act where the form is right, and say so; else the page again, with what is wrong."""
    (given,) = form.values()
    if not given.is_valid():
        return _page(request, plan, **form)
    try:
        act()
    except Problem as refusal:
        return _page(request, plan, problem=refusal.sentence, **form)
    return _accepted(request, plan, sentence)


def _accepted(request: MunicipalRequest, plan: CarePlan, sentence: str) -> HttpResponse:
    use = Use(What.CARE_PLAN, Action.CHANGE, subject_id=plan.pk)
    seen(request, [plan.citizen_id], use, at=timezone.now())
    messages.success(request, sentence)
    return redirect("staff:care_plan", plan.pk)


def _page(request: MunicipalRequest, plan: CarePlan, *, problem: str = "", **given: Any) -> HttpResponse:
    now = timezone.now()
    seen(request, [plan.citizen_id], Use(What.CARE_PLAN, subject_id=plan.pk), at=now)
    tasks = selectors.tasks_of_citizen(plan.citizen, request.municipality).filter(care_plan=plan)
    rows = list(tasks.order_by("opens_at", "pk")[: MOST_TASKS + 1])
    context = {
        **about(plan.citizen, request, now=now),
        "care_plan": plan,
        "problem": problem,
        "tasks": _rows(rows[:MOST_TASKS]),
        "has_more": len(rows) > MOST_TASKS,
        "events": selectors.events_with([plan], plan.citizen, request.municipality),
        "may_adjust": request.actor.may(Permission.ADJUST_PLAN),
        "pause_form": ReasonForm(prefix="pause"),
        "stop_form": ReasonForm(prefix="stop"),
        "extra_form": ExtraForm(care_plan=plan),
        **given,
    }
    wrong = [form for form in given.values() if isinstance(form, forms.Form)]
    context["wrong"] = wrong[0] if wrong else None
    status = 422 if problem or wrong else 200
    return render_page(request, "staff/care_plan.html", context, now=now, status=status)


def _form_page(
    request: MunicipalRequest, plan: CarePlan, template: str, context: dict[str, Any]
) -> HttpResponse:
    now = timezone.now()
    seen(request, [plan.citizen_id], Use(What.CARE_PLAN, subject_id=plan.pk), at=now)
    wrong = context["problem"] or context["form"].errors
    page = {**about(plan.citizen, request, now=now), "care_plan": plan, **context}
    return render_page(request, template, page, now=now, status=422 if wrong else 200)
