"""Log in, come back, choose what to work with, log out, and the page that explains a refused login."""

from __future__ import annotations

import secrets
from datetime import datetime

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity import assisting, attempts, checks, oidc, services, unsent
from identity.access import is_safe_next, to_login
from identity.actors import CitizenActor
from identity.assisting import Ended
from identity.audience import Audience
from identity.checks import Check, Judgement
from identity.claims import CitizenFacts, StaffFacts
from identity.diagnosis import help_desk_text, rows_of
from identity.landing import home_of
from identity.middleware import actor_of, asks_elsewhere
from identity.rate_limits import Action, count
from identity.refusals import LoginRefused, RefusalCode, explanation_of
from identity.session_views import to_issuers_end

log = structlog.get_logger(__name__)

SESSION_NEXT = "identity.next"
SESSION_FRESH = "identity.fresh"
SESSION_REFUSAL = "identity.refusal"


@asks_elsewhere
@never_cache
@require_GET
def login(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """Send the visitor to the issuer; `?next=` is where to go afterwards, if it is a page of this site."""
    if request.session.is_empty():
        count(request, Action.LOGIN)
    wanted = request.GET.get("next")
    if wanted and is_safe_next(request, wanted):
        request.session[SESSION_NEXT] = wanted
    else:
        request.session.pop(SESSION_NEXT, None)
    try:
        return oidc.to_issuer(request, audience, fresh=bool(request.session.pop(SESSION_FRESH, False)))
    except LoginRefused as problem:
        return _refused(request, checks.stopped(audience, problem))


@asks_elsewhere
@never_cache
@require_GET
def callback(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """Where the issuer sends the browser back to: log in, and on to where the visitor wanted to be."""
    wanted: str | None = request.session.get(SESSION_NEXT)
    waiting = unsent.waiting(request)
    try:
        login = oidc.from_issuer(request, audience)
    except LoginRefused as problem:
        count(request, Action.LOGIN_RETURN)
        stopped = checks.stopped(audience, problem)
        attempts.record(stopped, at=timezone.now())
        return _refused(request, stopped)
    # Another login has been made in this browser: whoever was here before is so no longer, even if
    # this one is refused below.
    services.log_out(request=request)
    judgement = services.judge(audience=audience, claims=login.claims)
    attempts.record(judgement, at=timezone.now())
    if judgement.refusal is not None:
        if audience is Audience.STAFF:
            services.withdraw_access(refusal=judgement.refusal, login=login)
        return _refused(request, judgement)
    actor = services.log_in(request=request, facts=judgement.accepted(), login=login, now=timezone.now())
    if actor is None:
        request.session[SESSION_NEXT] = wanted
        return HttpResponseRedirect(reverse("identity:context"))
    unsent.hand_over(request, waiting, to=actor)
    log.info("logged_in", actor_kind=actor.kind)
    return HttpResponseRedirect(wanted or home_of(actor))


@never_cache
@require_GET
def refused(request: HttpRequest, audience: Audience) -> HttpResponseBase:
    """403: why the login that was just tried did not succeed."""
    remembered = request.session.get(SESSION_REFUSAL)
    if remembered is None or remembered["audience"] != audience:
        return HttpResponseRedirect("/")
    code, reference = RefusalCode(remembered["code"]), remembered["reference"]
    made = [Check.from_session(each) for each in remembered["checks"]]
    facts = {
        "code": code,
        "explanation": explanation_of(code, audience),
        "shown": remembered["shown"],
        "reference": reference,
        "rows": rows_of(made, audience),
        "help_desk_text": help_desk_text(
            checks=made,
            code=code,
            audience=audience,
            reference=reference,
            at=datetime.fromisoformat(remembered["at"]),
        ),
        "audience": audience,
    }
    return render(request, "identity/refused.html", facts, status=403)


@never_cache
@require_http_methods(["GET", "POST"])
def context(request: HttpRequest) -> HttpResponseBase:
    """Where an employee with several groups of roles chooses which to work in; POST `context` is its number."""
    contexts = services.contexts_of(request)
    if not contexts:
        return to_login(request, Audience.STAFF)
    problem = ""
    if request.method == "POST":
        try:
            actor = services.choose_context(request=request, number=int(request.POST.get("context", "")))
        except (ValueError, IndexError):
            problem = _("Vælg, hvad du vil arbejde med.")
        else:
            log.info("context_chosen", contexts=len(contexts))
            return HttpResponseRedirect(request.session.pop(SESSION_NEXT, None) or home_of(actor))
    staff = request.session[services.SESSION_STAFF]
    facts = {
        "contexts": contexts,
        "current": services.current_context(request),
        "problem": problem,
        "name": staff["name"],
        "municipality": staff["municipality_name"],
    }
    return render(request, "identity/context.html", facts, status=422 if problem else 200)


@asks_elsewhere
@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    """Log out here and at the issuer, and end at the front page."""
    actor = actor_of(request)
    if isinstance(actor, CitizenActor) and actor.helper is not None:
        # It is the employee who logs out, at the employees' issuer.
        assisting.end(session=request.session, helper=actor.helper, why=Ended.LOGGED_OUT, at=timezone.now())
        actor = actor.helper
    id_token = services.log_out(request=request)
    if actor is None:
        return HttpResponseRedirect("/")
    return to_issuers_end(actor_is_citizen=isinstance(actor, CitizenActor), id_token=id_token)


def _refused(
    request: HttpRequest, judgement: Judgement[CitizenFacts] | Judgement[StaffFacts] | Judgement[None]
) -> HttpResponse:
    """On to the page that explains it, with a reference that leads support to the line in the log.

    A page of its own: the address with the issuer's code is spent, and reading it again, or in another
    language, must not become another failure.

    The next try asks the issuer for a fresh login: otherwise its single sign-on would send the same
    person straight back into the same refusal.
    """
    problem, audience = judgement.refusal, judgement.audience
    if problem is None:
        raise ValueError("Only a refused login has a page that explains the refusal.")
    reference = secrets.token_hex(4).upper()
    log.warning(
        "login_refused",
        code=problem.code,
        audience=audience,
        reference=reference,
        shown=problem.shown,
        checks={
            check.step.value: " ".join([check.outcome, *(f"{word}={value}" for word, value in check.facts)])
            for check in judgement.checks
        },
    )
    request.session[SESSION_FRESH] = True
    request.session[SESSION_REFUSAL] = {
        "audience": audience,
        "code": problem.code,
        "shown": problem.shown,
        "reference": reference,
        "at": timezone.now().isoformat(),
        "checks": [check.to_session() for check in judgement.checks],
    }
    return HttpResponseRedirect(reverse("identity:refused", args=[audience]))
