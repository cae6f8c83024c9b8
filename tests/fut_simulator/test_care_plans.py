"""Contract §5 D: giving a plan, by transaction or by `$apply`, and changing it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from fut import mapping
from fut.facts import EpisodeReferences, Reference
from fut.profiles import values_at
from tests.fut import people
from tests.fut_simulator.platform import CS, EHEALTH, Course, Json, Platform, id_of, parameters, said

START = "2026-11-23T10:00:00+01:00"
QUESTIONNAIRE_CODE = {"coding": [{"system": "http://snomed.info/sct", "code": "445988008"}]}
BOUNDS = {"boundsPeriod": {"start": START}}


def bundle(course: Course) -> Json:
    episode = EpisodeReferences(Reference(course.episode), Reference(course.condition))
    return mapping.care_plan_bundle(people.a_care_plan(), patient=Reference(course.patient), episode=episode)


@pytest.mark.parametrize(
    ("occurrence", "code"),
    [
        ({"occurrenceDateTime": START}, None),
        ({"occurrencePeriod": {"start": START}}, None),
        ({"occurrenceTiming": {"repeat": BOUNDS}}, None),
        ({"occurrenceTiming": {"repeat": {**BOUNDS, "frequency": 1, "period": 1, "periodUnit": "wk"}}}, None),
        ({"occurrenceTiming": {"repeat": {**BOUNDS, "frequency": 1, "dayOfWeek": ["mon"]}}}, None),
        ({}, "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"),
        ({"occurrenceDateTime": "2026-11-23"}, "GENERAL_TIMING_VALIDATION_ERROR"),
        ({"occurrencePeriod": {"end": START}}, "GENERAL_TIMING_VALIDATION_ERROR"),
        (
            {"occurrenceTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}},
            "GENERAL_TIMING_OCCURENCE_WITHOUT_START_VALIDATION_ERROR",
        ),
        (
            {"occurrenceTiming": {"repeat": {**BOUNDS, "period": 1, "periodUnit": "d"}}},
            "GENERAL_TIMING_VALIDATION_ERROR",
        ),
        (
            {"occurrenceTiming": {"repeat": {**BOUNDS, "frequency": 1, "period": 1}}},
            "GENERAL_TIMING_VALIDATION_ERROR",
        ),
        (
            {"occurrenceTiming": {"repeat": {**BOUNDS, "frequency": 1, "period": 1.5, "periodUnit": "d"}}},
            "GENERAL_TIMING_VALIDATION_ERROR",
        ),
        ({"occurrenceTiming": {"repeat": {**BOUNDS, "duration": 1}}}, "GENERAL_TIMING_VALIDATION_ERROR"),
        (
            {
                "occurrenceTiming": {
                    "repeat": {**BOUNDS, "frequency": 1, "dayOfWeek": ["mon"], "period": 2, "periodUnit": "d"}
                }
            },
            "GENERAL_TIMING_VALIDATION_ERROR",
        ),
        (
            {
                "occurrenceTiming": {
                    "repeat": {"boundsPeriod": {"start": START, "end": "2026-11-22T10:00:00+01:00"}}
                }
            },
            "GENERAL_TIMING_VALIDATION_ERROR",
        ),
    ],
)
def test_a_request_in_force_has_a_valid_occurrence(
    platform: Platform, running: Course, occurrence: Json, code: str | None
) -> None:
    """The guide's “Occurrence validity”."""
    body = bundle(running)
    request = body["entry"][1]["resource"]
    del request["occurrenceDateTime"]
    request.update(occurrence)

    answer = platform.call("POST", "careplan/", body)

    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert said(answer) == code


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda body: body.update(type="batch"), 400),
        (lambda body: body["entry"][0]["request"].update(ifNoneExist="identifier=1"), 400),
        (lambda body: body["entry"][0]["request"].update(url="CarePlan?identifier=1"), 400),
        (lambda body: body["entry"][0]["request"].update(method="DELETE"), 400),
        (
            lambda body: body["entry"].append(
                {"resource": {"resourceType": "Task"}, "request": {"method": "POST"}}
            ),
            400,
        ),
        (lambda body: body["entry"].extend([body["entry"][1]] * 99), 400),
        (lambda body: body["entry"][0]["resource"].pop("addresses"), 422),
        (
            lambda body: body["entry"][0]["resource"].update(
                subject={"reference": "https://p/fhir/Patient/0"}
            ),
            422,
        ),
        (
            lambda body: body["entry"][1]["resource"].update(
                basedOn=[{"reference": "https://c/fhir/CarePlan/1"}]
            ),
            422,
        ),
        (lambda body: body["entry"][0]["request"].pop("url"), 200),
    ],
    ids=[
        "batch",
        "conditional",
        "conditional address",
        "delete",
        "a task",
        "101 entries",
        "no condition",
        "another citizen",
        "forbidden element",
        "no address",
    ],
)
def test_a_transaction_has_its_limits(
    platform: Platform, running: Course, spoil: Callable[[Json], Any], status: int
) -> None:
    """§5 D: 100 entries, no batch, no conditionals; all or nothing."""
    before = platform.control("GET", "counts?type=CarePlan")["counts"][0]["total"]
    body = bundle(running)
    spoil(body)

    answer = platform.call("POST", "careplan/", body)

    after = platform.control("GET", "counts?type=CarePlan")["counts"][0]["total"]
    assert answer.status_code == status, answer.text
    assert after - before == (1 if status == 200 else 0)


def test_a_transaction_needs_the_episode_in_the_token(platform: Platform, running: Course) -> None:
    token = platform.token(context={"patient_id": running.patient})

    assert (
        said(platform.call("POST", "careplan/", bundle(running), token=token))
        == "SECURITY_TOKEN_CONTEXT_MISSING"
    )


@pytest.mark.parametrize(
    ("status", "allowed"),
    [("on-hold", True), ("completed", True), ("revoked", True), ("draft", False), ("entered-in-error", True)],
)
def test_an_active_plan_may_become(platform: Platform, course: Course, status: str, allowed: bool) -> None:
    stored = platform.call("GET", course.plan).json()

    answer = platform.call("PUT", course.plan, {**stored, "status": status})

    assert answer.status_code == (200 if allowed else 422)


def test_a_plan_keeps_its_requests_and_its_citizen(platform: Platform, course: Course) -> None:
    """The guide's “Restrictions on deletion”."""
    stored = platform.call("GET", course.plan).json()

    without = platform.call("PUT", course.plan, {**stored, "activity": []})
    of_another = platform.call(
        "PUT", course.plan, {**stored, "subject": {"reference": "https://p.example/fhir/Patient/0"}}
    )

    assert (without.status_code, of_another.status_code) == (422, 422)


def modifier_role(role: str = "owner", organization: str = "https://o.example/fhir/Organization/1") -> Json:
    coding = {"system": f"{CS}modifier-role", "code": role}
    return {
        "url": f"{EHEALTH}ehealth-modifier-role",
        "extension": [
            {"url": "reference", "valueReference": {"reference": organization}},
            {"url": "role", "valueCodeableConcept": {"coding": [coding]}},
        ],
    }


def sharing(what: str, codes: str, code: str) -> Json:
    coding = {"system": f"{CS}measurement-sharing-{codes}", "code": code}
    return {"url": f"{EHEALTH}ehealth-sharing{what}", "valueCodeableConcept": {"coding": [coding]}}


def definition(platform: Platform, resource_type: str, **elements: Any) -> str:
    """An active definition; its address."""
    service = "questionnaire" if resource_type == "Questionnaire" else "plan"
    shared = [
        sharing("Policy", "policies", "noSharing"),
        sharing("ApprovalPolicy", "approval-policies", "manual"),
    ]
    body = {
        "resourceType": resource_type,
        "meta": {"profile": [f"{EHEALTH}ehealth-{resource_type.lower()}"]},
        "extension": [modifier_role(), *(shared if resource_type == "ActivityDefinition" else [])],
        "url": f"https://kommunalpro.example/fhir/{resource_type}/{uuid4()}",
        "version": "1.0",
        "status": "active",
        **elements,
    }
    answer = platform.call("POST", f"{service}/{resource_type}", body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].partition("/_history")[0]


def a_plan(platform: Platform, **elements: Any) -> str:
    activity = definition(
        platform,
        "ActivityDefinition",
        topic=[{"text": "Trivsel"}],
        code=QUESTIONNAIRE_CODE,
        timingTiming={"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}},
    )
    return definition(
        platform, "PlanDefinition", title="Trivsel", action=[{"definitionCanonical": activity}], **elements
    )


def test_apply_makes_drafts_that_are_made_active(platform: Platform, course: Course) -> None:
    """POST stores; then a transaction of PUT makes the plan and its requests active, as the reference client does."""
    plan = a_plan(platform)
    token = platform.token(context={"episode_of_care_id": course.episode})

    made = platform.call(
        "POST", f"{plan}/$apply", parameters(episodeOfCare=course.episode), token=token
    ).json()

    assert (made["resourceType"], made["status"], made["intent"]) == ("CarePlan", "draft", "option")
    assert made["instantiatesCanonical"][0].startswith(plan)
    (address,) = values_at(made, "activity.reference.reference")
    request = platform.call("GET", address, token=token).json()
    assert request["status"] == "draft"
    active = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": {**one, "status": "active", **more},
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one, more in (
                (made, {}),
                (
                    request,
                    {"occurrenceTiming": {"repeat": {**BOUNDS, **request["occurrenceTiming"]["repeat"]}}},
                ),
            )
        ],
    }
    assert platform.call("POST", "careplan/", active, token=token).status_code == 200
    assert platform.call("GET", address, token=token).json()["status"] == "active"


def test_a_draft_without_bounds_does_not_become_active(platform: Platform, course: Course) -> None:
    plan = a_plan(platform)
    made = platform.call("POST", f"{plan}/$apply", parameters(episodeOfCare=course.episode)).json()
    (address,) = values_at(made, "activity.reference.reference")
    request = platform.call("GET", address).json()

    answer = platform.call("PUT", address, {**request, "status": "active"})

    assert said(answer) == "GENERAL_TIMING_OCCURENCE_WITHOUT_START_VALIDATION_ERROR"


@pytest.mark.parametrize("way", ["plan", "careplan"])
def test_apply_with_get_gives_a_transaction_to_be_edited(
    platform: Platform, course: Course, way: str
) -> None:
    plan = a_plan(platform)
    query = {"episodeOfCare": course.episode, "planDefinition": plan}
    path = f"{plan}/$apply" if way == "plan" else "careplan/$apply"

    given = platform.call("GET", path, params=query).json()

    assert (given["resourceType"], given["type"]) == ("Bundle", "transaction")
    for one in given["entry"]:
        one["resource"]["status"] = "active"
        if one["resource"]["resourceType"] == "ServiceRequest":
            one["resource"]["occurrenceTiming"]["repeat"].update(BOUNDS)
    assert platform.call("POST", "careplan/", given).status_code == 200


@pytest.mark.parametrize(
    ("plan", "episode", "code"),
    [
        ("nowhere", True, "CAREPLAN_APPLY_NO_PLANDEFINITION"),
        ("draft", True, "CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION"),
        ("active", False, "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED"),
    ],
)
def test_what_cannot_be_applied(
    platform: Platform, running: Course, plan: str, episode: bool, code: str
) -> None:
    addresses = {
        "nowhere": f"{platform.simulator.origin}/plan/fhir/PlanDefinition/0",
        "draft": "" if plan != "draft" else definition(platform, "PlanDefinition", status="draft"),
        "active": "" if plan != "active" else a_plan(platform),
    }
    given = parameters(**({"episodeOfCare": running.episode} if episode else {}))

    assert said(platform.call("POST", f"{addresses[plan]}/$apply", given)) == code


def test_apply_without_a_plan_is_refused(platform: Platform, running: Course) -> None:
    answer = platform.call("GET", "careplan/$apply", params={"episodeOfCare": running.episode})

    assert said(answer) == "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED"


# Definitions (§4, last paragraph)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"title": "Et andet navn"}, 422),
        ({"useContext": []}, 200),
        ({"status": "retired"}, 200),
        ({"status": "draft"}, 422),
    ],
    ids=["title", "use context", "retired", "back to draft"],
)
def test_an_active_definition_changes_its_use_context_only(
    platform: Platform, changes: Json, status: int
) -> None:
    plan = a_plan(platform)
    stored = platform.call("GET", plan).json()

    answer = platform.call("PUT", plan, {**stored, **changes})

    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("kind", "version"), [("minor-version", "1.1"), ("major-version", "2.0"), ("copy", "1.0")]
)
def test_a_new_version_is_a_clone(platform: Platform, kind: str, version: str) -> None:
    plan = a_plan(platform)
    how = {"system": f"{CS}ehealth-clone-operation", "code": kind}

    (entry,) = platform.call("POST", f"{plan}/$create-clone", parameters(clone_operation=how)).json()["entry"]

    assert (entry["resource"]["version"], entry["resource"]["status"]) == (version, "draft")
    assert entry["resource"]["id"] != id_of(plan)


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"extension": []}, "PLANDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY"),
        ({"action": []}, "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE"),
        (
            {"action": [{"definitionCanonical": "https://p/fhir/ActivityDefinition/0"}]},
            "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE",
        ),
    ],
)
def test_an_active_plan_has_an_owner_and_active_activities(
    platform: Platform, elements: Json, code: str
) -> None:
    stored = platform.call("GET", a_plan(platform)).json()
    new = {name: value for name, value in stored.items() if name != "id"}

    assert said(platform.call("POST", "plan/PlanDefinition", {**new, **elements})) == code
