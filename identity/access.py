"""Who may open a view.

    @citizen_required
    def tasks(request: CitizenRequest) -> HttpResponse: …

    @permission_required(Permission.ASSIGN_PLAN)
    def assign(request: StaffRequest, citizen_id: UUID) -> HttpResponse: …

Nobody logged in: to the login, and back here afterwards. The wrong kind of person, or a right that
is missing: a page that says so and who can give it (status 403).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from citizens.cpr_pattern import address_holds_cpr
from identity.actors import Actor, CitizenActor, StaffActor
from identity.landing import home_of
from identity.middleware import actor_of
from identity.roles import Permission

P = ParamSpec("P")


class CitizenRequest(HttpRequest):
    """A request that `citizen_required` let through. For type annotations only."""

    actor: CitizenActor
    htmx: HtmxDetails


class StaffRequest(HttpRequest):
    """A request that `permission_required` or `staff_required` let through. For type annotations only."""

    actor: StaffActor
    htmx: HtmxDetails


def citizen_required(
    view: Callable[Concatenate[CitizenRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only a citizen who is logged in."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if actor is None:
            return to_login(request, "citizen")
        if not isinstance(actor, CitizenActor):
            return wrong_door(request, actor, "citizen")
        return view(cast("CitizenRequest", request), *args, **kwargs)

    return guarded


def staff_required(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Any member of staff, whatever their roles: front pages and the like."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor = actor_of(request)
        if actor is None:
            return to_login(request, "staff")
        if not isinstance(actor, StaffActor):
            return wrong_door(request, actor, "staff")
        return view(cast("StaffRequest", request), *args, **kwargs)

    return guarded


def permission_required(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Only a member of staff whose roles give `permission`."""

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.actor.may(permission):
                return missing_permission(request, permission)
            return view(request, *args, **kwargs)

        return staff_required(guarded)

    return decorate


def is_safe_next(request: HttpRequest, url: str | None) -> bool:
    """Whether `url` is a page of this site, so that a login may send people on to it."""
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def to_login(request: HttpRequest, audience: str, *, back: str | None = None) -> HttpResponseBase:
    """Send a visitor to the login of `audience` ("citizen" or "staff"), and back here (or to `back`) afterwards.

    htmx follows a redirect out of sight and would ask the issuer for a piece of a page, so it is
    told to take the whole window there.
    """
    is_htmx = "HX-Request" in request.headers
    back = back or _page_to_come_back_to(request, is_htmx=is_htmx)
    address = reverse("identity:login", args=[audience])
    if back is not None:
        address += "?" + urlencode({"next": back})
    if is_htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_to_come_back_to(request: HttpRequest, *, is_htmx: bool) -> str | None:
    """The page the visitor was looking at: of a form that was sent, the one it stood on (if the browser says so).

    None also where somebody typed a CPR number into the address: it must not be handed on to the login.
    """
    if is_htmx:
        seen = urlsplit(request.headers.get("HX-Current-URL", ""))
        address = seen.path + (f"?{seen.query}" if seen.query else "")
    elif request.method in {"GET", "HEAD"}:
        address = request.get_full_path()
    else:
        seen = urlsplit(request.headers.get("Referer", ""))
        address = (
            seen.path + (f"?{seen.query}" if seen.query else "") if seen.netloc == request.get_host() else ""
        )
    return None if address_holds_cpr(address) else address or None


def wrong_door(request: HttpRequest, actor: Actor, audience: str) -> HttpResponse:
    """403: the page is for citizens and a member of staff came, or the other way round."""
    facts: dict[str, object] = {"audience": audience, "name": actor.name, "home": home_of(actor)}
    if isinstance(actor, StaffActor):
        facts["may_assist"] = actor.may(Permission.ASSIST_LOGIN)
    return render(request, "identity/wrong_door.html", facts, status=403)


def missing_permission(request: StaffRequest, permission: Permission) -> HttpResponse:
    """403: says which right is missing and which roles give it."""
    facts = {
        "permission": permission,
        "roles": sorted(permission.roles),
        "own_roles": sorted(request.actor.roles),
    }
    return render(request, "identity/missing_permission.html", facts, status=403)
