"""Contract §4, last paragraph, and the guide's “Governance principles”: definitions, their versions and copies."""

from typing import Any

import pytest

from fut import terminology as t
from fut.profiles import extensions, values_at
from tests.fut_simulator.platform import CS, EHEALTH, Json, Platform, parameters, said
from tests.fut_simulator.test_care_plans import QUESTIONNAIRE_CODE, definition, modifier_role, sharing

OURS = "https://o.example/fhir/Organization/1"


def an_activity(platform: Platform, **elements: Any) -> str:
    return definition(
        platform,
        "ActivityDefinition",
        **{"topic": [{"text": "Trivsel"}], "code": QUESTIONNAIRE_CODE, **elements},
    )


def stored(platform: Platform, address: str) -> Json:
    found: Json = platform.call("GET", address).json()
    return found


def new(platform: Platform, address: str, **elements: Any) -> Json:
    """The resource at the address as one that is to be made, with other elements; None takes one away."""
    body = {**stored(platform, address), **elements}
    return {name: value for name, value in body.items() if name != "id" and value is not None}


def test_a_new_definition_can_be_told_from_others(platform: Platform) -> None:
    plan = stored(platform, definition(platform, "PlanDefinition", status="draft"))

    (base,) = extensions(plan, t.EXT_BASE)
    (environment,) = extensions(plan, t.EXT_BASE_ENVIRONMENT)
    (identifier,) = plan["identifier"]
    assert base["valueIdentifier"]["value"].startswith("urn:uuid:")
    assert base["valueIdentifier"]["assigner"]["identifier"] == environment["valueIdentifier"]
    assert identifier["system"] == "urn:ietf:rfc:3986"
    assert "approvalDate" not in plan


def test_an_identifier_of_the_clients_stays(platform: Platform) -> None:
    identifier = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:9b6f3f2e-2d0f-4c6a-9d8a-0d5b6f0f8e11"}

    plan = stored(platform, definition(platform, "PlanDefinition", status="draft", identifier=[identifier]))

    assert plan["identifier"] == [identifier]


def test_what_becomes_active_is_approved_that_day(platform: Platform) -> None:
    activity = an_activity(platform, status="draft")
    before = stored(platform, activity)

    after = platform.call("PUT", activity, {**before, "status": "active"}).json()

    assert "approvalDate" not in before
    assert after["approvalDate"] == after["meta"]["lastUpdated"][:10]


@pytest.mark.parametrize(
    ("resource_type", "before", "changes", "code"),
    [
        ("ActivityDefinition", "active", {"title": "Andet"}, "UPDATE_ALLOWED_FOR_USECONTEXT_STATUS"),
        ("ActivityDefinition", "retired", {"title": "Andet"}, "UPDATE_ALLOWED_FOR_STATUS"),
        ("ActivityDefinition", "active", {"status": "draft"}, "UPDATE_TO_NOT_ALLOWED_STATE"),
        ("ActivityDefinition", "retired", {"status": "active"}, "UPDATE_TO_NOT_ALLOWED_STATE"),
        ("Questionnaire", "active", {"title": "Andet"}, "UPDATE_ALLOWED_FOR_USECONTEXT_STATUS"),
        ("Questionnaire", "retired", {"title": "Andet"}, "NOT_ALLOWED_TO_UPDATE_IN_STATUS"),
        ("Questionnaire", "active", {"status": "draft"}, "NOT_ALLOWED_TO_UPDATE_STATUS"),
        ("Questionnaire", "active", {"useContext": []}, None),
        ("ActivityDefinition", "draft", {"title": "Andet"}, None),
        ("ActivityDefinition", "active", {"extension": "without what the platform put there"}, None),
    ],
)
def test_what_a_definition_may_become(
    platform: Platform, resource_type: str, before: str, changes: Json, code: str | None
) -> None:
    kind = {"coding": [{"system": f"{CS}questionnaire-types", "code": "QR"}]}
    of_form = {"url": t.EXT_QUESTIONNAIRE_TYPE, "valueCodeableConcept": kind}
    address = (
        an_activity(platform, status=before)
        if resource_type == "ActivityDefinition"
        else definition(platform, resource_type, status=before, extension=[modifier_role(), of_form])
    )
    body = stored(platform, address)
    if "extension" in changes:
        added = {t.EXT_BASE, t.EXT_BASE_ENVIRONMENT}
        changes = {"extension": [one for one in body["extension"] if one["url"] not in added]}

    answer = platform.call("PUT", address, {**body, **changes})

    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert said(answer) == f"{resource_type.upper()}_{code}"
    else:
        assert extensions(answer.json(), t.EXT_BASE) == extensions(body, t.EXT_BASE)


def program(code: str) -> list[Json]:
    kind = {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"}
    concept = {"coding": [{"system": f"{CS}ehealth-program", "code": code}]}
    return [{"code": kind, "valueCodeableConcept": concept}]


APPROVAL = sharing("ApprovalPolicy", "approval-policies", "manual")
POLICY = sharing("Policy", "policies", "noSharing")
EXERCISE = {"coding": [{"system": "http://snomed.info/sct", "code": "229057006"}]}


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"useContext": program("kpro")}, None),
        ({"useContext": program("another")}, "USE_CONTEXT_VALIDATION_FAILED"),
        ({"extension": [modifier_role(), POLICY]}, "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_SET"),
        ({"code": EXERCISE}, "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_ALLOWED"),
        ({"code": EXERCISE, "extension": [modifier_role(), POLICY]}, None),
        (
            {"extension": [modifier_role("co-author"), POLICY, APPROVAL]},
            "ACTIVITYDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
        ),
        (
            {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}},
            "GENERAL_VALIDATION_ERROR",
        ),
    ],
)
def test_an_activity_keeps_the_rules(platform: Platform, elements: Json, code: str | None) -> None:
    body = new(platform, an_activity(platform), identifier=None, **elements)

    answer = platform.call("POST", "plan/ActivityDefinition", body)

    assert answer.status_code == (422 if code else 201), answer.text
    if code:
        assert said(answer) == code


def test_a_related_action_is_one_of_the_plan(platform: Platform) -> None:
    related = [{"actionId": "first", "relationship": "after"}]
    action = {"definitionCanonical": an_activity(platform), "relatedAction": related}
    plan = definition(platform, "PlanDefinition", action=[{"id": "first", **action}])

    body = new(platform, plan, identifier=None, action=[action])

    assert said(platform.call("POST", "plan/PlanDefinition", body)) == "PLANDEFINITION_MISSING_RELATED_ACTION"


def test_activities_may_stand_in_groups(platform: Platform) -> None:
    """The guide's “Actions and Timing”: an action holds a definition or other actions."""
    group = {"title": "Hver uge", "action": [{"definitionCanonical": an_activity(platform)}]}

    assert definition(platform, "PlanDefinition", action=[group])


# $create-clone


def clone(platform: Platform, address: str, kind: str, *more: Json, token: str | None = None) -> Any:
    body = parameters(clone_operation={"system": f"{CS}ehealth-clone-operation", "code": kind})
    body["parameter"] += more
    return platform.call("POST", f"{address}/$create-clone", body, token=token)


def the_only(answer: Any) -> Json:
    assert answer.status_code == 200, answer.text
    (entry,) = answer.json()["entry"]
    found: Json = entry["resource"]
    return found


def base_of(resource: Json) -> str:
    return str(extensions(resource, t.EXT_BASE)[0]["valueIdentifier"]["value"])


@pytest.mark.parametrize(
    ("kind", "version", "same_base"),
    [("minor-version", "1.1", True), ("major-version", "2.0", True), ("copy", "1.0", False)],
)
def test_a_clone_says_where_it_comes_from(
    platform: Platform, kind: str, version: str, same_base: bool
) -> None:
    activity = an_activity(platform)
    original = stored(platform, activity)

    made = the_only(clone(platform, activity, kind))

    (predecessor,) = extensions(made, t.EXT_PREDECESSOR)
    assert (made["status"], made["version"]) == ("draft", version)
    assert predecessor["valueIdentifier"] == original["identifier"][0]
    assert made["identifier"] != original["identifier"]
    assert (base_of(made) == base_of(original)) is same_base
    assert "approvalDate" not in made


def test_there_is_one_draft_of_each_base(platform: Platform) -> None:
    activity = an_activity(platform)
    the_only(clone(platform, activity, "minor-version"))

    assert (
        said(clone(platform, activity, "major-version")) == "VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"
    )
    assert the_only(clone(platform, activity, "copy"))


@pytest.mark.parametrize(
    ("organization", "kind", "status"),
    [
        (OURS, "minor-version", 200),
        ("https://o.example/fhir/Organization/2", "minor-version", 403),
        ("https://o.example/fhir/Organization/2", "copy", 200),
    ],
)
def test_new_versions_are_for_those_who_keep_it(
    platform: Platform, organization: str, kind: str, status: int
) -> None:
    token = platform.token(user_type="PRACTITIONER", context={"organization_id": organization})

    assert clone(platform, an_activity(platform), kind, token=token).status_code == status


def deep(address: str) -> Json:
    return {"name": "deep-clone-references", "valueReference": {"reference": address}}


def test_a_new_version_takes_along_what_it_is_told_to(platform: Platform) -> None:
    activity, another = an_activity(platform), an_activity(platform)
    actions = [{"definitionCanonical": one} for one in (activity, another)]
    plan = definition(platform, "PlanDefinition", action=actions)

    entries = clone(platform, plan, "minor-version", deep(activity)).json()["entry"]

    cloned, of_plan = (one["resource"] for one in entries)
    assert (cloned["resourceType"], cloned["version"]) == ("ActivityDefinition", "1.1")
    assert values_at(of_plan, "action.definitionCanonical") == [entries[0]["fullUrl"], another]


def test_a_copy_takes_everything_along_when_asked(platform: Platform) -> None:
    activity = an_activity(platform)
    part = definition(platform, "PlanDefinition", action=[{"definitionCanonical": activity}])
    plan = definition(platform, "PlanDefinition", action=[{"definitionCanonical": part}])

    everything = {"name": "default-clone-behavior", "valueBoolean": True}
    entries = clone(platform, plan, "copy", everything).json()["entry"]

    by_type = [one["resource"]["resourceType"] for one in entries]
    assert by_type == ["ActivityDefinition", "PlanDefinition", "PlanDefinition"]
    assert values_at(entries[1], "resource.action.definitionCanonical") == [entries[0]["fullUrl"]]
    assert values_at(entries[2], "resource.action.definitionCanonical") == [entries[1]["fullUrl"]]
    assert {one["resource"]["status"] for one in entries} == {"draft"}


def test_only_what_it_names_goes_along(platform: Platform) -> None:
    answer = clone(platform, an_activity(platform), "minor-version", deep(an_activity(platform)))

    assert said(answer) == "VERSIONING_REFERENCE_NOT_RELEVANT_FOR_RESOURCE"


# $validate


@pytest.mark.parametrize(
    ("name", "severity"), [("Trivsel", "information"), ("Trivsel 5!", "warning"), (None, "information")]
)
def test_a_name_that_no_program_could_use_is_warned_of(
    platform: Platform, name: str | None, severity: str
) -> None:
    body = new(platform, an_activity(platform), name=name)
    wrapped = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": body}]}

    answer = platform.call("POST", "plan/ActivityDefinition/$validate", wrapped).json()

    # Once of FHIR and once of the profile, as recorded.
    assert values_at(answer, "issue.severity") == [severity, severity]
    assert answer["text"]["status"] == "generated"


def test_organizations_of_ones_own(platform: Platform) -> None:
    """The guide's page on ehealth-organization: only of source manual, and with a CVR number."""

    def concept(url: str, system: str, code: str) -> Json:
        coding = {"system": f"{CS}{system}", "code": code}
        return {"url": f"{EHEALTH}{url}", "valueCodeableConcept": {"coding": [coding]}}

    def tried(source: str, *systems: str) -> str:
        body = {
            "resourceType": "Organization",
            "meta": {"profile": [f"{EHEALTH}ehealth-organization"]},
            "extension": [
                concept("ehealth-organization-source", "organization-source", source),
                concept(
                    "ehealth-organization-synchronizationStatus",
                    "organization-synchronization-status",
                    "NotSynchronized",
                ),
            ],
            "identifier": [{"system": system, "value": "12345678"} for system in systems],
            "name": "En leverandør",
        }
        token = platform.token(roles=["Organization.write"], unbound=True)
        answer = platform.call("POST", "organization/Organization", body, token=token)
        return "" if answer.status_code == 201 else said(answer).removeprefix("ORGANIZATION_")

    cvr, sor, ssl = t.CVR, t.SOR, "http://ehealth.sundhed.dk/organization/ssl"
    assert tried("manual", cvr) == ""
    assert tried("manual", cvr, ssl) == ""
    assert tried("manual", cvr, ssl) == "IDENTIFIER_NOT_UNIQUE"
    assert tried("SOR", cvr) == "SOURCE_MUST_BE_MANUAL"
    assert tried("manual", cvr, sor) == "IDENTIFIER_SYSTEM_NOT_ALLOWED_FOR_SOURCE_MANUAL"
    assert tried("manual", ssl) == "IDENTIFIER_MUST_CONTAIN_AT_LEAST_CVR_FOR_SOURCE_MANUAL"
