"""Who asks: the person whose session it is, or the program whose key it is, as `identity.middleware` found them."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from identity.actors import Actor, ProgramActor, StaffActor
from identity.middleware import actor_of
from identity.rate_limits import Action, count

# What a 401 asks for (RFC 9110, 11.6.1): one of the two.
CHALLENGES = 'Session realm="Kommunal PRO", Bearer realm="Kommunal PRO"'


class KeyAuthentication(BaseAuthentication):
    """A program's key (`Authorization: Bearer kpro_…`); no browser sends it by itself, so nothing can be forged.

    Stands before the session: who sends a key is let in by it or not at all.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """(actor, None); None where no key came. Raises KeyRefused, or TooManyRequests where many were refused."""
        refusal = getattr(request._request, "key_refusal", None)
        if refusal is not None:
            count(request._request, Action.KEY_REFUSED)
            raise refusal
        actor = actor_of(request._request)
        return (actor, None) if isinstance(actor, ProgramActor) else None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGES


class ActorAuthentication(SessionAuthentication):
    """The session's actor becomes `request.user`; whatever changes something needs the token against forgery."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """(actor, None); None where nobody is logged in."""
        actor = actor_of(request._request)
        if actor is None:
            return None
        self.enforce_csrf(request)
        return actor, None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return CHALLENGES


def actor_who_asks(request: Request) -> Actor:
    """The actor of a request that a permission class let through."""
    actor = actor_of(request._request)
    if actor is None:
        raise TypeError("This view lets nobody in: it needs a permission class.")
    return actor


def worker_who_asks(request: Request) -> StaffActor | ProgramActor:
    """Who works on questionnaires, once `WhoMay` has let them through."""
    actor = actor_who_asks(request)
    if not isinstance(actor, StaffActor | ProgramActor):
        raise TypeError("This view lets citizens in: it needs WhoMay.")
    return actor
