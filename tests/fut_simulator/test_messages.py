"""Contract §6: messages, text messages, and the platform's own job."""

from typing import Any
from uuid import uuid4

import pytest

from fut.profiles import values_at
from tests.fut_simulator.platform import CS, EHEALTH, EPISODE_EXTENSION, Course, Json, Platform, said


def administrative(code: str) -> Json:
    return {
        "url": f"{EHEALTH}ehealth-administrative-status",
        "valueCoding": {"system": f"{CS}administrative-status", "code": code},
    }


ADMINISTRATIVE = administrative("activate")
BY_CLIENT = "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT"
NEMSMS = [{"coding": [{"system": f"{CS}message-medium", "code": "nemsms"}]}]
TEXT = "Du har en opgave. Se den i din telemedicinske løsning"


def category(code: str) -> list[Json]:
    return [{"coding": [{"system": f"{CS}message-category", "code": code}]}]


def team(name: str) -> Json:
    return {
        "url": f"{EHEALTH}ehealth-communication-{name}CareTeam",
        "valueReference": {"reference": "https://o.example/fhir/CareTeam/1"},
    }


def with_status(extensions: tuple[Json, ...]) -> list[Json]:
    """The extensions, and that nothing has been done with it, unless they say what has."""
    given = [one for one in extensions if one["url"] == ADMINISTRATIVE["url"]]
    return [*extensions, *([] if given else [ADMINISTRATIVE])]


def message(course: Course, *extensions: Json, **changes: Any) -> Json:
    body = {
        "resourceType": "Communication",
        "meta": {"profile": [f"{EHEALTH}ehealth-message"]},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}],
        "extension": with_status(extensions or (team("sender"),)),
        "status": "in-progress",
        "category": category("message"),
        "medium": NEMSMS,
        "recipient": [{"reference": course.patient}],
        "payload": [{"contentString": TEXT}],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


@pytest.mark.parametrize(
    ("extensions", "changes", "code"),
    [
        ((), {}, None),
        ((), {"medium": None}, None),
        ((), {"payload": [{"contentString": "x" * 160}]}, None),
        ((), {"payload": [{"contentString": "x" * 161}]}, "GENERAL_VALIDATION_ERROR"),
        (
            (),
            {"recipient": None},
            "COMMUNICATION_EXACTLY_ONE_RECIPIENT_OR_CARE_TEAM_RECIPIENT_MUST_BE_SUPPLIED",
        ),
        ((ADMINISTRATIVE,), {}, "COMMUNICATION_EXACTLY_ONE_SENDER_OR_CARE_TEAM_SENDER_MUST_BE_SUPPLIED"),
        (
            (team("sender"), team("recipient")),
            {"recipient": None},
            "COMMUNICATION_MEDIUM_EBOKS_OR_NEMSMS_REQUIRES_PATIENT_RECIPIENT",
        ),
        ((), {"status": "completed"}, "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT"),
        ((), {"status": "stopped"}, "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT"),
        ((), {"sent": "2026-11-23T10:00:00Z"}, "COMMUNICATION_SENT_PROP_CANNOT_BE_SET_BY_CLIENT"),
        (
            (),
            {"category": category("message") + category("advice")},
            "COMMUNICATION_EXACTLY_ONE_MESSAGE_CATEGORY_IS_EXPECTED_ACTUAL",
        ),
        ((), {"meta": {}}, "GENERAL_VALIDATION_ERROR"),
        ((), {"category": category("advice"), "medium": None, "status": "completed"}, None),
        ((), {"category": category("advice"), "status": "completed"}, BY_CLIENT),
        (
            (),
            {"received": "2026-11-23T10:00:00Z"},
            "COMMUNICATION_ONLY_STATUS_COMPLETED_CAN_BE_MARKED_AS_RECEIVED",
        ),
        (
            (team("sender"), administrative("read")),
            {},
            "COMMUNICATION_ONLY_STATUS_COMPLETED_CAN_HAVE_ADMINISTRATIVE_STATUS_OTHER_THAN_ACTIVATE",
        ),
        (
            (),
            {
                "reasonCode": [
                    {"coding": [{"system": f"{CS}task-category", "code": "MissingMeasurementResolving"}]}
                ]
            },
            "COMMUNICATION_EXACTLY_ONE_CAREPLAN_MUST_BE_SUPPLIED_WHEN_REASON_CODE_MISSING_MEASUREMENT_RESOLVING",
        ),
        (
            (ADMINISTRATIVE,),
            {"sender": {"reference": "https://p.example/fhir/Patient/0"}, "medium": None},
            "GENERAL_VALIDATION_ERROR",
        ),
        (
            (team("recipient"), team("sender")),
            {"recipient": None, "medium": None},
            None,
        ),
        (
            (ADMINISTRATIVE,),
            {
                "category": category("note"),
                "sender": {"reference": "https://p.example/fhir/Patient/0"},
                "medium": None,
            },
            "GENERAL_VALIDATION_ERROR",
        ),
        ((), {"medium": [{"coding": [{"system": f"{CS}message-medium"}]}]}, None),
    ],
)
def test_a_message_keeps_the_rules(
    platform: Platform, running: Course, extensions: tuple[Json, ...], changes: Json, code: str | None
) -> None:
    answer = platform.call("POST", "patient/Communication", message(running, *extensions, **changes))

    assert answer.status_code == (422 if code else 201), answer.text
    if code:
        assert said(answer) == code


def sent(platform: Platform, course: Course, **changes: Any) -> Json:
    text = f"Til dig {uuid4()}"
    answer = platform.call(
        "POST", "patient/Communication", message(course, **{"payload": [{"contentString": text}], **changes})
    )
    return {"text": text, "address": answer.headers["Location"].partition("/_history")[0], **answer.json()}


def texts(platform: Platform) -> list[str]:
    listed = platform.http.get("/nemsms/messages").json()["messages"]
    return [one["text"] for one in listed]


def test_a_text_message_is_in_progress_and_then_completed(platform: Platform, running: Course) -> None:
    made = sent(platform, running)
    assert (made["status"], "sent" in made) == ("in-progress", True)

    platform.control("POST", "jobs/background")

    assert platform.call("GET", made["address"]).json()["status"] == "completed"
    assert texts(platform).count(made["text"]) == 1
    platform.control("POST", "jobs/background")
    assert texts(platform).count(made["text"]) == 1


def test_a_message_without_a_medium_is_completed_at_once(platform: Platform, running: Course) -> None:
    assert sent(platform, running, medium=None)["status"] == "completed"


def enrol(platform: Platform, course: Course, **how: bool) -> None:
    platform.http.post("/nemsms/control", json={"citizens": [{"cpr": course.cpr, **how}]}).raise_for_status()


def test_a_telephone_that_takes_none_stops_it(platform: Platform, course: Course) -> None:
    enrol(platform, course, fails=True)
    made = sent(platform, course)

    platform.control("POST", "jobs/background")

    stopped = platform.call("GET", made["address"]).json()
    assert stopped["status"] == "stopped"
    assert values_at(stopped, "statusReason.coding.code") == ["recipient-unavailable"]


def test_who_is_not_in_nemsms_gets_none(platform: Platform, course: Course) -> None:
    """The patient's telecom says so, as of the last `$createPatient`."""
    enrol(platform, course, enrolled=False)
    crn = {"system": "urn:oid:1.2.208.176.1.2", "value": course.cpr}
    body = {"resourceType": "Parameters", "parameter": [{"name": "crn", "valueIdentifier": crn}]}
    patient = platform.call("POST", "patient/Patient/$createPatient", body).json()

    assert "telecom" not in patient
    answer = platform.call("POST", "patient/Communication", message(course))
    assert said(answer) == "COMMUNICATION_PATIENT_NEMSMS_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("status", "medium", "change", "code"),
    [
        ("preparation", NEMSMS, {"op": "replace", "path": "/status", "value": "in-progress"}, None),
        (
            "preparation",
            NEMSMS,
            {"op": "replace", "path": "/status", "value": "completed"},
            "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT",
        ),
        (
            "preparation",
            None,
            {"op": "replace", "path": "/category/0/coding/0/code", "value": "note"},
            "COMMUNICATION_UPDATE_TO_CATEGORY_IS_NOT_ALLOWED",
        ),
        ("preparation", None, {"op": "add", "path": "/medium", "value": NEMSMS}, "GENERAL_VALIDATION_ERROR"),
        (
            "in-progress",
            None,
            {"op": "replace", "path": "/payload/0/contentString", "value": "Andet"},
            "COMMUNICATION_ONLY_ADMINISTRATIVE_STATUS_AND_RECEIVED_CAN_BE_UPDATED_WHEN_STATUS_IS_COMPLETED",
        ),
        ("in-progress", None, {"op": "add", "path": "/received", "value": "2026-11-23T10:00:00Z"}, None),
        (
            "in-progress",
            NEMSMS,
            {"op": "add", "path": "/received", "value": "2026-11-23T10:00:00Z"},
            "COMMUNICATION_NEMSMS_WITH_STATUS_COMPLETED_CANNOT_BE_UPDATED_BY_CLIENT",
        ),
    ],
)
def test_a_message_changes_by_the_rules(
    platform: Platform, running: Course, status: str, medium: Any, change: Json, code: str | None
) -> None:
    made = sent(platform, running, status=status, medium=medium)
    platform.control("POST", "jobs/background")

    answer = platform.call("PATCH", made["address"], [change])

    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert said(answer) == code


def test_a_message_is_found_by_its_thread(platform: Platform, running: Course) -> None:
    """§8: the probe of a message is its thread, our UUID."""
    thread = str(uuid4())
    sent(
        platform,
        running,
        extension=[
            ADMINISTRATIVE,
            team("sender"),
            {"url": f"{EHEALTH}ehealth-thread-id", "valueString": thread},
        ],
    )
    token = platform.token(context={"patient_id": running.patient})

    found = platform.call(
        "GET", f"patient/Communication?threadId={thread}&recipient={running.patient}", token=token
    ).json()

    assert found["total"] == 1


def test_annotations_live_with_the_measurements(platform: Platform, running: Course) -> None:
    body = {
        "resourceType": "Communication",
        "meta": {"profile": [f"{EHEALTH}ehealth-communication"]},
        "extension": [
            {"url": EPISODE_EXTENSION, "valueReference": {"reference": running.episode}},
            {
                "url": f"{EHEALTH}ehealth-restriction-category",
                "valueCodeableConcept": {"coding": [{"system": f"{CS}restriction-category", "code": "None"}]},
            },
        ],
        "status": "in-progress",
        "category": [{"coding": [{"system": f"{CS}communication-category", "code": "annotation"}]}],
        "subject": {"reference": running.patient},
    }

    made = platform.call("POST", "measurement/Communication", body)

    assert made.status_code == 201
    assert "/measurement/fhir/Communication/" in made.headers["Location"]
    assert platform.call("GET", made.headers["Location"]).json()["status"] == "in-progress"


# CommunicationRequest and the job


def wish(course: Course, **changes: Any) -> Json:
    reason = {"system": f"{CS}message-reasonCode", "code": "ReminderSubmitMeasurement"}
    body = {
        "resourceType": "CommunicationRequest",
        "meta": {"profile": [f"{EHEALTH}ehealth-communication-request"]},
        "extension": [{"url": EPISODE_EXTENSION, "valueReference": {"reference": course.episode}}],
        "status": "active",
        "doNotPerform": True,
        "category": category("advice"),
        "reasonCode": [{"coding": [reason]}],
        "subject": {"reference": course.patient},
        "recipient": [{"reference": course.patient}],
        "occurrencePeriod": {"start": "2026-11-01T00:00:00+01:00"},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


ROUND = "2026-11-23T12:00:00+01:00"
"""The first run of the job at or after the opening of `people.a_care_plan`'s task, which is at noon."""


def run(platform: Platform, at: str = ROUND) -> set[str]:
    """The citizens whom the job told something."""
    made = platform.control("POST", "jobs/reminders", {"at": at})["messages"]
    told = [platform.call("GET", f"patient/Communication/{one}").json() for one in made]
    return {reference for one in told for reference in values_at(one, "recipient.reference")}


def test_the_platform_tells_of_a_task_by_itself_once(platform: Platform, course: Course) -> None:
    assert course.patient in run(platform)
    assert course.patient not in run(platform)


def test_the_job_knows_no_quiet_hours(platform: Platform, course: Course) -> None:
    """It runs every second hour, at night as well."""
    stored = platform.call("GET", course.request.url).json()
    at_night = {**stored, "occurrenceDateTime": "2026-11-24T01:30:00+01:00"}
    platform.call("PUT", course.request.url, at_night).raise_for_status()

    assert course.patient in run(platform, "2026-11-24T02:00:00+01:00")


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        ([{}], False),
        ([{"doNotPerform": False}], True),
        ([{"status": "on-hold"}], True),
        (
            [
                {
                    "reasonCode": [
                        {"coding": [{"system": f"{CS}message-reasonCode", "code": "CarePlanCreated"}]}
                    ]
                }
            ],
            True,
        ),
        ([{"occurrencePeriod": {"start": "2026-12-01T00:00:00+01:00"}}], True),
        (
            [
                {
                    "occurrencePeriod": {
                        "start": "2026-01-01T00:00:00+01:00",
                        "end": "2026-02-01T00:00:00+01:00",
                    }
                }
            ],
            True,
        ),
        ([{}, {"doNotPerform": False, "occurrencePeriod": {"start": "2026-11-02T00:00:00+01:00"}}], True),
        ([{}, {"doNotPerform": False}], False),
    ],
    ids=[
        "opted out",
        "taken back",
        "on hold",
        "another reason",
        "later",
        "over",
        "the latest counts",
        "of two as late, not",
    ],
)
def test_an_episode_can_opt_out(platform: Platform, course: Course, wishes: list[Json], told: bool) -> None:
    for one in wishes:
        answer = platform.call("POST", "careplan/CommunicationRequest", wish(course, **one))
        assert answer.status_code == 201, answer.text

    assert (course.patient in run(platform)) is told


def test_medium_and_text_can_be_others(platform: Platform, course: Course) -> None:
    text = f"Noget andet {uuid4()}"
    platform.call(
        "POST",
        "careplan/CommunicationRequest",
        wish(course, doNotPerform=False, payload=[{"contentString": text}]),
    ).raise_for_status()

    run(platform)

    assert text in texts(platform)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"recipient": [{"reference": "https://p/fhir/Patient/0"}]},
            "COMMUNICATIONREQUEST_SUBJECT_NOT_MATCHING_RECIPIENT",
        ),
        ({"subject": None}, "GENERAL_VALIDATION_ERROR"),
        ({"meta": None}, "GENERAL_VALIDATION_ERROR"),
    ],
)
def test_a_wish_keeps_the_rules(platform: Platform, running: Course, changes: Json, code: str) -> None:
    changes = {"recipient": None, **changes} if "subject" in changes else changes
    body = wish(running, **changes)
    if "subject" not in body:
        body.pop("extension")

    answer = platform.call("POST", "careplan/CommunicationRequest", body)

    assert (answer.status_code, said(answer)) == (422, code)
