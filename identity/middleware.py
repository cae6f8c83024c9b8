"""Puts who is here on the request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from identity.actors import Actor, CitizenActor, StaffActor, actor_from_session

SESSION_ACTOR = "identity.actor"


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is here, also where the middleware has not run (an error before it, a bare test request)."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, CitizenActor | StaffActor) else None


def set_actor(request: HttpRequest, actor: Actor | None) -> None:
    """Say who is here, for the rest of this request."""
    request.actor = actor  # type: ignore[attr-defined]


class ActorMiddleware:
    """Sets `request.actor` (CitizenActor, StaffActor or None) from the session.

    Comes after SessionMiddleware. How long a session lives is the session's own business
    (SESSION_COOKIE_AGE): one that has run out is empty, and then nobody is here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = actor_from_session(request.session.get(SESSION_ACTOR))
        set_actor(request, actor)
        match actor:
            case CitizenActor():
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.citizen_id))
            case StaffActor():
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.staff_id))
        return self.get_response(request)
