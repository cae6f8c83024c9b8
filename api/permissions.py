"""Who may ask: the rights of `identity.roles`, which the pages ask for, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

from identity.actors import StaffActor
from identity.middleware import actor_of
from identity.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class LoggedIn(BasePermission):
    """Anybody who is logged in, citizen or staff."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether somebody is here."""
        return actor_of(request._request) is not None


class StaffWhoMay(BasePermission):
    """A member of staff with the right that the view names as `needs`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether one of their roles gives it."""
        actor = actor_of(request._request)
        needs: Permission = view.needs  # type: ignore[attr-defined]
        return isinstance(actor, StaffActor) and actor.may(needs)
