"""Who may ask: the rights of `identity.roles`, which the pages ask for, too."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission

from identity.actors import CitizenActor, ProgramActor, StaffActor
from identity.middleware import actor_of
from identity.roles import Permission
from kommunalpro.problems import Problem

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class KeyGivesLess(Problem):
    """The program was let in, but its key does not give the right (RFC 6750, 3.1: `insufficient_scope`)."""

    code = "permission_denied"
    status = HTTPStatus.FORBIDDEN
    headers = {"WWW-Authenticate": 'Bearer realm="Kommunal PRO", error="insufficient_scope"'}


class LoggedIn(BasePermission):
    """Any person who is logged in, citizen or staff; no program, so that a new address lets none in by itself."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether somebody is here."""
        return isinstance(actor_of(request._request), CitizenActor | StaffActor)


class Known(BasePermission):
    """Any person who is logged in, and any program with a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether anybody is here."""
        return actor_of(request._request) is not None


class WhoMay(BasePermission):
    """A member of staff, or a program, with the right that the view names as `needs`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether one of their roles, or the key, gives it. Raises KeyGivesLess."""
        actor = actor_of(request._request)
        needs: Permission = view.needs  # type: ignore[attr-defined]
        if isinstance(actor, ProgramActor) and not actor.may(needs):
            raise KeyGivesLess(
                _("Nøglen giver ikke ret til at %(right)s. Lav en ny i KAM, der gør.")
                % {"right": needs.label}
            )
        return isinstance(actor, StaffActor | ProgramActor) and actor.may(needs)
