"""Beginning an assisted visit: the citizen's consent is noted, then the browser shows the citizen's own pages."""

from http import HTTPStatus
from uuid import UUID

from django.http import HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from citizens.models import Citizen
from identity import assisting
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, municipal_staff
from staff.assisting_form import VisitForm
from staff.pages import render_page
from staff.seen import seen
from staff.views.citizens import about


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
    context = {**about(person, request, now=now), "form": form}
    return render_page(request, "staff/assist.html", context, now=now, status=status)
