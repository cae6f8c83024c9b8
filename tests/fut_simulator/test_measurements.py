"""Contract §5 F, G and H: submitting an answer, what the platform makes of it, and reading it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from fut import mapping
from fut.facts import Reference
from fut.profiles import profile_problems, values_at
from tests.fut import people
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
from tests.fut_simulator.test_care_plans import definition, modifier_role

SUBMIT = "measurement/$submit-measurement"
SEARCH = "measurement/$search-measurements-bundle-limit"


def measurement(course: Course, **changes: Any) -> Json:
    body = mapping.submit_measurement(
        people.a_response(),
        patient=Reference(course.patient),
        episode=Reference(course.episode),
        service_request=course.request,
    )
    response_of(body).update(changes)
    return body


def response_of(body: Json) -> Json:
    found: Json = body["parameter"][0]["resource"]["entry"][0]["resource"]
    return found


def timing(kind: str, **bounds: str) -> Json:
    coding = {"system": f"{CS}resolved-timing-type", "code": kind}
    parts = [{"url": name, "valueDateTime": value} for name, value in bounds.items()]
    parts += [{"url": "serviceRequestVersionId", "valueId": "1"}]
    return {
        "url": f"{EHEALTH}ehealth-resolved-timing",
        "extension": [*parts, {"url": "type", "valueCodeableConcept": {"coding": [coding]}}],
    }


def with_extension(course: Course, *extensions: Json) -> Json:
    episode = {"url": EPISODE_EXTENSION, "valueReference": {"reference": course.episode}}
    return measurement(course, extension=[episode, *extensions])


BOUNDS = {"start": "2026-11-23T00:00:00+01:00", "end": "2026-11-29T23:59:59+01:00"}


@pytest.mark.parametrize(
    ("kind", "bounds", "taken"),
    [
        ("Resolved", BOUNDS, True),
        ("Resolved", {}, False),
        ("Resolved", {"start": BOUNDS["start"]}, False),
        ("Adhoc", {}, True),
        ("Adhoc", BOUNDS, False),
        ("Unresolved", {}, True),
        ("Extra", {}, True),
        ("Extra", BOUNDS, False),
    ],
)
def test_resolved_has_start_and_end_and_others_neither(
    platform: Platform, running: Course, kind: str, bounds: dict[str, str], taken: bool
) -> None:
    answer = platform.call("POST", SUBMIT, with_extension(running, timing(kind, **bounds)))

    assert answer.status_code == (200 if taken else 422)
    if not taken:
        assert said(answer) == "MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING"


PERIOD = "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_"


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ({"start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:04:00+01:00"}, None),
        ({"start": "2026-11-23T10:00:00+01:00"}, None),
        ({}, f"{PERIOD}EMPTY_PERIOD"),
        ({"end": "2026-11-23T10:00:00+01:00"}, None),
        ({"start": "2026-11-23"}, f"{PERIOD}INVALID_DATETIME"),
        (
            {"start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:00:00+01:00"},
            f"{PERIOD}START_AFTER_END",
        ),
        (
            {"start": "2026-11-23T10:05:00+01:00", "end": "2026-11-23T10:04:00+01:00"},
            f"{PERIOD}START_AFTER_END",
        ),
    ],
    ids=["both", "no end", "empty", "no start", "a date", "end is start", "end before start"],
)
def test_the_effective_period(platform: Platform, running: Course, period: Json, code: str | None) -> None:
    extension = {"url": f"{EHEALTH}ehealth-effectivePeriod", "valuePeriod": period}

    answer = platform.call("POST", SUBMIT, with_extension(running, timing("Adhoc"), extension))

    assert answer.status_code == (422 if code else 200)
    if code:
        assert said(answer) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "in-progress"}, "INVALID_STATUS"),
        ({"status": "amended"}, "INVALID_STATUS"),
        ({"subject": None}, "INPUT_SHOULD_REFERENCE_PATIENT"),
        ({"extension": [timing("Adhoc")]}, "INPUT_SHOULD_REFERENCE_EPISODEOFCARE"),
    ],
)
def test_what_is_measured_is_whole(platform: Platform, running: Course, changes: Json, code: str) -> None:
    body = measurement(running, **changes)
    for name in [name for name, value in changes.items() if value is None]:
        del response_of(body)[name]

    assert said(platform.call("POST", SUBMIT, body)) == f"MEASUREMENT_SUBMITMEASUREMENT_{code}"


def test_a_request_of_another_episode_takes_nothing(
    platform: Platform, running: Course, course: Course
) -> None:
    body = measurement(running, basedOn=[{"reference": course.request.url}])

    assert said(platform.call("POST", SUBMIT, body)).endswith("INPUT_NOT_PART_OF_SAME_EPISODEOFCARE")


def test_two_citizens_in_one_submission(platform: Platform, running: Course, course: Course) -> None:
    body = measurement(running)
    body["parameter"][0]["resource"]["entry"] += measurement(course)["parameter"][0]["resource"]["entry"]

    assert said(platform.call("POST", SUBMIT, body)).endswith("INPUT_FOR_DIFFERENT_PATIENTS")


@pytest.mark.parametrize(
    ("context", "code"),
    [
        (["patient_id", "episode_of_care_id"], None),
        (["patient_id"], "SECURITY_TOKEN_CONTEXT_MISSING"),
        (["episode_of_care_id"], "SECURITY_TOKEN_CONTEXT_MISSING"),
    ],
)
def test_submission_needs_patient_and_episode_in_the_token(
    platform: Platform, running: Course, context: list[str], code: str | None
) -> None:
    token = platform.token(context={name: running.context[name] for name in context})

    answer = platform.call("POST", SUBMIT, measurement(running), token=token)

    assert (answer.status_code, said(answer) if code else None) == (403 if code else 200, code)


@pytest.mark.parametrize("status", ["on-hold", "completed", "revoked"])
def test_the_everyday_refusal(platform: Platform, course: Course, status: str) -> None:
    """§8: the plan was paused while the citizen wrote."""
    stored = platform.call("GET", course.request.url).json()
    platform.call("PUT", course.request.url, {**stored, "status": status}).raise_for_status()

    answer = platform.call("POST", SUBMIT, measurement(course))

    assert said(answer) == "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE"


def test_our_identifier_is_kept_and_the_episodes_tag_added(platform: Platform, running: Course) -> None:
    body = measurement(running)
    headers = {"Prefer": "return=representation"}

    (entry,) = platform.call("POST", SUBMIT, body, headers=headers).json()["entry"]

    assert entry["resource"]["identifier"] == response_of(body)["identifier"]
    assert values_at(entry, "resource.meta.tag.code") == ["xa"]
    assert entry["response"]["status"] == "201 Created"


def test_a_foreign_tag_is_refused(platform: Platform, running: Course) -> None:
    body = measurement(running)
    response_of(body)["meta"]["tag"] = [{"system": f"{CS}ehealth-system", "code": "xc"}]

    assert said(platform.call("POST", SUBMIT, body)) == "SYSTEM_TAG_UNEXPECTED_TAG"


def test_unknown_activities_can_be_refused_as_the_platform_would(platform: Platform, running: Course) -> None:
    try:
        platform.control("POST", "switches", {"definitionsDemanded": True})
        answer = platform.call("POST", SUBMIT, measurement(running))
    finally:
        platform.control("POST", "switches", {"definitionsDemanded": False})

    assert said(answer) == "GENERAL_RESOURCE_NOT_FOUND"


def questionnaire(platform: Platform, *items: Json) -> str:
    kind = {"system": f"{CS}questionnaire-types", "code": "QR"}
    return definition(
        platform,
        "Questionnaire",
        extension=[
            {"url": f"{EHEALTH}ehealth-questionnaire-type", "valueCodeableConcept": {"coding": [kind]}},
            modifier_role(),
        ],
        item=list(items),
    )


OCCURS = "http://hl7.org/fhir/StructureDefinition/questionnaire-"


@pytest.mark.parametrize(
    ("question", "answers", "code"),
    [
        ({}, 1, None),
        ({}, 2, "TOO_MANY_ANSWERS"),
        ({"repeats": True}, 5, None),
        (
            {"repeats": True, "extension": [{"url": f"{OCCURS}maxOccurs", "valueInteger": 2}]},
            3,
            "TOO_MANY_ANSWERS",
        ),
        (
            {"repeats": True, "extension": [{"url": f"{OCCURS}minOccurs", "valueInteger": 2}]},
            1,
            "TOO_FEW_ANSWERS",
        ),
        ({"repeats": True, "extension": [{"url": f"{OCCURS}minOccurs", "valueInteger": 2}]}, 2, None),
    ],
)
def test_answers_are_counted(
    platform: Platform, running: Course, question: Json, answers: int, code: str | None
) -> None:
    form = questionnaire(platform, {"linkId": "q", "type": "integer", **question})
    item = {"linkId": "q", "answer": [{"valueInteger": number} for number in range(answers)]}

    answer = platform.call("POST", SUBMIT, measurement(running, questionnaire=form, item=[item]))

    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert said(answer) == f"MEASUREMENT_SUBMITMEASUREMENT_{code}"


# What the platform makes of an answer (§5 G)


def tasks(platform: Platform, course: Course) -> list[Json]:
    platform.control("POST", "jobs/background")
    token = platform.token(context=course.context)
    found = platform.call("GET", f"task/Task?episodeOfCare={course.episode}", token=token).json()
    return [entry["resource"] for entry in found["entry"]]


def test_an_answer_becomes_a_task_that_staff_end(platform: Platform, course: Course) -> None:
    platform.call("POST", SUBMIT, measurement(course)).raise_for_status()

    (task,) = tasks(platform, course)

    assert (task["status"], task["priority"]) == ("requested", "routine")
    assert "MeasurementForAssessment" in str(task)
    assert "QuestionnaireResponse/" in task["focus"]["reference"]
    done = [{"op": "replace", "path": "/status", "value": "completed"}]
    address = f"{platform.simulator.origin}/task/fhir/Task/{task['id']}"
    assert (
        platform.call("PATCH", address, done, token=platform.token(context=course.context)).status_code == 200
    )
    assert (
        said(platform.call("PATCH", address, [{**done[0], "value": "requested"}]))
        == "GENERAL_VALIDATION_ERROR"
    )


def significance(colour: str, *conditions: tuple[str, Json]) -> Json:
    coding = {"system": f"{CS}questionnaire-item-significance-indicator", "code": colour}
    return {
        "url": f"{EHEALTH}ehealth-questionnaire-answerSignificance",
        "extension": [
            *(
                {
                    "url": f"{EHEALTH}ehealth-answer-Condition",
                    "extension": [{"url": "operator", "valueCode": operator}, {"url": "value", **value}],
                }
                for operator, value in conditions
            ),
            {"url": "significance", "valueCoding": coding},
        ],
    }


@pytest.mark.parametrize(("given", "colour"), [(2, "green"), (5, "yellow"), (7, "yellow"), (9, "red")])
def test_an_answer_gets_the_colour_of_its_significance(
    platform: Platform, course: Course, given: int, colour: str
) -> None:
    question = {
        "linkId": "pain",
        "type": "integer",
        "extension": [
            significance("green", ("<", {"valueInteger": 5})),
            significance("yellow", (">=", {"valueInteger": 5}), ("<", {"valueInteger": 8})),
            significance("red", (">=", {"valueInteger": 8})),
        ],
    }
    form = questionnaire(platform, question)
    item = [{"linkId": "pain", "answer": [{"valueInteger": given}]}]
    platform.call("POST", SUBMIT, measurement(course, questionnaire=form, item=item)).raise_for_status()

    (task,) = tasks(platform, course)

    impression = platform.call("GET", task["focus"]["reference"]).json()
    assert values_at(impression, "finding.itemCodeableConcept.coding.code") == [colour]
    assert f"{colour}-question-answer" in str(impression["extension"])


# Reading what was submitted (§5 H)


def test_submissions_are_read_in_order(platform: Platform, course: Course) -> None:
    first = datetime.fromisoformat("2026-11-01T10:00:00+01:00")
    moments = [(first + timedelta(days=day)).isoformat() for day in range(3)]
    for moment in moments:
        period = {"url": f"{EHEALTH}ehealth-effectivePeriod", "valuePeriod": {"start": moment}}
        body = with_extension(course, timing("Adhoc"), period)
        platform.call("POST", SUBMIT, body).raise_for_status()
    token = platform.token(context=course.context)

    def found(**asked: Any) -> list[str]:
        asked = {"episodeOfCare": course.episode, "count": 10, **asked}
        bundle = platform.call("POST", SEARCH, parameters(**asked), token=token).raise_for_status().json()
        return values_at(bundle, "entry.resource.entry.resource.extension.valuePeriod.start")

    assert found(start=moments[0]) == moments
    assert found(start=moments[1]) == moments[1:]
    assert found(end=moments[1]) == [moments[1], moments[0]]
    assert found(start=moments[0], count=2) == moments[:2]
    assert found(start=moments[0], **{"based_on": course.request.url}) == moments


NOON = "2026-11-23T12:00:00+01:00"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"count": 0, "start": NOON}, "COUNT_NOT_SPECIFIED"),
        ({"count": 101, "start": NOON}, "COUNT_LIMIT_EXCEEDED"),
        ({"count": 1}, "START_OR_END_NOT_SPECIFIED"),
        ({"count": 1, "start": NOON, "end": NOON}, "START_AND_END_BOTH_SPECIFIED"),
        (
            {"count": 1, "start": NOON, "episodeOfCare": None},
            "PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED",
        ),
    ],
)
def test_a_reading_says_what_it_wants(platform: Platform, running: Course, asked: Json, code: str) -> None:
    asked = {
        name: value
        for name, value in {"episodeOfCare": running.episode, **asked}.items()
        if value is not None
    }

    answer = platform.call("POST", SEARCH, parameters(**asked))

    assert said(answer) == f"MEASUREMENT_SEARCHMEASUREMENT_{code}"


def test_what_reaches_into_the_time_is_in_it(platform: Platform, course: Course) -> None:
    """Recorded: an answer about a day before `start` that ends with it."""
    period = {"start": "2026-11-01T10:00:00+01:00", "end": "2026-11-02T10:00:00+01:00"}
    extension = {"url": f"{EHEALTH}ehealth-effectivePeriod", "valuePeriod": period}
    platform.call("POST", SUBMIT, with_extension(course, timing("Adhoc"), extension)).raise_for_status()

    def found(**asked: Any) -> int:
        asked = {"patient": course.patient, "count": 10, **asked}
        return len(
            platform.call("POST", SEARCH, parameters(**asked)).raise_for_status().json().get("entry", ())
        )

    assert found(start=period["end"]) == 1
    assert found(start="2026-11-02T10:00:01+01:00") == 0
    assert found(end=period["start"]) == 1
    assert found(end="2026-11-01T09:59:59+01:00") == 0


def in_period(**period: str) -> Json:
    return {"name": "period", "valuePeriod": period}


@pytest.mark.parametrize(
    ("period", "number"),
    [
        ({"start": "2026-11-23T00:00:00+01:00"}, 1),
        ({"start": "2026-11-23T00:00:00+01:00", "end": "2026-11-24T00:00:00+01:00"}, 1),
        ({"end": "2026-11-22T00:00:00+01:00"}, 0),
    ],
)
def test_a_period_is_read_with_the_forms(
    platform: Platform, course: Course, period: dict[str, str], number: int
) -> None:
    """`$search-measurements`: by when it was authored, and the questionnaire beside each answer."""
    form = questionnaire(platform, {"linkId": "q", "type": "integer"})
    platform.call("POST", SUBMIT, measurement(course, questionnaire=form)).raise_for_status()
    asked = parameters(patient=course.patient, episodeOfCare=course.episode)
    asked["parameter"].append(in_period(**period))
    token = platform.token(user_type="PATIENT", roles=["$search-measurements"], context=course.context)

    found = platform.call("POST", "measurement/$search-measurements", asked, token=token).json()

    kinds = [values_at(one, "resource.entry.resource.resourceType") for one in found.get("entry", ())]
    assert kinds == [["QuestionnaireResponse", "Questionnaire", "Provenance"]] * number
    assert all(one["fullUrl"].startswith("urn:uuid:") for one in found.get("entry", ()))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"patient": "running"}, "PERIOD_NOT_SPECIFIED"),
        ({"period": {"start": "2026-11-23T00:00:00+01:00"}}, "PATIENT_AND_EPISODE_NOT_SPECIFIED"),
        (
            {"period": {"start": "2026-11-23T00:00:00+01:00"}, "patient": "https://c/fhir/CarePlan/1"},
            "UNSUPPORTED_REFERENCE",
        ),
    ],
)
def test_a_reading_of_a_period_says_what_it_wants(
    platform: Platform, running: Course, asked: Json, code: str
) -> None:
    body = parameters(
        **{"patient": running.patient if asked["patient"] == "running" else asked["patient"]}
        if "patient" in asked
        else {}
    )
    if "period" in asked:
        body["parameter"].append(in_period(**asked["period"]))

    answer = platform.call("POST", "measurement/$search-measurements", body)

    assert said(answer) == f"MEASUREMENT_SEARCHMEASUREMENT_{code}"


def test_a_colour_says_by_which_significance(platform: Platform, course: Course) -> None:
    """The guide's “Triaging Result Basis”: the answer, what it means, and the significance that says so."""
    red = significance("red", (">=", {"valueInteger": 8}))
    form = questionnaire(platform, {"linkId": "pain", "type": "integer", "extension": [red]})
    item = [{"linkId": "pain", "answer": [{"valueInteger": 9}]}]
    platform.call("POST", SUBMIT, measurement(course, questionnaire=form, item=item)).raise_for_status()

    (task,) = tasks(platform, course)

    impression = platform.call("GET", task["focus"]["reference"]).json()
    (basis,) = [one for one in impression["extension"] if one["url"].endswith("finding-basis")]
    assert red in basis["extension"]
    assert profile_problems(impression) == []
