"""From what an issuer claims to facts, or to a refusal that says why."""

import base64

import pytest

from identity.assurance import Assurance, read_assurance
from identity.claims import ClaimNames, read_citizen, read_roles, read_staff
from identity.privileges import PrivilegeGroup, read_privileges
from identity.refusals import EXPLANATIONS, LoginRefused, RefusalCode
from identity.roles import Role

SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/loa/Substantial"
VIEWER = "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/1"
ADJUSTER = "urn:dk:sundhed:ehealth:role:monitoring_adjuster"
CVR = "91000001"


def in_base64(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def privilege_list(*roles: str, cvr: str = CVR) -> str:
    privileges = "".join(f"<Privilege>{role}</Privilege>" for role in roles)
    return in_base64(
        '<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">'
        f'<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:{cvr}">{privileges}</PrivilegeGroup>'
        "</bpp:PrivilegeList>"
    )


CITIZEN = {"user_type": "PATIENT", "cpr": "6101500001", "name": "Karen Testesen", "loa": SUBSTANTIAL}
STAFF = {
    "iss": "https://login.example.org",
    "sub": "mette",
    "user_type": "PRACTITIONER",
    "name": "Mette Testesen",
    "loa": SUBSTANTIAL,
    "cvr": CVR,
    "org_name": "Testby Kommune",
    "privileges": privilege_list(VIEWER, ADJUSTER),
}


def refusal_of(act, *arguments) -> LoginRefused:
    with pytest.raises(LoginRefused) as refusal:
        act(*arguments)
    return refusal.value


@pytest.mark.parametrize(
    ("claim", "level"),
    [
        ("https://data.gov.dk/concept/core/nsis/loa/Substantial", Assurance.SUBSTANTIAL),
        ("https://data.gov.dk/concept/core/nsis/Substantial", Assurance.SUBSTANTIAL),
        ("SUBSTANTIAL", Assurance.SUBSTANTIAL),
        ("substantial", Assurance.SUBSTANTIAL),
        (" Substantial ", Assurance.SUBSTANTIAL),
        ("https://data.gov.dk/concept/core/nsis/loa/High", Assurance.HIGH),
        ("HIGH", Assurance.HIGH),
        ("dk:gov:saml:attribute:AssuranceLevel:3", Assurance.SUBSTANTIAL),
        ("3", Assurance.SUBSTANTIAL),
        (3, Assurance.SUBSTANTIAL),
        ("4", Assurance.HIGH),
        (4, Assurance.HIGH),
    ],
)
def test_every_spelling_of_a_sufficient_level(claim, level):
    assert read_assurance(claim) is level


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (None, RefusalCode.LOA_MISSING),
        ("", RefusalCode.LOA_MISSING),
        ("https://data.gov.dk/concept/core/nsis/loa/Low", RefusalCode.LOA_TOO_LOW),
        ("low", RefusalCode.LOA_TOO_LOW),
        (2, RefusalCode.LOA_TOO_LOW),
        ("1", RefusalCode.LOA_TOO_LOW),
        ("https://data.gov.dk/concept/core/nsis/loa/", RefusalCode.LOA_UNKNOWN),
        ("Betydelig", RefusalCode.LOA_UNKNOWN),
        ("insubstantial", RefusalCode.LOA_UNKNOWN),
        (5, RefusalCode.LOA_UNKNOWN),
        (True, RefusalCode.LOA_UNKNOWN),
    ],
)
def test_a_level_that_is_not_enough_is_refused_with_the_reason(claim, code):
    assert refusal_of(read_assurance, claim).code is code


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(
            '<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">'
            '<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:91000001">'
            '<Constraint Name="urn:dk:kombit:orgUnit">48df8b3d</Constraint>'
            '<Constraint Name="urn:dk:sundhed:ehealth:careteam">95c7aef7</Constraint>'
            f"<Privilege>{VIEWER}</Privilege></PrivilegeGroup></bpp:PrivilegeList>",
            id="1.2, children without prefix",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<bpp:PrivilegeList xmlns:bpp="http://itst.dk/oiosaml/basic_privilege_profile">'
            '<bpp:PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:91000001">'
            '<bpp:Constraint Name="urn:dk:sundhed:ehealth:careteam">95c7aef7</bpp:Constraint>'
            f"<bpp:Privilege> {VIEWER} </bpp:Privilege></bpp:PrivilegeGroup></bpp:PrivilegeList>",
            id="1.1, every element prefixed",
        ),
        pytest.param(
            '<PrivilegeList xmlns="http://itst.dk/oiosaml/basic_privilege_profile">'
            '<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:91000001">'
            '<Constraint Name="urn:dk:sundhed:ehealth:careteam">95c7aef7</Constraint>'
            f"<Privilege>{VIEWER}</Privilege></PrivilegeGroup></PrivilegeList>",
            id="default namespace",
        ),
        pytest.param(
            '<PrivilegeList><PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:91000001">'
            '<Constraint Name="urn:dk:sundhed:ehealth:careteam">95c7aef7</Constraint>'
            f"<Privilege>{VIEWER}</Privilege></PrivilegeGroup></PrivilegeList>",
            id="no namespace",
        ),
    ],
)
def test_a_privilege_list_in_every_dress(xml):
    expected = (PrivilegeGroup(cvr="91000001", role_uris=(VIEWER,), care_teams=("95c7aef7",)),)
    assert read_privileges(in_base64(xml)) == expected
    assert read_privileges(xml) == expected

    as_mail_wraps_it = "\n".join(in_base64(xml)[at : at + 76] for at in range(0, len(in_base64(xml)), 76))
    assert read_privileges(as_mail_wraps_it) == expected


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        pytest.param(None, RefusalCode.PRIVILEGES_MISSING, id="absent"),
        pytest.param("  ", RefusalCode.PRIVILEGES_MISSING, id="empty"),
        pytest.param(["a list"], RefusalCode.PRIVILEGES_MISSING, id="not a text"),
        pytest.param(in_base64("<PrivilegeList/>"), RefusalCode.PRIVILEGES_MISSING, id="no group"),
        pytest.param(privilege_list(), RefusalCode.PRIVILEGES_MISSING, id="no privilege"),
        pytest.param("%%%", RefusalCode.PRIVILEGES_UNREADABLE, id="not base64"),
        pytest.param("æøå", RefusalCode.PRIVILEGES_UNREADABLE, id="not ASCII"),
        pytest.param(in_base64("hello"), RefusalCode.PRIVILEGES_UNREADABLE, id="not XML"),
        pytest.param("<Privileges/>", RefusalCode.PRIVILEGES_UNREADABLE, id="another document"),
        pytest.param("<PrivilegeList>" + " " * 200_000, RefusalCode.PRIVILEGES_UNREADABLE, id="far too long"),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><PrivilegeList>&b;</PrivilegeList>',
            RefusalCode.PRIVILEGES_UNREADABLE,
            id="entities",
        ),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><PrivilegeList>&f;</PrivilegeList>',
            RefusalCode.PRIVILEGES_UNREADABLE,
            id="external entity",
        ),
    ],
)
def test_a_privilege_list_that_is_none(claim, code):
    assert refusal_of(read_privileges, claim).code is code


def test_a_citizen():
    facts = read_citizen(CITIZEN, ClaimNames())
    assert (facts.cpr, facts.name, facts.assurance) == (
        "6101500001",
        "Karen Testesen",
        Assurance.SUBSTANTIAL,
    )
    assert "6101500001" not in repr(facts)


def test_a_citizen_with_name_protection_has_no_name():
    assert read_citizen({**CITIZEN, "name": None}, ClaimNames()).name == ""
    without = {key: value for key, value in CITIZEN.items() if key != "name"}
    assert read_citizen(without, ClaimNames()).name == ""


def test_another_brokers_names_of_the_claims():
    names = ClaimNames(cpr="dk_ssn", loa="mitid_loa", user_type="kind")
    claims = {"kind": "PATIENT", "dk_ssn": "6101500001", "mitid_loa": "SUBSTANTIAL", "cpr": "not this"}
    assert read_citizen(claims, names).cpr == "6101500001"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_type": "PRACTITIONER"}, RefusalCode.WRONG_USER_TYPE),
        ({"user_type": None}, RefusalCode.WRONG_USER_TYPE),
        ({"loa": None}, RefusalCode.LOA_MISSING),
        ({"cpr": None}, RefusalCode.CPR_MISSING),
        ({"cpr": ""}, RefusalCode.CPR_MISSING),
    ],
)
def test_a_citizens_claims_that_do_not_suffice(change, code):
    assert refusal_of(read_citizen, CITIZEN | change, ClaimNames()).code is code


def test_a_member_of_staff():
    facts = read_staff(STAFF, ClaimNames())
    assert facts.subject == "mette"
    assert facts.cvr == CVR
    assert facts.organisation_name == "Testby Kommune"
    assert facts.roles == {Role.CLINICAL_VIEWER, Role.MONITORING_ADJUSTER}


def test_roles_count_only_for_the_authority_one_logged_in_from():
    both = in_base64(
        "<PrivilegeList>"
        '<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:91000002">'
        f"<Privilege>{ADJUSTER}</Privilege></PrivilegeGroup>"
        f'<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:{CVR}">'
        f"<Privilege>{VIEWER}</Privilege></PrivilegeGroup>"
        '<PrivilegeGroup Scope="urn:dk:gov:saml:sorIdentifier:1234">'
        f"<Privilege>{ADJUSTER}</Privilege></PrivilegeGroup>"
        "</PrivilegeList>"
    )
    assert read_staff({**STAFF, "privileges": both}, ClaimNames()).roles == {Role.CLINICAL_VIEWER}


@pytest.mark.parametrize(
    ("change", "code", "shown"),
    [
        ({"user_type": "PATIENT"}, RefusalCode.WRONG_USER_TYPE, "PATIENT"),
        ({"loa": None}, RefusalCode.LOA_MISSING, ""),
        ({"loa": "low"}, RefusalCode.LOA_TOO_LOW, "low"),
        ({"cvr": None}, RefusalCode.CVR_MISSING, ""),
        ({"cvr": "123"}, RefusalCode.CVR_MISSING, "123"),
        ({"privileges": None}, RefusalCode.PRIVILEGES_MISSING, ""),
        ({"privileges": privilege_list(VIEWER, cvr="91000002")}, RefusalCode.FOREIGN_CVR, "91000002"),
        (
            {"privileges": privilege_list(VIEWER, "urn:dk:sundhed:ehealth:role:boss")},
            RefusalCode.ROLE_UNKNOWN,
            "urn:dk:sundhed:ehealth:role:boss",
        ),
    ],
)
def test_a_staff_members_claims_that_do_not_suffice(change, code, shown):
    refusal = refusal_of(read_staff, STAFF | change, ClaimNames())
    assert (refusal.code, refusal.shown) == (code, shown)


def test_roles_of_futs_other_systems_are_passed_over_but_give_nothing_alone():
    logistics = "urn:dk:sundhed:ehealth:role:service_and_logistics"
    assert read_roles([logistics, VIEWER]) == {Role.CLINICAL_VIEWER}
    assert refusal_of(read_roles, [logistics]).code is RefusalCode.NO_ROLE_HERE


@pytest.mark.parametrize("number", ["6101500001", "610150-0001", "610150 0001", "0203291WQ3"])
def test_a_refusal_never_shows_a_cpr_number(number):
    refusal = LoginRefused(RefusalCode.ROLE_UNKNOWN, shown=f"urn:role:{number}:x")
    assert number not in refusal.shown
    assert refusal.shown.startswith("urn:role:")


def test_every_refusal_is_explained():
    assert set(EXPLANATIONS) == set(RefusalCode)
    for explanation in EXPLANATIONS.values():
        assert str(explanation.happened)
        assert str(explanation.cause)
        assert str(explanation.mender.label)
