"""`$apply` and transactions as the care plan service's recorded exchanges have them."""

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from fut import terminology as t
from fut.profiles import extensions, values_at
from tests.fut_simulator.platform import CS, Course, Json, Platform, parameters, said
from tests.fut_simulator.test_care_plans import QUESTIONNAIRE_CODE, bundle, definition
from tests.fut_simulator.test_messages import wish

MOMENT = "2026-11-23T10:00:00+01:00"


def an_activity(platform: Platform, **elements: Any) -> str:
    return definition(
        platform,
        "ActivityDefinition",
        topic=[{"text": "Trivsel"}],
        code=QUESTIONNAIRE_CODE,
        **{"timingDateTime": MOMENT, **elements},
    )


def trigger() -> Json:
    return {
        "url": t.EXT_ACTION_TRIGGER,
        "extension": [
            {"url": "triggerBehavior", "valueCode": "all"},
            {"url": "action", "valueCoding": {"system": f"{CS}action", "code": "activate"}},
        ],
    }


def a_plan_of_plans(platform: Platform) -> str:
    waits = {"definitionCanonical": an_activity(platform), "extension": [trigger()]}
    part = definition(
        platform, "PlanDefinition", action=[{"definitionCanonical": an_activity(platform)}, waits]
    )
    return definition(
        platform,
        "PlanDefinition",
        action=[{"definitionCanonical": an_activity(platform)}, {"definitionCanonical": part}],
    )


def given(platform: Platform, course: Course, plan: str) -> Json:
    query = {"episodeOfCare": course.episode, "planDefinition": plan}
    found: Json = platform.call("GET", "careplan/$apply", params=query).raise_for_status().json()
    return found


def test_each_plan_within_a_plan_is_a_care_plan_of_its_own(platform: Platform, course: Course) -> None:
    plan = a_plan_of_plans(platform)

    entries = given(platform, course, plan)["entry"]

    kinds = [one["resource"]["resourceType"] for one in entries]
    assert kinds == ["ServiceRequest", "CarePlan", "ServiceRequest", "ServiceRequest", "CarePlan"]
    assert all(one["fullUrl"].startswith("urn:uuid:") for one in entries)
    assert {one["resource"]["intent"] for one in entries} == {"order"}
    whole, part = (one for one in entries if one["resource"]["resourceType"] == "CarePlan")
    assert whole["resource"]["instantiatesCanonical"] == [plan]
    assert values_at(part, "resource.partOf.reference") == [whole["fullUrl"]]
    assert values_at(whole, "resource.activity.reference.reference") == [entries[0]["fullUrl"]]
    assert len(values_at(part, "resource.activity.reference.reference")) == 2


def test_what_another_action_wakes_waits_on_hold(platform: Platform, course: Course) -> None:
    requests = [
        one["resource"]
        for one in given(platform, course, a_plan_of_plans(platform))["entry"]
        if one["resource"]["resourceType"] == "ServiceRequest"
    ]

    enabled = [extensions(one, t.EXT_TRIGGER_ENABLEMENT)[0]["valueCode"] for one in requests]
    assert [one["status"] for one in requests] == ["draft", "draft", "on-hold"]
    assert enabled == ["NO_TRIGGER", "NO_TRIGGER", "TRIGGER_ENABLED"]


def test_what_was_given_can_be_sent_as_it_is(platform: Platform, course: Course) -> None:
    body = given(platform, course, a_plan_of_plans(platform))

    answer = platform.call("POST", "careplan/", body, headers={"Prefer": "return=representation"})

    assert answer.status_code == 200, answer.text
    whole, part = (
        one["resource"] for one in answer.json()["entry"] if one["resource"]["resourceType"] == "CarePlan"
    )
    assert values_at(part, "partOf.reference")[0].endswith(f"/CarePlan/{whole['id']}")


def test_post_stores_the_parts_as_well(platform: Platform, course: Course) -> None:
    asked = {"name": "planDefinition", "valueString": a_plan_of_plans(platform)}
    body = parameters(episodeOfCare=course.episode)
    body["parameter"].append(asked)

    made = platform.call("POST", "careplan/$apply", body).raise_for_status().json()

    query = f"careplan/CarePlan?patient={course.patient}&part-of=CarePlan/{made['id']}"
    (part,) = platform.call("GET", query).json()["entry"]
    assert made["intent"] == "order"
    assert part["resource"]["status"] == "draft"


@pytest.mark.parametrize(
    ("of_activity", "of_action", "expected"),
    [
        ({"timingDateTime": MOMENT}, {}, {"occurrenceDateTime": MOMENT}),
        (
            {"timingDateTime": MOMENT},
            {"timingPeriod": {"start": MOMENT}},
            {"occurrencePeriod": {"start": MOMENT}},
        ),
        (
            {},
            {"timingTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}},
            {"occurrenceTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}},
        ),
    ],
    ids=["the activity's", "the plan's goes before", "the plan's alone"],
)
def test_when_it_is_to_be_done(
    platform: Platform, course: Course, of_activity: Json, of_action: Json, expected: Json
) -> None:
    """The guide's “Actions and Timing”."""
    activity = definition(
        platform, "ActivityDefinition", topic=[{"text": "x"}], code=QUESTIONNAIRE_CODE, **of_activity
    )
    plan = definition(platform, "PlanDefinition", action=[{"definitionCanonical": activity, **of_action}])

    request = given(platform, course, plan)["entry"][0]["resource"]

    assert {name: value for name, value in request.items() if name.startswith("occurrence")} == expected


def test_an_extra_of_the_plan_is_an_extra_of_the_request(platform: Platform, course: Course) -> None:
    extra = {"url": t.EXT_INCLUDE_AS_EXTRA, "valueBoolean": True}
    action = {"definitionCanonical": an_activity(platform), "extension": [extra]}

    request = given(platform, course, definition(platform, "PlanDefinition", action=[action]))["entry"][0]

    assert extensions(request["resource"], t.EXT_INCLUDE_AS_EXTRA) == [extra]


# Transactions


def carried_out(platform: Platform, *entries: Json, **more: Any) -> Any:
    body = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    return platform.call("POST", "careplan/", body, **more)


def posted(resource: Json) -> Json:
    return {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def patch(address: str, *changes: Json) -> Json:
    data = base64.b64encode(json.dumps(changes).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    return {"resource": binary, "request": {"method": "PATCH", "url": address}}


def test_a_transaction_answers_as_recorded(platform: Platform, running: Course) -> None:
    answer = platform.call("POST", "careplan/", bundle(running)).json()

    assert answer["id"]
    assert [link["relation"] for link in answer["link"]] == ["self"]
    assert [one["response"]["etag"] for one in answer["entry"]] == ["1", "1"]
    outcomes = [one["response"]["outcome"] for one in answer["entry"]]
    assert {one["text"]["status"] for one in outcomes} == {"generated"}


def test_a_transaction_takes_what_the_service_keeps(platform: Platform, course: Course) -> None:
    """The guide's page on transactions: more than plans and requests."""
    condition = {
        "resourceType": "Condition",
        "meta": {"profile": [t.CONDITION]},
        "code": {"coding": [{"system": t.SKS, "code": "DJ44"}]},
        "subject": {"reference": course.patient},
    }
    hold = {"op": "replace", "path": "/status", "value": "onhold"}

    answer = carried_out(
        platform,
        posted(condition),
        posted(wish(course)),
        patch(course.episode, hold),
        {"request": {"method": "GET", "url": course.plan}},
    )

    assert answer.status_code == 200, answer.text
    statuses = values_at(answer.json(), "entry.response.status")
    assert statuses == ["201 Created", "201 Created", "200 OK", "200 OK"]
    assert platform.call("GET", course.episode).json()["status"] == "onhold"
    assert answer.json()["entry"][3]["resource"]["id"] == course.plan.rsplit("/", 1)[1]


@pytest.mark.parametrize(
    ("right", "status"),
    [(["FHIR.transaction"], 403), (["FHIR.transaction", "CarePlan.read"], 200), (["CarePlan.read"], 403)],
)
def test_a_transaction_needs_the_right_to_each_entry(
    platform: Platform, running: Course, right: list[str], status: int
) -> None:
    token = platform.token(roles=right, unbound=True)

    answer = carried_out(platform, {"request": {"method": "GET", "url": running.plan}}, token=token)

    assert answer.status_code == status


def test_nothing_stays_of_a_transaction_that_fails(platform: Platform, course: Course) -> None:
    wrong = wish(course, recipient=[{"reference": "https://p.example/fhir/Patient/0"}])

    answer = carried_out(
        platform,
        patch(course.episode, {"op": "replace", "path": "/status", "value": "onhold"}),
        posted(wrong),
    )

    assert said(answer) == "COMMUNICATIONREQUEST_SUBJECT_NOT_MATCHING_RECIPIENT"
    assert platform.call("GET", course.episode).json()["status"] == "active"


def test_the_teams_of_a_plan_that_was_sent_have_their_history(platform: Platform, course: Course) -> None:
    """Recorded PUT: an entry is opened for a team without one, and closed for a team that is gone."""
    first, second = platform.team(course.organization), platform.team(course.organization)
    plan = platform.call("GET", course.plan).json()

    one = platform.call("PUT", course.plan, {**plan, "careTeam": [{"reference": first}]}).json()
    two = platform.call("PUT", course.plan, {**one, "careTeam": [{"reference": second}]}).json()

    def history(resource: Json) -> list[tuple[str, bool]]:
        return [
            (
                values_at(entry, "extension.valueReference.reference")[0],
                bool(values_at(entry, "extension.valuePeriod.end")),
            )
            for entry in extensions(resource, t.EXT_TEAM_HISTORY)
        ]

    assert history(one) == [(first, False)]
    assert history(two) == [(first, True), (second, False)]


def test_a_request_that_will_be_active_needs_its_time_now(platform: Platform, running: Course) -> None:
    """The guide's “Occurrence validity”: also by its schedule."""
    body = bundle(running)
    request = body["entry"][1]["resource"]
    del request["occurrenceDateTime"]
    request["status"] = "draft"
    scheduled = {
        "url": t.EXT_SERVICE_REQUEST_STATUS_SCHEDULE,
        "extension": [
            {"url": "status", "valueCode": "active"},
            {"url": "scheduledTime", "valueDateTime": MOMENT},
        ],
    }

    assert platform.call("POST", "careplan/", body).status_code == 200
    request["extension"].append(scheduled)
    assert said(platform.call("POST", "careplan/", body)) == "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE"


def an_organization(platform: Platform, **codes: str) -> str:
    """One of its own source, in a region or municipality; its address."""

    def concept(url: str, system: str, code: str) -> Json:
        return {"url": url, "valueCodeableConcept": {"coding": [{"system": f"{CS}{system}", "code": code}]}}

    body = {
        "resourceType": "Organization",
        "meta": {"profile": [t.ORGANIZATION]},
        "extension": [
            concept(t.EXT_SOURCE, "organization-source", "manual"),
            concept(t.EXT_SYNCHRONIZATION_STATUS, "organization-synchronization-status", "NotSynchronized"),
            *(
                {"url": f"{t.EHEALTH}ehealth-organization-{name}", "valueString": code}
                for name, code in codes.items()
            ),
        ],
        "identifier": [{"system": t.CVR, "value": "12345678"}],
        "name": "Et sundhedscenter",
    }
    token = platform.token(roles=["Organization.write"], unbound=True)
    answer = platform.call("POST", "organization/Organization", body, token=token).raise_for_status()
    return str(answer.headers["Location"].partition("/_history")[0])


@pytest.mark.parametrize("name", ["regionCode", "municipalityCode"])
def test_teams_are_suggested_where_they_are(platform: Platform, running: Course, name: str) -> None:
    """The operation's definition: teams whose reasons cover the plan's conditions, with their organisations."""
    code = uuid4().hex
    organization = an_organization(platform, **{name: code})
    fitting = platform.team(organization)
    platform.team(organization, reasonCode=[{"coding": [{"system": t.SKS, "code": "DJ44"}]}])

    given = platform.call("POST", f"{running.plan}/$suggest-care-teams", parameters(**{name: code})).json()

    assert given["type"] == "searchset"
    assert [one["fullUrl"] for one in given["entry"]] == [fitting, organization]
