"""Pages about sessions: how long this one lives, one's own everywhere, and the issuer's word that one is over."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity import logout_tokens, oidc, services, sessions
from identity.access import is_safe_next
from identity.actors import CitizenActor, StaffActor
from identity.audience import Audience
from identity.issuers import issuer_of
from identity.landing import home_of
from identity.middleware import actor_of, asks_elsewhere, own_scope
from identity.rate_limits import Action, count
from identity.refusals import LoginRefused

log = structlog.get_logger(__name__)

# In the address that a page of an assisted visit asks: once the visit is over, its time is, though the login goes on.
ASKED_IN_VISIT = "visit"


@never_cache
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """How long this session lives. POST counts as a use of it, which is how one stays logged in.

    For the dialog's script in JSON; as a page for browsers without scripts, which open it in a tab of its own, so
    that nothing is lost of a form in the first.
    """
    is_page = request.get_preferred_type(["application/json", "text/html"]) == "text/html"
    actor = actor_of(request)
    if isinstance(actor, StaffActor) and ASKED_IN_VISIT in request.GET:
        return JsonResponse({"seconds": 0, "extendable": False})
    if actor is None:
        if is_page:
            return HttpResponseRedirect(reverse("identity:ended"))
        return JsonResponse({"seconds": 0, "extendable": False})
    if request.method == "POST":
        # At once, though the last use may be less than a minute ago: this one was asked for.
        request.session[sessions.SESSION_SEEN_AT] = timezone.now().timestamp()
        if is_page:
            return HttpResponseRedirect(reverse("identity:session"))
    left = sessions.time_left_of(actor, request.session, timezone.now())
    if is_page:
        return render(request, "identity/session.html", {"left": left})
    return JsonResponse({"seconds": left.seconds, "extendable": left.can_be_extended})


@never_cache
@require_GET
def ended(request: HttpRequest) -> HttpResponse:
    """Where the browser goes when the time is up, of the login or of an assisted visit: says so, and the way on."""
    actor = actor_of(request)
    if isinstance(actor, StaffActor) and ASKED_IN_VISIT in request.GET:
        return render(request, "identity/visit_ended.html", {"home": home_of(actor)})
    wanted = request.GET.get("next", "")
    asked = request.GET.get("audience", "")
    audience = Audience(asked) if asked in set(Audience) else Audience.CITIZEN
    again = reverse("identity:login", args=[audience])
    if is_safe_next(request, wanted):
        again += "?" + urlencode({"next": wanted})
    return render(request, "identity/ended.html", {"again": again})


@asks_elsewhere
@never_cache
@require_http_methods(["GET", "POST"])
def own_sessions(request: HttpRequest) -> HttpResponseBase:
    """Where one is logged in. POST logs out everywhere, here and at the issuer too."""
    actor = actor_of(request)
    if actor is None:
        return HttpResponseRedirect("/")
    now = timezone.now()
    if request.method == "GET":
        with own_scope(request):
            rows = [(row, sessions.is_this(row, request.session)) for row in sessions.sessions_of(actor, now)]
            return render(
                request,
                "identity/sessions.html",
                {"rows": rows, "minutes": settings.SESSION_COOKIE_AGE // 60, "home": home_of(actor)},
            )
    ended_ones = sessions.end_all_of(actor)
    id_token = services.log_out(request=request)
    log.info("logged_out_everywhere", sessions=ended_ones)
    return to_issuers_end(actor_is_citizen=isinstance(actor, CitizenActor), id_token=id_token)


def to_issuers_end(*, actor_is_citizen: bool, id_token: str) -> HttpResponseBase:
    """On to the issuer, to log out there too, and from there to the front page."""
    audience = Audience.CITIZEN if actor_is_citizen else Audience.STAFF
    try:
        return oidc.end_session(audience, id_token=id_token)
    except LoginRefused:
        # The session here is gone, which is what was asked for; the issuer is out of reach.
        log.warning("logout_not_told_to_issuer", audience=audience)
        return HttpResponseRedirect("/")


@asks_elsewhere
@csrf_exempt
@never_cache
@require_POST
def back_channel_logout(request: HttpRequest, audience: Audience) -> HttpResponse:
    """The issuer says, server to server, that a login is over (OpenID Connect Back-Channel Logout 1.0)."""
    try:
        told = logout_tokens.accept(audience, request.POST.get("logout_token", ""), now=timezone.now())
    except LoginRefused as problem:
        count(request, Action.LOGOUT_NOTICE)
        log.warning("back_channel_logout_refused", audience=audience, code=problem.code)
        return JsonResponse({"error": "invalid_request"}, status=400)
    ended_ones = sessions.end_for_issuer(
        issuer=told.issuer, subject=told.subject, issuer_session=told.issuer_session
    )
    log.info("back_channel_logout", audience=audience, sessions=ended_ones)
    return HttpResponse()


@xframe_options_exempt
@never_cache
@require_GET
def front_channel_logout(request: HttpRequest, audience: Audience) -> HttpResponse:
    """The issuer says so through a hidden frame in the browser (OpenID Connect Front-Channel Logout 1.0).

    Browsers send our cookie to no frame of another site, so the issuer's session (`sid`) says whose it is:
    nobody but the issuer and that browser knows it.
    """
    issuer, issuer_session = request.GET.get("iss", ""), request.GET.get("sid", "")
    if issuer.rstrip("/") != issuer_of(audience) or not issuer_session:
        count(request, Action.LOGOUT_NOTICE)
        return HttpResponse(status=400)
    ended_ones = sessions.end_for_issuer(issuer=issuer, issuer_session=issuer_session)
    if not ended_ones:
        count(request, Action.LOGOUT_NOTICE)
    log.info("front_channel_logout", audience=audience, sessions=ended_ones)
    answer = HttpResponse()
    # What django-csp's own decorator does, whose values stand fast when the module is read.
    answer._csp_replace = {"frame-ancestors": [issuer_of(audience)]}  # type: ignore[attr-defined]
    return answer
