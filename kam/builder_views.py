"""The builder: a questionnaire's outline, its page as the citizen will see it, and the settings of one element.

Every act is a form, so that the page works without a script; with one, htmx swaps the middle and the settings
(`#work`), the bar above them, and those lines of the outline that have changed (`builder_outline.patches`).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam import builder_outline
from kam.builder_acts import Act, UnknownAct, act_of
from kam.builder_forms import AnswersForm, ElementForm, HeadForm, StartForm
from kam.builder_screen import Screen
from kam.owners import owner_of, staff_member
from kam.panels import offered_panels
from kam.versions import visible_version
from questionnaires import building
from questionnaires.authoring import answers, settings
from questionnaires.authoring.head import with_head
from questionnaires.authoring.outline import outline
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.authoring.tree import find, name_of
from questionnaires.building import DraftHeld, EditRefused, NothingToUndo
from questionnaires.drafting import DraftChanged
from questionnaires.kept_drafts import load_source
from questionnaires.models import DraftStep, QuestionnaireVersion

SELECTED = "valgt"
MOST_IN_HISTORY = 100


# --- beginning and leaving ------------------------------------------------------------------------------------


@permission_required(Permission.EDIT_QUESTIONNAIRE)
def new_questionnaire(request: StaffRequest) -> HttpResponse:
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = building.start_questionnaire(
            owner=owner_of(request),
            title=form.cleaned_data["title"],
            by=staff_member(request),
            at=timezone.now(),
        )
        return redirect("kam:builder", version_id=version.pk)
    return render(request, "kam/new_questionnaire.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def new_version(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """From the page of a version that is published: the draft that follows it."""
    version = _own(request, version_id)
    draft = building.new_version(version=version, by=staff_member(request), at=timezone.now())
    return redirect("kam:builder", version_id=draft.pk)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def leave(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """“Færdig for nu”: the draft is free for others."""
    version = _own(request, version_id)
    building.give_up(version=version, by=staff_member(request))
    return redirect("kam:questionnaire", version_id=version.pk)


# --- looking --------------------------------------------------------------------------------------------------


@require_GET
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def builder(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = _own(request, version_id)
    if not version.is_draft:
        return redirect("kam:questionnaire", version_id=version.pk)
    selected, open_panel = request.GET.get(SELECTED, ""), request.GET.get("panel", "")
    if _is_part(request):
        held = building.holder_of(version, at=timezone.now())
        is_mine = held is None or held.staff_id == request.actor.staff_id
        screen = Screen(version, selected, may_edit=is_mine, open_panel=open_panel)
        return render(request, "kam/_builder_work.html", screen.work())
    held_by: DraftHeld | None = None
    try:
        building.take(version=version, by=staff_member(request), at=timezone.now())
    except DraftHeld as refusal:
        held_by = refusal
    screen = Screen(version, selected, may_edit=held_by is None, open_panel=open_panel)
    context = {
        **screen.work(),
        **screen.bar(),
        "outline": builder_outline.drawn(outline(version.source), screen.selected),
        "has_tests": version.questionnaire.tests.exists(),
        "held_by": held_by,
        "is_free_at": held_by.holder.last_act_at + building.IDLE if held_by else None,
    }
    return render(request, "kam/builder.html", context)


@require_GET
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def history(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = _own(request, version_id)
    held = building.holder_of(version, at=timezone.now())
    is_mine = held is None or held.staff_id == request.actor.staff_id
    oldest = version.steps.defer("delta").order_by("number").first()
    context = {
        "version": version,
        "oldest": oldest,
        "before_oldest": oldest.number - 1 if oldest else 0,
        "steps": version.steps.select_related("by").defer("delta").order_by("-number")[:MOST_IN_HISTORY],
        "last": building.last_step(version),
        "may_edit": is_mine and version.is_draft,
    }
    return render(request, "kam/builder_history.html", context)


# --- doing ----------------------------------------------------------------------------------------------------


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def act(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Add, move, duplicate, delete, undo, do again, go back to a step: whatever a button says."""
    version = _own(request, version_id)
    name = request.POST.get("act", "")
    if name in ("undo", "redo", "go"):
        return _through_history(request, version, name)
    selected = request.POST.get("at", "")
    try:
        asked = act_of(request.POST, version.source)
    except UnknownAct:
        return HttpResponseBadRequest()
    except CannotDo as refusal:
        screen = Screen(version, "", notice=EditRefused(refusal).sentence)
        return _answered(request, version, screen, refused=True)
    return _done(request, version, asked, selected)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def set_settings(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The settings of the element, or of the questionnaire itself where none is selected."""
    version = _own(request, version_id)
    at = request.POST.get("at", "")
    item = _item(version, at)
    if at and item is None:
        return _gone(request, version)
    if item is None:
        head = HeadForm(version.source, request.POST)
        given = head.to_change()
        named = ", ".join(str(head.fields[name].label) for name in given)
        asked = Act(DraftStep.Act.HEAD, lambda source: with_head(source, given), named)
        return _done(request, version, asked, "", head_form=head)
    form = ElementForm(item, request.POST)
    to_set = form.to_set()

    def operation(source: dict[str, Any]) -> dict[str, Any]:
        for name, value in to_set.items():
            source = settings.with_setting(source, at, name, value)
        return source

    if set(to_set) == {"text"}:
        asked = Act(DraftStep.Act.TEXT, operation, to_set["text"], at)
    else:
        words = ", ".join(str(form.fields[name].label).lower() for name in to_set)
        asked = Act(
            DraftStep.Act.SETTING,
            operation,
            _("%(words)s for %(name)s") % {"words": words, "name": name_of(item)},
            at,
        )
    return _done(request, version, asked, at, element_form=form)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def set_answers(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The answers to choose among: written, moved, removed."""
    version = _own(request, version_id)
    at = request.POST.get("at", "")
    item = _item(version, at)
    if item is None:
        return _gone(request, version)
    form = AnswersForm(item, request.POST)
    chosen = form.answers()
    if remove := request.POST.get("remove"):
        chosen = tuple(answer for answer in chosen if answer.key != remove)
    for name, step in (("up", -1), ("down", 1)):
        if key := request.POST.get(name):
            chosen = answers.moved_answer(chosen, key, step)
    asked = Act(
        DraftStep.Act.ANSWERS,
        lambda source: answers.with_answers(source, at, chosen),
        name_of(item),
        at,
    )
    return _done(request, version, asked, at, answers_form=form if form.has_errors else None)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def set_panel(request: StaffRequest, version_id: UUID, link_id: str, name: str) -> HttpResponse:
    """What one of the panels (`kam.panels`) asks for."""
    version = _own(request, version_id)
    item = _item(version, link_id)
    panel = next((one for one in offered_panels(version, item) if one.name == name), None)
    if item is None or panel is None:
        return _gone(request, version)
    form = panel.form(version.source, link_id, request.POST, request.FILES, version=version)
    if not form.is_valid():
        screen = Screen(version, link_id, panel_forms={name: form})
        return _answered(request, version, screen, refused=True)
    asked = Act(
        DraftStep.Act.PANEL,
        lambda source: panel.changed(source, link_id, form),
        _("%(words)s for %(name)s") % {"words": str(panel.title).lower(), "name": name_of(item)},
        link_id,
    )
    return _done(request, version, asked, link_id, open_panel=name)


# --- how all of them end --------------------------------------------------------------------------------------


def _done(
    request: StaffRequest, version: QuestionnaireVersion, asked: Act, selected: str, **forms: Any
) -> HttpResponse:
    """Do it and show what has changed; where it is refused, say why beside the element."""

    def edit() -> tuple[QuestionnaireVersion, str]:
        done = building.edit(
            version=version,
            operation=asked.operation,
            act=asked.act,
            about=asked.about,
            link_id=asked.selected or selected,
            fingerprint=request.POST.get("seen", ""),
            by=staff_member(request),
            at=timezone.now(),
        )
        return done, asked.selected

    return _after(request, version, edit, selected, **forms)


def _through_history(request: StaffRequest, version: QuestionnaireVersion, name: str) -> HttpResponse:
    seen, by, at = request.POST.get("seen", ""), staff_member(request), timezone.now()

    def go() -> tuple[QuestionnaireVersion, str]:
        if name == "go":
            number = request.POST.get("number", "")
            if not number.isascii() or not number.isdecimal() or len(number) > 9:
                raise NothingToUndo(_("Det trin findes ikke."))
            done = building.go_to(version=version, number=int(number), fingerprint=seen, by=by, at=at)
            return done, request.POST.get("at", "")
        take_step = building.undo if name == "undo" else building.redo
        done, step = take_step(version=version, fingerprint=seen, by=by, at=at)
        return done, step.link_id

    return _after(request, version, go, request.POST.get("at", ""))


def _after(
    request: StaffRequest,
    version: QuestionnaireVersion,
    do: Callable[[], tuple[QuestionnaireVersion, str]],
    selected: str,
    **forms: Any,
) -> HttpResponse:
    try:
        done, selected = do()
    except DraftChanged as refusal:
        messages.warning(request, refusal.sentence)
        return _whole_page(request, version, selected)
    except DraftHeld:  # the page itself says who has it
        return _whole_page(request, version, selected)
    except EditRefused as refusal:
        screen = Screen(version, selected, notice=refusal.sentence)
        screen.offers_delete_all = refusal.reason is Reason.IN_USE
        return _answered(request, version, screen, refused=True)
    except NothingToUndo as refusal:
        return _answered(request, version, Screen(version, selected, notice=refusal.sentence), refused=True)
    done.questionnaire = version.questionnaire
    screen = Screen(done, selected, **forms)
    return _answered(request, version, screen, refused=screen.has_errors)


def _answered(
    request: StaffRequest, before: QuestionnaireVersion, screen: Screen, *, refused: bool = False
) -> HttpResponse:
    """With htmx the parts that changed; without it the page anew, unless it has to show what was refused."""
    version = screen.version
    if not _is_part(request):
        if not refused:
            return redirect(_address(version, screen.selected))
        context = {
            **screen.work(),
            **screen.bar(),
            "outline": builder_outline.drawn(outline(version.source), screen.selected),
        }
        return render(request, "kam/builder.html", context, status=422)
    context = {
        **screen.work(),
        **screen.bar(),
        "patches": _patches(before, version, screen.selected),
    }
    response = render(request, "kam/_builder_answer.html", context, status=422 if refused else 200)
    response["HX-Replace-Url"] = _address(version, screen.selected)
    return response


def _patches(before: QuestionnaireVersion, after: QuestionnaireVersion, selected: str) -> SafeString | str:
    if before.source is after.source:
        return ""
    return builder_outline.patches(before.source, after.source, selected)


def _gone(request: StaffRequest, version: QuestionnaireVersion) -> HttpResponse:
    refusal = EditRefused(CannotDo(Reason.GONE))
    return _answered(request, version, Screen(version, "", notice=refusal.sentence), refused=True)


def _whole_page(request: HttpRequest, version: QuestionnaireVersion, selected: str) -> HttpResponse:
    if not _is_part(request):
        return redirect(_address(version, selected))
    return HttpResponse(headers={"HX-Redirect": _address(version, selected)})


def _address(version: QuestionnaireVersion, selected: str) -> str:
    address = reverse("kam:builder", args=[version.pk])
    return f"{address}?{urlencode({SELECTED: selected})}" if selected else address


def _is_part(request: Any) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def _item(version: QuestionnaireVersion, link_id: str) -> dict[str, Any] | None:
    try:
        return find(version.source, link_id) if link_id else None
    except CannotDo:
        return None


def _own(request: StaffRequest, version_id: UUID) -> QuestionnaireVersion:
    """One of the administrator's own; nobody else's is changed here, whatever may be looked at."""
    version = visible_version(request, version_id, own=True, without_source=True)
    if version.is_draft:
        load_source(version)
    return version
