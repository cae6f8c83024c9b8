"""Trying a questionnaire as a citizen, with what the engine thinks beside it; and keeping what was tried as a test."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam import trials
from kam.owners import staff_member
from kam.trials import Choices, Trial
from kam.versions import is_own, may_edit_tests, visible_version
from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.models import QuestionnaireTest, QuestionnaireVersion
from questionnaires.test_cases import CaseRefused, keep_test


@require_http_methods(["GET", "POST"])
@permission_required(Permission.SEE_KAM)
def try_it(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Answer as a citizen would: shows which questions follow and why, and stores nothing."""
    version = visible_version(request, version_id)
    definition = definition_of(version)
    others = engine.languages_of(definition)
    choices = Choices.of(request.POST if request.method == "POST" else request.GET, others)
    is_answered = request.method == "POST"
    trial = trials.read(definition, request.POST, choices.way) if is_answered else trials.begin(definition)
    context = {
        "version": version,
        "choices": choices,
        "languages": trials.language_choices(version.text_language, others),
        "may_save": may_edit_tests(request, version),
        "is_own": is_own(request, version),
        "longest_name": QuestionnaireTest.LONGEST_NAME,
        **_shown(request, version, trial, choices),
    }
    return render(request, "kam/_try.html" if request.htmx else "kam/try.html", context)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def save_test(request: StaffRequest, version_id: UUID) -> HttpResponseBase:
    """Keep what was tried: from now on the same answers have to lead to the same."""
    version = visible_version(request, version_id, own=True)
    definition = definition_of(version)
    trial = trials.read(definition, request.POST, trials.Way.ALL)
    try:
        test = keep_test(
            version=version,
            name=request.POST.get("name", ""),
            document=trial.document,
            by=staff_member(request),
            at=timezone.now(),
        )
    except CaseRefused as refusal:
        messages.warning(request, refusal.sentence)
        return try_it(request, version_id)
    messages.success(request, _("»%(name)s« er gemt som prøve.") % {"name": test.name})
    return redirect("kam:tests", version_id=version.pk)


def _shown(
    request: StaffRequest, version: QuestionnaireVersion, trial: Trial, choices: Choices
) -> dict[str, Any]:
    definition = trial.definition
    worded = engine.worded(definition, choices.words) if choices.words else definition
    language = get_language() or settings.LANGUAGE_CODE
    explanations = trial.explanations()
    return {
        "trial": trial,
        "frame": _frame(request, version, trial, choices, worded=worded),
        "progress": trial.evaluation.progress,
        "shown_because": [one.text(language) for one in explanations if one.is_shown],
        "hidden_because": [one.text(language) for one in explanations if not one.is_shown],
        **trials.results(trial),
    }


def _frame(
    request: StaffRequest, version: QuestionnaireVersion, trial: Trial, choices: Choices, *, worded: Any
) -> str:
    """What the citizen sees, in the language of the citizen's screen where that is one of ours."""
    known = [code for code, _name in settings.LANGUAGES]
    primary = (choices.words or version.text_language).partition("-")[0]
    screen = primary if primary in known else (get_language() or settings.LANGUAGE_CODE)
    pages = trial.pages
    with override(screen):
        context = {
            "version": version,
            "screen": screen,
            "title": worded.title or version.title,
            "text_language": worded.language or version.text_language,
            "choices": choices,
            "page": trial.page,
            "pages": pages,
            "is_first": trial.page is not None and trial.page == next(iter(pages), None),
            "page_views": trial.views(worded, choices),
        }
        return render_to_string("kam/_try_frame.html", context, request=request)
