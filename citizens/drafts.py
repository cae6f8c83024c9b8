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
from kommunalpro.templatetags.fields import field_id
from plans import correcting
from plans import services as plans
from plans.models import Task
from questionnaires import uploads
from questionnaires.assisted import mark_assisted
from questionnaires.engine import Issue, Page
from questionnaires.form_reading import RowChange, form_fields, shown_with
from questionnaires.models import Response
from questionnaires.places import Place, field_name
from questionnaires.services import Saved, locked, save_to_locked

# Which of two answers counts, where another page has answered the question as well; the value is its address.
KEEP, TAKE = "keep", "take"
# Ends the id of a row, and of all rows of a group (questionnaires/rows.html): the focus goes there.
ROWS_ID = "-rows"


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
        """To the row that came; after one that went to all of them."""
        place = self.going or (self.rows.focus if self.rows is not None else None)
        return field_id(field_name(place.address)) + ROWS_ID if place is not None else ""

    def after(self, saved: Saved, shown: Mapping[str, str], rows: RowChange | None) -> "Draft":
        return Draft(
            task=self.task,
            response=saved.response,
            answering=Answering.of(saved.response.version, saved.response.document),
            unread=saved.issues,
            contested={address: shown[address] for address in saved.contested},
            rows=rows,
            is_locked=self.is_locked,
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


def save_form(request: CitizenRequest, draft: Draft, page: Page) -> tuple[Draft, dict[str, list[str]]]:
    """The draft after what the page's form says was saved, and what it says.

    Where a question was answered on another page as well, a button says which answer counts: `keep` the one of this
    form, `take` the other.
    """
    if not draft.is_locked:
        raise RuntimeError("A draft was to be saved that is not locked: find it with to_save=True.")
    before = draft.answering
    fields = form_fields(before.definition, page, request.POST, document=before.document)
    shown = shown_with(request.POST)
    for address in request.POST.getlist(KEEP):
        shown.pop(address, None)
    for address in request.POST.getlist(TAKE):
        fields.pop(address, None)
    rows = RowChange.asked_by(before.definition, page, request.POST)
    going = None
    if rows is not None and rows.has_to_be_confirmed(before.definition, request.POST, fields):
        going, rows = rows.removed, None
    sent = uploads.sent_with(before.definition, page, request.POST, request.FILES)
    now = timezone.now()
    saved = save_to_locked(response=draft.response, fields=fields, shown=shown, rows=rows, at=now)
    saved = uploads.with_files(saved, sent, at=now, rows=rows)
    return replace(draft.after(saved, shown, rows), going=going), fields


def whole_page(request: CitizenRequest, to: HttpResponseRedirect) -> HttpResponse:
    """The redirect, also where htmx would follow it out of sight."""
    return HttpResponse(headers={"HX-Redirect": to.url}) if request.htmx else to
