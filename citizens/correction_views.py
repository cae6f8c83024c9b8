"""The Borgermodul: correcting what was sent, within the time that the plan allows (plans/correcting.py)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from citizens import selectors
from citizens.drafts import own_task
from identity.access import CitizenRequest, citizen_required
from plans import correcting
from plans.models import Task
from questionnaires.models import Response


@require_POST
@citizen_required
def correct(request: CitizenRequest, task_id: UUID) -> HttpResponse:
    """Begin to correct, or go on with it: all answers are there, each with a link to change it."""
    correcting.begin(task=own_task(request, task_id), at=timezone.now())
    return redirect("citizens:summary", task_id)


@require_http_methods(["GET", "HEAD", "POST"])
@citizen_required
def undo(request: CitizenRequest, task_id: UUID) -> HttpResponse:
    """Drop a correction, once it was asked whether to; the answer is as it was sent."""
    task = own_task(request, task_id)
    if request.method == "POST":
        correcting.drop(task=task)
        messages.success(request, _("Rettelsen er fortrudt. Dine svar gælder, som du sendte dem."))
    elif correcting.correcting(task, timezone.now()).draft is not None:
        return render(request, "citizens/undo_correction.html", {"task": task})
    if task.response_id is None or task.status != Task.Status.COMPLETED:
        return redirect("citizens:task", task_id)
    return redirect("citizens:response", task.response_id)


def correction_facts(citizen_id: UUID, response: Response) -> dict[str, Any]:
    """What a page about a submitted response says of correcting: how long, what was before, what counts instead."""
    in_force = correcting.in_force_instead_of(response)
    if in_force.pk != response.pk:
        return {"in_force": in_force}
    task = selectors.task_answered_by(citizen_id=citizen_id, response_id=response.pk)
    return {
        "task": task,
        "correcting": correcting.correcting(task, timezone.now()) if task is not None else None,
        "editions": correcting.editions(response),
    }
