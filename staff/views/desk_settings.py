"""What employees choose for themselves: the daily e-mail with numbers, and stopping it from the e-mail itself."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from followup import desk
from identity.roles import Permission
from municipalities.models import CareTeam
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.desk_forms import DigestForm
from staff.pages import render_page
from staff.seen import nobody_seen


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SEE_ANSWERS)
def own_settings(request: MunicipalRequest) -> HttpResponse:
    """Have the e-mail sent to an address, or no more. Its figures are those of the team of this login."""
    nobody_seen(request)
    chosen = desk.settings_of(request.actor.staff_id)
    form = DigestForm(request.POST or None, initial={"to": chosen.digest_to if chosen else ""})
    if request.method == "POST" and "stop" in request.POST:
        desk.stop_digest(staff_id=request.actor.staff_id)
        messages.success(request, _("Du får ikke mailen længere."))
        return redirect("staff:settings")
    if request.method == "POST" and settings.EMAIL_IS_SENT and form.is_valid():
        try:
            desk.choose_digest(
                to=form.cleaned_data["to"],
                team=_team(request),
                by=member_of_staff(request),
                municipality=request.municipality,
                has_team=not request.teams.is_all,
            )
        except desk.DigestRefused as refusal:
            form.add_error("to", refusal.sentence)
        else:
            messages.success(request, _("Du får mailen fra næste hverdag."))
            return redirect("staff:settings")
    context = {
        "form": form,
        "chosen": chosen if chosen and chosen.digest_to else None,
        "team": _team(request),
        "is_sent": settings.EMAIL_IS_SENT,
    }
    status = 422 if form.errors else None
    return render_page(request, "staff/settings.html", context, now=timezone.now(), status=status)


def _team(request: MunicipalRequest) -> CareTeam | None:
    """The team of this login; none where it is for all of them, or for one that we do not know."""
    return CareTeam.objects.filter(pk__in=request.teams.ids).first() if request.teams.ids else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """From the link in the e-mail, logged in or not: a button, so that nothing that only follows links stops it."""
    if desk.read_stop_token(token) is None:
        raise Http404
    is_stopped = request.method == "POST" and desk.stop_by_token(token)
    return render(request, "staff/unsubscribe.html", {"token": token, "is_stopped": is_stopped})
