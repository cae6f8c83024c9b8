"""OpenID Connect towards an issuer that may be changing its keys, misconfigured, or somebody else."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from identity import rate_limits
from identity.middleware import SESSION_ACTOR
from identity.models import LoginAttempt, StaffMember
from identity.rate_limits import Action
from identity.services import SESSION_ID_TOKEN
from identity.views import SESSION_REFUSAL
from tests.conftest import copenhagen
from tests.factories import MunicipalityFactory
from tests.identity import issuer as issuers
from tests.identity.issuer import FIRST_KEY, SECOND_KEY, new_key
from tests.identity.logins import CVR, KARENS_CPR, STAFF

pytestmark = pytest.mark.django_db

START = copenhagen("2026-11-23 08:00")
CALLBACK = "/login/staff/callback/"


@pytest.fixture
def issuer(settings):
    """Mette's issuer: she may work in Testby."""
    MunicipalityFactory(cvr=CVR, name="Testby")
    with issuers.running() as running:
        running.claims = {name: STAFF[name] for name in STAFF if name not in {"iss", "sub"}}
        ours = {"issuer": running.url, "client_id": "kommunalpro", "client_secret": "secret"}
        settings.OIDC = dict.fromkeys(settings.OIDC, ours)
        yield running


@pytest.fixture
def clock(time_machine):
    def move(**after):
        time_machine.move_to(START + timedelta(**after), tick=False)

    move()
    return move


def begun(client) -> str:
    """The address that the browser is sent to at the issuer."""
    return str(client.get("/login/staff/?next=/medarbejder/")["Location"])


def log_in(client, issuer, **more):
    """Log in from end to end. Returns the code of the refusal, "" where she was let in."""
    answer = client.get(CALLBACK, issuer.grant(begun(client)) | more)
    return outcome(client, answer)


def outcome(client, answer) -> str:
    if SESSION_ACTOR in client.session:
        assert answer["Location"] == "/medarbejder/"
        return ""
    assert answer["Location"] == "/login/staff/refused/"
    return str(client.session[SESSION_REFUSAL]["code"])


def test_code_flow_with_pkce_state_and_nonce(client, issuer):
    sent = urlsplit(begun(client))
    assert f"{sent.scheme}://{sent.netloc}{sent.path}" == f"{issuer.url}/authorization"
    asked = {name: value for name, (value,) in parse_qs(sent.query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) >= 20 for name in ("state", "nonce", "code_challenge"))
    # The test's issuer hands out nothing for a verifier that does not fit.
    assert log_in(client, issuer) == ""


def test_each_login_has_its_own_state_nonce_and_verifier(client, issuer):
    first, second = (parse_qs(urlsplit(begun(client)).query) for _ in range(2))
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


# --- answers that are not to be trusted ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nonce": "another login's"}, "token_invalid"),
        ({"nonce": None}, "token_invalid"),
        ({"iss": "https://evil.example"}, "wrong_receiver"),
        ({"aud": "another"}, "wrong_receiver"),
        ({"aud": ["kommunalpro", "another"], "azp": "another"}, "wrong_receiver"),
        ({"exp": 0}, "clock_skew"),
        ({"exp": None}, "token_invalid"),
        ({"iat": 4_000_000_000}, "clock_skew"),
        ({"nbf": 4_000_000_000}, "clock_skew"),
        ({"sub": None}, "token_invalid"),
        ({"at_hash": "of another access token"}, "token_invalid"),
        ({"sub": "somebody else than userinfo tells of"}, "token_invalid"),
    ],
    ids=str,
)
def test_an_id_token_that_is_not_the_answer_to_this_login(client, issuer, change, code):
    issuer.id_token = change
    assert log_in(client, issuer) == code
    assert not StaffMember.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_can_sign_is_refused_even_where_the_issuer_lists_it(client, issuer, algorithm):
    issuer.discovery = {"id_token_signing_alg_values_supported": ["RS256", "none", "HS256"]}
    issuer.header = {"alg": algorithm}
    assert log_in(client, issuer) == "token_invalid"


def test_a_key_for_encryption_signs_nothing(client, issuer):
    issuer.published = [FIRST_KEY.as_dict(private=False) | {"use": "enc"}]
    assert log_in(client, issuer) == "metadata_stale"


def test_keys_of_a_kind_we_do_not_know_disturb_nobody(client, issuer):
    issuer.published.insert(0, {"kty": "from the future", "kid": "x"})
    assert log_in(client, issuer) == ""


def test_an_answer_for_another_browser_is_not_taken(client, issuer):
    stolen = issuer.grant(begun(client))
    client.cookies.clear()
    assert outcome(client, client.get(CALLBACK, stolen)) == "login_lost"
    assert issuer.asked["/token"] == 0


@pytest.mark.parametrize(
    ("told", "discovery", "code"),
    [
        ("{url}", {}, ""),
        ("https://evil.example", {}, "wrong_receiver"),
        ("", {"authorization_response_iss_parameter_supported": True}, "wrong_receiver"),
    ],
)
def test_an_answer_that_names_its_issuer_must_name_ours(client, issuer, told, discovery, code):
    """RFC 9207: whoever we asked must be who answered."""
    issuer.discovery = discovery
    more = {"iss": told.format(url=issuer.url)} if told else {}
    assert log_in(client, issuer, **more) == code


@pytest.mark.parametrize(
    ("discovery", "code"),
    [
        ({"issuer": "https://somebody.else.example"}, "wrong_receiver"),
        ({"token_endpoint": None}, "token_invalid"),
        ({"jwks_uri": None}, "token_invalid"),
    ],
    ids=str,
)
def test_an_issuer_that_describes_itself_wrongly(client, issuer, discovery, code):
    issuer.discovery = discovery
    assert outcome(client, client.get("/login/staff/")) == code


def test_an_issuer_whose_name_ends_in_a_slash(client, issuer):
    issuer.discovery = {"issuer": f"{issuer.url}/"}
    issuer.id_token = {"iss": f"{issuer.url}/"}
    assert log_in(client, issuer, iss=f"{issuer.url}/") == ""


def test_an_issuer_without_userinfo_says_all_in_the_id_token(client, issuer):
    issuer.discovery = {"userinfo_endpoint": None}
    issuer.id_token = issuer.claims
    assert log_in(client, issuer) == ""


@pytest.mark.parametrize(
    ("told", "is_kept"),
    [
        ({}, True),
        ({"sid": "b0c7e1f2-1111-4b6c-9a0b-5a5f6d7d5a22", "auth_time": 1795464000}, True),
        ({"cpr": KARENS_CPR}, False),
        ({"cpr": ""}, False),
        ({"preferred_username": KARENS_CPR}, False),
        ({"person": {"ids": [{"number": f"{KARENS_CPR[:6]}-{KARENS_CPR[6:]}"}]}}, False),
        ({"serial": int(KARENS_CPR)}, False),
    ],
    ids=[
        "nothing",
        "a session",
        "the claim",
        "the claim, empty",
        "by another name",
        "deep inside",
        "a number",
    ],
)
def test_an_id_token_that_tells_a_cpr_number_is_neither_kept_nor_put_into_the_logout_address(
    client, issuer, told, is_kept
):
    """Addresses stand in the browser's history and in logs on the way; the session in the database."""
    issuer.id_token = told
    assert log_in(client, issuer) == ""

    assert bool(client.session[SESSION_ID_TOKEN]) is is_kept
    parameters = parse_qs(urlsplit(client.post("/logout/")["Location"]).query)
    assert ("id_token_hint" in parameters) is is_kept
    assert parameters["client_id"] == ["kommunalpro"]
    assert parameters["post_logout_redirect_uri"] == ["http://testserver/"]


# --- errors that the issuer sends the browser back with -------------------------------------------------------


def test_an_error_counts_only_as_the_answer_to_a_login_begun_here(client, issuer):
    answer = client.get(CALLBACK, {"error": "access_denied", "state": "made-up"})
    assert outcome(client, answer) == "login_lost"
    begun(client)
    assert outcome(client, client.get(CALLBACK, {"error": "access_denied"})) == "login_lost"
    assert not LoginAttempt.objects.exists()  # anybody can write such an address


@pytest.mark.parametrize(
    ("error", "code", "is_shown"),
    [
        ("access_denied", "issuer_denied", True),
        ("login_required", "no_assertion", True),
        ("ring_til_mig", "no_assertion", False),
        ("<b>Ring 12 34 56 78</b>", "no_assertion", False),
    ],
)
def test_only_the_names_of_errors_are_shown_and_never_free_text(client, issuer, error, code, is_shown):
    state = issuer.grant(begun(client))["state"]
    told = {"error": error, "error_description": "Ring til 12 34 56 78", "state": state}
    assert outcome(client, client.get(CALLBACK, told)) == code
    page = client.get("/login/staff/refused/").content.decode()
    assert (error in page) is is_shown
    assert "Ring" not in page
    assert "12 34 56 78" not in page
    # The state is spent with it.
    assert outcome(client, client.get(CALLBACK, told)) == "login_lost"


# --- the issuer's keys ------------------------------------------------------------------------------------------


def test_keys_and_addresses_are_fetched_once_not_at_each_login(client, issuer, clock):
    for _ in range(3):
        assert log_in(client, issuer) == ""
        client.cookies.clear()
    assert issuer.asked["/jwks"] == 1
    assert issuer.asked["/.well-known/openid-configuration"] == 1


def test_a_new_key_is_fetched_once_and_everybody_comes_in(client, issuer, clock):
    assert log_in(client, issuer) == ""
    issuer.rotate(SECOND_KEY)
    for _ in range(3):
        client.cookies.clear()
        assert log_in(client, issuer) == ""
    assert issuer.asked["/jwks"] == 2


@pytest.mark.parametrize("name", ["", "same"])
def test_a_new_key_without_a_name_or_under_the_old_name_is_found_too(client, issuer, clock, name):
    issuer.rotate(new_key(name))
    assert log_in(client, issuer) == ""
    client.cookies.clear()
    issuer.rotate(new_key(name))
    assert log_in(client, issuer) == ""
    assert issuer.asked["/jwks"] == 2


def test_a_key_that_nobody_publishes_is_refused_and_does_not_have_us_ask_again_and_again(
    client, issuer, clock
):
    issuer.key = SECOND_KEY
    for _ in range(3):
        assert log_in(client, issuer) == "metadata_stale"
        client.cookies.clear()
    assert issuer.asked["/jwks"] == 2
    clock(minutes=1)
    assert log_in(client, issuer) == "metadata_stale"
    assert issuer.asked["/jwks"] == 3


def test_a_key_that_was_withdrawn_is_trusted_for_an_hour_at_most(client, issuer, clock):
    assert log_in(client, issuer) == ""
    issuer.published = [SECOND_KEY.as_dict(private=False)]
    clock(minutes=61)
    client.cookies.clear()
    assert log_in(client, issuer) == "metadata_stale"


def test_strangers_with_made_up_keys_cannot_have_us_ask_the_issuer_again_and_again(client, issuer, clock):
    for number in range(20):
        token = issuer.signed({"iss": issuer.url}, key=SECOND_KEY) if number % 2 else f"eyJ.{number}.x"
        answer = client.post("/login/staff/back-channel-logout/", {"logout_token": token})
        assert answer.status_code == 400
    assert issuer.asked["/jwks"] == 2
    assert issuer.asked["/.well-known/openid-configuration"] == 1
    # And whoever comes with a key that is published all the same gets in.
    assert log_in(client, issuer) == ""


# --- how often ----------------------------------------------------------------------------------------------


def test_strangers_who_fail_keep_nobody_out_of_their_own_login(client, issuer, monkeypatch):
    """A municipality sits behind one address: only what fails is counted, and where a browser is new to us."""
    rate_limits.forget_everything()
    rules = {each: rate_limits.rule("2/hour") for each in (Action.LOGIN, Action.LOGIN_RETURN)}
    monkeypatch.setattr(rate_limits, "RULES", rate_limits.RULES | rules)
    forged = [Client().get(CALLBACK, {"code": "x", "state": "x"}).status_code for _ in range(3)]
    assert forged == [302, 302, 429]
    for _ in range(3):
        assert log_in(client, issuer) == ""
    assert Client().get("/login/staff/").status_code == 302
    assert Client().get("/login/staff/").status_code == 429
    rate_limits.forget_everything()
