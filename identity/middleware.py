"""Puts who is here on the request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from identity import sessions
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

    Comes after SessionMiddleware. A session whose time is up is emptied, and then nobody is here; any other
    counts as used by this request, except by one that only asks how much time is left.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = actor_from_session(request.session.get(SESSION_ACTOR))
        if actor is not None or sessions.has_begun(request.session):
            now = timezone.now()
            if sessions.has_ended(request.session, now):
                sessions.end(request.session)
                actor = None
            elif not sessions.only_asks(request):
                sessions.touch(request.session, now)
            request.time_left = sessions.time_left(request.session, now)  # type: ignore[attr-defined]
        set_actor(request, actor)
        match actor:
            case CitizenActor():
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.citizen_id))
            case StaffActor():
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.staff_id))
        return self.get_response(request)
