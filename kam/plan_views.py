"""Plans in KAM: the list, a new plan, one plan with its time line, its texts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import owner_of
from kam.plan_forms import ExampleForm, PlanForm
from kam.time_line import time_line
from plans import building
from plans.models import Activity, Plan

_ACTIVITIES = Prefetch(
    "activities",
    Activity.objects.select_related("version", "after__version").defer(
        "version__source", "after__version__source"
    ),
)


@require_GET
@permission_required(Permission.SEE_KAM)
def plans(request: StaffRequest) -> HttpResponse:
    visible = visible_plans(request).order_by("title", "-version")
    context = {"plans": visible, "may_plan": request.actor.may(Permission.EDIT_PLAN)}
    return render(request, "kam/plans.html", context)


@permission_required(Permission.EDIT_PLAN)
def new_plan(request: StaffRequest) -> HttpResponse:
    """The plan's own words; its questionnaires follow. `?questionnaire=` leads on to that one."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan = building.create_plan(texts=form.texts(), owner=owner_of(request))
        messages.success(request, _("Planen er gemt som kladde. Vælg nu, hvad borgeren skal svare på."))
        address = reverse("kam:new_activity", args=[plan.pk])
        questionnaire = request.POST.get("questionnaire") or request.GET.get("questionnaire")
        return redirect(f"{address}?questionnaire={UUID(questionnaire)}" if is_id(questionnaire) else address)
    context = {"form": form, "questionnaire": request.GET.get("questionnaire", "")}
    return render(request, "kam/plan_texts.html", context, status=422 if form.is_bound else 200)


@permission_required(Permission.EDIT_PLAN)
def texts(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """Change a draft's own words."""
    plan = get_object_or_404(Plan, pk=plan_id, owner=owner_of(request))
    written = {name: getattr(plan, name) for name in PlanForm.base_fields}
    form = PlanForm(request.POST or None, initial=written)
    if request.method == "POST" and form.is_valid():
        building.change_texts(plan=plan, texts=form.texts())
        messages.success(request, _("Planens tekster er gemt."))
        return redirect("kam:plan", plan_id=plan.pk)
    context = {"form": form, "plan": plan}
    return render(request, "kam/plan_texts.html", context, status=422 if form.is_bound else 200)


@require_GET
@permission_required(Permission.SEE_KAM)
def plan(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    """All of a plan: what it asks when, drawn for an example; its texts; what can be done with it."""
    visible = visible_plans(request).select_related("published_by", "copied_from")
    plan = get_object_or_404(visible.annotate(assigned=Count("care_plans")), pk=plan_id)
    context = {
        "plan": plan,
        **drawn(request, plan),
        "versions": visible_plans(request).filter(line=plan.line).order_by("-version"),
        **_acts(request, plan),
    }
    if request.htmx:
        return render(request, "kam/_time_line.html", context)
    return render(request, "kam/plan.html", context)


def drawn(request: StaffRequest, plan: Plan, activities: list[Activity] | None = None) -> dict[str, Any]:
    """The time line of a plan, or of these activities of it, and the form that says for which dates."""
    found = list(plan.activities.all()) if activities is None else activities
    data = request.POST if request.method == "POST" else request.GET
    example = ExampleForm(data, today=timezone.localdate())
    start, appointment = example.dates()
    return {
        "example": example,
        "asks_appointment": any(one.kind == "appointment" for one in found),
        "time_line": time_line(found, start=start, appointment=appointment) if found else None,
    }


def visible_plans(request: StaffRequest) -> QuerySet[Plan]:
    """The plans that the administrator may see, with owner and activities."""
    visible = Plan.objects.visible_in_kam(owner_of(request))
    return visible.select_related("owner").prefetch_related(_ACTIVITIES)


def _acts(request: StaffRequest, plan: Plan) -> dict[str, bool | list[str]]:
    """What the administrator can do with it; nothing that would be refused."""
    is_own = plan.owner_id == request.actor.municipality_id
    may_edit = request.actor.may(Permission.EDIT_PLAN)
    may_publish = request.actor.may(Permission.PUBLISH_PLAN) and is_own
    is_open = plan.is_draft or plan.is_in_review
    problems = building.problems_of(plan) if is_own and is_open else []
    is_newest = not Plan.objects.filter(line=plan.line, version__gt=plan.version).exists()
    return {
        "may_edit": may_edit and is_own and plan.is_draft,
        "may_send": may_edit and is_own and plan.is_draft and not problems,
        "may_send_back": (may_edit or may_publish) and is_own and plan.is_in_review,
        "may_publish": may_publish and is_open and not problems,
        "may_retire": may_publish and plan.is_active,
        "may_renew": may_edit and is_own and not is_open and is_newest,
        "may_copy": may_edit and not is_own and plan.owner_id is None and plan.is_active,
        "problems": problems,
    }


def is_id(text: str | None) -> bool:
    """Whether it can be the id of something."""
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True
