"""What others changed on FUT: the list of what waits for a person, and settling it."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from fut.incoming.settling import NotToBeTaken, open_of_citizens, open_of_teams
from fut.incoming.settling import settle as settle_finding
from fut.models import FutFinding
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.pages import ROWS, page_of, render_page
from staff.seen import nobody_seen, seen

Settlement = FutFinding.Settlement
BY_A_PERSON = frozenset({Settlement.OURS, Settlement.THEIRS, Settlement.SEEN})


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def findings(request: MunicipalRequest) -> HttpResponse:
    """What waits in the municipality; what is of a citizen is settled on the citizen's own page."""
    now = timezone.now()
    page = page_of(request, open_of_citizens(request.municipality))
    shown = [one.citizen_id for one in page.object_list if one.citizen_id]
    seen(request, shown, Use(What.CITIZENS, Action.LIST), at=now)
    facts = {
        "page": page,
        "teams": open_of_teams(request.municipality)[:ROWS],
        "may_settle": request.actor.may(Permission.ADJUST_PLAN),
    }
    return render_page(request, "staff/findings.html", facts, now=now)


@require_POST
@municipal_staff(Permission.ADJUST_PLAN)
def settle(request: MunicipalRequest, finding_id: UUID) -> HttpResponse:
    """Ours is kept, FUT's is used, or it has been seen."""
    chosen = request.POST.get("settlement", "")
    if chosen not in BY_A_PERSON:
        raise Http404
    now = timezone.now()
    of_here = Q(citizen__municipality=request.municipality) | Q(kind=FutFinding.Kind.TEAM)
    findings = FutFinding.objects.filter(of_here, municipality=request.municipality)
    finding = get_object_or_404(findings, pk=finding_id)
    if finding.citizen_id is None:
        nobody_seen(request)
    else:
        use = Use(What.CITIZEN, Action.CHANGE, subject_id=finding.pk)
        seen(request, [finding.citizen_id], use, at=now)
    try:
        settled = settle_finding(
            finding_id=finding.pk, settlement=Settlement(chosen), by=member_of_staff(request), at=now
        )
    except NotToBeTaken as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _said(settled))
    if finding.citizen_id is None:
        return redirect("staff:findings")
    return redirect("staff:citizen", finding.citizen_id)


def _said(settled: FutFinding) -> str:
    match settled.settlement:
        case Settlement.OURS:
            return _("Vores er beholdt.")
        case Settlement.THEIRS:
            return {
                FutFinding.Kind.REQUEST: _("FUT's er brugt, og det, der ikke var besvaret, er aflyst her."),
                FutFinding.Kind.TEAM: _("FUT's er brugt, og teamet får ingen nye planer."),
            }.get(FutFinding.Kind(settled.kind), _("FUT's er brugt, og planen er afsluttet her."))
        case Settlement.SEEN:
            return _("Det er noteret, at du har set det.")
    return _("Det er allerede afklaret.")
