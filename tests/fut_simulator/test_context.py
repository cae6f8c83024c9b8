"""Contract §3, “Search rule” and “Coexistence tag”: what a token opens."""

import pytest

from tests.fut_simulator.platform import Course, Platform, id_of, said

NOT_MATCHING = "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
OTHER = "SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT"
MISSING = "SECURITY_TOKEN_CONTEXT_MISSING"


@pytest.mark.parametrize(
    ("search", "context", "code"),
    [
        ("careplan/EpisodeOfCare?patient={patient}", "patient", None),
        ("careplan/EpisodeOfCare?patient={patient}", "", MISSING),
        ("careplan/EpisodeOfCare?patient={patient}", "patient team", NOT_MATCHING),
        ("careplan/EpisodeOfCare?patient={patient}&team={team}", "patient team", None),
        ("careplan/EpisodeOfCare?patient={patient}", "patient episode", NOT_MATCHING),
        ("careplan/CarePlan?patient={patient}&episodeOfCare={episode}", "patient episode", None),
        ("careplan/CarePlan?episodeOfCare={episode}", "patient episode", NOT_MATCHING),
        ("careplan/CarePlan?patient={patient}", "patient episode", NOT_MATCHING),
        ("careplan/CarePlan?patient={patient}", "patient", None),
        ("careplan/CarePlan?episodeOfCare={episode}&care-team={team}", "team episode", None),
        ("careplan/CarePlan?episodeOfCare={episode}", "team episode", NOT_MATCHING),
        ("careplan/CarePlan?patient=Patient/0", "patient", NOT_MATCHING),
        ("careplan/CarePlan?patient={patient},Patient/0", "patient", NOT_MATCHING),
        ("careplan/Consent?data={episode}&patient={patient}", "patient episode", None),
        ("careplan/Consent?data={episode}", "patient episode", NOT_MATCHING),
        (
            "measurement/QuestionnaireResponse?subject={patient}&episodeOfCare={episode}",
            "patient episode",
            None,
        ),
        ("measurement/QuestionnaireResponse?subject={patient}", "patient episode", NOT_MATCHING),
        ("task/Task?episodeOfCare={episode}", "patient episode", None),
        ("task/Task?patient={patient}", "patient episode", NOT_MATCHING),
        ("organization/Organization?municipalityCode=0330", "", None),
        ("questionnaire/Questionnaire?version=1", "", None),
    ],
)
def test_a_search_carries_every_dimension_of_the_token(
    platform: Platform, running: Course, search: str, context: str, code: str | None
) -> None:
    named = {"patient": running.patient, "episode": running.episode, "team": "CareTeam/5"}
    dimension = {"patient": "patient_id", "episode": "episode_of_care_id", "team": "care_team_id"}
    token = platform.token(context={dimension[name]: named[name] for name in context.split()})

    answer = platform.call("GET", search.format(**named), token=token)

    assert answer.status_code == (403 if code else 200)
    if code:
        assert said(answer) == code


@pytest.mark.parametrize(
    ("what", "context", "code"),
    [
        ("patient", "patient", None),
        ("patient", "", MISSING),
        ("episode", "patient episode", None),
        ("episode", "episode", None),
        ("episode", "patient", MISSING),
        ("plan", "patient", MISSING),
        ("plan", "patient episode", None),
        ("condition", "patient episode", None),
    ],
)
def test_a_direct_read_needs_the_episode_in_the_token(
    platform: Platform, running: Course, what: str, context: str, code: str | None
) -> None:
    dimension = {"patient": "patient_id", "episode": "episode_of_care_id"}
    given = {dimension[name]: getattr(running, name) for name in context.split()}

    answer = platform.call("GET", getattr(running, what), token=platform.token(context=given))

    assert (answer.status_code, said(answer) if code else None) == (403 if code else 200, code)


@pytest.mark.parametrize("what", ["patient", "episode", "plan", "condition"])
def test_another_citizens_token_opens_nothing(
    platform: Platform, running: Course, course: Course, what: str
) -> None:
    token = platform.token(context=course.context)

    assert said(platform.call("GET", getattr(running, what), token=token)) == OTHER


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "careplan/CarePlan?patient=Patient/1", "CarePlan.search"),
        ("GET", "careplan/CarePlan/1", "CarePlan.read"),
        ("GET", "careplan/CarePlan/1/_history/1", "CarePlan.read"),
        ("PATCH", "careplan/EpisodeOfCare/1", "EpisodeOfCare.patch"),
        ("PUT", "careplan/CarePlan/1", "CarePlan.update"),
        ("POST", "careplan/Consent", "Consent.create"),
        ("DELETE", "careplan/CommunicationRequest/1", "CommunicationRequest.delete"),
        ("POST", "careplan/", "FHIR.transaction"),
        ("POST", "careplan/$create-episode-of-care", "EpisodeOfCare$create-episode-of-care"),
        ("POST", "plan/PlanDefinition/1/$apply", "PlanDefinition$apply"),
        ("POST", "measurement/$submit-measurement", "$submit-measurement"),
    ],
)
def test_each_interaction_needs_its_right(platform: Platform, method: str, path: str, right: str) -> None:
    token = platform.token(roles=["Organization.read"], unbound=True)

    answer = platform.call(method, path, [] if method == "PATCH" else {"resourceType": "Bundle"}, token=token)

    assert (answer.status_code, said(answer)) == (403, "SECURITY_TOKEN_INSUFFICIENT_PERMISSION")
    assert right in answer.text


def test_answers_come_by_submission_only(platform: Platform, running: Course) -> None:
    """§1: only the guide's own examples create a response with POST, by the role `$test-only-create`."""
    answer = platform.call(
        "POST", "measurement/QuestionnaireResponse", {"resourceType": "QuestionnaireResponse"}
    )

    assert said(answer) == "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"


def test_system_tokens_can_be_set_free_of_contexts(platform: Platform, running: Course) -> None:
    """The guide's examples show such tokens; whether a vendor gets them is unknown (§9)."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "kommunalpro",
        "client_secret": "a-secret-for-tests",
    }

    def read() -> int:
        token = platform.http.post("/token", data=form).json()["access_token"]
        return platform.call("GET", f"careplan/CarePlan/{id_of(running.plan)}", token=token).status_code

    try:
        platform.control("POST", "switches", {"systemTokens": "unbound"})
        free = read()
    finally:
        platform.control("POST", "switches", {"systemTokens": "narrowed"})
        platform.anything = platform.token(unbound=True)

    assert (free, read()) == (200, 403)
