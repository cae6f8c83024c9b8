"""One questionnaire in KAM: looking, choosing its pages, publishing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.checks import checked
from kam.forms import PagingForm
from kam.life_cycle import life_cycle
from kam.outline import anchors_of, outline_of
from kam.owners import staff_member
from kam.versions import is_own, visible_version
from questionnaires import paging
from questionnaires.building import DraftHeld
from questionnaires.definitions import definition_of
from questionnaires.drafting import DraftChanged
from questionnaires.engine import Definition
from questionnaires.models import PublicationStatus, QuestionnaireVersion


@require_GET
@permission_required(Permission.SEE_KAM)
def questionnaire(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id)
    definition = definition_of(version)
    anchors = anchors_of(definition)
    acts = _acts(request, version, definition)
    context = {
        "version": version,
        "definition": definition,
        "check": checked(version, anchors, may_build=acts["may_edit"]),
        "outline": outline_of(definition),
        **acts,
    }
    return render(request, "kam/questionnaire.html", context)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def choose_paging(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """How much of the questionnaire citizens see at one time."""
    version = visible_version(request, version_id, own=True)
    form = PagingForm(request.POST)
    if not form.is_valid():
        return redirect("kam:questionnaire", version_id=version.pk)  # no choice of ours is without one
    try:
        paging.choose_paging(
            version=version,
            paging=form.cleaned_data["paging"],
            fingerprint=request.POST.get("seen", ""),
            by=staff_member(request),
            at=timezone.now(),
        )
    except (DraftChanged, DraftHeld) as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("Gemt. Sådan bliver spørgsmålene vist, når du udgiver versionen."))
    return redirect("kam:questionnaire", version_id=version.pk)


def _acts(request: StaffRequest, version: QuestionnaireVersion, definition: Definition) -> dict[str, Any]:
    """What this person may do with this version; the page offers nothing else."""
    own = is_own(request, version)
    edits = request.actor.may(Permission.EDIT_QUESTIONNAIRE) and own
    may_edit = edits and version.is_draft
    return {
        "may_build": may_edit,
        "may_begin_anew": edits and not version.is_draft,
        "paging": paging.PagingChoice(definition.paging).label,
        "paging_form": PagingForm(initial={"paging": definition.paging.value}) if may_edit else None,
        "life": life_cycle(request, version, definition),
        "may_edit": may_edit,
        "is_own": own,
        "may_plan": request.actor.may(Permission.EDIT_PLAN) and version.status == PublicationStatus.ACTIVE,
        "new_plan_link": f"{reverse('kam:new_plan')}?questionnaire={version.pk}",
    }
