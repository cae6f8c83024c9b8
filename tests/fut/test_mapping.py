"""Facts become the platform's resources: every date with Denmark's offset, every required part there."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fut import mapping
from fut import terminology as t
from fut.errors import MappingInvalid
from fut.facts import Definition, Once, Recurring, Reference, Sharing, SharingApproval
from fut.mapping.care_plans import occurrence
from fut.mapping.elements import moment
from fut.profiles import extensions, values_at
from fut.validation import problems

from .people import (
    EPISODE,
    FORM,
    NOON,
    ORGANIZATION,
    PATIENT,
    QUESTIONNAIRE,
    SERVICE_REQUEST,
    a_care_plan,
    a_patient,
    a_plan,
    a_questionnaire,
    a_request,
    a_response,
    an_activity,
    an_episode,
)

DENMARK = ZoneInfo("Europe/Copenhagen")


def in_denmark(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DENMARK)


def submitted(**changed: Any) -> dict[str, Any]:
    """The questionnaire response inside `$submit-measurement`."""
    parameters = mapping.submit_measurement(
        replace(a_response(), **changed),
        patient=PATIENT,
        episode=EPISODE.episode,
        service_request=SERVICE_REQUEST,
    )
    (resource,) = values_at(parameters, "parameter.resource.entry.resource")
    assert isinstance(resource, dict)
    return resource


@pytest.mark.parametrize(
    ("at", "written"),
    [
        ("2026-11-23T11:00:00+00:00", "2026-11-23T12:00:00+01:00"),
        ("2026-06-23T11:00:00+00:00", "2026-06-23T13:00:00+02:00"),
        ("2026-03-29T00:59:59+00:00", "2026-03-29T01:59:59+01:00"),
        ("2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T00:30:00+00:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T02:30:00+01:00"),
        ("2026-11-23T11:00:00.987654+00:00", "2026-11-23T12:00:00+01:00"),
    ],
    ids=["winter", "summer", "before spring", "after spring", "first 02.30", "second 02.30", "fractions"],
)
def test_a_moment_has_denmarks_offset_at_that_moment(at: str, written: str) -> None:
    assert moment(datetime.fromisoformat(at)) == written


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_moment_written_and_read_is_the_same_second(at: datetime) -> None:
    assert datetime.fromisoformat(moment(at)) == at.replace(microsecond=0)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(MappingInvalid, match="has no time zone"):
        moment(NOON.replace(tzinfo=None))


def test_once_is_a_moment() -> None:
    assert occurrence(Once(at=in_denmark("2026-11-24T08:00"))) == {
        "occurrenceDateTime": "2026-11-24T08:00:00+01:00"
    }


@pytest.mark.parametrize(
    ("when", "repeat"),
    [
        (
            Recurring(first=in_denmark("2026-11-23T08:00"), until=in_denmark("2027-02-15T08:00")),
            {
                "boundsPeriod": {"start": "2026-11-23T08:00:00+01:00", "end": "2027-02-15T08:00:00+01:00"},
                "dayOfWeek": ["mon"],
                "timeOfDay": ["08:00:00"],
                "period": 1,
            },
        ),
        (
            Recurring(first=in_denmark("2026-10-22T08:00"), until=in_denmark("2026-11-05T08:00"), period=2),
            {
                "boundsPeriod": {"start": "2026-10-22T08:00:00+02:00", "end": "2026-11-05T08:00:00+01:00"},
                "dayOfWeek": ["thu"],
                "timeOfDay": ["08:00:00"],
                "period": 2,
            },
        ),
        (
            # Sunday evening in UTC is already Monday in Denmark.
            Recurring(first=datetime(2026, 6, 28, 22, 30, tzinfo=UTC)),
            {
                "boundsPeriod": {"start": "2026-06-29T00:30:00+02:00"},
                "dayOfWeek": ["mon"],
                "timeOfDay": ["00:30:00"],
                "period": 1,
            },
        ),
    ],
    ids=["winter", "over the change to winter time", "without end, day by Denmark's calendar"],
)
def test_weekly_keeps_denmarks_weekday_and_clock(when: Recurring, repeat: dict[str, Any]) -> None:
    assert occurrence(when)["occurrenceTiming"]["repeat"] == {"frequency": 1, "periodUnit": "wk", **repeat}


@pytest.mark.parametrize(
    "when",
    [Recurring(first=NOON, until=NOON - timedelta(days=1)), Recurring(first=NOON, period=0)],
    ids=["ends before it starts", "every zero weeks"],
)
def test_an_impossible_weekly_is_refused(when: Recurring) -> None:
    with pytest.raises(MappingInvalid):
        occurrence(when)


def test_the_citizen_is_found_by_cpr_alone() -> None:
    facts = a_patient()

    assert mapping.create_patient(facts)["parameter"] == [
        {"name": "crn", "valueIdentifier": {"use": "official", "system": t.CPR, "value": facts.cpr}}
    ]
    assert facts.cpr not in repr(facts)


def test_an_episode_comes_with_its_condition_and_its_law() -> None:
    facts = an_episode()

    parameters = mapping.episode_of_care(facts, patient=PATIENT)

    by_type = {one["resourceType"]: one for one in values_at(parameters, "parameter.resource.entry.resource")}
    entries = values_at(parameters, "parameter.resource.entry")
    full_urls = {entry["resource"]["resourceType"]: entry["fullUrl"] for entry in entries}
    assert by_type["EpisodeOfCare"]["status"] == "planned"
    assert values_at(by_type["EpisodeOfCare"], "identifier.value") == [f"urn:uuid:{facts.id}"]
    assert values_at(by_type["EpisodeOfCare"], "diagnosis.condition.reference") == [full_urls["Condition"]]
    assert values_at(by_type["EpisodeOfCare"], "managingOrganization.reference") == [ORGANIZATION.url]
    assert values_at(by_type["Provenance"], "target.reference") == [full_urls["EpisodeOfCare"]]
    assert by_type["Provenance"]["policy"] == ["http://ehealth.sundhed.dk/policy/dk/sundhedsloven"]
    assert values_at(by_type["Condition"], "code.coding.code") == ["DZ76"]


def test_the_same_episode_is_written_the_same_each_time() -> None:
    facts = an_episode()

    assert mapping.episode_of_care(facts, patient=PATIENT) == mapping.episode_of_care(facts, patient=PATIENT)


def test_no_name_within_a_transaction_is_an_identifier() -> None:
    """A server may replace the name wherever it stands, and we would find nothing by our identifier."""
    bundles = [
        mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE),
        *values_at(mapping.episode_of_care(an_episode(), patient=PATIENT), "parameter.resource"),
        *values_at(
            mapping.submit_measurement(
                a_response(), patient=PATIENT, episode=EPISODE.episode, service_request=SERVICE_REQUEST
            ),
            "parameter.resource",
        ),
    ]
    for bundle in bundles:
        names = set(values_at(bundle, "entry.fullUrl"))
        assert names
        assert not names & set(values_at(bundle, "entry.resource.identifier.value"))


def test_consent_is_to_the_episode() -> None:
    consent = mapping.consent(an_episode(), patient=PATIENT, reference_to=EPISODE.episode)

    assert values_at(consent, "category.coding.code") == ["PITEOC"]
    assert values_at(consent, "scope.coding.code") == ["patient-privacy"]
    assert values_at(consent, "provision.data.reference.reference") == [EPISODE.episode.url]


def test_a_care_plan_is_one_transaction_with_its_requests() -> None:
    first, second = a_request(), replace(a_request(), sharing=Sharing.NATIONAL_HEALTH_DATA)
    facts = a_care_plan(first, replace(second, sharing_approval=SharingApproval.AUTOMATIC))

    bundle = mapping.care_plan_bundle(facts, patient=PATIENT, episode=EPISODE)

    plan, *requests = values_at(bundle, "entry.resource")
    assert (bundle["type"], plan["status"]) == ("transaction", "active")
    assert values_at(bundle, "entry.fullUrl")[1:] == values_at(plan, "activity.reference.reference")
    assert [values_at(one, "identifier.value") for one in requests] == [
        [f"urn:uuid:{first.id}"],
        [f"urn:uuid:{second.id}"],
    ]
    assert values_at(plan, "addresses.reference") == [EPISODE.condition.url]
    assert [
        values_at(extensions(one, t.EXT_SHARING_POLICY)[0], "valueCodeableConcept.coding.code")
        for one in requests
    ] == [
        ["noSharing"],
        ["sharingAllowedDestinationNationalHealthData"],
    ]
    assert {one["status"] for one in requests} == {"active"}
    assert json.loads(json.dumps(bundle)) == bundle


def test_a_plan_too_large_for_the_platform_is_refused_before_it_leaves() -> None:
    facts = a_care_plan(*(a_request() for _ in range(100)))

    with pytest.raises(MappingInvalid, match="at most 99"):
        mapping.care_plan_bundle(facts, patient=PATIENT, episode=EPISODE)


def test_an_answer_fills_the_slot_of_its_task() -> None:
    response = submitted()

    (timing,) = extensions(response, t.EXT_RESOLVED_TIMING)
    assert {part["url"]: part for part in timing["extension"]} == {
        "serviceRequestVersionId": {"url": "serviceRequestVersionId", "valueId": "1"},
        "start": {"url": "start", "valueDateTime": "2026-11-22T12:00:00+01:00"},
        "end": {"url": "end", "valueDateTime": "2026-11-29T12:00:00+01:00"},
        "type": {
            "url": "type",
            "valueCodeableConcept": {"coding": [{"system": t.CS_RESOLVED_TIMING_TYPE, "code": "Resolved"}]},
        },
    }
    assert response["questionnaire"] == QUESTIONNAIRE
    assert response["authored"] == "2026-11-23T12:00:00+01:00"
    assert response["identifier"]["system"] == "urn:ietf:rfc:3986"


def test_an_answer_nobody_asked_for_is_ad_hoc() -> None:
    (timing,) = extensions(submitted(window=None), t.EXT_RESOLVED_TIMING)

    assert [part["url"] for part in timing["extension"]] == ["serviceRequestVersionId", "type"]
    assert values_at(timing, "extension.valueCodeableConcept.coding.code") == ["Adhoc"]


@pytest.mark.parametrize(
    ("started_at", "period"),
    [
        (None, []),
        (
            NOON - timedelta(minutes=4),
            [{"start": "2026-11-23T11:56:00+01:00", "end": "2026-11-23T12:00:00+01:00"}],
        ),
        (NOON, [{"start": "2026-11-23T12:00:00+01:00"}]),
    ],
    ids=["unknown", "four minutes", "the same second"],
)
def test_the_effective_period_never_ends_where_it_starts(
    started_at: datetime | None, period: list[dict[str, str]]
) -> None:
    found = extensions(submitted(started_at=started_at), t.EXT_EFFECTIVE_PERIOD)

    assert [one["valuePeriod"] for one in found] == period


def test_an_answer_names_the_version_of_its_request() -> None:
    with pytest.raises(MappingInvalid, match="version"):
        mapping.submit_measurement(
            a_response(),
            patient=PATIENT,
            episode=EPISODE.episode,
            service_request=Reference(SERVICE_REQUEST.url),
        )


def test_an_item_that_is_not_fhir_does_not_leave() -> None:
    with pytest.raises(MappingInvalid) as refused:
        submitted(items=[{"linkId": "1", "answer": [{"valueInteger": "tre"}]}])

    assert "valueInteger" in refused.value.sentence
    assert "tre" not in refused.value.sentence.replace("integer", "")


@pytest.mark.parametrize(
    "path", ["period", "addresses", "instantiatesCanonical", "subject", "extension", "meta"]
)
def test_a_care_plan_lacking_a_required_part_is_noticed(path: str) -> None:
    bundle = mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE)
    plan = bundle["entry"][0]["resource"]
    assert not problems(plan)

    del plan[path]

    assert problems(plan)


@pytest.mark.parametrize(
    ("timing", "problem"),
    [
        ({}, "occurrence: missing"),
        ({"occurrenceDateTime": "2026-11-23"}, "time of day and a time zone"),
        (
            {"occurrenceTiming": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}},
            "boundsPeriod.start",
        ),
        (
            {
                "occurrenceTiming": {
                    "repeat": {
                        "boundsPeriod": {"start": "2026-11-23T08:00:00+01:00"},
                        "dayOfWeek": ["mon"],
                        "frequency": 1,
                        "period": 1,
                        "periodUnit": "mo",
                    }
                }
            },
            "dayOfWeek",
        ),
    ],
    ids=["none", "a date only", "no start", "weekday in a monthly rhythm"],
)
def test_an_active_request_needs_a_valid_occurrence(timing: dict[str, Any], problem: str) -> None:
    bundle = mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE)
    request = {**bundle["entry"][1]["resource"]}
    del request["occurrenceDateTime"]

    found = problems({**request, **timing})

    assert any(problem in one for one in found)
    assert not problems({**request, "status": "draft"})


def test_a_relative_reference_is_noticed() -> None:
    response = submitted()

    assert any("absolute" in one for one in problems({**response, "subject": {"reference": "Patient/2"}}))


def test_a_cpr_number_never_stands_in_an_error() -> None:
    known = uuid4()

    error = MappingInvalid("Patient", ["6101509999 and 610150-9999", str(known)])

    assert "9999" not in str(error)
    assert str(known) in str(error)


# Definitions


def mapped(known: Definition) -> dict[str, Any]:
    return mapping.definition(known, owner=ORGANIZATION)


@pytest.mark.parametrize(
    "known", [a_questionnaire(), an_activity(), a_plan()], ids=lambda one: type(one).__name__
)
def test_a_definition_is_active_named_by_its_version_and_owned(known: Definition) -> None:
    resource = mapped(known)

    assert problems(resource) == []
    assert (resource["status"], f"{resource['url']}|{resource['version']}") == ("active", known.canonical)
    assert values_at(resource, "identifier.value") == [f"urn:uuid:{known.id}"]
    assert values_at(resource, "useContext.valueCodeableConcept.coding.code") == ["kpro"]
    [role] = extensions(resource, t.EXT_MODIFIER_ROLE)
    assert values_at(role, "extension.valueReference.reference") == [ORGANIZATION.url]
    assert values_at(role, "extension.valueCodeableConcept.coding.code") == ["owner"]


def test_a_form_keeps_its_questions_and_loses_what_was_another_systems() -> None:
    variable = {"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueString": "x"}
    foreign = {
        "id": "17",
        "meta": {"profile": ["https://elsewhere.example/profile"], "versionId": "3"},
        "text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"},
        "url": "https://elsewhere.example/q",
        "version": "9",
        "jurisdiction": [{"coding": [{"code": "DK"}]}],
        "copyright": "WHO",
        "extension": [{"url": t.EXT_MODIFIER_ROLE, "extension": []}, variable],
    }
    resource = mapped(a_questionnaire(source=FORM | foreign))

    assert resource["item"] == FORM["item"]
    assert resource["copyright"] == "WHO"
    # It has a variable, so it is of the profile that calculates.
    assert resource["meta"] == {"profile": [t.QUESTIONNAIRE_ADVANCED]}
    assert not {"id", "text", "jurisdiction"} & resource.keys()
    assert resource["version"] == "1"
    assert variable in resource["extension"]
    assert len(extensions(resource, t.EXT_MODIFIER_ROLE)) == 1


def test_a_form_that_fhir_does_not_know_does_not_leave() -> None:
    with pytest.raises(MappingInvalid, match="item"):
        mapped(a_questionnaire(source={"item": [{"type": "string", "text": "Uden linkId"}]}))


def test_an_activity_says_which_questionnaire_and_whether_answers_are_shared() -> None:
    resource = mapped(an_activity(sharing=Sharing.NATIONAL_HEALTH_DATA))

    assert resource["relatedArtifact"] == [{"type": "composed-of", "resource": QUESTIONNAIRE}]
    [policy] = extensions(resource, t.EXT_SHARING_POLICY)
    assert values_at(policy, "valueCodeableConcept.coding.code") == [Sharing.NATIONAL_HEALTH_DATA]
