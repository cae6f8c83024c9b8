"""Contract §5 B and C: opening a course, consenting to it, and what it may become."""

from collections.abc import Callable
from typing import Any

import pytest

from fut import mapping
from fut.facts import Coding, Reference
from tests.fut import people
from tests.fut_simulator.platform import EHEALTH, Course, Json, Platform, id_of, parameters, said

SKS = "urn:oid:1.2.208.176.2.4"
FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"
TEAM_HISTORY = {"url": f"{EHEALTH}ehealth-teamHistory", "extension": []}


def opening(course: Course, diagnosis: Coding | None = None) -> Json:
    facts = people.an_episode(Reference(course.organization))
    body = mapping.episode_of_care(facts, patient=Reference(course.patient))
    if diagnosis:
        # Past our own mapping, which lets no other codes out of the house.
        of_type(body, "Condition")["code"] = {
            "coding": [{"system": diagnosis.system, "code": diagnosis.code}]
        }
    return body


def of_type(body: Json, resource_type: str) -> Json:
    entries = body["parameter"][0]["resource"]["entry"]
    found: Json = next(one["resource"] for one in entries if one["resource"]["resourceType"] == resource_type)
    return found


def change(resource_type: str, **elements: Any) -> Callable[[Json], None]:
    return lambda body: of_type(body, resource_type).update(elements)


def another(resource_type: str) -> Callable[[Json], None]:
    def add(body: Json) -> None:
        entries = body["parameter"][0]["resource"]["entry"]
        entries.append(
            {**entries[1], "fullUrl": "urn:uuid:another", "resource": {"resourceType": resource_type}}
        )

    return add


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (another("EpisodeOfCare"), "WRONG_EOC_COUNT"),
        (another("Task"), "UNSUPPORTED_RESOURCE_TYPE"),
        (change("EpisodeOfCare", status="active"), "EPISODE_OF_CARE_IN_NON_PLANNED_STATUS"),
        (change("EpisodeOfCare", statusHistory=[{"status": "planned"}]), "STATUS_HISTORY_NOT_EMPTY"),
        (change("EpisodeOfCare", extension=[TEAM_HISTORY]), "TEAM_HISTORY_NOT_EMPTY"),
        (change("Provenance", target=[{"reference": "urn:uuid:1"}]), "INCORRECT_PROVENANCE_TARGET"),
        (change("Provenance", policy=["http://example.org/none"]), "NO_REQUIRED_PROVENANCE_POLICIES"),
        (
            change("Condition", subject={"reference": "https://p/fhir/Patient/0"}),
            "INCORRECT_CONDITION_SUBJECT",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_episode_against_the_rules_is_not_opened(
    platform: Platform, running: Course, spoil: Callable[[Json], None], code: str
) -> None:
    body = opening(running)
    spoil(body)

    answer = platform.call("POST", "careplan/$create-episode-of-care", body)

    assert (answer.status_code, said(answer)) == (422, f"EPISODEOFCARE_CREATE_{code}")


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"period": None}, "period: missing"),
        ({"diagnosis": None}, "diagnosis.condition: missing"),
        ({"meta": {"profile": ["http://example.org/p"]}}, "meta.profile"),
        ({"extension": []}, "caremanagerOrganization missing"),
        ({"careManager": {"reference": "https://o/fhir/Practitioner/1"}}, "careManager: not allowed"),
        ({"managingOrganization": {"reference": "Organization/1"}}, "must be an absolute address"),
    ],
)
def test_the_profile_is_demanded(
    platform: Platform, running: Course, elements: dict[str, Any], words: str
) -> None:
    """§4: what base R4 does not require."""
    body = opening(running)
    episode = of_type(body, "EpisodeOfCare")
    episode.update(elements)
    for name in [name for name, value in elements.items() if value is None]:
        del episode[name]

    answer = platform.call("POST", "careplan/$create-episode-of-care", body)

    assert (answer.status_code, said(answer)) == (422, "GENERAL_VALIDATION_ERROR")
    assert words in answer.text


@pytest.mark.parametrize(
    ("tags", "code", "outcome"),
    [
        (["xa"], Coding(SKS, "DZ76"), None),
        (["xa"], Coding(FSIII, "J3.1"), None),
        (["xa"], Coding(FSIII, "I7.2"), "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS"),
        (["xa"], Coding(SKS, "DZ509"), "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS"),
        (["xb"], Coding(SKS, "DZ509"), "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS"),
        (["xb"], Coding(SKS, "DJ44"), None),
        (["xb"], Coding(SKS, "DE11"), None),
        (["xb"], Coding(FSIII, "F12"), None),
        (["xb"], Coding(FSIII, "I7.2"), None),
        (["xb"], Coding(FSIII, "I5.1"), "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS"),
        ([], Coding(SKS, "DJ44"), "EPISODEOFCARE_CREATE_MISSING_COEXISTENCE_TAGS"),
    ],
    ids=lambda value: str(getattr(value, "code", value)),
)
def test_the_tag_of_the_token_says_what_may_be_treated(
    platform: Platform, running: Course, tags: list[str], code: Coding, outcome: str | None
) -> None:
    """§3, “Coexistence tag”."""
    token = platform.token(tags=tags, context={"patient_id": running.patient})

    answer = platform.call(
        "POST",
        "careplan/$create-episode-of-care",
        opening(running, code),
        token=token,
        headers={"Prefer": "return=representation"},
    )

    assert answer.status_code == (422 if outcome else 200)
    if outcome:
        assert said(answer) == outcome
    else:
        episode = answer.json()["entry"][1]["resource"]
        assert [tag["code"] for tag in episode["meta"]["tag"]] == tags


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"context": {}}, "SECURITY_TOKEN_CONTEXT_MISSING"),
        ({"context": {"patient_id": "Patient/0"}}, "EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT"),
        ({"user_type": "PRACTITIONER"}, "SECURITY_TOKEN_CONTEXT_MISSING"),
    ],
    ids=["no patient", "another patient", "staff without a team"],
)
def test_opening_needs_the_citizen_in_the_token(
    platform: Platform, running: Course, claims: dict[str, Any], code: str
) -> None:
    token = platform.token(**{"context": {"patient_id": running.patient}, **claims})

    answer = platform.call("POST", "careplan/$create-episode-of-care", opening(running), token=token)

    assert said(answer) == code


def planned(platform: Platform, course: Course) -> str:
    answer = platform.call("POST", "careplan/$create-episode-of-care", opening(course)).raise_for_status()
    location: str = answer.json()["entry"][1]["response"]["location"]
    return location.partition("/_history")[0]


def activate(platform: Platform, episode: str) -> Any:
    return platform.call("PATCH", episode, mapping.activation())


@pytest.mark.parametrize(
    ("elements", "active"),
    [
        ({}, True),
        ({"status": "inactive"}, False),
        ({"status": "draft"}, False),
        (
            {
                "category": [
                    {
                        "coding": [
                            {"system": "http://ehealth.sundhed.dk/cs/consent-category", "code": "SSLPCI"}
                        ]
                    }
                ]
            },
            False,
        ),
    ],
    ids=["in force", "inactive", "a draft", "another category"],
)
def test_an_episode_becomes_active_by_a_consent_in_force(
    platform: Platform, running: Course, elements: dict[str, Any], active: bool
) -> None:
    """§5 C."""
    episode = planned(platform, running)
    consent = mapping.consent(
        people.an_episode(Reference(running.organization)),
        patient=Reference(running.patient),
        reference_to=Reference(episode),
    )
    assert platform.call("POST", "careplan/Consent", {**consent, **elements}).status_code == 201

    answer = activate(platform, episode)

    assert answer.status_code == (200 if active else 422)
    if not active:
        assert said(answer) == "EPISODEOFCARE_PATCH_NO_CONSENT"


def test_a_consent_that_has_ended_is_none(platform: Platform, running: Course) -> None:
    episode = planned(platform, running)
    consent = mapping.consent(
        people.an_episode(Reference(running.organization)),
        patient=Reference(running.patient),
        reference_to=Reference(episode),
    )
    consent["provision"]["period"] = {
        "start": "2025-01-01T00:00:00+01:00",
        "end": "2025-02-01T00:00:00+01:00",
    }
    platform.call("POST", "careplan/Consent", consent).raise_for_status()

    assert said(activate(platform, episode)) == "EPISODEOFCARE_PATCH_NO_CONSENT"


@pytest.mark.parametrize(
    ("status", "allowed"),
    [("onhold", True), ("finished", True), ("cancelled", True), ("planned", False), ("waitlist", False)],
)
def test_an_active_episode_may_become(platform: Platform, course: Course, status: str, allowed: bool) -> None:
    answer = platform.call("PATCH", course.episode, [{"op": "replace", "path": "/status", "value": status}])

    assert answer.status_code == (200 if allowed else 422)


@pytest.mark.parametrize(("ending", "status"), [("finished", 200), ("cancelled", 422)])
def test_a_finished_course_can_be_taken_up_again(
    platform: Platform, course: Course, ending: str, status: int
) -> None:
    """So it is recorded; of a cancelled one nothing is."""
    platform.call("PATCH", course.episode, [{"op": "replace", "path": "/status", "value": ending}])

    assert activate(platform, course.episode).status_code == status


@pytest.mark.parametrize(("known", "status"), [(True, 200), (False, 422)], ids=["own", "another"])
def test_is_this_context_allowed(platform: Platform, running: Course, known: bool, status: int) -> None:
    who = running.patient if known else "https://p.example/fhir/Patient/0"

    answer = platform.call("POST", f"{running.episode}/$is-context-allowed", parameters(patient=who))

    assert answer.status_code == status


def test_teams_come_and_go_with_their_history(platform: Platform, course: Course) -> None:
    """§5 D: `$update-care-teams`, on the episode and on the plan."""
    team = platform.team(course.organization)
    for address in (course.episode, course.plan):
        platform.call(
            "POST", f"{address}/$update-care-teams", parameters(addCareTeams=team)
        ).raise_for_status()
        after = platform.call(
            "POST", f"{address}/$update-care-teams", parameters(removeCareTeams=team)
        ).json()
        (history,) = [one for one in after["extension"] if one["url"].endswith("teamHistory")]
        assert team in str(history)
        assert "end" in str(history)
        assert after["meta"]["versionId"]
    allowed = parameters(careTeam=team)
    assert said(platform.call("POST", f"{course.episode}/$is-context-allowed", allowed)).endswith(
        "MATCH_NOT_FOUND"
    )
    platform.call("POST", f"{course.plan}/$update-care-teams", parameters(addCareTeams=team))
    by_plan = platform.call("POST", f"{course.episode}/$is-context-allowed", allowed).json()
    assert [one["name"] for one in by_plan["parameter"]] == ["CareTeam", "CarePlan"]
    assert id_of(course.plan) in str(by_plan)
