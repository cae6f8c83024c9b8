"""Log in, come back, log out, and the page that explains a login that was refused."""

from __future__ import annotations

import secrets

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from identity import claims, oidc, services
from identity.access import is_safe_next
from identity.actors import Actor, CitizenActor
from identity.landing import home_of
from identity.middleware import actor_of
from identity.oidc import Audience
from identity.refusals import EXPLANATIONS, LoginRefused, RefusalCode

log = structlog.get_logger(__name__)

SESSION_NEXT = "identity.next"
SESSION_FRESH = "identity.fresh"
SESSION_REFUSAL = "identity.refusal"


@never_cache
@require_GET
def login(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """Send the visitor to the issuer; `?next=` is where to go afterwards, if it is a page of this site."""
    wanted = request.GET.get("next")
    if wanted and is_safe_next(request, wanted):
        request.session[SESSION_NEXT] = wanted
    else:
        request.session.pop(SESSION_NEXT, None)
    try:
        return oidc.to_issuer(request, audience, fresh=bool(request.session.pop(SESSION_FRESH, False)))
    except LoginRefused as problem:
        return _refused(request, audience, problem)


@never_cache
@require_GET
def callback(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """Where the issuer sends the browser back to: log in, and on to where the visitor wanted to be."""
    wanted: str | None = request.session.get(SESSION_NEXT)
    try:
        actor = _log_in(request, audience)
    except LoginRefused as problem:
        return _refused(request, audience, problem)
    log.info("logged_in", actor_kind=actor.kind)
    return HttpResponseRedirect(wanted or home_of(actor))


@never_cache
@require_GET
def refused(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """403: why the login that was just tried did not succeed."""
    remembered = request.session.get(SESSION_REFUSAL)
    if remembered is None:
        return HttpResponseRedirect("/")
    facts = {
        "explanation": EXPLANATIONS[RefusalCode(remembered["code"])],
        "shown": remembered["shown"],
        "reference": remembered["reference"],
        "audience": audience,
    }
    return render(request, "identity/refused.html", facts, status=403)


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """Log out here and at the issuer, and end at the front page."""
    actor = actor_of(request)
    id_token = services.log_out(request=request)
    if actor is None:
        return HttpResponseRedirect("/")
    audience = Audience.CITIZEN if isinstance(actor, CitizenActor) else Audience.STAFF
    try:
        return oidc.end_session(audience, id_token=id_token)
    except LoginRefused:
        # The session here is gone, which is what was asked for; the issuer is out of reach.
        log.warning("logout_not_told_to_issuer", audience=audience)
        return HttpResponseRedirect("/")


def _log_in(request: HttpRequest, audience: Audience) -> Actor:
    verified = oidc.from_issuer(request, audience)
    # Another login has been made in this browser: whoever was here before is so no longer, even if
    # this one is refused below.
    services.log_out(request=request)
    names = claims.ClaimNames(**settings.OIDC_CLAIMS)
    if audience is Audience.CITIZEN:
        citizen = claims.read_citizen(verified.claims, names)
        return services.log_in_citizen(request=request, facts=citizen, id_token=verified.id_token)
    staff = claims.read_staff(verified.claims, names)
    return services.log_in_staff(request=request, facts=staff, id_token=verified.id_token, now=timezone.now())


def _refused(request: HttpRequest, audience: Audience, problem: LoginRefused) -> HttpResponse:
    """On to the page that explains it, with a reference that leads support to the line in the log.

    A page of its own: the address with the issuer's code is spent, and reading it again, or in another
    language, must not become another failure.

    The next try asks the issuer for a fresh login: otherwise its single sign-on would send the same
    person straight back into the same refusal.
    """
    reference = secrets.token_hex(4).upper()
    log.warning(
        "login_refused", code=problem.code, audience=audience, reference=reference, shown=problem.shown
    )
    request.session[SESSION_FRESH] = True
    request.session[SESSION_REFUSAL] = {"code": problem.code, "shown": problem.shown, "reference": reference}
    return HttpResponseRedirect(reverse("identity:refused", args=[audience]))
