"""What becomes of a plan: looked through, published, made anew, copied, out of use."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import owner_of, staff_member
from plans import publishing
from plans.models import Plan


@require_POST
@permission_required(Permission.EDIT_PLAN)
def send_to_review(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = publishing.send_to_review(plan=_own(request, plan_id))
    messages.success(request, _("Planen er klar til gennemsyn. Bed en kollega om at se den igennem."))
    return redirect("kam:plan", plan_id=plan.pk)


@require_POST
@permission_required(Permission.EDIT_PLAN)
def send_back(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = publishing.send_back(plan=_own(request, plan_id))
    messages.success(request, _("Planen er en kladde igen og kan rettes."))
    return redirect("kam:plan", plan_id=plan.pk)


@require_POST
@permission_required(Permission.PUBLISH_PLAN)
def publish(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = _own(request, plan_id)
    publishing.publish_plan(plan=plan, by=staff_member(request), at=timezone.now())
    messages.success(
        request, _("»%(title)s« er udgivet. Personalet kan nu tildele den.") % {"title": plan.title}
    )
    return redirect("kam:plan", plan_id=plan.pk)


@require_POST
@permission_required(Permission.PUBLISH_PLAN)
def retire(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = publishing.retire_plan(plan=_own(request, plan_id))
    messages.success(
        request, _("»%(title)s« er udgået. Borgere, der har den, fortsætter.") % {"title": plan.title}
    )
    return redirect("kam:plan", plan_id=plan.pk)


@require_POST
@permission_required(Permission.EDIT_PLAN)
def new_version(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    draft = publishing.new_version(plan=_own(request, plan_id))
    messages.success(
        request,
        _("Her er en kladde til version %(number)s. Ret den, og udgiv den.") % {"number": draft.version},
    )
    return redirect("kam:plan", plan_id=draft.pk)


@require_POST
@permission_required(Permission.EDIT_PLAN)
def copy(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    owner = owner_of(request)
    if owner is None:
        raise Http404
    plan = get_object_or_404(Plan.objects.visible_in_kam(owner), pk=plan_id, owner=None)
    draft = publishing.copy_national(plan=plan, owner=owner)
    messages.success(request, _("Planen er kopieret til jeres egen kladde. Ret den, og udgiv den."))
    return redirect("kam:plan", plan_id=draft.pk)


def _own(request: StaffRequest, plan_id: UUID) -> Plan:
    return get_object_or_404(Plan, pk=plan_id, owner=owner_of(request))
