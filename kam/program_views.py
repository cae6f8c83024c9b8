"""Programs that are let in: their keys, a new one, which is shown once, and revoking one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, F, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET

from identity import programs
from identity.access import StaffRequest, permission_required
from identity.models import ProgramKey, StaffMember
from identity.roles import Permission
from kam.owners import staff_member
from kam.program_forms import RIGHTS, ProgramKeyForm

A_PAGE = 50
# A key that ends within this is told of, and so is one whose maker was not seen for this long.
SOON, LONG_UNSEEN = timedelta(days=14), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Row:
    """A key as the list shows it; who made it is None where nobody here may know."""

    key: ProgramKey
    rights: list[str]
    is_over: bool
    ends_soon: bool
    made_by: StaffMember | None
    revoked_by: StaffMember | None
    maker_has_left: bool
    maker_is_away: bool


@require_GET
@permission_required(Permission.MANAGE_PROGRAMS)
def programs_list(request: StaffRequest) -> HttpResponse:
    """Those that work, the next to end first; then those that are over, the newest first."""
    now = timezone.now()
    is_over = Q(revoked_at__isnull=False) | Q(expires_at__lte=now)
    found = ProgramKey.objects.of_owner(request.actor.municipality_id).annotate(
        over=Case(When(is_over, then=Value(1)), default=Value(0))
    )
    page = Paginator(
        found.order_by("over", Case(When(over=0, then=F("expires_at"))), "-made_at", "pk"), A_PAGE
    )
    shown = page.get_page(request.GET.get("page"))
    return render(request, "kam/programs.html", {"page": shown, "rows": _rows(list(shown), now)})


def _rows(keys: list[ProgramKey], now: datetime) -> list[Row]:
    # Not joined: who has left the national administration is not seen there, but their key has to be.
    people = StaffMember.objects.in_bulk(
        {each for key in keys for each in (key.made_by_id, key.revoked_by_id) if each}
    )
    rows = []
    for key in keys:
        maker, is_over = people.get(key.made_by_id), key.is_revoked or key.has_expired(now)
        has_left = maker is None or maker.municipality_id != key.municipality_id
        rows.append(
            Row(
                key=key,
                rights=_rights_of(key),
                is_over=is_over,
                ends_soon=not is_over and key.expires_at - now <= SOON,
                made_by=maker,
                revoked_by=people.get(key.revoked_by_id) if key.revoked_by_id else None,
                maker_has_left=has_left,
                maker_is_away=not is_over
                and (has_left or maker is None or now - maker.last_login_at > LONG_UNSEEN),
            )
        )
    return rows


def _rights_of(key: ProgramKey) -> list[str]:
    """What it may do, in words."""
    return [
        _("Læse spørgeskemaer"),
        *(str(label) for right, (_name, label) in RIGHTS.items() if right in key.permissions),
    ]


@sensitive_variables("made")
@permission_required(Permission.MANAGE_PROGRAMS)
def new_program(request: StaffRequest) -> HttpResponse:
    """Make a key. The answer to the form is the one page that ever shows it, so it is no redirect."""
    now = timezone.now()
    form = ProgramKeyForm(request.POST or None, by=request.actor, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            made = programs.make_key(by=request.actor, at=now, **form.given)
        except programs.NameTaken as refusal:
            # Also who reloads the page that showed a key: nobody makes a second one by that.
            form.add_error("name", refusal.sentence)
        else:
            facts = {"key": made.key, "secret": made.secret, "rights": _rights_of(made.key)}
            return render(request, "kam/program_made.html", facts, status=201)
    return render(request, "kam/new_program.html", {"form": form}, status=422 if form.is_bound else 200)


@permission_required(Permission.MANAGE_PROGRAMS)
def revoke_program(request: StaffRequest, key_id: UUID) -> HttpResponse:
    """Ask first, because a program stops by it and nothing brings the key back."""
    key = get_object_or_404(ProgramKey.objects.of_owner(request.actor.municipality_id), pk=key_id)
    if request.method != "POST":
        facts = {"key": key, "rights": _rights_of(key)}
        return render(request, "kam/revoke_program.html", facts)
    try:
        programs.revoke_key(key=key, by=staff_member(request), at=timezone.now())
    except programs.AlreadyRevoked as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(
            request, _("Nøglen »%(name)s« er trukket tilbage. Den virker ikke mere.") % {"name": key.name}
        )
    return redirect("kam:programs")
