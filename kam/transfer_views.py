"""Questionnaires in and out of KAM as files."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.rate_limits import Action, limited
from identity.roles import Permission
from kam.forms import ImportForm
from kam.owners import owner_of, staff_member
from kam.versions import visible_version
from questionnaires import import_batches
from questionnaires.definitions import definition_of
from questionnaires.import_models import ImportBatch, ImportFile
from questionnaires.models import QuestionnaireVersion
from questionnaires.transfer.paper import empty_form
from questionnaires.transfer.qfdd_writing import as_qfdd
from questionnaires.transfer.sheet_columns import WIDTHS
from questionnaires.transfer.sheet_rows import example_rows, rows_of
from questionnaires.transfer.tables import as_xlsx

FHIR = "application/fhir+json; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ISSUES = 10
"""Of one file in the list of many; the page of the draft shows all."""


@permission_required(Permission.EDIT_QUESTIONNAIRE)
@limited(Action.IMPORT, "POST")
def import_file(request: StaffRequest) -> HttpResponse:
    """Read a file; what is in it is shown before any of it is stored."""
    # An upload that was cut off on its way may hold no field at all: that is a form without a file, not none.
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    refused: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        batch = import_batches.begin(
            content=form.cleaned_data["file"],
            name=form.cleaned_data["file_name"],
            owner=owner_of(request),
            by=staff_member(request),
            at=timezone.now(),
        )
        refused = _why_nothing_of_it(batch)
        if refused is None:
            return redirect("kam:import_batch", batch_id=batch.pk)
        batch.delete()
    failed = refused is not None or (form.is_bound and not form.is_valid())
    waiting = _own_batches(request).exclude(state=ImportBatch.State.DONE).order_by("-created_at")
    context = {"form": form, "refused": refused, "waiting": waiting}
    return render(request, "kam/import.html", context, status=422 if failed else 200)


@require_GET
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def import_batch(request: StaffRequest, batch_id: UUID) -> HttpResponse:
    """What an upload holds, how far it has come, and what became of each; asked for again while it is worked on."""
    batch = get_object_or_404(_own_batches(request), pk=batch_id)
    template = "kam/_import_batch.html" if request.htmx else "kam/import_batch.html"
    return render(request, template, _batch_context(batch))


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def store_import(request: StaffRequest, batch_id: UUID) -> HttpResponse:
    """Make drafts of the chosen ones."""
    batch = get_object_or_404(_own_batches(request), pk=batch_id)
    positions = [int(text) for text in request.POST.getlist("file") if text.isascii() and text.isdigit()]
    try:
        batch = import_batches.choose(
            batch=batch, positions=[number for number in positions if number < 2**31], at=timezone.now()
        )
    except import_batches.NothingChosen as problem:
        context = {**_batch_context(batch), "problem": problem.sentence}
        return render(request, "kam/import_batch.html", context, status=422)
    stored = list(batch.files.filter(outcome=ImportFile.Outcome.STORED)[:2])
    if batch.state == ImportBatch.State.DONE and len(stored) == 1 and batch.files.count() == 1:
        messages.success(request, _("»%(title)s« er importeret som kladde.") % {"title": stored[0].title})
        return redirect("kam:questionnaire", version_id=stored[0].version_id)
    return redirect("kam:import_batch", batch_id=batch.pk)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def drop_import(request: StaffRequest, batch_id: UUID) -> HttpResponse:
    """Give an upload up; drafts that were made of it stay."""
    get_object_or_404(_own_batches(request), pk=batch_id).delete()
    messages.success(request, _("Den uploadede fil er slettet. Kladder, der er gemt fra den, er der stadig."))
    return redirect("kam:import")


@require_GET
@permission_required(Permission.SEE_KAM)
def sheet_template(request: StaffRequest) -> HttpResponse:
    """A spreadsheet with our columns and a few rows that show how they are filled in."""
    rows, header = example_rows()
    content = as_xlsx(rows, title=_("Spørgeskema"), header=header, widths=WIDTHS)
    return _file(content, XLSX, "skabelon.xlsx")


@require_GET
@permission_required(Permission.SEE_KAM)
def export_file(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The FHIR resource as it was imported or built, for another system."""
    version = visible_version(request, version_id)
    content = json.dumps(version.source, ensure_ascii=False, indent=2).encode()
    return _file(content, FHIR, _name(version, "json"))


@require_GET
@permission_required(Permission.SEE_KAM)
def export_sheet(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The questions as a spreadsheet with our columns."""
    version = visible_version(request, version_id)
    rows, header = rows_of(definition_of(version))
    content = as_xlsx(rows, title=version.title, header=header, widths=WIDTHS)
    return _file(content, XLSX, _name(version, "xlsx"))


@require_GET
@permission_required(Permission.SEE_KAM)
def export_qfdd(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """DK-QFDD. What the format has no place for is told first, and only then the file is given."""
    version = visible_version(request, version_id)
    owner = version.questionnaire.owner
    written = as_qfdd(
        definition_of(version),
        version=version.number,
        owner=owner.authority_name if owner else _("Systemadministrationen"),
        at=version.published_at or version.created_at,
    )
    if written.losses and "all" not in request.GET:
        return render(request, "kam/qfdd_losses.html", {"version": version, "losses": written.losses})
    return _file(written.content, "application/xml; charset=utf-8", _name(version, "xml"))


@require_GET
@permission_required(Permission.SEE_KAM)
def paper(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The empty form as a PDF, to print and fill in by hand."""
    version = visible_version(request, version_id)
    definition = definition_of(version)
    content = empty_form(
        definition, title=version.title, language=version.text_language, number=version.number
    )
    name = _name(version, "pdf")
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _own_batches(request: StaffRequest) -> Any:
    return (
        ImportBatch.objects.filter(owner_id=request.actor.municipality_id)
        .select_related("owner")
        .defer("content")
    )


def _why_nothing_of_it(batch: ImportBatch) -> dict[str, Any] | None:
    """The sentence and the issues of an upload that is one questionnaire or none, and refused."""
    if batch.state == ImportBatch.State.REFUSED:
        return {"sentence": batch.refusal, "issues": []}
    if batch.state != ImportBatch.State.READY:
        return None
    files = list(batch.files.all()[:2])
    if len(files) != 1 or files[0].relation != ImportFile.Relation.REFUSED:
        return None
    return {"sentence": files[0].refusal, "issues": _issues(files[0].issues)}


def _batch_context(batch: ImportBatch) -> dict[str, Any]:
    context: dict[str, Any] = {"batch": batch}
    if batch.is_at_work:
        counts = batch.files.aggregate(read=Count("pk"), to_store=Count("pk", filter=_TO_STORE))
        done = counts["read"]
        if batch.state == ImportBatch.State.STORING:
            done = max(0, (batch.expected or 0) - counts["to_store"])
        return context | {"done": done, "expected": max(batch.expected or 0, done)}
    files = list(batch.files.defer("source").order_by("position"))
    shown = [
        {
            "file": file,
            "issues": _issues(file.issues[:MOST_ISSUES]),
            "more": max(0, len(file.issues) - MOST_ISSUES),
        }
        for file in files
    ]
    return context | {
        "files": shown,
        "usable": sum(file.is_usable for file in files),
        "stored": sum(file.outcome == ImportFile.Outcome.STORED for file in files),
        "failed": sum(file.outcome == ImportFile.Outcome.FAILED for file in files),
    }


_TO_STORE = Q(is_chosen=True, outcome=ImportFile.Outcome.WAITING)


def _issues(kept: list[Mapping[str, str]]) -> list[dict[str, str]]:
    """Kept issues as the list of them shows any, in the language of the screen."""
    language = "en" if (get_language() or "da").startswith("en") else "da"
    return [{**issue, "text": issue[language]} for issue in kept]


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)


def _name(version: QuestionnaireVersion, ending: str) -> str:
    return f"{slugify(version.title) or 'questionnaire'}-v{version.number}.{ending}"
