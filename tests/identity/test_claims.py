"""The levels of assurance and the privilege lists that logins carry, in all their spellings."""

import base64

import pytest

from identity.assurance import Assurance, read_assurance
from identity.claims import CITIZEN_USER_TYPE, STAFF_USER_TYPE, is_user_type
from identity.privileges import PrivilegeGroup, read_privileges
from identity.refusals import LoginRefused, RefusalCode

SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/loa/Substantial"
VIEWER = "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/1"
CVR = "91000001"
SCOPE = f"urn:dk:gov:saml:cvrNumberIdentifier:{CVR}"


def in_base64(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def privilege_list(*roles: str, cvr: str = CVR) -> str:
    privileges = "".join(f"<Privilege>{role}</Privilege>" for role in roles)
    return in_base64(
        '<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">'
        f'<PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:{cvr}">{privileges}</PrivilegeGroup>'
        "</bpp:PrivilegeList>"
    )


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
        ("Betydelig", Assurance.SUBSTANTIAL),
        ("Høj", Assurance.HIGH),
    ],
)
def test_every_spelling_of_a_sufficient_level(claim, level):
    assert read_assurance(claim) is level


def test_a_broker_s_own_spelling_is_added_and_turns_no_known_one_round(settings):
    settings.OIDC_LOA_SPELLINGS = {"medium": "substantial", "low": "high"}
    assert read_assurance("urn:broker:loa:Medium") is Assurance.SUBSTANTIAL
    assert refusal_of(read_assurance, "low").code is RefusalCode.LOA_TOO_LOW


@pytest.mark.parametrize(
    ("told", "citizen", "staff"),
    [("PATIENT", True, False), ("borger", True, False), ("practitioner", False, True), ("", False, False)],
)
def test_a_user_type_is_read_in_fut_s_word_and_in_the_broker_s(settings, told, citizen, staff):
    settings.OIDC_USER_TYPES = {"PATIENT": "BORGER", "PRACTITIONER": "PRACTITIONER"}
    assert (is_user_type(told, CITIZEN_USER_TYPE), is_user_type(told, STAFF_USER_TYPE)) == (citizen, staff)


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
        ("Lav", RefusalCode.LOA_TOO_LOW),
        ("Betydeligt", RefusalCode.LOA_UNKNOWN),
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
    units = ("48df8b3d",) if "orgUnit" in xml else ()
    expected = (
        PrivilegeGroup(scope=SCOPE, role_uris=(VIEWER,), organisation_units=units, care_teams=("95c7aef7",)),
    )
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
        pytest.param(
            in_base64(privilege_list(VIEWER)), RefusalCode.PRIVILEGES_TWICE_ENCODED, id="base64 twice"
        ),
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
