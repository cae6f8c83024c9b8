"""Who may open a page of the Medarbejdermodul: a member of staff of a municipality, with the right to it.

@municipal_staff(Permission.SEE_CITIZENS)
def overview(request: MunicipalRequest) -> HttpResponse: …
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from followup.teams import Teams, teams_of
from identity.access import StaffRequest, permission_required, staff_required
from identity.models import StaffMember
from identity.roles import Permission
from kommunalpro.compiled_queries import KEEPS_PLANS, CompiledQuery
from municipalities.models import Municipality

P = ParamSpec("P")


class MunicipalRequest(StaffRequest):
    """A request that `municipal_staff` let through: `municipality` is the only one it may read.

    `teams` are the care teams whose citizens are this employee's own.
    `is_accounted_for` tells whether the view has said whom it shows (`staff.seen`).
    """

    municipality: Municipality
    teams: Teams
    is_accounted_for: bool


class NotAccountedFor(RuntimeError):
    """A view gave a page without saying whose data it shows: no entry in the access log, no page and no act."""


class OutsideTeams(Exception):
    """The page is about a citizen (`citizen_id`) whom other teams follow, and no reason was given yet."""

    def __init__(self, citizen_id: UUID) -> None:
        super().__init__(f"{citizen_id} is followed by other teams.")
        self.citizen_id = citizen_id


def municipal_staff(
    permission: Permission, *, keeps_plans: bool = False
) -> Callable[
    [Callable[Concatenate[MunicipalRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Only a member of staff of a municipality whose roles give `permission`.

    The system administration belongs to no municipality and gets a page that says so. No page is kept by
    the browser or anything on the way: they hold health data. Nor does one leave whose view has not said whom
    it shows (raises NotAccountedFor), and what it did is taken back: every use of a citizen's data stands in the
    access log. A page about somebody whom other teams follow leads to the one that asks why (`staff.seen`).

    `keeps_plans`: of a page whose large queries are compiled ones (`kommunalpro.compiled_queries.KEEPS_PLANS`).
    """

    def decorate(
        view: Callable[Concatenate[MunicipalRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def in_municipality(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            municipal = cast("MunicipalRequest", request)
            municipal.is_accounted_for = False
            try:
                answer = view(municipal, *args, **kwargs)
            except OutsideTeams as others:
                # Whatever the view did before it said whom it is about.
                transaction.set_rollback(True)
                return _to_the_reason(municipal, others.citizen_id)
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
            municipal = cast("MunicipalRequest", request)
            municipal.municipality = _municipality(municipality_id, keeps_plans)
            municipal.teams = teams_of(request.actor, municipal.municipality)
            return permitted(request, *args, **kwargs)

        return never_cache(staff_required(guarded))

    return decorate


def _municipalities(*, pk: int, keeps_plans: bool) -> QuerySet[Municipality]:
    found = Municipality.objects.filter(pk=pk)
    return found.annotate(plan_mode=KEEPS_PLANS) if keeps_plans else found


_MUNICIPALITY = CompiledQuery(_municipalities)


def _municipality(pk: int, keeps_plans: bool) -> Municipality:
    """With every page."""
    [found] = _MUNICIPALITY.all(pk=pk, keeps_plans=keeps_plans)
    return found


def _to_the_reason(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """To the page that asks why, and then back here, or to the citizen's page where something was to be done."""
    own = reverse("staff:citizen", args=[citizen_id])
    back = request.get_full_path() if request.method in {"GET", "HEAD"} and not request.htmx else own
    address = f"{reverse('staff:outside', args=[citizen_id])}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)


def member_of_staff(request: StaffRequest) -> StaffMember:
    """The row of the person who acts."""
    return StaffMember.objects.get(pk=request.actor.staff_id)
