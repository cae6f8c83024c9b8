"""What a citizen has submitted: the receipt, the list, and each response to read."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from citizens import selectors
from citizens.languages import in_words, words_of
from identity.access import CitizenRequest, citizen_required
from plans.models import Task
from questionnaires.answers import answered_items

RESPONSES_A_PAGE = 20


@require_GET
@citizen_required
def receipt(request: CitizenRequest, task_id: UUID) -> HttpResponse:
    """The answers have arrived; what happens now."""
    task = selectors.task_of(citizen_id=request.actor.citizen_id, task_id=task_id)
    if task is None:
        raise Http404
    if task.status != Task.Status.COMPLETED:
        return redirect("citizens:task", task_id)
    overview = selectors.task_overview(citizen_id=request.actor.citizen_id, now=timezone.now())
    return render(request, "citizens/receipt.html", {"task": task, "overview": overview})


@require_GET
@citizen_required
def responses(request: CitizenRequest) -> HttpResponse:
    """All that the citizen has submitted."""
    found = selectors.responses_of(citizen_id=request.actor.citizen_id)
    listed = Paginator(found, RESPONSES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "citizens/responses.html", {"responses": listed})


@require_GET
@citizen_required
def response(request: CitizenRequest, response_id: UUID) -> HttpResponse:
    """One submitted response to read."""
    found = selectors.response_of(citizen_id=request.actor.citizen_id, response_id=response_id)
    if found is None:
        raise Http404
    words = words_of(request, found.version)
    groups = answered_items(words.definition, found.document, with_calculated=False)
    facts = {"response": found, "groups": groups, **in_words(words)}
    return render(request, "citizens/response.html", facts)
