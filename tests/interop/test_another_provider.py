"""Logging in through oidc-provider, an OpenID provider that this project did not write.

What it does is what its own pages and tokens do: discovery, PKCE, key rotation, back-channel and RP-initiated logout.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from identity.issuers import KEYS_ANEW_SECONDS
from identity.middleware import SESSION_ACTOR
from identity.models import LoginAttempt, StaffMember, UserSession
from tests.factories import CitizenFactory, MunicipalityFactory
from tests.identity.logins import CVR, KARENS_CPR

pytestmark = pytest.mark.django_db(transaction=True)


class Visitor:
    """Somebody at a browser without a screen, who fills in forms and presses their buttons."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.browser = httpx.Client(follow_redirects=True, timeout=60)

    def go(self, path: str) -> httpx.Response:
        return self.browser.get(self.site + path)

    def submit(self, page: httpx.Response, button: str = "", **fields: str) -> httpx.Response:
        """Send the form of the page, with what is hidden in it."""
        (form,) = re.findall(r"(?s)<form.*?</form>", page.text)[:1] or [""]
        (action,) = re.findall(r'action="([^"]*)"', form) or [str(page.url)]
        hidden = {
            name: value
            for tag in re.findall(r"<input[^>]*hidden[^>]*>", form)
            for name, value in [
                (re.findall(r'name="([^"]*)"', tag)[0], re.findall(r'value="([^"]*)"', tag)[0])
            ]
        }
        return self.browser.post(
            page.url.join(action), data=hidden | fields | ({button: "yes"} if button else {})
        )

    def log_in(self, audience: str, person: str) -> httpx.Response:
        """To the provider, through its forms, and back."""
        page = self.go(f"/login/{audience}/?next=/design/")
        while "/interaction/" in str(page.url):
            asks_who = 'name="login"' in page.text
            page = self.submit(page, **({"login": person, "password": "any"} if asks_who else {}))
        return page

    def forget_us(self) -> None:
        """Lose the application's cookies, and keep the provider's."""
        self.browser.cookies.delete("kommunalpro_session")

    @property
    def actor(self) -> dict[str, object] | None:
        """Who the application takes this browser for."""
        from django.contrib.sessions.backends.db import SessionStore

        key = self.browser.cookies.get("kommunalpro_session")
        found: dict[str, object] | None = SessionStore(key).get(SESSION_ACTOR) if key else None
        return found


@pytest.fixture
def visitors(live_server, provider, settings) -> Iterator[list[Visitor]]:
    settings.PUBLIC_URL = live_server.url
    settings.OIDC = {
        audience: {
            "issuer": provider.url,
            "client_id": f"kommunalpro-{audience}",
            "client_secret": "a secret of the test",
        }
        for audience in settings.OIDC
    }
    testby = MunicipalityFactory(cvr=CVR, name="Testby")
    CitizenFactory(cpr_number=KARENS_CPR, given_name="Karen", family_name="Testesen", municipality=testby)
    several = [Visitor(live_server.url) for _ in range(2)]
    yield several
    for each in several:
        each.browser.close()


@pytest.fixture
def visitor(visitors) -> Visitor:
    first: Visitor = visitors[0]
    return first


def test_a_citizen_logs_in(visitor):
    page = visitor.log_in("citizen", "karen")
    assert page.url.path == "/design/"
    assert visitor.actor["kind"] == "citizen"
    assert visitor.actor["name"] == "Karen Testesen"


def test_an_employee_logs_in_with_their_roles(visitor, provider):
    page = visitor.log_in("staff", "mette")
    assert page.url.path == "/design/"
    assert visitor.actor["roles"] == ["clinical_viewer", "monitoring_adjuster"]
    assert StaffMember.objects.get().issuer == provider.url


def test_the_answer_names_its_issuer(visitor, provider):
    page = visitor.log_in("staff", "mette")
    callback = next(each for each in page.history if "/callback/" in each.url.path)
    assert callback.url.params["iss"] == provider.url


def test_an_employee_without_roles_is_told_why(visitor):
    page = visitor.log_in("staff", "fired")
    assert page.status_code == 403
    assert "du har ingen rolle i Kommunal PRO" in page.text
    assert LoginAttempt.objects.get().outcome == "privileges_missing"


def test_who_breaks_off_is_told_so(visitor):
    page = visitor.go("/login/staff/")
    (abort,) = re.findall(r'href="([^"]*/abort)"', page.text)
    refused = visitor.browser.get(page.url.join(abort))
    assert refused.status_code == 403
    assert "access_denied" in refused.text
    assert visitor.actor is None


def test_a_code_is_good_once(visitor):
    done = visitor.log_in("staff", "mette")
    callback = next(each for each in done.history if "/callback/" in each.url.path)
    again = visitor.browser.get(callback.url)
    assert again.status_code == 403
    assert "Fejlkode: login_lost" in again.text


def test_after_the_provider_changed_its_key_people_still_come_in(visitors, provider):
    first, second = visitors
    first.log_in("staff", "mette")
    provider.rotate()
    second.log_in("staff", "mette")
    assert second.actor["name"] == "Mette Testesen"


def test_logging_out_here_logs_out_there(visitor):
    page = visitor.log_in("staff", "mette")
    (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    asked = visitor.browser.post(f"{visitor.site}/logout/", data={"csrfmiddlewaretoken": token})
    assert visitor.actor is None
    assert "/session/end" in asked.url.path  # the provider asks whether that is meant
    assert str(visitor.submit(asked, "logout").url) == f"{visitor.site}/"
    assert "/interaction/" in str(visitor.go("/login/staff/").url)


def test_logging_out_there_ends_the_session_here(visitors, provider):
    """The provider tells us behind the browser's back."""
    mette, colleague = visitors
    mette.log_in("staff", "mette")
    colleague.log_in("staff", "mette")
    assert UserSession.objects.exclude(issuer_session_hash="").count() == 2
    end = mette.browser.get(f"{provider.url}/session/end")
    mette.submit(end, "logout")
    assert mette.actor is None
    assert "/interaction/" in str(mette.go("/medarbejder/").url)
    # The same person in another browser has another session there, and keeps it.
    assert colleague.actor is not None
    assert UserSession.objects.count() == 1


def test_with_single_sign_on_both_sessions_of_the_browser_end(visitor, provider):
    visitor.log_in("staff", "mette")
    visitor.forget_us()
    visitor.log_in("staff", "mette")
    assert UserSession.objects.count() == 2
    visitor.submit(visitor.browser.get(f"{provider.url}/session/end"), "logout")
    assert not UserSession.objects.exists()


def test_a_logout_that_a_new_key_signed_is_believed_too(visitor, provider, time_machine):
    visitor.log_in("staff", "mette")
    provider.rotate()
    # An earlier test has had us ask for new keys, and we do that once a minute at most.
    time_machine.move_to(timezone.now() + timedelta(seconds=KEYS_ANEW_SECONDS + 1))
    visitor.submit(visitor.browser.get(f"{provider.url}/session/end"), "logout")
    assert not UserSession.objects.exists()
