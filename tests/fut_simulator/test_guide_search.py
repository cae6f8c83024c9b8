"""Searches as capability statements and recorded exchanges have them: modifiers, chains, what comes along."""

from typing import Any
from uuid import uuid4

import pytest

from fut.profiles import values_at
from tests.fut_simulator.platform import CS, EHEALTH, Course, Json, Platform, id_of, said
from tests.fut_simulator.test_care_plans import definition, modifier_role
from tests.fut_simulator.test_measurements import SUBMIT, measurement, timing, with_extension

SKS = "urn:oid:1.2.208.176.2.4"


def found(platform: Platform, search: str, **more: Any) -> list[str]:
    """`Type/id` of each entry, what comes along in brackets."""
    answer = platform.call("GET", search, **more)
    assert answer.status_code == 200, answer.text
    return [
        name if entry["search"]["mode"] == "match" else f"({name})"
        for entry in answer.json()["entry"]
        if (name := f"{entry['resource']['resourceType']}/{entry['resource']['id']}")
    ]


def name_of(address: str) -> str:
    return "/".join(address.rsplit("/", 2)[-2:])


def test_a_searchset_says_when_it_was_made(platform: Platform, course: Course) -> None:
    bundle = platform.call("GET", f"careplan/CarePlan?patient={course.patient}").json()

    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    assert bundle["meta"]["lastUpdated"]
    assert [link["relation"] for link in bundle["link"]] == ["self"]


def a_form(platform: Platform, **elements: Any) -> str:
    kind = {"coding": [{"system": f"{CS}questionnaire-types", "code": "QR"}]}
    return definition(
        platform,
        "Questionnaire",
        extension=[
            modifier_role(),
            {"url": f"{EHEALTH}ehealth-questionnaire-type", "valueCodeableConcept": kind},
        ],
        **elements,
    )


@pytest.mark.parametrize(
    ("criterion", "matches"),
    [
        ("title=Trivsel {mark}", True),
        ("title=trivsel {mark} i", True),
        ("title=hverdagen", False),
        ("title:contains=HVERDAGEN&title=Trivsel {mark}", True),
        ("title:exact=Trivsel {mark} i hverdagen", True),
        ("title:exact=trivsel {mark} i hverdagen", False),
        ("description:missing=true&title=Trivsel {mark}", True),
        ("description:missing=false&title=Trivsel {mark}", False),
        ("status:not=retired&title=Trivsel {mark}", True),
        ("context-type-value={type}|program${cs}ehealth-program|kpro&title=Trivsel {mark}", True),
        ("context-type-value=program$kpro&title=Trivsel {mark}", True),
        ("context-type-value=program$telma&title=Trivsel {mark}", False),
        ("role=owner&title=Trivsel {mark}", True),
        ("type=QR&title=Trivsel {mark}", True),
        ("type=QQ&title=Trivsel {mark}", False),
    ],
)
def test_texts_and_contexts(platform: Platform, criterion: str, matches: bool) -> None:
    mark, kind = uuid4().hex, "http://terminology.hl7.org/CodeSystem/usage-context-type"
    program = {"coding": [{"system": f"{CS}ehealth-program", "code": "kpro"}]}
    context = {"code": {"system": kind, "code": "program"}, "valueCodeableConcept": program}
    form = a_form(platform, title=f"Trivsel {mark} i hverdagen", useContext=[context])

    query = criterion.format(mark=mark, type=kind, cs=CS)

    assert found(platform, f"questionnaire/Questionnaire?{query}") == ([name_of(form)] if matches else [])


@pytest.mark.parametrize(
    ("chain", "matches"),
    [
        ("condition.code=urn:oid:1.2.208.176.2.4|DZ76", True),
        ("condition.code=DZ76", True),
        ("condition.code=DJ44", False),
        ("episodeOfCare.organization={organization}", True),
        ("episodeOfCare.organization=https://o.example/fhir/Organization/0", False),
        ("episodeOfCare.status=active&condition.code=DJ44,DZ76", True),
    ],
)
def test_a_plan_is_found_by_what_it_names(
    platform: Platform, course: Course, chain: str, matches: bool
) -> None:
    query = chain.format(organization=course.organization)

    plans = found(platform, f"careplan/CarePlan?patient={course.patient}&{query}")

    assert plans == ([name_of(course.plan)] if matches else [])


def test_chains_stay_within_a_service(platform: Platform, running: Course) -> None:
    answer = platform.call("GET", "careplan/CarePlan?patient.identifier=1")

    assert (answer.status_code, said(answer)[:24]) == (400, "Unknown search parameter")


def test_a_plan_comes_with_all_that_it_names(platform: Platform, course: Course) -> None:
    wishes = "&".join(
        f"_include=CarePlan:{name}" for name in ("episodeOfCare", "activity-reference", "condition")
    )

    everything = found(platform, f"careplan/CarePlan?patient={course.patient}&{wishes}")

    assert set(everything) == {
        name_of(course.plan),
        f"({name_of(course.episode)})",
        f"({name_of(course.request.url)})",
        f"({name_of(course.condition)})",
    }


def test_an_episode_comes_with_the_plans_in_it(platform: Platform, course: Course) -> None:
    query = f"careplan/EpisodeOfCare?patient={course.patient}&_revinclude=CarePlan:episodeOfCare"

    assert found(platform, query) == [name_of(course.episode), f"({name_of(course.plan)})"]


def test_an_answer_comes_with_its_provenance(platform: Platform, course: Course) -> None:
    platform.call("POST", SUBMIT, measurement(course)).raise_for_status()

    query = f"measurement/QuestionnaireResponse?subject={course.patient}&_revinclude=Provenance:target"

    kinds = [name.partition("/")[0] for name in found(platform, query)]
    assert kinds == ["QuestionnaireResponse", "(Provenance"]


def test_what_comes_along_is_within_the_token(platform: Platform, running: Course, course: Course) -> None:
    """A citizen's plans are theirs, whatever is asked for beside them."""
    token = platform.token(context={"patient_id": running.patient})
    query = f"careplan/EpisodeOfCare?patient={running.patient}&_revinclude=CarePlan:episodeOfCare"

    assert f"({name_of(course.plan)})" not in found(platform, query, token=token)


def test_a_plan_of_plans_comes_with_every_part(platform: Platform) -> None:
    activity = definition(
        platform,
        "ActivityDefinition",
        **{
            "topic": [{"text": "Trivsel"}],
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "445988008"}]},
        },
    )
    part = definition(platform, "PlanDefinition", action=[{"definitionCanonical": activity}])
    whole = definition(platform, "PlanDefinition", action=[{"definitionCanonical": part}])
    query = f"plan/PlanDefinition?_id={whole}/_history/1&"

    once = found(platform, f"{query}_include=PlanDefinition:definition")
    again = found(platform, f"{query}_include:iterate=PlanDefinition:definition")

    assert once == [name_of(whole), f"({name_of(part)})"]
    assert again == [*once, f"({name_of(activity)})"]


@pytest.mark.parametrize(
    ("period", "criteria", "matches"),
    [
        ({"start": "2026-01-01"}, "date=ge2026-06-01", True),
        ({"start": "2026-01-01"}, "date=le2025-06-01", False),
        ({"end": "2026-06-01"}, "date=le2026-01-01", True),
        ({"end": "2026-06-01"}, "date=ge2026-07-01", False),
        ({"start": "2026-01-01", "end": "2026-06-01"}, "date=ge2026-03-01&date=le2026-03-01", True),
        ({"start": "2026-01-01", "end": "2026-06-01"}, "date=ge2026-07-01&date=le2026-07-01", False),
    ],
    ids=["open end", "before its start", "open start", "after its end", "within", "past"],
)
def test_a_period_is_found_by_what_it_reaches(
    platform: Platform, criteria: str, period: Json, matches: bool
) -> None:
    team = platform.team(period=period)

    names = found(platform, f"organization/CareTeam?_id={id_of(team)}&{criteria}")

    assert names == ([name_of(team)] if matches else [])


@pytest.mark.parametrize(
    ("criteria", "matches"),
    [
        ("resolvedTimingType=Resolved", True),
        ("resolvedTimingType=Adhoc", False),
        ("resolvedTimingStart=2026-11-23T00:00:00%2B01:00", True),
        ("resolvedTimingStart=gt2026-11-23T00:00:00%2B01:00", False),
        ("resolvedTimingServiceRequestVersionId=1", True),
        ("qualityType:missing=true", True),
        ("qualityType=DMQ", False),
        ("questionnaire={questionnaire}", True),
        ("questionnaire=https://elsewhere.example/fhir/Questionnaire/well-being", False),
    ],
)
def test_an_answer_is_found_by_the_slot_it_fills(
    platform: Platform, course: Course, criteria: str, matches: bool
) -> None:
    bounds = {"start": "2026-11-23T00:00:00+01:00", "end": "2026-11-29T23:59:59+01:00"}
    body = with_extension(course, timing("Resolved", **bounds))
    stored = platform.call("POST", SUBMIT, body).raise_for_status().json()["entry"][0]["response"]
    asked = values_at(body, "parameter.resource.entry.resource.questionnaire")[0]

    query = criteria.format(questionnaire=asked.partition("|")[0])
    names = found(platform, f"measurement/QuestionnaireResponse?subject={course.patient}&{query}")

    assert names == ([name_of(stored["location"].partition("/_history")[0])] if matches else [])


def test_tasks_of_a_plan_are_found_by_it(platform: Platform, course: Course) -> None:
    platform.call("POST", SUBMIT, measurement(course)).raise_for_status()
    platform.control("POST", "jobs/background")
    token = platform.token(context={"episode_of_care_id": course.episode})

    assert len(found(platform, f"task/Task?carePlan={course.plan}", token=token)) == 1
    another = platform.call("GET", "task/Task?carePlan=https://c.example/fhir/CarePlan/0", token=token)
    assert said(another) == "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"


@pytest.mark.parametrize(
    ("search", "code"),
    [
        (
            "careplan/CarePlan?status=active",
            "CAREPLAN_SEARCH_SUBJECT_CONTEXT_OR_RESPONSIBLE_ACTOR_IS_NOT_SPECIFIED",
        ),
        ("measurement/QuestionnaireResponse?status=completed", "GENERAL_SUBJECT_AND_CONTEXT_NOT_PROVIDED"),
        ("measurement/Observation?code=NPU03011", "GENERAL_SUBJECT_AND_CONTEXT_NOT_PROVIDED"),
        ("task/Task?status=requested", None),
    ],
)
def test_some_searches_name_whom_they_are_about(platform: Platform, search: str, code: str | None) -> None:
    answer = platform.call("GET", search)

    assert answer.status_code == (403 if code else 200)
    if code:
        assert said(answer) == code


def test_staff_find_consents_by_the_episode_alone(platform: Platform, running: Course) -> None:
    """The guide's page on ehealth-consent, and how the reference client searches."""
    for user_type, status in (("PRACTITIONER", 200), ("PATIENT", 403)):
        token = platform.token(user_type=user_type, context=running.context)

        answer = platform.call("GET", f"careplan/Consent?data={running.episode}", token=token)

        assert answer.status_code == status


def test_a_page_goes_on_with_what_comes_along(platform: Platform, course: Course) -> None:
    query = f"careplan/EpisodeOfCare?organization={course.organization}&_count=1"
    first = platform.call("GET", f"{query}&_revinclude=CarePlan:episodeOfCare").json()
    links = {link["relation"]: link["url"] for link in first["link"]}

    second = platform.call("GET", links["next"]).json()

    assert [entry["search"]["mode"] for entry in second["entry"]] == ["match", "include"]
