"""Entering what a citizen answered on paper, by telephone or at a meeting.

How and when comes first, then the questionnaire's pages as the citizen has them, and a summary before it is submitted.
Each page and each saved answer stands in the access log.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity.access_log import Action, Use, What
from identity.roles import Permission
from kommunalpro.templatetags.fields import field_id
from plans import correcting, registering, selectors
from plans.models import Task
from plans.registering import Begun
from plans.services import TaskNotOpen
from questionnaires.answers import answered_items
from questionnaires.controls import Control, control_of
from questionnaires.engine import Issue, Page
from questionnaires.form_reading import QUERY_PREFIX, says_more_than_answers
from questionnaires.models import Response
from questionnaires.option_search import find_options, found_in_words, option_words
from questionnaires.page_forms import CHECKED, FROM, HALF_A_DATE, SUMMARY, where_to
from questionnaires.places import field_name, item_at, place_at
from questionnaires.services import AnswersChanged, Given, ResponseIncomplete
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.entering import Entering
from staff.forms import GivenForm
from staff.pages import render_page
from staff.seen import nobody_seen, seen
from staff.views.citizens import about


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENTER_ANSWERS)
def start(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """How and when the answers were given; begins to enter them, or goes on.

    Where the citizen has begun, it says so, and what to do.
    """
    now, task = timezone.now(), task_to_enter(request, task_id)
    if correction := correcting.draft_to_go_on_with(task, now, by_staff=True):
        return _how_given(request, task, correction, now=now)
    begun = registering.begun_by(task)
    form = GivenForm(request.POST if request.method == "POST" else None, task=task, now=now)
    problem = _why_not(task, now)
    if form.is_valid() and not problem:
        given = Given(**form.cleaned_data, entered_by=member_of_staff(request))
        try:
            task.response = registering.begin(task=task, given=given, at=now)
        except registering.CitizenHasBegun:
            begun = Begun.CITIZEN  # at this very moment
        else:
            _say(request, task, Action.CHANGE)
            entering = Entering.of(task, task.response)
            first = next(iter(entering.answering.pages), None)
            to = first if task.response.is_untouched else entering.answering.position()
            return HttpResponseRedirect(entering.address_of(to))
    _say(request, task)
    context = {
        "form": form,
        "task": task,
        "begun": begun.value,
        "problem": problem,
        "is_refused": bool(problem) or begun == Begun.CITIZEN,
    }
    refused = request.method == "POST" and (form.errors or context["is_refused"])
    return _page(request, "staff/enter.html", task, context, now=now, refused=bool(refused))


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENTER_ANSWERS)
def page(request: MunicipalRequest, task_id: UUID, number: int) -> HttpResponse:
    """One page of questions. “Næste” saves and goes on, unless something on the page has to be mended first."""
    entering = entering_of(request, task_id)
    if isinstance(entering, HttpResponseRedirect):
        return entering
    page, answering = _numbered(entering, number), entering.answering
    from_summary = request.GET.get(FROM) == SUMMARY
    if request.method != "POST":
        _say(request, entering.task)
        if not answering.is_shown(page):
            return HttpResponseRedirect(entering.address_of(answering.after(page)))
        problems = answering.problems_on(page) if from_summary else ()
        return _questions(request, entering, page, problems=problems, checked=from_summary)

    _say(request, entering.task, Action.CHANGE)
    entering = entering.saved(page, request.POST, request.FILES, at=timezone.now())
    answering, going = entering.answering, where_to(request.POST)
    if entering.going is not None:
        return _questions(request, entering, page, problems=(), checked=False)
    if entering.focus and entering.is_clear:
        return HttpResponseRedirect(f"{entering.address_of(page)}#{entering.focus}")
    if going == "next":
        problems = answering.problems_on(page)
        if entering.is_clear and not problems:
            return HttpResponseRedirect(entering.address_of(None if from_summary else answering.after(page)))
    else:
        problems = answering.mistakes_on(page)
        stays = going == "stay" and says_more_than_answers(answering.definition, request.POST)
        if entering.is_clear and not stays:
            to = (answering.before(page) or page) if going == "back" else page
            return HttpResponseRedirect(entering.address_of(to))
    return _questions(request, entering, page, problems=problems, checked=True)


@require_POST
@municipal_staff(Permission.ENTER_ANSWERS)
def save(request: MunicipalRequest, task_id: UUID, number: int) -> HttpResponse:
    """Save what the page's form says, and answer with its questions as they are then."""
    entering = entering_of(request, task_id)
    if isinstance(entering, HttpResponseRedirect):
        # htmx would follow a redirect out of sight.
        return HttpResponse(headers={"HX-Redirect": entering.url}) if request.htmx else entering
    page, before = _numbered(entering, number), entering.answering
    _say(request, entering.task, Action.CHANGE)
    entering = entering.saved(page, request.POST, request.FILES, at=timezone.now())
    if not request.htmx:
        return HttpResponseRedirect(entering.address_of(page))
    checked = CHECKED in request.POST
    if not checked:
        entering = replace(entering, unread=tuple(one for one in entering.unread if one.key != HALF_A_DATE))
    problems = entering.answering.problems_on(page) if checked else entering.answering.mistakes_on(page)
    facts = {
        "page_view": entering.view_of(page, problems),
        "checked": checked,
        "news": entering.news_since(before, page),
        "focus": entering.focus,
        "search_url": reverse("staff:enter_options", args=[task_id, number]),
        "files_at": "staff:file",
    }
    return render(request, "staff/_entered.html", facts)


@require_GET
@municipal_staff(Permission.ENTER_ANSWERS)
def options(request: MunicipalRequest, task_id: UUID, number: int) -> HttpResponse:
    """The options of one long list that hold what is being typed: those of a question that is asked on the page."""
    entering = entering_of(request, task_id)
    if isinstance(entering, HttpResponseRedirect):
        return HttpResponse(headers={"HX-Redirect": entering.url}) if request.htmx else entering
    nobody_seen(request)  # options of the questionnaire, nothing of the citizen
    page, answering = _numbered(entering, number), entering.answering
    address = request.GET.get("question", "")
    place = place_at(answering.definition, address)
    if place is None or address not in answering.asked_on(page):
        raise Http404
    item = item_at(answering.definition, place)
    item = item.offering(answering.evaluation.options.get(item.link_id, ()))
    if control_of(item) is not Control.SEARCH:
        raise Http404
    found, count = find_options(item, request.GET.get(f"{QUERY_PREFIX}{address}", ""))
    language = get_language() or "da"
    facts = {
        "options": [(option.key, option_words(item, option, language)) for option in found],
        "found": found_in_words(len(found), count),
        "list_id": field_id(field_name(address)) + "-list",
        "language": entering.task.activity.version.text_language,
    }
    return render(request, "questionnaires/found_options.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENTER_ANSWERS)
def summary(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """Every answer before it is submitted; submits them. Submitting twice is as once."""
    changed, now = "", timezone.now()
    if request.method == "POST":
        task, seen_ones = task_to_enter(request, task_id), request.POST.get("seen", "")
        try:
            submit = correcting.submit if task.status == Task.Status.COMPLETED else registering.submit
            task = submit(task=task, by=member_of_staff(request), at=now, seen=seen_ones)
        except ResponseIncomplete:
            pass  # the page below says what is missing, each with a link
        except AnswersChanged:
            changed = _(
                "Svarene er ændret, siden du så dem igennem, måske af en kollega. Se dem igennem igen."
            )
        except correcting.NothingCorrected as refusal:
            changed = refusal.sentence
        except (registering.NothingEntered, TaskNotOpen):
            pass  # the start of the task says so
        else:
            _say(request, task, Action.CHANGE)
            return _registered(request, task)
    entering = entering_of(request, task_id)
    if isinstance(entering, HttpResponseRedirect):
        return entering
    _say(request, entering.task)
    answering = entering.answering
    context = {
        "task": entering.task,
        "response": entering.response,
        "groups": answered_items(
            answering.definition, answering.document, evaluation=answering.evaluation, with_calculated=False
        ),
        "missing": entering.missing(),
        "changed": changed,
        "seen_ones": entering.response.fingerprint,
        "last_page": answering.pages[-1] if answering.pages else None,
        "from_summary": f"?{FROM}={SUMMARY}",
        "steps": entering.steps(None),
    }
    refused = request.method == "POST"
    return _page(request, "staff/enter_summary.html", entering.task, context, now=now, refused=refused)


@require_POST
@municipal_staff(Permission.ENTER_ANSWERS)
def correct(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """Begin to correct what was entered, or go on with it: all answers are there, each with a link to change it."""
    now, task = timezone.now(), task_to_enter(request, task_id)
    _say(request, task, Action.CHANGE)
    correcting.begin(task=task, at=now, by=member_of_staff(request))
    return redirect("staff:enter_summary", task_id)


@require_POST
@municipal_staff(Permission.ENTER_ANSWERS)
def discard(request: MunicipalRequest, task_id: UUID) -> HttpResponse:
    """Throw away what was entered and not submitted."""
    task = task_to_enter(request, task_id)
    if request.POST.get("sure") != "yes":
        nobody_seen(request)
        return redirect("staff:enter", task_id)
    _say(request, task, Action.DELETE)
    if task.status == Task.Status.COMPLETED and task.response_id is not None:
        correcting.drop(task=task, by_staff=True)
        messages.success(request, _("Rettelsen er fortrudt. Svarene gælder, som de er registreret."))
        return redirect("staff:response", task.response_id)
    registering.discard(task=task)
    messages.success(request, _("Det, der var skrevet ind, er kasseret. Borgeren kan selv svare."))
    return redirect("staff:citizen", task.citizen_id)


def task_to_enter(request: MunicipalRequest, task_id: UUID) -> Task:
    """A task that the municipality follows, with what was entered; 404 for any other."""
    tasks = selectors.followed_tasks(request.municipality).with_questionnaire()
    found: Task = get_object_or_404(tasks.select_related("citizen", "response__entered_by"), pk=task_id)
    return found


def _how_given(request: MunicipalRequest, task: Task, correction: Response, *, now: datetime) -> HttpResponse:
    """How and when answers were given that are being corrected, to put it right; and the way out of the correction."""
    form = GivenForm(
        request.POST if request.method == "POST" else None, task=task, now=now, correction=correction
    )
    if form.is_valid():
        _say(request, task, Action.CHANGE)
        given = Given(**form.cleaned_data, entered_by=member_of_staff(request))
        registering.put_right(task=task, given=given, at=now)
        return redirect("staff:enter_summary", task.pk)
    _say(request, task)
    context = {"form": form, "task": task, "response": correction}
    return _page(request, "staff/correct.html", task, context, now=now, refused=bool(form.errors))


def _registered(request: MunicipalRequest, task: Task) -> HttpResponse:
    """To the citizen; after a correction to the answers, where it can be seen what was changed."""
    if task.response is not None and task.response.replaces_id is not None:
        messages.success(request, _("Rettelsen er registreret."))
        return redirect("staff:response", task.response.pk)
    messages.success(request, _("Svarene er registreret."))
    return redirect("staff:citizen", task.citizen_id)


def entering_of(request: MunicipalRequest, task_id: UUID) -> Entering | HttpResponseRedirect:
    """What is being entered; where nothing is, or the task is over, the way to the page that says so."""
    task, now = task_to_enter(request, task_id), timezone.now()
    if correction := correcting.draft_to_go_on_with(task, now, by_staff=True):
        return Entering.of(task, correction)
    response: Response | None = task.response
    if response is None or not response.is_registered or _why_not(task, now):
        nobody_seen(request)
        return HttpResponseRedirect(reverse("staff:enter", args=[task_id]))
    return Entering.of(task, response)


def _why_not(task: Task, now: datetime) -> str:
    """Why answers to the task cannot be entered now; "" where they can."""
    try:
        registering.require_open(task, now)
    except TaskNotOpen as refusal:
        return refusal.sentence
    return ""


def _numbered(entering: Entering, number: int) -> Page:
    page = entering.answering.page(number)
    if page is None:
        raise Http404
    return page


def _questions(
    request: MunicipalRequest, entering: Entering, page: Page, *, problems: Sequence[Issue], checked: bool
) -> HttpResponse:
    context = {
        "task": entering.task,
        "response": entering.response,
        "page_view": entering.view_of(page, problems),
        "search_url": reverse("staff:enter_options", args=[entering.task.pk, page.number]),
        "files_at": "staff:file",
        "previous": entering.answering.before(page),
        "steps": entering.steps(page),
        "checked": checked,
        "from_summary": request.GET.get(FROM) == SUMMARY,
    }
    refused = request.method == "POST"
    return _page(
        request, "staff/enter_page.html", entering.task, context, now=timezone.now(), refused=refused
    )


def _page(
    request: MunicipalRequest,
    template: str,
    task: Task,
    context: dict[str, Any],
    *,
    now: datetime,
    refused: bool,
) -> HttpResponse:
    facts = {**about(task.citizen, request, now=now), **context}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render_page(request, template, facts, now=now, status=status)


def _say(request: MunicipalRequest, task: Task, action: Action = Action.READ) -> None:
    """Enter what is shown or done into the access log, where the citizen sees it."""
    seen(request, [task.citizen_id], Use(What.ENTERING, action, subject_id=task.pk), at=timezone.now())
