"""Who may open a page of the Medarbejdermodul: a member of staff of a municipality, with the right to it.

@municipal_staff(Permission.SEE_CITIZENS)
def overview(request: MunicipalRequest) -> HttpResponse: …
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from identity.access import StaffRequest, permission_required, staff_required
from identity.models import StaffMember
from identity.roles import Permission
from municipalities.models import Municipality

P = ParamSpec("P")


class MunicipalRequest(StaffRequest):
    """A request that `municipal_staff` let through: `municipality` is the only one it may read.

    `is_accounted_for` tells whether the view has said whom it shows (`staff.seen`).
    """

    municipality: Municipality
    is_accounted_for: bool


class NotAccountedFor(RuntimeError):
    """A view gave a page without saying whose data it shows: no entry in the access log, no page and no act."""


def municipal_staff(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[MunicipalRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Only a member of staff of a municipality whose roles give `permission`.

    The system administration belongs to no municipality and gets a page that says so. No page is kept by
    the browser or anything on the way: they hold health data. Nor does one leave whose view has not said whom
    it shows (raises NotAccountedFor), and what it did is taken back: every use of a citizen's data stands in the
    access log.
    """

    def decorate(
        view: Callable[Concatenate[MunicipalRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def in_municipality(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            municipal = cast("MunicipalRequest", request)
            municipal.is_accounted_for = False
            answer = view(municipal, *args, **kwargs)
            if not municipal.is_accounted_for:
                # The request's transaction would else keep what the view did, though nobody can see who did it.
                transaction.set_rollback(True)
                raise NotAccountedFor(f"{view.__module__}.{view.__name__} has not said whom it shows.")
            return answer

        permitted = permission_required(permission)(in_municipality)

        @wraps(view)
        def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            municipality_id = request.actor.municipality_id
            if municipality_id is None:
                return render(request, "staff/no_municipality.html", status=403)
            cast("MunicipalRequest", request).municipality = Municipality.objects.get(pk=municipality_id)
            return permitted(request, *args, **kwargs)

        return never_cache(staff_required(guarded))

    return decorate


def member_of_staff(request: StaffRequest) -> StaffMember:
    """The row of the person who acts."""
    return StaffMember.objects.get(pk=request.actor.staff_id)
