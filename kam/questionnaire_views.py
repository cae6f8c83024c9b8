"""Questionnaires in KAM: the list, import, looking and trying, publishing."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.rate_limits import Action, limited
from identity.roles import Permission
from kam.forms import ImportForm, PagingForm
from kam.owners import owner_of, staff_member
from questionnaires import engine, paging, services
from questionnaires.definitions import definition_of
from questionnaires.form_reading import RowChange, form_fields, lines_shown, rows_shown
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from questionnaires.rendering import render_page


@require_GET
@permission_required(Permission.SEE_KAM)
def questionnaires(request: StaffRequest) -> HttpResponse:
    versions = (
        QuestionnaireVersion.objects.visible_in_kam(owner_of(request))
        .select_related("questionnaire__owner")
        .defer("source")
        .newest_first()
    )
    context = {"versions": versions, "may_import": request.actor.may(Permission.EDIT_QUESTIONNAIRE)}
    return render(request, "kam/questionnaires.html", context)


@permission_required(Permission.EDIT_QUESTIONNAIRE)
@limited(Action.IMPORT, "POST")
def import_file(request: StaffRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    refused: services.QuestionnaireRefused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            imported = services.import_questionnaire(
                content=form.cleaned_data["file"], owner=owner_of(request)
            )
        except services.QuestionnaireRefused as refusal:
            refused = refusal
        else:
            messages.success(
                request, _("»%(title)s« er importeret som kladde.") % {"title": imported.version.title}
            )
            return redirect("kam:questionnaire", version_id=imported.version.pk)
    failed = refused is not None or (form.is_bound and not form.is_valid())
    context = {"form": form, "refused": refused, "issues": _sentences(refused.issues if refused else ())}
    return render(request, "kam/import.html", context, status=422 if failed else 200)


@require_GET
@permission_required(Permission.SEE_KAM)
def questionnaire(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = _version(request, version_id)
    definition = definition_of(version)
    compilation = engine.compile_questionnaire(version.source)
    document = engine.new_response(definition)
    context = {
        "version": version,
        "definition": definition,
        "issues": _sentences(compilation.issues),
        "page_views": [render_page(definition, page, document) for page in definition.sections],
        **_acts(request, version),
    }
    return render(request, "kam/questionnaire.html", context)


@require_POST
@permission_required(Permission.SEE_KAM)
def try_it(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Answer as a citizen would: shows which questions follow, stores nothing."""
    version = _version(request, version_id)
    definition = definition_of(version)
    document = engine.new_response(definition)
    raw: dict[str, list[str]] = {}
    document = services.with_rows(definition, document, rows_shown(definition, request.POST))
    for page in definition.sections:
        raw |= form_fields(definition, page, request.POST, document=document)
    document, problems = services.apply_fields(definition, document, raw)
    for page in definition.sections:
        if (rows := RowChange.asked_by(definition, page, request.POST)) is not None:
            document = services.change_rows(definition, document, rows)
    lines = lines_shown(request.POST)
    page_views = [
        render_page(definition, page, document, problems=problems, raw=raw, lines=lines)
        for page in definition.sections
    ]
    context: dict[str, Any] = {"version": version, "page_views": page_views}
    if not request.htmx:
        context |= {"definition": definition, "issues": (), **_acts(request, version)}
        return render(request, "kam/questionnaire.html", context)
    return render(request, "kam/_try.html", context)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def choose_paging(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """How much of the questionnaire citizens see at one time."""
    version = get_object_or_404(QuestionnaireVersion, pk=version_id, questionnaire__owner=owner_of(request))
    form = PagingForm(request.POST)
    if not form.is_valid():
        return redirect("kam:questionnaire", version_id=version.pk)  # no choice of ours is without one
    try:
        paging.choose_paging(
            version=version,
            paging=form.cleaned_data["paging"],
            fingerprint=request.POST.get("seen", ""),
        )
    except services.DraftChanged as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("Gemt. Sådan bliver spørgsmålene vist, når du udgiver versionen."))
    return redirect("kam:questionnaire", version_id=version.pk)


@require_POST
@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def publish(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = get_object_or_404(QuestionnaireVersion, pk=version_id, questionnaire__owner=owner_of(request))
    try:
        version = services.publish_questionnaire(
            version=version,
            fingerprint=request.POST.get("fingerprint", ""),
            by=staff_member(request),
            at=timezone.now(),
        )
    except services.DraftChanged as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("kam:questionnaire", version_id=version.pk)
    messages.success(
        request,
        _("»%(title)s« er udgivet som version %(number)s. Du kan nu bruge det i en plan.")
        % {"title": version.title, "number": version.number},
    )
    return redirect("kam:questionnaire", version_id=version.pk)


@require_GET
@permission_required(Permission.SEE_KAM)
def export_file(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The FHIR resource as it was imported or built, for another system."""
    version = _version(request, version_id)
    name = f"{slugify(version.title) or 'questionnaire'}-v{version.number}.json"
    return HttpResponse(
        json.dumps(version.source, ensure_ascii=False, indent=2),
        content_type="application/fhir+json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _version(request: HttpRequest, version_id: UUID) -> QuestionnaireVersion:
    visible = QuestionnaireVersion.objects.visible_in_kam(owner_of(request))  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("questionnaire__owner", "published_by"), pk=version_id)


def _acts(request: StaffRequest, version: QuestionnaireVersion) -> dict[str, Any]:
    """What this person may do with this version; the page offers nothing else."""
    is_own = version.questionnaire.owner_id == request.actor.municipality_id
    chosen = definition_of(version).paging
    may_edit = request.actor.may(Permission.EDIT_QUESTIONNAIRE) and is_own and version.is_draft
    return {
        "paging": paging.PagingChoice(chosen).label,
        "paging_form": PagingForm(initial={"paging": chosen.value}) if may_edit else None,
        "may_publish": request.actor.may(Permission.PUBLISH_QUESTIONNAIRE) and is_own and version.is_draft,
        "may_plan": request.actor.may(Permission.EDIT_PLAN) and version.status == PublicationStatus.ACTIVE,
        "new_plan_link": f"{reverse('kam:new_plan')}?questionnaire={version.pk}",
    }


def _sentences(issues: tuple[engine.Issue, ...]) -> list[dict[str, str]]:
    """The engine's issues in the language of the screen, the worst first."""
    order = [engine.Severity.ERROR, engine.Severity.WARNING, engine.Severity.INFORMATION]
    language = get_language() or "da"
    return [
        {
            "severity": issue.severity.value,
            "text": issue.text(language),
            "expression": issue.expression,
            "label": issue.label,
        }
        for issue in sorted(issues, key=lambda issue: order.index(issue.severity))
    ]
