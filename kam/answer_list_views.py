"""Answer lists in KAM: the list of them, a new one, changing and deleting one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.answer_list_forms import AnswerListForm, as_lines
from kam.owners import owner_of
from kam.versions import visible_version
from questionnaires.authoring.answer_lists import can_use_list, options_of
from questionnaires.authoring.refusals import CannotDo
from questionnaires.authoring.tree import find, name_of
from questionnaires.kept_answer_lists import NameTaken, options_in, save_answer_list
from questionnaires.models import AnswerList

A_PAGE = 50


@require_GET
@permission_required(Permission.SEE_KAM)
def answer_lists(request: StaffRequest) -> HttpResponse:
    usable = AnswerList.objects.usable_by(owner_of(request)).select_related("owner").order_by("name", "pk")
    context = {
        "page": Paginator(usable, A_PAGE).get_page(request.GET.get("page")),
        "may_edit": request.actor.may(Permission.EDIT_QUESTIONNAIRE),
        "own_id": request.actor.municipality_id,
    }
    return render(request, "kam/answer_lists.html", context)


@permission_required(Permission.EDIT_QUESTIONNAIRE)
def new_answer_list(request: StaffRequest) -> HttpResponse:
    form = AnswerListForm(request.POST or None, initial=_from_question(request))
    return _written(request, form, None)


@permission_required(Permission.EDIT_QUESTIONNAIRE)
def answer_list(request: StaffRequest, list_id: UUID) -> HttpResponse:
    kept = get_object_or_404(AnswerList.objects.of(owner_of(request)), pk=list_id)
    initial = {"name": kept.name, "options": as_lines(options_in(kept))}
    return _written(request, AnswerListForm(request.POST or None, initial=initial), kept)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def delete_answer_list(request: StaffRequest, list_id: UUID) -> HttpResponse:
    kept = get_object_or_404(AnswerList.objects.of(owner_of(request)), pk=list_id)
    kept.delete()
    messages.success(request, _("Svarlisten »%(name)s« er slettet.") % {"name": kept.name})
    return redirect("kam:answer_lists")


def _written(request: StaffRequest, form: AnswerListForm, kept: AnswerList | None) -> HttpResponse:
    """Keep what was written, or show it again with what is wrong."""
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_answer_list(
                owner=owner_of(request),
                name=form.cleaned_data["name"],
                options=form.cleaned_data["options"],
                at=timezone.now(),
                kept=kept,
            )
        except NameTaken as refusal:
            form.add_error("name", refusal.sentence)
        else:
            messages.success(request, _("Svarlisten »%(name)s« er gemt.") % {"name": saved.name})
            return redirect("kam:answer_lists")
    if kept is not None and form.is_bound:
        kept.refresh_from_db()
    context = {"form": form, "kept": kept}
    return render(request, "kam/answer_list.html", context, status=422 if form.is_bound else 200)


def _from_question(request: StaffRequest) -> dict[str, Any]:
    """The options of the question that is to be saved as a list; nothing where none is named."""
    try:
        version_id = UUID(request.GET.get("fra", ""))
    except ValueError:
        return {}
    version = visible_version(request, version_id)
    try:
        item = find(version.source, request.GET.get("element", ""))
    except CannotDo as gone:
        raise Http404 from gone
    if not can_use_list(item):
        return {}
    return {"name": name_of(item)[:100], "options": as_lines(options_of(item))}
