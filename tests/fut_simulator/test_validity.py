"""`$set-measurement-validity`: staff say that an answer does not count, or that it counts again (contract §5 H)."""

from typing import Any

import pytest

from fut.profiles import values_at
from fut.simulator.roles import CITIZEN
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

SET = "task/ClinicalImpression/$set-measurement-validity"
PRACTITIONER = "https://organization.example/fhir/Practitioner/7"
INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{CS}{system}", "code": code}]}


def impression(course: Course, answer: str, finding: str = INVALIDATED, **changes: Any) -> Json:
    """The parameters with an impression about the answer; `changes` replace its elements."""
    made = {
        "resourceType": "ClinicalImpression",
        "meta": {"profile": [f"{EHEALTH}ehealth-clinicalimpression"]},
        "extension": [
            {"url": EPISODE_EXTENSION, "valueReference": {"reference": course.episode}},
            *decision("invalidated-fulfills" if finding == INVALIDATED else ""),
        ],
        "status": "completed",
        "code": concept("clinicalimpression-codes", "MeasurementValidityUpdate"),
        "subject": {"reference": course.patient},
        "investigation": [
            {
                "code": concept("clinicalimpression-investigation-item-codes", "item-for-investigation"),
                "item": [{"reference": f"{answer}/_history/1"}, {"reference": answer}],
            }
        ],
        "finding": [{"itemCodeableConcept": concept("clinicalimpression-finding-codes", finding)}],
    }
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "clinicalImpression", "resource": {**made, **changes}}],
    }


def decision(code: str) -> list[Json]:
    kind = concept("clinicalimpression-decision-codes", code)
    return (
        [{"url": f"{EHEALTH}ehealth-clinicalimpression-decision", "valueCodeableConcept": kind}]
        if code
        else []
    )


@pytest.fixture
def course(platform: Platform) -> Course:
    return platform.course()


@pytest.fixture
def answer(platform: Platform, course: Course) -> str:
    """The address of an answer that was submitted."""
    taken = platform.call("POST", SUBMIT, measurement(course), token=platform.token(context=course.context))
    assert taken.status_code == 200, taken.text
    return str(taken.json()["entry"][0]["response"]["location"]).partition("/_history/")[0]


def test_an_answer_stops_counting_and_counts_again(platform: Platform, course: Course, answer: str) -> None:
    staff = platform.token(
        user_type="PRACTITIONER",
        user_id=PRACTITIONER,
        roles=["urn:dk:sundhed:ehealth:role:monitoring_assistor"],
        context=course.context,
    )
    taken = platform.call("POST", SET, impression(course, answer), token=staff)
    assert taken.status_code == 200, taken.text
    stored = taken.json()
    assert stored["resourceType"] == "ClinicalImpression"
    assert stored["assessor"] == {"reference": PRACTITIONER}
    assert platform.call("GET", f"task/ClinicalImpression/{stored['id']}").status_code == 200
    assert invalidated(platform, course) == [1]
    again = platform.call("POST", SET, impression(course, answer, RETRACTED), token=staff)
    assert again.status_code == 200, again.text
    assert invalidated(platform, course) == []


def invalidated(platform: Platform, course: Course) -> list[int]:
    body = parameters(
        patient=course.patient,
        start="2026-01-01T00:00:00+01:00",
        end="2027-12-31T00:00:00+01:00",
        episodeOfCare=course.episode,
    )
    found = platform.call("POST", "careplan/$get-patient-procedures", body).raise_for_status().json()
    return [
        part["valueInteger"]
        for part in values_at(found, "entry.resource.parameter.part")
        if part["name"] == "TotalInvalidated"
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"code": concept("clinicalimpression-codes", "TriagingResult")},
            "CLINICAL_IMPRESSION_MEASUREMENT_VALIDITY_UPDATED_CODE_REQUIRED",
        ),
        ({"status": "in-progress"}, "TASK_MEASUREMENT_VALIDITY_INVALID_INITIAL_STATUS"),
        ({"finding": []}, "TASK_MEASUREMENT_VALIDITY_INVALID_FINDING_CODE"),
        ({"investigation": []}, "TASK_MEASUREMENT_VALIDITY_INVALID_MEASUREMENT_REFERENCE"),
        (
            {"subject": {"reference": "https://patient.example/fhir/Patient/1"}},
            "TASK_MEASUREMENT_VALIDITY_REFERENCE_MISMATCH",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_said_wrongly_is_refused(
    platform: Platform, course: Course, answer: str, changes: Json, code: str
) -> None:
    refused = platform.call("POST", SET, impression(course, answer, **changes))
    assert (refused.status_code, said(refused)) == (422, code)


def test_an_invalidation_decides_something(platform: Platform, course: Course, answer: str) -> None:
    only_episode = [{"url": EPISODE_EXTENSION, "valueReference": {"reference": course.episode}}]
    for extension in (only_episode, [*only_episode, *decision("approved-for-sharing")]):
        refused = platform.call("POST", SET, impression(course, answer, extension=extension))
        assert said(refused) == "TASK_MEASUREMENT_VALIDITY_INVALID_DECISION_CODE"


def test_only_a_measurement_can_be_judged(platform: Platform, course: Course, answer: str) -> None:
    refused = platform.call("POST", SET, impression(course, course.plan))
    assert said(refused) == "TASK_MEASUREMENT_VALIDITY_INVALID_INVESTIGATION_ITEM_TYPE"


def test_one_follows_the_other(platform: Platform, course: Course, answer: str) -> None:
    early = platform.call("POST", SET, impression(course, answer, RETRACTED))
    assert said(early) == "TASK_MEASUREMENT_VALIDITY_MISSING_PREVIOUS"
    assert platform.call("POST", SET, impression(course, answer)).status_code == 200
    twice = platform.call("POST", SET, impression(course, answer))
    assert said(twice) == "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION"
    assert platform.call("POST", SET, impression(course, answer, RETRACTED)).status_code == 200
    again = platform.call("POST", SET, impression(course, answer, RETRACTED))
    assert said(again) == "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION"


def test_a_citizen_may_not(platform: Platform, course: Course, answer: str) -> None:
    rights = sorted(CITIZEN)
    own = platform.token(user_type="PATIENT", user_id=course.patient, roles=rights, context=course.context)
    assert platform.call("POST", SET, impression(course, answer), token=own).status_code == 403
