"""The roles of FUT, and what each may do here."""

import json
from pathlib import Path

import pytest

from identity.roles import PERMISSIONS, ROLES_OF_OTHER_SYSTEMS, Permission, Role, UnknownRole, permissions_of

FUT_ROLES = Path("/work/shared/corpora/fut-definitions/CodeSystem-ehealth-oio-bpp-roles.json")


@pytest.mark.parametrize("role", Role)
def test_both_addresses_of_a_role_are_read(role):
    assert Role.from_uri(f"urn:dk:sundhed:ehealth:role:{role.value}") is role
    assert Role.from_uri(f"http://ehealth.seb.dk/roles/usersystemrole/{role.value}/1") is role
    assert Role.from_uri(role.uri) is role


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "clinical_viewer",
        "urn:dk:sundhed:ehealth:role:head_of_everything",
        "urn:dk:sundhed:ehealth:role:clinical_viewer/1",
        "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer",
        "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/2",
        "https://example.org/roles/usersystemrole/clinical_viewer/1",
    ],
)
def test_an_unknown_role_keeps_its_address(uri):
    with pytest.raises(UnknownRole) as refusal:
        Role.from_uri(uri)
    assert refusal.value.uri == uri


SEE, ENROL, ANSWERS, ASSIGN, ADJUST, REMIND, ENTER, HANDLE = (
    Permission.SEE_CITIZENS,
    Permission.ENROL_CITIZEN,
    Permission.SEE_ANSWERS,
    Permission.ASSIGN_PLAN,
    Permission.ADJUST_PLAN,
    Permission.SEND_REMINDER,
    Permission.ENTER_ANSWERS,
    Permission.HANDLE_ANSWERS,
)


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.CITIZEN_ENROLLER, {SEE, ENROL, ASSIGN, Permission.HOLD_DATA}),
        (Role.CLINICAL_VIEWER, {SEE, ANSWERS}),
        (Role.MONITORING_ASSISTOR, {SEE, ANSWERS, REMIND, ENTER, HANDLE}),
        (Role.MONITORING_ADJUSTER, {SEE, ANSWERS, REMIND, ENTER, HANDLE, ASSIGN, ADJUST}),
        (Role.QUESTIONNAIRE_EDITOR, {Permission.SEE_KAM, Permission.EDIT_QUESTIONNAIRE}),
        (
            Role.CLINICAL_ADMINISTRATOR,
            {
                Permission.SEE_KAM,
                Permission.PUBLISH_QUESTIONNAIRE,
                Permission.EDIT_PLAN,
                Permission.PUBLISH_PLAN,
                Permission.MANAGE_PROGRAMS,
                Permission.DIAGNOSE_LOGIN,
            },
        ),
        (Role.REPORT_USER, {Permission.SEE_REPORTS, Permission.EXPORT_DATA}),
        (
            Role.CARETEAM_ADMINISTRATOR,
            {Permission.MANAGE_CARE_TEAMS, Permission.DIAGNOSE_LOGIN, Permission.SET_RETENTION},
        ),
        (Role.LOGIN_ASSISTOR, {Permission.ASSIST_LOGIN}),
        (Role.CLINICAL_SUPPORTER, {Permission.CONTROL_ACCESS}),
    ],
)
def test_what_a_role_may_do(role, permissions):
    assert permissions_of([role]) == permissions


def test_several_roles_add_up_and_none_gives_nothing():
    assert permissions_of([Role.QUESTIONNAIRE_EDITOR, Role.LOGIN_ASSISTOR]) == {
        Permission.SEE_KAM,
        Permission.EDIT_QUESTIONNAIRE,
        Permission.ASSIST_LOGIN,
    }
    assert permissions_of([]) == frozenset()


def test_every_role_has_a_line_in_the_table_and_every_permission_a_role():
    assert set(PERMISSIONS) == set(Role)
    assert all(permission.roles for permission in Permission)
    assert all(str(role.label) for role in Role)
    assert all(str(permission.label) for permission in Permission)


@pytest.mark.skipif(not FUT_ROLES.exists(), reason="FUT's code system is not on this machine")
def test_the_roles_are_those_of_futs_code_system():
    concepts = json.loads(FUT_ROLES.read_text())["concept"]
    prefix = "urn:dk:sundhed:ehealth:role:"
    codes = {each["code"].removeprefix(prefix) for each in concepts if each["code"].startswith(prefix)}
    assert codes == set(Role) | ROLES_OF_OTHER_SYSTEMS
