"""Logging in for real: the application, the broker in its own process, and the redirects between them."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from identity.broker.people import unit_of
from identity.middleware import SESSION_ACTOR
from identity.models import StaffMember
from kommunalpro.demo.people import demo_citizens, demo_staff
from municipalities.national import BY_CODE
from tests.factories import CitizenFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db(transaction=True)

CITIZEN = demo_citizens()[0]
STAFF = {person.key: person for person in demo_staff()}
NURSE = STAFF["aalborg-medarbejder-01"]
NATIONAL = STAFF["kam-national"]
WITHOUT_ROLES = next(person for person in demo_staff() if not person.roles)


@pytest.fixture
def aalborg():
    national = BY_CODE["0851"]
    return MunicipalityFactory(code=national.code, name=national.name, cvr=national.cvr)


@pytest.fixture
def karen(aalborg):
    """The first demo citizen, as the municipality enrolled them."""
    return CitizenFactory(
        cpr_number=CITIZEN.cpr,
        given_name=CITIZEN.given_name,
        family_name=CITIZEN.family_name,
        municipality=aalborg,
    )


def landed(response: httpx.Response) -> str:
    """Where the login sent the browser on to."""
    callback = next(each for each in reversed(response.history) if "/callback/" in each.url.path)
    return callback.headers["location"]


def test_a_citizen_logs_in(visitor, karen):
    response = visitor.log_in("citizen", CITIZEN.key)
    assert landed(response) == "/design/"
    assert visitor.session[SESSION_ACTOR] == {
        "kind": "citizen",
        "citizen_id": str(karen.pk),
        "name": CITIZEN.name,
    }
    assert CITIZEN.name in response.text


def test_the_session_holds_no_cpr_number(visitor, karen):
    visitor.log_in("citizen", CITIZEN.key)
    assert CITIZEN.cpr not in json.dumps(visitor.session)
    assert not any(CITIZEN.cpr in value for value in visitor.browser.cookies.values())


def test_a_nurse_logs_in_and_is_remembered_with_her_roles(visitor, aalborg):
    visitor.log_in("staff", NURSE.key)
    member = StaffMember.objects.get()
    assert (member.name, member.municipality, member.subject) == (NURSE.name, aalborg, NURSE.key)
    assert visitor.session[SESSION_ACTOR] == {
        "kind": "staff",
        "staff_id": str(member.pk),
        "name": NURSE.name,
        "municipality_id": aalborg.pk,
        "municipality_name": aalborg.authority_name,
        "roles": sorted(NURSE.roles),
        "organisation_unit": str(unit_of(NURSE)),
        "care_team": str(NURSE.care_team_id),
        "context_name": NURSE.care_team,
    }


def test_the_second_login_is_the_same_member_of_staff(visitor, aalborg):
    visitor.log_in("staff", NURSE.key)
    first = StaffMember.objects.get()
    visitor.browser.cookies.clear()
    visitor.log_in("staff", NURSE.key)
    again = StaffMember.objects.get()
    assert again.pk == first.pk
    assert again.first_seen_at == first.first_seen_at
    assert again.last_login_at > first.last_login_at


def test_the_national_administration_belongs_to_no_municipality(visitor, settings):
    settings.NATIONAL_CVR = NATIONAL.cvr
    visitor.log_in("staff", NATIONAL.key)
    assert visitor.session[SESSION_ACTOR]["municipality_id"] is None
    assert visitor.session[SESSION_ACTOR]["municipality_name"] == NATIONAL.organisation_name


@pytest.mark.parametrize(
    ("audience", "person", "home"),
    [
        ("citizen", CITIZEN.key, "/borger/"),
        ("staff", NURSE.key, "/medarbejder/"),
        ("staff", NATIONAL.key, "/kam/"),
    ],
)
@pytest.mark.parametrize("wanted", ["", "https://evil.example/", "//evil.example/"])
def test_without_a_safe_page_to_come_back_to_each_lands_in_their_module(
    visitor, karen, audience, person, home, wanted
):
    visitor.browser.follow_redirects = False
    page = visitor.go(f"/login/{audience}/?next={wanted}")
    while page.is_redirect:
        page = visitor.browser.send(page.next_request)
    answer = visitor.choose(page, person)
    while "/callback/" not in answer.url.path:
        answer = visitor.browser.send(answer.next_request)
    assert answer.headers["location"] == home


def test_the_session_key_changes_at_login(visitor, karen):
    page = visitor.go("/login/citizen/?next=/design/")
    before = visitor.browser.cookies["kommunalpro_session"]
    visitor.choose(page, CITIZEN.key)
    assert visitor.browser.cookies["kommunalpro_session"] != before


def test_the_request_carries_pkce_state_and_nonce(visitor):
    visitor.browser.follow_redirects = False
    asked = parse_qs(urlsplit(visitor.go("/login/staff/").headers["location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid profile practitioner"]
    assert {"code_challenge", "state", "nonce"} <= set(asked)


def test_logging_out_ends_the_session_here_and_at_the_issuer(visitor, aalborg):
    page = visitor.log_in("staff", NURSE.key)
    (token, *_) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    end = visitor.browser.post(f"{visitor.site}/logout/", data={"csrfmiddlewaretoken": token})

    assert str(end.url) == f"{visitor.site}/"
    assert any("/end-session" in each.url.path for each in end.history)
    assert SESSION_ACTOR not in visitor.session
    # The issuer has forgotten too: it asks again who it is.
    assert "Hvem vil du være?" in visitor.go("/login/staff/").text


def test_staff_keep_their_single_sign_on_until_they_log_out(visitor, aalborg):
    visitor.log_in("staff", NURSE.key)
    visitor.browser.cookies.delete("kommunalpro_session")
    visitor.go("/login/staff/?next=/design/")
    assert visitor.session[SESSION_ACTOR]["name"] == NURSE.name


def test_citizens_are_always_asked(visitor, karen):
    visitor.log_in("citizen", CITIZEN.key)
    visitor.browser.cookies.delete("kommunalpro_session")
    assert "Hvem vil du være?" in visitor.go("/login/citizen/").text


def test_a_citizens_session_at_the_issuer_does_not_open_the_staff_login(visitor, karen):
    visitor.log_in("citizen", CITIZEN.key)
    page = visitor.go("/login/staff/")
    assert "Vælg en medarbejder" in page.text


def test_from_staff_to_citizen_in_one_browser_one_is_asked_once(visitor, karen):
    visitor.log_in("staff", NURSE.key)
    visitor.log_in("citizen", CITIZEN.key)
    assert visitor.session[SESSION_ACTOR]["name"] == CITIZEN.name


def test_the_broker_offers_each_audience_its_own_people_and_searches(visitor):
    page = visitor.go("/login/staff/")
    assert NURSE.name in page.text
    assert CITIZEN.name not in page.text
    found = visitor.browser.get(str(page.url) + "&q=kjærgaard")
    assert NURSE.name in found.text
    assert NATIONAL.name not in found.text
    refused = visitor.choose(page, CITIZEN.key)
    assert refused.status_code == 400


# --- logins that are refused ---------------------------------------------------------------------


def test_an_employee_without_a_role_is_told_why_and_may_try_as_somebody_else(visitor):
    MunicipalityFactory(cvr=WITHOUT_ROLES.cvr)
    page = visitor.log_in("staff", WITHOUT_ROLES.key)
    assert page.status_code == 403
    assert "du har ingen rolle i Kommunal PRO" in page.text
    assert "Kommunens brugeradministration" in page.text
    assert re.search(r"Reference: [0-9A-F]{8}\n", page.text)
    assert "Ikke prøvet" in page.text
    assert SESSION_ACTOR not in visitor.session
    assert not StaffMember.objects.exists()
    # Reading the page again is the same page, and the next try does not end in the same refusal.
    assert "du har ingen rolle" in visitor.browser.get(page.url).text
    assert "Hvem vil du være?" in visitor.go("/login/staff/").text


def test_a_municipality_that_is_not_on_yet(visitor):
    page = visitor.log_in("staff", NURSE.key)
    assert page.status_code == 403
    assert "Din arbejdsplads er ikke tilsluttet" in page.text
    assert NURSE.cvr in page.text


def test_a_citizen_whom_no_municipality_has_enrolled(visitor):
    page = visitor.log_in("citizen", CITIZEN.key)
    assert page.status_code == 403
    assert "ikke oprettet i Kommunal PRO" in page.text
    assert CITIZEN.cpr not in page.text


def test_a_refused_login_leaves_nobody_logged_in(visitor, karen):
    visitor.log_in("citizen", CITIZEN.key)
    unknown = demo_citizens()[1]
    page = visitor.log_in("citizen", unknown.key)
    assert page.status_code == 403
    assert SESSION_ACTOR not in visitor.session
    assert CITIZEN.name not in page.text


def test_an_answer_to_a_login_never_begun_here(visitor):
    page = visitor.go("/login/citizen/callback/?code=stolen&state=made-up")
    assert page.status_code == 403
    assert "Vi kunne ikke finde det login" in page.text


def test_an_answer_is_good_once(visitor, karen):
    done = visitor.log_in("citizen", CITIZEN.key)
    callback = next(each for each in done.history if "/callback/" in each.url.path)
    again = visitor.browser.get(callback.url)
    assert again.status_code == 403
    assert "Vi kunne ikke finde det login" in again.text


def test_an_issuer_that_does_not_answer(visitor, settings):
    settings.OIDC = {
        audience: {**each, "issuer": "http://127.0.0.1:9"} for audience, each in settings.OIDC.items()
    }
    page = visitor.go("/login/citizen/")
    assert page.status_code == 403
    assert "Vi kan ikke få forbindelse til login-tjenesten lige nu" in page.text


def test_a_client_with_the_wrong_secret_gets_nobody_in(visitor, settings, karen):
    settings.OIDC = {audience: {**each, "client_secret": "wrong"} for audience, each in settings.OIDC.items()}
    page = visitor.log_in("citizen", CITIZEN.key)
    assert page.status_code == 403
    assert "Vi kan ikke stole på svaret fra login-tjenesten" in page.text


def test_the_refused_page_without_a_refusal_is_the_front_page(visitor):
    assert visitor.go("/login/citizen/refused/").url.path == "/"


@pytest.mark.parametrize("path", ["/login/administrator/", "/login/"])
def test_there_are_two_doors_only(visitor, path):
    assert visitor.go(path).status_code == 404
