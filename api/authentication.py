"""Who asks: the person whose session it is, as `identity.middleware` found them."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from identity.actors import Actor
from identity.middleware import actor_of


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
        """What a 401 asks for (RFC 9110, 11.6.1)."""
        return 'Session realm="Kommunal PRO"'


def actor_who_asks(request: Request) -> Actor:
    """The actor of a request that a permission class let through."""
    actor = actor_of(request._request)
    if actor is None:
        raise TypeError("This view lets nobody in: it needs a permission class.")
    return actor
