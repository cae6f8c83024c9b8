"""Contract §5 E: what a citizen is to do. The figures of the tables are those of the recorded exchange."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fut.profiles import values_at
from fut.simulator.timings import kind_of, slots
from tests.fut_simulator.platform import Course, Json, Platform, parameters, said
from tests.fut_simulator.test_measurements import SUBMIT, measurement

AFTER, BEFORE = "2025-10-21T08:00:00+00:00", "2025-10-26T10:00:00+00:00"
BOUNDS = {"start": "2025-10-20T10:00:00+00:00", "end": "2025-10-23T10:00:00+00:00"}


def timed(**repeat: Any) -> Json:
    return {"occurrenceTiming": {"repeat": repeat}}


def starts(request: Json, after: str = AFTER, before: str = BEFORE) -> list[str]:
    found = slots(request, after=datetime.fromisoformat(after), before=datetime.fromisoformat(before))
    return [one.start.isoformat() for one in found]


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ({"occurrenceDateTime": AFTER}, "Resolved"),
        (timed(boundsPeriod=BOUNDS, frequency=2, period=1, periodUnit="d"), "Resolved"),
        (timed(boundsPeriod=BOUNDS, frequency=1, dayOfWeek=["mon"]), "Resolved"),
        (timed(boundsPeriod=BOUNDS, duration=30, durationUnit="s"), "Adhoc"),
        ({}, "Adhoc"),
        (timed(frequency=2, dayOfWeek=["mon", "wed", "fri"], timeOfDay=["10:00:00"]), "Unresolved"),
    ],
)
def test_the_kind_of_a_regime(request_: Json, kind: str) -> None:
    assert kind_of(request_) == kind


def test_a_daily_regime_as_recorded() -> None:
    request = timed(boundsPeriod=BOUNDS, duration=1, durationUnit="h", frequency=2, period=1, periodUnit="d")

    found = slots(request, after=datetime.fromisoformat(AFTER), before=datetime.fromisoformat(BEFORE))

    assert [(one.start, one.end, one.requested) for one in found] == [
        (
            datetime.fromisoformat(f"2025-10-{day}T10:00:00+00:00"),
            datetime.fromisoformat(f"2025-10-{day}T11:00:00+00:00"),
            2,
        )
        for day in (21, 22)
    ]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"occurrenceDateTime": "2026-03-25T10:00:00+01:00"}, ["2026-03-25T10:00:00+01:00"]),
        (
            timed(
                boundsPeriod={"start": "2026-03-20T09:00:00+01:00"},
                frequency=1,
                period=1,
                periodUnit="wk",
                dayOfWeek=["fri"],
                timeOfDay=["09:00:00"],
            ),
            ["2026-03-27T09:00:00+01:00", "2026-04-03T09:00:00+02:00"],
        ),
        (
            timed(
                boundsPeriod={"start": "2026-03-24T09:00:00+01:00"},
                frequency=2,
                dayOfWeek=["tue", "thu"],
                timeOfDay=["08:00", "20:00"],
            ),
            [
                "2026-03-24T20:00:00+01:00",
                "2026-03-26T08:00:00+01:00",
                "2026-03-26T20:00:00+01:00",
                "2026-03-31T08:00:00+02:00",
                "2026-03-31T20:00:00+02:00",
                "2026-04-02T08:00:00+02:00",
                "2026-04-02T20:00:00+02:00",
            ],
        ),
        (
            timed(
                boundsPeriod={"start": "2025-12-31T09:00:00+01:00"}, frequency=1, period=3, periodUnit="mo"
            ),
            ["2026-03-31T09:00:00+02:00"],
        ),
    ],
    ids=["once", "over the change of clocks", "twice a day on two days", "the last of the month"],
)
def test_slots_are_at_danish_clock_time(request_: Json, expected: list[str]) -> None:
    assert starts(request_, "2026-03-24T00:00:00+01:00", "2026-04-04T00:00:00+02:00") == expected


@given(
    st.sampled_from(["h", "d", "wk", "mo"]),
    st.integers(1, 5),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_slots_are_in_order_and_within_the_time_asked_for(unit: str, every: int, first: datetime) -> None:
    start = first.astimezone().isoformat(timespec="seconds")
    request = timed(boundsPeriod={"start": start}, frequency=1, period=every, periodUnit=unit)
    after, before = datetime.fromisoformat(AFTER), datetime.fromisoformat(BEFORE)

    found = [one.start for one in slots(request, after=after, before=before)]

    assert found == sorted(set(found))
    assert all(max(after, datetime.fromisoformat(start)) <= one <= before for one in found)


def test_the_list_names_each_slot_and_what_came(platform: Platform, course: Course) -> None:
    asked = parameters(
        patient=course.patient, start="2026-11-20T00:00:00+01:00", end="2026-11-27T00:00:00+01:00"
    )
    token = platform.token(context={"patient_id": course.patient})

    def rows() -> list[dict[str, Any]]:
        bundle = platform.call("POST", "careplan/$get-patient-procedures", asked, token=token).json()
        assert bundle["type"] == "collection"
        (given,) = [one for one in values_at(bundle, "entry.resource") if one["resourceType"] == "Parameters"]
        return [
            {part["name"]: next((v for k, v in part.items() if k != "name"), None) for part in item["part"]}
            for item in given.get("parameter", ())
        ]

    (before,) = rows()
    assert before["ServiceRequest"] == {"reference": course.request.url}
    assert before["CarePlan"] == {"reference": course.plan}
    assert values_at(before["TimingType"], "coding.code") == ["Resolved"]
    assert (before["OccurrencesRequested"], before.get("TotalSubmitted")) == (1, None)
    platform.call("POST", SUBMIT, measurement(course)).raise_for_status()
    assert [one.get("TotalSubmitted") for one in rows()] == [None, 1]
    stored = platform.call("GET", course.request.url).json()
    platform.call("PUT", course.request.url, {**stored, "status": "on-hold"}).raise_for_status()
    assert rows() == []


def test_the_list_is_the_citizens_own(platform: Platform, running: Course) -> None:
    asked = parameters(patient=running.patient, start=AFTER, end=BEFORE)
    token = platform.token(context={"patient_id": "Patient/0"})

    answer = platform.call("POST", "careplan/$get-patient-procedures", asked, token=token)

    assert said(answer) == "SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT"


def coding(system: str, code: str) -> Json:
    return {"valueCoding": {"system": system, "code": code}}


SKS, TAGS = "urn:oid:1.2.208.176.2.4", "http://ehealth.sundhed.dk/cs/ehealth-system"


@pytest.mark.parametrize(
    ("name", "asked", "listed"),
    [
        ("conditionCodings", coding(SKS, "DZ76"), True),
        ("conditionCodings", coding(SKS, "DJ44"), False),
        ("_tag", coding(TAGS, "xa"), True),
        ("_tag", coding(TAGS, "xb"), False),
    ],
)
def test_the_list_is_of_the_courses_asked_for(
    platform: Platform, running: Course, name: str, asked: Json, listed: bool
) -> None:
    body = parameters(
        patient=running.patient, start="2026-11-20T00:00:00+01:00", end="2026-11-27T00:00:00+01:00"
    )
    body["parameter"].append({"name": name, **asked})

    bundle = platform.call("POST", "careplan/$get-patient-procedures", body).json()

    found = next(one for one in values_at(bundle, "entry.resource") if one["resourceType"] == "Parameters")
    assert bool(values_at(found, "parameter.part")) is listed
    assert found["id"]


def test_an_answer_to_a_regime_that_has_changed_is_warned_of(platform: Platform, course: Course) -> None:
    platform.call("POST", SUBMIT, measurement(course)).raise_for_status()
    stored = platform.call("GET", course.request.url).json()
    platform.call("PUT", course.request.url, {**stored, "priority": "urgent"}).raise_for_status()
    body = parameters(
        patient=course.patient, start="2026-11-20T00:00:00+01:00", end="2026-11-27T00:00:00+01:00"
    )

    bundle = platform.call("POST", "careplan/$get-patient-procedures", body).json()

    outcome = bundle["entry"][-1]["resource"]
    assert outcome["resourceType"] == "OperationOutcome"
    assert set(values_at(outcome, "issue.severity")) == {"warning"}
    versions = [
        part["valueId"]
        for part in values_at(bundle, "entry.resource.parameter.part")
        if part["name"] == "ServiceRequestVersionId"
    ]
    assert versions == ["2", "1"]
