"""`$set-measurement-validity` (contract §5 H): an answer that does not count, and one that does after all."""

from typing import Any

import httpx
import pytest

from fut.profiles import values_at
from tests.fut_simulator.platform import (
    CS,
    EHEALTH,
    EPISODE_EXTENSION,
    Course,
    Json,
    Platform,
    parameters,
    said,
)
from tests.fut_simulator.test_measurements import SUBMIT, measurement

OPERATION = "task/ClinicalImpression/$set-measurement-validity"
INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"


@pytest.fixture
def answered(platform: Platform, course: Course) -> str:
    """The address of an answer, with its version."""
    stored = platform.call("POST", SUBMIT, measurement(course)).raise_for_status().json()
    location: str = stored["entry"][0]["response"]["location"]
    return location


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{CS}{system}", "code": code}]}


def impression(course: Course, answered: str, finding: str = INVALIDATED, **changes: Any) -> Json:
    decision = {
        "url": f"{EHEALTH}ehealth-clinicalimpression-decision",
        "valueCodeableConcept": concept("clinicalimpression-decision-codes", "invalidated-fulfills"),
    }
    return {
        "resourceType": "ClinicalImpression",
        "meta": {"profile": [f"{EHEALTH}ehealth-clinicalimpression"]},
        "extension": [
            {"url": EPISODE_EXTENSION, "valueReference": {"reference": course.episode}},
            *([decision] if finding == INVALIDATED else []),
        ],
        "status": "completed",
        "code": concept("clinicalimpression-codes", "MeasurementValidityUpdate"),
        "subject": {"reference": course.patient},
        "investigation": [
            {
                "code": concept("clinicalimpression-investigation-item-codes", "item-for-investigation"),
                "item": [{"reference": answered}, {"reference": answered.partition("/_history")[0]}],
            }
        ],
        "finding": [{"itemCodeableConcept": concept("clinicalimpression-finding-codes", finding)}],
        **changes,
    }


def said_of(platform: Platform, body: Json, **more: Any) -> httpx.Response:
    return platform.call("POST", OPERATION, parameters(clinicalImpression=body), **more)


def status_of(platform: Platform, answered: str) -> str:
    return str(platform.call("GET", answered.partition("/_history")[0]).json()["status"])


def test_an_answer_is_taken_out_and_put_back(platform: Platform, course: Course, answered: str) -> None:
    out = said_of(platform, impression(course, answered)).raise_for_status().json()
    assert status_of(platform, answered) == "entered-in-error"
    back = said_of(platform, impression(course, answered, RETRACTED)).raise_for_status().json()
    assert status_of(platform, answered) == "completed"

    first = platform.call("GET", f"task/ClinicalImpression/{out['id']}").json()
    assert (first["status"], back["status"]) == ("entered-in-error", "completed")
    assert values_at(out, "investigation.code.coding.code") == ["item-for-investigation", "item-modified"]
    assert values_at(out, "investigation.item.reference")[-1] == answered.replace("_history/1", "_history/2")


@pytest.mark.parametrize(
    ("finding", "changes", "code"),
    [
        (RETRACTED, {}, "MISSING_PREVIOUS"),
        (INVALIDATED, {"status": "in-progress"}, "INVALID_INITIAL_STATUS"),
        (INVALIDATED, {"finding": []}, "INVALID_FINDING_CODE"),
        ("green", {}, "INVALID_FINDING_CODE"),
        (INVALIDATED, {"investigation": []}, "INVALID_MEASUREMENT_REFERENCE"),
        (INVALIDATED, {"subject": {"reference": "https://p.example/fhir/Patient/0"}}, "REFERENCE_MISMATCH"),
    ],
)
def test_what_is_said_is_whole(
    platform: Platform, course: Course, answered: str, finding: str, changes: Json, code: str
) -> None:
    answer = said_of(platform, {**impression(course, answered, finding), **changes})

    assert (answer.status_code, said(answer)) == (422, f"TASK_MEASUREMENT_VALIDITY_{code}")
    assert status_of(platform, answered) == "completed"


def test_a_decision_is_needed_to_take_it_out(platform: Platform, course: Course, answered: str) -> None:
    body = impression(course, answered)
    body["extension"] = body["extension"][:1]

    assert said(said_of(platform, body)) == "TASK_MEASUREMENT_VALIDITY_INVALID_DECISION_CODE"


def test_it_is_not_taken_out_twice(platform: Platform, course: Course, answered: str) -> None:
    said_of(platform, impression(course, answered)).raise_for_status()

    again = said(said_of(platform, impression(course, answered)))

    assert again == "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION"


def test_staff_are_named(platform: Platform, course: Course, answered: str) -> None:
    nurse = "https://o.example/fhir/Practitioner/7"
    token = platform.token(
        user_type="PRACTITIONER",
        user_id=nurse,
        roles=["ClinicalImpression.create"],
        context={**course.context, "organization_id": course.organization},
    )

    made = said_of(platform, impression(course, answered), token=token).raise_for_status().json()

    assert made["assessor"] == {"reference": nurse}
    assert [one for one in made["extension"] if one["url"].endswith("assessor-organization")]


def test_it_goes_no_other_way(platform: Platform, course: Course, answered: str) -> None:
    answer = platform.call("POST", "task/ClinicalImpression", impression(course, answered))

    assert said(answer) == "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("versions", "status"), [(("/_history/1", ""), 201), (("",), 422), (("/_history/1",), 422)]
)
def test_what_was_looked_at_is_named_twice(
    platform: Platform, course: Course, answered: str, versions: tuple[str, ...], status: int
) -> None:
    address = answered.partition("/_history")[0]
    items = [{"reference": f"{address}{version}"} for version in versions]
    body = impression(course, answered, "green", investigation=[{"code": concept("x", "y"), "item": items}])

    answer = platform.call("POST", "task/ClinicalImpression", body)

    assert answer.status_code == status, answer.text
    if status == 201:
        assert answer.json()["date"]
    else:
        assert said(answer) == "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
