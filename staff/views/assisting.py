"""Beginning an assisted visit: the citizen's consent is noted, then the browser shows the citizen's own pages."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from citizens import cpr
from citizens.models import Citizen
from identity import assisting, rate_limits
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, municipal_staff
from staff.assisting_form import VisitForm, WhomForm
from staff.pages import render_page
from staff.seen import nobody_seen, seen
from staff.views.citizens import about


@sensitive_post_parameters("text")
@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ASSIST_LOGIN)
@rate_limits.limited(rate_limits.Action.CITIZEN_SEARCH, "POST")
def find(request: MunicipalRequest) -> HttpResponse:
    """From a whole CPR number to the beginning of a visit, also for those who may not see citizens.

    A POST: the number must be in no address, history or log. Nobody is listed, and nobody is found by name.
    """
    now = timezone.now()
    form = WhomForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        nobody_seen(request)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render_page(request, "staff/assist_find.html", context, now=now, status=status)
    number = form.cleaned_data["text"]
    found = Citizen.objects.of(request.municipality).by_cpr(number).first()
    hits = [] if found is None else [found.pk]
    seen(request, hits, Use(What.ASSISTED, Action.SEARCH, criterion=cpr.masked(number)), at=now)
    if found is None:
        # The number goes no further: neither back to the screen nor anywhere else.
        context = {"form": WhomForm(), "is_unknown": True}
        return render_page(request, "staff/assist_find.html", context, now=now)
    return HttpResponseRedirect(reverse("staff:assist", args=[found.pk]), status=HTTPStatus.SEE_OTHER)


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ASSIST_LOGIN)
def start(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """What an assisted visit is, and the citizen's consent to it; begins it."""
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    form = VisitForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        assisting.begin(
            citizen=person,
            consent=form.cleaned_data["consent"],
            identity_checked=form.cleaned_data["identity_checked"],
            helper=request.actor,
            session=request.session,
            at=now,
        )
        rotate_token(request)
        seen(request, [person.pk], Use(What.ASSISTED, Action.CHANGE), at=now)
        return redirect("citizens:tasks")
    seen(request, [person.pk], Use(What.ASSISTED), at=now)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        **about(person, request, now=now),
        "form": form,
        "minutes": settings.ASSISTED_VISIT_SECONDS // 60,
        "idle_minutes": settings.ASSISTED_VISIT_IDLE_SECONDS // 60,
    }
    return render_page(request, "staff/assist.html", context, now=now, status=status)
