"""No other server is asked inside a transaction: one that is slow would hold our database connections."""

import pytest
from django.db import connection
from django.test import Client
from requests.adapters import HTTPAdapter

from municipalities.scope import stay_within
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.identity import issuer as issuers
from tests.identity.logins import logged_in

# Each test's own transaction would hide what this looks for.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(monkeypatch):
    """The addresses that were asked for; a call inside a transaction fails."""
    addresses = []
    send = HTTPAdapter.send

    def watched(self, request, *args, **kwargs):
        addresses.append(request.url)
        assert not connection.in_atomic_block, f"{request.url} is asked inside a transaction."
        return send(self, request, *args, **kwargs)

    monkeypatch.setattr(HTTPAdapter, "send", watched)
    return addresses


@pytest.fixture
def issuer(settings):
    with issuers.running() as running:
        ours = {"issuer": running.url, "client_id": "kommunalpro", "client_secret": "secret"}
        settings.OIDC = dict.fromkeys(settings.OIDC, ours)
        yield running


@pytest.fixture
def browser(issuer) -> Client:
    """An employee is logged in."""
    somebody = logged_in(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES), issuer=issuer.url)
    stay_within(None)  # as a server's connection is, before anybody asks
    return somebody


def test_logging_out(browser, asked, issuer):
    answer = browser.post("/logout/")
    assert answer.headers["Location"].startswith(f"{issuer.url}/end_session")
    assert asked


def test_logging_out_everywhere(browser, asked, issuer):
    answer = browser.post("/login/sessions/")
    assert answer.headers["Location"].startswith(f"{issuer.url}/end_session")
    assert asked


def test_readiness(browser, asked, issuer):
    page = browser.get("/login/readiness/")
    assert page.status_code == 200
    assert "certifikat" in page.content.decode()
    assert asked


def test_another_login_of_somebody_who_is_logged_in(browser, asked, issuer):
    began = browser.get("/login/staff/")
    browser.get("/login/staff/callback/", issuer.grant(began.headers["Location"]))
    assert {"openid-configuration", "token", "jwks", "userinfo"} <= {
        each.rsplit("/", 1)[-1] for each in asked
    }
