"""A citizen's draft on its way through a request: found, read from a page's form, saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from citizens import selectors
from citizens.answering import Answering
from identity.access import CitizenRequest
from plans import correcting
from plans import services as plans
from plans.models import Task
from questionnaires import uploads
from questionnaires.assisted import mark_assisted
from questionnaires.engine import Issue, Page
from questionnaires.form_reading import RowChange
from questionnaires.models import Response
from questionnaires.page_forms import PageForm, focus_after
from questionnaires.places import Place
from questionnaires.services import Saved, locked
from questionnaires.uploads import Sent


@dataclass(frozen=True, slots=True)
class Draft:
    """A task that is being answered. `unread` are the fields of the last form that could not be read.

    `contested`: what that form and another page answered differently, and the fingerprints the form began from.
    `rows`: the row that was added or removed, `focus` the id of where to go on after that; `going`: a
    row to ask about before it is removed. `is_locked`: it can be saved to, until the transaction ends.
    """

    task: Task
    response: Response
    answering: Answering
    unread: tuple[Issue, ...] = ()
    contested: Mapping[str, str] = field(default_factory=dict)
    rows: RowChange | None = None
    going: Place | None = None
    is_locked: bool = False

    @property
    def is_unusual(self) -> bool:
        """Has the page more to say than that the answers are saved?"""
        return bool(self.unread or self.contested or self.rows or self.going)

    @property
    def focus(self) -> str:
        """Where to go on: at the row that came; after one that went at all of them."""
        return focus_after(self.rows, self.going)

    def after(self, saved: Saved, form: PageForm) -> "Draft":
        return replace(
            self,
            response=saved.response,
            answering=Answering.of(saved.response.version, saved.response.document),
            unread=saved.issues,
            contested=form.contested(saved),
            rows=form.rows,
            going=form.going,
        )


def own_task(request: CitizenRequest, task_id: UUID) -> Task:
    """The citizen's task with this id; 404 where there is none, or it is somebody else's."""
    task = selectors.task_of(citizen_id=request.actor.citizen_id, task_id=task_id)
    if task is None:
        raise Http404
    return task


def draft_or_redirect(
    request: CitizenRequest, task_id: UUID, *, to_save: bool = False
) -> Draft | HttpResponseRedirect:
    """The draft of an open task, or of a correction; else to the receipt, or to the start of one that was not begun.

    `to_save`: locked, as it stands in the database. Raises TaskNotOpen for a task that is cancelled or opens later.
    """
    response = selectors.draft_of(citizen_id=request.actor.citizen_id, task_id=task_id, to_save=to_save)
    task = response.task if response is not None else own_task(request, task_id)
    if task.status == Task.Status.COMPLETED:
        correction = correcting.draft_to_go_on_with(task, timezone.now())
        if correction is None:
            return HttpResponseRedirect(reverse("citizens:receipt", args=[task_id]))
        if to_save:
            correction = locked(correction)
            mark_assisted(request.actor, correction)
        answering = Answering.of(correction.version, correction.document)
        return Draft(task=task, response=correction, answering=answering, is_locked=to_save)
    plans.require_open(task, timezone.now())
    if response is None:
        return HttpResponseRedirect(reverse("citizens:task", args=[task_id]))
    if to_save:
        mark_assisted(request.actor, response)
    answering = Answering.of(response.version, response.document)
    return Draft(task=task, response=response, answering=answering, is_locked=to_save)


def page_or_404(answering: Answering, number: int) -> Page:
    """The page of this number; 404 where the questionnaire has none such."""
    page = answering.page(number)
    if page is None:
        raise Http404
    return page


def files_sent(request: CitizenRequest, task_id: UUID, number: int) -> Sent:
    """What the page's form brings of files, judged; to be asked before the draft is locked.

    Whoever looks for viruses may take their time, and nobody waits for the draft meanwhile. Without files it costs
    no query.
    """
    if not uploads.brings_files(request.POST, request.FILES):
        return Sent()
    draft = draft_or_redirect(request, task_id)
    page = draft.answering.page(number) if isinstance(draft, Draft) else None
    if isinstance(draft, HttpResponseRedirect) or page is None:
        return Sent()  # who saves finds the same, and says so
    return uploads.sent_with(draft.answering.definition, page, request.POST, request.FILES)


def save_form(
    request: CitizenRequest, draft: Draft, page: Page, sent: Sent
) -> tuple[Draft, dict[str, list[str]]]:
    """The draft after what the page's form says was saved, and what it says; `sent` as `files_sent` found it."""
    if not draft.is_locked:
        raise RuntimeError("A draft was to be saved that is not locked: find it with to_save=True.")
    form = PageForm.read(draft.answering.definition, page, request.POST, document=draft.answering.document)
    saved = form.saved_to(draft.response, sent, at=timezone.now())
    return draft.after(saved, form), form.fields


def whole_page(request: CitizenRequest, to: HttpResponseRedirect) -> HttpResponse:
    """The redirect, also where htmx would follow it out of sight."""
    return HttpResponse(headers={"HX-Redirect": to.url}) if request.htmx else to
