"""Citizens whom none of one's teams follows: why they are opened, and the control's look at each reason."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citizens.models import Citizen
from followup import outside
from followup.models import OutsideAccess
from identity.access_log import Action, Purpose, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, municipal_staff
from staff.pages import page_of, render_page, way_on
from staff.seen import nobody_seen, seen


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Hvorfor har du brug for at se borgeren?"),
        help_text=_("For eksempel: Jeg afløser i teamet i dag. Skriv ikke om borgerens helbred."),
        max_length=OutsideAccess.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Skriv, hvorfor du har brug for at se borgeren.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SEE_CITIZENS)
def reason(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Ask why, and go on to where the employee was going. Shows nothing of the citizen."""
    now = timezone.now()
    citizen = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    nobody_seen(request)
    back = way_on(request, reverse("staff:citizen", args=[citizen.pk]))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            outside.give_reason(
                actor=request.actor,
                citizen=citizen,
                municipality=request.municipality,
                reason=form.cleaned_data["reason"],
                at=now,
            )
        except outside.ReasonMissing as refusal:
            form.add_error("reason", refusal.sentence)
        else:
            return redirect(back)
    context = {
        "form": form,
        "citizen_id": citizen.pk,
        "next": back,
        "hours": outside.LASTS.seconds // 3600,
    }
    status = 422 if form.errors else None
    return render_page(request, "staff/outside.html", context, now=now, status=status)


@require_safe
@municipal_staff(Permission.CONTROL_ACCESS)
def given(request: MunicipalRequest) -> HttpResponse:
    """Every reason that was given, those that nobody has looked at first."""
    now = timezone.now()
    page = page_of(request, outside.reasons_given(request.municipality))
    shown = [row.citizen_id for row in page.object_list]
    seen(request, shown, Use(What.ACCESS_LOG, Action.LIST, Purpose.CONTROL), at=now)
    context = {
        "page": page,
        "waiting": outside.waiting(request.municipality).count(),
        "months": settings.ACCESS_LOG_MONTHS,
    }
    return render(request, "staff/outside_given.html", context)


@require_POST
@municipal_staff(Permission.CONTROL_ACCESS)
def looked_at(request: MunicipalRequest, access_id: UUID) -> HttpResponse:
    """The control has looked at one reason."""
    now = timezone.now()
    access = get_object_or_404(OutsideAccess, municipality=request.municipality, pk=access_id)
    seen(
        request,
        [access.citizen_id],
        Use(What.ACCESS_LOG, Action.CHANGE, Purpose.CONTROL, subject_id=access.pk),
        at=now,
    )
    try:
        outside.note_seen(access=access, actor=request.actor, at=now)
    except outside.NotSeenBy as refusal:
        messages.error(request, refusal.sentence)
    return redirect("staff:outside_given")
