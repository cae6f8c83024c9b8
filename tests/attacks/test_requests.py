"""Forged forms, redirects to elsewhere, headers that were never sent, sessions planted beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client

from identity.roles import Role
from plans.models import CarePlan, Plan
from questionnaires.models import PublicationStatus
from tests import factories
from tests.conftest import staff_actor
from tests.every_address import patterns

pytestmark = pytest.mark.django_db

# Server to server, vouched for by the issuer's signature instead (OpenID Connect Back-Channel Logout 1.0).
NO_TOKEN_NEEDED = {"identity:back_channel_logout"}


@pytest.fixture
def everybody(client_as: Callable[..., Client]) -> Client:
    """An employee with every role: whatever is refused is not refused for want of a right."""
    return client_as(staff_actor(factories.StaffMemberFactory(), frozenset(Role)))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_form_of_another_site_changes_nothing(
    method: str, everybody: Client, tried: Callable[[str, int], None]
) -> None:
    everybody.handler.enforce_csrf_checks = True
    attempts = 0
    for pattern in patterns():
        if pattern.name in NO_TOKEN_NEEDED:
            continue
        for address in pattern.addresses():
            for headers in ({}, {"Origin": "https://evil.example"}, {"X-CSRFToken": "x" * 64}):
                answer = everybody.generic(
                    method, address, "text=x", "application/x-www-form-urlencoded", headers=headers
                )
                assert answer.status_code in {403, 404, 405}, f"{method} {address}: {answer.status_code}"
                attempts += 1
    tried("CSRF", attempts)


def test_no_method_is_taken_from_a_header_or_a_field(
    everybody: Client, tried: Callable[[str, int], None]
) -> None:
    ways: list[dict[str, Any]] = [
        {"headers": {"X-HTTP-Method-Override": "POST"}},
        {"headers": {"X-HTTP-Method": "POST"}},
        {"headers": {"X-Method-Override": "POST"}},
        {"query_params": {"_method": "POST"}},
    ]
    for way in ways:
        assert everybody.get("/logout/", **way).status_code == 405
    tried("method override", len(ways))


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "http:evil.example",
    "https:///evil.example",
    "https:/evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "http://evil.example#@testserver/",
    "http://evil.example\\@testserver/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil。example",
    "//%65vil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/.evil.example//evil.example",
    "ftp://evil.example",
    "//[::ffff:1.2.3.4]/",
    "https://evil.example?testserver",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nSet-Cookie: kommunalpro_session=planted",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_elsewhere(wanted: str, everybody: Client, tried: Callable[[str, int], None]) -> None:
    ways: list[Callable[[], Any]] = [
        lambda: Client().get("/login/staff/", {"next": wanted}),
        lambda: Client().get("/login/ended/", {"next": wanted}),
        lambda: Client().post("/sprog/setlang/", {"language": "en", "next": wanted}),
        lambda: everybody.post("/sprog/setlang/", {"language": "en"}, headers={"Referer": quote(wanted)}),
        lambda: Client().get("/borger/", headers={"HX-Request": "true", "HX-Current-URL": quote(wanted)}),
        lambda: everybody.post("/login/context/", {"context": "0", "next": wanted}),
        lambda: Client().get("/login/citizen/front-channel-logout/", {"iss": wanted, "sid": wanted}),
        lambda: Client().get(f"/medarbejder/?next={quote(wanted)}"),
    ]
    for way in ways:
        answer = way()
        for header in ("Location", "HX-Redirect"):
            to = answer.headers.get(header, "/")
            assert urlsplit(to).netloc in {"", "testserver"}, f"{header}: {to}"
            assert not to.startswith(("//", "/\\", "javascript:", "data:"))
        assert "\n" not in str(answer.headers.get("Location"))
        assert "planted" not in str(answer.cookies)
        assert b'href="https://evil' not in answer.content
        assert b'href="//evil' not in answer.content
        assert b'href="javascript' not in answer.content
    tried("open redirect", len(ways))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "testserver:80@evil.example"},
        {"Host": "testserver.evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "testserver, evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Port": "1337"},
        {"X-Forwarded-For": "<script>alert(1)</script>"},
        {"X-Original-URL": "/kam/"},
        {"X-Rewrite-URL": "/kam/"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"Forwarded": "host=evil.example"},
        {"Referer": "https://evil.example/"},
        {"Accept-Language": "da\r\nX-Injected: 1"},
        {"User-Agent": "\r\nX-Injected: 1"},
        {"Accept-Language": "../../../../etc/passwd," + "x," * 2_000},
    ],
    ids=lambda headers: next(f"{name}: {value[:30]!r}" for name, value in headers.items()),
)
def test_no_header_of_the_request_steers_the_answer(
    headers: dict[str, str], everybody: Client, tried: Callable[[str, int], None]
) -> None:
    everybody.raise_request_exception = False
    attempts = 0
    for pattern in patterns():
        if pattern.name == "identity:logout":
            continue
        for address in pattern.addresses():
            answer = everybody.get(address, headers=headers)
            told = str(answer.headers).lower() + (
                "" if answer.streaming else answer.content.decode(errors="replace").lower()
            )
            assert "evil.example" not in told, address
            assert "x-injected" not in str(answer.headers).lower()
            assert "<script>alert(1)" not in told
            assert answer.status_code < 500 or pattern.name == "healthz_deliveries", address
            # Nothing that a cache could keep for others.
            assert "no-store" in answer.headers["Cache-Control"]
            attempts += 1
    tried("header injection and cache poisoning", attempts)


def test_a_line_break_in_a_title_stays_out_of_the_files_name(
    client_as: Callable[..., Client], tried: Callable[[str, int], None]
) -> None:
    member = factories.StaffMemberFactory()
    titles = ['a"\r\nX-Injected: 1', "a\nb", 'x"; filename="evil.exe', "../../etc/passwd", "\u2028", "…"]
    for title in titles:
        version = factories.QuestionnaireVersionFactory(
            questionnaire=factories.QuestionnaireFactory(owner=member.municipality), title=title
        )
        answer = client_as(staff_actor(member, frozenset(Role))).get(f"/kam/spoergeskemaer/{version.pk}/fil/")
        assert answer.status_code == 200
        assert answer["Content-Disposition"].count('"') == 2
        assert "X-Injected" not in answer.headers
        assert not set("\r\n/") & set(answer["Content-Disposition"])
    tried("header injection by a title", len(titles))


def test_a_session_that_was_planted_is_not_the_one_that_is_logged_in(
    client_as: Callable[..., Client], tried: Callable[[str, int], None]
) -> None:
    """tests/identity/test_login.py shows that a login makes a new key; here nothing takes one that it did not make."""
    keys = ["x" * 32, "a", "../../x", "", "x" * 5_000, "planted0planted0planted0planted0"]
    for key in keys:
        client = Client()
        client.cookies["kommunalpro_session"] = key
        answer = client.get("/login/ended/")
        assert answer.status_code == 200
        made = client.session.session_key
        assert made != key or not made
        assert client.get("/api/v1/me").status_code == 401
    tried("session fixation", len(keys))


PATHS = [
    "../kommunalpro/settings.py",
    "..%2fkommunalpro/settings.py",
    "%2e%2e/kommunalpro/settings.py",
    "..%5ckommunalpro%5csettings.py",
    "....//kommunalpro/settings.py",
    "%252e%252e/kommunalpro/settings.py",
    "css/../../kommunalpro/settings.py",
    "/etc/passwd",
    "//etc/passwd",
    "css/%00.css",
    "..;/kommunalpro/settings.py",
    "\\..\\kommunalpro\\settings.py",
    ".env",
    "../.data/secrets.json",
    "staticfiles.json%00.css",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_file_but_static_ones_is_served(
    path: str, settings: LazySettings, tried: Callable[[str, int], None]
) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True
    for address in (f"/static/{path}", f"/{path}"):
        answer = Client(raise_request_exception=False).get(address)
        assert answer.status_code in {400, 404}, address
    tried("path traversal", 2)


def test_fields_that_a_form_does_not_have_are_not_taken(
    client_as: Callable[..., Client], tried: Callable[[str, int], None]
) -> None:
    """Whose a thing is and what has happened to it is never what a form says."""
    member, stranger = factories.StaffMemberFactory(), factories.StaffMemberFactory()
    version = factories.QuestionnaireVersionFactory()
    client = client_as(staff_actor(member, frozenset(Role)))
    extra = {
        "owner": stranger.municipality_id,
        "owner_id": stranger.municipality_id,
        "municipality": stranger.municipality_id,
        "municipality_id": stranger.municipality_id,
        "status": "active",
        "published_at": "2020-01-01",
        "published_by": stranger.pk,
        "version": "99",
        "id": stranger.pk,
        "pk": stranger.pk,
        "assigned_by": stranger.pk,
        "assigned_by_id": stranger.pk,
        "episode": "1",
        "roles": "clinical_administrator",
        "is_superuser": "1",
    }
    made = {"title": "Ny", "questionnaire": version.pk, **extra}
    assert client.post("/kam/planer/ny/", made).status_code == 302
    plan = Plan.objects.get(title="Ny")
    assert (plan.owner_id, plan.status, plan.published_by_id) == (
        member.municipality_id,
        PublicationStatus.DRAFT,
        None,
    )
    citizen = factories.CitizenFactory(municipality=member.municipality)
    team = factories.CareTeamFactory(municipality=member.municipality)
    active = factories.PlanFactory(weekly=False)
    given = {"plan": active.pk, "care_team": team.pk, "starts_on": "01-01-2035", "confirm": "1", **extra}
    assert client.post(f"/medarbejder/borgere/{citizen.pk}/tildel/", given).status_code == 302
    care_plan = CarePlan.objects.get()
    assert care_plan.assigned_by_id == member.pk
    assert care_plan.episode.municipality_id == member.municipality_id
    tried("mass assignment", 2 * len(extra))
