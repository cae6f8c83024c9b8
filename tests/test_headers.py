"""What every answer tells the browser, whoever asks and whatever happens."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.http.response import HttpResponseBase
from django.test import Client, override_settings

from identity.actors import CitizenActor
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, NURSE_ROLES, staff_actor
from tests.every_address import patterns

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.django_db

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# All that loads or runs anything; none of it from elsewhere, none of it written in the page.
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "frame-src": "'none'",
    "worker-src": "'none'",
    "media-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy_of(answer: HttpResponseBase) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts if name}


def check(answer: HttpResponseBase) -> None:
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    policy = policy_of(answer)
    assert {name: policy.get(name) for name in DIRECTIVES} == DIRECTIVES
    assert "unsafe" not in answer["Content-Security-Policy"]
    for feature in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics"):
        assert f"{feature}=()" in answer["Permissions-Policy"]


def people(client_as: Callable[..., Client]) -> dict[str, Client]:
    citizen = factories.CitizenFactory()
    member = factories.StaffMemberFactory(municipality=citizen.municipality)
    national = factories.StaffMemberFactory(municipality=None)
    return {
        "nobody": Client(),
        "citizen": client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)),
        "staff": client_as(staff_actor(member, NURSE_ROLES | ADMINISTRATOR_ROLES)),
        "national": client_as(staff_actor(national, ADMINISTRATOR_ROLES)),
    }


@pytest.mark.parametrize("method", ["get", "post", "head", "put", "options"])
def test_every_address_answers_everybody_with_the_same_headers(
    method: str, client_as: Callable[..., Client]
) -> None:
    walked = 0
    for who, client in people(client_as).items():
        client.raise_request_exception = False
        for pattern in patterns():
            if pattern.name.endswith("logout") and who != "nobody":
                continue  # it would be nobody from here on; below it is asked by somebody who stays
            for address in pattern.addresses():
                answer = getattr(client, method)(address)
                check(answer)
                assert "no-store" in answer["Cache-Control"], f"{who} {method} {address}"
                walked += 1
    assert walked > 100


def test_logging_out_answers_with_them_too(nurse_client: Client) -> None:
    answer = nurse_client.post("/logout/")
    check(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/findes-ikke/", "/borger/svar/nej/", "/%00", "/static/nothing.js"])
def test_what_is_not_there_answers_with_them_too(address: str, nurse_client: Client) -> None:
    check(nurse_client.get(address))


def test_a_foreign_host_is_refused_with_them_too() -> None:
    answer = Client(headers={"host": "example.org"}, raise_request_exception=False).get("/")
    assert answer.status_code == 400
    check(answer)


def test_a_failure_of_ours_answers_with_them_too(
    monkeypatch: pytest.MonkeyPatch, nurse_client: Client
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("staff.views.overview.used_in", fail)
    nurse_client.raise_request_exception = False
    answer = nurse_client.get("/medarbejder/")
    assert answer.status_code == 500
    check(answer)
    assert "no-store" in answer["Cache-Control"]


def test_a_forged_form_is_refused_with_them_too() -> None:
    answer = Client(enforce_csrf_checks=True).post("/logout/")
    assert answer.status_code == 403
    check(answer)


@pytest.mark.parametrize("address", ["/static/img/logo.svg", "/static/js/modals.js"])
def test_files_that_a_browser_could_open_as_a_page_have_them_too(
    address: str, settings: LazySettings
) -> None:
    """An SVG opened by its address is a document of our origin."""
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get(address)
    answer.close()
    assert answer.status_code == 200
    check(answer)


PRINT_COOKIES = """
from django.conf import settings
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
for name in ("SESSION", "CSRF", "LANGUAGE"):
    get = lambda what: getattr(settings, f"{name}_COOKIE_{what}")
    print(name, get("SECURE"), get("HTTPONLY"), get("SAMESITE"), get("PATH"), get("DOMAIN"))
"""


def on_a_server(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        # The browser's tests allow themselves what no server does.
        **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
        "DJANGO_SETTINGS_MODULE": "kommunalpro.settings",
        "KOMMUNALPRO_MODE": "server",
        "PUBLIC_URL": "https://pro.example.dk",
        "SECRET_KEY": "a long text that nobody knows, of many different characters: 0123456789",
        **more,
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_cookies_on_a_server_belong_to_this_host_alone() -> None:
    """`__Host-`: set by this very host over https, for its whole site and no other (RFC 6265bis, 4.1.3.2)."""
    done = on_a_server("-c", PRINT_COOKIES)
    assert done.stdout.splitlines() == [
        "__Host-kommunalpro_session __Host-kommunalpro_csrf __Host-kommunalpro_language",
        "SESSION True True Lax / None",
        "CSRF True True Lax / None",
        "LANGUAGE True True Lax / None",
    ], done.stderr


def test_the_headers_of_https_are_sent_on_a_server() -> None:
    code = (
        "import django; django.setup(); from django.test import Client\n"
        "answer = Client(headers={'host': 'pro.example.dk'}).get('/was', secure=True)\n"
        "print(answer['Strict-Transport-Security']); print(answer['Content-Security-Policy'])"
    )
    done = on_a_server("-c", code)
    hsts, policy = done.stdout.splitlines()
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert "upgrade-insecure-requests" in policy


def test_djangos_deploy_check_finds_nothing() -> None:
    done = on_a_server("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@override_settings(SECURE_SSL_REDIRECT=True)
def test_plain_http_is_led_to_https_by_our_own_name() -> None:
    answer = Client().get("/medarbejder/?side=2")
    assert answer.status_code == 301
    assert answer["Location"] == "https://testserver/medarbejder/?side=2"
