"""The list of a citizen's tasks: what to answer now, and what comes later."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from citizens import selectors
from identity.access import CitizenRequest, citizen_required
from plans.correcting import drafts_to_go_on_with


@require_GET
@citizen_required
def tasks(request: CitizenRequest) -> HttpResponse:
    """What there is to answer: now and later."""
    now, citizen_id = timezone.now(), request.actor.citizen_id
    overview = selectors.task_overview(citizen_id=citizen_id, now=now)
    facts = {
        "overview": overview,
        "corrections": drafts_to_go_on_with(citizen_id, now),
        "resting": selectors.resting_plans(citizen_id),
    }
    return render(request, "citizens/tasks.html", facts)
