"""“Mine data”: a citizen takes everything along as one file, or asks to be forgotten."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from citizens.models import Citizen
from identity import sessions
from identity.access import CitizenRequest, citizen_required
from identity.rate_limits import Action, limited
from municipalities.scope import Scope, within
from privacy import archive, selectors, services


@never_cache
@require_GET
@citizen_required
def my_data(request: CitizenRequest) -> HttpResponse:
    """What can be done with one's data, and what became of earlier wishes."""
    citizen_id, now = request.actor.citizen_id, timezone.now()
    facts = {
        "kept": selectors.kept_courses(citizen_id=citizen_id, today=selectors.today_in_denmark(now)),
        "requests": selectors.erasure_requests_of(citizen_id),
    }
    return render(request, "citizens/my_data.html", facts)


@never_cache
@require_POST
@citizen_required
@limited(Action.EXPORT, "POST")
def download(request: CitizenRequest) -> HttpResponse:
    """Everything about oneself, made at this moment and kept by nobody on the way."""
    now = timezone.now()
    citizen = get_object_or_404(Citizen, pk=request.actor.citizen_id)
    return HttpResponse(
        archive.export(citizen=citizen, municipality=None, by=None, at=now),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{archive.file_name(now, is_own=True)}"'},
    )


@never_cache
@require_POST
@citizen_required
def erase(request: CitizenRequest) -> HttpResponse:
    """Ask to be forgotten. What may go is gone afterwards; whoever is gone altogether is logged out."""
    if request.POST.get("sure") != "yes":
        return HttpResponseRedirect(f"{_here()}?sure=no#erase")
    citizen_id = request.actor.citizen_id
    services.erase_everywhere(citizen_id=citizen_id, at=timezone.now())
    with within(Scope.system()):
        is_gone = not Citizen.objects.filter(pk=citizen_id).exists()
    if is_gone:
        sessions.end(request.session)
        return redirect("citizens:erased")
    return HttpResponseRedirect(f"{_here()}#requests")


@never_cache
@require_GET
def erased(request: CitizenRequest) -> HttpResponse:
    """The farewell; anybody may read it."""
    return render(request, "citizens/erased.html")


def _here() -> str:
    return redirect("citizens:my_data").url
