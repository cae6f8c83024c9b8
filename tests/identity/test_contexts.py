"""Choosing what to work with, where a login carries roles for several units or teams."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from identity.contexts import StaffContext
from identity.middleware import SESSION_ACTOR
from identity.roles import Role
from identity.services import SESSION_CONTEXTS, SESSION_STAFF
from identity.sessions import SESSION_ENDS_AT, SESSION_SEEN_AT
from identity.views import SESSION_NEXT
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

HEART = StaffContext(
    roles=frozenset({Role.CLINICAL_VIEWER, Role.CITIZEN_ENROLLER}),
    organisation_unit="unit-1",
    care_team="team-1",
    name="Hjerte og lunger",
)
BUILDING = StaffContext(roles=frozenset({Role.QUESTIONNAIRE_EDITOR}), organisation_unit="unit-2")


@pytest.fixture
def mette(nurse) -> Client:
    """Somebody whose login was good and who has not chosen yet."""
    client = Client()
    session = client.session
    session[SESSION_STAFF] = {
        "staff_id": str(nurse.pk),
        "name": "Mette",
        "municipality_id": nurse.municipality_id,
        "municipality_name": "Testby Kommune",
    }
    session[SESSION_CONTEXTS] = [HEART.to_session(), BUILDING.to_session()]
    session[SESSION_NEXT] = "/medarbejder/borgere/"
    session.save()
    return client


def test_nobody_is_logged_in_before_they_chose(mette):
    assert mette.get("/medarbejder/").status_code == 302
    page = mette.get("/login/context/").content.decode()
    assert "Hjerte og lunger" in page
    assert "team-1" in page
    assert "Rollesæt 2" in page
    assert "Sundhedsfaglig spørgeskemaeditor" in page


def test_the_choice_gives_its_roles_and_no_others(mette):
    before = mette.session.session_key
    answer = mette.post("/login/context/", {"context": "0"})
    assert answer["Location"] == "/medarbejder/borgere/"
    # Before the choice they could do nothing, so whoever knew the key then knows nothing now.
    assert mette.session.session_key != before
    stored = mette.session[SESSION_ACTOR]
    assert stored["roles"] == ["citizen_enroller", "clinical_viewer"]
    assert (stored["organisation_unit"], stored["care_team"]) == ("unit-1", "team-1")
    assert mette.get("/medarbejder/").status_code == 200
    assert mette.get("/kam/spoergeskemaer/").status_code == 403


def test_it_can_be_changed_from_the_header_under_a_new_session_key(mette):
    mette.post("/login/context/", {"context": "0"})
    page = mette.get("/medarbejder/").content.decode()
    assert 'href="/login/context/"' in page
    choice = mette.get("/login/context/").content.decode()
    assert (choice.count("Arbejd her"), choice.count("Bliv her")) == (1, 1)
    before = mette.session.session_key
    answer = mette.post("/login/context/", {"context": "1"})
    assert answer["Location"] == "/kam/"
    assert mette.session.session_key != before
    assert mette.get("/kam/spoergeskemaer/").status_code == 200
    assert mette.get("/medarbejder/borgere/").status_code == 403
    assert mette.session[SESSION_ACTOR]["name"] == "Mette"
    assert UUID(mette.session[SESSION_ACTOR]["staff_id"])


@pytest.mark.parametrize("number", ["2", "-1", "", "x"])
def test_only_what_the_login_gave_can_be_chosen(mette, number):
    answer = mette.post("/login/context/", {"context": number})
    assert answer.status_code == 422
    assert "Vælg, hvad du vil arbejde med." in answer.content.decode()
    assert SESSION_ACTOR not in mette.session


@pytest.mark.parametrize("minutes", [31, 600])
def test_the_time_to_choose_ends_with_the_session(mette, time_machine, minutes):
    start = copenhagen("2026-11-23 08:00")
    time_machine.move_to(start, tick=False)
    session = mette.session
    session[SESSION_SEEN_AT] = start.timestamp()
    session[SESSION_ENDS_AT] = (start + timedelta(hours=1)).timestamp()
    session.set_expiry(24 * 3600)  # however long Django would have kept it
    session.save()
    time_machine.move_to(start + timedelta(minutes=minutes), tick=False)
    assert mette.post("/login/context/", {"context": "0"})["Location"].startswith("/login/staff/")
    assert SESSION_ACTOR not in mette.session


def test_with_one_context_the_header_offers_no_change(nurse_client):
    assert "/login/context/" not in nurse_client.get("/medarbejder/").content.decode()


def test_without_a_login_there_is_nothing_to_choose(client):
    assert client.get("/login/context/")["Location"].startswith("/login/staff/")
