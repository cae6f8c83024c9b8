"""A citizen's pictures and files: sending one by itself while answering, and looking at one again."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from citizens.drafts import draft_or_redirect, whole_page
from citizens.languages import words_of
from identity.access import CitizenRequest, citizen_required
from questionnaires import uploads
from questionnaires.assisted import mark_assisted
from questionnaires.file_answers import handed_out
from questionnaires.models import Response, Upload
from questionnaires.rendering import render_page


@require_POST
@citizen_required
def upload(request: CitizenRequest, task_id: UUID, number: int) -> HttpResponse:
    """Store what was chosen for one question of the page, and answer with that question as it is then.

    422 where the file is refused: the question says why. Nothing else of the page is touched.
    """
    now = timezone.now()
    # Not locked yet: whoever looks for viruses may take their time.
    draft = draft_or_redirect(request, task_id)
    if isinstance(draft, HttpResponseRedirect):
        return whole_page(request, draft)
    answering, version = draft.answering, draft.response.version
    page = answering.page(number)
    address = request.POST.get("question", "")
    if page is None or address not in answering.asked_on(page):
        raise Http404
    sent = uploads.sent_with(answering.definition, page, request.POST, request.FILES)
    mark_assisted(request.actor, draft.response)
    response, issues = uploads.keep(response=draft.response, sent=sent, at=now)
    issues = (*sent.issues, *issues)
    words = words_of(request, version).definition
    page_view = render_page(words, words.pages[page.number - 1], response.document, problems=issues)
    question = next((one for one in page_view.walk() if one.address == address), None)
    if question is None:
        raise Http404
    status = HTTPStatus.UNPROCESSABLE_ENTITY if issues else HTTPStatus.OK
    return render(request, "questionnaires/item.html", {"item": question}, status=status)


@require_safe
@citizen_required
def file(request: CitizenRequest, upload_id: UUID) -> HttpResponse:
    """One of the citizen's own files, of a draft or of what was sent; whoever helps to answer sees drafts only."""
    own = Upload.objects.filter(citizen_id=request.actor.citizen_id)
    if request.actor.helper is not None:
        own = own.filter(response__status=Response.Status.IN_PROGRESS)
    found = get_object_or_404(own, pk=upload_id)
    return handed_out(found, to_save="hent" in request.GET)
