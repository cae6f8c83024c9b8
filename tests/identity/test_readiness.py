"""How far a municipality's login is, told by the logins that came, and by nothing about persons."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity import attempts, issuers
from identity.audience import Audience
from identity.checks import stopped
from identity.models import LoginAttempt
from identity.refusals import LoginRefused, RefusalCode
from identity.roles import Role
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.factories import MunicipalityFactory, StaffMemberFactory
from tests.identity.issuer import new_key, running
from tests.identity.logins import (
    CVR,
    KARENS_CPR,
    OTHER_CVR,
    SUBSTANTIAL,
    VIEWER,
    citizen_login,
    group,
    privilege_list,
    staff_login,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SINCE = NOW - attempts.PERIOD
OLD_ROLE = "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/2"


@pytest.fixture
def testby():
    return MunicipalityFactory(cvr=CVR, name="Testby", code="9991", wave=4)


def administrator(client_as, municipality):
    return client_as(staff_actor(StaffMemberFactory(municipality=municipality), ADMINISTRATOR_ROLES))


def record(change=None, *, hours_ago=1):
    return attempts.record(staff_login(change), at=NOW - timedelta(hours=hours_ago))


def test_a_login_leaves_its_authority_level_and_roles():
    attempt = record()
    assert (attempt.cvr, attempt.outcome, attempt.assurance) == (CVR, "accepted", SUBSTANTIAL)
    assert VIEWER in attempt.roles


def test_a_refused_login_leaves_its_cause():
    assert record({"loa": None}).outcome == "loa_missing"
    assert record({"privileges": privilege_list(group(OLD_ROLE))}).roles == [OLD_ROLE]


def test_no_login_leaves_anything_about_the_person():
    record({"loa": KARENS_CPR, "cvr": KARENS_CPR, "privileges": privilege_list(group(f"urn:{KARENS_CPR}"))})
    row = str(LoginAttempt.objects.values().get())
    assert KARENS_CPR not in row
    assert "Mette" not in row
    assert "mette" not in row


def test_a_citizens_login_leaves_nothing():
    assert attempts.record(citizen_login(), at=NOW) is None
    assert not LoginAttempt.objects.exists()


def test_readiness_of_a_municipality():
    record(hours_ago=3)
    record({"loa": "low"}, hours_ago=2)
    record({"loa": "low"}, hours_ago=1)
    record({"cvr": OTHER_CVR})
    record(hours_ago=24 * 40)
    readiness = attempts.readiness_of(CVR, since=SINCE)
    assert (readiness.accepted, readiness.refused) == (1, 2)
    assert readiness.last_accepted_at == NOW - timedelta(hours=3)
    assert {(each.text, each.logins, bool(each.level)) for each in readiness.levels} == {
        (SUBSTANTIAL, 1, True),
        ("low", 2, False),
    }
    assert {each.role for each in readiness.roles} == {Role.CLINICAL_VIEWER, Role.MONITORING_ADJUSTER}
    assert Role.REPORT_USER in readiness.missing_roles
    (refusal,) = readiness.refusals
    assert (refusal.code, refusal.times) == (RefusalCode.LOA_TOO_LOW, 2)


def test_however_many_logins_there_were_they_are_counted_where_they_lie():
    for hours_ago in range(1, 4):
        record(hours_ago=hours_ago)
    with CaptureQueriesContext(connection) as asked:
        readiness = attempts.readiness_of(CVR, since=SINCE)
    assert [(each.uri, each.logins) for each in readiness.roles if each.uri == VIEWER] == [(VIEWER, 3)]
    assert all("COUNT(" in query["sql"] for query in asked.captured_queries)


def test_a_login_is_forgotten_after_ninety_days():
    record(hours_ago=24 * 90 + 1)
    kept = record(hours_ago=24 * 90 - 1)
    assert attempts.forget_old(at=NOW) == 1
    assert [*LoginAttempt.objects.all()] == [kept]


def test_the_page_of_a_municipality_whose_login_has_not_been_seen(testby, client_as):
    page = administrator(client_as, testby).get("/login/readiness/").content.decode()
    assert "Login-parathed: Testby Kommune" in page
    assert "Kommunens login er ikke set endnu" in page


def test_the_page_of_a_municipality_with_trouble(testby, client_as, time_machine):
    time_machine.move_to(NOW)
    record({"privileges": privilege_list(group(OLD_ROLE))})
    page = administrator(client_as, testby).get("/login/readiness/").content.decode()
    assert OLD_ROLE in page
    assert "Du har en rolle, som vi ikke kender." in page
    assert "KOMBIT (helpdesk@serviceplatformen.dk)" in page
    assert (
        "så vi ved ikke, hvornår dens certifikater udløber" in page
    )  # nobody answers at the issuer's address in tests


def test_a_municipality_sees_no_other(testby, client_as):
    MunicipalityFactory(code="9992")
    client = administrator(client_as, testby)
    assert client.get("/login/readiness/9991/").status_code == 200
    assert client.get("/login/readiness/9992/").status_code == 404


def test_the_system_administration_sees_all_and_first_those_in_trouble(
    testby, administrator_client, time_machine
):
    time_machine.move_to(NOW)
    MunicipalityFactory(name="Stilleby", wave=1)
    record({"loa": None})
    attempts.record(stopped(Audience.STAFF, LoginRefused(RefusalCode.NO_ASSERTION)), at=NOW)
    page = administrator_client.get("/login/readiness/").content.decode()
    assert page.index("Testby") < page.index("Stilleby")
    assert "Ikke set endnu" in page
    assert "Context Handler 2" in page
    assert administrator_client.get("/login/readiness/9991/").status_code == 200


def test_it_is_for_administrators_only(nurse_client):
    assert nurse_client.get("/login/readiness/").status_code == 403


def certificate(ends) -> str:
    """One of those that come with a published key (`x5c`)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Login")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=1000))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return b64encode(made.public_bytes(Encoding.DER)).decode()


@pytest.fixture
def issuer(settings, time_machine):
    time_machine.move_to(NOW, tick=False)
    with running() as issuer:
        settings.OIDC = {each: settings.OIDC[each] | {"issuer": issuer.url} for each in settings.OIDC}
        yield issuer


def published(name, *chain):
    return new_key(name).as_dict(private=False) | {"x5c": list(chain)}


@pytest.mark.parametrize(
    ("days", "sentence", "state"),
    [
        (400, "om 400 dage", "Gælder"),
        (40, "om 40 dage", "Udløber snart"),
        (1, "om 1 dag", "Udløber snart"),
        (-1, "udløb", "Udløbet"),
    ],
)
def test_certificates_that_the_issuer_publishes(testby, client_as, issuer, days, sentence, state):
    chain = certificate(NOW + timedelta(days=days, hours=1))
    issuer.published = [
        new_key("bare").as_dict(private=False),
        published("broken", "?"),
        published("good", chain),
    ]
    (found,) = issuers.certificates(Audience.STAFF, now=NOW) or []
    assert (found.key_id, found.days_left) == ("good", days)
    page = administrator(client_as, testby).get("/login/readiness/").content.decode()
    assert sentence in page
    assert state in page


def test_an_issuer_that_publishes_no_certificates(testby, client_as, issuer):
    page = administrator(client_as, testby).get("/login/readiness/").content.decode()
    assert "uden certifikater, så vi ved ikke, hvornår de udløber" in page


def test_a_level_that_we_cannot_read_is_not_called_too_low(testby, client_as, time_machine):
    time_machine.move_to(NOW, tick=False)
    record({"loa": "Betydeligt"})
    page = administrator(client_as, testby).get("/login/readiness/").content.decode()
    assert "Ukendt stavemåde" in page
    assert "ved 1 login" in page
    assert "Ikke nok" not in page
