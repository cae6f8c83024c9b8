"""What a citizen has submitted: the receipt, the list, and each response to read."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from citizens import selectors
from citizens.correction_views import correction_facts
from citizens.languages import in_words, words_of
from identity.access import CitizenRequest, citizen_required
from plans.correcting import correcting, later_edition
from plans.models import Task
from plans.trend_charts import chart_data
from questionnaires.answers import AnsweredGroup, answered_items
from questionnaires.definitions import definition_of
from questionnaires.engine import Definition
from questionnaires.models import Response
from questionnaires.response_pdf import as_pdf

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
    facts = {"task": task, "overview": overview, "correcting": correcting(task, timezone.now())}
    return render(request, "citizens/receipt.html", facts)


@require_GET
@citizen_required
def responses(request: CitizenRequest) -> HttpResponse:
    """All that the citizen has submitted, and how their scores develop where they may see them."""
    found = selectors.responses_of(citizen_id=request.actor.citizen_id)
    listed = Paginator(found, RESPONSES_A_PAGE).get_page(request.GET.get("page"))
    trends = selectors.score_trends(citizen_id=request.actor.citizen_id) if listed.number == 1 else []
    facts = {"responses": listed, "trends": trends, "chart_data": chart_data(trends)}
    return render(request, "citizens/responses.html", facts)


@require_GET
@citizen_required
def response(request: CitizenRequest, response_id: UUID) -> HttpResponse:
    """One submitted response to read."""
    found = _own_response(request, response_id)
    words = words_of(request, found.version)
    facts = {
        "response": found,
        "groups": _answers(found, words.definition),
        **correction_facts(request.actor.citizen_id, found),
        **in_words(words),
    }
    return render(request, "citizens/response.html", facts)


@never_cache
@require_GET
@citizen_required
def pdf(request: CitizenRequest, response_id: UUID) -> HttpResponse:
    """The same as a file to keep or to bring along; made at this moment and kept by nobody on the way."""
    found = _own_response(request, response_id)
    # The day alone: what a file is called stands in lists of downloads.
    day = timezone.localtime(found.completed_at).date().isoformat()
    return HttpResponse(
        as_pdf(
            response=found,
            groups=_answers(found, definition_of(found.version)),
            name=request.actor.name,
            corrected_at=later.completed_at if (later := later_edition(found)) else None,
        ),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="svar-{day}.pdf"'},
    )


def _own_response(request: CitizenRequest, response_id: UUID) -> Response:
    found = selectors.response_of(citizen_id=request.actor.citizen_id, response_id=response_id)
    if found is None:
        raise Http404
    return found


def _answers(response: Response, definition: Definition) -> list[AnsweredGroup]:
    return answered_items(definition, response.document, with_calculated=False)
