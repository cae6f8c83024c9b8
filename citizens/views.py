"""The Borgermodul: answering a task, page by page, until it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from citizens import selectors
from citizens.answering import Answering
from citizens.drafts import (
    Draft,
    draft_or_redirect,
    files_sent,
    own_task,
    page_or_404,
    save_form,
    whole_page,
)
from citizens.languages import LANGUAGE, Words, choose, in_words, words_of
from citizens.steps import Steps, steps_of
from identity import unsent
from identity.access import CitizenRequest, citizen_required, is_safe_next
from identity.unsent import kept_while_logged_out
from kommunalpro.templatetags.fields import field_id
from plans import correcting
from plans import services as plans
from plans.models import Task
from questionnaires import uploads
from questionnaires.answers import answered_items
from questionnaires.assisted import mark_assisted
from questionnaires.controls import Control, control_of
from questionnaires.engine import Definition, Issue, Page
from questionnaires.form_reading import (
    QUERY_PREFIX,
    lines_shown,
    says_more_than_answers,
    shown_with,
    units_waiting,
)
from questionnaires.option_search import find_options, found_in_words, option_words
from questionnaires.page_forms import (
    CHECKED,
    FROM,
    HALF_A_DATE,
    SUMMARY,
    missing_of,
    news_of,
    where_to,
)
from questionnaires.places import field_name, item_at, place_at
from questionnaires.redrawing import redraw
from questionnaires.rendering import language_of, render_page
from questionnaires.services import AnswersChanged, ResponseIncomplete

# The page shows that something is wrong with an answer, or asks which of two counts.
FLAWED = "flawed"
# The fingerprint of the answers that the summary showed.
SEEN = "seen"


@require_http_methods(["GET", "HEAD", "POST"])
@citizen_required
def task(request: CitizenRequest, task_id: UUID) -> HttpResponse:
    """What the task is about; begins it, or goes on where the citizen came to."""
    now = timezone.now()
    task = own_task(request, task_id)
    if task.status == Task.Status.COMPLETED:
        return redirect("citizens:receipt", task_id)
    if request.method == "POST":
        response = plans.begin_task(task=task, at=now)
        mark_assisted(request.actor, response)
        answering = Answering.of(task.activity.version, response.document)
        # Answers that the questionnaire itself begins with have not been looked at by anyone.
        first = next(iter(answering.pages), None) if response.is_untouched else answering.position()
        return _redirect_to(task, first)
    plans.require_open(task, now)
    facts = {"line": selectors.task_line(task, now), **in_words(words_of(request, task.activity.version))}
    return render(request, "citizens/task.html", facts)


@require_POST
@citizen_required
def language(request: CitizenRequest) -> HttpResponse:
    """Choose which of its languages a questionnaire is shown in, and go on looking at it."""
    choose(request, request.POST.get(LANGUAGE, ""))
    back = request.POST.get("next", "")
    return HttpResponseRedirect(back if is_safe_next(request, back) else reverse("citizens:tasks"))


@require_http_methods(["GET", "HEAD", "POST"])
@kept_while_logged_out
@citizen_required
def page(request: CitizenRequest, task_id: UUID, number: int) -> HttpResponse:
    """One page of questions. “Næste” saves and goes on, unless something on the page has to be mended first."""
    files = files_sent(request, task_id, number)
    draft = draft_or_redirect(request, task_id, to_save=request.method == "POST")
    if isinstance(draft, HttpResponseRedirect):
        return draft
    page, answering = page_or_404(draft.answering, number), draft.answering
    from_summary = request.GET.get(FROM) == SUMMARY
    if request.method != "POST":
        if (sent := unsent.take(request, now=timezone.now())) is not None:
            return _brought(request, task_id, page, sent)
        if not answering.is_shown(page):
            return _redirect_to(draft.task, answering.after(page))
        problems = answering.problems_on(page) if from_summary else ()
        return _questions(request, draft, page, problems=problems, checked=from_summary)

    if LANGUAGE in request.POST:
        choose(request, request.POST[LANGUAGE])
    draft, fields = save_form(request, draft, page, files)
    if draft.going is not None:
        return _questions(request, draft, page, problems=(), raw=fields, checked=False)
    if draft.focus and not (draft.unread or draft.contested):
        return _redirect_to(draft.task, page, focus=draft.focus)
    answering, unread, is_clear = draft.answering, draft.unread, not (draft.unread or draft.contested)
    match where_to(request.POST, also_stays=LANGUAGE):
        case "back" if is_clear:
            return _redirect_to(draft.task, answering.before(page) or page)
        case "stay" if is_clear and not says_more_than_answers(answering.definition, request.POST):
            return redirect("citizens:page", task_id, number)
        case "back" | "stay":
            problems = (*unread, *answering.mistakes_on(page))
        case _:
            problems = (*unread, *answering.problems_on(page))
            if not (problems or draft.contested):
                return _redirect_to(draft.task, None if from_summary else answering.after(page))
    return _questions(request, draft, page, problems=problems, raw=fields, checked=True)


@require_POST
@citizen_required
def save(request: CitizenRequest, task_id: UUID, number: int) -> HttpResponse:
    """Save what the page's form says, and answer with its questions as they are then."""
    files = files_sent(request, task_id, number)
    draft = draft_or_redirect(request, task_id, to_save=True)
    if isinstance(draft, HttpResponseRedirect):
        return whole_page(request, draft)
    page, before = page_or_404(draft.answering, number), draft.answering
    draft, fields = save_form(request, draft, page, files)
    if not request.htmx:
        return redirect("citizens:page", task_id, number)
    checked = CHECKED in request.POST
    if not checked:
        draft = replace(draft, unread=tuple(one for one in draft.unread if one.key != HALF_A_DATE))
    problems = draft.answering.problems_on(page) if checked else draft.answering.mistakes_on(page)
    worded, worded_page = _worded_page(words_of(request, draft.response.version), page)
    if not (problems or draft.is_unusual or FLAWED in request.POST):
        changed = redraw(
            worded,
            worded_page,
            draft.answering.occurrences_in(worded),
            evaluation=draft.answering.evaluation,
            shown=shown_with(request.POST),
            raw=fields,
            units=units_waiting(request.POST),
        )
        if changed is not None:
            drawn = render_to_string("citizens/saved_answers.html", {"changed": changed})
            return HttpResponse(drawn, headers={"HX-Reswap": "none"})
    news = news_of(
        before.asked_on(page),
        draft.answering.asked_on(page),
        rows=draft.rows,
        going=draft.going,
        is_unread=bool(draft.unread),
        is_contested=bool(draft.contested),
    )
    page_view = render_page(
        worded,
        worded_page,
        draft.answering.document,
        problems=(*draft.unread, *problems),
        raw=fields,
        evaluation=draft.answering.evaluation,
        contested=draft.contested,
        lines=lines_shown(request.POST),
        units=units_waiting(request.POST),
        going=draft.going.address if draft.going is not None else "",
    )
    facts = {
        "page_view": page_view,
        "checked": checked,
        "news": news,
        "focus": draft.focus,
        "search_url": reverse("citizens:options", args=[task_id, number]),
    }
    return render(request, "citizens/saved.html", facts)


@require_GET
@citizen_required
def options(request: CitizenRequest, task_id: UUID, number: int) -> HttpResponse:
    """The options of one long list that hold what is being typed: those of a question that is asked on the page."""
    draft = draft_or_redirect(request, task_id)
    if isinstance(draft, HttpResponseRedirect):
        return whole_page(request, draft)
    page, answering = page_or_404(draft.answering, number), draft.answering
    address = request.GET.get("question", "")
    place = place_at(answering.definition, address)
    if place is None or address not in answering.asked_on(page):
        raise Http404
    words = words_of(request, draft.response.version)
    item = item_at(words.definition, place)
    item = item.offering(answering.evaluation.options.get(item.link_id, ()))
    if control_of(item) is not Control.SEARCH:
        raise Http404
    found, count = find_options(item, request.GET.get(f"{QUERY_PREFIX}{address}", ""))
    language = get_language() or "da"
    facts = {
        "options": [(option.key, option_words(item, option, language)) for option in found],
        "found": found_in_words(len(found), count),
        "list_id": field_id(field_name(address)) + "-list",
        "language": language_of(words.definition),
    }
    return render(request, "questionnaires/found_options.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@kept_while_logged_out
@citizen_required
def summary(request: CitizenRequest, task_id: UUID) -> HttpResponse:
    """Every answer before it is sent; sends them. Sending twice gives the same receipt.

    The form says which answers it showed: what was changed since, in another tab, is shown before it is sent.
    """
    changed = ""
    if request.method == "POST":
        try:
            _submit(request, task_id)
        except ResponseIncomplete:
            pass  # the page below says what is missing, each with a link
        except (AnswersChanged, correcting.NothingCorrected) as refusal:
            changed = refusal.sentence
        else:
            return redirect("citizens:receipt", task_id)
    draft = draft_or_redirect(request, task_id)
    if isinstance(draft, HttpResponseRedirect):
        return draft
    if request.method != "POST" and unsent.take(request, now=timezone.now()) is not None:
        sentence = _(
            "Du var blevet logget ud, så dine svar er ikke sendt endnu. Se dem igennem, og send dem."
        )
        messages.warning(request, sentence)
    answering = draft.answering
    words = words_of(request, draft.response.version)
    groups = answered_items(
        words.definition, answering.document, evaluation=answering.evaluation, with_calculated=False
    )
    facts = {
        "task": draft.task,
        "response": draft.response,
        "groups": groups,
        "missing": _missing(draft, words),
        "changed": changed,
        "seen": draft.response.fingerprint,
        "last_page": answering.pages[-1] if answering.pages else None,
        "from_summary": f"?{FROM}={SUMMARY}",
        "steps": _steps(draft, None, words),
        **in_words(words),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "citizens/summary.html", facts, status=status)


def _submit(request: CitizenRequest, task_id: UUID) -> None:
    """Send what was begun of a task, or of a correction of what was sent. Raises what those raise."""
    begun = plans.lock_begun(task_id=task_id, citizen_id=request.actor.citizen_id)
    task = begun.task if begun is not None else own_task(request, task_id)
    if task.response is not None:
        mark_assisted(request.actor, task.response)
    at, seen = timezone.now(), request.POST.get(SEEN, "")
    if task.status == Task.Status.COMPLETED:
        correcting.submit(task=task, at=at, seen=seen)
    elif begun is not None:
        plans.submit_begun(begun, at=at, seen=seen)
    else:
        plans.submit_task(task=task, at=at, seen=seen)


def _brought(request: CitizenRequest, task_id: UUID, page: Page, sent: unsent.Unsent) -> HttpResponse:
    """The page whose form was sent after the session had run out: what it said is saved now, and shown."""
    draft = draft_or_redirect(request, task_id, to_save=True)
    if isinstance(draft, HttpResponseRedirect):
        return draft
    if sent.form is None:
        sentence = _("Du var blevet logget ud, og det sidste, du skrev her, var for langt til at blive gemt.")
        messages.warning(request, sentence)
        return _questions(request, draft, page, problems=(), checked=False)
    request.POST = sent.form  # type: ignore[assignment]  # read as if it were sent now
    # A form that waited for a login has no files: they were not kept.
    without = uploads.sent_with(draft.answering.definition, page, request.POST, MultiValueDict())
    draft, fields = save_form(request, draft, page, without)
    messages.success(request, _("Du var blevet logget ud, men dine svar på siden er gemt. Du kan gå videre."))
    if not draft.answering.is_shown(page):
        return _redirect_to(draft.task, draft.answering.after(page))
    problems = (*draft.unread, *draft.answering.mistakes_on(page))
    return _questions(request, draft, page, problems=problems, raw=fields, checked=False)


def _redirect_to(task: Task, page: Page | None, *, focus: str = "") -> HttpResponseRedirect:
    """To a page of questions (to the element with the id `focus`), or to the summary after the last."""
    if page is None:
        return HttpResponseRedirect(reverse("citizens:summary", args=[task.pk]))
    address = reverse("citizens:page", args=[task.pk, page.number])
    return HttpResponseRedirect(f"{address}#{focus}" if focus else address)


def _questions(
    request: CitizenRequest,
    draft: Draft,
    page: Page,
    *,
    problems: Sequence[Issue],
    checked: bool,
    raw: Mapping[str, Sequence[str]] | None = None,
) -> HttpResponse:
    answering = draft.answering
    words = words_of(request, draft.response.version)
    page_view = render_page(
        *_worded_page(words, page),
        answering.document,
        problems=problems,
        raw=raw,
        evaluation=answering.evaluation,
        contested=draft.contested,
        lines=lines_shown(request.POST),
        units=units_waiting(request.POST),
        going=draft.going.address if draft.going is not None else "",
    )
    facts: dict[str, Any] = {
        "task": draft.task,
        "response": draft.response,
        "page_view": page_view,
        "search_url": reverse("citizens:options", args=[draft.task.pk, page.number]),
        "has_previous": answering.before(page) is not None,
        "has_been_saved": draft.response.saved_at > draft.response.started_at,
        "steps": _steps(draft, page, words),
        "checked": checked,
        "from_summary": request.GET.get(FROM) == SUMMARY,
        **in_words(words),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return render(request, "citizens/page.html", facts, status=status)


def _worded_page(words: Words, page: Page) -> tuple[Definition, Page]:
    return words.definition, words.definition.pages[page.number - 1]


def _steps(draft: Draft, current: Page | None, words: Words) -> Steps:
    def address_of(page: Page | None) -> str:
        if page is None:
            return reverse("citizens:summary", args=[draft.task.pk])
        return reverse("citizens:page", args=[draft.task.pk, page.number])

    return steps_of(draft.answering, current, words=words.definition, address_of=address_of)


def _missing(draft: Draft, words: Words) -> list[tuple[str, str]]:
    """(address, sentence) of everything that stops the submission."""
    return missing_of(
        draft.answering.problems,
        draft.answering.pages,
        words=words.definition,
        address_of_page=lambda page: reverse("citizens:page", args=[draft.task.pk, page.number]),
    )
