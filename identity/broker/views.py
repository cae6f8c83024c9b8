"""The page that stands in for MitID and for the municipalities' login: choose a demo person."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import parse_qs, urlsplit

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oidc_provider.lib.utils.authorize import strip_prompt_login
from oidc_provider.models import Client

from identity.broker import settings
from identity.broker.people import Audience, Person, everybody, people_for


@never_cache
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponseBase:
    """Show the people who can log in where the visitor comes from; POST `person` is the choice.

    `next` is the authorization request that the visitor came with; without one there is nobody to tell.
    """
    onward = (request.POST if request.method == "POST" else request.GET).get("next", "")
    audience = audience_of(onward)
    if audience is None:
        return render(request, "broker/nowhere.html", {"public_url": settings.PUBLIC_URL}, status=400)
    if request.method == "POST":
        return _be(request, request.POST.get("person", ""), audience, onward)
    search = request.GET.get("q", "").strip()
    people = people_for(audience, search=search)
    return render(
        request,
        "broker/choose.html",
        {"audience": audience, "groups": _grouped(people), "search": search, "next": onward},
    )


def audience_of(onward: str) -> Audience | None:
    """Which of the application's clients asks, by the authorization request `onward`; None for no such."""
    address = urlsplit(onward)
    if address.scheme or address.netloc or address.path != reverse("oidc_provider:authorize"):
        return None
    asking = parse_qs(address.query).get("client_id", [""])[0]
    return _audience_of_client(asking)


def right_kind_of_person(request: HttpRequest, user: User, client: Client) -> HttpResponse | None:
    """Hook after login: a citizen's session here does not count for the staff login, nor the reverse.

    Nor does one of a person who is no longer in the demo.
    """
    person = everybody().get(user.get_username())
    if person is not None and person.audience == _audience_of_client(client.client_id):
        return None
    logout(request)
    # The visitor is asked now; left in, `prompt=login` would have them asked a second time.
    onward = request.get_full_path()
    if "prompt" in request.GET:
        onward = strip_prompt_login(onward)
    return redirect_to_login(onward, settings.OIDC_LOGIN_URL)


def _audience_of_client(client_id: str) -> Audience | None:
    audiences: tuple[Audience, ...] = ("citizen", "staff")
    return next((audience for audience in audiences if settings.CLIENTS[audience][0] == client_id), None)


def _be(request: HttpRequest, key: str, audience: Audience, onward: str) -> HttpResponseBase:
    person = everybody().get(key)
    if person is None or person.audience != audience:
        return HttpResponseBadRequest("Den demo-person findes ikke. Gå tilbage, og vælg en anden.")
    user, _created = User.objects.get_or_create(username=person.key)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(onward)


def _grouped(people: list[Person]) -> list[tuple[str, list[Person]]]:
    return [(group, list(members)) for group, members in groupby(people, key=lambda person: person.group)]
