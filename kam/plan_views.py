"""Plans in KAM: the list, a new plan, publishing."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.forms import PlanForm
from kam.owners import owner_of, staff_member
from plans import services
from plans.models import Activity, Plan
from plans.schedule import Repeat
from questionnaires.models import QuestionnaireVersion

_ACTIVITIES = Prefetch("activities", Activity.objects.select_related("version").defer("version__source"))


@require_GET
@permission_required(Permission.SEE_KAM)
def plans(request: StaffRequest) -> HttpResponse:
    visible = (
        Plan.objects.visible_in_kam(owner_of(request)).select_related("owner").prefetch_related(_ACTIVITIES)
    )
    context = {"plans": visible, "may_plan": request.actor.may(Permission.EDIT_PLAN)}
    return render(request, "kam/plans.html", context)


@permission_required(Permission.EDIT_PLAN)
def new_plan(request: StaffRequest) -> HttpResponse:
    owner = owner_of(request)
    form = PlanForm(
        request.POST or None, owner=owner, initial={"questionnaire": request.GET.get("questionnaire")}
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        plan = services.create_plan(
            title=chosen["title"],
            description=chosen["description"],
            owner=owner,
            version=chosen["questionnaire"],
            repeat=Repeat(chosen["repeat"]),
            occurrences=chosen["occurrences"],
            answer_days=chosen["answer_days"],
            what_happens_now=chosen["what_happens_now"],
            if_you_get_worse=chosen["if_you_get_worse"],
            citizens_see_scores=chosen["citizens_see_scores"],
            correction_days=chosen["correction_days"],
        )
        messages.success(request, _("Planen er gemt som kladde. Udgiv den, når den er klar."))
        return redirect("kam:plan", plan_id=plan.pk)
    return render(request, "kam/new_plan.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@permission_required(Permission.SEE_KAM)
def plan(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    visible = (
        Plan.objects.visible_in_kam(owner_of(request))
        .select_related("owner", "published_by")
        .prefetch_related(_ACTIVITIES)
        .annotate(assigned=Count("care_plans"))
    )
    plan = get_object_or_404(visible, pk=plan_id)
    may_publish = (
        request.actor.may(Permission.PUBLISH_PLAN)
        and plan.is_draft
        and not plan.uses_an_older_version
        and plan.owner_id == request.actor.municipality_id
    )
    context = {"plan": plan, "may_publish": may_publish}
    if request.actor.may(Permission.EDIT_PLAN):
        context["newer"] = _newer_version(plan)
    return render(request, "kam/plan.html", context)


def _newer_version(plan: Plan) -> QuestionnaireVersion | None:
    """The version to make the plan anew with; None where it uses the newest."""
    older = [activity.version_id for activity in plan.activities.all() if activity.version.has_a_newer]
    newer = QuestionnaireVersion.objects.active().filter(questionnaire__versions__in=older)
    return newer.defer("source").first() if older else None


@require_POST
@permission_required(Permission.PUBLISH_PLAN)
def publish(request: StaffRequest, plan_id: UUID) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=plan_id, owner=owner_of(request))
    services.publish_plan(plan=plan, by=staff_member(request), at=timezone.now())
    messages.success(
        request, _("»%(title)s« er udgivet. Personalet kan nu tildele den.") % {"title": plan.title}
    )
    return redirect("kam:plan", plan_id=plan.pk)
