"""Puts who is here on the request, and lets the database show what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import TypeVar

import structlog
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils import timezone
from psycopg.pq import TransactionStatus

from identity import assisting, programs, sessions
from identity.actors import Actor, CitizenActor, ProgramActor, StaffActor, actor_from_session
from municipalities.scope import Scope, within

SESSION_ACTOR = "identity.actor"

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def actor_of(request: HttpRequest) -> Actor | None:
    """Who is here, also where the middleware has not run (an error before it, a bare test request)."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, CitizenActor | StaffActor | ProgramActor) else None


def set_actor(request: HttpRequest, actor: Actor | None) -> None:
    """Say who is here, for the rest of this request."""
    request.actor = actor  # type: ignore[attr-defined]


class ActorMiddleware:
    """Sets `request.actor` (CitizenActor, StaffActor or None) from the session.

    Comes after SessionMiddleware. A session whose time is up is emptied, and then nobody is here; any other
    counts as used by this request, except by one that only asks how much time is left.

    Where a program sends a key along (`identity.programs`), that alone says who is here, also beside a session; one
    that is refused leaves nobody here, and `request.key_refusal` says why.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        secret = programs.secret_in(request)
        set_actor(request, self._of_session(request) if secret is None else _of_key(request, secret))
        match actor_of(request):
            case CitizenActor() as actor:
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.citizen_id))
                if actor.helper is not None:
                    structlog.contextvars.bind_contextvars(helper_id=str(actor.helper.staff_id))
            case StaffActor() | ProgramActor() as actor:
                structlog.contextvars.bind_contextvars(actor_kind=actor.kind, actor_id=str(actor.staff_id))
        return self.get_response(request)

    def _of_session(self, request: HttpRequest) -> Actor | None:
        actor: Actor | None = actor_from_session(request.session.get(SESSION_ACTOR))
        if actor is not None or sessions.has_begun(request.session):
            now = timezone.now()
            is_use = not sessions.only_asks(request)
            if sessions.has_ended(request.session, now):
                sessions.end(request.session)
                actor = None
            elif is_use:
                sessions.touch(request.session, now)
            if isinstance(actor, StaffActor):
                actor = assisting.in_place_of(actor, request.session, now, is_use=is_use)
            request.time_left = sessions.time_left_of(actor, request.session, now)  # type: ignore[attr-defined]
        return actor


def _of_key(request: HttpRequest, secret: str) -> ProgramActor | None:
    try:
        return programs.actor_with(secret, now=timezone.now())
    except programs.KeyRefused as refusal:
        request.key_refusal = refusal  # type: ignore[attr-defined]
        return None


def scope_of(actor: Actor | None) -> Scope | None:
    """Whose rows somebody sees: a citizen their own, staff their municipality's or what is national.

    A program sees what is built there, and nothing about a citizen.
    """
    match actor:
        case CitizenActor():
            return Scope.citizen(actor.citizen_id)
        case StaffActor(municipality_id=None) | ProgramActor(municipality_id=None):
            return Scope.national()
        case StaffActor(municipality_id=int(municipality_id)):
            return Scope.municipality(municipality_id)
        case ProgramActor(municipality_id=int(municipality_id)):
            return Scope.program(municipality_id)
    return None


def asks_elsewhere(view: V) -> V:
    """Mark a view that asks another server: it runs outside the request's transaction, in nobody's scope.

    Otherwise a server that is slow would hold database connections (docs/adr/0009). The outermost decorator, so that
    the URL resolver finds the mark; what the view asks the database it asks in `own_scope(request)`.
    """
    view.asks_elsewhere = True  # type: ignore[attr-defined]
    return view


def own_scope(request: HttpRequest) -> AbstractContextManager[None]:
    """What ScopeMiddleware puts around other views: a transaction in the scope of who is here."""
    return within(scope_of(actor_of(request)))


def _asks_elsewhere(request: HttpRequest) -> bool:
    try:
        return hasattr(resolve(request.path_info).func, "asks_elsewhere")
    except Http404:
        return False


class WorkLost(Exception):
    """A page was about to say that all is well, while the database has taken back what the request did."""


class ScopeMiddleware:
    """Runs the rest of the request in one transaction, in the scope of who is here; nobody gets neither.

    Nor does a view that asks another server (`asks_elsewhere`).

    Comes after ActorMiddleware, and before ProblemMiddleware: a refusal has become a page by then, so what the
    view had saved before it stays saved. So it does where a page fails to be drawn (status 500), because each
    use case is whole by itself. Only an error of the database itself takes everything back, as PostgreSQL wants
    it; a page that does not tell of it becomes a fault.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        actor = actor_of(request)
        scope = None if actor is None or _asks_elsewhere(request) else scope_of(actor)
        with within(scope):
            response = self.get_response(request)
            if scope is not None and _is_broken():
                transaction.set_rollback(True)
                if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    view_name = request.resolver_match.view_name if request.resolver_match else ""
                    raise WorkLost(
                        f"The database refused something during {request.method} {view_name}, "
                        "and the view went on as if it had not."
                    )
        if isinstance(response, StreamingHttpResponse):
            content = response.streaming_content
            if isinstance(content, Iterator):
                response.streaming_content = _streamed(scope, content)
        return response


def _is_broken() -> bool:
    connection = transaction.get_connection().connection
    return connection is not None and connection.info.transaction_status == TransactionStatus.INERROR


def _streamed(scope: Scope | None, content: Iterable[bytes]) -> Iterator[bytes]:
    """What is sent after the view has ended is read in the same scope, in a transaction of its own."""
    with within(scope):
        yield from content
