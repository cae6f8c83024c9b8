"""A login that an administrator pasted, to see what is wrong with it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.apps import apps
from django.contrib.sessions.models import Session

from identity.checks import Fact, Outcome, Step
from identity.claims import ClaimNames
from identity.pasted import Expected, Kind, NotALogin, read_pasted
from identity.refusals import Note, RefusalCode
from identity.roles import Role
from tests.conftest import staff_actor
from tests.factories import MunicipalityFactory, StaffMemberFactory
from tests.identity.logins import (
    CITIZEN,
    CVR,
    KARENS_CPR,
    OTHER_CVR,
    STAFF,
    TEAM,
    VIEWER,
    group,
    privilege_list,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXPECTED = Expected(issuers={"https://login.example.org"}, receivers={"kommunalpro"})


def read(text: str):
    return read_pasted(text, names=ClaimNames(), expected=EXPECTED, now=NOW)


def token(claims) -> str:
    parts = [{"alg": "RS256"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def in_time(now: datetime):
    return {"iat": int(now.timestamp()) - 10, "exp": int(now.timestamp()) + 600, "aud": "kommunalpro"}


def assertion(
    *, privileges: str = "", loa: str = "Substantial", minutes: int = 0, certificate: str = "", cvr: str = CVR
) -> str:
    begins = NOW + timedelta(minutes=minutes)
    attributes = {
        "https://data.gov.dk/concept/core/nsis/loa": loa,
        "https://data.gov.dk/model/core/eid/professional/cvr": cvr,
        "https://data.gov.dk/model/core/eid/professional/orgName": "Testby Kommune",
        "https://data.gov.dk/model/core/eid/privilegesIntermediate": privileges
        or privilege_list(group(VIEWER, cvr=cvr)),
        "https://data.gov.dk/model/core/eid/fullName": "Mette Testesen",
    }
    written = "".join(
        f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in attributes.items()
        if value
    )
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Assertion>'
        "<saml:Issuer>https://kommune.example/idp</saml:Issuer>"
        f"<X509Certificate>{certificate}</X509Certificate>"
        f'<saml:Conditions NotBefore="{begins:%Y-%m-%dT%H:%M:%SZ}"'
        f' NotOnOrAfter="{begins + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}">'
        "<saml:AudienceRestriction><saml:Audience>https://saml.fut</saml:Audience>"
        "</saml:AudienceRestriction></saml:Conditions>"
        f"<saml:AttributeStatement>{written}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
    )


def certificate_until(moment: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Testby")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1095))
        .not_valid_after(moment)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def trust(pasted):
    return next(check for check in pasted.checks if check.step is Step.TRUST)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (token(STAFF | in_time(NOW)), Kind.TOKEN),
        (json.dumps(STAFF), Kind.TOKEN),
        (assertion(), Kind.ASSERTION),
        (base64.b64encode(assertion().encode()).decode(), Kind.ASSERTION),
        (privilege_list(group(VIEWER)), Kind.PRIVILEGES),
        (base64.b64decode(privilege_list(group(VIEWER))).decode(), Kind.PRIVILEGES),
        (base64.b64encode(privilege_list(group(VIEWER)).encode()).decode(), Kind.PRIVILEGES),
    ],
    ids=["token", "userinfo", "SAML", "SAML in base64", "privileges in base64", "privileges", "base64 twice"],
)
def test_what_was_pasted_is_recognised(text, kind):
    assert read(f"\n {text} \n").kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJhbGciOiJSUzI1NiJ9.eyJ.x",
        "eyJhbGciOiJSUzI1NiJ9.WzFd.x",
        "{",
        "{" * 5000,
        "<html/>",
        "<Response>",
        "<Response><EncryptedAssertion/></Response>",
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Response>&f;</Response>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><PrivilegeList>&b;</PrivilegeList>',
        "<Response>" + " " * 200_000,
    ],
)
def test_what_is_no_login_is_told_so_without_repeating_it(text):
    with pytest.raises(NotALogin) as problem:
        read(text)
    assert str(problem.value.sentence)
    assert "passwd" not in str(problem.value.sentence)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, Note.SIGNATURE_NOT_TRIED),
        ({"exp": int(NOW.timestamp()) - 600}, RefusalCode.CLOCK_SKEW),
        ({"iat": int(NOW.timestamp()) + 600}, RefusalCode.CLOCK_SKEW),
        ({"exp": int(NOW.timestamp()) - 60}, Note.SIGNATURE_NOT_TRIED),
        ({"exp": 1e300}, Note.SIGNATURE_NOT_TRIED),
        ({"iss": "https://login.example.com"}, RefusalCode.WRONG_RECEIVER),
        ({"aud": ["another"]}, RefusalCode.WRONG_RECEIVER),
        ({"aud": ["another", "kommunalpro"]}, Note.SIGNATURE_NOT_TRIED),
    ],
)
def test_a_tokens_issuer_receiver_and_time(change, code):
    assert trust(read(token(STAFF | in_time(NOW) | change))).code is code


def test_an_assertions_time_receiver_and_certificate():
    checked = trust(read(assertion()))
    assert checked.code is Note.SIGNATURE_NOT_TRIED
    assert (Fact.AUDIENCE, "https://saml.fut") in checked.facts
    assert trust(read(assertion(minutes=-30))).code is RefusalCode.CLOCK_SKEW
    assert trust(read(assertion(minutes=30))).code is RefusalCode.CLOCK_SKEW
    soon = trust(read(assertion(certificate=certificate_until(NOW + timedelta(days=30)))))
    assert soon.code is Note.CERTIFICATE_EXPIRES
    assert (Fact.CERTIFICATE_EXPIRES, "23-12-2026 (30)") in soon.facts
    late = trust(read(assertion(certificate=certificate_until(NOW - timedelta(days=1)))))
    assert late.code is RefusalCode.SIGNATURE_INVALID


def test_an_answer_without_an_assertion():
    text = '<Response><Status><StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/></Status></Response>'
    (check,) = read(text).checks
    assert (check.step, check.outcome, check.code) == (Step.ANSWER, Outcome.FAILED, RefusalCode.NO_ASSERTION)
    assert check.facts == ((Fact.RECEIVED, "urn:oasis:names:tc:SAML:2.0:status:Responder"),)


# --- the page ----------------------------------------------------------------------------------------


@pytest.fixture
def testby(db):
    return MunicipalityFactory(cvr=CVR, name="Testby", code="9991")


@pytest.fixture
def page(testby, client_as, settings, time_machine):
    """An administrator of Testby pastes a login, and perhaps a colleague's."""
    time_machine.move_to(NOW, tick=False)
    settings.OIDC = {
        each: {**settings.OIDC[each], "issuer": "https://login.example.org", "client_id": "kommunalpro"}
        for each in settings.OIDC
    }
    somebody = StaffMemberFactory(municipality=testby)
    client = client_as(staff_actor(somebody, frozenset({Role.CLINICAL_ADMINISTRATOR})))

    def paste(login, colleague=""):
        return client.post("/login/test/", {"login": login, "colleague": colleague})

    return paste


def test_a_login_that_works_says_what_access_it_gives(page):
    answer = page(token(STAFF | in_time(NOW)))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Personen ville blive lukket ind" in text
    assert "Tildele planer" in text
    assert "Underskriften er ikke prøvet." in text
    assert "Personen har ikke logget ind før." in text
    assert answer["Cache-Control"].startswith("max-age=0")


def test_two_logins_stand_side_by_side(page):
    bad = token(
        STAFF | in_time(NOW) | {"privileges": privilege_list(group(VIEWER, cvr=OTHER_CVR, team=TEAM))}
    )
    text = page(bad, token(STAFF | in_time(NOW))).content.decode()
    assert "Personen ville blive afvist" in text
    assert "Rollerne i dit login er givet for et andet CVR-nummer" in text
    assert "Kommunens brugeradministration" in text
    assert "Her er de to forskellige." in text
    assert "Ingen adgang" in text
    assert "Se borgeres svar" in text


def test_an_assertion_is_judged_as_its_token_would_be(page):
    text = page(assertion(loa="")).content.decode()
    assert "Dit login fortæller ikke, hvor sikkert det er." in text
    assert page(assertion()).content.decode().count("Personen ville blive lukket ind") == 1


def test_a_privilege_list_says_only_what_it_can(page):
    text = page(privilege_list(group("http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/2")))
    text = text.content.decode()
    assert "usersystemrole/clinical_viewer/1" in text
    assert "Ikke prøvet" in text
    good = page(privilege_list(group(VIEWER))).content.decode()
    assert "Listen over rettigheder er i orden" in good


def rows() -> dict[str, int]:
    """How many there are in every table of ours."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_nothing_of_it_stays(page, caplog, capfd):
    page("hello 12")  # the first use of a session may write that it was used
    before, content = rows(), list(Session.objects.values_list("session_data", flat=True))
    for login in (
        token(CITIZEN | in_time(NOW)),
        token(STAFF | in_time(NOW) | {"loa": KARENS_CPR}),
        assertion(),
        privilege_list(group(VIEWER)),
        "hello 12",
    ):
        text = page(login, colleague=login).content.decode()
        assert KARENS_CPR not in text
        assert "Testesen" not in text
        assert login not in text
    written = capfd.readouterr()
    logged = caplog.text + written.err + written.out
    assert "request_finished" in logged  # what is looked through is the log
    for word in ("eyJ", KARENS_CPR, "Testesen", "hello 12", "clinical_viewer", "PrivilegeList", CVR):
        assert word not in logged
    assert rows() == before
    assert list(Session.objects.values_list("session_data", flat=True)) == content


def test_a_citizens_login_does_not_tell_whether_they_are_enrolled(page):
    text = page(token(CITIZEN | in_time(NOW))).content.decode()
    assert "Borgerens egne spørgeskemaer" in text
    assert "Ikke prøvet" in text


def test_of_other_municipalities_nobody_learns_who_has_logged_in(page):
    MunicipalityFactory(cvr=OTHER_CVR)
    elsewhere = STAFF | {"cvr": OTHER_CVR, "privileges": privilege_list(group(VIEWER, cvr=OTHER_CVR))}
    text = page(token(elsewhere | in_time(NOW))).content.decode()
    assert "Personen ville blive lukket ind" in text
    assert "Har logget ind før" not in text


def test_what_is_no_login_is_an_error_beside_its_field(page):
    answer = page("hello")
    assert answer.status_code == 422
    assert "hverken et token, XML eller XML i base64" in answer.content.decode()


def test_it_is_for_administrators_only(nurse_client):
    assert nurse_client.get("/login/test/").status_code == 403
