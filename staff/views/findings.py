"""What others changed on FUT, settled by a person."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fut.incoming.settling import NotToBeTaken
from fut.incoming.settling import settle as settle_finding
from fut.models import FutFinding
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.seen import seen

Settlement = FutFinding.Settlement
BY_A_PERSON = frozenset({Settlement.OURS, Settlement.THEIRS, Settlement.SEEN})


@require_POST
@municipal_staff(Permission.ADJUST_PLAN)
def settle(request: MunicipalRequest, finding_id: UUID) -> HttpResponse:
    """Ours is kept, FUT's is used, or it has been seen."""
    chosen = request.POST.get("settlement", "")
    if chosen not in BY_A_PERSON:
        raise Http404
    now = timezone.now()
    findings = FutFinding.objects.filter(municipality=request.municipality)
    finding = get_object_or_404(findings, pk=finding_id, citizen__municipality=request.municipality)
    seen(request, [finding.citizen_id], Use(What.CITIZEN, Action.CHANGE, subject_id=finding.pk), at=now)
    try:
        settled = settle_finding(
            finding_id=finding.pk, settlement=Settlement(chosen), by=member_of_staff(request), at=now
        )
    except NotToBeTaken as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = {
            Settlement.OURS: _("Vores er beholdt."),
            Settlement.THEIRS: _("FUT's er brugt, og planen er afsluttet her."),
            Settlement.SEEN: _("Det er noteret, at du har set det."),
        }
        messages.success(request, said.get(Settlement(settled.settlement), _("Det er allerede afklaret.")))
    return redirect("staff:citizen", finding.citizen_id)
