"""Which rights open what, by the tokens of the recorded exchanges; tasks by team and by category."""

from typing import Any

import pytest

from fut.profiles import values_at
from tests.fut_simulator.platform import CS, EHEALTH, Course, Json, Platform, parameters, said
from tests.fut_simulator.test_care_plans import definition
from tests.fut_simulator.test_measurements import measurement, response_of

TEST_ONLY = "$test-only-create"


@pytest.mark.parametrize(
    ("method", "path", "roles", "allowed"),
    [
        ("GET", "careplan/ServiceRequest/{request}", ["CarePlan.read"], True),
        ("GET", "careplan/ServiceRequest/{request}", ["ServiceRequest.read"], False),
        ("GET", "organization/Organization?municipalityCode=0330", [], True),
        ("GET", "organization/CareTeam?status=active", ["CareTeam.search"], True),
        ("GET", "organization/CareTeam?status=active", ["CareTeam.read"], False),
        ("POST", "careplan/$get-patient-procedures", ["CarePlan.search"], True),
        ("POST", "careplan/$get-patient-procedures", ["CarePlan.read"], False),
        ("POST", "careplan/CarePlan/$validate", [], True),
    ],
)
def test_the_right_to_it(
    platform: Platform, running: Course, method: str, path: str, roles: list[str], allowed: bool
) -> None:
    token = platform.token(roles=roles, unbound=True)
    asked = parameters(
        patient=running.patient, start="2026-11-01T00:00:00+01:00", end="2026-12-01T00:00:00+01:00"
    )
    body = {"resourceType": "CarePlan"} if "$validate" in path else asked

    answer = platform.call(
        method,
        path.format(request=running.request.id),
        body if method == "POST" else None,
        token=token,
    )

    assert answer.status_code == (200 if allowed else 403), answer.text


@pytest.mark.parametrize("roles", [["CareTeam.write"], ["CareTeam.create"], [TEST_ONLY]])
def test_who_may_write_may_create(platform: Platform, roles: list[str]) -> None:
    body = platform.call("GET", platform.team()).json()
    new = {name: value for name, value in body.items() if name not in {"id", "meta"}}
    new["meta"] = {"profile": [f"{EHEALTH}ehealth-careteam"]}

    answer = platform.call(
        "POST", "organization/CareTeam", new, token=platform.token(roles=roles, unbound=True)
    )

    assert answer.status_code == 201


def draft(course: Course) -> Json:
    return {**response_of(measurement(course)), "status": "in-progress"}


def test_a_draft_is_created_in_tests_and_written_by_whoever_submits(
    platform: Platform, running: Course
) -> None:
    """Recorded: PUT of an answer in progress, with the right to submit."""
    tester = platform.token(roles=[TEST_ONLY], unbound=True)
    made = platform.call("POST", "measurement/QuestionnaireResponse", draft(running), token=tester)
    address = made.headers["Location"].partition("/_history")[0]
    citizen = platform.token(roles=["$submit-measurement"], context=running.context)

    written = platform.call("PUT", address, {**made.json(), "item": []}, token=citizen)
    ended = platform.call("PUT", address, {**made.json(), "status": "completed"}, token=citizen)
    again = platform.call(
        "PUT", address, {**ended.json(), "authored": "2026-11-24T10:00:00+01:00"}, token=citizen
    )

    assert (made.status_code, written.status_code, ended.status_code) == (201, 200, 200)
    assert (again.status_code, said(again)) == (422, "GENERAL_VALIDATION_ERROR")


def test_an_answer_can_be_entered_in_error(platform: Platform, course: Course) -> None:
    address = (
        platform.call("POST", "measurement/$submit-measurement", measurement(course))
        .json()["entry"][0]["response"]["location"]
        .partition("/_history")[0]
    )

    wrong = platform.call(
        "PATCH", address, [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    )
    other = platform.call("PATCH", address, [{"op": "replace", "path": "/authored", "value": "2026-01-01"}])

    assert (wrong.status_code, wrong.json()["status"]) == (200, "entered-in-error")
    assert other.status_code == 422


def task(course: Course, team: str, *categories: str, **changes: Any) -> Json:
    def concept(url: str, system: str, code: str) -> Json:
        coding = {"system": f"{CS}{system}", "code": code}
        return {"url": f"{EHEALTH}{url}", "valueCodeableConcept": {"coding": [coding]}}

    return {
        "resourceType": "Task",
        "meta": {"profile": [f"{EHEALTH}ehealth-task"]},
        "extension": [
            {"url": f"{EHEALTH}ehealth-task-episodeOfCare", "valueReference": {"reference": course.episode}},
            concept("ehealth-task-category", "task-category", "MeasurementForAssessment"),
            {"url": f"{EHEALTH}ehealth-task-responsible", "valueReference": {"reference": team}},
            *(concept("ehealth-restriction-category", "restriction-category", one) for one in categories),
        ],
        "status": "requested",
        "intent": "order",
        "priority": "routine",
        "for": {"reference": course.patient},
        **changes,
    }


MONITORING = "RestrictionCategory$measurement-monitoring"


@pytest.mark.parametrize(
    ("category", "mine", "roles", "code"),
    [
        ("measurement-monitoring", True, ["Task.read", MONITORING], None),
        (
            "measurement-monitoring",
            True,
            ["Task.read"],
            "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT",
        ),
        ("None", True, ["Task.read"], None),
        ("None", False, ["Task.read"], "SECURITY_TOKEN_CONTEXT_MISSING"),
    ],
)
def test_a_task_is_its_teams(
    platform: Platform, running: Course, category: str, mine: bool, roles: list[str], code: str | None
) -> None:
    """Recorded: staff read a task with no more than their team in the token."""
    team = platform.team()
    made = platform.call("POST", "task/Task", task(running, team, category))
    assert made.status_code == 201, made.text
    token = platform.token(
        user_type="PRACTITIONER",
        roles=roles,
        context={"care_team_id": team if mine else "https://o.example/fhir/CareTeam/0"},
    )

    answer = platform.call("GET", made.headers["Location"], token=token)

    assert answer.status_code == (403 if code else 200)
    if code:
        assert said(answer) == code


@pytest.mark.parametrize(
    ("categories", "changes", "code"),
    [
        (("None", "measurement-monitoring"), {}, "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED"),
        (("None",), {"for": {"reference": "https://p.example/fhir/Patient/0"}}, "TASK_FOR_NOT_SET"),
        ((), {}, "GENERAL_VALIDATION_ERROR"),
    ],
)
def test_a_task_keeps_the_rules(
    platform: Platform, running: Course, categories: tuple[str, ...], changes: Json, code: str
) -> None:
    answer = platform.call("POST", "task/Task", task(running, platform.team(), *categories, **changes))

    assert (answer.status_code, said(answer)) == (422, code)


DISPLAY = "http://ehealth.sundhed.dk/policy/ehealth/display-triage-result"


@pytest.mark.parametrize(("user_type", "status"), [("PATIENT", 403), ("PRACTITIONER", 201)])
def test_what_triage_found_is_shown_when_staff_say_so(
    platform: Platform, running: Course, user_type: str, status: int
) -> None:
    """§5 G, and the guide's remarks on ehealth-consent."""
    body = {
        "resourceType": "Consent",
        "meta": {"profile": [f"{EHEALTH}ehealth-consent"]},
        "extension": [
            {"url": f"{EHEALTH}ehealth-consent-affiliation", "valueReference": {"reference": running.episode}}
        ],
        "status": "active",
        "scope": {"coding": [{"system": f"{CS}ehealth-consent-scope", "code": "behavior"}]},
        "category": [{"coding": [{"system": f"{CS}consent-category", "code": "behavior-by-policy"}]}],
        "patient": {"reference": running.patient},
        "policy": [{"uri": DISPLAY}],
    }
    token = platform.token(user_type=user_type, context=running.context)

    answer = platform.call("POST", "careplan/Consent", body, token=token)

    assert answer.status_code == status, answer.text
    if status == 403:
        assert said(answer) == "SECURITY_OPERATION_NOT_ALLOWED_FOR_USER_TYPE"
    else:
        assert values_at(answer.json(), "policy.uri") == [DISPLAY]


def test_cloning_needs_the_right_to_create(platform: Platform) -> None:
    plan = definition(platform, "PlanDefinition", status="draft")
    how = parameters(clone_operation={"system": f"{CS}ehealth-clone-operation", "code": "copy"})

    refused = platform.call(
        "POST",
        f"{plan}/$create-clone",
        how,
        token=platform.token(roles=["PlanDefinition.read"], unbound=True),
    )

    assert said(refused) == "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"
    assert "PlanDefinition.create" in refused.text
