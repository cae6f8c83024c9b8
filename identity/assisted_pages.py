"""What may be opened during an assisted visit, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from identity import assisting
from identity.access_log import Action
from identity.actors import CitizenActor
from identity.assisting import Ended
from identity.landing import home_of
from identity.middleware import actor_of, set_actor
from identity.roles import Permission

# Answering, and nothing else of the citizen's. What is not named here is closed.
ANSWERING = frozenset(
    f"citizens:{name}"
    for name in ("tasks", "task", "page", "save", "options", "upload", "file", "summary", "receipt")
)
OPEN = ANSWERING | {
    "citizens:language",
    "identity:end_visit",
    "identity:session",
    "identity:ended",
    "identity:logout",
    "picture",
    "set_language",
    "text_size",
    "was",
}


class AssistedPagesMiddleware:
    """Closes every page but those of answering during an assisted visit, and enters each use into the access log.

    Comes after ScopeMiddleware: the entry is written in the transaction of the page, or the page is not shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """A page that says no, or None to go on."""
        actor = actor_of(request)
        if not isinstance(actor, CitizenActor) or actor.helper is None or request.resolver_match is None:
            return None
        name = request.resolver_match.view_name
        if name == "home":
            # Error pages and the name in the header lead there, and from there only logins lead on.
            return HttpResponseRedirect(reverse("citizens:tasks"))
        if name not in OPEN:
            return render(request, "identity/assisted_closed.html", status=403)
        if name in ANSWERING:
            action = Action.CHANGE if request.method == "POST" else Action.READ
            assisting.account_for(actor, action, at=timezone.now())
        return None


@require_POST
def end_visit(request: HttpRequest) -> HttpResponse:
    """End the visit, and go back to the employee's own place. Where it is over already, that is as well."""
    actor = actor_of(request)
    if not isinstance(actor, CitizenActor) or actor.helper is None:
        return HttpResponseRedirect(home_of(actor) if actor is not None else "/")
    why = Ended.WITHDRAWN if request.POST.get("why") == Ended.WITHDRAWN else Ended.DONE
    assisting.end(session=request.session, helper=actor.helper, why=why, at=timezone.now())
    rotate_token(request)
    set_actor(request, actor.helper)
    if actor.helper.may(Permission.SEE_CITIZENS):
        return HttpResponseRedirect(reverse("staff:citizen", args=[actor.citizen_id]))
    return HttpResponseRedirect(home_of(actor.helper))
