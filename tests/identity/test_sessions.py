"""How long a session lives, and ending it from elsewhere."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from identity import sessions
from identity.actors import CitizenActor
from identity.models import UserSession
from identity.sessions import device_words
from tests.conftest import copenhagen, staff_actor
from tests.factories import StaffMemberFactory
from tests.identity.logins import CHROME, is_in, logged_in
from tests.roles import QUERIES_OF_A_SCOPE

pytestmark = pytest.mark.django_db

START = copenhagen("2026-11-23 08:00")


@pytest.fixture
def mette():
    return staff_actor(StaffMemberFactory())


@pytest.fixture
def clock(time_machine):
    """`clock(minutes=5)`: so long after the login."""

    def move(**after):
        time_machine.move_to(START + timedelta(**after), tick=False)

    move()
    return move


def seconds_left(client):
    return client.get("/login/session/").json()["seconds"]


def test_a_session_ends_when_nobody_uses_it(mette, clock):
    client = logged_in(mette)
    clock(minutes=29)
    assert is_in(client)
    clock(minutes=29 + 29)
    assert is_in(client)
    clock(minutes=29 + 29 + 31)
    assert not is_in(client)
    assert sessions.sessions_of(mette, START + timedelta(minutes=89)) == []


def test_to_ask_how_much_time_is_left_is_no_use_of_it(mette, clock):
    client = logged_in(mette)
    clock(minutes=28)
    assert seconds_left(client) == 120
    clock(minutes=29)
    assert seconds_left(client) == 60
    clock(minutes=30)
    assert seconds_left(client) == 0
    assert not is_in(client)


def test_the_dialog_extends_it(mette, clock):
    client = logged_in(mette)
    clock(minutes=29)
    assert client.post("/login/session/").json() == {"seconds": 1800, "extendable": True}
    clock(minutes=45)
    assert is_in(client)


PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_without_a_script_the_page_says_until_when_and_a_button_extends_it(mette, clock):
    client = logged_in(mette)
    page = client.get("/medarbejder/").content.decode()
    line = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "Du bliver logget ud kl. 08.30" in line
    assert 'action="/login/session/" target="_blank"' in line
    clock(minutes=29)
    extended = client.post("/login/session/", headers=PAGE, follow=True).content.decode()
    assert "Du er logget ind til kl. 08.59" in extended
    clock(minutes=45)
    assert "Du er logget ind til kl. 08.59" in client.get("/login/session/", headers=PAGE).content.decode()
    clock(minutes=60)
    answer = client.post("/login/session/", headers=PAGE)
    assert answer["Location"] == "/login/ended/"


def test_without_a_script_the_last_half_hour_says_that_it_cannot_be_extended(mette, clock):
    client = logged_in(mette, token_end=(START + timedelta(minutes=10)).timestamp())
    page = client.get("/medarbejder/").content.decode()
    line = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "Du bliver logget ud kl. 08.10" in line
    assert "kan ikke forlænges" in line
    assert "<button" not in line
    extended = client.post("/login/session/", headers=PAGE, follow=True).content.decode()
    assert "Du er logget ind til kl. 08.10" in extended
    assert "så længe, som det må" in extended


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_the_dialogs_script_is_answered_in_json(mette, clock, accept):
    headers = {"Accept": accept} if accept else {}
    assert logged_in(mette).get("/login/session/", headers=headers).json()["seconds"] == 1800


def test_extending_needs_the_forms_token(mette, clock):
    client = Client(enforce_csrf_checks=True)
    client.cookies = logged_in(mette).cookies
    assert client.post("/login/session/").status_code == 403


def test_it_ends_at_the_latest_after_ten_hours(mette, clock):
    client = logged_in(mette)
    for minute in range(20, 600, 20):
        clock(minutes=minute)
        assert is_in(client)
    clock(minutes=595)
    assert client.post("/login/session/").json() == {"seconds": 300, "extendable": False}
    clock(minutes=600)
    assert not is_in(client)


@pytest.mark.parametrize("token_end", [(START + timedelta(minutes=15)).timestamp(), 0, -1])
def test_it_ends_with_the_issuers_token(mette, clock, token_end):
    client = logged_in(mette, token_end=token_end)
    clock(minutes=15)
    assert not is_in(client)


@pytest.mark.parametrize("token_end", [None, "soon", True, 1e30])
def test_a_token_that_says_no_end_leaves_the_longest_time(mette, clock, token_end):
    logged_in(mette, token_end=token_end)
    assert UserSession.objects.get().ends_at == START + timedelta(hours=10)


def test_using_it_is_written_down_once_a_minute_at_most(mette, clock, django_assert_num_queries):
    client = logged_in(mette)
    clock(seconds=59)
    client.get("/design/")
    assert UserSession.objects.get().last_seen_at == START
    with django_assert_num_queries(1 + QUERIES_OF_A_SCOPE):  # the session itself, and nothing is written
        client.get("/login/session/")
    clock(seconds=60)
    client.get("/login/sessions/")
    assert UserSession.objects.get().last_seen_at == START + timedelta(minutes=1)


# --- one's own, everywhere -----------------------------------------------------------------------------


def test_one_sees_where_one_is_logged_in_and_nobody_elses(mette, clock):
    here = logged_in(mette)
    logged_in(mette, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1")
    logged_in(staff_actor(StaffMemberFactory()), user_agent="Firefox/130.0 (Linux)")
    page = here.get("/login/sessions/").content.decode()
    assert "Chrome, Windows" in page
    assert "Safari, iPhone" in page
    assert "Firefox" not in page
    assert page.count("denne browser") == 1


def test_logging_out_everywhere_ends_every_session_at_once(mette, clock):
    here, there = logged_in(mette), logged_in(mette)
    keys = [each.cookies["kommunalpro_session"].value for each in (here, there)]
    colleague = logged_in(staff_actor(StaffMemberFactory()), sub="other")
    assert here.post("/login/sessions/").status_code == 302
    assert not is_in(here)
    assert not is_in(there)
    assert is_in(colleague)
    assert UserSession.objects.count() == 1
    assert not Session.objects.filter(session_key__in=keys).exists()


def test_logging_out_here_forgets_this_session_only(mette, clock):
    here, there = logged_in(mette), logged_in(mette)
    here.post("/logout/")
    assert UserSession.objects.count() == 1
    assert is_in(there)


def test_the_row_holds_no_key_and_no_subject(mette, clock):
    client = logged_in(mette, sub="1234567890abcdef")
    row = UserSession.objects.values().get()
    assert client.cookies["kommunalpro_session"].value not in str(row)
    assert "1234567890abcdef" not in str(row)


def test_a_session_whose_row_is_gone_stays_ended(mette, clock):
    client = logged_in(mette)
    sessions.end_all_of(mette)
    assert seconds_left(client) == 0


def test_a_new_key_keeps_the_row(mette, clock):
    client = logged_in(mette)
    session = client.session
    sessions.change_key(session)
    session.save()
    assert sessions.is_this(UserSession.objects.get(), session)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (CHROME, "Chrome, Windows"),
        (CHROME + " Edg/130.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/18 Safari/605", "Safari, Mac"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile Safari/537", "Chrome, Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_what_a_browser_calls_itself_in_words(user_agent, words):
    assert device_words(user_agent) == words


# --- the page where the browser goes when time is up -------------------------------------------------------


def test_the_end_is_told_with_a_way_back(client):
    page = client.get("/login/ended/?audience=staff&next=/medarbejder/borgere/%3Fq%3Da").content.decode()
    assert "/login/staff/?next=%2Fmedarbejder%2Fborgere%2F%3Fq%3Da" in page


@pytest.mark.parametrize("query", ["", "?next=https://evil.example/", "?audience=x&next=//evil.example"])
def test_the_way_back_is_never_elsewhere(client, query):
    page = client.get(f"/login/ended/{query}").content.decode()
    assert 'href="/login/citizen/"' in page
    assert "evil" not in page.replace("%2F", "/").split("<main")[1].split("</main")[0]


def test_a_citizen_has_sessions_too(clock):
    from tests.factories import CitizenFactory

    citizen = CitizenFactory()
    client = logged_in(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    assert "Chrome, Windows" in client.get("/login/sessions/").content.decode()


def test_sessions_are_found_without_reading_everybodys(mette, clock):
    logged_in(mette)
    hashes = list(UserSession.objects.values_list("key_hash", flat=True))
    found = sessions.stored(hashes)
    assert found.count() == len(hashes) == 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read whole otherwise
    assert "session_key_hash" in found.explain()
