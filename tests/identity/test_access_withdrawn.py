"""What the token of one login gave is gone with the next that does not give it, and nothing else was kept."""

import pytest
from django.test import Client

from identity.middleware import SESSION_ACTOR
from identity.models import LoginAttempt, StaffMember, UserSession
from identity.services import SESSION_CONTEXTS, SESSION_ID_TOKEN, SESSION_STAFF
from identity.sessions import SESSION_ENDS_AT, SESSION_SEEN_AT
from tests.factories import MunicipalityFactory
from tests.identity import issuer as issuers
from tests.identity.logins import ADJUSTER, CVR, OTHER_CVR, STAFF, TEAM, VIEWER, group, is_in, privilege_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuer(settings):
    MunicipalityFactory(cvr=CVR, name="Testby")
    with issuers.running() as running:
        running.claims = {name: STAFF[name] for name in STAFF if name not in {"iss", "sub"}}
        ours = {"issuer": running.url, "client_id": "kommunalpro", "client_secret": "secret"}
        settings.OIDC = dict.fromkeys(settings.OIDC, ours)
        yield running


@pytest.fixture
def enter(issuer):
    """`enter(privileges=…)`: Mette logs in, with these claims changed for good. The browser."""

    def log_in(client=None, **change):
        issuer.claims |= change
        client = client or Client()
        asked = client.get("/login/staff/")["Location"]
        client.get("/login/staff/callback/", issuer.grant(asked))
        return client

    return log_in


def test_an_employee_is_made_by_the_first_login_and_found_by_the_next(enter):
    enter()
    enter(name="Mette Nytnavn")
    member = StaffMember.objects.values_list("subject", "name", "municipality__name").get()
    assert member == ("mette", "Mette Nytnavn", "Testby")


def test_of_an_employee_stays_who_they_are_and_no_right(enter):
    enter()
    assert {field.name for field in StaffMember._meta.get_fields() if field.concrete} == {
        "id", "issuer", "subject", "name", "municipality", "worked_in", "first_seen_at", "last_login_at",
    }  # fmt: skip
    enter(name="")
    assert StaffMember.objects.get().name == ""  # the newest token says no name, so there is none


def test_the_session_holds_what_the_token_said_and_when_it_ends(enter):
    assert set(enter().session.keys()) == {
        SESSION_ACTOR, SESSION_STAFF, SESSION_CONTEXTS, SESSION_ID_TOKEN, SESSION_SEEN_AT, SESSION_ENDS_AT,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"privileges": ""},
        {"privileges": privilege_list(group(VIEWER, cvr=OTHER_CVR))},
        {"privileges": privilege_list(group("urn:dk:sundhed:ehealth:role:service_and_logistics"))},
        {"cvr": OTHER_CVR},
    ],
    ids=["no role", "another authority's roles", "another system's roles", "another workplace"],
)
def test_who_has_no_right_any_more_is_out_everywhere(enter, change):
    here, there = enter(), enter()
    assert is_in(here)
    assert is_in(there)
    enter(here, **change)
    assert not is_in(here)
    assert not is_in(there)
    assert not UserSession.objects.exists()


def test_who_lost_a_role_has_it_nowhere(enter):
    there = enter()
    assert there.session[SESSION_ACTOR]["roles"] == ["clinical_viewer", "monitoring_adjuster"]
    here = enter(privileges=privilege_list(group(VIEWER)))
    assert here.session[SESSION_ACTOR]["roles"] == ["clinical_viewer"]
    assert not is_in(there)
    assert is_in(here)


def test_nor_can_it_be_chosen_in_a_session_that_was_begun_with_it(enter):
    there = enter(privileges=privilege_list(group(VIEWER), group(ADJUSTER, team=TEAM)))
    there.post("/login/context/", {"context": "0"})
    enter(privileges=privilege_list(group(VIEWER)))
    assert not is_in(there)
    assert there.post("/login/context/", {"context": "1"})["Location"].startswith("/login/staff/")


def test_who_has_the_same_rights_or_more_stays_where_they_were(enter):
    there = enter()
    enter()
    assert is_in(there)
    enter(privileges=privilege_list(group(VIEWER, ADJUSTER), group(VIEWER, team=TEAM)))
    assert is_in(there)


@pytest.mark.parametrize("change", [{"loa": "low"}, {"loa": ""}, {"user_type": "PATIENT"}], ids=str)
def test_a_login_that_is_too_weak_says_nothing_of_the_others(enter, change):
    there = enter()
    here = enter(**change)
    assert not is_in(here)
    assert is_in(there)


def test_a_colleagues_refusal_is_nobody_elses(enter, issuer):
    there = enter()
    issuer.id_token = {"sub": "another"}
    enter(sub="another", privileges="")
    assert is_in(there)
    assert LoginAttempt.objects.filter(outcome="privileges_missing").exists()
