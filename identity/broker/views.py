"""The page that stands in for MitID and for the municipalities' login: choose a demo person."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

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
from oidc_provider.views import TokenView

from identity.broker import settings
from identity.broker.odd import ODDITIES, composed_key, find, taken_apart, themes
from identity.broker.people import Audience, Person, people_for
from identity.broker.tokens import signed_oddly

# The compositions that end before there is a token, as OpenID Connect names them.
DENIALS: Final = {
    "no-answer": "login_required",
    "cancelled": "access_denied",
    "unavailable": "temporarily_unavailable",
}
MOST_PEOPLE = 60


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


@never_cache
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest) -> HttpResponseBase:
    """Compose a login that is odd; POST `person` and any of the oddities' themes is the composition."""
    onward = (request.POST if request.method == "POST" else request.GET).get("next", "")
    audience = audience_of(onward)
    if audience is None:
        return render(request, "broker/nowhere.html", {"public_url": settings.PUBLIC_URL}, status=400)
    offered = themes(audience)
    if request.method == "POST":
        chosen = [request.POST[theme] for theme in offered if request.POST.get(theme) in ODDITIES]
        return _be(request, composed_key(request.POST.get("person", ""), chosen), audience, onward)
    facts = {
        "audience": audience,
        "themes": offered,
        "people": people_for(audience)[:MOST_PEOPLE],
        "next": onward,
    }
    return render(request, "broker/compose.html", facts)


class Token(TokenView):  # type: ignore[misc]
    """The token endpoint, where a composed login may have its ID token signed with the wrong key."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        answer = json.loads(response.content)
        if "id_token" in answer:
            response.content = json.dumps(signed_oddly(answer)).encode()
        return response


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
    person = find(user.get_username())
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
    person = find(key)
    if person is None or person.audience != audience:
        return HttpResponseBadRequest("Den demo-person findes ikke. Gå tilbage, og vælg en anden.")
    odd = taken_apart(key)[1]
    if denial := next((error for code, error in DENIALS.items() if code in odd), None):
        return _denied(onward, denial)
    user, _created = User.objects.get_or_create(username=person.key)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(onward)


def _denied(onward: str, error: str) -> HttpResponseBase:
    """Back to the application without a login, as an issuer does it."""
    asked = parse_qs(urlsplit(onward).query)
    back = asked.get("redirect_uri", [""])[0]
    if not back.startswith(f"{settings.PUBLIC_URL}/login/"):
        return HttpResponseBadRequest("Adressen at vende tilbage til er ikke Kommunal PRO's.")
    return HttpResponseRedirect(f"{back}?{urlencode({'error': error, 'state': asked.get('state', [''])[0]})}")


def _grouped(people: list[Person]) -> list[tuple[str, list[Person]]]:
    return [(group, list(members)) for group, members in groupby(people, key=lambda person: person.group)]
