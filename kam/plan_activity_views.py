"""The questionnaires of a draft plan: added, changed, moved, taken out; drawn while they are changed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.activity_forms import ActivityForm, initial_of
from kam.owners import owner_of
from kam.plan_views import drawn
from plans import building
from plans.describing import describe_activity
from plans.models import Activity, Plan
from questionnaires.models import PublicationStatus


@permission_required(Permission.EDIT_PLAN)
def new_activity(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = _draft(request, plan_id)
    initial = {"questionnaire": request.GET.get("questionnaire")}
    form = ActivityForm(_data(request), plan=plan, owner=plan.owner, initial=initial)
    if _is_sent(request) and form.is_valid():
        building.add_activity(plan=plan, content=form.content())
        messages.success(request, _("Spørgeskemaet er sat ind i planen."))
        return redirect("kam:plan", plan_id=plan.pk)
    return _page(request, plan, form, None)


@permission_required(Permission.EDIT_PLAN)
def activity(request: StaffRequest, plan_id: UUID, activity_id: UUID) -> HttpResponse:
    plan = _draft(request, plan_id)
    found = _activity(plan, activity_id)
    form = ActivityForm(
        _data(request), plan=plan, owner=plan.owner, activity=found, initial=initial_of(found)
    )
    if _is_sent(request) and form.is_valid():
        building.change_activity(activity=found, content=form.content())
        messages.success(request, _("Ændringen er gemt."))
        return redirect("kam:plan", plan_id=plan.pk)
    return _page(request, plan, form, found)


@require_POST
@permission_required(Permission.EDIT_PLAN)
def move(request: StaffRequest, plan_id: UUID, activity_id: UUID) -> HttpResponse:
    plan = _draft(request, plan_id)
    building.move_activity(activity=_activity(plan, activity_id), up=request.POST.get("direction") == "up")
    return redirect("kam:plan", plan_id=plan.pk)


@require_POST
@permission_required(Permission.EDIT_PLAN)
def remove(request: StaffRequest, plan_id: UUID, activity_id: UUID) -> HttpResponse:
    plan = _draft(request, plan_id)
    building.remove_activity(activity=_activity(plan, activity_id))
    messages.success(request, _("Spørgeskemaet er taget ud af planen."))
    return redirect("kam:plan", plan_id=plan.pk)


def _draft(request: StaffRequest, plan_id: UUID) -> Plan:
    """The administrator's own draft that an address names."""
    own = Plan.objects.filter(owner=owner_of(request), status=PublicationStatus.DRAFT)
    return get_object_or_404(own.select_related("owner"), pk=plan_id)


def _activity(plan: Plan, activity_id: UUID) -> Activity:
    found = plan.activities.select_related("version", "after__version")
    return get_object_or_404(found.defer("version__source", "after__version__source"), pk=activity_id)


def _data(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _is_sent(request: StaffRequest) -> bool:
    """Whether the form is to be kept, not only shown with other fields."""
    return request.method == "POST" and "look" not in request.POST and not request.htmx


def _page(request: StaffRequest, plan: Plan, form: ActivityForm, found: Activity | None) -> HttpResponse:
    """The form with the fields that its rhythm asks for, and what would come of it."""
    if form.is_bound and not _is_sent(request):
        # Looked at, not sent: what is not filled in yet is no error, and what was not shown begins as always.
        before = initial_of(found) if found is not None else {}
        form = ActivityForm(
            plan=plan,
            owner=plan.owner,
            activity=found,
            initial={**before, **{name: form[name].value() for name in _shown_before(request)}},
        )
        as_shown = {name: form[name].value() for name in form.fields}
        unsaved = _unsaved(plan, ActivityForm(as_shown, plan=plan, owner=plan.owner, activity=found), found)
    else:
        unsaved = found
    activities = [one for one in plan.activities.select_related("version", "after__version") if one != found]
    if unsaved is not None:
        activities.append(unsaved)
    activities.sort(key=lambda one: one.position)
    context = {
        "plan": plan,
        "activity": found,
        "form": form,
        "sentence": describe_activity(unsaved) if unsaved is not None else "",
        **drawn(request, plan, activities),
    }
    if request.htmx:
        return render(request, "kam/_activity_form.html", context)
    return render(request, "kam/activity.html", context, status=422 if form.is_bound else 200)


def _shown_before(request: StaffRequest) -> set[str]:
    """The fields that the browser has shown; of boxes to tick nothing is sent where none is ticked."""
    shown = ActivityForm.base_fields.keys() & request.POST.keys()
    return shown | {"overlaps"} | ({"weekdays"} if "every_weeks" in shown else set())


def _unsaved(plan: Plan, form: ActivityForm, found: Activity | None) -> Activity | None:
    """The activity as the form says it, where that is whole; nothing is stored."""
    if not form.is_valid():
        return found
    content = form.content()
    position = found.position if found is not None else plan.activities.count()
    return Activity(
        **({"pk": found.pk} if found is not None else {}), plan=plan, position=position, **content.columns()
    )
