"""Pages for administrators who look for what is wrong with logins, and whether a municipality is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from identity import attempts, issuers, services
from identity.access import StaffRequest, permission_required
from identity.actors import StaffActor
from identity.audience import Audience
from identity.checks import STEPS, Step
from identity.claims import ClaimNames
from identity.contexts import StaffContext
from identity.diagnosis import Row, rows_of
from identity.landing import home_of
from identity.middleware import asks_elsewhere, own_scope
from identity.pasted import Expected, Kind, NotALogin, read_pasted
from identity.rate_limits import Action, limited
from identity.roles import Permission, permissions_of
from municipalities.models import Municipality

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Access:
    """What a context would have let somebody do."""

    context: StaffContext
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """One pasted login: what it was, its rows by step, and the access it would have given."""

    kind: Kind
    is_good: bool
    is_of_citizen: bool
    rows: dict[Step, Row]
    access: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A check of two logins side by side."""

    title: StrOrPromise
    tried: Row | None
    colleague: Row | None

    @property
    def differs(self) -> bool:
        """Whether the two went differently."""
        if self.tried is None or self.colleague is None:
            return self.tried is not self.colleague
        return self.tried.outcome != self.colleague.outcome or self.tried.facts != self.colleague.facts


@never_cache
@sensitive_post_parameters("login", "colleague")
@permission_required(Permission.DIAGNOSE_LOGIN)
@require_http_methods(["GET", "POST"])
@limited(Action.TEST_LOGIN, "POST")
def test_login(request: StaffRequest) -> HttpResponse:
    """Paste a login, and perhaps a colleague's that works, and see every check of both.

    What was pasted is forgotten with the request: it is neither shown again, stored nor logged.
    """
    if request.method == "GET":
        return render(request, "identity/test_login.html", {"problems": {}, "home": home_of(request.actor)})
    problems: dict[str, StrOrPromise] = {}
    tried: dict[str, Tried] = {}
    for name in ("login", "colleague"):
        text = request.POST.get(name, "")
        if name == "colleague" and not text.strip():
            continue
        try:
            tried[name] = _try(text, request.actor)
        except NotALogin as problem:
            problems[name] = problem.sentence
    facts = {"problems": problems, "home": home_of(request.actor), **tried}
    if not problems:
        facts["lines"] = _lines(tried["login"], tried.get("colleague"))
    return render(request, "identity/test_login.html", facts, status=422 if problems else 200)


def _try(text: str, by: StaffActor) -> Tried:
    expected = Expected(
        issuers={str(each["issuer"]).rstrip("/") for each in settings.OIDC.values()},
        receivers={each["client_id"] for each in settings.OIDC.values()},
    )
    pasted = read_pasted(
        text, names=ClaimNames(**settings.OIDC_CLAIMS), expected=expected, now=timezone.now()
    )
    judgement, contexts = services.try_login(pasted, by=by)
    return Tried(
        kind=pasted.kind,
        is_good=judgement.refusal is None,
        is_of_citizen=pasted.is_of_citizen,
        rows={row.check.step: row for row in rows_of(judgement.checks, judgement.audience)},
        access=tuple(
            Access(context=each, permissions=tuple(sorted(permissions_of(each.roles)))) for each in contexts
        ),
    )


def _lines(tried: Tried, colleague: Tried | None) -> list[Line]:
    others = colleague.rows if colleague else {}
    steps = dict.fromkeys(step for steps in STEPS.values() for step in steps)
    return [
        Line(title=step.label, tried=tried.rows.get(step), colleague=others.get(step))
        for step in sorted(steps, key=list(Step).index)
        if step in tried.rows or step in others
    ]


@asks_elsewhere
@never_cache
@permission_required(Permission.DIAGNOSE_LOGIN)
@require_GET
def readiness(request: StaffRequest) -> HttpResponse:
    """Every municipality's readiness, for the system administration; a municipality's own people see their own."""
    if request.actor.municipality_id is not None:
        return _readiness_of(request, pk=request.actor.municipality_id)
    since = timezone.now() - attempts.PERIOD
    with own_scope(request):
        facts = {
            "overview": attempts.overview(Municipality.objects.all(), since=since),
            "unplaced": attempts.refusals_without_authority(since=since),
            "days": attempts.PERIOD.days,
            "home": home_of(request.actor),
        }
        return render(request, "identity/readiness_overview.html", facts)


@asks_elsewhere
@never_cache
@permission_required(Permission.DIAGNOSE_LOGIN)
@require_GET
def readiness_of(request: StaffRequest, code: str) -> HttpResponse:
    """One municipality's readiness, by its municipality code."""
    if request.actor.municipality_id is not None:
        return _readiness_of(request, code=code, pk=request.actor.municipality_id)
    return _readiness_of(request, code=code)


def _readiness_of(request: StaffRequest, **which: object) -> HttpResponse:
    """The page of one municipality. The issuer is asked first, outside any transaction."""
    now = timezone.now()
    certificates = issuers.certificates(Audience.STAFF, now=now)
    with own_scope(request):
        municipality = get_object_or_404(Municipality, **which)
        facts = {
            "municipality": municipality,
            "readiness": attempts.readiness_of(municipality.cvr, since=now - attempts.PERIOD),
            "certificates": certificates,
            "days": attempts.PERIOD.days,
            "is_national": request.actor.municipality_id is None,
            "home": home_of(request.actor),
        }
        return render(request, "identity/readiness.html", facts)
