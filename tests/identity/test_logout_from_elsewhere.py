"""The issuer says that a login is over: server to server, or through a frame in the browser."""

from datetime import timedelta

import pytest
from django.test import Client

from identity import rate_limits
from identity.logout_tokens import EVENT
from identity.models import SpentLogoutToken
from identity.rate_limits import Action, rule
from tests.conftest import copenhagen, staff_actor
from tests.factories import StaffMemberFactory
from tests.identity import issuer as issuers
from tests.identity.issuer import SECOND_KEY
from tests.identity.logins import is_in, logged_in

pytestmark = pytest.mark.django_db

START = copenhagen("2026-11-23 08:00")
BACK, FRONT = "/login/staff/back-channel-logout/", "/login/staff/front-channel-logout/"


@pytest.fixture
def clock(time_machine):
    """`clock(minutes=5)`: so long after the login."""

    def move(**after):
        time_machine.move_to(START + timedelta(**after), tick=False)

    move()
    return move


@pytest.fixture
def rules(monkeypatch):
    """The table of limits, to change; nothing is counted yet."""
    rate_limits.forget_everything()
    monkeypatch.setattr(rate_limits, "RULES", dict(rate_limits.RULES))
    yield rate_limits.RULES
    rate_limits.forget_everything()


@pytest.fixture
def issuer(settings, clock):
    with issuers.running() as running:
        ours = {"issuer": running.url, "client_id": "kommunalpro", "client_secret": "secret"}
        settings.OIDC = dict.fromkeys(settings.OIDC, ours)
        yield running


@pytest.fixture
def enter(issuer):
    """`enter(sid="one")`: a browser in which an employee has just logged in."""

    def log_in(actor=None, **claims):
        return logged_in(actor or staff_actor(StaffMemberFactory()), issuer=issuer.url, **claims)

    return log_in


@pytest.fixture
def tell(issuer, client):
    """`tell(sub="mette")`: the issuer sends a logout token that differs from a good one in this. The status."""
    sent = iter(range(1000))

    def send(*, path=BACK, key=None, typ="logout+jwt", **change):
        now = int(START.timestamp())
        good = {
            "iss": issuer.url,
            "aud": "kommunalpro",
            "iat": now,
            "exp": now + 120,
            "jti": f"number {next(sent)}",
            "sub": "mette",
            "events": {EVENT: {}},
        }
        token = issuer.signed(good | change, key=key, typ=typ)
        return client.post(path, {"logout_token": token}).status_code

    return send


def test_all_sessions_of_a_subject(enter, tell):
    here, there, colleague = enter(), enter(), enter(sub="other")
    assert tell() == 200
    assert (is_in(here), is_in(there), is_in(colleague)) == (False, False, True)


def test_the_issuers_word_is_never_refused_for_coming_often(tell, rules):
    """It speaks for the whole country, from one address, where somebody else may be, too."""
    rules[Action.LOGOUT_NOTICE] = rule("1/hour")
    assert [tell(key=SECOND_KEY), tell(key=SECOND_KEY)] == [400, 429]
    assert [tell() for _ in range(3)] == [200, 200, 200]


def test_a_frame_of_the_issuers_is_never_refused_for_coming_often(enter, issuer, rules):
    """Whoever logs out sits behind the same address as all their colleagues."""
    rules[Action.LOGOUT_NOTICE] = rule("1/hour")
    browsers = [enter(sid=name) for name in ("one", "two")]
    guess, one, two = ({"iss": issuer.url, "sid": sid} for sid in ("guessed", "one", "two"))
    assert [Client().get(FRONT, guess).status_code for _ in range(2)] == [200, 429]
    assert [Client().get(FRONT, told).status_code for told in (one, two)] == [200, 200]
    assert not any(is_in(each) for each in browsers)


def test_the_answer_is_not_kept_anywhere(issuer, client):
    answer = client.post(BACK, {"logout_token": "x"})
    assert "no-store" in answer["Cache-Control"]
    assert answer.json() == {"error": "invalid_request"}


def test_with_a_session_of_its_own_only_that(enter, tell):
    here, there = enter(sid="one"), enter(sid="two")
    assert tell(sid="one") == 200
    assert (is_in(here), is_in(there)) == (False, True)


def test_a_session_of_the_issuer_is_enough(enter, tell):
    here = enter(sid="one")
    assert tell(sid="one", sub=None) == 200
    assert not is_in(here)


def test_a_login_that_named_no_session_ends_with_any_of_its_subject(enter, tell):
    nameless, other = enter(sid=""), enter(sid="two")
    assert tell(sid="one") == 200
    assert (is_in(nameless), is_in(other)) == (False, True)


def test_another_issuers_subject_of_the_same_name_is_somebody_else(issuer, tell):
    elsewhere = logged_in(staff_actor(StaffMemberFactory()), issuer="https://elsewhere.example")
    assert tell() == 200
    assert is_in(elsewhere)


@pytest.mark.parametrize("typ", ["logout+jwt", "JWT", None])
def test_every_type_that_issuers_give_it(enter, tell, typ):
    here = enter()
    assert tell(typ=typ) == 200
    assert not is_in(here)


NOW = int(START.timestamp())


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"iat": None},
        {"iat": NOW + 600},
        {"exp": None},
        {"exp": NOW - 600, "iat": NOW - 700},
        {"exp": NOW + 7 * 24 * 3600},
        {"jti": None},
        {"jti": 7},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/other": {}}},
        {"events": [EVENT]},
        {"events": {EVENT: "yes"}},
        {"nonce": "an ID token's"},
        {"nonce": ""},
        {"sub": None},
        {"sub": 7},
        {"sid": 7},
        {"typ": "at+jwt"},
    ],
    ids=str,
)
def test_a_token_that_is_no_logout_token_ends_nothing(enter, tell, change):
    here = enter()
    assert tell(**change) == 400
    assert is_in(here)
    assert not SpentLogoutToken.objects.exists()


@pytest.mark.parametrize("text", ["", "hello", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"])
def test_nor_does_what_is_no_token(issuer, client, text):
    assert client.post(BACK, {"logout_token": text}).status_code == 400
    assert client.post(BACK).status_code == 400


def test_nor_does_one_that_somebody_else_signed(enter, tell):
    here = enter()
    assert tell(key=SECOND_KEY) == 400
    assert is_in(here)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_nor_does_one_that_anybody_can_sign(issuer, enter, tell, algorithm):
    here = enter()
    issuer.header = {"alg": algorithm}
    assert tell() == 400
    assert is_in(here)


def test_the_issuers_new_key_is_fetched_once(issuer, enter, tell):
    assert tell() == 200
    issuer.rotate(SECOND_KEY)
    here = enter()
    assert (tell(), tell()) == (200, 200)
    assert not is_in(here)
    assert issuer.asked["/jwks"] == 2


def test_the_same_token_again_does_not_end_what_was_begun_since(enter, tell):
    assert tell(jti="heard") == 200
    here = enter()
    assert tell(jti="heard") == 400
    assert is_in(here)
    assert tell(jti="another") == 200
    assert not is_in(here)


def test_what_was_heard_is_forgotten_when_nobody_could_say_it_again(enter, tell, clock):
    assert tell(jti="heard") == 200
    clock(minutes=5)
    assert tell(jti="heard") == 400  # by now it is too old
    now = NOW + 300
    assert tell(jti="later", iat=now, exp=now + 120) == 200
    assert SpentLogoutToken.objects.count() == 1


def test_one_for_citizens_is_told_at_the_citizens_address(settings, issuer, enter, tell):
    settings.OIDC = settings.OIDC | {"citizen": settings.OIDC["staff"] | {"client_id": "for citizens"}}
    here = enter()
    citizens = "/login/citizen/back-channel-logout/"
    assert tell(path=citizens) == 400
    assert tell(path=citizens, aud="for citizens") == 200
    assert not is_in(here)


# --- through the browser --------------------------------------------------------------------------------------


def test_front_channel_ends_the_session_it_names(issuer, enter, client):
    here, there = enter(sid="one"), enter(sid="two")
    answer = client.get(FRONT, {"iss": issuer.url, "sid": "one"})
    assert answer.status_code == 200
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors 'none'" not in answer["Content-Security-Policy"]
    assert (is_in(here), is_in(there)) == (False, True)


@pytest.mark.parametrize("names", [(), ("sid",), ("iss",), ("sid", "stranger")], ids=str)
def test_front_channel_without_both_names_ends_nothing(issuer, enter, client, names):
    here = enter(sid="one")
    query = {"iss": "https://evil.example" if "stranger" in names else issuer.url, "sid": "one"}
    query = {name: value for name, value in query.items() if name in names or "stranger" in names}
    assert client.get(FRONT, query).status_code == 400
    assert is_in(here)
