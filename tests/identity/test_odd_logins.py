"""Each odd login that the broker composes ends on the page that explains it, for real."""

import re

import pytest

from identity.broker.odd import NOBODYS_CPR, ODDITIES, composed_key, find, themes
from identity.middleware import SESSION_ACTOR
from identity.models import LoginAttempt
from identity.refusals import RefusalCode
from kommunalpro.demo.people import demo_citizens, demo_staff
from municipalities.national import BY_CODE
from tests.factories import CitizenFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db(transaction=True)

CITIZEN = demo_citizens()[0]
NURSE = next(person for person in demo_staff() if person.key == "aalborg-medarbejder-01")


@pytest.fixture
def aalborg():
    national = BY_CODE["0851"]
    return MunicipalityFactory(code=national.code, name=national.name, cvr=national.cvr)


def compose(visitor, audience, *codes):
    """Log in as the first citizen or the main nurse, with these oddities."""
    page = visitor.go(f"/login/{audience}/?next=/design/")
    (link,) = re.findall(r'href="(/compose/[^"]+)"', page.text)
    composing = visitor.browser.get(page.url.join(link))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', composing.text))
    fields["next"] = fields["next"].replace("&amp;", "&")
    person = CITIZEN.key if audience == "citizen" else NURSE.key
    chosen = {ODDITIES[code].theme: code for code in codes}
    return visitor.browser.post(
        composing.url,
        data={**fields, **chosen, "person": person},
        headers={"Referer": str(composing.url)},
    )


STAFF_REFUSALS = {
    "no-answer": "no_assertion",
    "cancelled": "issuer_denied",
    "unavailable": "issuer_unreachable",
    "key-old": "metadata_stale",
    "key-wrong": "signature_invalid",
    "expired": "clock_skew",
    "receiver": "wrong_receiver",
    "nonce": "token_invalid",
    "user-type": "wrong_user_type",
    "loa-missing": "loa_missing",
    "loa-low": "loa_too_low",
    "loa-spelled": "loa_unknown",
    "cvr-missing": "cvr_missing",
    "cvr-unknown": "municipality_unknown",
    "cvr-foreign": "foreign_cvr",
    "roles-none": "privileges_missing",
    "role-version": "role_unknown",
    "role-unknown": "role_unknown",
    "role-elsewhere": "no_role_here",
    "base64-twice": "privileges_twice_encoded",
    "roles-broken": "privileges_unreadable",
    "unit-both": "unit_twofold",
    "unit-neither": "unit_missing",
    "unit-unknown": "unit_unknown",
}
NO_REFUSALS = {"name-protected", "role-besides", "groups-two"}


@pytest.mark.parametrize(("oddity", "code"), STAFF_REFUSALS.items())
def test_an_employees_odd_login_is_explained(visitor, aalborg, oddity, code):
    page = compose(visitor, "staff", oddity)
    assert page.status_code == 403
    assert re.findall(r"Fejlkode: (\w+)", page.text) == [code]
    assert "Hvem kan rette det?" in page.text
    assert SESSION_ACTOR not in visitor.session
    assert LoginAttempt.objects.get().outcome == code


CITIZEN_REFUSALS = {
    "loa-missing": "loa_missing",
    "loa-low": "loa_too_low",
    "cpr-missing": "cpr_missing",
    "cpr-broken": "cpr_unreadable",
    "cpr-unknown": "citizen_unknown",
    "user-type": "wrong_user_type",
    "no-answer": "no_assertion",
    "key-old": "metadata_stale",
}


@pytest.mark.parametrize(("oddity", "code"), CITIZEN_REFUSALS.items())
def test_a_citizens_odd_login_is_explained(visitor, aalborg, oddity, code):
    CitizenFactory(cpr_number=CITIZEN.cpr, municipality=aalborg)
    page = compose(visitor, "citizen", oddity)
    assert page.status_code == 403
    assert re.findall(r"Fejlkode: (\w+)", page.text) == [code]
    assert CITIZEN.cpr not in page.text
    assert not LoginAttempt.objects.exists()


def test_every_oddity_is_tried_here():
    of_staff = STAFF_REFUSALS.keys() | NO_REFUSALS
    assert of_staff | CITIZEN_REFUSALS.keys() == ODDITIES.keys()
    assert {each.code for group in themes("staff").values() for each in group} == of_staff


def test_every_refusal_can_be_composed_but_that_of_a_login_never_begun():
    composed = {*STAFF_REFUSALS.values(), *CITIZEN_REFUSALS.values()}
    assert composed == set(RefusalCode) - {RefusalCode.LOGIN_LOST}


def test_nobody_in_the_demo_has_the_number_of_nobody():
    assert NOBODYS_CPR not in {citizen.cpr for citizen in demo_citizens()}


def test_the_page_offers_what_it_was_asked_for(visitor):
    """The six of the contract with the municipalities."""
    page = visitor.go("/login/staff/")
    (link,) = re.findall(r'href="(/compose/[^"]+)"', page.text)
    offered = set(re.findall(r'value="([a-z0-9-]+)"', visitor.browser.get(page.url.join(link)).text))
    assert {
        "loa-missing", "role-unknown", "cvr-foreign", "groups-two", "name-protected", "key-old",
    } <= offered  # fmt: skip


def test_two_groups_are_chosen_between(visitor, aalborg):
    page = compose(visitor, "staff", "groups-two")
    assert page.url.path == "/login/context/"
    assert NURSE.care_team in page.text
    assert "Udegående team" in page.text
    assert SESSION_ACTOR not in visitor.session
    fields = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]*)"', page.text))
    chosen = visitor.browser.post(page.url, data={**fields, "context": "1"})
    assert chosen.url.path == "/design/"
    assert visitor.session[SESSION_ACTOR]["roles"] == ["clinical_viewer"]
    assert visitor.session[SESSION_ACTOR]["context_name"] == "Udegående team"


def test_a_protected_name_and_an_unknown_role_beside_known_ones_let_in(visitor, aalborg):
    page = compose(visitor, "staff", "name-protected", "role-besides")
    assert page.url.path == "/design/"
    assert visitor.session[SESSION_ACTOR]["name"] == "Medarbejder uden navn"
    assert visitor.session[SESSION_ACTOR]["roles"] == sorted(NURSE.roles)


@pytest.mark.parametrize("key", ["odd:nobody:loa-low", "nobody", "odd:", "odd::", ""])
def test_nobody_is_composed_out_of_nothing(key):
    assert find(key) is None


def test_a_composition_without_oddities_is_the_person_themself():
    assert find(composed_key(NURSE.key, ["made-up"])) == find(NURSE.key)
