"""A login is decided by its checks, and each cause of a refusal has its own sentence."""

import json

import pytest

from identity.assurance import Assurance
from identity.audience import Audience
from identity.checks import STEPS, Check, Fact, Outcome, Step, hints, stopped
from identity.claims import ClaimNames
from identity.contexts import StaffContext
from identity.diagnosis import help_desk_text, rows_of
from identity.oidc import denied
from identity.refusals import EXPLANATIONS, NOTES, LoginRefused, Mender, Note, RefusalCode, explanation_of
from identity.roles import Role
from tests.conftest import copenhagen
from tests.identity.logins import (
    ADJUSTER,
    CVR,
    KAREN,
    KARENS_CPR,
    OTHER_CVR,
    OTHER_TEAM,
    OTHER_UNIT,
    STAFF,
    SUBSTANTIAL,
    TEAM,
    UNIT,
    VIEWER,
    citizen_login,
    group,
    privilege_list,
    staff_login,
)


def row(judgement, step):
    return next(check for check in judgement.checks if check.step is step)


def outcomes(judgement) -> dict[Step, Outcome]:
    return {check.step: check.outcome for check in judgement.checks}


def words(judgement) -> str:
    """All that the page would say."""
    said = []
    for each in rows_of(judgement.checks, judgement.audience):
        said += [str(each.title), *(value for _, value in each.facts)]
        if each.explanation:
            said += [str(each.explanation.happened), str(each.explanation.cause)]
    return " ".join(said)


def refused(judgement, code, step):
    assert judgement.facts is None
    assert judgement.refusal.code is code
    assert row(judgement, step).outcome is Outcome.FAILED
    assert row(judgement, step).code is code
    with pytest.raises(LoginRefused):
        judgement.accepted()
    return judgement


# --- logins that are good -------------------------------------------------------------------------


def test_a_citizen():
    judgement = citizen_login()
    assert judgement.accepted().actor == KAREN
    assert judgement.accepted().assurance is Assurance.SUBSTANTIAL
    assert set(outcomes(judgement).values()) == {Outcome.PASSED}
    assert [check.step for check in judgement.checks] == list(STEPS[Audience.CITIZEN])


def test_a_citizen_with_name_protection_has_no_name():
    assert citizen_login({"name": None}).accepted().actor == KAREN


def test_another_brokers_names_of_the_claims():
    names = ClaimNames(cpr="dk_ssn", loa="mitid_loa", user_type="kind")
    claims = {"kind": "PATIENT", "dk_ssn": KARENS_CPR, "mitid_loa": "SUBSTANTIAL", "cpr": "not this"}
    assert citizen_login(claims, names=names).accepted().actor == KAREN


def test_a_member_of_staff():
    facts = staff_login().accepted()
    assert (facts.issuer, facts.subject, facts.name) == (STAFF["iss"], "mette", "Mette Testesen")
    assert facts.workplace.name == "Testby Kommune"
    assert facts.contexts == (
        StaffContext(
            roles=frozenset({Role.CLINICAL_VIEWER, Role.MONITORING_ADJUSTER}), organisation_unit=UNIT
        ),
    )


def test_a_sor_unit_is_as_good_as_an_organisation_unit():
    claims = {"privileges": privilege_list(group(VIEWER, unit=None, sor="440821000016001"))}
    (context,) = staff_login(claims).accepted().contexts
    assert context.organisation_unit == "440821000016001"


def test_roles_count_only_for_the_authority_one_logged_in_from():
    judgement = staff_login({"privileges": privilege_list(group(ADJUSTER, cvr=OTHER_CVR), group(VIEWER))})
    (context,) = judgement.accepted().contexts
    assert context.roles == {Role.CLINICAL_VIEWER}
    assert row(judgement, Step.SCOPE).code is Note.OTHER_AUTHORITIES


def test_roles_of_futs_other_systems_are_passed_over_but_give_nothing_alone():
    logistics = "urn:dk:sundhed:ehealth:role:service_and_logistics"
    both = staff_login({"privileges": privilege_list(group(logistics, VIEWER))})
    assert both.accepted().contexts[0].roles == {Role.CLINICAL_VIEWER}
    assert row(both, Step.ROLES).outcome is Outcome.PASSED
    alone = staff_login({"privileges": privilege_list(group(logistics))})
    refused(alone, RefusalCode.NO_ROLE_HERE, Step.ROLES)


def test_a_role_nobody_knows_beside_one_that_is_known_locks_nobody_out():
    boss = "urn:dk:sundhed:ehealth:role:boss"
    judgement = staff_login({"privileges": privilege_list(group(VIEWER, boss))})
    assert judgement.accepted().contexts[0].roles == {Role.CLINICAL_VIEWER}
    assert row(judgement, Step.ROLES).code is Note.ROLES_PASSED_OVER
    assert boss in words(judgement)


# --- the eleven causes of a login that fails --------------------------------------------------------


def test_cause_1_no_assertion():
    judgement = stopped(Audience.STAFF, denied("login_required"))
    refused(judgement, RefusalCode.NO_ASSERTION, Step.ANSWER)
    assert "Context Handler 2" in words(judgement)
    assert "føderationsaftale" in words(judgement)
    assert all(
        outcome is Outcome.NOT_REACHED
        for step, outcome in outcomes(judgement).items()
        if step is not Step.ANSWER
    )


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        (None, RefusalCode.LOA_MISSING),
        ("https://data.gov.dk/concept/core/nsis/loa/Low", RefusalCode.LOA_TOO_LOW),
        ("Betydeligt", RefusalCode.LOA_UNKNOWN),
    ],
    ids=["missing", "low", "spelled otherwise"],
)
def test_cause_2_the_level_of_assurance(claim, code):
    judgement = refused(staff_login({"loa": claim}), code, Step.ASSURANCE)
    assert (Fact.REQUIRED, "Substantial") in row(judgement, Step.ASSURANCE).facts
    assert "NSIS" in words(judgement)
    if claim:
        assert claim in words(judgement)
    # The roles are looked at all the same: whoever mends one fault sees the next.
    assert row(judgement, Step.ROLES).outcome is Outcome.PASSED


@pytest.mark.parametrize("claim", [None, "", privilege_list(), privilege_list(group())])
def test_cause_3_no_privileges(claim):
    judgement = refused(staff_login({"privileges": claim}), RefusalCode.PRIVILEGES_MISSING, Step.PRIVILEGES)
    assert "Jobfunktionsrollen er ikke oprettet" in words(judgement)
    assert row(judgement, Step.ROLES).outcome is Outcome.NOT_REACHED


@pytest.mark.parametrize(
    ("uri", "word", "known"),
    [
        (
            "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/2",
            Fact.ROLE_VERSION,
            "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/1",
        ),
        (
            "urn:dk:sundhed:ehealth:role:monitoring_ajuster",
            Fact.NEAREST_ROLE,
            "http://ehealth.seb.dk/roles/usersystemrole/monitoring_adjuster/1",
        ),
        (
            "http://ehealth.seb.dk/roles/usersystemrole/Clinical-Viewer/1",
            Fact.NEAREST_ROLE,
            "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/1",
        ),
    ],
    ids=["another version", "misspelled", "another way to write"],
)
def test_cause_4_an_unknown_role(uri, word, known):
    judgement = refused(
        staff_login({"privileges": privilege_list(group(uri))}), RefusalCode.ROLE_UNKNOWN, Step.ROLES
    )
    assert uri in judgement.refusal.shown
    assert (Fact.ROLE, uri) in row(judgement, Step.ROLES).facts
    assert (word, known) in row(judgement, Step.ROLES).facts


def test_a_role_like_no_other_has_no_hint():
    assert hints("urn:dk:example:xyz") == []
    assert hints("") == []


def test_cause_5_roles_for_another_authority():
    judgement = refused(
        staff_login({"privileges": privilege_list(group(VIEWER, cvr=OTHER_CVR))}),
        RefusalCode.FOREIGN_CVR,
        Step.SCOPE,
    )
    assert {(Fact.SCOPE, OTHER_CVR), (Fact.REQUIRED, CVR)} <= set(row(judgement, Step.SCOPE).facts)
    assert "et andet CVR-nummer" in words(judgement)


@pytest.mark.parametrize(
    ("unit", "sor", "code", "sentence"),
    [
        (UNIT, "440821000016001", RefusalCode.UNIT_TWOFOLD, "både en SOR-enhed og en organisationsenhed"),
        (None, None, RefusalCode.UNIT_MISSING, "hverken en SOR-enhed eller en organisationsenhed"),
    ],
    ids=["both", "neither"],
)
def test_cause_6_bounded_to_both_kinds_of_unit_or_to_none(unit, sor, code, sentence):
    claims = {"privileges": privilege_list(group(VIEWER, unit=unit, sor=sor))}
    judgement = refused(staff_login(claims), code, Step.DELIMITATION)
    assert sentence in words(judgement)


def test_a_group_that_is_bounded_wrongly_takes_nothing_from_another():
    claims = {"privileges": privilege_list(group(ADJUSTER, unit=None), group(VIEWER))}
    judgement = staff_login(claims)
    assert judgement.accepted().contexts[0].roles == {Role.CLINICAL_VIEWER}
    assert row(judgement, Step.DELIMITATION).code is Note.GROUPS_PASSED_OVER


def test_cause_7_a_unit_or_team_that_fut_does_not_know():
    told = {"care_teams": [], "organizations": [], "warning_details": [f"CareTeam {TEAM} not found"]}
    judgement = refused(staff_login({"contexts": told}), RefusalCode.UNIT_UNKNOWN, Step.UNITS)
    assert "prøv i morgen" in words(judgement)
    assert f"CareTeam {TEAM} not found" in words(judgement)


def test_a_unit_in_doubt_beside_one_that_is_known():
    told = {
        "care_teams": [{"id": f"https://fut/CareTeam/{TEAM}", "name": "Hjerte"}],
        "warning_details": ["x"],
    }
    judgement = staff_login({"contexts": told, "privileges": privilege_list(group(VIEWER, team=TEAM))})
    assert judgement.accepted().contexts[0].name == "Hjerte"
    assert row(judgement, Step.UNITS).code is Note.UNITS_IN_DOUBT


def test_where_fut_tells_nothing_of_units_they_are_taken_as_given():
    judgement = staff_login({"privileges": privilege_list(group(VIEWER, team=TEAM))})
    assert row(judgement, Step.UNITS).outcome is Outcome.NOT_REACHED
    assert judgement.accepted().contexts[0].care_team == TEAM


def test_cause_8_several_groups_are_contexts_to_choose_from():
    claims = {
        "privileges": privilege_list(
            group(VIEWER, team=TEAM),
            group(ADJUSTER, unit=OTHER_UNIT, team=OTHER_TEAM),
            group(ADJUSTER, team=TEAM),
        )
    }
    judgement = staff_login(claims)
    assert judgement.accepted().contexts == (
        StaffContext(
            roles=frozenset({Role.CLINICAL_VIEWER, Role.MONITORING_ADJUSTER}),
            organisation_unit=UNIT,
            care_team=TEAM,
        ),
        StaffContext(
            roles=frozenset({Role.MONITORING_ADJUSTER}), organisation_unit=OTHER_UNIT, care_team=OTHER_TEAM
        ),
    )
    assert row(judgement, Step.CONTEXT).code is Note.SEVERAL_GROUPS
    assert "man vælger selv" in words(judgement)


def test_cause_9_a_colleague_who_has_not_logged_in():
    new = staff_login(has_been_here=lambda issuer, subject: False)
    assert row(new, Step.COLLEAGUE).code is Note.COLLEAGUE_UNSEEN
    assert "først en medarbejder ved det første login" in words(new)
    assert new.accepted()
    known = staff_login(has_been_here=lambda issuer, subject: (issuer, subject) == (STAFF["iss"], "mette"))
    assert row(known, Step.COLLEAGUE).outcome is Outcome.PASSED


def test_cause_10_the_signature():
    judgement = stopped(Audience.STAFF, LoginRefused(RefusalCode.SIGNATURE_INVALID))
    refused(judgement, RefusalCode.SIGNATURE_INVALID, Step.TRUST)
    assert row(judgement, Step.ANSWER).outcome is Outcome.PASSED
    assert "OCES3" in words(judgement)
    assert "produktionscertifikat også i test" in words(judgement)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (RefusalCode.CLOCK_SKEW, "Et ur går formentlig forkert"),
        (RefusalCode.WRONG_RECEIVER, "entityID, klient-id eller returadresse (ACS)"),
        (RefusalCode.METADATA_STALE, "Metadata er formentlig forældede"),
    ],
)
def test_cause_11_other_faults_of_the_connection(code, sentence):
    judgement = refused(stopped(Audience.STAFF, LoginRefused(code)), code, Step.TRUST)
    assert sentence in words(judgement)


def test_cause_11_base64_that_nobody_unpacked():
    import base64

    twice = base64.b64encode(STAFF["privileges"].encode()).decode()
    judgement = refused(
        staff_login({"privileges": twice}), RefusalCode.PRIVILEGES_TWICE_ENCODED, Step.PRIVILEGES
    )
    assert "undervejs lagt i base64 en gang for meget" in words(judgement)


# --- the rest ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "step"),
    [
        ({"user_type": "PATIENT"}, RefusalCode.WRONG_USER_TYPE, Step.USER_TYPE),
        ({"user_type": None}, RefusalCode.WRONG_USER_TYPE, Step.USER_TYPE),
        ({"cvr": None}, RefusalCode.CVR_MISSING, Step.AUTHORITY),
        ({"cvr": "123"}, RefusalCode.CVR_MISSING, Step.AUTHORITY),
        ({"cvr": OTHER_CVR}, RefusalCode.MUNICIPALITY_UNKNOWN, Step.MUNICIPALITY),
        ({"privileges": "%%%"}, RefusalCode.PRIVILEGES_UNREADABLE, Step.PRIVILEGES),
    ],
)
def test_other_refusals_of_staff(change, code, step):
    refused(staff_login(change), code, step)


@pytest.mark.parametrize(
    ("change", "code", "step"),
    [
        ({"user_type": "PRACTITIONER"}, RefusalCode.WRONG_USER_TYPE, Step.USER_TYPE),
        ({"loa": None}, RefusalCode.LOA_MISSING, Step.ASSURANCE),
        ({"loa": "low"}, RefusalCode.LOA_TOO_LOW, Step.ASSURANCE),
        ({"cpr": None}, RefusalCode.CPR_MISSING, Step.PERSON),
        ({"cpr": "  "}, RefusalCode.CPR_MISSING, Step.PERSON),
        ({"cpr": "6102500002"}, RefusalCode.CITIZEN_UNKNOWN, Step.ENROLLED),
    ],
)
def test_refusals_of_citizens(change, code, step):
    refused(citizen_login(change), code, step)


def test_whoever_is_not_sure_enough_does_not_learn_whether_the_citizen_is_enrolled():
    def nobody_asks(cpr):
        pytest.fail("looked up")

    judgement = citizen_login({"loa": "low"}, find_citizen=nobody_asks)
    assert row(judgement, Step.ENROLLED).outcome is Outcome.NOT_REACHED


def test_nothing_shown_holds_a_cpr_number_a_name_or_a_token():
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZXR0ZSJ9.c2ln"
    for judgement in (
        citizen_login({"loa": f"urn:{KARENS_CPR}"}),
        citizen_login({"user_type": token}),
        staff_login({"loa": KARENS_CPR, "cvr": KARENS_CPR, "privileges": privilege_list(group(token))}),
    ):
        shown = words(judgement) + judgement.refusal.shown
        assert KARENS_CPR not in shown
        assert "Testesen" not in shown
        assert "eyJ" not in shown


@pytest.mark.parametrize("number", ["6101500001", "610150-0001", "610150 0001", "0203291WQ3"])
def test_a_refusal_never_shows_a_cpr_number(number):
    refusal = LoginRefused(RefusalCode.ROLE_UNKNOWN, shown=f"urn:role:{number}:x")
    assert number not in refusal.shown
    assert refusal.shown.startswith("urn:role:")


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        ("access_denied", RefusalCode.ISSUER_DENIED, "access_denied"),
        ("server_error", RefusalCode.ISSUER_UNREACHABLE, "server_error"),
        ("unauthorized_client", RefusalCode.WRONG_RECEIVER, "unauthorized_client"),
        ("interaction_required", RefusalCode.NO_ASSERTION, "interaction_required"),
        ("Ring til 12 34 56 78 nu!", RefusalCode.NO_ASSERTION, ""),
    ],
)
def test_what_the_issuer_calls_an_error(error, code, shown):
    refusal = denied(error)
    assert (refusal.code, refusal.shown) == (code, shown)


def test_every_refusal_and_note_is_explained_in_its_own_words():
    assert set(EXPLANATIONS) == set(RefusalCode)
    assert set(NOTES) == set(Note)
    for audience in Audience:
        said = [explanation_of(code, audience) for code in (*RefusalCode, *Note)]
        assert all(str(each.happened) and str(each.cause) and each.menders for each in said)
        assert len({str(each.happened) for each in said}) == len(said)
        assert len({str(each.cause) for each in said}) == len(said)
    assert all(str(mender.label) for mender in Mender)


def test_the_session_gives_the_rows_back():
    for judgement in (staff_login(), staff_login({"loa": None}), citizen_login({"cpr": None})):
        stored = json.loads(json.dumps([check.to_session() for check in judgement.checks]))
        assert tuple(Check.from_session(each) for each in stored) == judgement.checks


def test_the_text_for_the_help_desk_says_all_of_it():
    judgement = staff_login({"loa": SUBSTANTIAL.replace("Substantial", "Low")})
    text = help_desk_text(
        checks=judgement.checks,
        code=judgement.refusal.code,
        audience=Audience.STAFF,
        reference="1A2B3C4D",
        at=copenhagen("2026-11-23 14:05"),
    )
    for expected in (
        "Reference: 1A2B3C4D",
        "23. november 2026 kl. 14.05",
        "Fejlkode: loa_too_low",
        "KOMBIT (helpdesk@serviceplatformen.dk)",
        "- Sikringsniveauet er mindst Betydelig: Fejl",
        "    Modtaget: https://data.gov.dk/concept/core/nsis/loa/Low",
    ):
        assert expected in text
    assert "Mette" not in text
