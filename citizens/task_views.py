"""The list of a citizen's tasks: what to answer now, and what comes later."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from citizens import selectors
from identity.access import CitizenRequest, citizen_required


@require_GET
@citizen_required
def tasks(request: CitizenRequest) -> HttpResponse:
    """What there is to answer: now and later."""
    overview = selectors.task_overview(citizen_id=request.actor.citizen_id, now=timezone.now())
    return render(request, "citizens/tasks.html", {"overview": overview})
